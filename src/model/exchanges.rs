//! Exchanges of instances: each step of the protocol, done in the world.

use crate::engine::Scheduler;
use crate::observe::{Fact, MessageKind, Observer};
use crate::protocol::{AcceptMode, Action, Connector, Exchange, Outcome, PeerId, Supplier, WatchlistItem};
use crate::random;
use crate::time::{SimTime, Timestamp};

use super::messages::Purpose;
use super::population::{Details, PeerEntry};
use super::world::{Call, Event, Running, World};

impl<O: Observer> World<'_, O> {
    /// Starts an exchange of a user's watchlist.
    pub(super) fn begin_exchange(&mut self, user: u32, visit: u64, watchlist: u32, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let policy = self.blueprint.config.policy;
        let owner = &self.population.users[user as usize];
        let luck = self.streams.stream(random::Purpose::TieOrder, owner.entity).at(visit, 0).next_u64();
        let id = owner.instance;
        let instance = &self.population.instances[id.index()];
        let slot = self.running.take(|| Running {
            exchange: Exchange::new(policy),
            user,
            instance: id,
            watchlist,
            visit,
            began: now,
            queue: Vec::new(),
            next_call: 0,
            calls_under_way: 0,
            calls: Vec::new(),
            last_asked: None,
            shown: false,
        });
        let running = &mut self.running[slot];
        (running.user, running.instance, running.watchlist, running.visit) = (user, id, watchlist, visit);
        running.began = now;
        let rows = &owner.watchlists[watchlist as usize].rows;
        running.calls.clear();
        running.calls.resize(rows.len(), Call::NONE);
        (running.last_asked, running.shown) = (None, false);
        let local_now = instance.clock.show(now);
        let order = &mut self.tie_order;
        order.clear();
        order.extend(instance.peers.iter().enumerate().map(|(peer, entry)| (scramble(luck ^ entry.tie), peer)));
        order.sort_unstable();
        running.exchange.start(
            instance.own,
            local_now,
            rows.iter().map(|row| {
                let local = instance.local.at(*row);
                WatchlistItem {
                    instrument: local.instrument,
                    receive: local.receive,
                    connector: local
                        .provider
                        .map(|provider| Connector { delay: self.blueprint.config.connectors[provider.index()].delay }),
                    active: true,
                    retry: local.retry,
                    valuation_only: false,
                    price: local.price,
                }
            }),
            order.iter().map(|(_, peer)| as_supplier(*peer, &instance.peers[*peer], local_now)),
        );
        self.totals.exchanges_begun += 1;
        let instruments = u32::try_from(rows.len()).expect("a watchlist is shorter than 2^32");
        self.observer.observe(now, &Fact::ExchangeBegan { instance: id, instruments });
        self.transcribe(now, |world| world.line_of_beginning(slot, now));
        self.step(slot, scheduler);
    }

    /// Does what the protocol says next, until it has to wait for a reply or for connectors.
    pub(super) fn step(&mut self, slot: u32, scheduler: &mut Scheduler<Event>) {
        loop {
            let running = &mut self.running[slot];
            let id = running.instance.index();
            let details =
                Details { instances: &self.population.instances, peers: &self.population.instances[id].peers };
            running.exchange.set_clock(self.population.instances[id].clock.show(scheduler.now()));
            match running.exchange.next_action(&details) {
                Action::AskOwnPool => {
                    running.exchange.consult_own_pool(&mut self.population.instances[id].pool.as_owner());
                    self.save_prices(slot);
                }
                Action::Request { peer } => {
                    let from = running.instance;
                    return self.send(Purpose::Exchange(slot), from, MessageKind::Request, peer, scheduler);
                }
                Action::CallConnectors => return self.call_connectors(slot, scheduler),
                Action::UpdateOwnPool => {
                    running.exchange.update_own_pool(&mut self.population.instances[id].pool.as_owner());
                }
                Action::Finish => {
                    self.save_prices(slot);
                    self.show_result(slot, scheduler.now());
                }
                Action::PushBack { peer } => {
                    let from = running.instance;
                    return self.send(Purpose::Exchange(slot), from, MessageKind::Push, peer, scheduler);
                }
                Action::Done => {
                    self.totals.exchanges_done += 1;
                    return self.running.free(slot);
                }
            }
        }
    }

    /// Takes the answer to a request into the exchange, the peer's log and the local instruments.
    pub(super) fn take_answer(&mut self, slot: u32, peer: PeerId, message: u32, now: SimTime) {
        let running = &mut self.running[slot];
        let from = running.instance;
        let answer = &self.messages[message].answer;
        let updated = running.exchange.on_reply(peer, answer);
        let ended = Ok((updated, answer.len()));
        self.log_request(from, peer, message, ended, now);
        self.save_prices(slot);
    }

    /// Keeps in the local instruments what the exchange has received.
    fn save_prices(&mut self, slot: u32) {
        let running = &self.running[slot];
        let user = &self.population.users[running.user as usize];
        let local = &mut self.population.instances[running.instance.index()].local;
        let rows = &user.watchlists[running.watchlist as usize].rows;
        for (position, price, retry) in running.exchange.local_updates() {
            local.save(rows[position], price);
            if let Some(retry) = retry {
                local.at_mut(rows[position]).retry = retry;
            }
        }
    }

    fn show_result(&mut self, slot: u32, now: SimTime) {
        self.running[slot].shown = true;
        self.transcribe(now, |world| world.line_of_result(slot));
        let running = &self.running[slot];
        let began = running.began;
        for (item, _, outcome) in running.exchange.items() {
            let outcome = outcome.expect("every instrument of a finished exchange has ended");
            let pushed = item.price.content.pushed && matches!(outcome, Outcome::OwnPool | Outcome::PushOpen(_));
            self.observer.observe(now, &Fact::Settled { began, outcome, pushed });
            let market = self.population.market_of[item.instrument.0 as usize];
            let age = self.age(market, &item.price.content, now);
            self.observer.observe(now, &Fact::PriceShown { began, age });
        }
        self.observer.observe(now, &Fact::ResultShown { began, exchanged: true });
    }
}

fn as_supplier(number: usize, entry: &PeerEntry, now: Timestamp) -> Supplier {
    // Only open peers are ranked by it.
    let is_ranked = entry.peer.view.said.mode == Some(AcceptMode::Open);
    let success_rate = if is_ranked { entry.log.success_rate(now) } else { 1.0 };
    entry.peer.as_supplier(PeerId(u32::try_from(number).expect("fewer than 2^32 peers")), success_rate)
}

/// A bijection that makes an order of peers out of one draw: adding a peer does not change the order of the others.
fn scramble(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
