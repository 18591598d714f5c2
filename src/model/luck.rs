//! What chance has in store for one visit: all of it in one stretch of a stream, each draw at a place of its own.

use crate::random::{Entity, Purpose, Stream, Streams};

/// The draws of one visit. They do not depend on each other: whoever takes one leaves all others as they are.
///
/// Word 0 chooses the watchlist, word 1 puts equal peers in order, and each entry of the watchlist has two words for its
/// connector call.
#[derive(Debug)]
pub(super) struct VisitLuck(Stream);

impl VisitLuck {
    /// The draws of the visit number `visit` of a user.
    pub(super) fn new(streams: &Streams, user: Entity, visit: u64) -> Self {
        let mut stream = streams.stream(Purpose::Visit, user);
        stream.at(visit);
        Self(stream)
    }

    /// For the choice of one of several watchlists.
    pub(super) fn of_watchlist(&mut self) -> &mut Stream {
        self.0.place(0, 1)
    }

    /// For the order of equal peers.
    pub(super) fn of_peers(&mut self) -> &mut Stream {
        self.0.place(1, 1)
    }

    /// For the connector call of the entry at a position of the watchlist.
    pub(super) fn of_call(&mut self, position: usize) -> &mut Stream {
        self.0.place(u32::try_from(position).expect("a watchlist is shorter than 2^32") + 1, 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_draw_is_its_own_whatever_was_taken_before() {
        let luck = || VisitLuck::new(&Streams::new(1, 0), Entity::indexed(3), 9);
        let call = |luck: &mut VisitLuck, position| {
            let stream = luck.of_call(position);
            (stream.next_u64(), stream.next_u64())
        };
        let mut straight = luck();
        let (list, peers) = (straight.of_watchlist().next_u64(), straight.of_peers().next_u64());
        let calls: Vec<(u64, u64)> = (0..100).map(|position| call(&mut straight, position)).collect();
        for position in [0, 7, 99] {
            assert_eq!(call(&mut luck(), position), calls[position], "a call without all before it");
        }
        let mut backwards = luck();
        assert!((0..100).rev().all(|position| call(&mut backwards, position) == calls[position]));
        assert_eq!((backwards.of_peers().next_u64(), backwards.of_watchlist().next_u64()), (peers, list));
        let mut all: Vec<u64> = calls.into_iter().flat_map(|(one, other)| [one, other]).chain([list, peers]).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 202);
    }
}
