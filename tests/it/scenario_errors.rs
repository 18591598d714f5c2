//! Every mistake in a scenario as its author sees it: without colour, 100 columns wide.

use std::fs;
use std::path::Path;

use gtnet_sim::scenario::{DataFiles, Folder, NoFiles, Scenario, ScenarioError, render};
use proptest::prelude::*;

use crate::support::assert_plain_words;

const WIDTH: usize = 100;

/// The error of a fixture, as the terminal shows it.
fn shown(fixture: &str, overrides: &[&str]) -> String {
    let path = format!("tests/it/fixtures/{fixture}.toml");
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    let error = Scenario::load(Path::new(&path), &overrides).expect_err("the fixture is wrong");
    assert_plain_words(&error);
    render(&error, false, WIDTH)
}

macro_rules! snapshots {
    ($($test:ident: $fixture:literal $(, $override:literal)*;)*) => {
        $(
            #[test]
            fn $test() {
                insta::assert_snapshot!(shown($fixture, &[$($override),*]));
            }
        )*
    };
}

snapshots! {
    unknown_key: "unknown_key";
    unknown_table: "unknown_table";
    wrong_unit: "wrong_unit";
    number_without_unit: "number_without_unit";
    negative_rate: "negative_rate";
    missing_keys: "missing_keys";
    count_of_zero: "count_of_zero";
    group_without_peers: "group_without_peers";
    peers_that_are_closed: "peers_that_are_closed";
    cycle_of_priorities: "cycle_of_priorities";
    waits_of_days_and_rates_of_no_time: "valid", "network.timeout=2d", "connector.own.delay=25h",
        "group.hub.service.base=2d", "group.hub.service.per_instrument=200min 23h", "connector.own.rate_limit=1001/us",
        "connector.yahoo.rate_limit.per=359ns";
    too_few_peers: "too_few_peers";
    repeated_peering: "repeated_peering";
    missing_data_file: "missing_data_file";
    wrong_data_file: "wrong_data_file";
    duration_shorter_than_warm_up: "duration_shorter_than_warm_up";
    watchlist_too_long: "watchlist_too_long";
    unknown_preset: "unknown_preset";
    unknown_switch: "valid", "protocol.freshness_treshold=20min";
    switch_values_that_are_near: "valid", "protocol.preset=gt-0.36.5", "protocol.request_scope=unfiled",
        "protocol.max_servers=unlimitted", "protocol.freshness_threshold=non", "protocol.push_back=sinc",
        "protocol.retry_bands=of", "protocol.own_pool_stores=connectors";
    switch_values_of_another_kind: "valid", "protocol.max_servers=1.5", "protocol.max_limit=300 instruments",
        "protocol.pool_echoes_unknown=yes", "protocol.retry_bands=4", "protocol.own_pool_threshold=short",
        "protocol.daily_request_limit=1000001";
    switches_of_zero: "valid", "protocol.max_servers=0", "protocol.max_limit=0", "protocol.freshness_threshold=0s",
        "protocol.own_pool_threshold=0s", "protocol.violation_block=0", "protocol.max_body=0",
        "protocol.violation_reset=0s", "protocol.retry_bands={ intra_retry = 0, quote_retry = 8 }";
    retry_bands_with_one_number: "valid", "protocol.preset=gt-0.36.5", "protocol.retry_bands.intra_retry=2";
    echo_without_learning: "valid", "protocol.pool_echoes_unknown=true";
    echo_of_the_preset_without_learning: "valid", "protocol.preset=gt-0.36.5",
        "protocol.pool_learns_from_request=never";
    rules_of_a_push_that_never_comes: "valid", "protocol.push_back=none", "protocol.push_back_to=responders",
        "protocol.push_back_prices=later-sources", "protocol.push_back_from=any", "protocol.open_accepts_push=true";
    checks_of_pushes_that_never_come: "valid", "protocol.push_back=none", "protocol.push_checked_share=0.1";
    rules_of_checks_that_are_never_made: "valid", "protocol.push_check_tolerance_bp=100", "protocol.push_distrust=2d",
        "protocol.push_check_ahead=none";
    open_servers_that_take_nothing: "valid", "protocol.open_takes_unreceived=false";
    ages_of_pools_that_are_never_refreshed: "valid", "protocol.pool_refresh_age=1h";
    pools_that_are_refreshed_too_often: "valid", "protocol.pool_refresh_interval=10s";
    shares_of_checks_that_are_none: "valid", "protocol.push_checked_share=10", "protocol.push_check_tolerance_bp=-1",
        "protocol.push_distrust=none", "protocol.push_check_ahead=soon";
    later_sources_for_responders: "valid", "protocol.push_back_prices=later-sources",
        "protocol.push_back_to=responders";
    limit_action_without_limit: "valid", "protocol.max_limit_action=split";
    failures_in_a_log_that_nobody_reads: "valid", "protocol.preset=general-flow",
        "protocol.failed_requests_logged=true";
    limits_that_nobody_keeps_to: "valid", "protocol.preset=gt-0.36.5", "protocol.daily_request_limit=100";
    rules_of_a_limit_that_is_not_set: "valid", "protocol.preset=gt-0.36.9",
        "protocol.daily_request_limit_enforced_by=client", "protocol.daily_request_limit_counts=requests",
        "protocol.daily_limit_zero=blocks", "protocol.violation_block=none", "protocol.violation_reset=7d";
    a_log_that_is_off: "valid", "protocol.preset=gt-0.36.9", "protocol.push_refused_logged=true";
    announcements_that_nobody_sends: "valid", "protocol.offline_announcement_effect=entities-closed",
        "protocol.view_updated_on_refusal=false";
    limits_of_the_release_beyond_their_range: "valid", "protocol.preset=gt-0.36.9", "protocol.violation_block=100",
        "protocol.max_clock_skew=90s", "protocol.max_payload=1073741825";
    mistakes_in_the_rules_of_a_group: "valid", "group.hub.protocol.preset=gt-0.36.9",
        "group.hub.protocol.push_refused_logged=true", "group.client.protocol.max_limit=3";
    an_announcement_of_what_comes_at_random: "valid",
        "fault.x={ kind = \"maintenance\", at = \"hub\", every = \"5d\", lasts = \"1h\" }";
    unknown_market: "unknown_market";
    unknown_country_zone_and_group: "unknown_names";
    several_mistakes_at_once: "several_mistakes";
    empty_file: "empty";
    not_toml: "not_toml";
    override_with_a_wrong_value: "valid", "run.seed=-1", "group.client.visits.per_day=often";
    too_many_replications: "valid", "run.replications=100001";
    more_users_than_numbers: "valid", "group.client.count=100000", "group.client.users=1000000";
    override_of_an_unknown_key: "valid", "group.client.cuont=40";
    numbers_beyond_their_bounds: "valid", "connector.own.weight=1e13", "connector.own.failure=1.5",
        "group.client.watchlist.instruments=1e13", "group.hub.clock.drift_ppm=-1000000", "group.client.visits.per_day=-1",
        "connector.yahoo.latency=3661d", "run.seed=99999999999999999999999999999999999999999999";
    kinds_of_values: "valid", "group.hub.workers=2.0", "run.seed=true", "group.hub.cores=[4]", "network.loss={}",
        "group.client.watchlist.instruments=2.5", "network.rtt={ sigma = 1 }";
    misspelt_names_of_tables: "valid", "group.clinet.count=40", "connector.yaho.weight=2", "market.HOEM.open=11:00";
    questions_in_one_line: "valid", "scenario.question=\"a\\u001b[2Jb\"";
    override_that_leads_nowhere: "valid", "peering.7.priority=5", "run.seed.low=1", "seed", "network.rtt={median";
    units_that_are_too_large: "valid", "run.duration=1w", "network.message_base=1GB", "network.timeout=1y";
    codes_that_are_near_to_others: "valid", "group.hub.country=UK", "group.client.country=UX",
        "group.client.visits.time_zone=CEST", "market.HOME.time_zone=MESZ";
    peers_that_take_no_part: "valid", "group.hub.gtnet=false";
    no_such_file: "no_such_file";
}

#[test]
fn not_utf8() {
    insta::assert_snapshot!(shown("not_utf8", &[]));
}

#[test]
fn file_of_200_megabytes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("huge.toml");
    let file = fs::File::create(&path).expect("a new file");
    file.set_len(200_000_000).expect("a sparse file");
    let mut error = Scenario::load(&path, &[]).expect_err("the file is too large");
    match &mut error {
        // The folder's name changes with every run.
        ScenarioError::TooLarge { path, .. } => *path = "huge.toml".into(),
        other => panic!("an unexpected error: {other:?}"),
    }
    insta::assert_snapshot!(render(&error, false, WIDTH));
}

/// Every error that any snapshot shows has a remedy.
#[test]
fn every_snapshot_of_an_error_has_a_remedy_for_each_mistake() {
    let mut errors = 0;
    for entry in fs::read_dir("tests/it/snapshots").expect("snapshots") {
        let path = entry.expect("a file").path();
        let text = fs::read_to_string(&path).expect("a text");
        let count = |mark: &str| text.lines().filter(|line| line.trim_start().starts_with(mark)).count();
        assert_eq!(count("× "), count("help: "), "{}", path.display());
        errors += count("× ");
    }
    assert!(errors > 150, "{errors}");
}

/// A base that is a folder is named as one, however it is written.
#[test]
fn a_folder_is_no_base() {
    for (folder, base) in [("", "."), ("", "src/.."), ("tests/it/fixtures", "."), ("tests/it/fixtures", "study")] {
        let text = format!("[scenario]\nname = \"x\"\nquestion = \"?\"\nbase = \"{base}\"\n");
        let error = Scenario::parse("x.toml", &text, &[], &Folder(folder.into())).expect_err("a folder");
        assert_plain_words(&error);
        assert!(render(&error, false, WIDTH).contains("it is a folder"), "{}", render(&error, false, WIDTH));
    }
}

/// Whoever checks a scenario learns where draws count as something else, and only there.
#[test]
fn what_becomes_of_impossible_draws_is_told() {
    let remarks = |overrides: &[&str]| -> Vec<String> {
        let explained = valid(overrides).explain();
        explained.lines().filter_map(|line| Some(line.split_once("; values ")?.1.to_owned())).collect()
    };
    assert!(remarks(&[]).is_empty(), "ordinary tails stay within all limits");
    for (set, remark) in [
        ("connector.own.latency={ normal = { mean = \"1s\", sd = \"1s\" } }", "below 0s count as 0s"),
        ("group.hub.clock.offset={ exponential = { mean = \"100d\" } }", "above 3660d count as 3660d"),
        (
            "group.hub.clock.offset={ normal = { sd = \"3660d\" } }",
            "below -3660d count as -3660d, values above 3660d count as 3660d",
        ),
        ("group.hub.clock.drift_ppm={ normal = { mean = 400000, sd = 20000 } }", "above 500000 count as 500000"),
        ("group.client.watchlist.instruments={ normal = { mean = 20, sd = 18 } }", "below 1 count as 1"),
        (
            "group.client.watchlist.instruments={ exponential = { mean = 100 } }",
            "below 1 count as 1, values above 2030 count as 2030",
        ),
    ] {
        assert_eq!(remarks(&[set]), [remark], "{set}");
    }
    let not_at_all = "group.client.watchlist.instruments={ uniform = [0.5, 2030] }";
    assert!(remarks(&[not_at_all]).is_empty(), "what is rounded is within the limits");
}

/// A list of pairs beside the scenario.
struct Edges(String);

impl DataFiles for Edges {
    fn read(&self, name: &str) -> std::io::Result<Option<String>> {
        Ok((name == "edges.csv").then(|| self.0.clone()))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever steers a terminal is shown, not done: in keys, values, names, comments, file names and data files.
    #[test]
    fn no_character_of_a_scenario_steers_the_terminal(
        hidden in "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\u{9f}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{2028}]{1,3}",
        line in any::<prop::sample::Index>(),
        column in any::<prop::sample::Index>(),
        escaped in any::<bool>(),
    ) {
        let text = fs::read_to_string("tests/it/fixtures/valid.toml").expect("the fixture");
        let insert = |text: &str, hidden: &str| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            let at = line.index(lines.len());
            let column = column.index(lines[at].len() + 1);
            lines[at].insert_str(column, hidden);
            lines.join("\n")
        };
        let written: Vec<String> = hidden.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
        let written = written.concat();
        let changed = insert(&text, if escaped { &written } else { &hidden });
        let file = format!("x{hidden}.toml");
        let overrides = [format!("group.{hidden}=1"), format!("run.seed={hidden}"), format!("run.start=\"{written}\"")];
        let csv = format!("from,to\nclient-1,{hidden}\n{hidden},hub-1,extra");
        let error = Scenario::parse(&file, &changed, &overrides, &Edges(csv)).expect_err("overrides that are wrong");
        assert_plain_words(&error);
        let coloured = render(&error, true, WIDTH);
        // What is left are the colours of the renderer, and nothing that could end one of them.
        let plain = coloured.split("\u{1b}[").map(|part| part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';'));
        let plain: String = plain.collect();
        prop_assert!(!plain.contains(|c: char| c.is_control() && c != '\n'), "{plain:?}");
    }
}

#[test]
fn resolved_scenario_reads_back_as_an_equal_one() {
    let scenario = valid(&[]);
    let again = Scenario::parse("again.toml", &scenario.resolved_toml(), &[], &NoFiles);
    let again = again.unwrap_or_else(|error| panic!("{}", render(&error, false, WIDTH)));
    assert_eq!(again, scenario);
    assert_eq!(again.resolved_toml(), scenario.resolved_toml());
}

#[test]
fn every_value_shows_its_source() {
    insta::assert_snapshot!(valid(&["run.seed=7", "group.client.country.AT=0.2"]).explain());
}

#[test]
fn the_example_of_the_reference_is_valid_and_every_key_is_explained() {
    let reference = include_str!("../../docs/scenario.md");
    let (_, example) = reference.split_once("```toml\n").expect("an example");
    let (example, _) = example.split_once("```").expect("an end of the example");
    let scenario = Scenario::parse("docs/scenario.md", example, &[], &NoFiles);
    let scenario = scenario.unwrap_or_else(|error| panic!("{}", render(&error, false, WIDTH)));
    for value in scenario.resolved().iter().chain(valid(&[]).resolved()) {
        // Pairs of countries are data, not keys.
        if value.table != "country_rtt" {
            let key = format!("`{}`", value.key);
            assert!(reference.contains(&key), "docs/scenario.md does not explain {key} of {}", value.table);
        }
    }
}

#[test]
fn overrides_change_what_they_name_and_nothing_else() {
    let plain = valid(&[]);
    let changed = valid(&["group.client.count=40", "run.duration=3d", "peering.1.priority=5"]);
    assert_eq!(changed.world().groups[1].count, 40);
    assert_eq!(changed.world().duration, gtnet_sim::time::SimDuration::from_days(3));
    assert_eq!(changed.world().peerings[1].priority, 5);
    let differing = plain.resolved().iter().zip(changed.resolved()).filter(|(a, b)| a.value != b.value);
    let paths: Vec<String> = differing.map(|(a, _)| a.path()).collect();
    assert_eq!(paths, ["run.duration", "group.client.count", "peering.1.priority"]);
}

/// `hub` has users, and the clients ask it; `line` is what it asks itself.
fn hub_with_users(mode: &str, asked_by: &str, line: &str) -> Result<Scenario, ScenarioError> {
    let text = fs::read_to_string("tests/it/fixtures/group_without_peers.toml").expect("the fixture");
    let habits = text.lines().skip_while(|line| !line.starts_with("users")).collect::<Vec<_>>().join("\n");
    let text = text.replace("mode = \"push-open\"", &format!("mode = \"{mode}\"\n{habits}"));
    let text = format!("{text}\n[[peering]]\nfrom = \"{asked_by}\"\nto = \"hub\"\n{line}\n");
    Scenario::parse("hub.toml", &text, &[], &NoFiles)
}

#[test]
fn a_push_open_group_that_others_ask_need_not_ask_anybody() {
    let never = "[[peering]]\nfrom = \"hub\"\nto = \"client\"\npriority = 0";
    for line in ["", never] {
        let accepted = hub_with_users("push-open", "client", line);
        accepted.unwrap_or_else(|error| panic!("{}", render(&error, false, WIDTH)));
        hub_with_users("open", "client", line).expect_err("an open group has no pool");
    }
    // Only another group fills the pool; of the two, the clients are without peers in any case.
    let error = hub_with_users("push-open", "hub", "").expect_err("nobody asks the hub");
    assert!(render(&error, false, WIDTH).contains("`hub` has nobody to ask"));
}

#[test]
fn peerings_of_the_same_groups_must_name_somebody_new() {
    let accepted = |first: &str, second: &str| {
        let peering = |select: &str| format!("\n[[peering]]\nfrom = \"client\"\nto = \"client\"\nselect = {select}\n");
        let text = fs::read_to_string("tests/it/fixtures/group_without_peers.toml").expect("the fixture");
        Scenario::parse("twice.toml", &format!("{text}{}{}", peering(first), peering(second)), &[], &NoFiles).is_ok()
    };
    let (all, few, more) = ("\"all\"", "{ nearest = 2 }", "{ nearest = 3 }");
    let (one, both) = (
        "{ edges = [[\"client-1\", \"client-2\"]] }",
        "{ edges = [[\"client-1\", \"client-2\"], [\"client-2\", \"client-3\"]] }",
    );
    let (turn, two_in_turn) = ("{ in_turn = 1 }", "{ in_turn = 2 }");
    let nobody_new = [(all, all), (all, few), (all, one), (few, few), (more, few), (one, one), (both, one)];
    for (first, second) in nobody_new.into_iter().chain([(all, turn), (turn, turn)]) {
        assert!(!accepted(first, second), "{second} adds nobody to {first}");
    }
    for everybody in ["{ random = 19 }", "{ nearest = 19 }", "{ in_turn = 19 }"] {
        assert!(!accepted(everybody, all), "there are 19 others");
    }
    // Whoever is named first keeps that priority, and the rest gets another.
    // In turn, another number means others: the second one of two is not asked by the second client.
    let somebody_new = [(few, all), (few, more), (few, "{ random = 2 }"), (one, both), (one, all)];
    for (first, second) in somebody_new.into_iter().chain([(turn, two_in_turn), (two_in_turn, turn)]) {
        assert!(accepted(first, second), "{second} adds somebody to {first}");
    }
}

#[test]
fn a_day_and_a_call_in_a_nanosecond_are_allowed() {
    valid(&["network.timeout=1d", "connector.own.delay=1d", "group.hub.service.base=24h"]);
    valid(&["connector.own.rate_limit=1000/us", "connector.yahoo.rate_limit.per=360ns"]);
}

fn valid(overrides: &[&str]) -> Scenario {
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    let loaded = Scenario::load(Path::new("tests/it/fixtures/valid.toml"), &overrides);
    loaded.unwrap_or_else(|error| panic!("{}", render(&error, false, WIDTH)))
}

#[test]
fn nothing_is_named_as_the_whole_network() {
    let error = Scenario::parse("scenario.toml", "[connector.all]\n[group.all]\n[market.all]\n", &[], &NoFiles)
        .expect_err("three names");
    let text = render(&error, false, 120);
    assert_eq!(text.matches("stands for the whole network in results").count(), 3, "{text}");
}
