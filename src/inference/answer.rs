//! What is known of a quantity. The rule that decides between a mean, a lower bound and no number stands here alone.

use crate::measures::{self, Aggregate, MeasureId, Needs, Source};
use crate::record::Observed;
use crate::stats::{Estimate, Sample, all_alike_bound, is_rare, saving_values, share_interval};

use super::observations::is_of_open_servers;
use super::{CONFIDENCE, Contrast, Observations, Quantity, Subject};

/// What is known of a quantity over all replications.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// The mean, with its interval; of a quantile, that of all replications together.
    Known(Estimate),
    /// It is 0 in more than a tenth of the replications: the mean, without an interval.
    Rare {
        /// The mean.
        mean: Estimate,
        /// In how many replications it is not 0.
        seen: usize,
    },
    /// It is 0 in every replication, of which there are two at least: the mean, without an interval.
    Never(Estimate),
    /// There is no mean: it is about a queue that grows without end, or about waits too many of which are unfinished.
    Saturated,
    /// Too many visits are unfinished, and their consequences are not counted. For a measure that adds up, the mean of what
    /// was counted is a lower bound. For all others, and for what `GTNet` changes, there is no number.
    CutOff(Option<Estimate>),
    /// There is no number.
    Unknown(Reason),
}

/// Why there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no replication.
    NoReplication,
    /// At least one replication does not determine it. The others are not a fair sample of all.
    NotDetermined,
    /// Without `GTNet` there is nothing to save.
    NothingToSave,
}

impl Answer {
    /// The mean, if it is known; that of something rare has no interval.
    #[must_use]
    pub const fn known(self) -> Option<Estimate> {
        match self {
            Self::Known(estimate) | Self::Never(estimate) | Self::Rare { mean: estimate, .. } => Some(estimate),
            Self::Saturated | Self::CutOff(_) | Self::Unknown(_) => None,
        }
    }

    /// The mean of what was counted: the mean, or a lower bound of it.
    #[must_use]
    pub const fn counted(self) -> Option<Estimate> {
        match self {
            Self::CutOff(counted) => counted,
            _ => self.known(),
        }
    }

    /// In how many replications it is not 0, if that is less than nearly all.
    #[must_use]
    pub const fn seen(self) -> Option<usize> {
        match self {
            Self::Rare { seen, .. } => Some(seen),
            Self::Never(_) => Some(0),
            Self::Known(_) | Self::Saturated | Self::CutOff(_) | Self::Unknown(_) => None,
        }
    }

    /// The 95 % interval of the share of replications in which it is not 0, where [`seen`](Self::seen) is known: exact, and of what
    /// was never seen the rule of three.
    #[must_use]
    pub fn seen_share(self) -> Option<(f64, f64)> {
        match self {
            Self::Rare { mean, seen } => Some(share_interval(seen, mean.count, CONFIDENCE)),
            Self::Never(mean) => Some((0.0, all_alike_bound(mean.count, CONFIDENCE))),
            Self::Known(_) | Self::Saturated | Self::CutOff(_) | Self::Unknown(_) => None,
        }
    }

    /// What is known, in a word, as tables have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Known(_) => "mean",
            Self::Rare { .. } => "rare",
            Self::Never(_) => "never",
            Self::Saturated => "saturated",
            Self::CutOff(Some(_)) => "lower bound",
            Self::CutOff(None) => "cut off",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The mean of what was counted, if it is only a lower bound.
    #[must_use]
    pub const fn lower_bound(self) -> Option<Estimate> {
        match self {
            Self::CutOff(counted) => counted,
            _ => None,
        }
    }
}

/// What is known of the mean of one value a replication.
#[must_use]
pub fn mean(values: &[Option<f64>]) -> Answer {
    let known: Option<Vec<f64>> = values.iter().copied().collect();
    of_sample(known.ok_or(Reason::NotDetermined).and_then(|values| Sample::of(values).ok_or(Reason::NoReplication)))
}

/// What is known of what a sample surrounds.
fn of_sample(sample: Result<Sample, Reason>) -> Answer {
    let sample = match sample {
        Ok(sample) => sample,
        Err(reason) => return Answer::Unknown(reason),
    };
    let estimate = sample.estimate(CONFIDENCE);
    let seen = sample.values().iter().filter(|value| **value != 0.0).count();
    match (seen, sample.values().len()) {
        (0, 2..) if estimate.mean == 0.0 => Answer::Never(estimate.without_interval()),
        (_, count) if is_rare(seen, count) => Answer::Rare { mean: estimate.without_interval(), seen },
        _ => Answer::Known(estimate),
    }
}

impl Quantity {
    /// What is known of it. A saving is the jackknifed ratio of the means, which weighs each replication by its size. A
    /// quantile is that of all replications together.
    #[must_use]
    pub fn answer(&self, observations: &Observations<'_>) -> Answer {
        decide(std::slice::from_ref(self), observations, || of_sample(self.surrounded(observations)))
    }

    /// What is known of the mean of the sum of `summands`, such as the calls of some providers.
    #[must_use]
    pub fn answer_of_sum(summands: &[Self], observations: &Observations<'_>) -> Answer {
        let values: Vec<Vec<Option<f64>>> = summands.iter().map(|summand| summand.in_each(observations)).collect();
        let sum = |replication: usize| values.iter().map(|of_one| of_one[replication]).sum();
        let replications = values.first().map_or(0, Vec::len);
        decide(summands, observations, || mean(&(0..replications).map(sum).collect::<Vec<_>>()))
    }

    /// Its value in each replication; `None` if the counters do not determine it.
    #[must_use]
    pub fn in_each(&self, observations: &Observations<'_>) -> Vec<Option<f64>> {
        observations.of(&self.subject).iter().map(|observed| self.in_one(observed)).collect()
    }

    /// Its value in one replication of its subject; `None` if the counters do not determine it.
    #[must_use]
    pub fn in_one(&self, observed: &Observed) -> Option<f64> {
        let with = observed.measured[self.measure];
        let without = observed.baseline.as_ref().and_then(|baseline| baseline[self.measure]);
        match self.contrast {
            Contrast::Value => with,
            Contrast::GtnetOff => without,
            Contrast::Difference => Some(with? - without?),
            Contrast::Saving => {
                without.filter(|without| *without > 0.0).and_then(|without| Some(1.0 - with? / without))
            }
        }
    }

    /// One number for each of the first `count` replications, which surround the mean of the [answer](Self::answer): of a
    /// saving the pseudo-values of the jackknife. `None` if it has neither a mean nor a lower bound of it.
    #[must_use]
    pub fn sample(&self, observations: &Observations<'_>, count: usize) -> Option<Sample> {
        let has_number = !matches!(self.answer(observations), Answer::Saturated | Answer::CutOff(None));
        let sample = has_number.then(|| self.surrounded(observations).ok()).flatten()?;
        Some(if self.contrast == Contrast::Saving && count < sample.values().len() {
            // A pseudo-value depends on how many there are.
            saving(self.measure, &observations.of(&self.subject)[..count]).ok()?
        } else {
            sample.first(count)
        })
    }

    /// What it is in each replication, and what these values surround.
    fn surrounded(&self, observations: &Observations<'_>) -> Result<Sample, Reason> {
        let replications = observations.of(&self.subject);
        if self.contrast == Contrast::Saving {
            return saving(self.measure, replications);
        }
        let values: Option<Vec<f64>> = replications.iter().map(|observed| self.in_one(observed)).collect();
        let values = values.ok_or(Reason::NotDetermined)?;
        let values = if matches!(self.measure.source, Source::Quantile(..)) {
            let contributions = observations.contributions(&self.subject);
            let values: Option<Vec<f64>> = contributions.iter().map(|observed| self.in_one(observed)).collect();
            values.ok_or(Reason::NotDetermined)?
        } else {
            values
        };
        Sample::of(values).ok_or(Reason::NoReplication)
    }

    /// In how many replications it grows without end: the queue of a saturated server, and waits too many of which are
    /// unfinished.
    #[must_use]
    pub fn endless(&self, observations: &Observations<'_>) -> usize {
        let above = |measure: MeasureId, subject: &Subject, most: f64| {
            let in_run = |run: &Contrast, observed: &Observed| {
                let share = Self { measure, subject: subject.clone(), contrast: *run };
                share.in_one(observed).is_some_and(|share| share > most)
            };
            let is_above = |observed: &&Observed| self.contrast.runs().iter().any(|run| in_run(run, observed));
            observations.of(subject).iter().filter(is_above).count()
        };
        match self.measure.needs {
            Needs::SteadyQueue => above(growing_queues(self.measure), &self.subject, 0.0),
            Needs::EndedWaits(most) => above(measures::VISITS_UNFINISHED_SHARE, &Subject::Network, most),
            Needs::FinishedVisits | Needs::Nothing => 0,
        }
    }

    /// Whether too many visits are unfinished in a run that it is computed from, so that totals are incomplete.
    #[must_use]
    pub fn is_cut_off(&self, observations: &Observations<'_>) -> bool {
        let mut runs = self.contrast.runs().iter();
        self.measure.needs == Needs::FinishedVisits && runs.any(|run| observations.is_overloaded_in(*run))
    }

    /// Whether it grows without end in enough replications: queues as [`is_saturated`](measures::is_saturated) says, waits in
    /// any.
    fn is_endless(&self, observations: &Observations<'_>) -> bool {
        let mut runs = self.contrast.runs().iter();
        match self.measure.needs {
            Needs::SteadyQueue => runs.any(|run| observations.grows(growing_queues(self.measure), &self.subject, *run)),
            Needs::EndedWaits(_) => self.endless(observations) > 0,
            Needs::FinishedVisits | Needs::Nothing => false,
        }
    }

    /// Whether what was counted is a lower bound if something was not.
    fn adds_up(&self) -> bool {
        self.measure.aggregate == Aggregate::Sum && !self.contrast.is_change()
    }
}

impl Observations<'_> {
    /// What is known of a measure of a subject.
    #[must_use]
    pub fn answer(&self, measure: MeasureId, subject: &Subject, contrast: Contrast) -> Answer {
        Quantity { measure, subject: subject.clone(), contrast }.answer(self)
    }

    /// Whether a server is saturated; of the network, whether in enough replications any server is, whichever it
    /// is.
    #[must_use]
    pub fn is_saturated(&self, subject: &Subject, run: Contrast) -> bool {
        let tell: &[MeasureId] = match subject {
            Subject::OpenServer(_) => &[measures::OPEN_SATURATED_SHARE],
            Subject::Server(_) | Subject::Provider(_) => &[measures::SATURATED_SHARE],
            Subject::Network => &[measures::SATURATED_SHARE, measures::OPEN_SATURATED_SHARE],
        };
        tell.iter().any(|measure| self.grows(*measure, subject, run))
    }

    /// Whether a queue grows without end in enough replications, as this measure tells.
    fn grows(&self, measure: MeasureId, subject: &Subject, run: Contrast) -> bool {
        let share = Quantity { measure, subject: subject.clone(), contrast: run };
        measures::is_saturated(&share.in_each(self))
    }

    /// The saturated servers.
    pub fn saturated(&self) -> impl Iterator<Item = &Subject> {
        self.servers().chain(self.open_servers()).filter(|server| self.is_saturated(server, Contrast::Value))
    }

    /// Whether too many visits are unfinished in any run, so that totals are incomplete.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.runs().any(|run| self.is_overloaded_in(run))
    }

    /// Whether too many visits are unfinished in `run`.
    #[must_use]
    pub fn is_overloaded_in(&self, run: Contrast) -> bool {
        measures::is_overloaded(&Quantity::of_network(measures::VISITS_UNFINISHED_SHARE, run).in_each(self))
    }
}

/// The measure that tells whether the queues grow that a measure is about.
fn growing_queues(measure: MeasureId) -> MeasureId {
    if is_of_open_servers(measure) { measures::OPEN_SATURATED_SHARE } else { measures::SATURATED_SHARE }
}

/// The one rule: what is known of a mean that is computed from `quantities`.
fn decide(quantities: &[Quantity], observations: &Observations<'_>, mean: impl Fn() -> Answer) -> Answer {
    if quantities.iter().any(|quantity| quantity.is_endless(observations)) {
        return Answer::Saturated;
    }
    if quantities.iter().any(|quantity| quantity.is_cut_off(observations)) {
        let adds_up = quantities.iter().all(Quantity::adds_up);
        return Answer::CutOff(adds_up.then(|| mean().known()).flatten());
    }
    mean()
}

/// 1 − mean with `GTNet` / mean without, jackknifed.
fn saving(measure: MeasureId, replications: &[Observed]) -> Result<Sample, Reason> {
    let (with, without) = pairs(measure, replications).ok_or(Reason::NotDetermined)?;
    saving_values(&with, &without).and_then(Sample::of).ok_or(Reason::NothingToSave)
}

/// Values with `GTNet` and without, paired by replication; `None` if a replication lacks one.
fn pairs(measure: MeasureId, replications: &[Observed]) -> Option<(Vec<f64>, Vec<f64>)> {
    let pair = |observed: &Observed| Some((observed.measured[measure]?, observed.baseline.as_ref()?[measure]?));
    let pairs: Vec<(f64, f64)> = replications.iter().map(pair).collect::<Option<_>>()?;
    Some(pairs.into_iter().unzip())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::{
        CONNECTOR_CALLS, FRESH_SHARE, OPEN_SATURATED_SHARE, QUEUE_LENGTH, SATURATED_SHARE, VISITS,
        VISITS_UNFINISHED_SHARE, Values,
    };
    use crate::record::support::RecordBuilder;

    const SAVED: Quantity = Quantity::saving(CONNECTOR_CALLS);

    /// A run in which every measure is 1. If it is overloaded, 20 % of the visits are unfinished and a server is saturated.
    fn run(overloaded: bool) -> Values {
        let share = |most: f64| if overloaded { most } else { 0.0 };
        Values::of(|measure| match measure {
            SATURATED_SHARE | OPEN_SATURATED_SHARE => Some(share(1.0)),
            VISITS_UNFINISHED_SHARE => Some(share(0.2)),
            _ => Some(1.0),
        })
    }

    fn calls(number: f64) -> Values {
        Values::of(|measure| (measure == CONNECTOR_CALLS).then_some(number))
    }

    #[test]
    fn how_often_rare_things_are_seen_has_an_exact_interval() {
        let seen_share = |seen: u32| {
            let values: Vec<Option<f64>> =
                (0..20).map(|replication| Some(f64::from(u32::from(replication < seen)))).collect();
            mean(&values).seen_share()
        };
        // Clopper and Pearson for 2 of 20, as any table has them; of none, 1 − 0.05^(1/20).
        let (low, high) = seen_share(2).expect("it is rare");
        assert!((low - 0.012_35).abs() < 1e-5 && (high - 0.316_98).abs() < 1e-5, "{low} to {high}");
        let (low, high) = seen_share(0).expect("it is never seen");
        assert!(low == 0.0 && (high - 0.139_11).abs() < 1e-5, "{low} to {high}");
        assert_eq!(seen_share(18), None, "it has an interval of its own");
    }

    /// The table of the module's documentation, for every measure and contrast. A change needs both of its runs.
    #[test]
    fn what_a_measure_needs_decides() {
        for (with, off) in [(false, false), (false, true), (true, false), (true, true)] {
            let replications = vec![Observed { measured: run(with), baseline: Some(run(off)) }; 3];
            let observations = Observations::of_network(&replications, &replications);
            for quantity in Quantity::all_of_network(true) {
                let overloaded = match quantity.contrast {
                    Contrast::Value => with,
                    Contrast::GtnetOff => off,
                    Contrast::Difference | Contrast::Saving => with || off,
                };
                let is_bounded = quantity.measure.aggregate == Aggregate::Sum && !quantity.contrast.is_change();
                let answer = quantity.answer(&observations);
                let is_right = match quantity.measure.needs {
                    Needs::SteadyQueue if overloaded => answer == Answer::Saturated,
                    Needs::EndedWaits(most) if overloaded && most < 0.2 => answer == Answer::Saturated,
                    Needs::FinishedVisits if overloaded => {
                        matches!(answer, Answer::CutOff(counted) if counted.is_some() == is_bounded)
                    }
                    _ => answer.known().is_some(),
                };
                assert!(is_right, "{quantity:?} with {with}, without {off}: {answer:?}");
                let sample = quantity.sample(&observations, 3);
                assert_eq!(sample.is_some(), answer.counted().is_some(), "{quantity:?}");
            }
        }
    }

    #[test]
    fn an_overloaded_network_still_tells_its_visits_and_at_least_so_many_calls() {
        let replications = vec![Observed { measured: run(true), baseline: None }; 2];
        let observations = Observations::of_network(&replications, &replications);
        let answer = |measure| Quantity::value(measure).answer(&observations);
        assert!(answer(VISITS).known().is_some());
        let calls = answer(CONNECTOR_CALLS);
        assert_eq!((calls.known(), calls.lower_bound()), (None, calls.counted()));
        assert!(calls.counted().is_some_and(|counted| (counted.mean - 1.0).abs() < 1e-12));
        assert_eq!(answer(FRESH_SHARE), Answer::CutOff(None));
    }

    #[test]
    fn half_of_the_replications_saturate_a_queue_and_any_a_wait() {
        let replications = [true, false, false].map(|over| Observed { measured: run(over), baseline: None });
        let observations = Observations::of_network(&replications, &replications);
        let [queue, wait] = [QUEUE_LENGTH, measures::USER_WAIT_P95].map(Quantity::value);
        assert_eq!((queue.endless(&observations), wait.endless(&observations)), (1, 1));
        assert!(queue.answer(&observations).known().is_some());
        assert_eq!(wait.answer(&observations), Answer::Saturated);
        let half = Observations::of_network(&replications[..2], &replications[..2]);
        assert_eq!(queue.answer(&half), Answer::Saturated);
    }

    #[test]
    fn a_saturated_queue_is_that_of_its_server() {
        let mut record = RecordBuilder::new().servers(2).build();
        for replication in &mut record.replications {
            replication.measured.servers[0].queue_lows = vec![0, 10, 20, 30];
        }
        let observations = Observations::of_run(&record);
        let answer = |name: &str| observations.answer(QUEUE_LENGTH, &Subject::Server(name.to_owned()), Contrast::Value);
        assert_eq!(answer("hub-1"), Answer::Saturated);
        assert!(answer("hub-2").known().is_some());
        assert_eq!(answer("elsewhere"), Answer::Unknown(Reason::NoReplication));
        assert!(observations.saturated().map(Subject::name).eq(["hub-1"]));
        assert_eq!(Quantity::value(QUEUE_LENGTH).answer(&observations), Answer::Saturated, "all servers together");
    }

    #[test]
    fn a_saving_needs_a_baseline() {
        let observed = |baseline: Option<Values>| vec![Observed { measured: calls(30.0), baseline }; 2];
        let compared = observed(Some(calls(40.0)));
        assert_eq!(SAVED.sample(&Observations::of_network(&compared, &compared), 2), Sample::of(vec![0.25, 0.25]));
        let (alone, nothing) = (observed(None), observed(Some(calls(0.0))));
        let answer = |replications: &[Observed]| SAVED.answer(&Observations::of_network(replications, replications));
        assert_eq!(answer(&alone), Answer::Unknown(Reason::NotDetermined));
        assert_eq!(answer(&nothing), Answer::Unknown(Reason::NothingToSave));
    }

    /// The saving of all together, not the mean of 90 %, 10 % and 20 %. Its sample has the same mean and interval.
    #[test]
    fn a_saving_weighs_replications_by_their_size() {
        let replications = [(1.0, 10.0), (90.0, 100.0), (80.0, 100.0)]
            .map(|(with, off)| Observed { measured: calls(with), baseline: Some(calls(off)) });
        let observations = Observations::of_network(&replications, &replications);
        let saving = SAVED.answer(&observations).known().expect("a saving");
        assert!((saving.mean - (1.0 - 171.0 / 210.0)).abs() < 0.03, "{saving:?}");
        let of_them = SAVED.sample(&observations, 3).expect("a saving").estimate(CONFIDENCE);
        assert!((of_them.mean - saving.mean).abs() < 1e-12, "{of_them:?} {saving:?}");
        assert!((of_them.half_width.expect("three") - saving.half_width.expect("three")).abs() < 1e-12);
    }

    #[test]
    fn replications_without_a_value_leave_no_mean() {
        assert_eq!(mean(&[Some(1.0), None]), Answer::Unknown(Reason::NotDetermined), "the others are no fair sample");
        assert_eq!(mean(&[]), Answer::Unknown(Reason::NoReplication));
        assert!(mean(&[Some(1.0), Some(2.0)]).known().is_some_and(|of| (of.mean - 1.5).abs() < 1e-12));
    }

    #[test]
    fn a_sum_is_taken_replication_by_replication() {
        let mut record = RecordBuilder::new().replications(4).providers(5).build();
        let sum = |record: &_, contrast| {
            let observations = Observations::of_run(record);
            let calls = |subject: &Subject| Quantity { measure: CONNECTOR_CALLS, subject: subject.clone(), contrast };
            let of_parts: Vec<Quantity> = observations.providers().map(calls).collect();
            let whole = calls(&Subject::Network).answer(&observations);
            (Quantity::answer_of_sum(&of_parts, &observations), whole)
        };
        for run in [Contrast::Value, Contrast::GtnetOff] {
            let (sum, all) = sum(&record, run);
            let (sum, all) = (sum.known().expect("a sum"), all.known().expect("all calls"));
            assert!((sum.mean - all.mean).abs() < 1e-9 * all.mean);
            let half_widths = sum.half_width.zip(all.half_width).expect("intervals");
            assert!((half_widths.0 - half_widths.1).abs() < 1e-9 * all.mean);
        }
        for replication in &mut record.replications {
            replication.measured.visits_unfinished = replication.measured.visits / 2;
        }
        let (bound, all) = sum(&record, Contrast::Value);
        assert!(bound.lower_bound().is_some() && all.lower_bound().is_some(), "{bound:?} {all:?}");
        assert_eq!(
            Quantity::answer_of_sum(&[], &Observations::of_run(&record)),
            Answer::Unknown(Reason::NoReplication)
        );
    }

    /// What is in nearly all replications has a mean with an interval. What is in fewer has none, and what is in none was
    /// never seen.
    #[test]
    fn what_is_rare_has_no_interval() {
        let answer = |seen: usize, of: usize| {
            mean(&(0..of).map(|number| Some(if number < seen { 1.0 + number as f64 } else { 0.0 })).collect::<Vec<_>>())
        };
        for (seen, of) in [(20, 20), (18, 20), (9, 10), (2, 2), (1, 1), (0, 1)] {
            assert!(matches!(answer(seen, of), Answer::Known(_)), "{seen} of {of}");
        }
        for (seen, of) in [(17, 20), (1, 20), (8, 10), (1, 2)] {
            let answer = answer(seen, of);
            assert!(matches!(answer, Answer::Rare { mean, .. } if mean.half_width.is_none()), "{seen} of {of}");
            assert_eq!((answer.seen(), answer.known().is_some()), (Some(seen), true));
        }
        assert!(matches!(answer(0, 20), Answer::Never(zero) if zero.half_width.is_none() && zero.mean == 0.0));
    }
}
