//! What the language accepts the model runs: every key at the ends of its range and beyond; and whatever is refused is told
//! in plain words, with a remedy.

use std::collections::BTreeSet;

use gtnet_sim::model::Footprint;
use gtnet_sim::scenario::{NoFiles, Scenario, render};
use proptest::prelude::*;

use crate::support::{assert_plain_words, measure};

const WORLD: &str = r#"
[scenario]
name = "extremes"
question = "Does it run?"

[run]
start = 2026-03-02T00:00:00Z
duration = "2d"

[protocol]
preset = "gt-0.36.5"
push_checked_share = 0.5
pool_refresh_interval = "2h"

[instruments]
securities = 4
currency_pairs = 2
markets = { HOME = 0.5, XSWX = 0.5 }

[market.HOME]
time_zone = "UTC"
open = "09:00"
close = "17:00"
break_start = "12:00"
break_end = "13:00"

[connector.own]
serves = { HOME = 1.0, XSWX = 1.0, FX = 0.5 }
delay = "1s"
rate_limit = { requests = 8, per = "1min" }

[connector.other]
serves = { HOME = 0.5, FX = 1.0 }
delay = "15min"
rate_limit = { requests = 20, per = "1min", when_exceeded = "fail" }

[group.hub]
count = 1
mode = "push-open"
country = "CH"

[group.client]
count = 2
mode = "open"
country = "AT"
users = 1
watchlist = { instruments = 3 }
visits = { per_day = 4, profile = "uniform", time_zone = "UTC" }
joins = { present = 1, until = "12h", stays = "30h" }

[[peering]]
from = "client"
to = "hub"

[[peering]]
from = "client"
to = "client"

[fault.crash]
kind = "crash"
at = "hub"
begins = "1h"
lasts = "1h"

[fault.planned]
kind = "maintenance"
at = "hub"
begins = "3h"
lasts = "1h"

[fault.slow]
kind = "slow"
at = "hub"
factor = 2
times = [{ begins = "1h", lasts = "1h" }]

[fault.clock]
kind = "clock"
at = "client-1"
ahead = "1h"
every = "1h"
lasts = "1h"

[fault.out]
kind = "provider-outage"
provider = "own"
begins = "1h"
lasts = "1h"

[fault.flood]
kind = "visits"
at = "client"
factor = 2
begins = "1h"
lasts = "1h"

[fault.lossy]
kind = "links"
between = "client"
and = "hub"
factor = 2
begins = "1h"
lasts = "1h"
"#;

const DURATIONS: [&str; 12] = [
    "\"-3660d\"",
    "\"-1ns\"",
    "\"0s\"",
    "\"1ns\"",
    "\"1ms\"",
    "\"1d\"",
    "\"1d 1ns\"",
    "\"367d\"",
    "\"3660d\"",
    "\"3660d 1ns\"",
    "\"999999999999999999d\"",
    "1",
];

const SHARES: [&str; 7] = ["-0.0", "5e-324", "0.5", "1", "1.0000000000000002", "-1e-9", "nan"];

fn owned(values: &[&str]) -> Vec<String> {
    values.iter().map(|&value| value.to_owned()).collect()
}

/// The numbers around the ends of a range.
fn around(least: i128, most: i128) -> Vec<String> {
    let mut numbers: Vec<String> =
        [least - 1, least, least + 1, most - 1, most, most + 1].map(|n| n.to_string()).into();
    numbers.extend(owned(&["2.0", "true", "-99999999999999999999999999999999999999999999", "1e300"]));
    numbers
}

/// Every shape of distribution with `values` in all of its places.
fn distributions(values: &[&str]) -> Vec<String> {
    let mut all = owned(values);
    for (at, value) in values.iter().enumerate() {
        let other = values[(at + 1) % values.len()];
        all.push(format!("{{ exponential = {{ mean = {value} }} }}"));
        all.push(format!("{{ normal = {{ mean = {value}, sd = {other} }} }}"));
        all.push(format!("{{ normal = {{ mean = {other}, sd = {value} }} }}"));
        all.push(format!("{{ uniform = [{value}, {other}] }}"));
        all.push(format!("{{ empirical = [{other}, {value}, {other}] }}"));
        for sigma in ["0", "5", "5.1"] {
            all.push(format!("{{ lognormal = {{ median = {value}, sigma = {sigma} }} }}"));
        }
    }
    all
}

fn round_trips() -> Vec<String> {
    let mut all = owned(&["\"country\"", "{}", "{ constant = \"0s\" }", "{ constant = \"3660d\" }"]);
    for median in DURATIONS {
        for sigma in ["0", "5"] {
            all.push(format!("{{ median = {median}, sigma = {sigma} }}"));
            all.push(format!("{{ median = \"3660d\", sigma = {sigma}, minimum = {median} }}"));
        }
    }
    all
}

fn moments() -> Vec<String> {
    let mut all = Vec::new();
    for (at, mean) in DURATIONS.iter().enumerate() {
        let other = DURATIONS[(at + 5) % DURATIONS.len()];
        all.push(format!("{{ mean = {mean}, sd = {other}, minimum = \"0s\" }}"));
        all.push(format!("{{ mean = \"3660d\", sd = {other}, minimum = {mean} }}"));
    }
    all
}

/// Paths, and what is tried for them; the last part of a path, or the last two, are a key of the reference.
#[expect(clippy::too_many_lines, reason = "a table, with a line for each key")]
fn tried() -> Vec<(&'static str, Vec<String>)> {
    let offsets = ["\"-3660d\"", "\"-1ns\"", "\"0s\"", "\"1ns\"", "\"3660d\"", "\"3660d 1ns\"", "\"-3661d\""];
    let drifts = ["-500000.0004", "-500000", "0", "0.0004", "500000", "500000.1", "1e300"];
    let counts = ["0", "0.4", "0.5", "1", "2.5", "6", "7", "2000000", "2000001", "1e13"];
    let times = owned(&["\"00:00\"", "\"24:00\"", "\"12:30\"", "\"24:01\"", "\"23:59\"", "none"]);
    let zones =
        owned(&["UTC", "utc", "Pacific/Apia", "Pacific/Kiritimati", "Etc/GMT+12", "Africa/Monrovia", "Etc/Unknown"]);
    let switches = owned(&["true", "false", "\"true\""]);
    let ages = || [owned(&DURATIONS), owned(&["none"])].concat();
    let numbers = |any: &str| [around(1, 1_000_000), owned(&[any])].concat();
    let weights = owned(&["0", "5e-324", "1", "1e9", "1000000001", "1e13"]);
    let sizes = owned(&["\"-1B\"", "\"0B\"", "\"1024MiB\"", "\"1025MiB\"", "\"0.4B\""]);
    let volatilities = owned(&["-0.1", "0", "5e-324", "10", "10.1"]);
    let corrections = DURATIONS.iter().flat_map(|time| {
        [format!("{{ every = {time} }}"), format!("{{ every = \"1h\", residual = {time} }}"), "none".to_owned()]
    });
    let corrections = corrections.collect();
    vec![
        (
            "run.start",
            owned(&["1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "2200-01-02T00:00:00Z"]),
        ),
        ("run.duration", owned(&DURATIONS)),
        ("run.warmup", owned(&DURATIONS)),
        ("run.topology", around(0, 100_000)),
        ("run.seed", around(0, i128::from(u64::MAX))),
        ("run.replications", around(1, 100_000)),
        ("protocol.preset", owned(&["seven-step", "general-flow", "gt-0.36.5", "gt-0.36.5-deployed", "gt"])),
        ("protocol.watchlist_timeout", owned(&DURATIONS)),
        ("protocol.request_scope", owned(&["unfilled", "all"])),
        ("protocol.hides_unsent", owned(&["never", "from-open", "always"])),
        ("protocol.max_servers", numbers("unlimited")),
        ("protocol.equals_asked", owned(&["all", "one-push-open", "one"])),
        ("protocol.open_order", owned(&["score", "priority"])),
        ("protocol.freshness_threshold", ages()),
        ("protocol.own_pool_threshold", ages()),
        ("protocol.pool_learns_from_request", owned(&["never", "unknown", "newer"])),
        ("protocol.pool_echoes_unknown", switches.clone()),
        ("protocol.open_learns_from_request", switches.clone()),
        ("protocol.open_takes_unreceived", switches.clone()),
        ("protocol.open_sends_all_if_none_flagged", switches.clone()),
        ("protocol.push_back", owned(&["none", "async", "sync"])),
        ("protocol.push_back_to", owned(&["contacted", "responders"])),
        ("protocol.push_back_prices", owned(&["news", "updated", "later-sources"])),
        ("protocol.push_back_from", owned(&["open", "any"])),
        ("protocol.open_accepts_push", switches.clone()),
        ("protocol.push_checked_share", owned(&SHARES)),
        ("protocol.push_check_tolerance_bp", owned(&["0", "0.5", "1000000", "1000001", "-1"])),
        ("protocol.push_check_ahead", ages()),
        ("protocol.push_distrust", ages()),
        ("protocol.own_pool_stores", owned(&["connector", "remaining", "all"])),
        ("protocol.pool_refresh_interval", owned(&["none", "59s", "1min", "3650d", "3651d"])),
        ("protocol.pool_refresh_age", owned(&DURATIONS)),
        ("protocol.max_limit", numbers("none")),
        ("protocol.max_limit_action", owned(&["refuse", "truncate", "split"])),
        (
            "protocol.retry_bands",
            owned(&[
                "off",
                "{ intra_retry = 1, quote_retry = 1 }",
                "{ intra_retry = 1000000, quote_retry = 1000000 }",
                "{ intra_retry = 0, quote_retry = 1000001 }",
                "{ intra_retry = 1 }",
                "4",
            ]),
        ),
        ("protocol.connector_min_interval", ages()),
        ("protocol.connector_claims", switches.clone()),
        ("protocol.connector_prices_replace", switches.clone()),
        ("protocol.closed_markets", owned(&["asked", "not-asked"])),
        ("protocol.daily_request_limit", numbers("none")),
        ("protocol.daily_request_limit_enforced_by", owned(&["nobody", "server", "client", "both"])),
        (
            "protocol.daily_request_limit_counts",
            owned(&["requests", "requests+pushes", "requests+synchronisations", "all", "pushes"]),
        ),
        ("protocol.daily_request_limit_refund", switches.clone()),
        ("protocol.daily_limit_zero", owned(&["blocks", "first-of-day-passes"])),
        ("protocol.violation_block", owned(&["none", "0", "1", "99", "100"])),
        ("protocol.violation_sources", owned(&["prices", "prices+history", "prices+synchronisations", "all"])),
        ("protocol.violation_reset", owned(&["never", "0s", "1ns", "3650d", "3651d"])),
        ("protocol.sync_max_items", owned(&["none", "max_limit"])),
        ("protocol.requires_grant", switches.clone()),
        ("protocol.grant_checked_by_requester", switches.clone()),
        ("protocol.push_limited_by", owned(&["none", "max_limit", "violations", "max_limit+violations"])),
        ("protocol.exchange_envelope", owned(&["ok", "broken"])),
        ("protocol.max_clock_skew", owned(&["none", "0s", "1min", "90s", "3650d", "3651d"])),
        ("protocol.max_body", owned(&["none", "0", "1", "1073741824", "1073741825"])),
        ("protocol.max_payload", owned(&["none", "0", "1", "1073741824", "1073741825"])),
        ("protocol.view_updated_on_refusal", switches.clone()),
        ("protocol.offline_announcement_effect", owned(&["entities-closed", "offline"])),
        ("protocol.maintenance_windows", owned(&["ignored", "until-next-message", "not-asked"])),
        ("protocol.discontinuation", owned(&["ignored", "out-of-service"])),
        ("protocol.exchange_log", switches.clone()),
        ("protocol.push_refused_logged", switches.clone()),
        ("protocol.score_tie", owned(&["exact", "0.001"])),
        ("protocol.received_prices_saved", switches.clone()),
        ("protocol.failed_requests_logged", switches.clone()),
        ("protocol.peer_views", owned(&["ideal", "none", "messages"])),
        ("protocol.view_updated_from_reply", switches.clone()),
        ("protocol.synchronisation", owned(&["ideal", "daily", "daily-random"])),
        ("protocol.synchronisation_lists", switches.clone()),
        ("protocol.historical_exchange", owned(&["none", "daily", "daily-random"])),
        ("protocol.timestamp_resolution", ages()),
        ("instruments.securities", around(0, 1_000_000)),
        ("instruments.currency_pairs", around(0, 1_000_000)),
        ("instruments.currency_pair_share", owned(&SHARES)),
        (
            "instruments.popularity",
            owned(&["uniform", "{ zipf = 0 }", "{ zipf = 5e-324 }", "{ zipf = 10 }", "{ zipf = 10.1 }", "{}"]),
        ),
        ("instruments.markets", weights.iter().map(|weight| format!("{{ HOME = {weight}, XSWX = 5e-324 }}")).collect()),
        ("instruments.currency_market", owned(&["FX", "HOME", "NOWHERE"])),
        ("market.HOME.time_zone", zones.clone()),
        ("market.HOME.open", times.clone()),
        ("market.HOME.close", times.clone()),
        ("market.HOME.break_start", times.clone()),
        ("market.HOME.break_end", times),
        ("network.rtt", round_trips()),
        ("network.pair_share", owned(&SHARES)),
        ("network.loss", owned(&SHARES)),
        ("network.connection_setup_rtts", around(0, 100)),
        ("network.timeout", owned(&DURATIONS)),
        ("network.message_base", sizes.clone()),
        ("network.message_per_instrument", sizes),
        ("network.history_days", around(1, 10_000)),
        ("country_rtt.AT-CH", moments()),
        ("connector.own.serves", SHARES.iter().map(|share| format!("{{ HOME = {share}, FX = 1 }}")).collect()),
        ("connector.own.weight", weights.clone()),
        ("connector.own.delay", owned(&DURATIONS)),
        ("connector.own.latency", distributions(&DURATIONS)),
        ("connector.own.failure", owned(&SHARES)),
        ("connector.own.stamp", owned(&["now", "trade"])),
        (
            "connector.own.rate_limit",
            owned(&["none", "1/ns", "1/d", "1000000000/s", "1000000001/s", "0/s", "8/3661d", "8 a minute"]),
        ),
        ("connector.own.rate_limit.requests", around(1, 1_000_000_000)),
        ("connector.own.rate_limit.per", owned(&DURATIONS)),
        ("connector.own.plan.basic.calls_per_day", around(0, i128::from(u32::MAX))),
        ("connector.own.plan.basic.calls_per_month", around(0, i128::from(u32::MAX))),
        ("connector.own.plan.basic.price", owned(&["-0.1", "0", "5e-324", "1e9", "1000000001"])),
        ("connector.own.plan.basic.per_call", owned(&["-0.1", "0", "5e-324", "1e9", "1000000001"])),
        ("group.client.price", owned(&["-0.1", "0", "5e-324", "1e9", "1000000001"])),
        ("connector.own.rate_limit.scope", owned(&["instance", "group", "shared"])),
        ("connector.own.rate_limit.when_exceeded", owned(&["wait", "fail"])),
        ("group.client.count", around(1, 100_000_000)),
        ("group.client.mode", owned(&["closed", "open", "push-open"])),
        ("group.client.gtnet", switches.clone()),
        ("group.client.country", weights.iter().map(|weight| format!("{{ AT = {weight}, CH = 5e-324 }}")).collect()),
        ("group.client.cores", around(1, 100_000)),
        ("group.client.workers", around(1, 100_000)),
        ("group.client.max_wait", ages()),
        ("group.hub.service.base", owned(&DURATIONS)),
        ("group.hub.service.per_instrument", owned(&DURATIONS)),
        (
            "group.hub.service.distribution",
            owned(&["constant", "exponential", "{ lognormal = { sigma = 0 } }", "{ lognormal = { sigma = 5 } }", "{}"]),
        ),
        ("group.client.clock.offset", distributions(&offsets)),
        ("group.client.clock.drift_ppm", distributions(&drifts)),
        ("group.client.clock.resolution", owned(&DURATIONS)),
        ("group.client.users", around(0, 1_000_000)),
        ("group.client.watchlist.instruments", distributions(&counts)),
        ("group.client.watchlist.per_user", around(1, 1_000)),
        ("group.client.visits.per_day", owned(&["-1", "0", "5e-324", "100000", "100000.1"])),
        ("group.client.visits.profile", {
            let hours = |hour: &str| format!("{{ hourly = [{}0], weekend = 0.5 }}", format!("{hour}, ").repeat(23));
            vec![
                hours("5e-324"),
                hours("1e9"),
                hours("0"),
                hours("-1"),
                "{ hourly = [1] }".to_owned(),
                "office".to_owned(),
            ]
        }),
        ("group.client.visits.time_zone", zones),
        ("group.client.receive", owned(&SHARES)),
        ("group.client.send", owned(&SHARES)),
        ("peering.0.from", owned(&["client", "hub", "clinet"])),
        ("peering.0.to", owned(&["client", "hub", "4"])),
        (
            "peering.1.select",
            owned(&[
                "all",
                "{ random = 1 }",
                "{ random = 2 }",
                "{ nearest = 1 }",
                "{ nearest = 0 }",
                "{ in_turn = 1 }",
                "{ edges = [] }",
                "{ edges = [[\"client-1\", \"client-2\"]] }",
            ]),
        ),
        ("peering.0.priority", around(0, 65_535)),
        ("peering.0.granted", switches),
        ("instruments.volatility", volatilities.clone()),
        ("instruments.currency_volatility", volatilities),
        ("connector.other.rate_limit.blocks_for", ages()),
        ("group.client.clock.discipline", corrections),
        ("group.client.joins.present", around(0, 2)),
        ("group.client.joins.from", owned(&DURATIONS)),
        ("group.client.joins.until", owned(&DURATIONS)),
        ("group.client.joins.stays", distributions(&DURATIONS)),
        (
            "fault.crash.kind",
            owned(&["crash", "shutdown", "black-hole", "refuses", "busy", "revoked-grant", "rogue", "crsh"]),
        ),
        ("fault.crash.at", owned(&["hub", "client-2", "client-3", "[\"hub\", \"client\"]", "[]"])),
        ("fault.crash.pool", owned(&["kept", "lost", "gone"])),
        ("fault.planned.kind", owned(&["maintenance", "discontinuation", "crash", "discontinued"])),
        ("fault.planned.announced", owned(&DURATIONS)),
        ("fault.planned.cancelled", owned(&["never", "0s", "1ns", "1h", "3650d"])),
        (
            "group.hub.protocol",
            owned(&["{ preset = \"gt-0.36.5\" }", "{ preset = \"gt-0.36.9\", daily_request_limit = 0 }", "{}", "1"]),
        ),
        ("fault.crash.begins", [owned(&DURATIONS), owned(&["1970-01-01T00:00:00Z"])].concat()),
        ("fault.crash.lasts", owned(&DURATIONS)),
        ("fault.slow.factor", owned(&["0.5", "1", "1000000", "1000000.1", "nan"])),
        (
            "fault.slow.times",
            DURATIONS.iter().map(|time| format!("[{{ begins = \"1ns\", lasts = {time} }}]")).collect(),
        ),
        ("fault.clock.ahead", owned(&DURATIONS)),
        ("fault.clock.every", distributions(&DURATIONS)),
        ("fault.out.provider", owned(&["own", "other", "another"])),
        ("fault.out.fails_after", owned(&DURATIONS)),
        ("fault.flood.at", owned(&["client", "client-1", "hub"])),
        ("fault.flood.factor", owned(&["0.9", "1", "5000", "1000000"])),
        ("fault.lossy.factor", owned(&["0.9", "1", "1000000"])),
        ("fault.lossy.between", owned(&["client", "client-1", "nobody"])),
        ("fault.lossy.and", owned(&["hub", "client", "nobody"])),
        ("fault.lossy.loss", owned(&SHARES)),
    ]
}

/// Whether a world is small enough to be run in a test.
fn is_small(scenario: &Scenario) -> bool {
    let world = scenario.world();
    let instances: u32 = world.groups.iter().map(|group| group.count).sum();
    let lists: u32 =
        world.groups.iter().map(|group| group.users.saturating_mul(group.watchlist.per_user)).max().unwrap_or(0);
    let instruments = world.instruments.securities + world.instruments.currency_pairs;
    Footprint::of(world).traffic.visits <= 40_000.0 && instances <= 10 && lists <= 1_000 && instruments <= 1_000
}

/// Reads the world with these overrides, runs it if it is valid and small, and says whether it is valid.
fn try_out(overrides: &[String]) -> bool {
    match Scenario::parse("extremes.toml", WORLD, overrides, &NoFiles) {
        Ok(scenario) => {
            if is_small(&scenario) {
                measure(scenario.world(), scenario.seed(), 0);
            }
            let again = Scenario::parse("again.toml", &scenario.resolved_toml(), &[], &NoFiles);
            assert_eq!(again.expect("what is resolved is valid"), scenario, "{overrides:?}");
            true
        }
        Err(error) => {
            assert_plain_words(&error);
            assert!(!render(&error, false, 100).is_empty());
            false
        }
    }
}

#[test]
fn every_key_runs_at_the_ends_of_its_range() {
    for (path, values) in tried() {
        let accepted = values.iter().filter(|value| try_out(&[format!("{path}={value}")])).count();
        assert!(accepted > 0, "nothing that is tried for {path} is accepted");
    }
}

#[test]
fn every_key_of_the_reference_is_tried() {
    let reference = include_str!("../../docs/scenario.md");
    let (_, keys) = reference.split_once("## Keys").expect("a reference of keys");
    let (keys, _) = keys.split_once("### `[[variant]]`").expect("the tables of studies come last");
    let (_, keys) = keys.split_once("### `[run]`").expect("what a scenario is called comes first");
    let mut tried_keys = BTreeSet::new();
    for (path, _) in tried() {
        let parts: Vec<&str> = path.split('.').collect();
        tried_keys.extend([parts[parts.len() - 1].to_owned(), parts[parts.len() - 2..].join(".")]);
    }
    let rows = keys.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let rows: Vec<&str> =
        rows.map(|(key, _)| key).filter(|key| !["office", "evening", "uniform"].contains(key)).collect();
    assert!(rows.len() > 70, "{rows:?}");
    for key in rows {
        assert!(tried_keys.contains(key), "`{key}` is not tried at its extremes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    /// Extremes of several keys at once.
    #[test]
    fn extremes_of_several_keys_run_together(
        chosen in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 2..7),
    ) {
        let tried = tried();
        let overrides: Vec<String> = chosen
            .iter()
            .map(|(key, value)| {
                let (path, values) = key.get(&tried);
                format!("{path}={}", value.get(values))
            })
            .collect();
        // What is refused alone would be refused together: the others are tried without it.
        let valid = |one: &String| Scenario::parse("extremes.toml", WORLD, std::slice::from_ref(one), &NoFiles).is_ok();
        let (accepted, refused): (Vec<String>, Vec<String>) = overrides.into_iter().partition(valid);
        try_out(&accepted);
        if !refused.is_empty() {
            prop_assert!(!try_out(&refused));
        }
    }
}
