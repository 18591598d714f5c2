//! Who draws what for: the keys of streams. Distinct keys give independent streams, and no key depends on another's
//! existence.

use super::stream::Stream;

/// The source of all randomness of one replication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    /// Seed and number of what is drawn once, before anything happens.
    drawn_once: (u64, u32),
    /// Seed and number of what is drawn as things happen.
    luck: (u64, u32),
}

impl Streams {
    /// The streams of replication number `replication` under the seed `seed`.
    #[must_use]
    pub fn new(seed: u64, replication: u32) -> Self {
        Self { drawn_once: (seed, replication), luck: (seed, replication) }
    }

    /// The streams of a replication that has the topology of replication `topology`: all that is drawn once (see
    /// [`Purpose::is_drawn_once`]). Its luck is independent of that of every other topology and replication.
    #[must_use]
    pub fn with_topology(seed: u64, topology: u32, replication: u32) -> Self {
        // Each topology changes the seed by a bijection of its own, none of which is the identity: no luck comes twice.
        let of_luck = mix(seed ^ mix(u64::from(topology) + 1));
        Self { drawn_once: (seed, topology), luck: (of_luck, replication) }
    }

    /// The stream for `purpose` of `entity`, at its beginning.
    ///
    /// The same arguments give the same stream again: keep a stream where its draws are to be consumed one after the
    /// other, and do not ask for it a second time.
    #[must_use]
    pub fn stream(&self, purpose: Purpose, entity: Entity) -> Stream {
        let (seed, number) = if purpose.is_drawn_once() { self.drawn_once } else { self.luck };
        let mut key = [0; 32];
        key[0..8].copy_from_slice(&seed.to_le_bytes());
        key[8..12].copy_from_slice(&number.to_le_bytes());
        key[12..16].copy_from_slice(&(purpose as u32).to_le_bytes());
        key[16..24].copy_from_slice(&entity.high.to_le_bytes());
        key[24..32].copy_from_slice(&entity.low.to_le_bytes());
        Stream::from_key(key)
    }
}

/// What draws are for; the numbers are part of the results' definition and never change. Those that are missing (33, 36) were
/// used, and are not used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u32)]
pub enum Purpose {
    /// Instrument: on which market it trades.
    InstrumentMarket = 1,
    /// Instrument and provider: whether the provider has the instrument.
    ProviderCoverage = 2,
    /// Instance and provider, by instrument: which of the providers that have the instrument the instance uses.
    ProviderChoice = 3,
    /// Watchlist: how many instruments it has, and which.
    Watchlist = 4,
    /// Instance and instrument: whether it has the receive flag and the send flag.
    InstrumentFlags = 5,
    /// Instance: in which country it is.
    Country = 6,
    /// Instance: offset and drift of its clock.
    Clock = 7,
    /// Instance: which others it knows.
    Peering = 8,
    /// Pair of hosts: the part of the round-trip time that stays.
    LinkBase = 9,
    /// Instance: at what time of the day it exchanges historical prices, and at what time it synchronises, where both are random.
    TimeOfDay = 10,
    /// User: when it visits.
    VisitTimes = 32,
    /// Pair of instances: the order of equal peers in an exchange, together with a draw of the visit.
    TieOrder = 34,
    /// User and receiving instance: loss, latency and service time of one request or push.
    Message = 35,
    /// Fault: what it hits, where that is drawn.
    Fault = 37,
    /// Pair of instances, by the moment when a status check or a synchronisation began: loss, latency and service time of the
    /// message that one sends to the other in it.
    Housekeeping = 38,
    /// User, by visit: which watchlist it opens, the order of equal peers, and, by place in the watchlist, failure and latency
    /// of the connector call.
    Visit = 39,
    /// Instance, by correction: how wrong its clock is afterwards.
    ClockCorrection = 40,
    /// Instrument: the key of the path of its true price.
    PriceTruth = 41,
    /// Pair of instances, by the moment when the visit began after which one pushes to the other: by instrument, whether the
    /// price is checked, and failure and latency of the call for it.
    PushCheck = 42,
    /// Push-open instance, by the moment when a refresh of its pool began: by instrument, failure and latency of the call for it.
    PoolRefresh = 43,
    /// Uncertain value, by block or trajectory: where the points of a sensitivity analysis lie.
    UncertainPoint = 44,
    /// Measure and uncertain value: which parts of a sensitivity analysis a resample holds.
    Resample = 45,
    /// Uncertain value: where it lies in each world of a study of alternatives.
    UncertainWorld = 46,
    /// The replications of a study: which of them a resample holds that tells how surely an alternative is on the front of several
    /// goals.
    FrontResample = 50,
}

impl Purpose {
    /// Whether it is drawn once for each network, before the first visit: places, links, peers, watchlists, providers and
    /// clocks, as opposed to visits, messages and calls.
    #[must_use]
    pub const fn is_drawn_once(self) -> bool {
        (self as u32) < Self::VisitTimes as u32
    }
}

/// Whom draws are for: an instance, a user, an instrument, or a combination of them.
///
/// An entity is made of names and numbers that belong to it alone, so that it stays the same whatever else exists.
/// Entities of different kinds may be equal where their [`Purpose`]s differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entity {
    high: u64,
    low: u64,
}

impl Entity {
    /// The `index`-th entity of the group `name`.
    #[must_use]
    pub fn named(name: &str, index: u64) -> Self {
        Self { high: fnv1a(name.as_bytes()), low: index }
    }

    /// The `index`-th entity of a kind that has only one sequence, such as instruments.
    #[must_use]
    pub fn indexed(index: u64) -> Self {
        Self { high: 0, low: index }
    }

    /// What `first` does with `second`; differs from what `second` does with `first`.
    #[must_use]
    pub fn pair(first: Self, second: Self) -> Self {
        let words = [first.high, first.low, second.high, second.low];
        // The two halves start differently, so that a collision in one says nothing about the other.
        let digest = |start: u64| words.iter().fold(start, |state, &word| mix(state ^ word));
        Self { high: digest(0x6774_6e65_742d_6869), low: digest(0x6774_6e65_742d_6c6f) }
    }
}

/// FNV-1a with 64 bits (Fowler, Noll and Vo).
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// One step of `SplitMix64`: a bijection in which every bit of the input moves half of the output's (Steele, Lea and
/// Flood, *Fast splittable pseudorandom number generators*, 2014; constants of Stafford's variant 13).
pub(super) fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn first(seed: u64, replication: u32, purpose: Purpose, entity: Entity) -> u64 {
        Streams::new(seed, replication).stream(purpose, entity).next_u64()
    }

    #[test]
    fn hashes_are_the_published_ones() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
        // The first outputs of SplitMix64 seeded with 0.
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mix(0x9e37_79b9_7f4a_7c15), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn every_part_of_the_key_selects_another_stream() {
        let client = Entity::named("client", 1);
        let draws = [
            first(42, 0, Purpose::VisitTimes, client),
            first(43, 0, Purpose::VisitTimes, client),
            first(42, 1, Purpose::VisitTimes, client),
            first(42, 0, Purpose::Visit, client),
            first(42, 0, Purpose::VisitTimes, Entity::named("client", 2)),
            first(42, 0, Purpose::VisitTimes, Entity::named("hub", 1)),
            first(42, 0, Purpose::VisitTimes, Entity::indexed(1)),
        ];
        assert_eq!(draws.iter().collect::<BTreeSet<_>>().len(), draws.len());
    }

    #[test]
    fn a_topology_stays_while_its_luck_changes() {
        let client = Entity::named("client", 1);
        let draw = |streams: Streams, purpose| streams.stream(purpose, client).next_u64();
        let of = |topology, replication| Streams::with_topology(42, topology, replication);
        assert_eq!(draw(of(3, 0), Purpose::Peering), draw(Streams::new(42, 3), Purpose::Peering));
        assert_eq!(draw(of(3, 0), Purpose::LinkBase), draw(of(3, 7), Purpose::LinkBase));
        assert_ne!(draw(of(3, 0), Purpose::Watchlist), draw(of(4, 0), Purpose::Watchlist));
        let luck: BTreeSet<u64> = (0..20)
            .flat_map(|topology| (0..20).map(move |replication| of(topology, replication)))
            .chain((0..20).map(|replication| Streams::new(42, replication)))
            .map(|streams| draw(streams, Purpose::VisitTimes))
            .collect();
        assert_eq!(luck.len(), 20 * 20 + 20, "no two topologies share their luck");
    }

    #[test]
    fn a_pair_has_an_order() {
        let (client, hub) = (Entity::named("client", 1), Entity::named("hub", 1));
        assert_ne!(Entity::pair(client, hub), Entity::pair(hub, client));
    }

    #[test]
    fn pairs_of_many_entities_do_not_collide() {
        let halves: BTreeSet<_> = (0..200)
            .flat_map(|a| (0..200).map(move |b| Entity::pair(Entity::indexed(a), Entity::indexed(b))))
            .flat_map(|pair| [pair.high, pair.low])
            .collect();
        assert_eq!(halves.len(), 2 * 200 * 200);
    }

    /// Kolmogorov-Smirnov: neighbouring entities must not have neighbouring first draws.
    #[test]
    fn first_draws_are_uniform_across_entities() {
        let streams = Streams::new(42, 0);
        let named = |index| Entity::named("client", index);
        let paired = |index| Entity::pair(named(0), Entity::indexed(index));
        let of_entities: [&dyn Fn(u64) -> Entity; 3] = [&Entity::indexed, &named, &paired];
        for of in of_entities {
            let mut draws: Vec<f64> =
                (0..10_000).map(|index| streams.stream(Purpose::Clock, of(index)).unit()).collect();
            draws.sort_by(f64::total_cmp);
            let size = draws.len() as f64;
            let distance = (1_u32..).zip(&draws).fold(0.0_f64, |worst, (rank, &draw)| {
                let above = f64::from(rank) / size - draw;
                let below = draw - f64::from(rank - 1) / size;
                worst.max(above).max(below)
            });
            // The critical value at the level 0.001 is 1.95 / sqrt(n).
            assert!(distance < 1.95 / size.sqrt(), "distance {distance}");
        }
    }
}
