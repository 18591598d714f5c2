//! Scenarios that start from another file: what they take over, what they replace, and where a value is said to be from.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use gtnet_sim::scenario::{DataFiles, NoFiles, Scenario, ScenarioError, ValueSource, render};

const WIDTH: usize = 100;
const BASED: &str = "tests/it/fixtures/based/rivals.toml";

fn load(path: &str, overrides: &[&str]) -> Result<Scenario, ScenarioError> {
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    Scenario::load(Path::new(path), &overrides)
}

fn accepted(loaded: Result<Scenario, ScenarioError>) -> Scenario {
    loaded.unwrap_or_else(|error| panic!("{}", render(&error, false, WIDTH)))
}

fn refused(loaded: Result<Scenario, ScenarioError>) -> String {
    render(&loaded.expect_err("the scenario is wrong"), false, WIDTH)
}

/// Files by name, so that a test can write them down.
struct Files(BTreeMap<&'static str, String>);

impl DataFiles for Files {
    fn read(&self, name: &str) -> io::Result<Option<String>> {
        Ok(self.0.get(name).cloned())
    }
}

/// The fixture `valid.toml` as `base.toml`, and a scenario on top of it.
fn on_top(text: &str) -> Result<Scenario, ScenarioError> {
    let valid = include_str!("fixtures/valid.toml").to_owned();
    let edges = include_str!("fixtures/edges.csv").to_owned();
    let files = Files(BTreeMap::from([("base.toml", valid), ("edges.csv", edges)]));
    let head = "[scenario]\nname = \"top\"\nquestion = \"Does it hold?\"\nbase = \"base.toml\"\n";
    Scenario::parse("top.toml", &format!("{head}{text}"), &[], &files)
}

fn value(scenario: &Scenario, path: &str) -> String {
    scenario.resolved().iter().find(|value| value.path() == path).expect("a value").value.clone()
}

#[test]
fn a_scenario_takes_over_what_it_does_not_say_itself() {
    let base = accepted(load("tests/it/fixtures/valid.toml", &[]));
    let same = accepted(on_top(""));
    assert_eq!(same.world(), base.world());
    assert_eq!((same.name(), same.question()), ("top", "Does it hold?"));
}

#[test]
fn tables_are_merged_key_by_key_and_keep_their_order() {
    let scenario =
        accepted(on_top("[group.client]\nusers = 7\n[group.newcomer]\ncount = 1\nmode = \"open\"\ncountry = \"AT\""));
    let names: Vec<&str> = scenario.world().groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["hub", "client", "loner", "newcomer"]);
    assert_eq!((scenario.world().groups[1].users, scenario.world().groups[1].count), (7, 20));
}

#[test]
fn what_is_written_in_braces_is_replaced_as_a_whole() {
    let scenario = accepted(on_top("[instruments]\nmarkets = { XETR = 1 }\n[group.client]\ncountry = { CH = 1 }"));
    assert_eq!(value(&scenario, "instruments.markets"), "{ XETR = 1.0 }");
    assert_eq!(value(&scenario, "group.client.country"), "{ CH = 1.0 }");
    let scenario = accepted(on_top("[connector.yahoo]\nlatency = \"1s\"\nrate_limit = { requests = 9, per = \"1h\" }"));
    assert_eq!(value(&scenario, "connector.yahoo.latency"), "\"1s\"");
    // The base says "fail".
    assert_eq!(value(&scenario, "connector.yahoo.rate_limit.when_exceeded"), "\"wait\"");
}

#[test]
fn dotted_keys_and_headers_reach_into_what_the_base_has_in_braces() {
    for text in ["[connector.yahoo]\nrate_limit.requests = 9", "[connector.yahoo.rate_limit]\nrequests = 9"] {
        let scenario = accepted(on_top(text));
        assert_eq!(value(&scenario, "connector.yahoo.rate_limit.requests"), "9");
        assert_eq!(value(&scenario, "connector.yahoo.rate_limit.when_exceeded"), "\"fail\"");
    }
}

#[test]
fn lists_of_tables_are_replaced() {
    let scenario = accepted(on_top("[[peering]]\nfrom = \"client\"\nto = \"hub\""));
    assert_eq!(scenario.world().peerings.len(), 1);
}

#[test]
fn every_value_of_a_chain_of_files_shows_its_source() {
    let scenario = accepted(load(BASED, &["run.seed=7"]));
    insta::assert_snapshot!(scenario.explain());
    let of_base = |file: &str| {
        let is_it = |source: &ValueSource| matches!(source, ValueSource::Base { file: base, .. } if base == file);
        scenario.resolved().iter().any(|value| is_it(&value.source))
    };
    assert!(of_base("../valid.toml") && of_base("fewer.toml"));
}

#[test]
fn a_resolved_scenario_has_no_base() {
    let scenario = accepted(load(BASED, &[]));
    let again = accepted(Scenario::parse("again.toml", &scenario.resolved_toml(), &[], &NoFiles));
    assert_eq!(again, scenario);
}

#[test]
fn overrides_come_last() {
    assert_eq!(accepted(load(BASED, &["group.client.count=30"])).world().groups[1].count, 30);
}

#[test]
fn data_files_beside_the_base_count_and_those_beside_the_scenario_more() {
    let head = |base: &str| format!("[scenario]\nname = \"top\"\nquestion = \"Which?\"\nbase = \"{base}\"\n");
    let connectors = |yahoo: u32| {
        format!("id,intraday_delay_s,rate_limit_requests,rate_limit_period_s\nyahoo,{yahoo},,\ntwelvedata,{yahoo},,\n")
    };
    let files = BTreeMap::from([
        ("../world/base.toml", include_str!("fixtures/valid.toml").to_owned()),
        ("../world/edges.csv", include_str!("fixtures/edges.csv").to_owned()),
        ("../world/connectors.csv", connectors(77)),
    ]);
    let delay = |files: BTreeMap<_, _>, id: &str| {
        let scenario = accepted(Scenario::parse("top.toml", &head("../world/base.toml"), &[], &Files(files)));
        value(&scenario, &format!("connector.{id}.delay"))
    };
    assert_eq!(delay(files.clone(), "yahoo"), "\"77s\"");
    let nearer = ("connectors.csv", connectors(33).lines().take(2).collect::<Vec<_>>().join("\n"));
    let both: BTreeMap<_, _> = files.into_iter().chain([nearer]).collect();
    assert_eq!(delay(both.clone(), "yahoo"), "\"33s\"");
    assert_eq!(delay(both, "twelvedata"), "\"77s\"");
}

/// `count` files, each of which starts from the next; the last is the fixture `valid.toml`.
fn chain(count: usize) -> Result<Scenario, ScenarioError> {
    const NAMES: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let text = |next: &str| format!("[scenario]\nname = \"top\"\nquestion = \"Deep?\"\nbase = \"{next}\"\n");
    let mut files: BTreeMap<_, _> = (1..count).map(|n| (NAMES[n], text(NAMES[n + 1]))).collect();
    files.insert(NAMES[count], include_str!("fixtures/valid.toml").to_owned());
    files.insert("edges.csv", include_str!("fixtures/edges.csv").to_owned());
    Scenario::parse("0", &text(NAMES[1]), &[], &Files(files))
}

#[test]
fn eight_files_may_lie_below_a_scenario() {
    accepted(chain(8));
    insta::assert_snapshot!(refused(chain(9)));
}

#[test]
fn base_that_does_not_exist() {
    insta::assert_snapshot!(refused(load("tests/it/fixtures/based/missing.toml", &[])));
}

#[test]
fn bases_in_a_circle() {
    insta::assert_snapshot!(refused(load("tests/it/fixtures/based/circle.toml", &[])));
}

#[test]
fn base_that_is_no_text() {
    insta::assert_snapshot!(refused(on_top("").and(Scenario::parse(
        "top.toml",
        "[scenario]\nname = \"top\"\nquestion = \"Which?\"\nbase = 5\n",
        &[],
        &NoFiles,
    ))));
}

#[test]
fn base_that_cannot_be_read() {
    insta::assert_snapshot!(refused(load("tests/it/fixtures/based/folder.toml", &[])));
}

#[test]
fn mistakes_show_the_file_that_they_are_in() {
    insta::assert_snapshot!(refused(load("tests/it/fixtures/based/mistakes.toml", &[])));
}

#[test]
fn base_that_is_not_toml() {
    insta::assert_snapshot!(refused(load("tests/it/fixtures/based/not_toml.toml", &[])));
}

#[test]
fn name_and_question_are_the_scenarios_own() {
    insta::assert_snapshot!(refused(load("tests/it/fixtures/based/nameless.toml", &[])));
}

#[test]
fn base_from_the_command_line() {
    insta::assert_snapshot!(refused(load(BASED, &["scenario.base=../valid.toml"])));
}
