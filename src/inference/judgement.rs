//! Whether a condition on a mean holds, and how sure that is. Searches and decisions ask the same rule.

use crate::measures::{Condition, Unit};
use crate::stats::{Estimate, Judgement, Sample, all_alike_bound, fair_coin_tail};

use super::{Answer, Observations};

/// Whether `condition` holds, judged by intervals at the level `confidence`.
#[must_use]
pub fn judge(condition: &Condition, observations: &Observations<'_>, confidence: f64) -> Judgement {
    let quantity = &condition.quantity;
    let count = observations.of(&quantity.subject).len();
    let endless = quantity.endless(observations);
    let estimate = || quantity.sample(observations, count).map(|sample: Sample| sample.estimate(confidence));
    let judged = |estimate: Option<Estimate>| Judgement::of(estimate, condition.at_most, condition.limit);
    let doubt = (1.0 - confidence) / 2.0;
    match quantity.answer(observations) {
        // What grows without end is more than any limit. One replication is sure of nothing.
        Answer::Saturated => {
            let is_sure = count > 1 && (endless == count || fair_coin_tail(endless, count) <= doubt);
            match (condition.at_most, is_sure) {
                (true, true) => Judgement::SurelyFails,
                (true, false) => Judgement::Fails,
                (false, true) => Judgement::SurelyHolds,
                (false, false) => Judgement::Holds,
            }
        }
        // A lower bound may be above the limit already.
        Answer::CutOff(Some(_)) => match judged(estimate()) {
            known @ (Judgement::Fails | Judgement::SurelyFails) if condition.at_most => known,
            known @ (Judgement::Holds | Judgement::SurelyHolds) if !condition.at_most => known,
            _ => Judgement::Unknown,
        },
        Answer::CutOff(None) | Answer::Unknown(_) => Judgement::Unknown,
        // No share of what may happen in so many of the replications at most can be larger on average.
        Answer::Never(_) if quantity.unit() == Unit::Share && !quantity.contrast.is_change() => {
            let most = all_alike_bound(count, confidence);
            let bounded = Estimate { mean: 0.0, half_width: Some(most), standard_deviation: None, count };
            judged(Some(bounded))
        }
        // A saving of 0 in every replication is no rare event. If enough of them agree, chance is out of the question (sign test).
        Answer::Never(mean) if quantity.contrast.is_change() && agree_by_chance(count) <= 1.0 - confidence => {
            judged(Some(Estimate { half_width: Some(0.0), ..mean }))
        }
        // Where something is hardly ever seen, its mean has no interval to be sure of.
        Answer::Rare { mean, .. } | Answer::Never(mean) => judged(Some(mean)),
        Answer::Known(_) => {
            let is_doubtful = endless > 0 && fair_coin_tail(count - endless, count) > doubt;
            match judged(estimate()) {
                Judgement::SurelyHolds if is_doubtful => Judgement::Holds,
                Judgement::SurelyFails if is_doubtful => Judgement::Fails,
                known => known,
            }
        }
    }
}

/// The probability that so many replications all go the same way if either way is as likely.
fn agree_by_chance(count: usize) -> f64 {
    libm::exp2(1.0 - count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::{CONNECTOR_CALLS, Values};
    use crate::record::Observed;

    /// With one client there is nobody to share with: every replication saves exactly nothing.
    #[test]
    fn a_saving_of_nothing_everywhere_is_surely_too_little() {
        let judged = |count: usize| {
            let calls = |calls: f64| Values::of(|measure| (measure == CONNECTOR_CALLS).then_some(calls));
            let one = |number: usize| {
                let calls = calls(100.0 + number as f64);
                Observed { measured: calls.clone(), baseline: Some(calls) }
            };
            let replications: Vec<Observed> = (0..count).map(one).collect();
            let condition: Condition = "connector_calls.saving >= 20%".parse().expect("a condition");
            judge(&condition, &Observations::of_network(&replications, &replications), 0.95)
        };
        assert_eq!([judged(2), judged(5), judged(6)], [Judgement::Fails, Judgement::Fails, Judgement::SurelyFails]);
    }
}
