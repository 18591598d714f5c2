//! The programs in `examples/` say what they promise.

use std::path::Path;

use gtnet_sim::scenario::Scenario;

#[path = "../../examples/compare_policies.rs"]
#[expect(dead_code, reason = "`main` is for the program")]
mod compare_policies;
#[path = "../../examples/coverage.rs"]
#[expect(dead_code, reason = "`main` is for the program")]
mod coverage;
#[path = "../../examples/custom_observer.rs"]
#[expect(dead_code, reason = "`main` is for the program")]
mod custom_observer;
#[path = "../../examples/fast_paths.rs"]
#[expect(dead_code, reason = "`main` is for the program")]
mod fast_paths;
#[path = "../../examples/one_replication.rs"]
#[expect(dead_code, reason = "`main` is for the program")]
mod one_replication;
#[path = "../../examples/run_a_scenario.rs"]
#[expect(dead_code, reason = "`main` is for the program")]
mod run_a_scenario;
#[path = "../../examples/swarm.rs"]
#[expect(dead_code, reason = "`main` is for the program")]
mod swarm;

#[test]
fn a_scenario_is_run_and_summed_up() {
    let text = run_a_scenario::answer().expect("a valid scenario");
    assert!(text.contains("What does a push-open server do for five clients in one day?"), "{text}");
    assert!(text.contains("11 instances"), "{text}");
}

/// What `tests/instructions.sh` counts does something, and the whole of it: fifteen users come eight times a day.
#[test]
fn one_replication_is_counted_in_instructions() {
    let scenario = quick();
    let happened = one_replication::happened(&scenario);
    let visits = happened.split(", ").find_map(|part| part.strip_suffix(" visits")).expect("a number of visits");
    assert!(visits.parse::<u32>().expect("a number") > 50, "{happened}");
    assert_eq!(one_replication::happened(&scenario), happened);
}

#[test]
fn folding_changes_no_measurement_and_its_share_is_told() {
    let fast_paths::BothWays { exchanges, folded, speed_up } =
        fast_paths::both_ways(&quick(), 1).expect("both ways agree");
    assert!(folded > 0 && folded <= exchanges && speed_up > 0.0, "{folded} of {exchanges}, {speed_up}");
}

fn quick() -> Scenario {
    Scenario::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/quick.toml")), &[])
        .expect("a valid scenario")
}

#[test]
fn an_observer_counts_what_no_measure_counts() {
    let text = custom_observer::answer().expect("a valid scenario");
    let hours: Vec<u32> = text
        .lines()
        .skip(1)
        .map(|line| line.split_whitespace().next().expect("an hour").parse().expect("one"))
        .collect();
    // The profile of users in an office, whose local time is an hour ahead of UTC in March.
    assert!(hours.contains(&8) && !hours.contains(&23), "{text}");
    assert!(hours.is_sorted(), "{text}");
}

#[test]
fn policies_are_compared_with_the_same_luck() {
    let text = compare_policies::answer().expect("valid worlds");
    // With the threshold, prices that are too old are replaced by calls.
    assert!(text.starts_with("connector_calls: +"), "{text}");
    assert!(text.contains("price_age_mean: -"), "{text}");
}

/// A small version of what `docs/statistics.md` has a table of. So few experiments tell gross faults only.
#[test]
fn intervals_hold_the_truth_of_the_simulator() {
    let trials = coverage::trials(0, 8, 60).expect("a valid scenario");
    assert!(trials.len() > 16, "quantities and comparisons of both sizes");
    let (claimed, right) = trials.iter().fold((0, 0), |sum, one| (sum.0 + one.claimed, sum.1 + one.right));
    assert!(10 * right >= 9 * claimed, "{right} of {claimed}: {trials:?}");
    for trial in trials {
        assert!(2 * trial.right >= trial.claimed, "{trial:?}");
    }
}

/// The program simulates as many worlds as one likes.
#[test]
fn random_worlds_with_random_faults_keep_all_laws() {
    let broken = swarm::broken_worlds(0..200);
    assert!(broken.is_empty(), "show one by `cargo run --example swarm NUMBER`: {broken:?}");
    assert!((0..20).any(|number| swarm::try_world(number) > 0), "in none of them calls are made at once");
    let in_blocks = (0..20).filter(|number| swarm::try_blocks(swarm::world(*number), *number) > 2).count();
    assert!(in_blocks > 5, "only {in_blocks} of 20 fall apart");
}
