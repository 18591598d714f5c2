//! What a search looks for: a condition on a quantity, on average or in a share of the networks, as users write it.

use std::fmt;
use std::str::FromStr;

use crate::inference::CONFIDENCE;
use crate::measures::Condition;
use crate::scenario::Scenario;
use crate::stats::trials_to_be_sure;

/// A condition on a quantity: `user_wait_p95 <= 2s`, or `user_wait_p95 <= 2s in 90% of networks`.
#[derive(Clone, Debug)]
pub struct Objective {
    /// The condition.
    pub condition: Condition,
    /// Of which networks it speaks.
    pub extent: Extent,
}

/// Of which networks an objective speaks. Each replication draws a network of its own, unless the scenario fixes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Extent {
    /// The mean over all of them shall keep the limit, so about half of them may break it.
    OnAverage,
    /// Each network is judged by its own value, and enough of them shall keep the limit.
    InNetworks {
        /// The share that is enough, in percent as users write it: more than 0 and less than 100.
        percent: f64,
    },
}

impl Objective {
    /// Refuses what no search can tell of `scenario`.
    ///
    /// # Errors
    ///
    /// Why not, and how to mend it.
    pub fn check(&self, scenario: &Scenario) -> Result<(), String> {
        let Extent::InNetworks { percent } = self.extent else { return Ok(()) };
        if let Some(topology) = scenario.world().topology {
            return Err(format!(
                "`run.topology = {topology}` makes all replications runs of one network, which tell no share of networks\n  \
                 help: remove `run.topology`, or ask for the mean: --objective \"{}\"",
                self.condition
            ));
        }
        let (replications, needed) = (scenario.replications(), trials_to_be_sure(percent / 100.0, CONFIDENCE));
        if u64::from(replications) < needed {
            return Err(format!(
                "even if all of {replications} networks kept the limit, it would not be certain that {percent}% of all \
                 networks do\n  help: take at least {needed}: --replications {needed}"
            ));
        }
        Ok(())
    }
}

impl FromStr for Objective {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (condition, extent) = condition_and_extent(text)?;
        Ok(Self { condition: condition.parse()?, extent })
    }
}

/// Shards are joined by what is written here, so that it reads back as the same objective.
impl fmt::Display for Objective {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.condition)?;
        match self.extent {
            Extent::OnAverage => Ok(()),
            Extent::InNetworks { percent } => write!(formatter, " in {percent}% of networks"),
        }
    }
}

/// The condition as it is written, and of which networks it speaks.
fn condition_and_extent(text: &str) -> Result<(String, Extent), String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let Some(at) = words.iter().position(|word| *word == "in") else {
        return Ok((text.to_owned(), Extent::OnAverage));
    };
    let share = words[at + 1..].join(" ");
    let wrong = |problem: &str| format!("`in {share}`: {problem}; write, for example, `in 90% of networks`");
    let number = share.strip_suffix("of networks").ok_or_else(|| wrong("this is no share of networks"))?;
    let number = number.trim_end().strip_suffix('%').ok_or_else(|| wrong("the share needs a percent sign"))?;
    let percent = number.trim_end().parse::<f64>().ok().filter(|percent| percent.is_finite());
    match percent.ok_or_else(|| wrong("the share is no number"))? {
        percent if percent >= 100.0 => {
            Err(wrong("no number of networks can show that all others keep the limit, so the share must be below 100%"))
        }
        // So small a share would be 0 as a number.
        percent if percent / 100.0 < f64::MIN_POSITIVE => {
            Err(wrong("no network would have to keep the limit, so the share must be above 0%"))
        }
        percent => Ok((words[..at].join(" "), Extent::InNetworks { percent })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::{Contrast, Quantity};
    use crate::measures::{self, Comparison, Unit};
    use proptest::prelude::*;

    proptest! {
        /// Every quantity that can be sought, any limit.
        #[test]
        fn an_objective_reads_back_as_it_was(
            measure in prop::sample::select(measures::ALL),
            saving in any::<bool>(),
            at_most in any::<bool>(),
            percent in prop::option::of(prop_oneof![(1_u32..1_000).prop_map(|tenth| f64::from(tenth) / 10.0), 1e-9..99.999_f64]),
            limit in prop_oneof![prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO, 0.0..1.0_f64, (0_u32..9_999).prop_map(f64::from)],
        ) {
            let contrast =
                if saving && measure.comparison == Comparison::Saving { Contrast::Saving } else { Contrast::Value };
            let quantity = Quantity::of_network(measure, contrast);
            let limit = if quantity.unit() == Unit::Share { limit.min(1.0) } else { limit };
            let extent = percent.map_or(Extent::OnAverage, |percent| Extent::InNetworks { percent });
            let written = Objective { condition: Condition { quantity: quantity.clone(), at_most, limit }, extent }.to_string();
            let read: Objective = written.parse().map_err(TestCaseError::fail)?;
            prop_assert_eq!(read.to_string(), written);
            prop_assert_eq!((read.condition.quantity.to_string(), read.condition.at_most), (quantity.to_string(), at_most));
            prop_assert_eq!(read.condition.limit.to_bits(), limit.to_bits());
            prop_assert_eq!(read.extent, extent);
        }

        /// What a user writes as a precision is kept as he has written it, and means the same when it is read again.
        #[test]
        fn a_precision_reads_back_as_it_was(
            measure in prop::sample::select(measures::ALL),
            width in prop_oneof![(1_u32..9_999).prop_map(|tenth| f64::from(tenth) / 10.0), 1e-12..1e12_f64],
            relative in any::<bool>(),
        ) {
            let unit = match Quantity::value(measure).unit() {
                _ if relative => "%",
                Unit::Share | Unit::Number => "",
                unit => unit.symbol(),
            };
            let text = format!("{}={width}{unit}", measure.name);
            let goal: crate::experiment::PrecisionGoal = text.parse().map_err(TestCaseError::fail)?;
            let json = serde_json::to_string(&goal).expect("text");
            let read: crate::experiment::PrecisionGoal = serde_json::from_str(&json).expect("a goal");
            prop_assert_eq!(format!("{read:?}"), format!("{goal:?}"));
        }
    }

    fn objective(text: &str) -> Result<(String, f64), String> {
        text.parse::<Objective>().map(|objective| (objective.to_string(), objective.condition.limit))
    }

    #[test]
    fn objectives_are_read_in_their_unit() {
        assert_eq!(objective("user_wait_p95 <= 2s"), Ok(("user_wait_p95 <= 2 s".to_owned(), 2.0)));
        assert_eq!(objective("user_wait_p95<=500ms"), Ok(("user_wait_p95 <= 0.5 s".to_owned(), 0.5)));
        assert_eq!(objective("price_age_p50 <= 20min").map(|(_, limit)| limit), Ok(1_200.0));
        assert_eq!(objective("connector_calls.saving >= 30%"), Ok(("connector_calls.saving >= 30%".to_owned(), 0.3)));
        let unitless = "server_queue_length <= 5";
        assert_eq!(objective(unitless), Ok((unitless.to_owned(), 5.0)));
        assert_eq!(objective("server_utilisation_max <= 0.8").map(|(_, limit)| limit), Ok(0.8));
    }

    #[test]
    fn a_share_of_networks_is_read_and_has_a_percent_sign() {
        let written = "user_wait_p95 <= 3 s in 90% of networks";
        for text in [written, "user_wait_p95<=3s in 90 % of networks", "user_wait_p95 <=  3000ms  in  90%  of networks"]
        {
            assert_eq!(objective(text), Ok((written.to_owned(), 3.0)), "{text}");
        }
        let minutes = "price_age_p50 <= 20 min in 97.5% of networks".parse::<Objective>().expect("an objective");
        assert_eq!((minutes.condition.limit, minutes.extent), (1_200.0, Extent::InNetworks { percent: 97.5 }));
        for (share, problem) in [
            ("in 0% of networks", "above 0%"),
            ("in -5% of networks", "above 0%"),
            ("in 100% of networks", "below 100%"),
            ("in 150% of networks", "below 100%"),
            ("in 0.9 of networks", "needs a percent sign"),
            ("in 90 of networks", "needs a percent sign"),
            ("in most of networks", "needs a percent sign"),
            ("in nan% of networks", "no number"),
            ("in many% of networks", "no number"),
            ("in 90% of the runs", "no share of networks"),
            ("in", "no share of networks"),
        ] {
            let complaint = objective(&format!("user_wait_p95 <= 3s {share}")).expect_err("wrong");
            assert!(complaint.contains(problem) && complaint.contains("`in 90% of networks`"), "{share}: {complaint}");
            assert!(complaint.contains(share), "{complaint}");
        }
    }

    #[test]
    fn percentages_are_printed_as_written() {
        for percent in (0..=1_000).map(|tenth| f64::from(tenth) / 10.0) {
            let text = format!("connector_calls.saving >= {percent}%");
            assert_eq!(objective(&text).map(|(printed, _)| printed), Ok(text));
        }
        assert_eq!(
            objective("price_fresh_share >= 0.29").map(|(text, _)| text),
            Ok("price_fresh_share >= 29%".to_owned())
        );
        assert_eq!(objective("user_wait_p95 <= 2.3ms").map(|(_, limit)| limit), Ok(0.0023));
    }

    #[test]
    fn what_is_wrong_is_said_with_a_remedy() {
        let complaint = |text| objective(text).expect_err("wrong");
        assert!(complaint("user_wait_p95 = 2s").contains("<= 2s"));
        assert!(complaint("user_wat_p95 <= 2s").contains("did you mean `user_wait_p95`"));
        assert!(complaint("waiting <= 2s").contains("user_wait_p50"));
        assert!(complaint("user_wait_p95 <= 2%").contains("500ms"));
        assert!(complaint("connector_calls.saving >= 30").contains("write 30%"));
        assert!(complaint("user_wait_p95 <= inf").contains("500ms"));
        assert!(complaint("user_wait_p95.saving >= 5%").contains("connector_calls.saving"));
    }
}
