//! Where the price of an exchange came from, as observers are told: what the exchange, its requests and its calls say of it.

use crate::model::quote::Quote;
use crate::model::running::Running;
use crate::model::world::World;
use crate::observe::{PriceHistory, PriceSource, ServerTrouble};
use crate::protocol::{CallReason, InstrumentId, Outcome, PriceItem};
use crate::time::Timestamp;

/// The moment at which a visit began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    true_time: Timestamp,
    /// By the clock of the user's instance.
    shown: Timestamp,
}

impl World<'_> {
    /// When the visit of an exchange began.
    pub(super) fn opening(&self, running: &Running) -> Opening {
        let began = running.visit.began;
        let clock = &self.population.instances[running.visit.instance.index()].clock;
        Opening { true_time: self.blueprint.config.start + began.since_start(), shown: clock.show(began) }
    }

    /// Where the price of the instrument at a position came from. `reason` says what servers had to do with it.
    pub(super) fn source_of(
        &self,
        running: &Running,
        position: usize,
        item: &PriceItem<InstrumentId, Quote>,
        (outcome, reason): (Outcome, CallReason),
        opening: Opening,
    ) -> PriceSource {
        let calendar = &self.blueprint.calendars[self.population.market_of[item.instrument.0 as usize]];
        let since = |then: Option<Timestamp>, now| calendar.traded_between(then.unwrap_or(now), now);
        let is_filled = matches!(outcome, Outcome::OwnPool | Outcome::PushOpen(_) | Outcome::Open(_));
        let trouble = match reason {
            CallReason::GtnetOff | CallReason::NotReceivable => None,
            CallReason::PushCheck | CallReason::PoolRefresh => panic!("no exchange calls for this: {reason:?}"),
            CallReason::PeerFailed if running.is_hindered => Some(ServerTrouble::Fault),
            CallReason::PeerFailed => Some(ServerTrouble::Failure),
            CallReason::NobodyAsked | CallReason::NobodyHadIt => {
                (running.leaves_out && !is_filled).then_some(ServerTrouble::LeftOut)
            }
        };
        PriceSource::Exchanged(PriceHistory {
            outcome,
            age_before: since(self.answered_for(&item.price.content), opening.true_time),
            claimed_age: since(item.price.timestamp, opening.shown),
            trouble,
            call: running.call_ends[position],
        })
    }
}
