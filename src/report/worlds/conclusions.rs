//! Conclusions and the number of worlds in which each of them holds: an alternative is better or worse than the first one in a number,
//! or meets its requirements. In a world a conclusion holds if its verdict alone is 95 % sure.

use crate::inference::{Decision, Direction, Observations, Quantity, Relevant, Subject, Verdict};
use crate::record::Observed;
use crate::report::decided;
use crate::report::differences::Difference;
use crate::report::evidence::{Evidence, PointEvidence};

use super::WorldResults;

/// Where an alternative is in a world, seen from the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Standing {
    /// It is surely better, and that matters.
    Better,
    /// It is surely worse, and that matters.
    Worse,
    /// It surely does not differ by what matters.
    Same,
    /// None of these is sure.
    Undecided,
    /// There is nothing to compare.
    Unknown,
}

impl Standing {
    /// All of them, in the order of tables.
    pub(in crate::report) const ALL: [Self; 5] =
        [Self::Better, Self::Worse, Self::Same, Self::Undecided, Self::Unknown];

    fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Differs(Direction::Better, Relevant::Yes) => Self::Better,
            Verdict::Differs(Direction::Worse, Relevant::Yes) => Self::Worse,
            Verdict::Equal(_) | Verdict::EqualInEach | Verdict::NoneSeen => Self::Same,
            Verdict::Differs(..) | Verdict::Uncertain => Self::Undecided,
            Verdict::NotKnown => Self::Unknown,
        }
    }

    /// What the means alone say.
    fn by_means(difference: &Difference) -> Self {
        let known = difference.paired.zip(difference.least);
        known.map_or(Self::Unknown, |(paired, least)| {
            let mean = paired.difference.mean;
            match Direction::of(&difference.number, mean > 0.0) {
                _ if mean.abs() <= least => Self::Same,
                Direction::Better => Self::Better,
                Direction::Worse => Self::Worse,
                Direction::Higher | Direction::Lower => Self::Unknown,
            }
        })
    }

    /// Its name in tables.
    pub(in crate::report) const fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Same => "too small to matter",
            Self::Undecided => "undecided",
            Self::Unknown => "not known",
        }
    }
}

/// How an alternative differs from the first one in a number, in all worlds.
#[derive(Clone, Debug)]
pub(in crate::report) struct Conclusion {
    pub(in crate::report) variant: String,
    pub(in crate::report) reference: String,
    pub(in crate::report) number: Quantity,
    /// Where it is in each world, and what the means alone say; the world that is assumed is not among them.
    pub(in crate::report) worlds: Vec<(Standing, Standing)>,
    /// Where it is as assumed.
    pub(in crate::report) assumed: Standing,
}

impl Conclusion {
    /// In how many worlds it stands like this.
    pub(in crate::report) fn count(&self, standing: Standing) -> usize {
        self.worlds.iter().filter(|(own, _)| *own == standing).count()
    }

    /// In how many of the worlds that are undecided the means alone say this.
    pub(in crate::report) fn leaning(&self, standing: Standing) -> usize {
        self.worlds.iter().filter(|own| **own == (Standing::Undecided, standing)).count()
    }

    /// In how many worlds there is something to compare.
    pub(in crate::report) fn known(&self) -> usize {
        self.worlds.len() - self.count(Standing::Unknown)
    }

    /// Whether it stands like this in a world, by its verdict or, where that is undecided, by the means alone; `None` if there is
    /// nothing to compare.
    pub(in crate::report) fn is(&self, world: usize, standing: Standing) -> Option<bool> {
        match self.worlds[world] {
            (Standing::Unknown, _) => None,
            (Standing::Undecided, by_means) => Some(by_means == standing),
            (own, _) => Some(own == standing),
        }
    }
}

/// Whether an alternative meets its requirements in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum WorldOutcome {
    /// It surely does.
    Met,
    /// It surely does not.
    Missed,
    /// Neither is sure; the means alone say whether it does.
    Undecided(bool),
    /// No number of replications can tell.
    Unknown,
}

impl WorldOutcome {
    /// Of each alternative in a world; empty if one has no requirements.
    pub(super) fn of_world(world: &Evidence<'_>) -> Vec<Self> {
        world.points.iter().map(Self::of).collect::<Option<Vec<_>>>().unwrap_or_default()
    }

    fn of(point: &PointEvidence<'_>) -> Option<Self> {
        let by_means = || Decision::by_means(&point.facts.yes_if, &point.observations);
        Some(match decided::decision(point)? {
            Decision::Yes => Self::Met,
            Decision::No(_) => Self::Missed,
            Decision::Uncertain(_) | Decision::Unknown(_) => by_means().map_or(Self::Unknown, Self::Undecided),
        })
    }

    /// What the means over some topologies of a world say: runs in one topology are not independent, and topologies are too few for an
    /// interval. `None` without requirements.
    pub(super) fn of_topologies(evidence: &Evidence<'_>, points: &[usize]) -> Option<Self> {
        let points = || points.iter().map(|point| &evidence.points[*point]);
        let conditions = &points().next()?.facts.yes_if;
        let of_network = |of: &PointEvidence<'_>| of.observations.of(&Subject::Network).to_vec();
        let replications: Vec<Observed> = points().flat_map(of_network).collect();
        let contributed = |of: &PointEvidence<'_>| of.observations.contributions(&Subject::Network).to_vec();
        let contributions: Vec<Observed> = points().flat_map(contributed).collect();
        let observations = Observations::of_network(&replications, &contributions);
        (!conditions.is_empty())
            .then(|| Decision::by_means(conditions, &observations).map_or(Self::Unknown, Self::Undecided))
    }

    /// Whether the requirements are missed, by the verdict or, where that is undecided, by the means alone.
    pub(in crate::report) const fn is_missed(self) -> Option<bool> {
        match self {
            Self::Met | Self::Undecided(true) => Some(false),
            Self::Missed | Self::Undecided(false) => Some(true),
            Self::Unknown => None,
        }
    }

    /// Its name in tables.
    pub(in crate::report) const fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Undecided(_) => "undecided",
            Self::Unknown => "not known",
        }
    }
}

/// In how many worlds an alternative meets its requirements.
#[derive(Clone, Debug)]
pub(in crate::report) struct RequirementCount {
    pub(in crate::report) variant: String,
    /// The outcome in each world; that which is assumed is not among them.
    pub(in crate::report) worlds: Vec<WorldOutcome>,
    /// The outcome as assumed.
    pub(in crate::report) assumed: WorldOutcome,
}

impl RequirementCount {
    /// In how many worlds this is so.
    pub(in crate::report) fn count(&self, is: fn(WorldOutcome) -> bool) -> usize {
        self.worlds.iter().filter(|own| is(**own)).count()
    }
}

/// One for each alternative beside the first one and each number that has a better and a worse side.
pub(super) fn conclusions(results: &WorldResults<'_>) -> Vec<Conclusion> {
    let Some((assumed, worlds)) = results.differences.split_first() else { return Vec::new() };
    let has_sides =
        |one: &&Difference| matches!(Direction::of(&one.number, true), Direction::Better | Direction::Worse);
    let conclusion = |first: &Difference| {
        let standing = |world: &Vec<Difference>| {
            let own = world.iter().find(|own| own.variant == first.variant && own.number == first.number);
            own.map_or((Standing::Unknown, Standing::Unknown), |own| {
                (Standing::of(own.verdict), Standing::by_means(own))
            })
        };
        Conclusion {
            variant: first.variant.clone(),
            reference: first.reference.clone(),
            number: first.number.clone(),
            worlds: worlds.iter().map(standing).collect(),
            assumed: Standing::of(first.verdict),
        }
    };
    assumed.iter().filter(has_sides).map(conclusion).collect()
}

/// One for each alternative; none without requirements.
pub(super) fn requirements(results: &WorldResults<'_>) -> Vec<RequirementCount> {
    let Some((assumed, worlds)) = results.outcomes.split_first() else { return Vec::new() };
    let count = |(alternative, label): (usize, &str)| {
        let own = |world: &Vec<WorldOutcome>| world.get(alternative).copied().unwrap_or(WorldOutcome::Unknown);
        let assumed = *assumed.get(alternative)?;
        Some(RequirementCount { variant: label.to_owned(), worlds: worlds.iter().map(own).collect(), assumed })
    };
    results.labels().enumerate().filter_map(count).collect()
}
