//! What goes wrong in a world, where and when: plain parameters, each with the values that it can have.

use crate::random::Distribution;
use crate::time::SimDuration;

/// One fault: what goes wrong, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultConfig {
    /// Name in scenario and results; unique.
    pub name: String,
    /// What goes wrong, and where.
    pub kind: FaultKind,
    /// When it begins and ends.
    pub times: FaultTimes,
}

/// What goes wrong, and where.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// Something happens to instances.
    Instances {
        /// To which; not empty.
        at: Vec<FaultTarget>,
        /// What.
        fault: InstanceFault,
    },
    /// Something happens to a data provider.
    Provider {
        /// To which: index into [`WorldConfig::connectors`](super::WorldConfig::connectors).
        connector: usize,
        /// What.
        fault: ProviderFault,
    },
    /// Something happens to all links between two sets of instances, in both directions.
    Links {
        /// One end; not empty.
        between: Vec<FaultTarget>,
        /// The other end; not empty.
        and: Vec<FaultTarget>,
        /// What.
        fault: LinkFault,
    },
    /// Users visit more often.
    Visits {
        /// Users of which instances; not empty.
        at: Vec<FaultTarget>,
        /// How much more often: 3 is three times the usual rate; at least 1.
        factor: f64,
    },
}

/// An instance, or all instances of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultTarget {
    /// Index of the group.
    pub group: usize,
    /// Number within the group, from 0; `None`: all.
    pub number: Option<u32>,
}

/// What happens to an instance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum InstanceFault {
    /// Its process ends without a word. What it was doing is given up, its users see nothing, and connections to it are
    /// refused. At the end of the fault it starts again.
    Crash {
        /// Whether its pool is still there when it starts again.
        pool_kept: bool,
    },
    /// Its administrator stops it: it tells all its peers first. Else as a crash that keeps the pool.
    Shutdown,
    /// Its administrator stops it for maintenance or for good, and announces that to all its peers before. Else as
    /// [`Shutdown`](Self::Shutdown). Only at set times.
    Announced {
        /// How long before the beginning.
        before: SimDuration,
        /// What is announced.
        what: AnnouncedStop,
        /// How long before the beginning it is called off, which its peers are told, too: nothing stops then. Shorter than `before`.
        /// `None`: it takes place.
        cancelled: Option<SimDuration>,
    },
    /// It has revoked the exchange with all its peers, which it tells them. At the end both sides agree on it again.
    RevokedGrant,
    /// Messages to and from it vanish. It runs, and its users are there.
    BlackHole,
    /// Connections to it are refused. It runs, and its users are there.
    Refuses,
    /// It takes so many times as long to serve a message; at least 1.
    Slow {
        /// How many times.
        factor: f64,
    },
    /// It says that it is busy.
    Busy,
    /// Its clock is wrong by this, in addition to what is usual; positive: it is ahead \[ns\].
    Clock {
        /// How far it is ahead.
        ahead_nanos: i64,
    },
    /// It pushes prices that are not true.
    Rogue {
        /// How far in the future their timestamps are.
        ahead: SimDuration,
        /// Their values over the true ones; positive. 1: the values are true.
        factor: f64,
    },
}

/// Why an administrator stops an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnnouncedStop {
    /// For maintenance, for as long as the fault lasts.
    Maintenance,
    /// For good, from that UTC day on.
    Discontinuation,
}

/// What happens to a data provider.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ProviderFault {
    /// Its calls fail after this time.
    Outage {
        /// Time from the call to its failure.
        fails_after: SimDuration,
    },
    /// Its answers take so many times as long; at least 1.
    Slow {
        /// How many times.
        factor: f64,
    },
}

/// What happens to links.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkFault {
    /// Probability that a message gets lost, in addition to what is usual; 1: a partition.
    pub loss: f64,
    /// Round-trip times are so many times as long; at least 1.
    pub factor: f64,
}

/// When a fault begins and ends.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultTimes {
    /// At set times: ascending and apart.
    Set(Vec<FaultSpell>),
    /// At random, at each instance, provider or set of links by itself.
    Random {
        /// Time from the start or the last end to the next beginning in seconds.
        between_s: Distribution,
        /// Time from a beginning to its end in seconds.
        lasts_s: Distribution,
    },
}

/// One time for which a fault lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultSpell {
    /// When it begins, from the start of the run.
    pub begins: SimDuration,
    /// How long it lasts; positive.
    pub lasts: SimDuration,
}

/// When the instances of a group take part: they join one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct ChurnConfig {
    /// How many of them are there from the start; at most all.
    pub present: u32,
    /// When the joining begins, from the start of the run.
    pub from: SimDuration,
    /// When the last one has joined; the others join at equal intervals after `from`.
    pub until: SimDuration,
    /// How long an instance stays, in seconds; `None`: until the end.
    pub stays_s: Option<Distribution>,
}
