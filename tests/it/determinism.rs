//! The same scenario, seed and version give the same bytes, whatever the threads; and both variants of a scenario meet
//! the same users.

use gtnet_sim::experiment::{self, RunOptions, Shard};
use gtnet_sim::model::{Blocks, Blueprint};
use gtnet_sim::record::{Manifest, ResultFile, RunRecord, sha256_hex};
use gtnet_sim::report;
use gtnet_sim::scenario::Scenario;

fn scenario(name: &str, overrides: &[&str]) -> Scenario {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(format!("{name}.toml"));
    let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
    Scenario::load(&path, &overrides).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn run(name: &str, overrides: &[&str], jobs: usize) -> RunRecord {
    let options = RunOptions { jobs: Some(jobs), baseline: true };
    experiment::run(&scenario(name, overrides), options, Shard::WHOLE, &()).expect("threads start")
}

fn tables(record: &RunRecord) -> Vec<ResultFile> {
    report::files(record).into_iter().filter(|file| !file.name.starts_with("charts/")).collect()
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let one = report::files(&run("quick", &["run.replications=4"], 1));
    let four = report::files(&run("quick", &["run.replications=4"], 4));
    assert_eq!(one.len(), four.len());
    for (one, four) in one.iter().zip(&four) {
        assert!(one == four, "{} differs", one.name);
    }
}

/// A network of 4,200 instances that falls apart into 200 components, and is simulated in some blocks of those.
const IN_BLOCKS: [&str; 3] = ["group.server.count=200", "group.client.count=4000", "run.duration=3h"];

#[test]
fn blocks_and_the_threads_that_share_them_change_no_byte() {
    let one = run("bench/w2-10k", &IN_BLOCKS, 1);
    let scenario = scenario("bench/w2-10k", &IN_BLOCKS);
    let blocks = Blocks::usual(scenario.world()).expect("it falls apart");
    assert!((60..=70).contains(&blocks.len()), "{} blocks", blocks.len());
    let whole = experiment::replicate(&Blueprint::new(scenario.world().clone()), scenario.seed(), 0);
    assert!(whole.visits > 30_000 && whole.servers.len() == 200 && whole.open_servers.is_empty());
    assert!(one.replications[0].measured == whole, "blocks change what is measured");
    let four = report::files(&run("bench/w2-10k", &IN_BLOCKS, 4));
    for (one, four) in report::files(&one).iter().zip(&four) {
        assert!(one == four, "{} differs", one.name);
    }
}

/// The digest of the tables of `quick`. It changes with every change of the model or of a report: such a change says in
/// the changelog why, and puts the new digest here.
#[test]
fn the_results_of_quick_are_pinned() {
    let record = run("quick", &[], 2);
    let files = tables(&record).into_iter().filter(|file| file.name != Manifest::FILE_NAME);
    let digests: Vec<String> = files.map(|file| format!("{} {}", file.name, sha256_hex(&file.bytes))).collect();
    insta::assert_snapshot!(digests.join("\n"));
}

/// `no-gtnet` is `hub-20-clients` without GTNet, so it must be what that scenario is compared to.
#[test]
fn the_baseline_is_the_same_scenario_without_gtnet() {
    let short = ["run.replications=2", "run.duration=5d"];
    let hub = run("hub-20-clients", &short, 2);
    let off = run("no-gtnet", &short, 2);
    for (hub, off) in hub.replications.iter().zip(&off.replications) {
        let baseline = hub.baseline.as_ref().expect("a baseline");
        assert_eq!(baseline.connectors, off.measured.connectors);
        assert_eq!(baseline.price_age, off.measured.price_age);
        assert_eq!(baseline.user_wait, off.measured.user_wait);
        assert_eq!(off.baseline, None, "nothing to compare with");
    }
    assert!(hub.facts.gtnet && !off.facts.gtnet);
    let points = tables(&off).into_iter().find(|table| table.name == "points.csv").expect("a table");
    assert!(String::from_utf8(points.bytes).expect("tables are text").contains(",false,"), "nobody takes part");
}

#[test]
fn both_variants_meet_the_same_visits() {
    for replication in run("quick", &["run.replications=3"], 2).replications {
        let baseline = replication.baseline.expect("a baseline");
        assert_eq!(replication.measured.visits, baseline.visits);
        assert_eq!(replication.measured.exchanges, baseline.exchanges);
        assert_ne!(replication.measured.fills, baseline.fills);
    }
}

#[test]
fn a_resolved_scenario_gives_the_same_results() {
    let original = run("quick", &["run.replications=2"], 2);
    let resolved = Scenario::parse("resolved", &original.facts.resolved_scenario, &[], &gtnet_sim::scenario::NoFiles)
        .expect("a resolved scenario is a scenario");
    let options = RunOptions { jobs: Some(2), baseline: true };
    let again = experiment::run(&resolved, options, Shard::WHOLE, &()).expect("threads start");
    assert_eq!(original.replications, again.replications);
    assert_eq!(original.facts.resolved_scenario, again.facts.resolved_scenario);
}
