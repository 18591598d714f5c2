//! A quantity: which measure of which subject, and what of it is asked.

use super::{Comparison, MeasureId, Unit};

/// What a measure is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The whole network: all servers or all providers together.
    Network,
    /// The push-open server of this name.
    Server(String),
    /// The open server of this name.
    OpenServer(String),
    /// The data provider of this name.
    Provider(String),
}

/// What of a measure is asked. The two runs have the same users with the same luck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contrast {
    /// Its value in the scenario as written, with `GTNet`.
    Value,
    /// Its value without `GTNet`.
    GtnetOff,
    /// The first minus the second.
    Difference,
    /// 1 − first / second.
    Saving,
}

/// A measure of a subject, and what of it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// The measure.
    pub measure: MeasureId,
    /// Whose measure.
    pub subject: Subject,
    /// What of it is asked.
    pub contrast: Contrast,
}

impl Subject {
    /// The subject as results write it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Network => "all",
            Self::Server(name) | Self::OpenServer(name) | Self::Provider(name) => name,
        }
    }
}

impl Contrast {
    /// The contrast as results of studies write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::GtnetOff => "gtnet-off",
            Self::Difference => "difference",
            Self::Saving => "saving",
        }
    }

    /// Whether it says what `GTNet` changes, so that it needs both runs.
    #[must_use]
    pub const fn is_change(self) -> bool {
        matches!(self, Self::Difference | Self::Saving)
    }

    /// All that is asked of `measure` if both runs exist, in the order of the tables.
    pub fn compared(measure: MeasureId) -> impl Iterator<Item = Self> {
        let change = match measure.comparison {
            Comparison::Saving => Some(Self::Saving),
            Comparison::Difference => Some(Self::Difference),
            Comparison::Nothing => None,
        };
        std::iter::once(Self::Value).chain(change.map(|_| Self::GtnetOff)).chain(change)
    }

    /// The runs that it is computed from.
    #[must_use]
    pub const fn runs(self) -> &'static [Self] {
        match self {
            Self::Value => &[Self::Value],
            Self::GtnetOff => &[Self::GtnetOff],
            Self::Difference | Self::Saving => &[Self::Value, Self::GtnetOff],
        }
    }
}

impl Quantity {
    /// The value of `measure` for the whole network.
    #[must_use]
    pub const fn value(measure: MeasureId) -> Self {
        Self::of_network(measure, Contrast::Value)
    }

    /// The saving of `measure` for the whole network.
    #[must_use]
    pub const fn saving(measure: MeasureId) -> Self {
        Self::of_network(measure, Contrast::Saving)
    }

    /// `contrast` of `measure` for the whole network.
    #[must_use]
    pub const fn of_network(measure: MeasureId, contrast: Contrast) -> Self {
        Self { measure, subject: Subject::Network, contrast }
    }

    /// Everything that can be asked about the whole network, in the order of the tables.
    #[must_use]
    pub fn all_of_network(has_baseline: bool) -> Vec<Self> {
        let contrasts = |measure| Contrast::compared(measure).filter(move |of| has_baseline || *of == Contrast::Value);
        let of_measure = |&measure: &MeasureId| contrasts(measure).map(move |of| Self::of_network(measure, of));
        super::ALL.iter().flat_map(of_measure).collect()
    }

    /// What it is, in a few words for people: `provider calls saved`.
    #[must_use]
    pub fn spoken(&self) -> String {
        let saved = if self.contrast == Contrast::Saving { " saved" } else { "" };
        format!("{}{saved}", self.measure.spoken)
    }

    /// The name with the unit, as tables head a column of its values.
    #[must_use]
    pub fn column(&self) -> String {
        match self.contrast {
            Contrast::Saving => format!("{}_saving_share", self.measure.name),
            _ => self.measure.column(),
        }
    }

    /// Its unit.
    #[must_use]
    pub fn unit(&self) -> Unit {
        if self.contrast == Contrast::Saving { Unit::Share } else { self.measure.unit }
    }
}
