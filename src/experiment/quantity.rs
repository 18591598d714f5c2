//! What a search or a stopping rule looks at, as users write it: `user_wait_p95`, `connector_calls.saving`.

use std::fmt;
use std::str::FromStr;

use crate::measures::{self, Aggregate, Comparison, MeasureId, Needs, Unit};
use crate::record::Observed;
use crate::stats::saving_values;

/// A number of every replication: the value of a measure, or what `GTNet` saves of it.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    measure: MeasureId,
    saving: bool,
}

impl Quantity {
    /// The value of `measure`.
    #[must_use]
    pub const fn value(measure: MeasureId) -> Self {
        Self { measure, saving: false }
    }

    /// 1 − value with `GTNet` / value without.
    #[must_use]
    pub const fn saving(measure: MeasureId) -> Self {
        Self { measure, saving: true }
    }

    /// Whether it needs a run without `GTNet`.
    #[must_use]
    pub const fn is_saving(&self) -> bool {
        self.saving
    }

    /// One number of each replication, whose mean and t interval are those that tables give. For a saving these are the
    /// pseudo-values of the jackknife, as the saving of all is not the mean of the savings of each. `None` if a replication
    /// does not determine it, if the queue is saturated, or if too many visits are unfinished.
    #[must_use]
    pub fn values(&self, replications: &[Observed]) -> Option<Vec<f64>> {
        if self.is_endless(replications) || self.is_cut_off(replications) {
            return None;
        }
        self.counted(replications)
    }

    /// Lower bounds when visits are unfinished: one number of each replication, of calls and load only.
    #[must_use]
    pub fn at_least(&self, replications: &[Observed]) -> Option<Vec<f64>> {
        if self.saving || self.measure.aggregate == Aggregate::Level { None } else { self.counted(replications) }
    }

    fn counted(&self, replications: &[Observed]) -> Option<Vec<f64>> {
        let with: Vec<f64> =
            replications.iter().map(|observed| observed.measured[self.measure]).collect::<Option<_>>()?;
        if !self.saving {
            return Some(with);
        }
        let without =
            replications.iter().map(|observed| observed.baseline.as_ref().and_then(|baseline| baseline[self.measure]));
        saving_values(&with, &without.collect::<Option<Vec<f64>>>()?)
    }

    /// In how many of `replications` it grows for as long as one looks: the queue of a saturated server, and waits of which
    /// too many have not ended when the run does.
    #[must_use]
    pub fn endless(&self, replications: &[Observed]) -> usize {
        let above = |measure, most: f64| {
            let values = replications.iter().filter_map(|observed| observed.measured[measure]);
            values.filter(|value| *value > most).count()
        };
        match self.measure.needs {
            _ if self.saving => 0,
            Needs::SteadyQueue => above(measures::SATURATED_SHARE, 0.0),
            Needs::EndedWaits(most) => above(measures::VISITS_UNFINISHED_SHARE, most),
            Needs::FinishedVisits | Needs::Nothing => 0,
        }
    }

    /// Whether its mean is more than any number, as it grows in enough of `replications`: of a queue, in half of them; of
    /// waits, in any.
    #[must_use]
    pub fn is_endless(&self, replications: &[Observed]) -> bool {
        let endless = self.endless(replications);
        endless > 0 && (2 * endless >= replications.len() || self.measure.needs != Needs::SteadyQueue)
    }

    /// Whether too many visits are unfinished, so that totals are incomplete; of a saving, also those without `GTNet`.
    fn is_cut_off(&self, replications: &[Observed]) -> bool {
        let at = measures::VISITS_UNFINISHED_SHARE;
        let with: Vec<Option<f64>> = replications.iter().map(|observed| observed.measured[at]).collect();
        let without = |observed: &Observed| observed.baseline.as_ref().and_then(|baseline| baseline[at]);
        let is_cut_off_without = || measures::is_overloaded(&replications.iter().map(without).collect::<Vec<_>>());
        self.measure.needs == Needs::FinishedVisits
            && (measures::is_overloaded(&with) || self.saving && is_cut_off_without())
    }

    /// Its unit.
    #[must_use]
    pub fn unit(&self) -> Unit {
        if self.saving { Unit::Share } else { self.measure.unit }
    }

    /// The number that `text` says in this quantity's unit: `2s`, `500ms`, `5%`, `0.05`, `1200`, `1200 1/d`.
    ///
    /// # Errors
    ///
    /// What is wrong, and how it could be written.
    pub fn number(&self, text: &str) -> Result<f64, String> {
        // Suffix, factor, and by how many places the decimal point moves.
        let own = [(self.unit().symbol(), 1.0, 0), ("", 1.0, 0)];
        let units: &[(&str, f64, i32)] = match self.unit() {
            Unit::Seconds => &[("ms", 1.0, -3), ("min", 60.0, 0), ("s", 1.0, 0), ("h", 3_600.0, 0), ("d", 86_400.0, 0)],
            Unit::Share => &[("%", 1.0, -2), ("", 1.0, 0)],
            // That is no unit, only the absence of one.
            Unit::Number => &own[1..],
            _ => &own,
        };
        let text = text.trim();
        let parsed = units.iter().find_map(|&(suffix, factor, places)| {
            let number: f64 = text.strip_suffix(suffix)?.trim().parse().ok()?;
            number.is_finite().then(|| moved(number * factor, places))
        });
        parsed.ok_or_else(|| {
            let example = match self.unit() {
                Unit::Seconds => "2s, 500ms or 20min".to_owned(),
                Unit::Share => "5% or 0.05".to_owned(),
                Unit::Number => "a plain number such as 100".to_owned(),
                unit => format!("a number such as 100, or `100 {}`", unit.symbol()),
            };
            format!("`{text}` is no value of {self}, whose unit is {}; write {example}", self.unit().symbol())
        })
    }
}

/// `number` with its decimal point moved by `places`, as on paper: 0.29 × 100 is 28.999999999999996, and 29 is what was meant.
fn moved(number: f64, places: i32) -> f64 {
    let written = format!("{number:e}");
    let (digits, exponent) = written.split_once('e').expect("an exponent was asked for");
    let exponent: i32 = exponent.parse().expect("an exponent is whole");
    format!("{digits}e{}", exponent + places).parse().expect("a number was written")
}

impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.measure.name, if self.saving { ".saving" } else { "" })
    }
}

impl FromStr for Quantity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (name, saving) = text.strip_suffix(".saving").map_or((text, false), |name| (name, true));
        let measure = measures::find(name).ok_or_else(|| unknown(name))?;
        if saving && measure.comparison != Comparison::Saving {
            let having = measures::ALL.iter().filter(|measure| measure.comparison == Comparison::Saving);
            let having: Vec<String> = having.map(|measure| format!("{}.saving", measure.name)).collect();
            return Err(format!("`{name}` has no saving; those that have: {}", having.join(", ")));
        }
        Ok(Self { measure, saving })
    }
}

/// `no measure is called …`, with the one that was probably meant, or all.
fn unknown(name: &str) -> String {
    let likeness = |measure: &&MeasureId| strsim::damerau_levenshtein(measure.name, name);
    let nearest = measures::ALL.iter().min_by_key(likeness).expect("there are measures");
    if likeness(&nearest) <= 3 {
        return format!("no measure is called `{name}`; did you mean `{}`?", nearest.name);
    }
    let all: Vec<&str> = measures::ALL.iter().map(|measure| measure.name).collect();
    format!("no measure is called `{name}`; there are {}", all.join(", "))
}

/// A condition on the mean of a quantity: `user_wait_p95 <= 2s`.
#[derive(Clone, Copy, Debug)]
pub struct Objective {
    /// What it is about.
    pub quantity: Quantity,
    /// Whether it shall be at most the limit, or else at least.
    pub at_most: bool,
    /// The limit, in the quantity's unit.
    pub limit: f64,
}

impl FromStr for Objective {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides = [("<=", true), (">=", false)]
            .into_iter()
            .find_map(|(operator, at_most)| text.split_once(operator).map(|(left, right)| (left, at_most, right)));
        let (left, at_most, right) =
            sides.ok_or_else(|| format!("`{text}` is no objective; write one such as \"user_wait_p95 <= 2s\""))?;
        let quantity: Quantity = left.parse()?;
        let limit = quantity.number(right)?;
        if quantity.unit() == Unit::Share && limit > 1.0 {
            let remedy =
                if limit <= 100.0 && !right.contains('%') { format!("; write {limit}%") } else { String::new() };
            return Err(format!("{quantity} is a share, and never more than 100 %{remedy}"));
        }
        Ok(Self { quantity, at_most, limit })
    }
}

/// Shards are joined by what is written here, so that it reads back as the same objective.
impl fmt::Display for Objective {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operator = if self.at_most { "<=" } else { ">=" };
        let unit = match self.quantity.unit() {
            // A share of 17 digits need not survive the way to percent and back.
            Unit::Share if moved(moved(self.limit, 2), -2).to_bits() == self.limit.to_bits() => {
                return write!(formatter, "{} {operator} {}%", self.quantity, moved(self.limit, 2));
            }
            Unit::Number | Unit::Share => return write!(formatter, "{} {operator} {}", self.quantity, self.limit),
            unit => unit.symbol(),
        };
        write!(formatter, "{} {operator} {} {unit}", self.quantity, self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::Values;
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
            let saving = saving && measure.comparison == Comparison::Saving;
            let quantity = Quantity { measure, saving };
            let limit = if quantity.unit() == Unit::Share { limit.min(1.0) } else { limit };
            let written = Objective { quantity, at_most, limit }.to_string();
            let read: Objective = written.parse().map_err(TestCaseError::fail)?;
            prop_assert_eq!(read.to_string(), written);
            prop_assert_eq!((read.quantity.to_string(), read.at_most), (quantity.to_string(), at_most));
            prop_assert_eq!(read.limit.to_bits(), limit.to_bits());
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

    #[test]
    fn a_saving_needs_a_baseline() {
        let quantity: Quantity = "connector_calls.saving".parse().expect("a quantity");
        let mut values = Values::of(|_| None);
        values[measures::CONNECTOR_CALLS] = Some(30.0);
        let mut baseline = values.clone();
        baseline[measures::CONNECTOR_CALLS] = Some(40.0);
        let observed = |baseline| Observed { measured: values.clone(), baseline };
        let with = observed(Some(baseline));
        assert_eq!(quantity.values(&[with.clone(), with]), Some(vec![0.25, 0.25]));
        assert_eq!(quantity.values(&[observed(None)]), None);
    }

    /// The saving of both together, not the mean of 90 % and 10 %.
    #[test]
    fn values_of_a_saving_are_those_of_the_tables() {
        let quantity: Quantity = "connector_calls.saving".parse().expect("a quantity");
        let calls = |number: f64| {
            let mut values = Values::of(|_| None);
            values[measures::CONNECTOR_CALLS] = Some(number);
            values
        };
        let observed = [(1.0, 10.0), (90.0, 100.0)]
            .map(|(with, off)| Observed { measured: calls(with), baseline: Some(calls(off)) });
        assert_eq!(quantity.values(&observed), saving_values(&[1.0, 90.0], &[10.0, 100.0]));
        assert_eq!(Quantity::value(measures::CONNECTOR_CALLS).values(&observed), Some(vec![1.0, 90.0]));
    }
}
