//! The decision that a scenario asks for: yes, if all of its conditions hold. They are judged jointly: the chance that any of
//! the intervals that decide is wrong is 5 %.

use crate::measures::{Condition, Relevance};
use crate::stats::{Judgement, Paired, bonferroni_confidence};

use super::{CONFIDENCE, Observations, judge};

/// What the replications decide.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// All conditions hold.
    Yes,
    /// These conditions do not hold.
    No(Vec<Condition>),
    /// None surely fails, and of these it is not sure that they hold.
    Uncertain(Vec<Condition>),
    /// None surely fails, and of these no number of replications can tell: too many visits never end, or a replication does
    /// not determine the quantity.
    Unknown(Vec<Condition>),
}

impl Decision {
    /// What `observations` decide under `conditions`, all of which shall hold; `None` without conditions.
    #[must_use]
    pub fn on(conditions: &[Condition], observations: &Observations<'_>) -> Option<Self> {
        if conditions.is_empty() {
            return None;
        }
        let confidence = bonferroni_confidence(CONFIDENCE, conditions.len());
        let judged: Vec<(Judgement, &Condition)> =
            conditions.iter().map(|one| (judge(one, observations, confidence), one)).collect();
        let those = |is: fn(Judgement) -> bool| -> Vec<Condition> {
            judged.iter().filter(|(judgement, _)| is(*judgement)).map(|(_, one)| (*one).clone()).collect()
        };
        let fail = those(|of| of == Judgement::SurelyFails);
        if !fail.is_empty() {
            return Some(Self::No(fail));
        }
        // Where too many visits never end, what holds may hold only for want of them.
        let is_overloaded = observations.is_overloaded();
        let unknown = if is_overloaded { conditions.to_vec() } else { those(|of| of == Judgement::Unknown) };
        let uncertain = those(|of| of != Judgement::SurelyHolds);
        Some(match (unknown.is_empty(), uncertain.is_empty()) {
            (false, _) => Self::Unknown(unknown),
            (true, true) => Self::Yes,
            (true, false) => Self::Uncertain(uncertain),
        })
    }

    /// Whether the means of `observations` keep all `conditions`, however unsure that is; `None` where no number of replications can
    /// tell, or without conditions.
    #[must_use]
    pub fn by_means(conditions: &[Condition], observations: &Observations<'_>) -> Option<bool> {
        let judged: Vec<Judgement> = conditions.iter().map(|one| judge(one, observations, CONFIDENCE)).collect();
        if judged.iter().any(|of| matches!(of, Judgement::Fails | Judgement::SurelyFails)) {
            return Some(false);
        }
        // Where too many visits never end, what holds may hold only for want of them.
        let is_known = !judged.is_empty() && !judged.contains(&Judgement::Unknown) && !observations.is_overloaded();
        is_known.then_some(true)
    }

    /// How many replications in all would tell whether these conditions hold, which are too uncertain under `all` of them, if the
    /// true means are at least twice what matters away from their limits; `None` if there are that many already, or no number
    /// would.
    #[must_use]
    pub fn replications_needed(
        uncertain: &[Condition],
        all: usize,
        observations: &Observations<'_>,
        relevance: &Relevance,
    ) -> Option<u32> {
        let confidence = bonferroni_confidence(CONFIDENCE, all);
        let needed = |condition: &Condition| {
            let Condition { quantity, limit, .. } = condition;
            let count = observations.of(&quantity.subject).len();
            let sample = quantity.sample(observations, count)?;
            let from_limit = Paired::of(&sample, &sample.constant(*limit), confidence);
            let needed = from_limit.replications_needed(relevance.least(quantity, *limit), confidence)?;
            (needed as usize > count).then_some(needed)
        };
        uncertain.iter().map(needed).collect::<Option<Vec<u32>>>()?.into_iter().max()
    }

    /// The decision in a word, as results have it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No(_) => "no",
            Self::Uncertain(_) => "uncertain",
            Self::Unknown(_) => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::{CONNECTOR_CALLS, FRESH_SHARE, Values};
    use crate::record::Observed;

    /// Ten replications in which half of the calls are saved and nearly all prices are fresh, one per cent more or less.
    fn replications() -> Vec<Observed> {
        let values = |calls: f64, fresh: f64| {
            Values::of(|measure| match measure {
                CONNECTOR_CALLS => Some(calls),
                FRESH_SHARE => Some(fresh),
                _ => None,
            })
        };
        let one = |number: u32| {
            let more = f64::from(number % 3) / 100.0;
            Observed { measured: values(50.0 + more, 0.95 + more), baseline: Some(values(100.0 + more, 0.96)) }
        };
        (0..10).map(one).collect()
    }

    fn decision(conditions: &[&str]) -> Option<Decision> {
        let conditions: Vec<Condition> = conditions.iter().map(|text| text.parse().expect("a condition")).collect();
        let replications = replications();
        Decision::on(&conditions, &Observations::of_network(&replications, &replications))
    }

    /// By hand: shares of 0.95 and up to 2 points more deviate by 0.875 points. With Student's t for 9 degrees at 97.5 and 95 %,
    /// 2.262 and 1.833, and one point that matters, that are (0.875 × 4.095)² = 12.8 replications.
    #[test]
    fn the_number_that_would_tell_by_hand() {
        let needed = |relevance: &[&str]| {
            let close = vec!["price_fresh_share >= 96%".parse::<Condition>().expect("a condition")];
            let replications = replications();
            let observations = Observations::of_network(&replications, &replications);
            let said: Vec<String> = relevance.iter().map(|said| (*said).to_owned()).collect();
            let relevance = Relevance::parse(&said).expect("a difference");
            Decision::replications_needed(&close, 1, &observations, &relevance)
        };
        assert_eq!(needed(&[]), Some(13));
        assert_eq!(needed(&["price_fresh_share=10%"]), None, "there are enough");
    }

    #[test]
    fn all_conditions_must_hold() {
        let (saves, fresh, too_fresh, close) = (
            "connector_calls.saving >= 40%",
            "price_fresh_share >= 90%",
            "price_fresh_share >= 99%",
            "price_fresh_share >= 96%",
        );
        let those = |text: &str| vec![text.parse::<Condition>().expect("a condition")];
        assert_eq!(decision(&[]), None);
        assert_eq!(decision(&[saves, fresh]), Some(Decision::Yes));
        assert_eq!(decision(&[saves, too_fresh]), Some(Decision::No(those(too_fresh))));
        assert_eq!(decision(&[saves, close]), Some(Decision::Uncertain(those(close))));
        assert_eq!(decision(&[close, too_fresh]), Some(Decision::No(those(too_fresh))), "whatever is uncertain");
        assert_eq!(decision(&["visits >= 1"]).map(|decision| decision.name()), Some("unknown"));
        let by_means = |conditions: &[&str]| {
            let conditions: Vec<Condition> = conditions.iter().map(|text| text.parse().expect("a condition")).collect();
            let replications = replications();
            Decision::by_means(&conditions, &Observations::of_network(&replications, &replications))
        };
        assert_eq!((by_means(&[]), by_means(&["visits >= 1"])), (None, None));
        // The mean share is 95.9 %.
        assert_eq!([close, "price_fresh_share >= 95.8%"].map(|one| by_means(&[one])), [Some(false), Some(true)]);
    }
}
