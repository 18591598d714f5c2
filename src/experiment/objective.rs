//! What a search looks for.

pub use crate::measures::Condition as Objective;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::Quantity;
    use crate::measures::Unit;
    use crate::inference::Contrast;
    use crate::measures::{self, Comparison};
    use proptest::prelude::*;

    proptest! {
        /// Every quantity that can be sought, any limit.
        #[test]
        fn an_objective_reads_back_as_it_was(
            measure in prop::sample::select(measures::ALL),
            saving in any::<bool>(),
            at_most in any::<bool>(),
            limit in prop_oneof![prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO, 0.0..1.0_f64, (0_u32..9_999).prop_map(f64::from)],
        ) {
            let contrast =
                if saving && measure.comparison == Comparison::Saving { Contrast::Saving } else { Contrast::Value };
            let quantity = Quantity::of_network(measure, contrast);
            let limit = if quantity.unit() == Unit::Share { limit.min(1.0) } else { limit };
            let written = Objective { quantity: quantity.clone(), at_most, limit }.to_string();
            let read: Objective = written.parse().map_err(TestCaseError::fail)?;
            prop_assert_eq!(read.to_string(), written);
            prop_assert_eq!((read.quantity.to_string(), read.at_most), (quantity.to_string(), at_most));
            prop_assert_eq!(read.limit.to_bits(), limit.to_bits());
        }

        /// A precision is kept as the user wrote it, and means the same when it is read again.
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
        text.parse::<Objective>().map(|objective| (objective.to_string(), objective.limit))
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
