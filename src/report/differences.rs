//! Says how variants differ from the first one, and which differences are more than chance.

use crate::inference::{Answer, CONFIDENCE, Contrast, Quantity, Reason, Relevant, Verdict};
use crate::measures;
use crate::stats::{Paired, Sample, all_alike_bound, bonferroni_confidence, share_interval};
use crate::text::grouped;

use super::decided::{PERHAPS, UNCERTAIN};
use super::evidence::{Evidence, PointEvidence};
use super::numbers::SO;

/// The words for a difference that is smaller than what matters.
pub(super) const EQUAL: &str = "equal for this purpose";

/// The same of what too few replications show for an interval.
pub(super) const EQUAL_IN_EACH: &str = "equal for this purpose in each replication";

/// One number of one variant against the first variant.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    /// Name of the variant.
    pub(super) variant: String,
    /// Name of the first variant.
    pub(super) reference: String,
    /// The number that is compared.
    pub(super) number: Quantity,
    /// Mean of the first variant over the replications that both have. The mean of a saving is that of the jackknife's
    /// pseudo-values.
    pub(super) reference_mean: Answer,
    /// Mean of the variant over the same replications.
    pub(super) variant_mean: Answer,
    /// The paired difference; `None` if it is not known. Its interval holds simultaneously with all others of the
    /// study.
    pub(super) paired: Option<Paired>,
    /// What can be said of the difference.
    pub(super) verdict: Verdict,
    /// Why the two cannot be compared, although every replication determines both; `None` if they can.
    pub(super) not_comparable: Option<&'static str>,
    /// The smallest difference that matters, in the unit of the number; `None` if the reference is not known.
    pub(super) least: Option<f64>,
    /// If it is too uncertain to tell whether there is a difference that matters: how many replications in all, more than there
    /// are, would tell (see [`Paired::replications_needed`]). Of one that hardly matters none would.
    pub(super) replications_needed: Option<u32>,
}

/// What is told of faults wherever several points have some.
pub(super) const OF_FAULTS: [measures::MeasureId; 3] =
    [measures::FAULT_FELT_SHARE, measures::FAULT_EXTRA_WAIT_MEAN, measures::FAULT_RECOVERY];

/// What is told of money, where a scenario has prices.
const OF_MONEY: [measures::MeasureId; 2] = [measures::COST, measures::CALLS_BEYOND_FREE];

/// The numbers that always get a verdict; what is required gets one, too. They are few, since each additional one makes all verdicts more cautious. Those of faults are among
/// them where there are faults.
fn primary(has_faults: bool, has_prices: bool) -> Vec<Quantity> {
    let value = Quantity::value;
    let mut primary = vec![
        Quantity::saving(measures::CONNECTOR_CALLS),
        value(measures::CONNECTOR_CALLS),
        value(measures::PRICE_AGE_P50),
        value(measures::PRICE_AGE_P95),
        value(measures::FRESH_SHARE),
        value(measures::USER_WAIT_P50),
        value(measures::USER_WAIT_P95),
        value(measures::UTILISATION_MAX),
        value(measures::RESPONSE_P95),
        value(measures::MESSAGES),
    ];
    primary.extend(OF_FAULTS.map(value).into_iter().filter(|_| has_faults));
    primary.extend(OF_MONEY.map(value).into_iter().filter(|_| has_prices));
    primary
}

impl Difference {
    /// What differs, in a word or two.
    pub(super) fn name(&self) -> String {
        self.number.spoken()
    }

    /// The verdict in words, with what it takes to tell what is too uncertain.
    pub(super) fn told(&self) -> String {
        let detail = match self.verdict {
            Verdict::Differs(_, Relevant::Yes) | Verdict::Equal(None) => None,
            Verdict::Differs(direction, Relevant::Perhaps) => return format!("{}, {PERHAPS}", direction.name()),
            Verdict::Equal(Some(direction)) => Some(format!("measurably {}, but less than matters", direction.name())),
            Verdict::Uncertain | Verdict::EqualInEach => {
                let rare = self.paired.filter(Paired::is_rare).map(|paired| {
                    let (differing, count) = (paired.differing, paired.difference.count);
                    let (low, high) = share_interval(differing, count, CONFIDENCE);
                    let percent = |share: f64| format!("{:.0}", 100.0 * share);
                    format!("{differing} of {count} differ{SO}{} to {} %", percent(low), percent(high))
                });
                if let Some(rare) = rare {
                    let verdict = if self.verdict == Verdict::EqualInEach { EQUAL_IN_EACH } else { UNCERTAIN };
                    return format!("{verdict} ({rare})");
                }
                let would = |needed| format!("; {} replications would", grouped(f64::from(needed), 0));
                return format!("{UNCERTAIN}{}", self.replications_needed.map_or_else(String::new, would));
            }
            Verdict::NoneSeen => self.paired.map(|paired| {
                let count = paired.difference.count;
                let most = 100.0 * all_alike_bound(count, CONFIDENCE);
                format!("none in {count} replications: at most {most:.0} % of such periods differ")
            }),
            Verdict::NotKnown => self.not_comparable.map(str::to_owned),
        };
        let verdict = match self.verdict {
            Verdict::Equal(_) => EQUAL,
            Verdict::NoneSeen => "no difference seen",
            verdict => verdict.name(),
        };
        detail.map_or_else(|| verdict.to_owned(), |detail| format!("{verdict} ({detail})"))
    }
}

/// Why `number` of the two is not to be compared, although it may be known; `None` if it may.
fn not_comparable(
    number: &Quantity,
    variant: &PointEvidence<'_>,
    reference: &PointEvidence<'_>,
) -> Option<&'static str> {
    let is = |measure: measures::MeasureId| number.measure == measure;
    let is_asked = |point: &PointEvidence<'_>| {
        let arrivals = Quantity::value(measures::ARRIVALS);
        arrivals.in_each(&point.observations).into_iter().any(|arrivals| arrivals != Some(0.0))
    };
    if [measures::CONNECTOR_CALLS, measures::MESSAGES].into_iter().chain(OF_MONEY).any(is)
        && number.contrast == Contrast::Value
        && !have_as_many_visits(variant, reference)
    {
        return Some("the two have not as many visits");
    }
    if is(measures::FRESH_SHARE) && variant.facts.fresh_within != reference.facts.fresh_within {
        return Some("the freshness thresholds differ");
    }
    if number.is_cut_off(&variant.observations) || number.is_cut_off(&reference.observations) {
        return Some("too many visits never end");
    }
    // A server that nobody asks has no load; a lower load is then no merit.
    if is(measures::UTILISATION_MAX) && !(is_asked(variant) && is_asked(reference)) {
        return Some("in one of the two nobody asks the servers");
    }
    None
}

/// Whether users visit as often in both: more visits make more calls, which is neither good nor bad.
fn have_as_many_visits(variant: &PointEvidence<'_>, reference: &PointEvidence<'_>) -> bool {
    let common = variant.replications.min(reference.replications);
    let visits = |point: &PointEvidence<'_>| Quantity::value(measures::VISITS).sample(&point.observations, common);
    visits(variant).zip(visits(reference)).is_none_or(|(variant, reference)| {
        let (variant, reference) = (variant.centre(), reference.centre());
        (variant - reference).abs() <= measures::VISITS.matters.from(reference)
    })
}

/// The values of both variants, replication by replication, for the replications that both have.
struct Sides {
    variant: Option<Sample>,
    reference: Option<Sample>,
    not_comparable: Option<&'static str>,
}

impl Sides {
    fn of(number: &Quantity, variant: &PointEvidence<'_>, reference: &PointEvidence<'_>) -> Self {
        let common = variant.replications.min(reference.replications);
        Self {
            variant: number.sample(&variant.observations, common),
            reference: number.sample(&reference.observations, common),
            not_comparable: not_comparable(number, variant, reference),
        }
    }

    fn paired(&self, confidence: f64) -> Option<Paired> {
        let (variant, reference) = self.variant.as_ref().zip(self.reference.as_ref())?;
        self.not_comparable.is_none().then(|| Paired::of(variant, reference, confidence))
    }

    /// Whether there is anything to decide.
    fn varies(&self) -> bool {
        self.paired(CONFIDENCE).is_some_and(|paired| !paired.is_same())
    }
}

/// What is known of what `sample` of `number` at `point` surrounds.
fn mean(number: &Quantity, sample: Option<&Sample>, point: &PointEvidence<'_>) -> Answer {
    let estimate = sample.map(|sample| sample.estimate(CONFIDENCE));
    match (point.answer(number), estimate) {
        (Answer::CutOff(_), counted) => Answer::CutOff(counted),
        (_, Some(estimate)) => Answer::Known(estimate),
        (Answer::Known(_), None) => Answer::Unknown(Reason::NotDetermined),
        (answer, None) => answer,
    }
}

/// Every variant against the first, number by number, with simultaneous (Bonferroni) intervals over all that are known and
/// vary: all of them hold with 95 %, and so do all verdicts, which follow from them.
pub(super) fn differences(evidence: &Evidence<'_>) -> Vec<Difference> {
    judged(evidence, |family| bonferroni_confidence(CONFIDENCE, family.max(1)))
}

/// The same, where each interval and each verdict holds with 95 % on its own.
pub(super) fn differences_alone(evidence: &Evidence<'_>) -> Vec<Difference> {
    judged(evidence, |_| CONFIDENCE)
}

/// The differences with intervals at the level that `confidence` says for so many of them.
fn judged(evidence: &Evidence<'_>, confidence: impl Fn(usize) -> f64) -> Vec<Difference> {
    let Some((reference, variants)) = evidence.points.split_first() else { return Vec::new() };
    let pairs: Vec<(&PointEvidence<'_>, Quantity, Sides)> = variants
        .iter()
        .flat_map(|variant| {
            let has_faults = reference.observations.has_faults() && variant.observations.has_faults();
            let has_prices = reference.observations.has_prices() && variant.observations.has_prices();
            let mut numbers = primary(has_faults, has_prices);
            for condition in reference.facts.yes_if.iter().filter(|one| variant.facts.yes_if.contains(one)) {
                if !numbers.contains(&condition.quantity) {
                    numbers.push(condition.quantity.clone());
                }
            }
            numbers.into_iter().map(move |number| (variant, number))
        })
        .map(|(variant, number)| {
            let sides = Sides::of(&number, variant, reference);
            (variant, number, sides)
        })
        .collect();
    let confidence = confidence(pairs.iter().filter(|(_, _, sides)| sides.varies()).count());
    let difference = |(variant, number, sides): (&PointEvidence<'_>, Quantity, Sides)| {
        let paired = sides.paired(confidence);
        let least = sides.reference.as_ref().map(|of| evidence.relevance.least(&number, of.centre()));
        let judged = paired.zip(least);
        let verdict =
            judged.map_or(Verdict::NotKnown, |(paired, least)| Verdict::of(&number, &paired, least, confidence));
        Difference {
            variant: variant.label.to_owned(),
            reference: reference.label.to_owned(),
            reference_mean: mean(&number, sides.reference.as_ref(), reference),
            variant_mean: mean(&number, sides.variant.as_ref(), variant),
            number,
            paired,
            verdict,
            not_comparable: sides.not_comparable,
            least,
            replications_needed: judged
                .filter(|_| verdict == Verdict::Uncertain)
                .and_then(|(paired, least)| paired.replications_needed(least, confidence))
                .filter(|needed| judged.is_some_and(|(paired, _)| *needed as usize > paired.difference.count)),
        }
    };
    pairs.into_iter().map(difference).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::Direction;
    use crate::measures::Relevance;
    use crate::record::{StudyKind, StudyRecord};
    use crate::report;
    use crate::report::support::study;
    use crate::time::SimDuration;

    fn set(record: &mut StudyRecord, point: usize, measure: measures::MeasureId, values: &[Option<f64>]) {
        for (observed, value) in record.points[point].replications.iter_mut().zip(values) {
            observed.measured[measure] = *value;
        }
        record.points[point].contributions = record.points[point].replications.clone();
    }

    fn verdict_of(record: &StudyRecord, measure: measures::MeasureId) -> (Verdict, Option<u32>) {
        let all = differences(&Evidence::from(record));
        let found = all
            .iter()
            .find(|difference| difference.number.measure == measure && difference.number.contrast == Contrast::Value);
        let found = found.expect("a difference");
        (found.verdict, found.replications_needed)
    }

    #[test]
    fn verdicts_say_what_is_better() {
        let mut record = study(StudyKind::Comparison, 2, 4);
        let wait = [1.0, 1.2, 0.9, 1.1];
        let some = |values: [f64; 4]| values.map(Some);
        set(&mut record, 0, measures::USER_WAIT_P50, &some(wait));
        set(&mut record, 1, measures::USER_WAIT_P50, &some(wait.map(|wait| wait + 5.0 + 0.001 * wait)));
        set(&mut record, 0, measures::FRESH_SHARE, &some([0.5, 0.6, 0.5, 0.6]));
        set(&mut record, 1, measures::FRESH_SHARE, &some([0.9, 1.0, 0.901, 1.0]));
        set(&mut record, 0, measures::MESSAGES, &some([10.0, 20.0, 30.0, 40.0]));
        set(&mut record, 1, measures::MESSAGES, &some([10.0, 20.0, 30.0, 40.0]));
        set(&mut record, 1, measures::USER_WAIT_P95, &[Some(1.0), None, Some(1.0), Some(1.0)]);
        set(&mut record, 0, measures::PRICE_AGE_P50, &some([10.0, 20.0, 30.0, 40.0]));
        set(&mut record, 1, measures::PRICE_AGE_P50, &some([11.0, 18.0, 33.0, 39.0]));
        let name = |measure| verdict_of(&record, measure).0.name();
        assert_eq!(name(measures::USER_WAIT_P50), "worse");
        assert_eq!(name(measures::FRESH_SHARE), "better");
        assert_eq!(verdict_of(&record, measures::MESSAGES).0, Verdict::NoneSeen);
        assert_eq!(verdict_of(&record, measures::USER_WAIT_P95).0, Verdict::NotKnown);
        let (verdict, needed) = verdict_of(&record, measures::PRICE_AGE_P50);
        assert_eq!((verdict, needed), (Verdict::Equal(None), None), "a minute would matter");
        record.relevance = Relevance::parse(&["price_age_p50=1s".to_owned()]).expect("a difference");
        let (verdict, needed) = verdict_of(&record, measures::PRICE_AGE_P50);
        assert_eq!(verdict, Verdict::Uncertain);
        assert!(needed.is_some_and(|needed| needed > 100), "{needed:?}");
    }

    /// This holds for savings, whose replications have different weights, and if one variant has more replications than
    /// the other.
    #[test]
    fn columns_add_up() {
        let mut record = study(StudyKind::Comparison, 3, 6);
        for (calls, off) in [(0, 0.3), (1, 0.7), (2, 0.1)] {
            let uneven: Vec<Option<f64>> = [9.0, 70.0, 25.0, 3.0, 41.0, 11.0].map(|value| Some(value + off)).to_vec();
            set(&mut record, calls, measures::CONNECTOR_CALLS, &uneven);
        }
        record.points[0].replications.truncate(5);
        record.points[2].replications.truncate(3);
        let all = differences(&Evidence::from(&record));
        assert_eq!(all.len(), 2 * primary(false, false).len());
        for one in all {
            let difference = one.paired.expect("all are known").difference;
            let [variant, reference] = [one.variant_mean, one.reference_mean].map(|of| of.known().expect("known").mean);
            let error = (variant - reference - difference.mean).abs();
            assert!(error <= 1e-12 * variant.abs().max(1.0), "{}: {error}", name_of(&one));
            assert_eq!(difference.count, if one.variant == "variant-2" { 3 } else { 5 });
        }
    }

    #[test]
    fn what_is_felt_of_faults_is_compared_where_both_have_faults() {
        let mut record = study(StudyKind::Comparison, 3, 4);
        let felt = measures::FAULT_FELT_SHARE;
        for (point, shares) in [(0, [0.30, 0.31, 0.29, 0.30]), (2, [0.10, 0.11, 0.10, 0.09])] {
            set(&mut record, point, felt, &shares.map(Some));
        }
        let all = differences(&Evidence::from(&record));
        let of_felt: Vec<&Difference> = all.iter().filter(|one| one.number.measure == felt).collect();
        let [one] = of_felt.as_slice() else { panic!("{of_felt:?}") };
        assert_eq!(
            (one.variant.as_str(), one.verdict),
            ("variant-2", Verdict::Differs(Direction::Better, Relevant::Yes))
        );
    }

    fn name_of(one: &Difference) -> String {
        format!("{} {}", one.number.measure.name, one.number.contrast.name())
    }

    /// The means are the jackknifed savings that all other tables show.
    #[test]
    fn savings_are_those_of_the_summary() {
        let record = study(StudyKind::Comparison, 2, 6);
        let saving = Quantity::saving(measures::CONNECTOR_CALLS);
        let estimate = Evidence::from(&record).points[1].answer(&saving).known().expect("known");
        let sample = saving.sample(&Evidence::from(&record).points[1].observations, 6).expect("known");
        let own = sample.estimate(CONFIDENCE);
        assert!((own.mean - estimate.mean).abs() < 1e-12, "{own:?} {estimate:?}");
        assert!((own.half_width.expect("six") - estimate.half_width.expect("six")).abs() < 1e-12);
    }

    #[test]
    fn calls_of_visits_that_never_end_are_not_saved() {
        let mut record = study(StudyKind::Comparison, 2, 10);
        let calls = |record: &StudyRecord| verdict_of(record, measures::CONNECTOR_CALLS).0;
        let never_end = |record: &mut StudyRecord, share: f64| {
            for point in 0..2 {
                let share = if point == 1 { share } else { 0.0 };
                set(record, point, measures::VISITS_UNFINISHED_SHARE, &[Some(share); 10]);
                for observed in &mut record.points[point].replications {
                    observed.baseline.as_mut().expect("a baseline")[measures::VISITS_UNFINISHED_SHARE] = Some(0.0);
                }
            }
        };
        never_end(&mut record, 0.001);
        assert_eq!(calls(&record).name(), "worse");
        never_end(&mut record, 0.1);
        assert_eq!(calls(&record), Verdict::NotKnown);
        assert!(
            report::text(&record).contains("OVERLOAD in variant-1: up to 10 % of the visits"),
            "{}",
            report::text(&record)
        );
    }

    #[test]
    fn fresh_by_two_thresholds_is_not_compared() {
        let mut record = study(StudyKind::Comparison, 2, 4);
        let fresh = |record: &StudyRecord| verdict_of(record, measures::FRESH_SHARE).0;
        assert_eq!(fresh(&record).name(), "better");
        let ten_minutes = SimDuration::from_secs(600);
        record.points[1].facts.fresh_within = ten_minutes;
        assert_eq!(fresh(&record), Verdict::NotKnown);
        record.points[0].facts.fresh_within = ten_minutes;
        assert_eq!(fresh(&record).name(), "better");
        assert!(Evidence::from(&record).have_one_threshold());
    }

    /// Twice as many users make twice as many calls, and may save as much.
    #[test]
    fn totals_of_other_populations_are_not_compared() {
        let mut record = study(StudyKind::Comparison, 2, 4);
        for point in [0, 1] {
            set(&mut record, point, measures::VISITS, &[Some(480.0); 4]);
        }
        let calls = |record: &StudyRecord| verdict_of(record, measures::CONNECTOR_CALLS).0;
        assert_eq!(calls(&record).name(), "worse");
        set(&mut record, 1, measures::VISITS, &[Some(484.0); 4]);
        assert_eq!(calls(&record).name(), "worse", "these are nearly as many");
        set(&mut record, 1, measures::VISITS, &[Some(504.0); 4]);
        assert_eq!([calls(&record), verdict_of(&record, measures::MESSAGES).0], [Verdict::NotKnown; 2]);
        assert_ne!(verdict_of(&record, measures::USER_WAIT_P50).0, Verdict::NotKnown);
        let all = differences(&Evidence::from(&record));
        let saving = all.iter().find(|one| one.number == Quantity::saving(measures::CONNECTOR_CALLS));
        assert_ne!(saving.expect("a saving").verdict, Verdict::NotKnown);
    }

    #[test]
    fn a_server_that_nobody_asks_is_not_better() {
        let mut record = study(StudyKind::Comparison, 2, 4);
        set(&mut record, 1, measures::UTILISATION_MAX, &[Some(0.0); 4]);
        assert_eq!(verdict_of(&record, measures::UTILISATION_MAX).0.name(), "better");
        set(&mut record, 1, measures::ARRIVALS, &[Some(0.0); 4]);
        assert_eq!(verdict_of(&record, measures::UTILISATION_MAX).0, Verdict::NotKnown);
    }

    #[test]
    fn one_replication_tells_nothing() {
        let record = study(StudyKind::Comparison, 2, 1);
        assert!(
            differences(&Evidence::from(&record)).iter().all(|difference| difference.verdict.direction().is_none())
        );
    }
}
