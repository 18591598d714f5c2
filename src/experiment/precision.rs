//! Asks for replications until the means are as precise as wanted, within a budget.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::inference::{Observations, Quantity};
use crate::measures;
use crate::record::UnitRecord;
use crate::stats::{Estimate, Precision, looks};

use super::as_text;
use super::replications::Replications;

/// No precision is judged on fewer replications than these. The variance of a handful is too often too small: the rule
/// would stop too early, and its interval would miss the truth too often.
const FIRST_LOOK: u32 = 10;

/// How precise the mean of a quantity must be: `user_wait_p95=5%`, `price_age_p50=10s`. `5%` alone stands for that
/// relative precision of three quantities: the calls, the share of fresh prices, and the 95 % quantile of waiting.
#[derive(Clone, Debug)]
pub struct PrecisionGoal {
    text: String,
    quantities: Vec<Quantity>,
    precision: Precision,
}

/// Which means must be precise, and how many replications of a point that may cost.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PrecisionPlan {
    /// The precisions to reach.
    pub goals: Vec<PrecisionGoal>,
    /// The most replications of a point for the sake of precision.
    pub budget: u32,
    /// Whether all points get as many replications as the one that needs most, so that they can be paired.
    pub together: bool,
}

/// A precision that was not reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Shortfall {
    /// Index of the point.
    pub point: usize,
    /// The quantity, as users write it.
    pub quantity: String,
    /// Its unit.
    pub unit: &'static str,
    /// The precision that was wanted.
    pub wanted: Precision,
    /// The estimate that is not precise enough. `None`: a replication does not determine the quantity, so that more
    /// replications would not help.
    pub estimate: Option<Estimate>,
}

impl PrecisionGoal {
    /// Whether the goal needs runs without `GTNet`.
    #[must_use]
    pub fn needs_baseline(&self) -> bool {
        self.quantities.iter().any(|quantity| quantity.contrast.is_change())
    }

    /// Which of its quantities `replications` do not tell precisely, with what they tell.
    fn missed(&self, units: &[UnitRecord]) -> Vec<(&Quantity, Option<Estimate>)> {
        let observations = Observations::of_units(units);
        let estimate = |quantity: &Quantity| quantity.answer(&observations).known();
        let all = self.quantities.iter().map(|quantity| (quantity, estimate(quantity)));
        all.filter(|(_, estimate)| estimate.is_none_or(|estimate| !self.precision.is_reached(&estimate))).collect()
    }
}

impl FromStr for PrecisionGoal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, width) = text.rsplit_once('=').map_or((None, text), |(name, width)| (Some(name), width));
        let relative = width.strip_suffix('%').and_then(|percent| percent.trim().parse::<f64>().ok());
        let quantities: Vec<Quantity> = match name {
            Some(name) => vec![name.parse()?],
            None => {
                [measures::CONNECTOR_CALLS, measures::FRESH_SHARE, measures::USER_WAIT_P95].map(Quantity::value).into()
            }
        };
        let precision = match (relative, name) {
            (Some(percent), _) => Precision::Relative(percent / 100.0),
            (None, Some(_)) => Precision::Absolute(quantities[0].number(width)?),
            (None, None) => {
                return Err(format!("`{text}` is no precision; write 5%, user_wait_p95=5% or user_wait_p95=100ms"));
            }
        };
        let (Precision::Relative(width) | Precision::Absolute(width)) = precision;
        if width.is_finite() && width > 0.0 {
            Ok(Self { text: text.to_owned(), quantities, precision })
        } else {
            Err(format!("`{text}`: a precision is more than 0"))
        }
    }
}

impl fmt::Display for PrecisionGoal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Serialize for PrecisionGoal {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        as_text::serialize(self, to)
    }
}

impl<'d> Deserialize<'d> for PrecisionGoal {
    fn deserialize<D: Deserializer<'d>>(from: D) -> Result<Self, D::Error> {
        as_text::deserialize(from)
    }
}

impl PrecisionPlan {
    /// The most replications that a point can get if it wants at least `first`.
    #[must_use]
    pub fn most(&self, first: u32) -> u32 {
        self.budget.max(first)
    }

    /// Asks for replications in steps that are fixed beforehand, from `wanted` on, until all goals are reached or the
    /// budget is spent. Returns how many replications each point has got, and which precisions were not reached.
    pub(super) fn carry_out<R: Replications>(
        &self,
        source: &mut R,
        wanted: &[u32],
    ) -> Result<(Vec<u32>, Vec<Shortfall>), R::Error> {
        let looks_of = |&first: &u32| looks(first.max(FIRST_LOOK.min(self.budget)), self.most(first)).into_iter();
        let mut looks: Vec<_> = wanted.iter().map(looks_of).collect();
        let mut wanted: Vec<u32> = looks.iter_mut().map(|looks| looks.next().unwrap_or(0)).collect();
        loop {
            source.provide(&wanted)?;
            let shortfalls: Vec<Vec<Shortfall>> = (0..source.points())
                .map(|point| self.shortfalls(point, &source.replications(point, wanted[point])))
                .collect();
            // If a replication does not determine a quantity, more of them will not either.
            let would_help = |point: &[Shortfall]| point.iter().any(|shortfall| shortfall.estimate.is_some());
            let any = shortfalls.iter().any(|point| would_help(point));
            let mut goes_on = false;
            for (point, looks) in looks.iter_mut().enumerate() {
                if would_help(&shortfalls[point]) || self.together && any {
                    let next = looks.next();
                    goes_on |= next.is_some();
                    wanted[point] = next.unwrap_or(wanted[point]);
                }
            }
            if !goes_on {
                return Ok((wanted, shortfalls.into_iter().flatten().collect()));
            }
        }
    }

    fn shortfalls(&self, point: usize, replications: &[UnitRecord]) -> Vec<Shortfall> {
        let shortfalls = |goal: &PrecisionGoal| {
            let missed = goal.missed(replications).into_iter().map(|(quantity, estimate)| Shortfall {
                point,
                quantity: quantity.to_string(),
                unit: quantity.unit().symbol(),
                wanted: goal.precision,
                estimate,
            });
            missed.collect::<Vec<_>>()
        };
        self.goals.iter().flat_map(shortfalls).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Gathered;
    use crate::record::support::no_histograms;
    use crate::record::{Observed, UnitRecord};

    fn goal(text: &str) -> Result<(String, Precision), String> {
        let goal: PrecisionGoal = text.parse()?;
        let names: Vec<String> = goal.quantities.iter().map(ToString::to_string).collect();
        assert_eq!(goal.to_string(), text);
        Ok((names.join(" "), goal.precision))
    }

    #[test]
    fn goals_are_relative_or_absolute() {
        let default = "connector_calls price_fresh_share user_wait_p95".to_owned();
        assert_eq!(goal("5%"), Ok((default, Precision::Relative(0.05))));
        assert_eq!(goal("user_wait_p95=100ms"), Ok(("user_wait_p95".to_owned(), Precision::Absolute(0.1))));
        assert_eq!(
            goal("connector_calls.saving=2%"),
            Ok(("connector_calls.saving".to_owned(), Precision::Relative(0.02)))
        );
        for wrong in ["5", "0%", "-1%", "user_wait_p95=", "waiting=5%", "user_wait_p95=5 calls"] {
            assert!(goal(wrong).is_err(), "{wrong}");
        }
    }

    /// Points whose mean age of prices is 10 s give or take its deviation; `None` where it is not determined.
    fn points(deviations: &[Option<f64>]) -> Gathered {
        let unit = |observed| UnitRecord { observed, detail: no_histograms() };
        let replication = |deviation: Option<f64>, number: u32| {
            let mut measured = measures::Values::of(|_| None);
            measured[measures::PRICE_AGE_MEAN] =
                deviation.map(|deviation| if number.is_multiple_of(2) { 10.0 + deviation } else { 10.0 - deviation });
            Observed { measured, baseline: None }
        };
        let point = |deviation: &Option<f64>| (0..200).map(|number| unit(replication(*deviation, number))).collect();
        Gathered { units: deviations.iter().map(point).collect() }
    }

    fn plan(budget: u32, together: bool) -> PrecisionPlan {
        let goals = vec!["price_age_mean=5%".parse().expect("a goal")];
        PrecisionPlan { goals, budget, together }
    }

    fn carried_out(plan: &PrecisionPlan, deviations: &[Option<f64>]) -> (Vec<u32>, Vec<Shortfall>) {
        let wanted = vec![3; deviations.len()];
        let Ok(outcome) = plan.carry_out(&mut points(deviations), &wanted);
        outcome
    }

    #[test]
    fn each_point_gets_what_it_needs() {
        // The half-width, t · s / √n, must be at most 10 s · 0.05 / 1.05; with s = 2 that takes at least 68
        // replications.
        let (got, shortfalls) = carried_out(&plan(200, false), &[Some(0.001), Some(2.0)]);
        assert_eq!((got, shortfalls), (vec![10, 80], Vec::new()));
    }

    #[test]
    fn points_that_are_paired_get_the_same() {
        assert_eq!(carried_out(&plan(200, true), &[Some(0.001), Some(2.0)]).0, [80, 80]);
    }

    #[test]
    fn what_is_not_reached_is_told() {
        let (got, shortfalls) = carried_out(&plan(40, false), &[Some(0.001), Some(2.0), None]);
        assert_eq!(got, [10, 40, 10], "what is not determined is not looked for");
        let [short, unknown] = shortfalls.as_slice() else { panic!("two fall short: {shortfalls:?}") };
        assert_eq!((short.point, short.quantity.as_str(), short.estimate.is_some()), (1, "price_age_mean", true));
        assert_eq!((unknown.point, unknown.estimate), (2, None));
    }

    #[test]
    fn a_small_budget_is_kept() {
        assert_eq!(carried_out(&plan(5, false), &[Some(2.0)]).0, [5]);
    }
}
