//! Where the price of an exchange came from, as observers are told: what the exchange, its requests and its calls say of it.

use crate::model::market::CalendarAt;
use crate::model::quote::Quote;
use crate::model::running::Running;
use crate::model::world::World;
use crate::observe::{PriceHistory, PriceSource, ServerTrouble};
use crate::protocol::{CallReason, InstrumentId, Outcome, PriceItem};
use crate::time::SimDuration;

impl World<'_> {
    /// Where the price of the instrument at a position came from. `reason` says what servers had to do with it. The calendars are those
    /// of its market when the visit began: at the true moment, and at the one that the clock of the user's instance showed.
    pub(super) fn source_of(
        &self,
        running: &Running,
        position: usize,
        item: &PriceItem<InstrumentId, Quote>,
        (outcome, reason): (Outcome, CallReason),
        [opening, shown_opening]: [&CalendarAt<'_>; 2],
    ) -> PriceSource {
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
            age_before: self
                .answered_for(&item.price.content)
                .map_or(SimDuration::ZERO, |then| opening.traded_since(then)),
            claimed_age: item.price.timestamp.map_or(SimDuration::ZERO, |then| shown_opening.traded_since(then)),
            trouble,
            call: running.call_ends[position],
        })
    }
}
