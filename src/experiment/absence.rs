//! Tells from a scenario alone, before anything is simulated, what will not happen in its measured period.

use crate::model::config::{MarketConfig, VisitsConfig, WorldConfig};
use crate::protocol::AcceptMode;
use crate::record::{Absence, NoExchanges, NoMessages, NoTrading, NoVisits};
use crate::time::Timestamp;
use crate::time::civil::local_hours;

/// What will not happen in the measured period of `world`, whatever chance decides; the weightiest comes first.
///
/// There are two exceptions. With [`NoVisits::Rare`] a visit may happen by chance. With [`NoExchanges::Timeout`] a user
/// who opens a watchlist for the first time starts an exchange all the same.
#[must_use]
pub(crate) fn foreseen_absences(world: &WorldConfig) -> Vec<Absence> {
    let (from, until) = (world.start + world.warmup, world.start + world.duration);
    let visits = no_visits(world, from, until).map(Absence::Visits);
    let trading = no_trading(world, from, until).map(Absence::Trading);
    let is_longer = world.watchlist_timeout >= until.saturating_since(from);
    let exchanges = is_longer.then_some(Absence::Exchanges(NoExchanges::Timeout));
    let has_servers = world.groups.iter().any(|group| group.gtnet && group.mode == AcceptMode::PushOpen);
    let nobody_asks = has_servers && !world.uses_gtnet();
    let messages = nobody_asks.then_some(Absence::Messages(NoMessages::NobodyTakesPart));
    [visits, trading, exchanges, messages].into_iter().flatten().collect()
}

fn no_visits(world: &WorldConfig, from: Timestamp, until: Timestamp) -> Option<NoVisits> {
    let with_users = || world.groups.iter().filter(|group| group.users > 0);
    // The visits expected of all users, if `visits_on` changes their days.
    let expected = |visits_on: &dyn Fn(&VisitsConfig) -> VisitsConfig| -> f64 {
        let of_group = with_users().filter_map(|group| {
            let users = f64::from(group.count) * f64::from(group.users);
            Some(users * visits_on(group.visits.as_ref()?).expected(from, until))
        });
        of_group.sum()
    };
    let is_zero = |number: f64| number <= 0.0;
    let as_written = expected(&VisitsConfig::clone);
    if with_users().next().is_none() {
        Some(NoVisits::NoUsers)
    } else if with_users().all(|group| group.visits.as_ref().is_none_or(|visits| is_zero(visits.per_day))) {
        Some(NoVisits::RateOfZero)
    } else if is_zero(as_written) {
        let as_on_weekdays = expected(&|visits| VisitsConfig { weekend: 1.0, ..visits.clone() });
        Some(if is_zero(as_on_weekdays) { NoVisits::OtherHours } else { NoVisits::Weekend })
    } else {
        (as_written < 1.0).then_some(NoVisits::Rare)
    }
}

fn no_trading(world: &WorldConfig, from: Timestamp, until: Timestamp) -> Option<NoTrading> {
    let instruments = &world.instruments;
    let of_pairs = (instruments.choosable_pairs() > 0).then_some(instruments.currency_market);
    let of_securities = instruments.security_markets.iter().filter(|_| instruments.choosable_securities() > 0);
    let of_securities = of_securities.map(|(at, _)| *at);
    let markets: Vec<&MarketConfig> = of_securities.chain(of_pairs).map(|at| &world.markets[at]).collect();
    if markets.iter().any(|market| !market.traded_between(from, until).is_zero()) {
        return None;
    }
    // Whether the market would trade if weekends were weekdays.
    let is_weekend = |market: &&MarketConfig| {
        let trades_at = |minute: u16| {
            market.hours.iter().any(|hours| hours.open_minute < minute + 60 && minute < hours.close_minute)
        };
        local_hours(&market.zone, from, until).iter().any(|hour| hour.weekend && trades_at(60 * u16::from(hour.hour)))
    };
    Some(if markets.iter().all(|market| market.hours.is_empty()) {
        NoTrading::NoHours
    } else if markets.iter().any(is_weekend) {
        NoTrading::Weekend
    } else {
        NoTrading::OtherHours
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{NoFiles, Scenario};

    const TEXT: &str = r#"
        [scenario]
        name = "one"
        question = "Does anything happen?"
        [run]
        start = 2026-03-02T00:00:00Z
        duration = "2d"
        warmup = "1d"
        seed = 1
        replications = 1
        [protocol]
        preset = "seven-step"
        [instruments]
        securities = 20
        currency_pairs = 0
        markets = { XSWX = 1.0 }
        [network]
        rtt = { constant = "40ms" }
        [connector.a]
        serves = { XSWX = 1.0 }
        delay = "15min"
        [group.hub]
        count = 1
        mode = "push-open"
        [group.client]
        count = 5
        mode = "open"
        users = 3
        watchlist = { instruments = 20 }
        visits = { per_day = 8, profile = "office", time_zone = "Europe/Zurich" }
        [[peering]]
        from = "client"
        to = "hub"
    "#;

    fn foreseen(overrides: &[&str]) -> Vec<Absence> {
        let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
        let scenario = Scenario::parse("test.toml", TEXT, &overrides, &NoFiles);
        foreseen_absences(scenario.unwrap_or_else(|error| panic!("{overrides:?}: {error}")).world())
    }

    #[test]
    fn each_cause_is_told_from_the_others() {
        use Absence::{Exchanges, Messages, Trading, Visits};
        assert_eq!(foreseen(&[]), []);
        let friday = "run.start=2026-03-27T00:00:00Z";
        let weekend = [Visits(NoVisits::Weekend), Trading(NoTrading::Weekend)];
        assert_eq!(foreseen(&[friday]), weekend);
        let elsewhere = ["instruments.markets.XNYS=1.0", "connector.a.serves.XNYS=1.0"];
        assert_eq!(foreseen(&[&[friday][..], &elsewhere].concat()), weekend, "it is Friday evening there");
        assert_eq!(foreseen(&[friday, "run.duration=4d"]), [], "Monday is measured, too");
        assert_eq!(foreseen(&[friday, "group.client.visits.profile=evening"]), [weekend[1]], "half as many are some");
        let night = ["run.warmup=47h", "protocol.watchlist_timeout=1min"];
        assert_eq!(foreseen(&night), [Visits(NoVisits::OtherHours), Trading(NoTrading::OtherHours)]);
        // The currency market trades at night, but nobody can watch a pair.
        let unwatched = ["instruments.currency_pairs=30", "instruments.currency_pair_share=0.0"];
        assert_eq!(foreseen(&[&night[..], &unwatched].concat())[1..], [Trading(NoTrading::OtherHours)]);
        let pairs = ["instruments.currency_pairs=30", "connector.a.serves.FX=1.0"];
        assert_eq!(foreseen(&[&night[..], &pairs].concat()), [Visits(NoVisits::OtherHours)]);
        assert_eq!(foreseen(&["group.client.visits.per_day=0"]), [Visits(NoVisits::RateOfZero)]);
        assert_eq!(foreseen(&["group.client.visits.per_day=0.01"]), [Visits(NoVisits::Rare)]);
        let nobody = Messages(NoMessages::NobodyTakesPart);
        assert_eq!(foreseen(&["group.client.users=0"]), [Visits(NoVisits::NoUsers), nobody]);
        assert_eq!(foreseen(&["group.client.gtnet=false"]), [nobody]);
        assert_eq!(foreseen(&["protocol.watchlist_timeout=1d"]), [Exchanges(NoExchanges::Timeout)]);
        assert_eq!(foreseen(&["protocol.watchlist_timeout=23h"]), []);
    }
}
