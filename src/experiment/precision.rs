//! As many replications as the wanted precision takes, within a budget.

use std::str::FromStr;

use crate::measures;
use crate::stats::{Estimate, Precision, looks};

use super::{Quantity, Study, StudyError};

/// Confidence of the intervals that shall be narrow enough.
const CONFIDENCE: f64 = 0.95;

/// How precise the mean of a quantity shall be: `user_wait_p95=5%`, `price_age_p50=10s`; `5%` alone is the relative precision
/// of the calls, of the share of fresh prices and of the 95 % quantile of waiting.
#[derive(Clone, Debug)]
pub struct PrecisionGoal {
    quantities: Vec<Quantity>,
    precision: Precision,
}

impl PrecisionGoal {
    /// Whether the first `count` replications of a point reach it; more may be known from an earlier study.
    fn is_reached(&self, study: &Study<'_>, point: usize, count: u32) -> bool {
        self.quantities.iter().all(|quantity| {
            let replications = study.replications(point);
            let looked_at = replications.iter().take(count as usize);
            let values: Option<Vec<f64>> = looked_at.map(|observed| quantity.of(observed)).collect();
            // What some replications cannot tell, more of them will not tell either.
            let Some(values) = values else { return true };
            Estimate::of(&values, CONFIDENCE).is_some_and(|estimate| self.precision.is_reached(&estimate))
        })
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
            Ok(Self { quantities, precision })
        } else {
            Err(format!("`{text}`: a precision is more than 0"))
        }
    }
}

/// Simulates replications of every point until all `goals` are reached for it, at preset looks from its number in `first` on,
/// or until it has `budget` of them; returns how many each point has got.
///
/// # Errors
///
/// See [`Study::simulate`].
pub fn simulate_until_precise(
    study: &mut Study<'_>,
    goals: &[PrecisionGoal],
    first: &[u32],
    budget: u32,
    on_done: &(dyn Fn() + Sync),
) -> Result<Vec<u32>, StudyError> {
    let mut looks: Vec<_> = first.iter().map(|&first| looks(first, budget.max(first)).into_iter()).collect();
    let mut wanted: Vec<u32> = looks.iter_mut().map(|looks| looks.next().unwrap_or(0)).collect();
    loop {
        study.simulate(&wanted, on_done)?;
        let mut goes_on = false;
        for (point, looks) in looks.iter_mut().enumerate() {
            if goals.iter().all(|goal| goal.is_reached(study, point, wanted[point])) {
                continue;
            }
            if let Some(next) = looks.next() {
                wanted[point] = next;
                goes_on = true;
            }
        }
        if !goes_on {
            return Ok(wanted);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(text: &str) -> Result<(String, Precision), String> {
        let goal: PrecisionGoal = text.parse()?;
        let names: Vec<String> = goal.quantities.iter().map(ToString::to_string).collect();
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
}
