//! Sensitivity analyses: estimators against another program and against functions whose effects are known, and the command itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gtnet_sim::scenario::{NoFiles, Scenario, ScenarioFile, VariedBy, VariedPoints, render};
use gtnet_sim::stats::{ElementaryEffects, SaltelliSample, SobolIndices};
use tempfile::TempDir;

use crate::support::contents;

#[path = "../../examples/sensitivity_coverage.rs"]
#[expect(dead_code, reason = "`main` is for the program")]
mod sensitivity_coverage;

use sensitivity_coverage::{g_function, ishigami, morris_trials, sobol_trials};

/// What `SALib` says of fixed samples; `tests/reference/salib.py` writes it.
fn salib() -> serde_json::Value {
    serde_json::from_str(include_str!("../reference/salib.json")).expect("JSON")
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    let list = value.as_array().expect("a list");
    list.iter().map(|number| number.as_f64().expect("a number")).collect()
}

fn assert_same(own: f64, reference: f64) {
    assert!((own - reference).abs() <= 1e-12 * reference.abs().max(1.0), "{own} is not {reference}");
}

#[test]
fn sobol_s_indices_are_those_of_salib() {
    let reference = &salib()["sobol"];
    let (a, b) = (numbers(&reference["a"]), numbers(&reference["b"]));
    let ab: Vec<Vec<f64>> = reference["ab"].as_array().expect("inputs").iter().map(numbers).collect();
    let all = || a.iter().chain(&b).chain(ab.iter().flatten());
    let centre = all().sum::<f64>() / all().count() as f64;
    for (input, ab) in ab.iter().enumerate() {
        let sample = SaltelliSample { a: &a, b: &b, ab, centre, block: 2 };
        let of = SobolIndices::of(&sample, 0.95, &mut |below| below - 1).expect("a variance");
        assert_same(of.first, numbers(&reference["first"])[input]);
        assert_same(of.total, numbers(&reference["total"])[input]);
    }
}

#[test]
fn elementary_effects_are_those_of_salib() {
    let reference = &salib()["morris"];
    let trajectories = reference["numbers"].as_array().expect("trajectories");
    let steps = reference["steps"].as_array().expect("trajectories");
    for (input, number) in [0.0_f64, 1.0, 2.0, 3.0].into_iter().enumerate() {
        let effect = |(values, steps): (&serde_json::Value, &serde_json::Value)| {
            let (values, steps) = (numbers(values), steps.as_array().expect("steps"));
            let steps: Vec<Vec<f64>> = steps.iter().map(numbers).collect();
            let at = steps.iter().position(|step| step[0].total_cmp(&number).is_eq()).expect("each input changes");
            (values[at + 1] - values[at]) / steps[at][1]
        };
        let effects: Vec<f64> = trajectories.iter().zip(steps).map(effect).collect();
        let of = ElementaryEffects::of(&effects, 0.95, &mut |below| below - 1).expect("effects");
        assert_same(of.mean, numbers(&reference["mu"])[input]);
        assert_same(of.mean_absolute, numbers(&reference["mu_star"])[input]);
        assert_same(of.deviation.expect("several"), numbers(&reference["sigma"])[input]);
    }
}

/// A few trials; `examples/sensitivity_coverage.rs` makes a thousand. Of 300 intervals, 95 % hold the truth in 91.5 to 98 % of the
/// cases with a chance of 99 %.
#[test]
fn intervals_hold_known_effects_and_no_effect_is_called_none() {
    let rows = [sobol_trials(&ishigami(), 256, 60), sobol_trials(&g_function(), 256, 40)];
    let of_morris = morris_trials(15, 30);
    for row in rows.iter().flatten().chain([&of_morris]) {
        let [held, ..] = row.coverage();
        assert!((0.90..=0.99).contains(&held), "{row:?}");
        assert!(f64::from(row.called_zero) >= 0.9 * f64::from(row.zeros), "{row:?}");
    }
}

fn committed() -> Vec<PathBuf> {
    let folders = ["", "explain", "faults", "findings", "protocol"].map(|folder| Path::new("scenarios").join(folder));
    let files = folders.iter().flat_map(|folder| folder.read_dir().expect("scenarios"));
    let paths = files.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect()
}

#[test]
fn every_assumption_of_the_committed_scenarios_has_a_range() {
    let mut open = Vec::new();
    for path in committed() {
        let scenario = Scenario::load(&path, &[]).unwrap_or_else(|error| panic!("{}", render(&error, false, 100)));
        let lines = scenario.assumptions_without_range();
        open.extend(lines.iter().map(|(table, line)| format!("{}: [{table}] {}", path.display(), line.written)));
    }
    assert!(open.is_empty(), "{}", open.join("\n"));
}

/// The reference scenario of the tests with these lines behind it.
fn with(lines: &str, overrides: &[&str]) -> Result<Scenario, String> {
    let text = format!("{}\n{lines}", include_str!("fixtures/valid.toml"));
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    let folder = gtnet_sim::scenario::Folder("tests/it/fixtures".into());
    Scenario::parse("valid.toml", &text, &overrides, &folder).map_err(|error| render(&error, false, 100))
}

fn uncertain(parameter: &str, range: &str) -> String {
    format!("[[uncertain]]\nparameter = \"{parameter}\"\n{range}\nsource = \"assumption\"\n")
}

#[test]
fn mistakes_of_uncertain_values_name_line_key_and_remedy() {
    let cases = [
        (
            "network.lost",
            "low = 0.0\nhigh = 0.1",
            "`network.lost` has no value in this scenario",
            "check` lists all values",
        ),
        ("network.loss", "low = 0.0\nhigh = 2", "`network.loss` is 2, but must be from 0 to 1", "greatest value"),
        (
            "network.loss",
            "low = 0.2\nhigh = 0.3",
            "but must be from 0.2 to 0.3, as its [[uncertain]]",
            "widen the range",
        ),
        ("network.loss", "low = 0.3\nhigh = 0.0", "the range of `network.loss` is empty", "the smaller value as `low`"),
        ("network.loss", "low = 0.0\nhigh = 0.1\nscale = \"log\"", "begins above 0", "above 0 if the scale is \"log\""),
        ("network.loss", "low = 0.0", "either `low` and `high`", "write low = 2 and high = 32"),
        ("network.loss", "", "lacks `low` and `high`", "low = 2"),
        ("network.loss", "values = [0.5, 0.6]", "which is none of its `values`", "add it to them"),
        ("network.loss", "distribution = { constant = 0.1 }", "always the same", "remove this [[uncertain]]"),
        ("network.rtt", "low = \"1ms\"\nhigh = \"2ms\"", "no number, so that it lies in no range", "values = [ … ]"),
        ("run.seed", "low = 1\nhigh = 2", "a study cannot vary `run.seed`", "use --seed"),
    ];
    for (parameter, range, what, remedy) in cases {
        let told = with(&uncertain(parameter, range), &[]).expect_err(parameter);
        let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
        let plain = words.replace(" │ ", " ");
        assert!(plain.contains(what) && plain.contains(remedy), "{parameter} {range}:\n{told}");
        assert!(told.contains("valid.toml:"), "no line: {told}");
    }
    let twice = uncertain("network.loss", "low = 0.0\nhigh = 0.1").repeat(2);
    assert!(with(&twice, &[]).expect_err("twice").contains("`network.loss` is uncertain twice"));
}

#[test]
fn what_the_command_line_sets_is_known() {
    let lines = uncertain("network.loss", "low = 0.0\nhigh = 0.1");
    assert!(with(&lines, &["network.loss=0.5"]).is_ok(), "the range is of what the file assumes");
    let file = ScenarioFile::read(Path::new("scenarios/quick.toml")).expect("a scenario");
    let count = |overrides: &[&str]| {
        let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
        file.uncertainty(&overrides, VariedBy::Tornado).expect("a study").inputs.len()
    };
    assert_eq!(count(&["network.loss=0.5", "group.client.users=30"]) + 2, count(&[]));
    // With watchlists that long the scenario is not valid at the lower end of the number of securities.
    let long = ["group.client.watchlist.instruments=1000".to_owned()];
    let path = Path::new("scenarios/quick.toml");
    assert!(Scenario::load(path, &long).is_ok(), "a run does not care for ends");
    assert!(file.uncertainty(&long, VariedBy::Tornado).is_err(), "an analysis does");
    // A value of another form has not the part that is uncertain.
    assert_eq!(count(&["instruments.popularity=uniform"]) + 1, count(&[]));
    let lacks = uncertain("instruments.popularity.zopf", "low = 0.5\nhigh = 1.5");
    assert!(with(&lacks, &[]).is_err_and(|error| error.contains("has no value in this scenario")));
}

#[test]
fn a_file_may_put_a_value_of_another_form_where_the_file_below_has_an_uncertain_one() {
    let folder = gtnet_sim::scenario::Folder("scenarios".into());
    let text = "[scenario]\nname = \"even\"\nquestion = \"What if all are as popular?\"\nbase = \"quick.toml\"\n";
    let even = format!("{text}\n[instruments]\npopularity = \"uniform\"\n");
    let even = Scenario::parse("even.toml", &even, &[], &folder).map_err(|error| render(&error, false, 100));
    assert!(even.is_ok(), "{}", even.err().unwrap_or_default());
}

#[test]
fn points_lie_where_the_ranges_say() {
    let file = ScenarioFile::read(Path::new("scenarios/quick.toml")).expect("a scenario");
    let tornado = file.uncertainty(&[], VariedBy::Tornado).expect("a study");
    assert_eq!(tornado.study.points[0].label, "as assumed");
    let of = |parameter: &str| tornado.inputs.iter().position(|input| input.parameter == parameter).expect("uncertain");
    let VariedPoints::Tornado(tried) = &tornado.varied else { panic!("{:?}", tornado.varied) };
    let values = |parameter: &str| -> Vec<&str> {
        let input = of(parameter);
        tried[input].iter().map(|point| tornado.study.points[*point].settings[input].as_str()).collect()
    };
    assert_eq!(values("group.client.visits.per_day"), ["2", "32"]);
    assert_eq!(values("connector.*.latency.lognormal.median"), ["50ms", "3s"]);
    assert_eq!(values("group.client.visits.profile"), ["office", "evening", "uniform"]);
    // What is as assumed is the same point.
    let profiles = &tried[of("group.client.visits.profile")];
    assert_eq!(profiles[0], 0, "{profiles:?}");
    let slow = &tornado.study.points[tried[of("connector.*.latency.lognormal.median")][1]].scenario;
    assert!(slow.resolved_toml().contains("latency = { lognormal = { median = \"3s\", sigma = 0.6 } }"));

    let morris = file.uncertainty(&[], VariedBy::Morris(3)).expect("a study");
    let VariedPoints::Morris(trajectories) = &morris.varied else { panic!("{:?}", morris.varied) };
    assert_eq!(trajectories.len(), 3);
    for of in trajectories {
        assert_eq!((of.points.len(), of.steps.len()), (morris.inputs.len() + 1, morris.inputs.len()));
    }
    let again = file.uncertainty(&[], VariedBy::Morris(3)).expect("a study");
    assert_eq!(again.varied, morris.varied, "the same seed gives the same points");
}

#[test]
fn a_file_inherits_ranges_and_replaces_those_about_the_same_parameters() {
    let file = ScenarioFile::read(Path::new("scenarios/protocol/retry-bands-on.toml")).expect("a scenario");
    let inputs = file.uncertainty(&[], VariedBy::Tornado).expect("a study").inputs;
    let failures: Vec<(&str, &[String])> = inputs
        .iter()
        .filter(|input| input.parameter.ends_with(".failure"))
        .map(|input| (input.parameter.as_str(), input.range.as_slice()))
        .collect();
    let expected: [(&str, &[String]); 2] = [
        ("connector.yahoo.failure", &["0.1".to_owned(), "0.9".to_owned()]),
        ("connector.*.failure", &["0.001".to_owned(), "0.1".to_owned()]),
    ];
    assert_eq!(failures, expected);
    assert!(inputs.iter().any(|input| input.parameter == "group.client.visits.per_day"), "of the file below");
}

/// Draws lie within a distribution, and its tails are left out where ends are needed.
#[test]
fn values_are_drawn_as_their_distribution_says() {
    let home = TempDir::new().expect("a folder");
    let path = home.path().join("drawn.toml");
    let lines = uncertain("network.loss", "distribution = { uniform = [0.0, 0.2] }");
    fs::write(&path, format!("{}\n{lines}", include_str!("fixtures/valid.toml"))).expect("a file");
    fs::copy("tests/it/fixtures/edges.csv", home.path().join("edges.csv")).expect("a copy");
    let file = ScenarioFile::read(&path).expect("a file");
    let tornado =
        file.uncertainty(&[], VariedBy::Tornado).unwrap_or_else(|error| panic!("{}", render(&error, false, 100)));
    assert_eq!(tornado.inputs[0].range, ["0.01", "0.19"]);
    let sobol = file.uncertainty(&[], VariedBy::Sobol(40)).expect("a study");
    let VariedPoints::Sobol { a, b, ab, block } = &sobol.varied else { panic!("{:?}", sobol.varied) };
    assert_eq!((a.len(), b.len(), ab.len(), *block), (40, 40, 1, 2));
    // Of one value, the first sample with that of the second one is the second one.
    assert_eq!(ab[0], *b);
    let values = || sobol.study.points[1..].iter().map(|point| point.numbers[0].expect("a number"));
    assert!(
        values().all(|value| (0.0..0.2).contains(&value)) && values().any(|value| value > 0.19),
        "{:?}",
        values().collect::<Vec<_>>()
    );
}

#[test]
fn a_scenario_where_nothing_is_uncertain_says_so() {
    let home = TempDir::new().expect("a folder");
    let path = home.path().join("known.toml");
    fs::copy("tests/it/fixtures/edges.csv", home.path().join("edges.csv")).expect("a copy");
    fs::copy("tests/it/fixtures/valid.toml", &path).expect("a copy");
    let error = ScenarioFile::read(&path).expect("a file").uncertainty(&[], VariedBy::Tornado).expect_err("nothing");
    let told = render(&error, false, 100);
    assert!(told.contains("nothing is uncertain") && told.contains("[[uncertain]]"), "{told}");
    assert!(Scenario::parse("empty", "", &[], &NoFiles).is_err());
}

/// An analysis of a tiny world.
fn analysis(home: &Path, out: &str, more: &[&str]) -> Command {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_gtnet-sim"));
    command.current_dir(home).arg("sensitivity").arg(scenario);
    let set = [
        "run.duration=12h",
        "run.warmup=8h",
        "group.client.count=2",
        "instruments.securities=500",
        "group.client.users=2",
    ];
    command.args(set.iter().flat_map(|set| ["--set", set]));
    command.args(["--method", "morris", "--trajectories", "2", "--replications", "1", "--quiet"]);
    command.args(["--measures", "connector_calls.saving,user_wait_p50", "--out", out]).args(more);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn succeed(mut command: Command) {
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_analysis_that_is_interrupted_or_divided_gives_the_same_bytes() {
    let home = TempDir::new().expect("a folder");
    succeed(analysis(home.path(), "whole", &[]));
    let whole = contents(&home.path().join("whole"));
    assert!(whole.keys().any(|path| path.ends_with("effects.csv")), "{:?}", whole.keys());

    let mut child = analysis(home.path(), "killed", &["--jobs", "1"]).spawn().expect("the program runs");
    let ledger = || {
        let entries = fs::read_dir(home.path()).expect("a folder").filter_map(Result::ok);
        let mut ledgers = entries.filter(|entry| entry.file_name().to_string_lossy().contains("ledger"));
        ledgers.any(|entry| entry.metadata().is_ok_and(|of| of.len() > 2_000))
    };
    while !ledger() && child.try_wait().expect("a child").is_none() {
        std::thread::yield_now();
    }
    child.kill().expect("killed, or over");
    child.wait().expect("a child");
    succeed(analysis(home.path(), "killed", &["--resume"]));
    assert!(contents(&home.path().join("killed")) == whole, "resumed, it differs");

    for part in ["1", "2"] {
        succeed(analysis(home.path(), &format!("part-{part}"), &["--shard", &format!("{part}/2")]));
    }
    let mut merge = Command::new(env!("CARGO_BIN_EXE_gtnet-sim"));
    merge.current_dir(home.path()).args(["merge", "part-1", "part-2", "--out", "merged", "--quiet"]);
    succeed(merge);
    assert!(contents(&home.path().join("merged")) == whole, "merged, it differs");
}
