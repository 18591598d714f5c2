//! Conservation laws, counted in every run and asserted at its end.

use crate::engine::Scheduler;

use super::messages::Purpose;
use super::world::{Event, World};

/// What was begun and what was brought to an end, in the whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) visits: u64,
    pub(super) exchanges_begun: u64,
    pub(super) exchanges_done: u64,
    /// Requests and pushes.
    pub(super) messages_sent: u64,
    pub(super) messages_ended: u64,
    pub(super) legs: Legs,
}

/// Single ways: of a request or push to its receiver, of a reply back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Legs {
    pub(super) begun: u64,
    pub(super) delivered: u64,
    pub(super) lost: u64,
}

/// What the pending events say is under way.
#[derive(Debug)]
struct UnderWay {
    /// By exchange: replies and connector calls that it waits for.
    awaited: Vec<u32>,
    /// By message: where it is (on a way, at a server, in a server's queue).
    places: Vec<u32>,
    /// By message: its sender still waits.
    has_sender: Vec<bool>,
    legs: u64,
}

impl<O> World<'_, O> {
    /// What was begun has ended or is under way, and whatever is under way will go on: each message is in one place, or
    /// lost and waited for; each exchange waits for something that will come.
    ///
    /// # Panics
    ///
    /// If a law is broken.
    pub(super) fn assert_laws(&self, scheduler: &Scheduler<Event>) {
        let totals = &self.totals;
        let under_way = self.under_way(scheduler);
        let (exchanges, messages) = (self.running.slots_in_use(), self.messages.slots_in_use());
        for slot in &exchanges {
            let awaited = under_way.awaited[*slot as usize];
            assert!(awaited > 0, "an exchange waits in vain: {:?}", self.running[*slot]);
        }
        for slot in &messages {
            let at = *slot as usize;
            let lost = self.messages[*slot].lost && under_way.has_sender[at];
            assert_eq!(under_way.places[at], u32::from(!lost), "a message is nowhere: {:?}", self.messages[*slot]);
        }
        let waiting = under_way.has_sender.iter().filter(|waits| **waits).count();
        assert!(totals.exchanges_begun <= totals.visits, "an exchange needs a visit: {totals:?}");
        assert_eq!(totals.exchanges_begun, totals.exchanges_done + exchanges.len() as u64, "exchanges: {totals:?}");
        assert_eq!(totals.messages_sent, totals.messages_ended + waiting as u64, "messages: {totals:?}");
        let legs = &totals.legs;
        assert_eq!(legs.begun, legs.delivered + legs.lost + under_way.legs, "ways of messages: {totals:?}");
    }

    fn under_way(&self, scheduler: &Scheduler<Event>) -> UnderWay {
        let mut under_way = UnderWay {
            awaited: vec![0; self.running.len()],
            places: vec![0; self.messages.len()],
            has_sender: vec![false; self.messages.len()],
            legs: 0,
        };
        for (_, event) in scheduler.pending() {
            match event {
                Event::Visit { .. } | Event::Synchronise { .. } => {}
                Event::MessageArrives { message } | Event::ReplyArrives { message } => {
                    under_way.legs += 1;
                    under_way.places[message as usize] += 1;
                }
                Event::Served { message } => under_way.places[message as usize] += 1,
                Event::TimedOut { message } => {
                    under_way.has_sender[message as usize] = true;
                    if let Purpose::Exchange(running) = self.messages[message].purpose {
                        under_way.awaited[running as usize] += 1;
                    }
                }
                Event::CallPlaced { running, .. } | Event::ConnectorAnswers { running, .. } => {
                    under_way.awaited[running as usize] += 1;
                }
            }
        }
        for message in self.population.instances.iter().flat_map(|instance| instance.server.waiting()) {
            under_way.places[message as usize] += 1;
        }
        under_way
    }
}
