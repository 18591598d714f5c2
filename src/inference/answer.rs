//! What is known of the mean of a quantity. The rule that decides between a mean, a lower bound and no number stands here
//! alone.

use crate::measures::{self, Aggregate, MeasureId, Needs};
use crate::record::Observed;
use crate::stats::{Estimate, jackknife_ratio, saving_values};

use super::{CONFIDENCE, Contrast, Observations, Quantity, Subject};

/// What is known of the mean of a quantity over the replications.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// The mean, with its interval.
    Known(Estimate),
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
    /// The mean, if it is known.
    #[must_use]
    pub const fn known(self) -> Option<Estimate> {
        match self {
            Self::Known(estimate) => Some(estimate),
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

    /// The mean of what was counted, if it is only a lower bound.
    #[must_use]
    pub const fn lower_bound(self) -> Option<Estimate> {
        match self {
            Self::CutOff(counted) => counted,
            Self::Known(_) | Self::Saturated | Self::Unknown(_) => None,
        }
    }
}

/// The mean of one value a replication, with Student's t interval.
#[must_use]
pub fn mean(values: &[Option<f64>]) -> Answer {
    let known: Option<Vec<f64>> = values.iter().copied().collect();
    let estimate = known.ok_or(Reason::NotDetermined);
    let estimate = estimate.and_then(|values| Estimate::of(&values, CONFIDENCE).ok_or(Reason::NoReplication));
    estimate.map_or_else(Answer::Unknown, Answer::Known)
}

impl Quantity {
    /// What is known of its mean. The mean of a saving is the jackknifed ratio of the means, which weighs each replication
    /// by its size.
    #[must_use]
    pub fn answer(&self, observations: &Observations<'_>) -> Answer {
        decide(std::slice::from_ref(self), observations, || match self.contrast {
            Contrast::Saving => saving(self.measure, observations.of(&self.subject)),
            _ => mean(&self.in_each(observations)),
        })
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

    /// Its values in the first `count` replications. `None` if it has neither a mean nor a lower bound of it.
    #[must_use]
    pub fn values(&self, observations: &Observations<'_>, count: usize) -> Option<Vec<f64>> {
        let replications = self.replications(observations, count)?;
        replications.iter().map(|observed| self.in_one(observed)).collect()
    }

    /// One number for each of the first `count` replications, whose mean and t interval are those of the
    /// [answer](Self::answer) from them: values, and of a saving the pseudo-values of the jackknife. `None` as for
    /// [`values`](Self::values).
    #[must_use]
    pub fn contributions(&self, observations: &Observations<'_>, count: usize) -> Option<Vec<f64>> {
        if self.contrast != Contrast::Saving {
            return self.values(observations, count);
        }
        let (with, without) = pairs(self.measure, self.replications(observations, count)?)?;
        saving_values(&with, &without)
    }

    /// The first `count` replications, if they lead to a mean or to a lower bound of it.
    fn replications<'o>(&self, observations: &'o Observations<'_>, count: usize) -> Option<&'o [Observed]> {
        let has_number = !matches!(self.answer(observations), Answer::Saturated | Answer::CutOff(None));
        has_number.then(|| &observations.of(&self.subject)[..count])
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
            Needs::SteadyQueue => above(measures::SATURATED_SHARE, &self.subject, 0.0),
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
            Needs::SteadyQueue => runs.any(|run| observations.is_saturated(&self.subject, *run)),
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

    /// Whether a push-open server is saturated; of the network, whether in enough replications any server is, whichever it
    /// is.
    #[must_use]
    pub fn is_saturated(&self, subject: &Subject, run: Contrast) -> bool {
        let share = Quantity { measure: measures::SATURATED_SHARE, subject: subject.clone(), contrast: run };
        measures::is_saturated(&share.in_each(self))
    }

    /// The saturated servers.
    pub fn saturated(&self) -> impl Iterator<Item = &Subject> {
        self.servers().filter(|server| self.is_saturated(server, Contrast::Value))
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
fn saving(measure: MeasureId, replications: &[Observed]) -> Answer {
    let Some((with, without)) = pairs(measure, replications) else { return Answer::Unknown(Reason::NotDetermined) };
    let ratio = jackknife_ratio(&with, &without, CONFIDENCE);
    let saving = ratio.map(|ratio| Estimate { mean: 1.0 - ratio.mean, ..ratio });
    saving.map_or(Answer::Unknown(Reason::NothingToSave), Answer::Known)
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
        CONNECTOR_CALLS, FRESH_SHARE, QUEUE_LENGTH, SATURATED_SHARE, VISITS, VISITS_UNFINISHED_SHARE, Values,
    };
    use crate::record::support::RecordBuilder;

    const SAVED: Quantity = Quantity::saving(CONNECTOR_CALLS);

    /// A run in which every measure is 1. If it is overloaded, 20 % of the visits are unfinished and a server is saturated.
    fn run(overloaded: bool) -> Values {
        let share = |most: f64| if overloaded { most } else { 0.0 };
        Values::of(|measure| match measure {
            SATURATED_SHARE => Some(share(1.0)),
            VISITS_UNFINISHED_SHARE => Some(share(0.2)),
            _ => Some(1.0),
        })
    }

    fn calls(number: f64) -> Values {
        Values::of(|measure| (measure == CONNECTOR_CALLS).then_some(number))
    }

    /// The table of the module's documentation, for every measure and contrast. A change needs both of its runs.
    #[test]
    fn what_a_measure_needs_decides() {
        for (with, off) in [(false, false), (false, true), (true, false), (true, true)] {
            let replications = vec![Observed { measured: run(with), baseline: Some(run(off)) }; 3];
            let observations = Observations::of_network(&replications);
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
                    _ => matches!(answer, Answer::Known(_)),
                };
                assert!(is_right, "{quantity:?} with {with}, without {off}: {answer:?}");
                let contributed = quantity.contributions(&observations, 3);
                assert_eq!(contributed.is_some(), answer.counted().is_some(), "{quantity:?}");
            }
        }
    }

    #[test]
    fn an_overloaded_network_still_tells_its_visits_and_at_least_so_many_calls() {
        let replications = vec![Observed { measured: run(true), baseline: None }; 2];
        let observations = Observations::of_network(&replications);
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
        let observations = Observations::of_network(&replications);
        let [queue, wait] = [QUEUE_LENGTH, measures::USER_WAIT_P95].map(Quantity::value);
        assert_eq!((queue.endless(&observations), wait.endless(&observations)), (1, 1));
        assert!(queue.answer(&observations).known().is_some());
        assert_eq!(wait.answer(&observations), Answer::Saturated);
        let half = Observations::of_network(&replications[..2]);
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
        assert_eq!(SAVED.contributions(&Observations::of_network(&compared), 2), Some(vec![0.25, 0.25]));
        let (alone, nothing) = (observed(None), observed(Some(calls(0.0))));
        let answer = |replications: &[Observed]| SAVED.answer(&Observations::of_network(replications));
        assert_eq!(answer(&alone), Answer::Unknown(Reason::NotDetermined));
        assert_eq!(answer(&nothing), Answer::Unknown(Reason::NothingToSave));
    }

    /// The saving of all together, not the mean of 90 %, 10 % and 20 %. Its contributions have the same mean and interval.
    #[test]
    fn a_saving_weighs_replications_by_their_size() {
        let replications = [(1.0, 10.0), (90.0, 100.0), (80.0, 100.0)]
            .map(|(with, off)| Observed { measured: calls(with), baseline: Some(calls(off)) });
        let observations = Observations::of_network(&replications);
        let saving = SAVED.answer(&observations).known().expect("a saving");
        assert!((saving.mean - (1.0 - 171.0 / 210.0)).abs() < 0.03, "{saving:?}");
        let contributions = SAVED.contributions(&observations, 3).expect("a saving");
        let of_them = Estimate::of(&contributions, CONFIDENCE).expect("a mean");
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
}
