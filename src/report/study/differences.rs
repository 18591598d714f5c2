//! How variants differ from the first one, and what of it is more than chance.

use crate::measures::{self, Better};
use crate::record::{PointRecord, StudyRecord};
use crate::report::observations::CONFIDENCE;
use crate::stats::{Paired, bonferroni_confidence, holm};

use super::values::{Kind, Number};

/// What can be said of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The variant is better than the reference.
    Better,
    /// It is worse.
    Worse,
    /// It is higher, of what is neither good nor bad.
    Higher,
    /// It is lower, of what is neither good nor bad.
    Lower,
    /// It is the same in every replication.
    Same,
    /// It is not distinguishable at this precision.
    NotDistinguishable,
    /// One replication or more does not determine it.
    NotKnown,
}

impl Verdict {
    /// The verdict in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Higher => "higher",
            Self::Lower => "lower",
            Self::Same => "same",
            Self::NotDistinguishable => "not distinguishable",
            Self::NotKnown => "not known",
        }
    }
}

/// One number of one variant against the first variant.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Name of the variant.
    pub variant: String,
    /// Name of the first variant.
    pub reference: String,
    /// What differs.
    pub number: Number,
    /// Mean of the first variant.
    pub reference_mean: Option<f64>,
    /// Mean of the variant.
    pub variant_mean: Option<f64>,
    /// The paired difference, whose interval holds simultaneously with all others of the study; `None` if not known.
    pub paired: Option<Paired>,
    /// What can be said.
    pub verdict: Verdict,
    /// If not distinguishable: how many replications in all would tell a difference of this size.
    pub replications_needed: Option<u32>,
}

/// The numbers that a verdict is given on: few, as each more makes all verdicts more cautious.
fn primary() -> Vec<Number> {
    let value = |measure| Number::new(measure, Kind::Value);
    vec![
        Number::new(measures::CONNECTOR_CALLS, Kind::Saving),
        value(measures::CONNECTOR_CALLS),
        value(measures::PRICE_AGE_P50),
        value(measures::PRICE_AGE_P95),
        value(measures::FRESH_SHARE),
        value(measures::USER_WAIT_P50),
        value(measures::USER_WAIT_P95),
        value(measures::UTILISATION_MAX),
        value(measures::RESPONSE_P95),
        value(measures::MESSAGES),
    ]
}

/// Every variant against the first, number by number: Holm's verdicts and simultaneous (Bonferroni) intervals over all that
/// are known and vary, 5 % of error for all of them together.
#[must_use]
pub fn differences(record: &StudyRecord) -> Vec<Difference> {
    let Some((reference, variants)) = record.points.split_first() else { return Vec::new() };
    let pairs: Vec<(&PointRecord, Number)> =
        variants.iter().flat_map(|variant| primary().into_iter().map(move |number| (variant, number))).collect();
    let paired = |variant: &PointRecord, number: Number, confidence: f64| {
        let (own, others) = (number.values(variant)?, number.values(reference)?);
        // A variant with more replications than another is compared as far as both go.
        let common = own.len().min(others.len());
        Paired::of(&own[..common], &others[..common], confidence)
    };
    let p_value = |(variant, number): &(&PointRecord, Number)| {
        let paired = paired(variant, *number, CONFIDENCE)?;
        paired.p_value.filter(|_| !paired.is_same())
    };
    let p_values: Vec<Option<f64>> = pairs.iter().map(p_value).collect();
    let family: Vec<f64> = p_values.iter().flatten().copied().collect();
    let mut rejected = holm(&family, 1.0 - CONFIDENCE).into_iter();
    let confidence = bonferroni_confidence(CONFIDENCE, family.len().max(1));
    pairs
        .into_iter()
        .zip(p_values)
        .map(|((variant, number), p_value)| {
            let paired = paired(variant, number, confidence);
            let is_told = p_value.is_some() && rejected.next().expect("one verdict for each p-value");
            let verdict = verdict(number, paired, p_value.is_some(), is_told);
            Difference {
                variant: variant.label.clone(),
                reference: reference.label.clone(),
                number,
                reference_mean: number.estimate(reference).map(|estimate| estimate.mean),
                variant_mean: number.estimate(variant).map(|estimate| estimate.mean),
                paired,
                verdict,
                replications_needed: paired
                    .filter(|_| verdict == Verdict::NotDistinguishable)
                    .and_then(|paired| paired.replications_needed(confidence)),
            }
        })
        .collect()
}

fn verdict(number: Number, paired: Option<Paired>, is_tested: bool, is_told: bool) -> Verdict {
    let Some(paired) = paired else { return Verdict::NotKnown };
    if paired.is_same() {
        return Verdict::Same;
    }
    if !is_tested || !is_told {
        return Verdict::NotDistinguishable;
    }
    let rises = paired.difference.mean > 0.0;
    let better = if number.kind == Kind::Saving { Better::Higher } else { number.measure.better };
    match (better, rises) {
        (Better::Higher, true) | (Better::Lower, false) => Verdict::Better,
        (Better::Higher, false) | (Better::Lower, true) => Verdict::Worse,
        (Better::Neither, true) => Verdict::Higher,
        (Better::Neither, false) => Verdict::Lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::StudyKind;
    use crate::report::support::study;

    fn set(record: &mut StudyRecord, point: usize, measure: measures::Measure, values: &[Option<f64>]) {
        let at = measures::ALL.iter().position(|other| other.name == measure.name).expect("a measure");
        for (observed, value) in record.points[point].replications.iter_mut().zip(values) {
            observed.measured[at] = *value;
        }
    }

    fn verdict_of(record: &StudyRecord, measure: measures::Measure) -> (Verdict, Option<u32>) {
        let all = differences(record);
        let found = all
            .iter()
            .find(|difference| difference.number.measure.name == measure.name && difference.number.kind == Kind::Value);
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
        assert_eq!(verdict_of(&record, measures::USER_WAIT_P50).0, Verdict::Worse);
        assert_eq!(verdict_of(&record, measures::FRESH_SHARE).0, Verdict::Better);
        assert_eq!(verdict_of(&record, measures::MESSAGES).0, Verdict::Same);
        assert_eq!(verdict_of(&record, measures::USER_WAIT_P95).0, Verdict::NotKnown);
        let (verdict, needed) = verdict_of(&record, measures::PRICE_AGE_P50);
        assert_eq!(verdict, Verdict::NotDistinguishable);
        assert!(needed.is_some_and(|needed| needed > 100), "{needed:?}");
    }

    #[test]
    fn one_replication_tells_nothing() {
        let record = study(StudyKind::Comparison, 2, 1);
        assert!(differences(&record).iter().all(|difference| difference.verdict != Verdict::Better));
    }
}
