//! Wrong clocks: who sees which price at which visit, worked out by hand in worlds without chance but for the times of visits.
//!
//! There is one instrument, which always trades, and nothing takes any time: a provider's price is of the moment of the visit that
//! calls for it, stamped by the clock of the instance that calls.

use gtnet_sim::model::config::{
    ChurnConfig, FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, InstanceFault, WorldConfig,
};
use gtnet_sim::observe::{Fact, InstanceId, Observer, PriceSource};
use gtnet_sim::protocol::{Policy, Preset};
use gtnet_sim::time::{SimDuration, SimTime};

use crate::faults::at;
use crate::support::{CLIENT, around_the_clock, ideal_world, watch};

/// The first client, whose clock is wrong.
const WRONG: InstanceId = InstanceId(1);

const HOUR: SimDuration = SimDuration::from_hours(1);
const SECOND: SimDuration = SimDuration::from_secs(1);

/// A visit, with the price that it shows.
#[derive(Clone, Copy, Debug)]
struct Look {
    at: SimTime,
    by: InstanceId,
    exchanged: bool,
    /// How long ago it was true.
    age: SimDuration,
    off_s: u64,
    is_overdue: bool,
}

#[derive(Default)]
struct Looks {
    seen: Vec<Look>,
    shown: Option<(SimDuration, u64, bool)>,
}

impl Observer for Looks {
    fn observe(&mut self, now: SimTime, fact: &Fact) {
        match *fact {
            Fact::PriceShown { age, stamp_error, source, .. } => {
                let is_overdue = matches!(source, PriceSource::Kept { is_overdue: true });
                self.shown = Some((age.expect("a price"), stamp_error.seconds().into(), is_overdue));
            }
            Fact::ResultShown { visit, began, exchanged } => {
                assert_eq!(began, now, "nothing takes any time");
                let (age, off_s, is_overdue) = self.shown.take().expect("a price is shown before");
                self.seen.push(Look { at: now, by: visit.instance, exchanged, age, off_s, is_overdue });
            }
            _ => {}
        }
    }
}

fn looks(config: &WorldConfig) -> Vec<Look> {
    let mut looks = Looks::default();
    watch(config, 7, &mut looks);
    looks.seen
}

/// The clock of the first client is ahead by so many hours, or behind.
fn wrong_clock(ahead_hours: i64, begins: SimDuration, lasts: SimDuration) -> FaultConfig {
    let at = vec![FaultTarget { group: CLIENT, number: Some(0) }];
    let fault = InstanceFault::Clock { ahead_nanos: ahead_hours * 3_600_000_000_000 };
    let times = FaultTimes::Set(vec![FaultSpell { begins, lasts }]);
    FaultConfig { name: "wrong-clock".to_owned(), kind: FaultKind::Instances { at, fault }, times }
}

/// A hub and clients, each with a user who comes every seven minutes on average.
fn world(preset: Preset, clients: u32, fault: FaultConfig) -> WorldConfig {
    let mut config = ideal_world(clients);
    config.policy = Policy::of(preset);
    config.groups[CLIENT].visits = Some(around_the_clock(200.0));
    config.faults = vec![fault];
    config
}

/// Under the planned rules a client whose clock is an hour ahead pushes T + 1 h at each visit T, as nobody has anything newer for it.
/// The pool gives that to the others, and nothing right is newer until T + 1 h: everybody sees the price of the last visit T. The first
/// who comes after that calls his provider, and the pool takes what he pushes.
#[test]
fn a_planned_pool_keeps_a_price_from_the_future_until_that_has_come() {
    for threshold in [None, Some(SECOND * 1_500)] {
        let mut config = world(Preset::SevenStep, 3, wrong_clock(1, HOUR * 10, HOUR * 4));
        config.policy.freshness_threshold = threshold;
        let looks = looks(&config);
        let of_wrong: Vec<&Look> =
            looks.iter().filter(|look| look.by == WRONG && (at(10)..at(14)).contains(&look.at)).collect();
        // Without a threshold the pool may have something newer for it at first.
        let first = of_wrong.iter().position(|look| look.off_s > 0).expect("it calls its provider");
        assert!(first == 0 || threshold.is_none() && of_wrong[..first].iter().all(|look| !look.age.is_zero()));
        let pushed: Vec<SimTime> = of_wrong[first..].iter().map(|look| look.at).collect();
        assert!(pushed.len() > 3, "{pushed:?}");
        let right_again = *pushed.last().expect("a push") + HOUR;
        let (mut wrong, mut of_others) = (0, 0);
        for look in &looks {
            let last = pushed.iter().rfind(|time| **time <= look.at).filter(|_| look.at <= right_again);
            let expected = last.map_or((look.age, 0), |last| (look.at.since(*last), 3_600));
            assert_eq!((look.age, look.off_s), expected, "{look:?}");
            wrong += u32::from(last.is_some());
            of_others += u32::from(last.is_some() && look.by != WRONG);
        }
        assert!(wrong > 20 && of_others > 10, "{of_others} of {wrong}");
        let after = looks.iter().find(|look| look.at > right_again).expect("a visit");
        assert!(after.age.is_zero(), "{after:?}");
    }
}

/// The released rules have a threshold by the clock of who asks. A client whose clock is ahead by more than that finds all prices of
/// the pool too old, gets none, and so pushes none. Nobody else sees a wrong timestamp once the pool knows the instrument.
#[test]
fn a_released_pool_takes_nothing_from_a_clock_that_is_far_ahead() {
    let looks = looks(&world(Preset::Gt0365, 3, wrong_clock(1, HOUR * 10, HOUR)));
    let wrong: Vec<&Look> = looks.iter().filter(|look| look.off_s > 0).collect();
    assert!(wrong.len() > 3 && wrong.iter().all(|look| look.by == WRONG && look.off_s == 3_600), "{wrong:?}");
    // A provider is called when the price is stamped more than 300 s ago: the last one from the future stays an hour longer.
    let mut own = looks.iter().filter(|look| look.by == WRONG && (at(10)..at(11)).contains(&look.at));
    let stamped = own.rfind(|look| look.age.is_zero()).expect("it calls its provider").at;
    for look in looks.iter().filter(|look| look.by == WRONG && look.at >= at(11)) {
        let is_wrong = look.at <= stamped + HOUR + SECOND * 300;
        let expected = if is_wrong { (look.at.since(stamped), 3_600) } else { (look.age, 0) };
        assert_eq!((look.age, look.off_s), expected, "{look:?}");
    }
}

/// A released pool learns an instrument that it does not know from a request, whatever its timestamp, echoes it, and so is told the
/// next price. Here that is a price of the client whose clock is six hours ahead. Two others join later.
///
/// The first request of the client, at v, has no price. The second, at w, carries v + 6 h, which the pool learns and echoes. If its
/// price is older than 300 s the client calls its provider, and pushes w + 6 h. From then on it gets nothing, and pushes nothing. The
/// others see the price of T, which is w or v, until T + 6 h + 300 s; then they call their provider.
#[test]
fn a_released_pool_learns_an_unknown_instrument_from_a_clock_that_is_ahead() {
    let mut config = world(Preset::Gt0365, 3, wrong_clock(6, SECOND, HOUR * 200));
    config.warmup = SimDuration::ZERO;
    config.groups[CLIENT].churn = Some(ChurnConfig { present: 1, from: HOUR * 2, until: HOUR * 3, stays_s: None });
    let looks = looks(&config);
    let own: Vec<SimTime> = looks.iter().filter(|look| look.by == WRONG).map(|look| look.at).collect();
    let poisoned = if own[1].since(own[0]) > SECOND * 300 { own[1] } else { own[0] };
    assert!(looks.iter().all(|look| look.by != WRONG || look.off_s == 6 * 3_600));
    let right_again = poisoned + HOUR * 6 + SECOND * 300;
    let mut wrong = [0; 2];
    for look in looks.iter().filter(|look| look.by != WRONG) {
        if look.at <= right_again {
            assert_eq!((look.age, look.off_s), (look.at.since(poisoned), 6 * 3_600), "{look:?}");
            wrong[look.by.index() - 2] += 1;
        } else {
            assert!(look.off_s == 0 && look.age <= SECOND * 300, "{look:?}");
        }
    }
    assert!(wrong.iter().all(|count| *count > 20), "{wrong:?}");
}

/// A clock goes back by an hour: as it falls behind, or as one that was ahead is set right. The last exchange before was at x, by the
/// clock of then. So the watchlist is due again at x + 20 min + 1 h. By true time it is due after 20 minutes.
#[test]
fn a_watchlist_waits_for_a_clock_that_was_set_back() {
    let (begins, ends) = (at(10), at(16));
    for (ahead_hours, set_back) in [(-1, begins), (1, ends)] {
        let mut config = world(Preset::SevenStep, 1, wrong_clock(ahead_hours, HOUR * 10, HOUR * 6));
        config.peerings.clear();
        config.watchlist_timeout = SECOND * 1_200;
        let looks = looks(&config);
        let last = looks.iter().rfind(|look| look.exchanged && look.at < set_back).expect("an exchange");
        let due = last.at + HOUR + SECOND * 1_200;
        let waits = |look: &&Look| (set_back..due).contains(&look.at);
        assert!(looks.iter().filter(waits).count() > 3);
        for look in looks.iter().filter(waits) {
            assert_eq!((look.exchanged, look.age), (false, look.at.since(last.at)), "{look:?}");
            assert_eq!((look.off_s, look.is_overdue), (last.off_s, look.age >= SECOND * 1_200), "{look:?}");
        }
        let after = looks.iter().find(|look| look.at >= due).expect("a visit");
        assert!(after.exchanged && after.age.is_zero(), "{after:?}");
        // At all other times it is as ever, but that timestamps are wrong while the clock is.
        for look in looks.iter().filter(|look| !waits(look)) {
            assert!(!look.is_overdue && look.age < SECOND * 1_200, "{look:?}");
            let is_wrong = (begins..ends).contains(&look.at);
            assert!(!look.exchanged || look.off_s == if is_wrong { 3_600 } else { 0 }, "{look:?}");
        }
    }
}

/// A clock that goes forward makes a watchlist due at once.
#[test]
fn a_watchlist_is_due_when_a_clock_jumps_ahead() {
    let mut config = world(Preset::SevenStep, 1, wrong_clock(1, HOUR * 10, HOUR * 6));
    config.watchlist_timeout = HOUR;
    let looks = looks(&config);
    let first = looks.iter().find(|look| look.at >= at(10)).expect("a visit");
    assert!(first.exchanged && first.age.is_zero() && first.off_s == 3_600, "{first:?}");
}
