//! Visits of users: each shows local prices at once, or begins an exchange that will show better ones.

use crate::engine::Scheduler;
use crate::model::event::Event;
use crate::model::luck::VisitLuck;
use crate::model::population::LastExchange;
use crate::model::running::Visit;
use crate::model::world::World;
use crate::observe::{Fact, PriceSource, PriceWay, VisitId};
use crate::random::{Entity, Purpose};
use crate::time::SimTime;

impl World<'_> {
    /// Schedules the next visit of a user, if there is one before the horizon.
    pub(super) fn schedule_visit(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let user = &mut self.population.users[id as usize];
        let group = self.blueprint.instances()[user.instance.index()].group;
        let Some(schedule) = &self.blueprint.schedules[group] else { return };
        let next = schedule.next(user.expected, &mut self.visit_times[id as usize]);
        user.next_visit_at = next.map_or(SimTime::MAX, |(time, _)| time);
        if let Some((time, expected)) = next {
            user.expected = expected;
            user.next_visit = Some(scheduler.schedule_at(time, Event::Visit { user: id }));
        }
    }

    /// A user opens a watchlist. If the last exchange of it is old enough, another one begins; if not, the user sees local prices.
    pub(super) fn visit(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        self.schedule_visit(id, scheduler);
        let user = &mut self.population.users[id as usize];
        let number = user.visits;
        user.visits += 1;
        self.open_watchlist(id, number, scheduler);
    }

    /// A user opens a watchlist once more than usual.
    pub(super) fn extra_visit(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let extra = self.faults.extra_visits(id);
        let number = extra.take_number();
        self.schedule_extra_visit(id, scheduler);
        self.open_watchlist(id, number, scheduler);
    }

    /// The usual rate of visits has begun or ended to be exceeded: from now on a user makes so many extra visits for each usual one.
    pub(super) fn change_extra_visits(&mut self, id: u32, rate: f64, scheduler: &mut Scheduler<Event>) {
        let entity = Entity::pair(Entity::named("visits", 0), self.population.users[id as usize].entity);
        let stream = || self.streams.stream(Purpose::Fault, entity);
        let pending = self.faults.set_extra_visits(id, rate, stream);
        if let Some(pending) = pending {
            scheduler.cancel(pending);
        }
        self.schedule_extra_visit(id, scheduler);
    }

    /// Times are drawn anew whenever the rate changes: a Poisson process does not remember when it last happened.
    fn schedule_extra_visit(&mut self, id: u32, scheduler: &mut Scheduler<Event>) {
        let group = self.blueprint.instances()[self.population.users[id as usize].instance.index()].group;
        let Some(schedule) = &self.blueprint.schedules[group] else { return };
        let extra = self.faults.extra_visits(id);
        extra.next = extra
            .next_time(scheduler.now(), schedule)
            .map(|time| scheduler.schedule_at(time, Event::ExtraVisit { user: id }));
    }

    fn open_watchlist(&mut self, id: u32, number: u64, scheduler: &mut Scheduler<Event>) {
        let now = scheduler.now();
        let user = &mut self.population.users[id as usize];
        if self.population.instances[user.instance.index()].health.down {
            let visit = VisitId { user: id, number, instance: user.instance };
            return self.observer.observe(now, &Fact::VisitPrevented { visit });
        }
        let mut luck = VisitLuck::new(&self.streams, user.entity, number);
        let watchlist = match user.watchlists.len() {
            1 => 0,
            many => luck.of_watchlist().index(many),
        };
        let visit = Visit { user: id, number, instance: user.instance, watchlist, began: now };
        self.observer.observe(now, &Fact::VisitBegan { instance: visit.instance });
        self.totals.visits += 1;
        let local_now = self.population.instances[visit.instance.index()].clock.show(now);
        let last_exchange = &mut user.watchlists[watchlist].last_exchange;
        let timeout = self.blueprint.config.watchlist_timeout;
        match *last_exchange {
            Some(last) if local_now.saturating_since(last.shown) < timeout => {
                self.show_local_prices(&visit, now.since(last.began) >= timeout);
            }
            _ => {
                *last_exchange = Some(LastExchange { shown: local_now, began: now });
                self.begin_exchange(visit, luck, scheduler);
            }
        }
    }

    /// `is_overdue`: whether an exchange was due in true time.
    fn show_local_prices(&mut self, visit: &Visit, is_overdue: bool) {
        let now = visit.began;
        self.transcribe(now, |world| world.line_of_reopening(visit));
        for position in 0..self.population.rows(visit).len() {
            let local = self.population.local_of(visit, position);
            let source = (PriceWay::Local, PriceSource::Kept { is_overdue });
            let calendar = self.calendar_around(local.instrument, self.blueprint.config.start + now.since_start());
            let shown = self.price_shown(now, local.instrument, &local.price.content, source, &calendar);
            self.observer.observe(now, &shown);
        }
        self.observer.observe(now, &Fact::ResultShown { visit: visit.id(), began: now, exchanged: false });
    }
}
