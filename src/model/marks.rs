//! The marks that a price gets on its way from its provider to a user: moments of true time, from which its age follows in parts.
//! They follow each other, and only who fetches a price or takes it over sets them.

use crate::observe::{AgeSplit, InstanceId, ProviderId};
use crate::time::{SimDuration, SimTime};

/// The way of a price so far, in few bytes: every message and every store holds many of them. Of the moment whose price it is nothing
/// is kept, as it follows from the provider and from when the call reached it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// When the call reached the provider.
    placed: Nanos<8>,
    /// How long it took from then until the answer reached the instance that had called. What is longer than three days counts as
    /// three days, and its rest as waiting there.
    fetch: Nanos<6>,
    /// When the instance that holds it took it over; in a message, when the last one did.
    held_since: Nanos<8>,
    /// How long its market has traded while it was in messages, up to two years.
    in_messages: Nanos<7>,
    /// From whom the instance that holds it has it.
    from: [u8; 4],
    provider: [u8; 2],
}

/// So many nanoseconds in `N` bytes. More than they can hold counts as the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Nanos<const N: usize>([u8; N]);

/// There is no price, so that no provider has given it.
const NO_PROVIDER: ProviderId = ProviderId(u16::MAX);

/// The instance has fetched the price itself.
const NOBODY: InstanceId = InstanceId(u32::MAX);

impl<const N: usize> Nanos<N> {
    const ZERO: Self = Self([0; N]);

    fn of(nanos: u64) -> Self {
        let mut kept = [u8::MAX; N];
        let bytes = nanos.to_le_bytes();
        if bytes[N..].iter().all(|byte| *byte == 0) {
            kept.copy_from_slice(&bytes[..N]);
        }
        Self(kept)
    }

    fn get(self) -> u64 {
        let mut bytes = [0; 8];
        bytes[..N].copy_from_slice(&self.0);
        u64::from_le_bytes(bytes)
    }
}

impl Marks {
    /// No price, and no way.
    pub(super) const NONE: Self = Self {
        placed: Nanos::ZERO,
        fetch: Nanos::ZERO,
        held_since: Nanos::ZERO,
        in_messages: Nanos::ZERO,
        from: NOBODY.0.to_le_bytes(),
        provider: NO_PROVIDER.0.to_le_bytes(),
    };

    /// The marks of a price that has just come from its provider, which a call has reached when it was `placed`.
    pub(super) fn fetched(provider: ProviderId, placed: SimTime, answered: SimTime) -> Self {
        Self {
            placed: Nanos::of(placed.as_nanos()),
            fetch: Nanos::of(answered.since(placed).as_nanos()),
            held_since: Nanos::of(answered.as_nanos()),
            provider: provider.0.to_le_bytes(),
            ..Self::NONE
        }
    }

    /// Who has given the price, and when the call reached that provider; `None`: there is no price.
    pub(super) fn source(&self) -> Option<(ProviderId, SimTime)> {
        let provider = ProviderId(u16::from_le_bytes(self.provider));
        (provider != NO_PROVIDER).then(|| (provider, SimTime::from_nanos(self.placed.get())))
    }

    /// The price has come from another instance, in a message under way while its market traded for `traded`.
    pub(super) fn take_over(&mut self, from: InstanceId, traded: SimDuration, now: SimTime) {
        self.held_since = Nanos::of(now.as_nanos());
        self.in_messages = Nanos::of(self.in_messages.get().saturating_add(traded.as_nanos()));
        self.from = from.0.to_le_bytes();
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
        let moment = |nanos: u64| traded_until(SimTime::from_nanos(nanos));
        let (answered_at, held_since) = (self.placed.get() + self.fetch.get(), self.held_since.get());
        let (placed, answered) = (moment(self.placed.get()), moment(answered_at));
        let held = if held_since == answered_at { answered } else { moment(held_since) };
        let in_messages = SimDuration::from_nanos(self.in_messages.get());
        let before = answered + in_messages;
        assert!(
            made <= placed && placed <= answered && before <= held && held <= now,
            "a price was {made:?}, {placed:?}, {answered:?}, {before:?}, {held:?}, {now:?} on its way: {self:?}"
        );
        let parts = [
            placed.saturating_sub(made),
            answered.saturating_sub(placed),
            held.saturating_sub(before),
            in_messages,
            now.saturating_sub(held),
        ];
        let from = InstanceId(u32::from_le_bytes(self.from));
        AgeSplit {
            parts,
            provider: ProviderId(u16::from_le_bytes(self.provider)),
            from: (from != NOBODY).then_some(from),
        }
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
    fn what_is_too_long_counts_as_the_most() {
        let most = (1 << 48) - 1;
        assert_eq!([0, 1, most, most + 1, u64::MAX].map(|nanos| Nanos::<6>::of(nanos).get()), [0, 1, most, most, most]);
        assert_eq!(Nanos::<8>::of(u64::MAX).get(), u64::MAX);
        let (placed, answered) = (at(20), at(20 + most + 9));
        let shown = parts(Marks::fetched(PROVIDER, placed, answered), 20 + most + 10);
        assert_eq!(shown.parts, [15, most, 9, 0, 1].map(nanos));
    }

    #[test]
    #[should_panic(expected = "on its way")]
    fn nobody_shows_a_price_before_having_it() {
        parts(Marks::fetched(PROVIDER, at(20), at(27)), 26);
    }
}
