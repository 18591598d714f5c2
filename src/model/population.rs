//! Who lives in a world, as the run finds and changes them: instances, users and their watchlists.

use std::sync::Arc;

use crate::engine::EventHandle;
use crate::observe::InstanceId;
use crate::protocol::{AcceptMode, InstrumentId, PeerId, SupplierDetails};
use crate::random::Entity;
use crate::time::{SimTime, Timestamp};

use super::bucket::TokenBucket;
use super::coverage::Coverage;
use super::instance::{Instance, PeerEntry};
use super::running::Visit;
use super::stores::LocalInstrument;
use super::truth::TruePrices;

/// Instances and users.
pub(super) struct Population {
    pub(super) instances: Vec<Instance>,
    pub(super) users: Vec<User>,
    /// By group and provider: the bucket that the instances of the group share.
    pub(super) group_buckets: Vec<Vec<Option<TokenBucket>>>,
    /// By provider: the bucket that all instances share.
    pub(super) shared_buckets: Vec<Option<TokenBucket>>,
    /// By instrument: the index of its market.
    pub(super) market_of: Arc<[usize]>,
    pub(super) coverage: Arc<Coverage>,
    pub(super) true_prices: Arc<TruePrices>,
}

/// A user with watchlists.
pub(super) struct User {
    pub(super) instance: InstanceId,
    pub(super) entity: Entity,
    pub(super) watchlists: Vec<Watchlist>,
    /// Visits so far.
    pub(super) visits: u64,
    /// Visits that were expected before the last one (see `VisitSchedule::next`).
    pub(super) expected: f64,
    /// The next visit.
    pub(super) next_visit: Option<EventHandle>,
    /// When that is; [`SimTime::MAX`] if there is none.
    pub(super) next_visit_at: SimTime,
}

/// A watchlist: rows of the instance's local instruments.
pub(super) struct Watchlist {
    pub(super) rows: Vec<usize>,
    /// Open peers that may be asked, in the order of their numbers: how many of its instruments that may be filled the peer sends.
    /// Empty until the first exchange.
    pub(super) coverage: Vec<(PeerId, u32)>,
    pub(super) last_exchange: Option<LastExchange>,
}

/// When the last exchange of a watchlist began.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastExchange {
    /// By the local clock, which is what the rules go by.
    pub(super) shown: Timestamp,
    /// In true time.
    pub(super) began: SimTime,
}

impl Population {
    /// The rows of the local instruments that a visit is about.
    pub(super) fn rows(&self, visit: &Visit) -> &[usize] {
        &self.users[visit.user as usize].watchlists[visit.watchlist].rows
    }

    /// How far open peers cover the watchlist of a visit, as [`Watchlist::coverage`].
    pub(super) fn covered(&self, visit: &Visit) -> &[(PeerId, u32)] {
        &self.users[visit.user as usize].watchlists[visit.watchlist].coverage
    }

    /// Finds out how far open peers cover the watchlist of a visit, if that is not known. None of them ever changes what it sends.
    pub(super) fn learn_coverage(&mut self, visit: &Visit) {
        let Self { instances, users, .. } = self;
        let instance = &instances[visit.instance.index()];
        let Watchlist { rows, coverage, .. } = &mut users[visit.user as usize].watchlists[visit.watchlist];
        if !coverage.is_empty() {
            return;
        }
        let watched = || rows.iter().map(|row| instance.local.at(*row)).filter(|local| local.receive);
        let peers = (0..).map(PeerId).zip(&instance.peers).filter(|(_, entry)| entry.peer.priority > 0);
        let open = peers.map(|(peer, entry)| (peer, &instances[entry.instance.index()]));
        let ranked = open.filter(|(_, other)| other.own.mode == AcceptMode::Open);
        coverage.extend(ranked.map(|(peer, other)| {
            let covered = watched().filter(|local| other.local.sends(local.instrument)).count();
            (peer, u32::try_from(covered).expect("a watchlist is shorter than 2^32"))
        }));
    }

    /// The local instrument at a position of the watchlist that a visit is about.
    pub(super) fn local_of(&self, visit: &Visit, position: usize) -> &LocalInstrument {
        self.instances[visit.instance.index()].local.at(self.rows(visit)[position])
    }
}

/// What synchronisation has taught an instance: which of its peers send which instruments.
#[derive(Clone, Copy)]
pub(super) struct Details<'a> {
    pub(super) instances: &'a [Instance],
    pub(super) peers: &'a [PeerEntry],
    /// Of the watchlist that is updated, as [`Watchlist::coverage`].
    pub(super) coverage: &'a [(PeerId, u32)],
}

impl SupplierDetails<InstrumentId> for Details<'_> {
    fn covers(&self, peer: PeerId, instrument: InstrumentId) -> bool {
        let instance = &self.instances[self.peers[peer.0 as usize].instance.index()];
        instance.local.sends(instrument)
    }

    fn coverage_of_watchlist(&self, peer: PeerId) -> Option<usize> {
        let at = self.coverage.binary_search_by_key(&peer, |(known, _)| *known).ok()?;
        Some(self.coverage[at].1 as usize)
    }
}
