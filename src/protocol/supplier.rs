//! Whom to ask, and in which order.

use std::cmp::Ordering;

use super::{AcceptMode, OpenOrder, PeerId, Policy, ScoreTie};

/// A peer entry, as the requester sees it when an exchange begins.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, as the peer entry has them")]
pub struct Supplier {
    /// The peer.
    pub peer: PeerId,
    /// What it answers to requests.
    pub mode: AcceptMode,
    /// `consumer_usage`: 0 = never ask it, lower is asked first.
    pub priority: u16,
    /// Whether an exchange of data is agreed on, which makes it a peer. It may be asked without.
    pub exchange_agreed: bool,
    /// Whether both sides hold each other's tokens.
    pub authorised: bool,
    /// Whether it is online and its server open, as far as is known.
    pub reachable: bool,
    /// Whether it said that it is busy when last heard of.
    pub busy: bool,
    /// How many instruments a request to it may hold, as far as is known; `None`: any number.
    pub max_limit: Option<u32>,
    /// Share of what was asked of it in the last 30 days that it filled, from [`super::ExchangeLog::success_rate`].
    pub success_rate: f64,
}

impl Supplier {
    /// Whether the peer may be asked at all (seven-step, steps 3 and 4; 0.36.5, `exchange`).
    #[must_use]
    pub const fn is_eligible(&self) -> bool {
        self.authorised && self.reachable && !self.busy && self.priority > 0
    }

    /// Whether the peer is not asked for the only reason that it counts as offline or busy.
    #[must_use]
    pub const fn is_left_out(&self) -> bool {
        let is_server = !matches!(self.mode, AcceptMode::Closed);
        is_server && Self { reachable: true, busy: false, ..*self }.is_eligible() && !self.is_eligible()
    }
}

/// Which instruments open peers send, as synchronisation taught it.
pub trait SupplierDetails<K> {
    /// Whether `peer` sends intraday prices of `instrument`.
    fn covers(&self, peer: PeerId, instrument: K) -> bool;

    /// How many instruments of the watchlist that GTNet may fill `peer` sends, if that is known already.
    fn coverage_of_watchlist(&self, _peer: PeerId) -> Option<usize> {
        None
    }
}

/// What decides the place of a supplier among its kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rank {
    /// Coverage × success rate; 0 where the score does not count. Coverage is the number of instruments of the whole
    /// exchange set that the peer sends.
    pub score: f64,
    /// `consumer_usage`.
    pub priority: u16,
}

impl Rank {
    /// The rank of a supplier whose priority alone counts (seven-step, step 3).
    #[must_use]
    pub fn by_priority(supplier: &Supplier) -> Self {
        Self { score: 0.0, priority: supplier.priority }
    }

    /// The rank of a supplier that sends `coverage` instruments of the exchange set (seven-step, step 4).
    #[must_use]
    pub fn by_score(supplier: &Supplier, coverage: usize) -> Self {
        Self { score: coverage as f64 * supplier.success_rate, priority: supplier.priority }
    }

    /// Descending score, then ascending priority (seven-step, step 4; with equal scores that is the order of step 3).
    /// Equal ranks are tried at random.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        other.score.total_cmp(&self.score).then(self.priority.cmp(&other.priority))
    }

    /// The score in whole thousandths.
    fn thousandths(&self) -> f64 {
        libm::floor(self.score * 1_000.0 + 0.5)
    }

    /// Whether the scores are equal to a thousandth.
    fn has_similar_score(&self, other: &Self) -> bool {
        self.thousandths().total_cmp(&other.thousandths()).is_eq()
    }

    /// Whether the suppliers are tried at random.
    fn is_equal(&self, other: &Self, score_tie: ScoreTie) -> bool {
        match score_tie {
            ScoreTie::Exact => self.order(other).is_eq(),
            ScoreTie::Thousandth => self.is_similar(other),
        }
    }

    /// Whether the suppliers are tried at random where scores are rounded (0.36.10).
    #[must_use]
    pub fn is_similar(&self, other: &Self) -> bool {
        self.priority == other.priority && self.has_similar_score(other)
    }
}

/// A supplier in its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// The peer.
    pub peer: PeerId,
    /// How many instruments a request to it may hold, as far as is known; `None`: any number.
    pub max_limit: Option<u32>,
    /// What decides its place; equals are tried as they were given.
    pub rank: Rank,
    tie: usize,
}

/// Replaces the contents of `ranked` by `suppliers` in the order of `rank`, equals in the order in which they are given (0.36.5,
/// `supplier_order_push_open`, `supplier_order_open`).
pub fn rank_suppliers<'a>(
    suppliers: impl IntoIterator<Item = &'a Supplier>,
    rank: impl Fn(&Supplier) -> Rank,
    score_tie: ScoreTie,
    ranked: &mut Vec<Ranked>,
) {
    ranked.clear();
    ranked.extend(suppliers.into_iter().enumerate().map(|(tie, supplier)| Ranked {
        peer: supplier.peer,
        max_limit: supplier.max_limit,
        rank: rank(supplier),
        tie,
    }));
    ranked.sort_unstable_by(|a, b| a.rank.order(&b.rank).then(a.tie.cmp(&b.tie)));
    if score_tie == ScoreTie::Thousandth {
        gather_similar(ranked);
    }
}

/// Brings together those whose ranks are similar: they stand where the first of them stood, in the order in which they were given
/// (0.36.10).
fn gather_similar(ranked: &mut [Ranked]) {
    for at in 1..ranked.len() {
        let rank = ranked[at].rank;
        let near = ranked[..at].iter().rev().take_while(|before| before.rank.has_similar_score(&rank));
        let apart = near.take_while(|before| !before.rank.is_similar(&rank)).count();
        // Who is similar to nobody before stays.
        if apart < at && ranked[at - apart - 1].rank.is_similar(&rank) {
            ranked[at - apart..=at].rotate_right(1);
        }
    }
    for group in ranked.chunk_by_mut(|a, b| a.rank.is_similar(&b.rank)) {
        group.sort_unstable_by_key(|ranked| ranked.tie);
    }
}

/// Replaces the contents of `ranked` by the eligible peers of accept mode `mode` in the order of their ranks, equals in the order
/// in which they are given. Where the policy lets only one of several equals be asked, it is the one that is given first.
pub(super) fn rank(
    suppliers: &[Supplier],
    mode: AcceptMode,
    policy: &Policy,
    coverage: impl Fn(PeerId) -> usize,
    ranked: &mut Vec<Ranked>,
) {
    let by_score = mode == AcceptMode::Open && policy.open_order == OpenOrder::Score;
    let eligible = suppliers.iter().filter(|supplier| supplier.mode == mode && supplier.is_eligible());
    let rank = |supplier: &Supplier| {
        if by_score { Rank::by_score(supplier, coverage(supplier.peer)) } else { Rank::by_priority(supplier) }
    };
    rank_suppliers(eligible, rank, policy.score_tie, ranked);
    if policy.equals_asked.is_one(mode == AcceptMode::PushOpen) {
        ranked.dedup_by(|next, kept| kept.rank.is_equal(&next.rank, policy.score_tie));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EqualsAsked, Preset};
    use super::*;

    fn supplier(peer: u32, mode: AcceptMode, priority: u16, success_rate: f64) -> Supplier {
        Supplier {
            peer: PeerId(peer),
            mode,
            priority,
            exchange_agreed: true,
            authorised: true,
            reachable: true,
            busy: false,
            max_limit: None,
            success_rate,
        }
    }

    fn push_open(suppliers: &[Supplier]) -> Vec<u32> {
        let mut ranked = Vec::new();
        rank(
            suppliers,
            AcceptMode::PushOpen,
            &Policy::of(Preset::SevenStep),
            |_| unreachable!("no score"),
            &mut ranked,
        );
        ranked.iter().map(|supplier| supplier.peer.0).collect()
    }

    fn open(suppliers: &[Supplier], policy: &Policy, coverage: impl Fn(PeerId) -> usize) -> Vec<u32> {
        let mut ranked = Vec::new();
        rank(suppliers, AcceptMode::Open, policy, coverage, &mut ranked);
        ranked.iter().map(|supplier| supplier.peer.0).collect()
    }

    #[test]
    fn push_open_peers_come_by_priority_and_equals_as_given() {
        let push = |peer, priority| supplier(peer, AcceptMode::PushOpen, priority, 1.0);
        let suppliers = [push(3, 2), push(1, 1), push(2, 2), supplier(9, AcceptMode::Open, 1, 1.0)];
        assert_eq!(push_open(&suppliers), [1, 3, 2]);
    }

    #[test]
    fn whoever_may_not_be_asked_is_left_out() {
        let good = supplier(0, AcceptMode::PushOpen, 1, 1.0);
        let suppliers = [
            Supplier { peer: PeerId(1), priority: 0, ..good },
            Supplier { peer: PeerId(2), authorised: false, ..good },
            Supplier { peer: PeerId(3), reachable: false, ..good },
            Supplier { peer: PeerId(4), busy: true, ..good },
            Supplier { peer: PeerId(5), mode: AcceptMode::Closed, ..good },
            Supplier { peer: PeerId(6), exchange_agreed: false, ..good },
            good,
        ];
        assert_eq!(push_open(&suppliers), [6, 0]);
    }

    #[test]
    fn open_peers_come_by_score_then_priority_then_as_given() {
        let peer = |peer, priority, rate| supplier(peer, AcceptMode::Open, priority, rate);
        let suppliers = [peer(0, 1, 0.1), peer(1, 2, 0.5), peer(2, 1, 0.5), peer(3, 9, 1.0), peer(4, 1, 0.5)];
        let coverage = |peer: PeerId| if peer.0 == 0 { 10 } else { 4 };
        assert_eq!(open(&suppliers, &Policy::of(Preset::SevenStep), coverage), [3, 2, 4, 1, 0]);
        assert_eq!(open(&suppliers, &Policy::of(Preset::GeneralFlow), coverage), [0, 2, 4, 1, 3]);
    }

    #[test]
    fn of_equals_one_may_be_asked_only() {
        let kinds = [AcceptMode::PushOpen, AcceptMode::Open];
        let asked = |equals_asked, score_tie| {
            kinds.map(|mode| {
                // Of the first and third the scores are nearly equal.
                let rates = [(1, 2, 0.5), (2, 1, 0.9), (3, 2, 0.5001), (4, 2, 0.5), (5, 1, 0.9)];
                let suppliers = rates.map(|(peer, priority, rate)| supplier(peer, mode, priority, rate));
                let policy = Policy { equals_asked, score_tie, ..Policy::of(Preset::SevenStep) };
                let mut ranked = Vec::new();
                rank(&suppliers, mode, &policy, |_| 1, &mut ranked);
                ranked.iter().map(|supplier| supplier.peer.0).collect::<Vec<_>>()
            })
        };
        let all = [vec![2, 5, 1, 3, 4], vec![2, 5, 3, 1, 4]];
        assert_eq!(asked(EqualsAsked::All, ScoreTie::Exact), all);
        assert_eq!(asked(EqualsAsked::OnePushOpen, ScoreTie::Exact), [vec![2, 1], vec![2, 5, 3, 1, 4]]);
        assert_eq!(asked(EqualsAsked::One, ScoreTie::Exact), [vec![2, 1], vec![2, 3, 1]]);
        assert_eq!(asked(EqualsAsked::One, ScoreTie::Thousandth), [vec![2, 1], vec![2, 1]]);
    }

    #[test]
    fn similar_scores_are_equal_where_they_are_rounded() {
        let peer = |peer, priority, rate| supplier(peer, AcceptMode::Open, priority, rate);
        // In thousandths: 501, 500, 500, 500, 500, 499.
        let suppliers = [
            peer(0, 1, 0.4994),
            peer(1, 2, 0.4996),
            peer(2, 1, 0.4999),
            peer(3, 1, 0.5004),
            peer(4, 2, 0.5001),
            peer(5, 9, 0.5006),
        ];
        let rounded = Policy { score_tie: ScoreTie::Thousandth, ..Policy::of(Preset::Gt0369) };
        assert_eq!(open(&suppliers, &Policy::of(Preset::Gt0369), |_| 1), [5, 3, 4, 2, 1, 0]);
        assert_eq!(open(&suppliers, &rounded, |_| 1), [5, 2, 3, 1, 4, 0], "each group stands where its best one stood");
        assert_eq!(open(&[], &rounded, |_| 1), [0; 0]);
        assert_eq!(
            open(&[peer(0, 2, 0.5), peer(1, 1, 0.5)], &rounded, |_| 1),
            [1, 0],
            "the first group begins at once"
        );
    }
}
