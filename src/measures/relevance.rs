//! Which differences matter to users: each measure has a least one, and users may say another. It
//! changes no measured value, only what is said of it: the verdict, the law of a curve, and how many replications would decide.

use serde::{Deserialize, Serialize};

use super::{Contrast, Matters, MeasureId, Quantity, Unit};

impl Quantity {
    /// The smallest difference of it that matters, unless users say otherwise. Of all savings it is one point.
    #[must_use]
    pub fn matters(&self) -> Matters {
        if self.contrast == Contrast::Saving { Matters::Absolute(0.01) } else { self.measure.matters }
    }
}

/// What matters to users, where it is not what the measures say: `user_wait_p95=100ms`, `connector_calls=2%`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Relevance {
    sayings: Vec<Saying>,
}

#[derive(Clone, Debug, PartialEq)]
struct Saying {
    text: String,
    measure: MeasureId,
    is_saving: bool,
    matters: Matters,
}

impl Relevance {
    /// What `texts` say, each `QUANTITY=DIFFERENCE`.
    ///
    /// # Errors
    ///
    /// What is wrong with one of them, and how it could be written.
    pub fn parse(texts: &[String]) -> Result<Self, String> {
        Ok(Self { sayings: texts.iter().map(|text| said(text)).collect::<Result<_, _>>()? })
    }

    /// The smallest difference of `quantity` from `reference` that matters.
    #[must_use]
    pub fn least(&self, quantity: &Quantity, reference: f64) -> f64 {
        self.matters(quantity).from(reference)
    }

    /// The smallest difference of `quantity` that matters, whatever it is compared with; `None` if that is a share of it.
    #[must_use]
    pub fn fixed(&self, quantity: &Quantity) -> Option<f64> {
        match self.matters(quantity) {
            Matters::Absolute(least) => Some(least),
            Matters::Relative(_) => None,
        }
    }

    fn matters(&self, quantity: &Quantity) -> Matters {
        let is_saving = quantity.contrast == Contrast::Saving;
        let is_meant = |said: &&Saying| said.measure == quantity.measure && said.is_saving == is_saving;
        self.sayings.iter().rfind(is_meant).map_or_else(|| quantity.matters(), |said| said.matters)
    }
}

fn said(text: &str) -> Result<Saying, String> {
    let parts = text.split_once('=');
    let (name, difference) =
        parts.ok_or_else(|| format!("`{text}` does not say what matters; write user_wait_p95=100ms"))?;
    let quantity: Quantity = name.parse()?;
    let percent = difference.trim().strip_suffix('%').and_then(|percent| percent.trim().parse::<f64>().ok());
    // Of a share, 2% are two points.
    let matters = match percent {
        Some(percent) if quantity.unit() != Unit::Share => Matters::Relative(percent / 100.0),
        _ => Matters::Absolute(quantity.number(difference)?),
    };
    let (Matters::Absolute(least) | Matters::Relative(least)) = matters;
    if !(least.is_finite() && least > 0.0) {
        return Err(format!("`{text}`: what matters is more than 0"));
    }
    let is_saving = quantity.contrast == Contrast::Saving;
    Ok(Saying { text: text.to_owned(), measure: quantity.measure, is_saving, matters })
}

impl TryFrom<Vec<String>> for Relevance {
    type Error = String;

    fn try_from(texts: Vec<String>) -> Result<Self, String> {
        Self::parse(&texts)
    }
}

impl From<Relevance> for Vec<String> {
    fn from(relevance: Relevance) -> Self {
        relevance.sayings.into_iter().map(|said| said.text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::{CONNECTOR_CALLS, FRESH_SHARE, USER_WAIT_P95};

    fn relevance(texts: &[&str]) -> Result<Relevance, String> {
        Relevance::parse(&texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn users_say_what_matters_in_units_or_in_percent() {
        let own = relevance(&["user_wait_p95=250ms", "connector_calls=2%", "price_fresh_share=3%"]).expect("sayings");
        let least = |measure, reference| own.least(&Quantity::value(measure), reference);
        assert_eq!((least(USER_WAIT_P95, 9.0), least(CONNECTOR_CALLS, 500.0)), (0.25, 10.0));
        assert!((least(FRESH_SHARE, 0.9) - 0.03).abs() < 1e-12, "points");
        let saving = own.least(&Quantity::saving(CONNECTOR_CALLS), 0.35);
        assert!((saving - 0.01).abs() < 1e-12, "that is another quantity");
        let texts: Vec<String> = own.clone().into();
        assert_eq!(Relevance::try_from(texts), Ok(own));
    }

    #[test]
    fn what_is_no_difference_is_refused() {
        for wrong in ["user_wait_p95", "user_wait_p95=0s", "waiting=1s", "user_wait_p95=-1s", "connector_calls=x%"] {
            assert!(relevance(&[wrong]).is_err(), "{wrong}");
        }
    }
}
