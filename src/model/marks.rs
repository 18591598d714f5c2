//! The marks that a price gets on its way from its provider to a user: moments of true time, from which its age follows in parts.
//! They follow each other, and only who fetches a price or takes it over sets them.

use crate::observe::{AgeSplit, InstanceId, ProviderId};
use crate::time::{SimDuration, SimTime};

/// The way of a price so far, in few bytes: every message and every store holds many of them. Of the moment whose price it is nothing
/// is kept, as it follows from the provider and from when the call reached it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// When the call reached the provider.
    placed: SimTime,
    /// When the answer reached the instance that had called.
    answered: SimTime,
    /// When the instance that holds it took it over; in a message, when the last one did.
    held_since: SimTime,
    /// How long its market has traded while it was in messages.
    in_messages: SimDuration,
    /// From whom the instance that holds it has it.
    from: InstanceId,
    provider: ProviderId,
}

/// There is no price, so that no provider has given it.
const NO_PROVIDER: ProviderId = ProviderId(u16::MAX);

/// The instance has fetched the price itself.
const NOBODY: InstanceId = InstanceId(u32::MAX);

impl Marks {
    /// No price, and no way.
    pub(super) const NONE: Self = Self {
        placed: SimTime::START,
        answered: SimTime::START,
        held_since: SimTime::START,
        in_messages: SimDuration::ZERO,
        from: NOBODY,
        provider: NO_PROVIDER,
    };

    /// The marks of a price that has just come from its provider, which a call has reached when it was `placed`.
    pub(super) const fn fetched(provider: ProviderId, placed: SimTime, answered: SimTime) -> Self {
        Self { placed, answered, held_since: answered, provider, ..Self::NONE }
    }

    /// Who has given the price, and when the call reached that provider; `None`: there is no price.
    pub(super) fn source(&self) -> Option<(ProviderId, SimTime)> {
        (self.provider != NO_PROVIDER).then_some((self.provider, self.placed))
    }

    /// The price has come from another instance, in a message under way while its market traded for `traded`.
    pub(super) fn take_over(&mut self, from: InstanceId, traded: SimDuration, now: SimTime) {
        self.held_since = now;
        self.in_messages += traded;
        self.from = from;
    }

    /// The age of the price in parts: of its market it is given how long that had traded until a moment of the run, until the one whose
    /// price it is (`made`), and until `now`.
    ///
    /// # Panics
    ///
    /// If the marks do not follow each other.
    pub(super) fn split(
        &self,
        made: SimDuration,
        now: SimDuration,
        traded_until: impl Fn(SimTime) -> SimDuration,
    ) -> AgeSplit {
        let (placed, answered) = (traded_until(self.placed), traded_until(self.answered));
        let held = if self.held_since == self.answered { answered } else { traded_until(self.held_since) };
        let before = answered + self.in_messages;
        assert!(
            made <= placed && placed <= answered && before <= held && held <= now,
            "a price was {made:?}, {placed:?}, {answered:?}, {before:?}, {held:?}, {now:?} on its way: {self:?}"
        );
        let parts = [
            placed.saturating_sub(made),
            answered.saturating_sub(placed),
            held.saturating_sub(before),
            self.in_messages,
            now.saturating_sub(held),
        ];
        AgeSplit { parts, provider: self.provider, from: (self.from != NOBODY).then_some(self.from) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDER: ProviderId = ProviderId(3);
    const HUB: InstanceId = InstanceId(7);

    fn at(nanos: u64) -> SimTime {
        SimTime::from_nanos(nanos)
    }

    fn nanos(count: u64) -> SimDuration {
        SimDuration::from_nanos(count)
    }

    /// Trades all the time; the price is of 5 ns.
    fn parts(marks: Marks, now: u64) -> AgeSplit {
        marks.split(nanos(5), nanos(now), SimTime::since_start)
    }

    #[test]
    fn each_part_is_the_time_between_two_marks() {
        let mut marks = Marks::fetched(PROVIDER, at(20), at(27));
        let own = parts(marks, 100);
        assert_eq!(own.parts, [15, 7, 0, 0, 73].map(nanos));
        assert_eq!((own.provider, own.from), (PROVIDER, None));
        // A push under way from 30 to 41, and an answer from 60 to 64.
        marks.take_over(InstanceId(1), nanos(11), at(41));
        marks.take_over(HUB, nanos(4), at(64));
        let shown = parts(marks, 100);
        assert_eq!(shown.parts, [15, 7, 22, 15, 36].map(nanos));
        assert_eq!((shown.from, shown.total()), (Some(HUB), nanos(95)));
        assert_eq!((marks.source(), Marks::NONE.source()), (Some((PROVIDER, at(20))), None));
    }

    #[test]
    #[should_panic(expected = "on its way")]
    fn nobody_shows_a_price_before_having_it() {
        parts(Marks::fetched(PROVIDER, at(20), at(27)), 26);
    }
}
