//! How an instance is: what all the faults that are active at it do to it together.

use crate::observe::FaultId;
use crate::protocol::ServerState;

use super::config::InstanceFault;
use super::rogue::Rogue;

/// How an instance is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "independent troubles, which may come together")]
pub(super) struct Health {
    /// Its process does not run.
    pub(super) down: bool,
    /// Messages to and from it vanish.
    pub(super) isolated: bool,
    /// Connections to it are refused though it runs.
    pub(super) refuses: bool,
    /// It asks to be left alone, and serves whoever asks all the same.
    pub(super) busy: bool,
    /// It has revoked the exchange with all its peers.
    pub(super) revoked: bool,
    /// It takes so many times as long to serve a message.
    pub(super) slow: f64,
    /// How far faults set its clock ahead [ns].
    pub(super) ahead_nanos: i64,
    /// It sends prices that are not true.
    pub(super) rogue: Option<Rogue>,
}

impl Health {
    /// Nothing is wrong.
    pub(super) const GOOD: Self = Self {
        down: false,
        isolated: false,
        refuses: false,
        busy: false,
        revoked: false,
        slow: 1.0,
        ahead_nanos: 0,
        rogue: None,
    };

    /// How it is with one more fault.
    pub(super) fn with(self, id: FaultId, fault: &InstanceFault) -> Self {
        match *fault {
            InstanceFault::Crash { .. }
            | InstanceFault::Shutdown
            | InstanceFault::Announced { cancelled: None, .. } => Self { down: true, ..self },
            InstanceFault::Announced { cancelled: Some(_), .. } => self,
            InstanceFault::RevokedGrant => Self { revoked: true, ..self },
            InstanceFault::BlackHole => Self { isolated: true, ..self },
            InstanceFault::Refuses => Self { refuses: true, ..self },
            InstanceFault::Slow { factor } => Self { slow: self.slow * factor, ..self },
            InstanceFault::Busy => Self { busy: true, ..self },
            InstanceFault::Clock { ahead_nanos } => {
                Self { ahead_nanos: self.ahead_nanos.saturating_add(ahead_nanos), ..self }
            }
            InstanceFault::Rogue { ahead, .. } => Self { rogue: Some(Rogue { fault: id, ahead }), ..self },
        }
    }

    /// Whether a connection to it can be made.
    pub(super) fn is_reached(&self) -> bool {
        !self.isolated && !self.refuses_connections()
    }

    /// Whether whoever connects to it learns at once that this is in vain. Of a host whose packets vanish nobody learns anything.
    pub(super) fn refuses_connections(&self) -> bool {
        !self.isolated && (self.down || self.refuses)
    }

    /// Whether faults make messages to and from it fail, or late.
    pub(super) fn hinders(&self) -> bool {
        !self.is_reached() || self.slow > 1.0 || self.revoked
    }

    /// The state of its server that others are told.
    pub(super) fn state(&self) -> ServerState {
        if self.down { ServerState::Closed } else { ServerState::Open }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    #[test]
    fn troubles_come_together() {
        let all = [
            InstanceFault::Slow { factor: 3.0 },
            InstanceFault::Slow { factor: 2.0 },
            InstanceFault::Clock { ahead_nanos: -5 },
            InstanceFault::Clock { ahead_nanos: 8 },
            InstanceFault::Busy,
            InstanceFault::Rogue { ahead: SimDuration::from_secs(1), factor: 2.0 },
            InstanceFault::Rogue { ahead: SimDuration::from_secs(7), factor: 3.0 },
        ];
        let health = (0..).map(FaultId).zip(&all).fold(Health::GOOD, |health, (id, fault)| health.with(id, fault));
        let last = Some(Rogue { fault: FaultId(6), ahead: SimDuration::from_secs(7) });
        assert_eq!(health, Health { slow: 6.0, ahead_nanos: 3, busy: true, rogue: last, ..Health::GOOD });
        assert!(health.is_reached());
    }

    #[test]
    fn a_host_whose_packets_vanish_refuses_nothing() {
        let crashed = Health::GOOD.with(FaultId(0), &InstanceFault::Crash { pool_kept: true });
        assert!(crashed.refuses_connections() && !crashed.is_reached());
        let vanished = crashed.with(FaultId(1), &InstanceFault::BlackHole);
        assert!(!vanished.refuses_connections() && !vanished.is_reached());
        let firewalled = Health::GOOD.with(FaultId(0), &InstanceFault::Refuses);
        assert!(firewalled.refuses_connections() && firewalled.state() == ServerState::Open);
    }
}
