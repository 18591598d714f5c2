//! One replication of a world in the middle of its run: all of its state, which handlers change and laws hold together.

use crate::observe::Observer;
use crate::protocol::Policy;
use crate::random::{Purpose, Stream, Streams};
use crate::time::{SimDuration, SimTime};

use super::blueprint::Blueprint;
use super::drawing;
use super::faults::Faults;
use super::message::Message;
use super::population::Population;
use super::quote::Quote;
use super::running::Running;
use super::slab::Slab;
use super::totals::Totals;

/// One replication of a world in the middle of its run.
pub(super) struct World<'a, O> {
    pub(super) blueprint: &'a Blueprint,
    pub(super) streams: Streams,
    pub(super) population: Population,
    pub(super) running: Slab<Running>,
    pub(super) messages: Slab<Message>,
    pub(super) totals: Totals,
    pub(super) faults: Faults,
    pub(super) observer: &'a mut O,
    /// By user: when it visits, one draw after the other.
    pub(super) visit_times: Vec<Stream>,
    /// Peers of an exchange with the keys by which equals are ordered; kept for its buffer.
    pub(super) tie_order: Vec<(u64, usize)>,
}

impl<'a, O: Observer> World<'a, O> {
    /// A world before its first event.
    pub(super) fn new(blueprint: &'a Blueprint, streams: Streams, observer: &'a mut O) -> Self {
        let population = drawing::population(blueprint, &streams);
        let visit_times =
            population.users.iter().map(|user| streams.stream(Purpose::VisitTimes, user.entity)).collect();
        Self {
            blueprint,
            streams,
            population,
            running: Slab::new(),
            messages: Slab::new(),
            totals: Totals::default(),
            faults: Faults::new(blueprint, &streams),
            observer,
            visit_times,
            tie_order: Vec::new(),
        }
    }

    pub(super) fn policy(&self) -> &'a Policy {
        &self.blueprint.config.policy
    }

    /// How long its market has traded since the moment whose price this is.
    pub(super) fn age(&self, market: usize, quote: &Quote, now: SimTime) -> Option<SimDuration> {
        let true_now = self.blueprint.config.start + now.since_start();
        quote.as_of.map(|as_of| self.blueprint.calendars[market].traded_between(as_of, true_now))
    }
}
