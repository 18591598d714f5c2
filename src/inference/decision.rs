//! The decision that a scenario asks for: yes, if all of its conditions hold. They are judged jointly: the chance that any of
//! the intervals that decide is wrong is 5 %.

use crate::measures::Condition;
use crate::stats::{Judgement, bonferroni_confidence};

use super::{CONFIDENCE, Observations, judge};

/// What the replications decide.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// All conditions hold.
    Yes,
    /// These conditions do not hold.
    No(Vec<Condition>),
    /// None surely fails, and of these it is not sure that they hold.
    Open(Vec<Condition>),
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
        let open = those(|of| of != Judgement::SurelyHolds);
        Some(match (unknown.is_empty(), open.is_empty()) {
            (false, _) => Self::Unknown(unknown),
            (true, true) => Self::Yes,
            (true, false) => Self::Open(open),
        })
    }

    /// The decision in a word, as results have it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No(_) => "no",
            Self::Open(_) => "open",
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
        assert_eq!(decision(&[saves, close]), Some(Decision::Open(those(close))));
        assert_eq!(decision(&[close, too_fresh]), Some(Decision::No(those(too_fresh))), "whatever is open");
        assert_eq!(decision(&["visits >= 1"]).map(|decision| decision.name()), Some("unknown"));
    }
}
