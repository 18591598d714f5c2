//! Conservation laws, asserted at the end of every run: what was begun has ended or will go on, and every pending event has
//! an owner that can cancel it.

use std::collections::BTreeSet;

use crate::engine::{EventHandle, Scheduler};

use super::event::Event;
use super::message::{Initiator, MessagePlace};
use super::world::World;

/// What the owners of pending events say is under way.
#[derive(Debug, Default)]
struct Pending {
    /// By exchange: replies and connector calls that it waits for.
    awaited: Vec<u32>,
    /// Messages that exchanges of historical prices wait for.
    for_history: usize,
    /// Messages whose sender still waits.
    senders: u64,
    /// Messages and replies on their way.
    legs: u64,
    /// Messages that wait in the queue of a server.
    queued: usize,
    /// Pending events that somebody keeps the handle of.
    kept: usize,
}

impl World<'_> {
    /// What was begun has ended or is under way, and whatever is under way will go on: each message is in one place, or
    /// lost and waited for; each exchange waits for something that will come.
    ///
    /// # Panics
    ///
    /// If a law is broken.
    pub(super) fn assert_laws(&self, scheduler: &Scheduler<Event>) {
        let totals = &self.totals;
        let under_way = self.under_way(scheduler);
        let exchanges = self.running.iter().inspect(|(slot, running)| {
            assert!(under_way.awaited[*slot as usize] > 0, "an exchange waits in vain: {running:?}");
        });
        let exchanges = exchanges.count() as u64;
        let waiting = self.population.instances.iter().flat_map(|instance| instance.server.waiting());
        let in_queues = waiting.filter(|message| matches!(self.messages[*message].place, MessagePlace::Queued)).count();
        assert_eq!(under_way.queued, in_queues, "messages that say that they are in a queue, and those that are");
        assert_eq!(under_way.kept, scheduler.pending_len(), "pending events that nobody could cancel");
        let histories = self.population.instances.iter().filter(|instance| instance.history.under_way.is_some());
        assert_eq!(
            under_way.for_history,
            histories.count(),
            "each exchange of historical prices waits for one message"
        );
        assert!(totals.exchanges_begun <= totals.visits, "an exchange needs a visit: {totals:?}");
        assert_eq!(totals.exchanges_begun, totals.exchanges_done + exchanges, "exchanges: {totals:?}");
        assert_eq!(totals.messages_sent, totals.messages_ended + under_way.senders, "messages: {totals:?}");
        let legs = &totals.legs;
        assert_eq!(legs.begun, legs.delivered + legs.lost + under_way.legs, "ways of messages: {totals:?}");
        self.assert_claims();
        self.assert_checks();
    }

    /// An instance knows how many pushes it is checking prices of, and whether its pool is being refreshed. None is forgotten.
    fn assert_checks(&self) {
        let mut under_way = vec![0; self.population.instances.len()];
        for (_, check) in self.checks.iter() {
            under_way[check.server.index()] += 1;
        }
        let counted: Vec<u32> = self.population.instances.iter().map(|instance| instance.checks).collect();
        assert_eq!(under_way, counted, "pushes of which instances check prices");
        let refreshes = self.refreshes.iter().map(|(id, refresh)| (refresh.server.0, id)).collect::<BTreeSet<_>>();
        let known = (0_u32..).zip(&self.population.instances).filter_map(|(at, of)| Some((at, of.refresh?)));
        assert_eq!(refreshes, known.collect(), "refreshes of pools, and those that instances know of");
    }

    /// Whoever finds an instrument claimed leaves it alone: a claim without a call would keep its price from ever being fetched.
    fn assert_claims(&self) {
        let mut called = BTreeSet::new();
        for (_, running) in self.running.iter() {
            let rows = self.population.rows(&running.visit).iter().zip(&running.calls);
            let under_way = rows.filter(|(_, call)| call.is_some());
            called.extend(under_way.map(|(row, _)| (running.visit.instance.index(), *row)));
        }
        for (number, instance) in self.population.instances.iter().enumerate() {
            for (row, local) in instance.local.rows().iter().enumerate().filter(|(_, local)| local.claimed) {
                assert!(called.contains(&(number, row)), "instance {number} has claimed this for no call: {local:?}");
            }
        }
    }

    fn under_way(&self, scheduler: &Scheduler<Event>) -> Pending {
        let is_pending = |handle: EventHandle| scheduler.is_pending(handle);
        let mut under_way = Pending { awaited: vec![0; self.running.len()], ..Pending::default() };
        let visits = self.population.users.iter().filter_map(|user| user.next_visit);
        let rounds = self.population.instances.iter().map(|instance| &instance.rounds);
        let rounds = rounds
            .flat_map(|rounds| [rounds.next_synchronisation, rounds.next_refresh, rounds.start_up_check])
            .flatten();
        let faults = self.faults.places().iter().flat_map(|place| [place.next, place.notice]).flatten();
        let histories = self.population.instances.iter().filter_map(|instance| instance.history.next);
        under_way.kept = visits
            .chain(rounds)
            .chain(histories)
            .chain(faults)
            .chain(self.faults.pending_extra_visits())
            .filter(|handle| is_pending(*handle))
            .count();
        for (slot, running) in self.running.iter() {
            for call in running.calls.iter().flatten() {
                assert!(call.pending.is_some_and(is_pending), "a call never ends: {running:?}");
                under_way.awaited[slot as usize] += 1;
                under_way.kept += 1;
            }
            if let Some(end) = running.calls_end {
                assert!(is_pending(end), "the calls never end: {running:?}");
                under_way.awaited[slot as usize] += 1;
                under_way.kept += 1;
            }
        }
        for (_, check) in self.checks.iter() {
            let call = check.under_way.as_ref().and_then(|under_way| under_way.call.pending);
            assert!(call.is_some_and(is_pending), "a check never ends: {check:?}");
            under_way.kept += 1;
        }
        for (_, refresh) in self.refreshes.iter() {
            let calls = refresh.calls.iter().flatten().inspect(|under_way| {
                assert!(under_way.call.pending.is_some_and(is_pending), "a call of a refresh never ends: {refresh:?}");
            });
            let calls = calls.count();
            assert!(calls > 0, "a refresh waits in vain: {refresh:?}");
            under_way.kept += calls;
        }
        for (_, message) in self.messages.iter() {
            if let Some(ends) = message.wait_ends {
                let is_queued = matches!(message.place, MessagePlace::Queued);
                assert!(is_pending(ends) && is_queued, "a wait ends that is none: {message:?}");
                under_way.kept += 1;
            }
            let is_waited_for = message.timeout.is_some_and(is_pending);
            under_way.senders += u64::from(is_waited_for);
            under_way.kept += usize::from(is_waited_for);
            match message.initiator {
                Initiator::Exchange(slot) if is_waited_for => under_way.awaited[slot as usize] += 1,
                Initiator::History if is_waited_for => under_way.for_history += 1,
                _ => {}
            }
            match message.place {
                MessagePlace::OnTheWay(event) | MessagePlace::Served(event) => {
                    assert!(is_pending(event), "a message is nowhere: {message:?}");
                    under_way.kept += 1;
                    under_way.legs += u64::from(matches!(message.place, MessagePlace::OnTheWay(_)));
                }
                MessagePlace::Queued => under_way.queued += 1,
                MessagePlace::Lost => assert!(is_waited_for, "a lost message is kept for nobody: {message:?}"),
            }
        }
        under_way
    }
}
