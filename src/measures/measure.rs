//! Defines what a measure is. The record of a measure holds all its properties, so that no code compares names.

use crate::metrics::{ConnectorMeasurements, FaultEffects, Measurements, ServerMeasurements, Spending};
use crate::time::SimDuration;

use super::{HistogramKind, MeasureId, quantile};

/// A number that is computed from the counters of one replication.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Name, as results write it.
    pub name: &'static str,
    /// What it is, in a few words for people.
    pub spoken: &'static str,
    /// Unit of its values.
    pub unit: Unit,
    /// Definition of the number, in one sentence.
    pub definition: &'static str,
    /// How it is compared with the same users without `GTNet`.
    pub comparison: Comparison,
    /// Whether a lower or a higher value is better.
    pub better: Better,
    /// Whether the measure is an amount that adds up.
    pub aggregate: Aggregate,
    /// What a run must have for the measure to have its value.
    pub needs: Needs,
    /// The counters that it is computed from, and the formula.
    pub source: Source,
    /// The smallest difference that matters.
    pub matters: Matters,
}

/// Which of two values of a measure is better for a network, all else being equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The lower one: waiting, age, load, failures.
    Lower,
    /// The higher one.
    Higher,
    /// Neither: it depends on what one wants.
    Neither,
}

/// How a measure is compared with the same users without `GTNet`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It has no meaning without `GTNet`, or is the same by construction.
    Nothing,
    /// Value with `GTNet` minus value without.
    Difference,
    /// 1 − value with `GTNet` / value without; it does not exist if the latter is zero.
    Saving,
}

/// Whether a measure adds up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// It is an amount in a given time, such as calls or load. If something is not counted, the measure is a lower bound.
    Sum,
    /// It is a mean, a quantile or a share. Whatever is not counted could have moved it either way.
    Level,
}

/// What a run must have for a measure to have its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Needs {
    /// Nothing. Even an overloaded network tells who visits and who waits in vain.
    Nothing,
    /// Nearly all visits end. The measure is about their consequences (calls, messages, load, ages of the prices shown),
    /// which are counted when they happen.
    FinishedVisits,
    /// A queue in balance. If a queue grows without end, neither its length nor the waiting in it has a mean.
    SteadyQueue,
    /// At most this share of the waits is unfinished when the run ends. If more are, the quantile is longer than any
    /// wait that the run has seen.
    EndedWaits(f64),
}

/// Unit of a measure's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Time.
    Seconds,
    /// A number from 0 to 1.
    Share,
    /// A number without unit.
    Number,
    /// Instruments.
    Instruments,
    /// A rate \[1/s\].
    PerSecond,
    /// A rate \[1/min\].
    PerMinute,
    /// A rate \[1/h\].
    PerHour,
    /// A rate \[1/d\].
    PerDay,
    /// Bytes a second.
    BytesPerSecond,
    /// Ten-thousandths.
    BasisPoints,
    /// An amount of money in a month \[1/month\].
    PerMonth,
}

impl Unit {
    /// The unit as results write it; `share` is a number from 0 to 1, and `1` a number without unit.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Share => "share",
            Self::Number => "1",
            Self::Instruments => "instruments",
            Self::PerSecond => "1/s",
            Self::PerMinute => "1/min",
            Self::PerHour => "1/h",
            Self::PerDay => "1/d",
            Self::BytesPerSecond => "B/s",
            Self::BasisPoints => "bp",
            Self::PerMonth => "1/month",
        }
    }

    /// What follows a number in this unit in texts for people, the space before it included.
    #[must_use]
    pub const fn spoken(self) -> &'static str {
        match self {
            Self::Seconds => " s",
            Self::Share => " %",
            Self::Number => "",
            Self::Instruments => " instruments",
            Self::PerSecond => " a second",
            Self::PerMinute => " a minute",
            Self::PerHour => " an hour",
            Self::PerDay => " a day",
            Self::BytesPerSecond => " bytes a second",
            Self::BasisPoints => " basis points",
            Self::PerMonth => " a month",
        }
    }
}

/// The counters from which a measure is computed, with the formula. The formula gives `None` if the counters do not
/// determine the number, as with a quantile of too few values.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// All measurements of the period.
    Period(fn(&Measurements) -> Option<f64>),
    /// A set of push-open servers, and the length of the period: the measure exists for each server alone and for all
    /// together.
    Servers(fn(&[ServerMeasurements], SimDuration) -> Option<f64>),
    /// All push-open servers together, and the length of the period: the measure does not exist for a single server.
    AllServers(fn(&[ServerMeasurements], SimDuration) -> Option<f64>),
    /// All open servers together, and each alone: what this measure is of push-open servers. It does not exist where no instance may
    /// ask an open one.
    OpenServers(MeasureId),
    /// The quantile of all numbers of a kind: of the whole network, or of one server if servers have them.
    Quantile(HistogramKind, f64),
    /// Some data providers, and the length of the period: each one alone, and all together.
    Providers(fn(&[ConnectorMeasurements], SimDuration) -> Option<f64>),
    /// What faults did to users, and the length of the period: the measure does not exist where there are no faults.
    Faults(fn(&FaultEffects, SimDuration) -> Option<f64>),
    /// What calls cost, and the length of the period: the measure does not exist where nobody says what anything costs.
    Spending(fn(&Spending, SimDuration) -> Option<f64>),
}

/// The smallest difference that matters to somebody who plans a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Matters {
    /// That much, in the unit of what differs.
    Absolute(f64),
    /// That share of the value that it is compared with.
    Relative(f64),
}

impl Matters {
    /// The difference from `reference` that just matters.
    #[must_use]
    pub const fn from(self, reference: f64) -> f64 {
        match self {
            Self::Absolute(difference) => difference,
            Self::Relative(share) => share * reference.abs(),
        }
    }
}

impl Measure {
    /// The value for the whole network (all servers or all providers together); `None` if the counters do not determine
    /// it.
    #[must_use]
    pub fn evaluate(&self, measured: &Measurements) -> Option<f64> {
        match self.source {
            Source::Period(value) => value(measured),
            Source::Quantile(kind, q) => quantile(&kind.of(measured), q),
            Source::AllServers(value) | Source::Servers(value) => value(&measured.servers, measured.period),
            Source::OpenServers(like) => like.of_servers(&measured.open_servers, measured.period),
            Source::Providers(value) => value(&measured.connectors, measured.period),
            Source::Faults(value) => value(measured.faults.as_deref()?, measured.period),
            Source::Spending(value) => value(measured.spending.as_deref()?, measured.period),
        }
    }

    /// The value for one push-open server in a measured period of length `period`. `None` if the counters do not
    /// determine it, or if the measure does not exist for single servers.
    #[must_use]
    pub fn evaluate_server(&self, server: &ServerMeasurements, period: SimDuration) -> Option<f64> {
        match self.source {
            Source::Servers(value) => value(std::slice::from_ref(server), period),
            Source::Quantile(kind, q) if kind.is_of_servers() => quantile(kind.of_server(server)?, q),
            Source::Quantile(..)
            | Source::Period(_)
            | Source::AllServers(_)
            | Source::OpenServers(_)
            | Source::Providers(_)
            | Source::Faults(_)
            | Source::Spending(_) => None,
        }
    }

    /// The value for one open server in a measured period of length `period`. `None` if the counters do not determine it, or if the
    /// measure does not exist for single open servers.
    #[must_use]
    pub fn evaluate_open_server(&self, server: &ServerMeasurements, period: SimDuration) -> Option<f64> {
        match self.source {
            Source::OpenServers(like) => like.evaluate_server(server, period),
            Source::Quantile(kind, q) if kind.is_of_open_servers() => quantile(kind.of_server(server)?, q),
            _ => None,
        }
    }

    /// The value for some servers together; `None` if there are none, or if the measure is not of servers.
    fn of_servers(&self, servers: &[ServerMeasurements], period: SimDuration) -> Option<f64> {
        let (Source::AllServers(value) | Source::Servers(value)) = self.source else { return None };
        (!servers.is_empty()).then(|| value(servers, period)).flatten()
    }

    /// The value for one data provider in a measured period of length `period`. `None` if the counters do not determine
    /// it, or if the measure does not exist for single providers.
    #[must_use]
    pub fn evaluate_provider(&self, provider: &ConnectorMeasurements, period: SimDuration) -> Option<f64> {
        let Source::Providers(value) = self.source else { return None };
        value(std::slice::from_ref(provider), period)
    }

    /// Whether it exists only where somebody says what something costs.
    #[must_use]
    pub const fn is_of_money(&self) -> bool {
        matches!(self.source, Source::Spending(_))
    }

    /// The name with the unit, as tables head the column of values: `user_wait_p95_s`, `connector_calls_per_d`.
    #[must_use]
    pub fn column(&self) -> String {
        let unit = match self.unit {
            Unit::Number => return self.name.to_owned(),
            Unit::Share if self.name.ends_with("_share") => return self.name.to_owned(),
            Unit::PerSecond | Unit::BytesPerSecond => "per_s",
            Unit::PerMinute => "per_min",
            Unit::PerHour => "per_h",
            Unit::PerDay => "per_d",
            Unit::PerMonth => "per_month",
            Unit::Seconds | Unit::Share | Unit::Instruments | Unit::BasisPoints => self.unit.symbol(),
        };
        format!("{}_{unit}", self.name)
    }
}
