//! One GTNet instance: what it is, has and knows, and how it takes note of the messages that it receives and sends.

use std::ops::Range;

use crate::observe::InstanceId;
use crate::protocol::{Endpoint, ExchangeLog, Failure, LogRow, OwnInstance, OwnStatus, Peer, PeerId, Policy};
use crate::random::Entity;
use crate::time::{SimDuration, SimTime};

use super::bucket::TokenBucket;
use super::clock::LocalClock;
use super::health::Health;
use super::history::History;
use super::message::MessageItem;
use super::network::Link;
use super::rounds::Rounds;
use super::server::Server;
use super::stores::{LocalInstruments, Pool, PushedPool};

/// One GTNet instance.
pub(super) struct Instance {
    pub(super) entity: Entity,
    pub(super) own: OwnInstance,
    pub(super) health: Health,
    pub(super) clock: LocalClock,
    pub(super) local: LocalInstruments,
    /// Without room for prices unless the instance is push-open and somebody may look into it.
    pub(super) pool: Pool,
    pub(super) server: Server,
    /// By [`PeerId`].
    pub(super) peers: Vec<PeerEntry>,
    /// By provider: the bucket of this instance.
    pub(super) buckets: Vec<Option<TokenBucket>>,
    /// Its users, who stand side by side.
    pub(super) users: Range<u32>,
    /// Exchanges of its users that have not shown their result.
    pub(super) exchanges: u32,
    /// Whether any peer may send it requests and pushes.
    pub(super) is_asked: bool,
    pub(super) rounds: Rounds,
    pub(super) history: History,
    /// Pushes of which it is checking prices.
    pub(super) checks: u32,
    /// The refresh of its pool that is under way.
    pub(super) refresh: Option<u32>,
    /// Numbers of the peer entries, by instance.
    pub(super) known: Vec<(InstanceId, u32)>,
}

/// What an instance knows of another.
pub(super) struct PeerEntry {
    pub(super) instance: InstanceId,
    pub(super) peer: Peer,
    /// Whether this side had granted the other the exchange when the run began.
    pub(super) granted: bool,
    pub(super) link: Link,
    pub(super) log: ExchangeLog,
    /// A number that belongs to this entry, for the order in which equals are tried.
    pub(super) tie: u64,
}

/// Days that a run of this length touches at most, whenever on a day it begins.
pub(super) fn days_touched(duration: SimDuration) -> u64 {
    duration.as_nanos() / SimDuration::from_days(1).as_nanos() + 2
}

impl Instance {
    /// What the instance says of itself with every message that it sends.
    pub(super) fn status(&self, policy: &Policy) -> OwnStatus {
        OwnStatus {
            mode: Some(self.own.mode),
            state: self.health.state(),
            max_limit: policy.max_limit,
            busy: self.health.busy,
            daily_request_limit: policy.daily_request_limit,
        }
    }

    /// The index of the entry of another instance, if there is one.
    pub(super) fn entry_of(&self, other: InstanceId) -> Option<usize> {
        let at = self.known.binary_search_by_key(&other, |(instance, _)| *instance).ok()?;
        Some(self.known[at].1 as usize)
    }

    pub(super) fn peer(&mut self, peer: PeerId) -> &mut PeerEntry {
        &mut self.peers[peer.0 as usize]
    }

    /// The instance as it serves a message of another one.
    pub(super) fn endpoint<'a>(
        &'a mut self,
        policy: &'a Policy,
        sender: InstanceId,
    ) -> Endpoint<'a, Pool, LocalInstruments> {
        let own = Some(self.status(policy));
        let sender = self.entry_of(sender);
        let Self { pool, local, peers, .. } = self;
        let sender = sender.map(|at| &mut peers[at].peer);
        Endpoint { policy, own, sender, pool, instruments: local }
    }

    /// Lets the instance serve a push of another one whose prices it may check: what its pool takes is appended to `taken`.
    pub(super) fn serve_push<R>(
        &mut self,
        policy: &Policy,
        pusher: InstanceId,
        taken: &mut Vec<MessageItem>,
        serve: impl FnOnce(Endpoint<'_, PushedPool<'_>, LocalInstruments>) -> R,
    ) -> R {
        let own = Some(self.status(policy));
        let sender = self.entry_of(pusher);
        let Self { pool, local, peers, .. } = self;
        let sender = sender.map(|at| &mut peers[at].peer);
        serve(Endpoint { policy, own, sender, pool: &mut pool.as_pushed(pusher, taken), instruments: local })
    }

    /// Logs that a request of `sent` instruments to `peer` has ended: `(taken, answered)` prices, or a failure.
    pub(super) fn log_request(
        &mut self,
        policy: &Policy,
        peer: PeerId,
        sent: usize,
        ended: Result<(u32, usize), Failure>,
        now: SimTime,
    ) {
        let row = self.peer(peer).peer.log_request(policy, sent, ended);
        self.log(peer, row, now);
    }

    /// Logs that a push of `pushed` prices to `peer` has ended: the number of prices accepted, or a failure.
    pub(super) fn log_push(
        &mut self,
        policy: &Policy,
        peer: PeerId,
        pushed: usize,
        ended: Result<u32, Failure>,
        now: SimTime,
    ) {
        let row = self.peer(peer).peer.log_push(policy, pushed, ended);
        self.log(peer, row, now);
    }

    fn log(&mut self, peer: PeerId, row: Option<LogRow>, now: SimTime) {
        if let Some(row) = row {
            let shown = self.clock.show(now);
            self.peer(peer).log.record(shown, &row);
        }
    }
}
