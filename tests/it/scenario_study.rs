//! Studies: one file, many scenarios; and their mistakes as their author sees them.

use std::path::PathBuf;

use gtnet_sim::scenario::{Scenario, ScenarioError, Study, render};
use proptest::prelude::*;

use crate::support::{assert_plain_words, measure};

const WIDTH: usize = 100;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(format!("tests/it/fixtures/study/{name}.toml"))
}

fn owned(overrides: &[&str]) -> Vec<String> {
    overrides.iter().map(|&text| text.to_owned()).collect()
}

fn sweep(name: &str, overrides: &[&str]) -> Result<Study, ScenarioError> {
    Study::load_sweep(&fixture(name), &owned(overrides))
}

fn labels(study: &Study) -> Vec<&str> {
    study.points.iter().map(|point| point.label.as_str()).collect()
}

fn complaint<T: std::fmt::Debug>(result: Result<T, ScenarioError>) -> String {
    let error = result.expect_err("the fixture is wrong");
    assert_plain_words(&error);
    render(&error, false, WIDTH)
}

macro_rules! wrong_sweeps {
    ($($test:ident $(, $override:literal)*;)*) => {
        $(
            #[test]
            fn $test() {
                insta::assert_snapshot!(complaint(sweep(stringify!($test), &[$($override),*])));
            }
        )*
    };
}

wrong_sweeps! {
    nothing;
    wrong_axes;
    twice;
    unknown_parameter;
    wrong_value_of_a_point;
    wrong_constraints;
    unknown_path;
    unsatisfiable;
    too_many;
    not_a_list;
    no_lists;
    overlaps;
    same_values;
    other_mistakes;
    wrong_durations;
    division_by_zero;
    wrong_ranges;
    range_of_durations;
    sweeps;
}

#[test]
fn the_command_line_gets_in_the_way_of_axes() {
    let shown = [
        ("lockstep", &["group.hub.count=5,6"][..]),
        ("lockstep", &["group.hub.workers=5"]),
        ("lockstep", &["group.client.visits.per_day=5"]),
        ("lockstep", &["group.client.visits.per_day=5,6"]),
        ("lockstep", &["network.loss=0.5,0.1,0.5"]),
        ("lockstep", &["network.timeout=60s,1min"]),
        ("lockstep", &["run={},{}"]),
        ("unsatisfiable", &["group.client.count=7"]),
    ]
    .map(|(name, overrides)| complaint(sweep(name, overrides)));
    insta::assert_snapshot!(shown.join("\n"));
}

/// A run has one value of everything.
#[test]
fn several_values_are_for_sweeps() {
    let several = |overrides: &[&str]| Scenario::load(&fixture("nothing"), &owned(overrides));
    let shown = [several(&["group.client.count=5,6"]), several(&["network.timeout=10s, 20s"])].map(complaint);
    let compared = complaint(Study::load_variants(&fixture("grid"), &owned(&["group.client.count=5,6"])));
    insta::assert_snapshot!(format!("{}\n{compared}", shown.join("\n")));
    let question = several(&["scenario.question=Why, and how?"]).expect("a comma is a comma in a question");
    assert_eq!(question.question(), "Why, and how?");
}

#[test]
fn wrong_axes_of_the_command_line() {
    let shown = [
        &["group.client.cuont=5,6"][..],
        &["network.loss=0.1,much"],
        &["run.replications=5,10"],
        &["group..count=5,6"],
        &["group.client.count=5,"],
    ]
    .map(|overrides| complaint(sweep("nothing", overrides)));
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn wrong_variants() {
    insta::assert_snapshot!(complaint(Study::load_variants(&fixture("wrong_variants"), &[])));
}

#[test]
fn what_a_variant_is_can_be_said_in_a_few_words() {
    insta::assert_snapshot!(complaint(Study::load_variants(&fixture("wrong_abouts"), &[])));
    let file = PathBuf::from("scenarios/faults/shared-key.toml");
    let study = Study::load_variants(&file, &[]).expect("a study");
    let said: Vec<Option<&str>> = study.points.iter().map(|point| point.about.as_deref()).collect();
    assert_eq!(said, [Some("all clients together have the limits of one key"), Some("each client has its own key")]);
}

#[test]
fn a_scenario_without_variants_cannot_be_compared() {
    insta::assert_snapshot!(complaint(Study::load_variants(&fixture("nothing"), &[])));
}

/// Who runs or checks a file learns of all its mistakes, also of those in the tables of studies.
#[test]
fn a_run_notes_mistakes_in_axes_too() {
    let of_run = complaint(Scenario::load(&fixture("wrong_axes"), &[]));
    assert_eq!(of_run, complaint(sweep("wrong_axes", &[])));
}

#[test]
fn a_grid_has_every_combination_that_the_constraints_allow() {
    let study = sweep("grid", &[]).expect("a study");
    assert_eq!(study.parameters, ["variant", "group.client.count", "group.hub.count", "group.hub.workers"]);
    // Of 2 × 4 × 3 combinations, one hub is always allowed, two with 10 clients or more, and six never.
    assert_eq!(study.points.len(), 2 * (4 + 3));
    assert_eq!(
        labels(&study)[..3],
        [
            "as-it-is, group.client.count=5, group.hub.count=1, group.hub.workers=4",
            "as-it-is, group.client.count=10, group.hub.count=1, group.hub.workers=4",
            "as-it-is, group.client.count=10, group.hub.count=2, group.hub.workers=2",
        ]
    );
    assert_eq!(study.points[2].settings, ["as-it-is", "10", "2", "2"]);
    let last = study.points.last().expect("a point");
    let overrides = ["protocol.freshness_threshold=none", "group.client.count=20", "group.hub.count=2"];
    let overrides = owned(&[&overrides[..], &["group.hub.workers=2"]].concat());
    assert_eq!(last.scenario, Scenario::load(&fixture("grid"), &overrides).expect("a scenario"));
}

#[test]
fn an_axis_of_the_command_line_takes_the_place_of_that_of_the_file() {
    let overrides = ["group.client.count=40,60", "network.loss=0.5"];
    let study = sweep("grid", &overrides).expect("a study");
    assert_eq!(study.points.len(), 2 * 2 * 3);
    assert!(study.points.iter().all(|point| point.scenario.resolved_toml().contains("loss = 0.5")));
    let texts = sweep("nothing", &["connector.yahoo.delay=1min,2min,3min"]).expect("a study");
    assert_eq!(labels(&texts)[2], "connector.yahoo.delay=3min");
    let tables =
        sweep("nothing", &["network.rtt={ median = \"40ms\", sigma = 0.5 },{ median = \"80ms\", sigma = 0.5 }"]);
    assert_eq!(tables.expect("a study").points.len(), 2);
}

/// One value is the end of an axis, not a value that the axis hides.
#[test]
fn one_value_of_the_command_line_takes_the_place_of_an_axis() {
    let study = sweep("grid", &["group . client.count=20"]).expect("a study");
    assert_eq!(study.parameters, ["variant", "group.hub.count", "group.hub.workers"]);
    assert_eq!(study.points.len(), 2 * 2);
    assert!(study.points.iter().all(|point| point.scenario.resolved_toml().contains("count = 20\n")));
    for (last, points) in [("group.client.count=20", 2 * 2), ("group.client.count=10,20", 2 * 2 * 2)] {
        let study = sweep("grid", &["group.client.count=5", "group.client.count=5,10", last]).expect("a study");
        assert_eq!(study.points.len(), points, "{last}");
    }
}

#[test]
fn spaces_in_paths_mean_nothing() {
    let study = sweep("grid", &["group . client.count=10,20"]).expect("a study");
    assert_eq!(study.parameters, ["variant", "group.client.count", "group.hub.count", "group.hub.workers"]);
}

#[test]
fn constraints_exclude_what_would_be_wrong() {
    let study = sweep("excluded_mistakes", &[]).expect("a study");
    let allowed = [("1d", "5d"), ("1d", "7d"), ("6d", "7d")];
    assert_eq!(labels(&study), allowed.map(|(warmup, all)| format!("run.warmup={warmup}, run.duration={all}")));
}

#[test]
fn a_constraint_can_guard_the_division_of_another() {
    assert_eq!(labels(&sweep("guarded_division", &[]).expect("a study")), ["network.loss=0.1"]);
}

#[test]
fn constraints_know_durations() {
    let study = sweep("durations", &[]).expect("a study");
    assert_eq!(labels(&study), ["network.timeout=30s", "network.timeout=1min"]);
}

#[test]
fn values_between_real_numbers_are_short() {
    let study = sweep("reals", &[]).expect("a study");
    assert_eq!(labels(&study)[1], "network.loss=0.0909090909091");
    assert!(study.points[1].scenario.resolved_toml().contains("loss = 0.0909090909091\n"));
    assert!(study.points.iter().all(|point| point.settings[0].len() <= "0.0909090909091".len()));
}

#[test]
fn values_show_where_they_come_from() {
    let study = sweep("grid", &["network.loss=0.1,0.2"]).expect("a study");
    let explained = study.points[0].scenario.explain();
    let line = |key: &str| explained.lines().find(|line| line.starts_with(key)).expect("a line").to_owned();
    assert!(line("loss").ends_with("--set"), "{}", line("loss"));
    assert!(line("workers").ends_with("grid.toml:25"), "{}", line("workers"));
}

#[test]
fn a_digest_tells_what_changes_numbers() {
    let digest =
        |overrides: &[&str]| Scenario::load(&fixture("nothing"), &owned(overrides)).expect("a scenario").digest();
    let plain = digest(&[]);
    assert_eq!(plain.len(), 64);
    for same in ["scenario.name=other", "scenario.question=Why?", "run.replications=3"] {
        assert_eq!(digest(&[same]), plain, "{same}");
    }
    for other in ["run.seed=77", "network.loss=0.123", "group.client.count=6", "run.duration=4d"] {
        assert_ne!(digest(&[other]), plain, "{other}");
    }
}

/// A value that means the same as another one is the same one, in whatever words: it would be simulated twice.
#[test]
fn values_that_mean_the_same_are_the_same_value() {
    let uniform = format!("{{ hourly = [{}] }}", ["2"; 24].join(", "));
    let twice = format!("{{ hourly = [{}], weekend = 1.0 }}", ["4"; 24].join(", "));
    let same = [
        ("instruments.popularity", "{ zipf = 0 }", "uniform"),
        ("group.client.visits.profile", "uniform", &uniform),
        ("group.client.visits.profile", &uniform, &twice),
        ("group.client.visits.time_zone", "Europe/Zurich", "europe/zurich"),
        ("group.client.country", "CH", "{ CH = 2 }"),
        ("group.client.country", "{ CH = 1, DE = 3 }", "{ CH = 2, DE = 6 }"),
        ("instruments.markets", "{ XSWX = 1, XNYS = 3 }", "{ XSWX = 2, XNYS = 6 }"),
        ("connector.yahoo.latency", "300ms", "{ constant = \"0.3s\" }"),
        ("connector.yahoo.latency", "300ms", "{ lognormal = { median = \"300ms\", sigma = 0 } }"),
        ("connector.yahoo.latency", "300ms", "{ normal = { mean = \"300ms\", sd = \"0s\" } }"),
        ("connector.yahoo.latency", "300ms", "{ empirical = [\"300ms\", \"300ms\"] }"),
        ("connector.yahoo.latency", "{ empirical = [\"1s\", \"2s\"] }", "{ empirical = [\"2s\", \"1s\"] }"),
        (
            "connector.yahoo.latency",
            "{ empirical = [\"1s\", \"2s\"] }",
            "{ empirical = [\"1s\", \"2s\", \"1s\", \"2s\"] }",
        ),
        ("connector.yahoo.serves", "{ XSWX = 1, FX = 0 }", "{ XSWX = 1 }"),
        ("network.rtt", "{ constant = \"40ms\" }", "{ median = \"40ms\", sigma = 0, minimum = \"10ms\" }"),
        ("group.hub.service.distribution", "constant", "{ lognormal = { sigma = 0 } }"),
        ("group.client.clock.drift_ppm", "0.0001", "0"),
        ("peering.0.select", "all", "{ random = 2 }"),
        ("run.start", "2026-03-02T00:00:00Z", "2026-03-02T01:00:00+01:00"),
        ("network.timeout", "60s", "1min"),
    ];
    for (path, one, other) in same {
        let axis = format!("{path}={one},{other}");
        let complaint = complaint(sweep("nothing", &[&axis]));
        assert!(complaint.contains(" twice"), "{axis}: {complaint}");
        let measured = |value: &str| {
            let overrides = owned(&[&format!("{path}={value}"), "run.duration=2d", "run.warmup=0s"]);
            let scenario = Scenario::load(&fixture("nothing"), &overrides).expect("a scenario");
            format!("{:?}", measure(scenario.world(), 7, 0))
        };
        assert!(measured(one) == measured(other), "{axis} is not the same");
    }
    for different in [
        "connector.yahoo.latency={ empirical = [\"1s\", \"2s\"] },{ empirical = [\"1s\", \"1s\", \"2s\"] }",
        "group.client.visits.profile=office,evening",
        "instruments.markets={ XSWX = 1, XNYS = 3 },{ XSWX = 1, XNYS = 4 }",
        "group.client.clock.drift_ppm=0.001,0.002",
        "run.topology=0,1",
    ] {
        assert_eq!(sweep("nothing", &[different]).expect(different).points.len(), 2);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Points are the product of the axes, each the scenario that `--set` gives.
    #[test]
    fn points_are_what_overrides_give(
        clients in prop::collection::btree_set(1_u32..50, 2..5),
        workers in prop::collection::btree_set(1_u32..9, 2..4),
    ) {
        let list = |numbers: &std::collections::BTreeSet<u32>| {
            numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
        };
        let axes = [format!("group.client.count={}", list(&clients)), format!("group.hub.workers={}", list(&workers))];
        let study = Study::load_sweep(&fixture("nothing"), &axes).expect("a study");
        let pairs = clients.iter().flat_map(|client| workers.iter().map(move |worker| (client, worker)));
        prop_assert_eq!(study.points.len(), clients.len() * workers.len());
        for (point, (client, worker)) in study.points.iter().zip(pairs) {
            let overrides = [format!("group.client.count={client}"), format!("group.hub.workers={worker}")];
            let expected = Scenario::load(&fixture("nothing"), &overrides).expect("a scenario");
            prop_assert_eq!(&point.scenario, &expected);
            prop_assert_eq!(point.scenario.digest(), expected.digest());
        }
    }
}
