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
