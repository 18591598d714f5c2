//! The kinds of servers that reports tell of: the same is told of both, each in its own section, picture and tables.

use crate::inference::{Observations, Subject};
use crate::measures::MeasureId;
use crate::metrics::{Measurements, ServerMeasurements};

/// A kind of servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServerKind {
    /// They serve from their pools.
    PushOpen,
    /// They serve from their own instruments.
    Open,
}

impl ServerKind {
    /// What such a server is called.
    pub(super) const fn spoken(self) -> &'static str {
        match self {
            Self::PushOpen => "push-open server",
            Self::Open => "open server",
        }
    }

    /// What is said where there are none.
    pub(super) const fn none(self) -> &'static str {
        match self {
            Self::PushOpen => "No push-open server in this scenario.",
            Self::Open => "Nobody asks an open server in this scenario.",
        }
    }

    /// What the names of their pictures and tables begin with.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::PushOpen => "",
            Self::Open => "open_",
        }
    }

    /// What a measure of push-open servers is of this kind.
    ///
    /// # Panics
    ///
    /// If open servers have no such measure.
    pub(super) fn measure(self, of_push_open: MeasureId) -> MeasureId {
        match self {
            Self::PushOpen => of_push_open,
            Self::Open => of_push_open.of_open_servers().expect("open servers have it, too"),
        }
    }

    /// How many servers of this kind there are.
    pub(super) fn count(self, observations: &Observations<'_>) -> usize {
        match self {
            Self::PushOpen => observations.server_count(),
            Self::Open => observations.open_server_count(),
        }
    }

    /// Whether there are too many servers of this kind to tell them apart.
    pub(super) fn are_many(self, observations: &Observations<'_>) -> bool {
        self.count(observations) > self.subjects(observations).len()
    }

    /// The servers of this kind that are told apart.
    pub(super) fn subjects<'o>(self, observations: &'o Observations<'_>) -> Vec<&'o Subject> {
        match self {
            Self::PushOpen => observations.servers().collect(),
            Self::Open => observations.open_servers().collect(),
        }
    }

    /// The server of this kind with this name.
    pub(super) fn subject(self, name: &str) -> Subject {
        match self {
            Self::PushOpen => Subject::Server(name.to_owned()),
            Self::Open => Subject::OpenServer(name.to_owned()),
        }
    }

    /// What was measured of all servers of this kind.
    pub(super) fn measured(self, measured: &Measurements) -> &[ServerMeasurements] {
        match self {
            Self::PushOpen => &measured.servers,
            Self::Open => &measured.open_servers,
        }
    }
}
