//! The tables of a study of worlds: what each alternative is in each world, in how many worlds each conclusion holds, regret, and the
//! conditions under which something fails.

use crate::inference::{CONFIDENCE, Contrast, Quantity};
use crate::report::document::{Cell, Dataset, ends};
use crate::report::evidence::Evidence;
use crate::report::worlds::{
    Conclusion, FailureConditions, NumberSpread, Regret, Standing, WorldOutcome, WorldResults, told_limits,
};
use crate::stats::{PrimLimits, RestrictedSide, Restriction, share_interval};

use super::{Column, cells, names};

/// What holds in at least this share of the worlds holds in most, and in at most one minus this share in few.
const MOST: f64 = 0.9;

/// All tables.
pub(super) fn worlds<'r>(evidence: &'r Evidence<'r>, results: &WorldResults<'r>) -> Vec<Dataset<'r>> {
    let of_many = (results.record.alternatives.len() > 1).then(|| regrets(results));
    let all = [alternatives(evidence, results), conclusions(results)];
    let of_one = results.has_topologies().then(|| spreads(results));
    all.into_iter().chain(of_one).chain(of_many).chain([conditions(results)]).collect()
}

/// One row for each world and alternative: its point, the uncertain values, whether it meets its requirements, and the means that are
/// compared. World 0 is the one that is assumed.
fn alternatives<'r>(evidence: &'r Evidence<'r>, results: &WorldResults<'r>) -> Dataset<'r> {
    let record = results.record;
    let mut numbers: Vec<Quantity> = Vec::new();
    for one in results.differences.iter().flatten() {
        if !numbers.contains(&one.number) {
            numbers.push(one.number.clone());
        }
    }
    if numbers.is_empty() {
        numbers = results.told(evidence);
    }
    let columns = ["world", "variant", "point"].map(str::to_owned).into_iter();
    let columns = columns.chain(record.inputs.iter().map(|input| input.parameter.clone()));
    let columns = columns.chain(["requirements", "missed_by_means"].map(str::to_owned));
    let columns: Vec<String> = columns.chain(numbers.iter().map(column)).collect();
    let mut rows: Vec<Vec<Cell<'r>>> = Vec::new();
    for (world, points) in record.points.iter().enumerate() {
        let points = record.topologies.get(world).unwrap_or(points);
        for (at, point) in points.iter().enumerate() {
            let alternative = if results.has_topologies() { 0 } else { at };
            let outcome = results.outcomes[world].get(alternative).copied();
            let mut row: Vec<Cell<'r>> = vec![world.into(), record.alternatives[alternative].label.as_str().into()];
            row.push((*point).into());
            row.extend(record.values[world].iter().map(|value| Cell::from(value.text.as_str())));
            row.push(outcome.map(WorldOutcome::name).into());
            row.push(
                outcome.and_then(WorldOutcome::is_missed).map(|missed| if missed { "true" } else { "false" }).into(),
            );
            let mean = |number: &Quantity| evidence.points[*point].answer(number).counted().map(|mean| mean.mean);
            row.extend(numbers.iter().map(|number| Cell::from(mean(number))));
            rows.push(row);
        }
    }
    Dataset::new("worlds", columns, move || rows.clone().into_iter())
}

/// The heading of a number.
fn column(number: &Quantity) -> String {
    match number.contrast {
        Contrast::Value => number.measure.column(),
        Contrast::GtnetOff => format!("gtnet_off_{}", number.measure.column()),
        Contrast::Difference => format!("difference_{}", number.measure.column()),
        Contrast::Saving => format!("{}_saving_share", number.measure.name),
    }
}

/// One thing that may hold in a world.
struct ConclusionRow {
    variant: String,
    reference: Option<String>,
    number: Option<Quantity>,
    conclusion: &'static str,
    worlds: usize,
    all: usize,
    by_means: Option<usize>,
    assumed: bool,
}

impl ConclusionRow {
    fn share(&self) -> f64 {
        self.worlds as f64 / self.all as f64
    }

    fn interval(&self) -> (f64, f64) {
        share_interval(self.worlds, self.all, CONFIDENCE)
    }

    const fn holds(&self) -> &'static str {
        match self.worlds {
            0 => "none",
            worlds if worlds == self.all => "all",
            worlds if worlds as f64 >= MOST * self.all as f64 => "most",
            worlds if worlds as f64 <= (1.0 - MOST) * self.all as f64 => "few",
            _ => "some",
        }
    }
}

const CONCLUSIONS: [Column<ConclusionRow>; 13] = [
    ("variant", |of| of.variant.clone().into()),
    ("reference", |of| of.reference.clone().into()),
    ("measure", |of| of.number.as_ref().map(|number| number.measure.name).into()),
    ("contrast", |of| of.number.as_ref().map(|number| number.contrast.name()).into()),
    ("conclusion", |of| of.conclusion.into()),
    ("worlds", |of| of.worlds.into()),
    ("of_worlds", |of| of.all.into()),
    ("share", |of| of.share().into()),
    ("share_ci95_low", |of| of.interval().0.into()),
    ("share_ci95_high", |of| of.interval().1.into()),
    ("holds_in", |of| of.holds().into()),
    ("more_worlds_by_means", |of| of.by_means.into()),
    ("as_assumed", |of| (if of.assumed { "true" } else { "false" }).into()),
];

/// One row for each alternative, number and conclusion, and for each alternative and outcome of its requirements.
fn conclusions<'r>(results: &WorldResults<'_>) -> Dataset<'r> {
    let all = results.count();
    let of_number = |of: &Conclusion| {
        Standing::ALL.map(|standing| ConclusionRow {
            variant: of.variant.clone(),
            reference: Some(of.reference.clone()),
            number: Some(of.number.clone()),
            conclusion: standing.name(),
            worlds: of.count(standing),
            all,
            by_means: [Standing::Better, Standing::Worse, Standing::Same]
                .contains(&standing)
                .then(|| of.leaning(standing)),
            assumed: of.assumed == standing,
        })
    };
    let outcome = |conclusion, is: fn(WorldOutcome) -> bool, by_means: Option<bool>| (conclusion, is, by_means);
    let outcomes = [
        outcome("met", |own| own == WorldOutcome::Met, Some(true)),
        outcome("missed", |own| own == WorldOutcome::Missed, Some(false)),
        outcome("undecided", |own| matches!(own, WorldOutcome::Undecided(_)), None),
        outcome("not known", |own| own == WorldOutcome::Unknown, None),
    ];
    let of_requirements = results.requirements.iter().flat_map(|of| {
        outcomes.map(|(conclusion, is, by_means)| ConclusionRow {
            variant: of.variant.clone(),
            reference: None,
            number: None,
            conclusion,
            worlds: of.count(is),
            all,
            by_means: by_means.map(|met| of.worlds.iter().filter(|own| **own == WorldOutcome::Undecided(met)).count()),
            assumed: is(of.assumed),
        })
    });
    let rows: Vec<ConclusionRow> = results.conclusions.iter().flat_map(of_number).chain(of_requirements).collect();
    let rows: Vec<Vec<Cell<'r>>> = rows.iter().map(|row| cells(&CONCLUSIONS, row).collect()).collect();
    Dataset::new("conclusions", names(&CONCLUSIONS), move || rows.clone().into_iter())
}

const REGRET: [Column<Regret>; 11] = [
    ("variant", |of| of.variant.clone().into()),
    ("measure", |of| of.number.measure.name.into()),
    ("contrast", |of| of.number.contrast.name().into()),
    ("unit", |of| of.number.unit().symbol().into()),
    ("mean", |of| of.mean().into()),
    ("p90", |of| of.in_most().into()),
    ("worst", |of| of.worst().map(|(_, worst)| worst).into()),
    ("worst_world", |of| of.worst_world().into()),
    ("best_in_worlds", |of| of.best_in().into()),
    ("worlds", |of| of.worlds.len().into()),
    ("worlds_not_known", |of| of.unknown.into()),
];

/// One row for each alternative and number.
fn regrets<'r>(results: &WorldResults<'_>) -> Dataset<'r> {
    let rows: Vec<Vec<Cell<'r>>> = results.regrets.iter().map(|of| cells(&REGRET, of).collect()).collect();
    Dataset::new("regret", names(&REGRET), move || rows.clone().into_iter())
}

const SPREAD: [Column<NumberSpread>; 20] = [
    ("measure", |of| of.number.measure.name.into()),
    ("contrast", |of| of.number.contrast.name().into()),
    ("unit", |of| of.number.unit().symbol().into()),
    ("assumed_mean", |of| of.assumed.known().map(|mean| mean.mean).into()),
    ("assumed_ci95_low", |of| ends(of.assumed.known())[0].into()),
    ("assumed_ci95_high", |of| ends(of.assumed.known())[1].into()),
    ("worlds_mean", |of| of.components.map(|of| of.mean).into()),
    ("worlds_p5", |of| of.range.map(|range| range[0]).into()),
    ("worlds_p95", |of| of.range.map(|range| range[1]).into()),
    ("uncertain_variance", |of| of.components.map(|of| of.variances[0]).into()),
    ("topology_variance", |of| of.components.map(|of| of.variances[1]).into()),
    ("luck_variance", |of| of.components.map(|of| of.variances[2]).into()),
    ("uncertain_share", |of| of.components.map(|of| of.shares[0]).into()),
    ("uncertain_share_half_width", |of| of.components.and_then(|of| of.half_widths).map(|all| all[0]).into()),
    ("topology_share", |of| of.components.map(|of| of.shares[1]).into()),
    ("topology_share_half_width", |of| of.components.and_then(|of| of.half_widths).map(|all| all[1]).into()),
    ("luck_share", |of| of.components.map(|of| of.shares[2]).into()),
    ("luck_share_half_width", |of| of.components.and_then(|of| of.half_widths).map(|all| all[2]).into()),
    ("worlds", |of| of.worlds[0].into()),
    ("worlds_not_known", |of| of.worlds[1].into()),
];

/// One row for each number.
fn spreads<'r>(results: &WorldResults<'_>) -> Dataset<'r> {
    let rows: Vec<Vec<Cell<'r>>> = results.spreads.iter().map(|of| cells(&SPREAD, of).collect()).collect();
    Dataset::new("spread", names(&SPREAD), move || rows.clone().into_iter())
}

/// One condition of those under which something fails.
struct ConditionRow {
    variant: String,
    number: Option<Quantity>,
    parameter: String,
    side: &'static str,
    limit: Option<f64>,
    told: String,
    quasi_p: f64,
    failing: usize,
    worlds: usize,
    all_failing: usize,
    all: usize,
}

const CONDITIONS: [Column<ConditionRow>; 14] = [
    ("variant", |of| of.variant.clone().into()),
    ("measure", |of| of.number.as_ref().map(|number| number.measure.name).into()),
    ("contrast", |of| of.number.as_ref().map(|number| number.contrast.name()).into()),
    ("parameter", |of| of.parameter.clone().into()),
    ("side", |of| of.side.into()),
    ("limit", |of| of.limit.into()),
    ("told", |of| of.told.clone().into()),
    ("quasi_p", |of| of.quasi_p.into()),
    ("coverage_share", |of| (of.failing as f64 / of.all_failing as f64).into()),
    ("density_share", |of| (of.failing as f64 / of.worlds as f64).into()),
    ("failing_worlds_that_meet_all", |of| of.failing.into()),
    ("worlds_that_meet_all", |of| of.worlds.into()),
    ("failing_worlds", |of| of.all_failing.into()),
    ("of_worlds", |of| of.all.into()),
];

/// One row for each condition; times in seconds.
fn conditions<'r>(results: &WorldResults<'_>) -> Dataset<'r> {
    let row = |of: &FailureConditions, restriction: &Restriction| {
        let found = of.found.as_ref().expect("it has conditions");
        let (side, limit) = match (restriction.side, &found.limits[restriction.input]) {
            (RestrictedSide::Low, PrimLimits::Number([low, _])) => ("at least", Some(*low)),
            (RestrictedSide::High, PrimLimits::Number([_, high])) => ("at most", Some(*high)),
            _ => ("one of", None),
        };
        ConditionRow {
            variant: of.variant.clone(),
            number: of.number.clone(),
            parameter: results.record.inputs[restriction.input].parameter.clone(),
            side,
            limit,
            told: told_limits(results, found, restriction.input),
            quasi_p: restriction.quasi_p,
            failing: found.failing,
            worlds: found.worlds,
            all_failing: of.failing,
            all: of.known,
        }
    };
    let of_found = results.conditions.iter().flat_map(|of| {
        of.found.iter().flat_map(move |found| found.restrictions.iter().map(move |restriction| (of, restriction)))
    });
    let rows: Vec<ConditionRow> = of_found.map(|(of, restriction)| row(of, restriction)).collect();
    let rows: Vec<Vec<Cell<'r>>> = rows.iter().map(|row| cells(&CONDITIONS, row).collect()).collect();
    Dataset::new("conditions", names(&CONDITIONS), move || rows.clone().into_iter())
}
