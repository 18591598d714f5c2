//! The numbers of a study: a measure of a point, over its replications.

use crate::measures::{self, Comparison, MeasureId, Needs};
use crate::record::{Observed, PointRecord, StudyRecord};
use crate::report::observations::{self, CONFIDENCE};
use crate::stats::{Estimate, saving_values};

/// What of a measure is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its value in the scenario as written.
    Value,
    /// Its value for the same users without `GTNet`.
    GtnetOff,
    /// 1 − value / value without `GTNet`.
    Saving,
    /// Value − value without `GTNet`.
    Difference,
}

/// A measure, and what of it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Number {
    /// The measure.
    pub measure: MeasureId,
    /// What of it.
    pub kind: Kind,
}

impl Kind {
    /// The kind as tables write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::GtnetOff => "gtnet-off",
            Self::Saving => "saving",
            Self::Difference => "difference",
        }
    }
}

impl Kind {
    /// Whether it says what `GTNet` changes.
    const fn is_change(self) -> bool {
        matches!(self, Self::Saving | Self::Difference)
    }
}

impl Number {
    pub(super) const fn new(measure: MeasureId, kind: Kind) -> Self {
        Self { measure, kind }
    }

    /// All numbers of studies with or without a baseline, in the order of the tables.
    pub(super) fn all(has_baseline: bool) -> Vec<Self> {
        let of_measure = |measure: &MeasureId| {
            let compared = match measure.comparison {
                Comparison::Saving => Some(Kind::Saving),
                Comparison::Difference => Some(Kind::Difference),
                Comparison::Nothing => None,
            };
            let compared = compared.filter(|_| has_baseline);
            let kinds = std::iter::once(Kind::Value).chain(compared.map(|_| Kind::GtnetOff)).chain(compared);
            kinds.map(|kind| Self::new(*measure, kind)).collect::<Vec<_>>()
        };
        measures::ALL.iter().flat_map(of_measure).collect()
    }

    /// Unit; `share` is a number from 0 to 1, and `1` a number without unit.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        match self.kind {
            Kind::Saving => "share",
            _ => self.measure.unit.symbol(),
        }
    }

    /// The number in one replication; `None` where the counters do not determine it.
    #[must_use]
    pub fn of(&self, observed: &Observed) -> Option<f64> {
        let with = || observed.measured[self.measure];
        let without = || observed.baseline.as_ref().and_then(|baseline| baseline[self.measure]);
        match self.kind {
            Kind::Value => with(),
            Kind::GtnetOff => without(),
            Kind::Difference => Some(with()? - without()?),
            Kind::Saving => {
                without().filter(|without| *without > 0.0).and_then(|without| Some(1.0 - with()? / without))
            }
        }
    }

    /// The number in every replication of a point. `None` if a replication does not determine it, if the queue is saturated,
    /// or if a change is incomplete because visits are unfinished.
    pub(super) fn values(&self, point: &PointRecord) -> Option<Vec<f64>> {
        self.first_values(point, point.replications.len())
    }

    /// The same for the first `count` replications.
    pub(super) fn first_values(&self, point: &PointRecord, count: usize) -> Option<Vec<f64>> {
        if (self.measure.needs == Needs::SteadyQueue) && is_saturated(point)
            || self.kind.is_change() && self.is_cut_off(point)
        {
            return None;
        }
        point.replications[..count].iter().map(|observed| self.of(observed)).collect()
    }

    /// One number for each of the first `count` replications, such that their mean is the number of all of them: of a
    /// saving, the jackknife's pseudo-values.
    pub(super) fn pseudo_values(&self, point: &PointRecord, count: usize) -> Option<Vec<f64>> {
        if self.kind != Kind::Saving {
            return self.first_values(point, count);
        }
        if self.is_cut_off(point) {
            return None;
        }
        let of = |kind| Self::new(self.measure, kind).first_values(point, count);
        saving_values(&of(Kind::Value)?, &of(Kind::GtnetOff)?)
    }

    /// Mean over the replications with its interval; of a saving, the jackknifed ratio of the means.
    #[must_use]
    pub fn estimate(&self, point: &PointRecord) -> Option<Estimate> {
        if self.kind != Kind::Saving {
            return Estimate::of(&self.values(point)?, CONFIDENCE);
        }
        if self.is_cut_off(point) {
            return None;
        }
        let with = Self::new(self.measure, Kind::Value).values(point)?;
        let without = Self::new(self.measure, Kind::GtnetOff).values(point)?;
        observations::saving(&with, &without)
    }

    /// Whether too many visits are unfinished in the run or runs that it is about, so that totals are incomplete.
    pub(super) fn is_cut_off(&self, point: &PointRecord) -> bool {
        let is_overloaded = |kind| {
            let share = Self::new(measures::VISITS_UNFINISHED_SHARE, kind);
            let shares = point.replications.iter().map(|observed| share.of(observed)).collect::<Vec<_>>();
            measures::is_overloaded(&shares)
        };
        let of_kinds: &[Kind] = match self.kind {
            Kind::Value => &[Kind::Value],
            Kind::GtnetOff => &[Kind::GtnetOff],
            Kind::Saving | Kind::Difference => &[Kind::Value, Kind::GtnetOff],
        };
        self.measure.needs == Needs::FinishedVisits && of_kinds.iter().any(|kind| is_overloaded(*kind))
    }
}

/// Whether the queue of some push-open server is never worked off.
pub(super) fn is_saturated(point: &PointRecord) -> bool {
    let share = Number::new(measures::SATURATED_SHARE, Kind::Value);
    measures::is_saturated(&point.replications.iter().map(|observed| share.of(observed)).collect::<Vec<_>>())
}

/// What a line of a sweep says of a point, with the titles of the columns.
pub(super) fn headline(record: &StudyRecord) -> Vec<(&'static str, Number)> {
    let value = |measure| Number::new(measure, Kind::Value);
    let saved = ("calls saved", Number::new(measures::CONNECTOR_CALLS, Kind::Saving));
    let others = [
        ("calls", value(measures::CONNECTOR_CALLS)),
        ("fresh", value(measures::FRESH_SHARE)),
        ("wait p95", value(measures::USER_WAIT_P95)),
        ("busiest server", value(measures::UTILISATION_MAX)),
    ];
    has_baseline(&record.points).then_some(saved).into_iter().chain(others).collect()
}

/// Whether any point was also simulated without `GTNet`.
pub(super) fn has_baseline(points: &[PointRecord]) -> bool {
    points.iter().flat_map(|point| &point.replications).any(|observed| observed.baseline.is_some())
}
