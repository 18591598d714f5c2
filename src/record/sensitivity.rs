//! What a sensitivity analysis hands to the reports: what was uncertain, which points belong together, and how strongly each uncertain
//! value moves each measure.

use serde::{Deserialize, Serialize};

use crate::measures::Quantity;

/// A sensitivity analysis. Its points are those of the study, of which the first one is the scenario as assumed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SensitivityRecord {
    /// Which points belong together.
    pub design: SensitivityDesign,
    /// The uncertain values, in the order of the study's parameters.
    pub inputs: Vec<InputRecord>,
    /// What is measured at each point, as users write it.
    pub measures: Vec<String>,
    /// How strongly each uncertain value moves each measure; empty until the points are simulated.
    pub effects: Vec<EffectRecord>,
}

/// Which points belong together, by their numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SensitivityDesign {
    /// For each uncertain value the points at which it alone is not as assumed, in the order of its range.
    Tornado(Vec<Vec<usize>>),
    /// Trajectories on which each value changes once.
    Morris(Vec<PointTrajectory>),
    /// Saltelli's samples for Sobol's indices.
    Sobol {
        /// The first sample.
        a: Vec<usize>,
        /// The second one.
        b: Vec<usize>,
        /// For each uncertain value the first sample with that value of the second one.
        ab: Vec<Vec<usize>>,
        /// So many points after each other were drawn together.
        block: usize,
    },
}

/// The points of a trajectory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointTrajectory {
    /// Its points.
    pub points: Vec<usize>,
    /// For each step between two points the uncertain value that changes, and by which part of its range.
    pub steps: Vec<(usize, f64)>,
}

/// A value that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRecord {
    /// Path of its parameter; of several that always have the same value, one with a star in the place of what differs.
    pub parameter: String,
    /// What it is, in a few words, if the scenario says so.
    pub about: Option<String>,
    /// Where its range comes from.
    pub source: String,
    /// What is assumed.
    pub assumed: String,
    /// The values that it may have, or the ends of its range.
    pub range: Vec<String>,
}

/// How strongly an uncertain value moves a measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EffectRecord {
    /// Index of the measure.
    pub measure: usize,
    /// Index of the uncertain value.
    pub input: usize,
    /// Which effect it is.
    pub kind: EffectKind,
    /// The effect; `None` if it is not known.
    pub value: Option<f64>,
    /// From how many trajectories, points of a sample, or replications it comes.
    pub count: usize,
    /// Half of its 95 % interval; `None` if it has none.
    pub half_width: Option<f64>,
    /// The mean of the measure at each value that was tried, in their order; only of [`EffectKind::Swing`].
    pub tried: Vec<Option<f64>>,
}

/// A kind of effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectKind {
    /// By how much the measure changes from the first value that was tried to the last one; of listed values, from that with the
    /// lowest mean to that with the highest.
    Swing,
    /// μ*: the mean of the absolute values of the elementary effects.
    MuStar,
    /// μ: the mean of the elementary effects.
    Mu,
    /// σ: the standard deviation of the elementary effects.
    Sigma,
    /// Sobol's first-order index.
    FirstOrder,
    /// Sobol's total index.
    Total,
}

impl SensitivityRecord {
    /// What is measured at each point.
    ///
    /// # Panics
    ///
    /// If one of them is no measure.
    #[must_use]
    pub fn quantities(&self) -> Vec<Quantity> {
        self.measures.iter().map(|text| text.parse().expect("checked before it was recorded")).collect()
    }

    /// The effect by which uncertain values are compared.
    #[must_use]
    pub const fn main_effect(&self) -> EffectKind {
        match self.design {
            SensitivityDesign::Tornado(_) => EffectKind::Swing,
            SensitivityDesign::Morris(_) => EffectKind::MuStar,
            SensitivityDesign::Sobol { .. } => EffectKind::Total,
        }
    }

    /// The effect of this kind of an uncertain value on a measure, both by their indices.
    #[must_use]
    pub fn effect(&self, kind: EffectKind, measure: usize, input: usize) -> Option<&EffectRecord> {
        self.effects.iter().find(|of| (of.kind, of.measure, of.input) == (kind, measure, input))
    }
}

impl SensitivityDesign {
    /// The name of the method in results.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Tornado(_) => "tornado",
            Self::Morris(_) => "morris",
            Self::Sobol { .. } => "sobol",
        }
    }
}

impl EffectKind {
    /// Its name in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Swing => "swing",
            Self::MuStar => "mu-star",
            Self::Mu => "mu",
            Self::Sigma => "sigma",
            Self::FirstOrder => "first-order",
            Self::Total => "total",
        }
    }

    /// Whether it is a share of the variance, and not a change of the measure in its unit.
    #[must_use]
    pub const fn is_share_of_variance(self) -> bool {
        matches!(self, Self::FirstOrder | Self::Total)
    }
}
