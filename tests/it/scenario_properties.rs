//! What holds for every scenario: the resolved text reads back as an equal scenario, and no text makes the reader panic.

use gtnet_sim::protocol::Preset;
use gtnet_sim::scenario::{Folder, NoFiles, Scenario, ScenarioError, render};
use proptest::prelude::*;

const FIXTURES: &str = "tests/it/fixtures";

fn valid_text() -> String {
    std::fs::read_to_string(format!("{FIXTURES}/valid.toml")).expect("the fixture")
}

fn parse(text: &str, overrides: &[String]) -> Result<Scenario, ScenarioError> {
    Scenario::parse("generated.toml", text, overrides, &Folder(FIXTURES.into()))
}

fn duration() -> impl Strategy<Value = String> {
    let unit = prop::sample::select(vec!["ns", "us", "ms", "s", "min"]);
    (1_u32..100_000, 0_u32..1_000, unit).prop_map(|(whole, decimals, unit)| format!("\"{whole}.{decimals:03}{unit}\""))
}

/// Up to a day.
fn wait() -> impl Strategy<Value = String> {
    (1_u32..86_400, 0_u32..1_000).prop_map(|(whole, decimals)| format!("\"{whole}.{decimals:03}s\""))
}

fn signed_duration() -> impl Strategy<Value = String> {
    (any::<bool>(), duration()).prop_map(|(negative, text)| if negative { text.replacen('"', "\"-", 1) } else { text })
}

fn latency() -> impl Strategy<Value = String> {
    let sigma = 0.0..5.0_f64;
    prop_oneof![
        duration(),
        duration().prop_map(|mean| format!("{{ exponential = {{ mean = {mean} }} }}")),
        (duration(), sigma).prop_map(|(median, s)| format!("{{ lognormal = {{ median = {median}, sigma = {s:?} }} }}")),
        (duration(), duration()).prop_map(|(mean, sd)| format!("{{ normal = {{ mean = {mean}, sd = {sd} }} }}")),
        prop::collection::vec(duration(), 1..5).prop_map(|list| format!("{{ empirical = [{}] }}", list.join(", "))),
    ]
}

/// Kind and parameters of a fault.
fn kind_of_fault() -> impl Strategy<Value = String> {
    let factor = || 1.0..1e6_f64;
    let at = || prop::sample::select(vec!["\"hub\"", "\"client-3\"", "[\"client-20\", \"loner\", \"hub-2\"]"]);
    let plain = prop::sample::select(vec!["crash", "shutdown", "black-hole", "refuses", "busy"]);
    prop_oneof![
        (plain, at()).prop_map(|(kind, at)| format!("kind = \"{kind}\", at = {at}")),
        at().prop_map(|at| format!("kind = \"crash\", pool = \"lost\", at = {at}")),
        (prop::sample::select(vec!["slow", "visits"]), at(), factor())
            .prop_map(|(kind, at, factor)| format!("kind = \"{kind}\", at = {at}, factor = {factor:?}")),
        (at(), signed_duration()).prop_map(|(at, ahead)| format!("kind = \"clock\", at = {at}, ahead = {ahead}")),
        (at(), duration(), f64::MIN_POSITIVE..1e6)
            .prop_map(|(at, ahead, f)| format!("kind = \"rogue\", at = {at}, ahead = {ahead}, factor = {f:?}")),
        wait().prop_map(|after| format!("kind = \"provider-outage\", provider = \"yahoo\", fails_after = {after}")),
        factor().prop_map(|factor| format!("kind = \"provider-slow\", provider = \"own\", factor = {factor:?}")),
        (at(), at(), 0.0..=1.0_f64, factor()).prop_map(|(one, other, loss, factor)| {
            format!("kind = \"links\", between = {one}, and = {other}, loss = {loss:?}, factor = {factor:?}")
        }),
        (at(), at()).prop_map(|(one, other)| format!("kind = \"partition\", between = {one}, and = {other}")),
    ]
}

/// When a fault comes.
fn times_of_fault() -> impl Strategy<Value = String> {
    // At least so long that it comes rarely enough.
    let rare = || (10_u32..100_000).prop_map(|seconds| format!("{{ exponential = {{ mean = \"{seconds}s\" }} }}"));
    prop_oneof![
        (wait(), duration()).prop_map(|(begins, lasts)| format!("begins = {begins}, lasts = {lasts}")),
        duration().prop_map(|lasts| format!("begins = 2026-03-03T08:00:00+01:00, lasts = {lasts}")),
        (0_u32..3_000, 1_u32..3_000).prop_map(|(begins, lasts)| {
            format!(
                "times = [{{ begins = \"{begins}s\", lasts = \"{lasts}s\" }}, {{ begins = \"2h\", lasts = \"1ns\" }}]"
            )
        }),
        (rare(), latency()).prop_map(|(every, lasts)| format!("every = {every}, lasts = {lasts}")),
    ]
}

/// Keys of faults, and what else goes wrong or changes in a world.
fn override_of_trouble() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "hub-down", "b_2"]);
    let residual = prop_oneof![signed_duration(), duration().prop_map(|sd| format!("{{ normal = {{ sd = {sd} }} }}")),];
    prop_oneof![
        4 => (name, kind_of_fault(), times_of_fault())
            .prop_map(|(name, kind, times)| format!("fault.{name}={{ {kind}, {times} }}")),
        1 => (0_u32..=20, wait(), latency()).prop_map(|(present, until, stays)| {
            format!("group.client.joins={{ present = {present}, until = {until}, stays = {stays} }}")
        }),
        1 => (duration(), residual)
            .prop_map(|(every, residual)| format!("group.hub.clock.discipline={{ every = {every}, residual = {residual} }}")),
        1 => Just("group.hub.clock.discipline=none".to_owned()),
        1 => duration().prop_map(|time| {
            format!("connector.own.rate_limit={{ requests = 8, per = \"1min\", when_exceeded = \"fail\", blocks_for = {time} }}")
        }),
        1 => (0.0..10.0_f64).prop_map(|volatility| format!("instruments.volatility={volatility:?}")),
        1 => Just("protocol.peer_views=none".to_owned()),
    ]
}

fn override_of_a_key() -> impl Strategy<Value = String> {
    prop_oneof![override_of_a_calm_key(), override_of_trouble()]
}

fn override_of_a_calm_key() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<u64>().prop_map(|seed| format!("run.seed={seed}")),
        wait().prop_map(|text| format!("network.timeout={text}")),
        wait().prop_map(|text| format!("group.hub.service.base={text}")),
        latency().prop_map(|text| format!("connector.yahoo.latency={text}")),
        signed_duration().prop_map(|text| format!("group.client.clock.offset={text}")),
        (-1e5..1e5_f64).prop_map(|ppm| format!("group.hub.clock.drift_ppm={ppm:?}")),
        (0.0..=1.0_f64).prop_map(|share| format!("group.client.receive={share:?}")),
        (f64::MIN_POSITIVE..1e9).prop_map(|weight| format!("instruments.markets.XNYS={weight:?}")),
        (f64::MIN_POSITIVE..1e9).prop_map(|weight| format!("group.client.country.FR={weight:?}")),
        (0.0..10.0_f64).prop_map(|exponent| format!("instruments.popularity={{ zipf = {exponent:?} }}")),
        (1_u32..1_000, wait())
            .prop_map(|(n, per)| format!("connector.own.rate_limit={{ requests = {n}, per = {per} }}")),
        (0.0..5.0_f64)
            .prop_map(|sigma| format!("network.rtt={{ median = \"40ms\", sigma = {sigma:?}, minimum = \"7ms\" }}")),
        prop::array::uniform24(0.1..9.0_f64)
            .prop_map(|hourly| format!("group.loner.visits.profile={{ hourly = {hourly:?}, weekend = 0.5 }}")),
        Just("peering.1.select={ nearest = 3 }".to_owned()),
        Just("peering.1.select={ in_turn = 2 }".to_owned()),
        Just("instruments.popularity=uniform".to_owned()),
        Just("connector.yahoo.rate_limit=none".to_owned()),
        Just("scenario.question=\"quotes \\\" and \\\\ and ü\"".to_owned()),
        Just("market.XSWX.break_start=12:00".to_owned()),
    ]
}

/// Values of switches, none of which makes another one meaningless.
fn switches() -> impl Strategy<Value = Vec<String>> {
    let preset = prop::sample::select(Preset::ALL.to_vec()).prop_map(|preset| format!("preset={}", preset.name()));
    let one_of = |values: &'static [&'static str]| prop::sample::select(values);
    let number = |any| prop_oneof![(1_u32..=1_000_000).prop_map(|number| number.to_string()), Just(String::from(any))];
    let age = || prop_oneof![duration(), Just("none".to_owned())];
    let bands = (1_u32..100, 1_u32..100)
        .prop_map(|(intra, quote)| format!("retry_bands={{ intra_retry = {intra}, quote_retry = {quote} }}"));
    let switch = prop_oneof![
        one_of(&["request_scope=all", "request_scope=unfilled", "own_pool_stores=all", "own_pool_stores=remaining"])
            .prop_map(str::to_owned),
        one_of(&["push_back=sync", "push_back=async", "push_back_from=any", "push_back_from=open", "retry_bands=off"])
            .prop_map(str::to_owned),
        one_of(&[
            "open_learns_from_request",
            "open_sends_all_if_none_flagged",
            "open_accepts_push",
            "connector_claims"
        ])
        .prop_flat_map(|key| any::<bool>().prop_map(move |value| format!("{key}={value}"))),
        one_of(&["received_prices_saved", "view_updated_from_reply"])
            .prop_flat_map(|key| any::<bool>().prop_map(move |value| format!("{key}={value}"))),
        number("unlimited").prop_map(|number| format!("max_servers={number}")),
        one_of(&["max_clock_skew=5min", "max_clock_skew=none", "max_body=1"]).prop_map(str::to_owned),
        one_of(&["maintenance_windows=not-asked", "discontinuation=ignored", "exchange_envelope=broken"])
            .prop_map(str::to_owned),
        one_of(&["hides_unsent=from-open", "hides_unsent=always", "equals_asked=one", "closed_markets=not-asked"])
            .prop_map(str::to_owned),
        one_of(&["requires_grant", "grant_checked_by_requester"])
            .prop_flat_map(|key| any::<bool>().prop_map(move |value| format!("{key}={value}"))),
        (1_u32..=1_000_000).prop_map(|number| format!("max_limit={number}")),
        age().prop_map(|age| format!("freshness_threshold={age}")),
        age().prop_map(|age| format!("own_pool_threshold={age}")),
        age().prop_map(|age| format!("connector_min_interval={age}")),
        (0.0..=1.0_f64).prop_map(|share| format!("push_checked_share={share:?}")),
        bands,
    ];
    (preset, prop::collection::vec(switch, 0..8)).prop_map(|(preset, switches)| {
        std::iter::once(preset).chain(switches).map(|switch| format!("protocol.{switch}")).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn resolved_scenarios_read_back_as_equal_ones(
        mut overrides in prop::collection::vec(override_of_a_key(), 0..6),
        switches in switches(),
    ) {
        overrides.extend(switches);
        overrides.push("market.XSWX.break_end=13:00".to_owned());
        overrides.push("market.XSWX.break_start=12:00".to_owned());
        let scenario = parse(&valid_text(), &overrides).map_err(|error| fail(&error))?;
        let text = scenario.resolved_toml();
        let again = Scenario::parse("again.toml", &text, &[], &NoFiles).map_err(|error| fail(&error))?;
        prop_assert_eq!(&again, &scenario);
        prop_assert_eq!(again.resolved_toml(), text);
    }

    #[test]
    fn no_line_that_is_missing_or_changed_makes_the_reader_panic(
        line in any::<prop::sample::Index>(),
        replacement in "[a-z.=\\[\\]{}\", 0-9ü-]{0,30}",
        column in any::<prop::sample::Index>(),
    ) {
        let text = valid_text();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let line = &mut lines[line.index(text.lines().count())];
        line.truncate(column.index(line.len() + 1));
        line.push_str(&replacement);
        if let Err(error) = parse(&lines.join("\n"), &[]) {
            prop_assert!(!render(&error, true, 80).is_empty());
        }
    }

    #[test]
    fn no_override_makes_the_reader_panic(path in "[a-z0-9.]{0,20}", value in "\\PC{0,20}", known in override_of_a_key()) {
        let (known, _) = known.split_once('=').expect("an assignment");
        for text in [format!("{path}={value}"), format!("{known}={value}"), value] {
            if let Err(error) = parse(&valid_text(), &[text]) {
                prop_assert!(!render(&error, false, 80).is_empty());
            }
        }
    }
}

fn fail(error: &ScenarioError) -> TestCaseError {
    TestCaseError::fail(render(error, false, 120))
}
