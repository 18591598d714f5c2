//! The values of all measures in one run. A value is found by its measure, never by a position.

use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

use super::{ALL, MeasureId};

/// The value of each measure; `None` if the counters do not determine it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Values(Vec<Option<f64>>);

impl Values {
    /// Takes `value` of each measure.
    #[must_use]
    pub fn of(mut value: impl FnMut(MeasureId) -> Option<f64>) -> Self {
        // Results have no negative zero: adding 0 makes it positive.
        Self(ALL.iter().map(|measure| value(*measure).map(|value| value + 0.0)).collect())
    }

    /// Whether there is a place for each measure of this version. Values from a file may belong to another version and
    /// must not be indexed.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.0.len() == ALL.len()
    }

    /// Each measure with its value.
    pub fn iter(&self) -> impl Iterator<Item = (MeasureId, Option<f64>)> {
        ALL.iter().copied().zip(self.0.iter().copied())
    }
}

/// Values as read from a file of any version.
impl From<Vec<Option<f64>>> for Values {
    fn from(values: Vec<Option<f64>>) -> Self {
        Self(values)
    }
}

impl Index<MeasureId> for Values {
    type Output = Option<f64>;

    fn index(&self, measure: MeasureId) -> &Option<f64> {
        &self.0[measure.0 as usize]
    }
}

impl IndexMut<MeasureId> for Values {
    fn index_mut(&mut self, measure: MeasureId) -> &mut Option<f64> {
        &mut self.0[measure.0 as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_measure_has_its_own_place_and_definition() {
        let values = Values::of(|measure| Some(measure.name.len() as f64));
        assert!(values.is_whole() && !Values::from(vec![None]).is_whole());
        for &measure in ALL {
            assert_eq!(values[measure], Some(measure.name.len() as f64));
            assert_eq!(super::super::find(measure.name), Some(measure));
        }
        let zero = Values::of(|_| Some(-0.0));
        assert!(zero.iter().all(|(_, value)| value.is_some_and(f64::is_sign_positive)));
    }
}
