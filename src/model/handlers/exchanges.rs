//! Exchanges: each step that the protocol asks for, done in the world.

use crate::engine::Scheduler;
use crate::model::event::Event;
use crate::model::instance::PeerEntry;
use crate::model::luck::VisitLuck;
use crate::model::market::CalendarAt;
use crate::model::message::Initiator;
use crate::model::population::Details;
use crate::model::running::{Running, Visit};
use crate::model::world::World;
use crate::observe::{Carrier, Fact, Line, MessageKind, PriceWay, Shelf};
use crate::protocol::{AcceptMode, Action, Connector, InstrumentId, Outcome, PeerId, Policy, Supplier, WatchlistItem};
use crate::time::{SimTime, Timestamp};

impl World<'_> {
    /// Begins the exchange of the watchlist that a user has opened.
    pub(super) fn begin_exchange(&mut self, visit: Visit, mut luck: VisitLuck, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        self.population.learn_coverage(&visit);
        let config = &self.blueprint.config;
        let rows = self.population.rows(&visit);
        let order_of_peers = luck.of_peers().next_u64();
        let policy = self.policy_of(visit.instance);
        let instance = &self.population.instances[visit.instance.index()];
        let slot = self.running.insert(|_, ended| Running::renewed(ended, policy, visit, luck, rows.len()));
        let local_now = instance.clock.show(now);
        let order = &mut self.tie_order;
        order.clear();
        order.extend(
            instance.peers.iter().enumerate().map(|(peer, entry)| (scramble(order_of_peers ^ entry.tie), peer)),
        );
        order.sort_unstable();
        let (calendars, market_of) = (&self.blueprint.calendars, &self.population.market_of);
        let markets = |instrument: InstrumentId| &calendars[market_of[instrument.0 as usize]];
        let mut leaves_out = false;
        self.running[slot].exchange.start(
            instance.own,
            local_now,
            rows.iter().map(|row| {
                let local = instance.local.at(*row);
                WatchlistItem {
                    instrument: local.instrument,
                    receive: local.receive,
                    send: local.send,
                    connector: local
                        .provider
                        .map(|provider| Connector { delay: config.connectors[provider.index()].delay }),
                    active: true,
                    retry: local.retry,
                    valuation_only: false,
                    price_is_final: markets(local.instrument).is_final(local.price.timestamp, local_now),
                    price: local.price,
                }
            }),
            order
                .iter()
                .map(|(_, peer)| as_supplier(policy, *peer, &instance.peers[*peer], local_now))
                .inspect(|supplier| leaves_out |= supplier.is_left_out()),
        );
        self.running[slot].leaves_out = leaves_out;
        let instruments = u32::try_from(rows.len()).expect("a watchlist is shorter than 2^32");
        self.population.instances[visit.instance.index()].exchanges += 1;
        self.totals.exchanges_begun += 1;
        self.observer.observe(now, &Fact::ExchangeBegan { instance: visit.instance, instruments });
        self.transcribe(now, |world| world.line_of_beginning(slot, now));
        self.advance(slot, scheduler);
    }

    /// Does what the protocol says next, until it has to wait for a reply or for connectors.
    pub(super) fn advance(&mut self, slot: u32, scheduler: &mut Scheduler<Event>) {
        loop {
            let running = &mut self.running[slot];
            let from = running.visit.instance;
            let id = from.index();
            let details = Details {
                instances: &self.population.instances,
                peers: &self.population.instances[id].peers,
                coverage: self.population.covered(&running.visit),
            };
            running.exchange.set_clock(self.population.instances[id].clock.show(scheduler.now()));
            match running.exchange.next_action(&details) {
                Action::AskOwnPool => {
                    self.ask_own_pool(slot, scheduler.now());
                }
                Action::Request { peer } => {
                    if self.may_send(from, MessageKind::Request, peer, scheduler.now()) {
                        return self.send(Initiator::Exchange(slot), from, MessageKind::Request, peer, scheduler);
                    }
                    self.running[slot].exchange.withdraw();
                }
                Action::CallConnectors => return self.call_connectors(slot, scheduler),
                Action::UpdateOwnPool => {
                    let (now, by) = (scheduler.now(), Carrier::Exchange(running.visit.id()));
                    let before = self.kept_of_exchange(slot, Shelf::Pool);
                    let pool = &mut self.population.instances[id].pool;
                    self.running[slot].exchange.update_own_pool(&mut pool.as_owner());
                    self.transcribe_keeping(now, (from, Shelf::Pool), before, by);
                }
                Action::Finish => {
                    self.save_prices(slot, scheduler.now());
                    self.show_result(slot, scheduler.now());
                }
                Action::PushBack { peer } => {
                    if !self.may_send(from, MessageKind::Push, peer, scheduler.now()) {
                        continue;
                    }
                    return self.send(Initiator::Exchange(slot), from, MessageKind::Push, peer, scheduler);
                }
                Action::Done => {
                    self.totals.exchanges_done += 1;
                    let exchange = running.visit.id();
                    self.transcribe(scheduler.now(), |_| Line::Done { exchange });
                    return self.running.free(slot);
                }
            }
        }
    }

    /// Fills what the pool of the own instance has, as a request to itself would.
    fn ask_own_pool(&mut self, slot: u32, now: SimTime) {
        let visit = self.running[slot].visit.id();
        let (kept, filled) = (self.kept_of_exchange(slot, Shelf::Pool), self.prices_of_exchange(slot));
        let pool = &mut self.population.instances[visit.instance.index()].pool;
        self.running[slot].exchange.consult_own_pool(&mut pool.as_owner());
        self.transcribe_filling(now, slot, filled, Carrier::OwnPool);
        self.transcribe_keeping(now, (visit.instance, Shelf::Pool), kept, Carrier::Exchange(visit));
        self.save_prices(slot, now);
    }

    /// Keeps in the local instruments what the exchange has received.
    pub(super) fn save_prices(&mut self, slot: u32, now: SimTime) {
        let before = self.kept_of_exchange(slot, Shelf::Own);
        let Running { exchange, visit, .. } = &self.running[slot];
        let rows = &self.population.users[visit.user as usize].watchlists[visit.watchlist].rows;
        let local = &mut self.population.instances[visit.instance.index()].local;
        for (position, price, retry) in exchange.local_updates() {
            local.save(rows[position], price);
            if let Some(retry) = retry {
                local.at_mut(rows[position]).retry = retry;
            }
        }
        let visit = visit.id();
        self.transcribe_keeping(now, (visit.instance, Shelf::Own), before, Carrier::Exchange(visit));
    }

    fn show_result(&mut self, slot: u32, now: SimTime) {
        self.running[slot].shown = true;
        let instance = self.running[slot].visit.instance;
        self.population.instances[instance.index()].exchanges -= 1;
        self.transcribe(now, |world| world.line_of_result(slot, now));
        let running = &self.running[slot];
        let (visit, began) = (running.visit.id(), running.visit.began);
        let clock = &self.population.instances[visit.instance.index()].clock;
        let date = |at: SimTime| self.blueprint.config.start + at.since_start();
        let moments = [date(began), clock.show(began), date(now)];
        // Of the market of the last price: most watchlists have few.
        let mut last: Option<(usize, [CalendarAt<'_>; 3])> = None;
        let items = running.exchange.items().zip(running.exchange.reasons());
        for (position, ((item, _, outcome), reason)) in items.enumerate() {
            let outcome = outcome.expect("every instrument of a finished exchange has ended");
            let pushed = item.price.content.pushed && matches!(outcome, Outcome::OwnPool | Outcome::PushOpen(_));
            self.observer.observe(now, &Fact::Settled { began, outcome, pushed });
            let market = self.population.market_of[item.instrument.0 as usize];
            if last.is_none_or(|(known, _)| known != market) {
                last = Some((market, moments.map(|at| self.blueprint.calendars[market].around(at))));
            }
            let Some((_, [opening, shown_opening, end])) = &last else { unreachable!("it was set") };
            let source = self.source_of(running, position, &item, (outcome, reason), [opening, shown_opening]);
            let source = (PriceWay::of(outcome), source);
            let shown = self.price_shown(began, item.instrument, &item.price.content, source, end);
            self.observer.observe(now, &shown);
        }
        self.observer.observe(now, &Fact::ResultShown { visit, began, exchanged: true });
    }
}

fn as_supplier(policy: &Policy, number: usize, entry: &PeerEntry, now: Timestamp) -> Supplier {
    // Only open peers are ranked by it.
    let is_ranked = entry.peer.view.said.mode == Some(AcceptMode::Open);
    let success_rate = if is_ranked { entry.log.success_rate(now) } else { 1.0 };
    let peer = PeerId(u32::try_from(number).expect("fewer than 2^32 peers"));
    entry.peer.as_supplier(policy, peer, success_rate, now)
}

/// A bijection that makes an order of peers out of one draw: adding a peer does not change the order of the others.
fn scramble(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
