//! Conclusions under uncertainty: boxes against another program, where worlds lie, and the command itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gtnet_sim::scenario::{InEachWorld, ScenarioFile, WorldStudy, WorldValue, render};
use gtnet_sim::stats::{Prim, PrimInput, PrimLimits, RestrictedSide};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::contents;

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().expect("a list");
    list.iter().map(|number| number.as_f64().expect("a number")).collect()
}

fn words(value: &Value) -> Vec<&str> {
    let list = value.as_array().expect("a list");
    list.iter().map(|word| word.as_str().expect("a word")).collect()
}

fn assert_close(own: f64, reference: f64, what: &str) {
    assert!((own - reference).abs() <= 1e-12 * reference.abs().max(1e-3), "{what}: {own} is not {reference}");
}

/// What the EMA Workbench finds in the same samples; `tests/reference/ema.py` writes it. All boxes of the trajectories are the same,
/// with their limits, coverages and quasi-p-values.
#[test]
fn boxes_are_those_of_the_ema_workbench() {
    let reference: Value = serde_json::from_str(include_str!("../reference/ema.json")).expect("JSON");
    for (name, sample) in reference.as_object().expect("samples") {
        let columns = sample["columns"].as_object().expect("columns");
        let things = ["CH", "DE", "US"];
        let place = |word: &str| things.iter().position(|thing| *thing == word).expect("a known word");
        let is_number = |column: &Value| column[0].is_number();
        let inputs: Vec<PrimInput> = columns
            .values()
            .map(|column| {
                if is_number(column) {
                    PrimInput::Number(numbers(column))
                } else {
                    PrimInput::Category(words(column).into_iter().map(place).collect())
                }
            })
            .collect();
        let is_hit: Vec<bool> =
            sample["is_hit"].as_array().expect("a list").iter().map(|hit| hit.as_bool() == Some(true)).collect();
        let prim = Prim::of(&inputs, &is_hit).expect("some are of interest");
        let boxes = sample["boxes"].as_array().expect("boxes");
        assert_eq!(prim.boxes.len(), boxes.len(), "{name}");
        for (number, (own, reference)) in prim.boxes.iter().zip(boxes).enumerate() {
            let what = format!("{name}, box {number}");
            let counts = [&reference["cases"], &reference["hits"]].map(|count| count.as_u64().expect("a count"));
            assert_eq!([own.cases as u64, own.hits as u64], counts, "{what}");
            assert_close(prim.coverage(own), reference["coverage"].as_f64().expect("a share"), &what);
            for ((input, limits), (column, values)) in own.limits.iter().enumerate().zip(columns) {
                match limits {
                    PrimLimits::Number(ends) => {
                        let expected = numbers(&reference["numbers"][column]);
                        ends.iter().zip(expected).for_each(|(own, expected)| assert_close(*own, expected, &what));
                    }
                    PrimLimits::Category(are_in) => {
                        let own = things.iter().zip(are_in).filter(|(_, is_in)| **is_in).map(|(thing, _)| *thing);
                        assert!(own.eq(words(&reference["words"][column])), "{what}: {values}");
                    }
                }
                for restriction in prim.restrictions(own).into_iter().filter(|one| one.input == input) {
                    let at = usize::from(restriction.side == RestrictedSide::High);
                    assert_close(restriction.quasi_p, numbers(&reference["quasi_p"][column])[at], &what);
                }
            }
            let restricted = reference["quasi_p"].as_object().expect("restrictions").len();
            assert_eq!(prim.restricted(own), restricted, "{what}");
        }
    }
}

/// The scenario `quick` with a variant that changes nothing, one with slow hubs, and one that says what is uncertain in the others.
const VARIANTS: &str = "[scenario]\nname = \"worlds\"\nquestion = \"What holds whatever is uncertain?\"\nbase = \"quick.toml\"\n\n\
                        [[variant]]\nname = \"as-it-is\"\n\n[[variant]]\nname = \"same\"\n\n\
                        [[variant]]\nname = \"slow-hub\"\nset = { \"group.hub.service.base\" = \"20s\" }\n";

fn scenario(home: &Path, text: &str) -> PathBuf {
    let path = home.join("worlds.toml");
    fs::write(&path, text).expect("a file");
    let quick = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml");
    fs::copy(quick, home.join("quick.toml")).expect("a copy");
    path
}

fn worlds(path: &Path, count: u32) -> WorldStudy {
    let file = ScenarioFile::read(path).expect("a file");
    file.in_worlds(&[], count, InEachWorld::Variants).unwrap_or_else(|error| panic!("{}", render(&error, false, 100)))
}

#[test]
fn in_a_world_all_alternatives_have_the_same_values() {
    let home = TempDir::new().expect("a folder");
    let study = worlds(&scenario(home.path(), VARIANTS), 12);
    assert_eq!((study.points.len(), study.values.len(), study.alternatives.len()), (13, 13, 3));
    let of = |parameter: &str| study.inputs.iter().position(|input| input.parameter == parameter).expect("uncertain");
    let (visits, base) = (of("group.client.visits.per_day"), of("group.hub.service.base"));
    for (world, (points, values)) in study.points.iter().zip(&study.values).enumerate() {
        let setting =
            |alternative: usize, input: usize| study.study.points[points[alternative]].settings[1 + input].as_str();
        assert_eq!(setting(0, visits), values[visits].text);
        assert_eq!(setting(2, visits), values[visits].text);
        // What a variant sets is known in it, and uncertain in the others.
        assert_eq!((setting(2, base), setting(0, base)), ("set by the variant", values[base].text.as_str()));
        assert_eq!(world == 0, study.study.points[points[0]].label == "as-it-is, as assumed");
        let resolved = study.study.points[points[2]].scenario.resolved_toml();
        assert!(resolved.contains("base = \"20s\""), "{resolved}");
        let has = format!("per_day = {}", values[visits].text);
        assert!(resolved.contains(&has), "{has}: {resolved}");
    }
    // A variant that changes nothing is the same point as the first one, and each other world is another point.
    assert!(study.points.iter().all(|points| points[0] == points[1] && points[0] != points[2]), "{:?}", study.points);
    assert_eq!(study.study.points.len(), 2 * 13);
    // Twelve layers of visits, one world in each, from 2 to 32 on a logarithmic scale.
    let layer = |values: &Vec<WorldValue>| {
        let place = 12.0 * (values[visits].number.expect("a number") / 2.0).log(16.0);
        (0..12).rev().find(|layer| f64::from(*layer) <= place)
    };
    let mut layers: Vec<Option<u32>> = study.values[1..].iter().map(layer).collect();
    layers.sort_unstable();
    layers.dedup();
    assert!(layers.len() >= 9, "whole numbers fall together, but not more: {layers:?}");
    assert_eq!(
        worlds(&home.path().join("worlds.toml"), 12).values,
        study.values,
        "the same seed gives the same worlds"
    );
}

#[test]
fn files_that_do_not_agree_on_a_range_are_refused() {
    let home = TempDir::new().expect("a folder");
    scenario(home.path(), VARIANTS);
    let other = |low: u32| {
        let text = format!(
            "[scenario]\nname = \"other-{low}\"\nquestion = \"What else?\"\nbase = \"quick.toml\"\n\n[[uncertain]]\nparameter = \
             \"group.client.visits.per_day\"\nlow = {low}\nhigh = 32\nscale = \"log\"\nsource = \"assumption\"\n"
        );
        let path = home.path().join(format!("other-{low}.toml"));
        fs::write(&path, text).expect("a file");
        ScenarioFile::read(&path)
            .expect("a file")
            .in_worlds(&[], 10, InEachWorld::Alone)
            .unwrap_or_else(|error| panic!("{}", render(&error, false, 100)))
    };
    assert_eq!(WorldStudy::joined(vec![other(2), other(3)]).err().as_deref(), Some("group.client.visits.per_day"));
    let joined = WorldStudy::joined(vec![other(2), {
        let mut again = other(2);
        again.alternatives[0].label = "b".to_owned();
        again
    }]);
    let joined = joined.expect("they agree");
    assert_eq!(joined.points[3].len(), 2);
    let [one, two] = [joined.points[3][0], joined.points[3][1]].map(|point| &joined.study.points[point]);
    assert_eq!((one.settings[1..].to_vec(), one.settings[0].as_str()), (two.settings[1..].to_vec(), "other-2"));
}

/// A command on a tiny network.
fn tiny(home: &Path, command: &[&str], out: &str, more: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_gtnet-sim"));
    program.current_dir(home).args(command);
    let set = [
        "run.duration=12h",
        "run.warmup=8h",
        "group.client.count=3",
        "instruments.securities=500",
        "group.client.users=6",
    ];
    program.args(set.iter().flat_map(|set| ["--set", set]));
    program.args(["--quiet", "--out", out]).args(more);
    program.stdout(Stdio::null()).stderr(Stdio::piped());
    program
}

fn succeed(mut command: Command) {
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Carries out a command whole, interrupted and resumed, and in two parts: all give the same bytes. Returns the table `name`.
fn whole_and_in_parts(home: &Path, command: &[&str], name: &str) -> String {
    succeed(tiny(home, command, "whole", &[]));
    let whole = contents(&home.join("whole"));
    let mut child = tiny(home, command, "killed", &["--jobs", "1"]).spawn().expect("the program runs");
    let ledger = || {
        let entries = fs::read_dir(home).expect("a folder").filter_map(Result::ok);
        let mut ledgers = entries.filter(|entry| entry.file_name().to_string_lossy().contains("ledger"));
        ledgers.any(|entry| entry.metadata().is_ok_and(|of| of.len() > 2_000))
    };
    while !ledger() && child.try_wait().expect("a child").is_none() {
        std::thread::yield_now();
    }
    child.kill().expect("killed, or over");
    child.wait().expect("a child");
    succeed(tiny(home, command, "killed", &["--resume"]));
    assert!(contents(&home.join("killed")) == whole, "resumed, it differs");

    for part in ["1", "2"] {
        succeed(tiny(home, command, &format!("part-{part}"), &["--shard", &format!("{part}/2")]));
    }
    let mut merge = Command::new(env!("CARGO_BIN_EXE_gtnet-sim"));
    merge.current_dir(home).args(["merge", "part-1", "part-2", "--out", "merged", "--quiet"]);
    succeed(merge);
    assert!(contents(&home.join("merged")) == whole, "merged, it differs");
    fs::read_to_string(home.join("whole").join(name)).expect("a table")
}

#[test]
fn a_comparison_in_worlds_that_is_interrupted_or_divided_gives_the_same_bytes() {
    let home = TempDir::new().expect("a folder");
    scenario(home.path(), VARIANTS);
    let command = ["compare", "worlds.toml", "--uncertain", "10", "--replications", "3"];
    let conclusions = whole_and_in_parts(home.path(), &command, "conclusions.csv");
    let row = |start: &str| {
        conclusions.lines().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{conclusions}"))
    };
    // What is the same is told so, and what takes 20 s more is worse in most of the worlds in which all visits end.
    let same = row("same,as-it-is,price_age_p95,value,too small to matter,");
    assert!(same.contains("matter,10,10,1,"), "{same}");
    let worlds = |conclusion: &str| -> usize {
        let row = row(&format!("slow-hub,as-it-is,user_wait_p95,value,{conclusion},"));
        row.split(',').nth(5).expect("a count").parse().expect("a count")
    };
    assert!(worlds("worse") >= 5 && worlds("better") == 0 && worlds("too small to matter") == 0, "{conclusions}");
}

/// The scenario `quick` with a requirement, and with little that is uncertain.
fn with_decision(home: &Path) -> PathBuf {
    let quick = include_str!("../../scenarios/quick.toml");
    let (known, _) = quick.split_once("[[uncertain]]").expect("something is uncertain");
    let visits = "parameter = \"group.client.visits.per_day\"\nlow = 2\nhigh = 32\nscale = \"log\"";
    let profile = "parameter = \"group.client.visits.profile\"\nvalues = [\"office\", \"evening\", \"uniform\"]";
    let loss = "parameter = \"network.loss\"\nlow = 0.0001\nhigh = 0.3\nscale = \"log\"";
    let uncertain = [visits, profile, loss].map(|lines| format!("[[uncertain]]\n{lines}\nsource = \"assumption\"\n"));
    let path = home.join("worlds.toml");
    let decision = "[decision]\nyes_if = [\"price_age_p95 <= 25min\"]\n";
    fs::write(&path, format!("{known}\n{}{decision}", uncertain.concat())).expect("a file");
    path
}

#[test]
fn a_run_in_worlds_that_is_interrupted_or_divided_gives_the_same_bytes() {
    let home = TempDir::new().expect("a folder");
    let path = with_decision(home.path());
    let command = ["run", "worlds.toml", "--uncertain", "10", "--replications", "3"];
    let spread = whole_and_in_parts(home.path(), &command, "spread.csv");
    let mut reader = csv::Reader::from_reader(spread.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let column = |name: &str| header.iter().position(|own| own == name).expect("a column");
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    assert!(rows.len() >= 3, "{spread}");
    for row in rows {
        let number = |name: &str| row[column(name)].parse::<f64>().expect("a number");
        let shares = ["uncertain_share", "topology_share", "luck_share"].map(number);
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{row:?}");
        assert!(number("worlds_p5") <= number("worlds_p95"), "{row:?}");
        // How often users come moves the age of prices more than chance does.
        assert!(&row[0] != "price_age_p95" || shares[0] > 0.5, "{row:?}");
    }

    let file = ScenarioFile::read(&path).expect("a file");
    let study = file.in_worlds(&[], 10, InEachWorld::Topologies).expect("a study");
    assert_eq!((study.study.points.len(), study.topologies.len()), (21, 11));
    let topology = |point: usize| study.study.points[point].scenario.world().topology;
    assert_eq!(topology(0), None);
    let mut topologies: Vec<u32> = (1..21).map(|point| topology(point).expect("a topology")).collect();
    topologies.sort_unstable();
    topologies.dedup();
    assert_eq!(topologies.len(), 20, "no two worlds share a topology");
    assert!((1..21).all(|point| study.study.points[point].scenario.replications() == 2));
    let fixed = file.in_worlds(&["run.topology=3".to_owned()], 10, InEachWorld::Topologies).expect_err("one network");
    assert!(render(&fixed, false, 100).contains("remove it"), "{}", render(&fixed, false, 100));
}

#[test]
fn a_search_for_flips_that_is_interrupted_or_divided_gives_the_same_bytes() {
    let home = TempDir::new().expect("a folder");
    let path = with_decision(home.path());
    let command = ["sensitivity", "worlds.toml", "--flip", "--replications", "2"];
    let flips = whole_and_in_parts(home.path(), &command, "flips.csv");
    // Of what is looked at on a way, the nearest place comes first.
    let mut reader = csv::Reader::from_reader(flips.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    for pair in rows.windows(2).filter(|pair| (&pair[0][0], &pair[0][3]) == (&pair[1][0], &pair[1][3])) {
        let [near, far] = [&pair[0][6], &pair[1][6]].map(|distance| distance.parse::<f64>().unwrap_or(1.0));
        assert!(near <= far, "{pair:?}");
    }
    assert!(rows.iter().any(|row| &row[0] == "group.client.visits.profile"), "what is listed is tried: {flips}");
    let flipped = rows.iter().position(|row| &row[9] == "flipped").expect("more visits make prices older");
    let before = &rows[flipped - 1];
    assert_eq!((&rows[flipped][0], &before[9]), ("group.client.visits.per_day", "last before it"), "{flips}");
    assert_ne!(rows[flipped][7], before[7], "{flips}");
    let file = ScenarioFile::read(&path).expect("a file");
    let study = file.flips(&[]).expect("a study");
    for (ways, input) in study.ways.iter().zip(&study.inputs) {
        let length: f64 = ways.iter().filter_map(|way| way.distances.last()).sum();
        let is_listed = ways.iter().all(|way| way.distances.is_empty());
        assert!(
            is_listed || (length - 1.0).abs() < 1e-9,
            "both ways reach over the whole range of {}",
            input.parameter
        );
    }
    let none = scenario(home.path(), VARIANTS);
    let error = ScenarioFile::read(&none).expect("a file").flips(&[]).expect_err("no decision");
    assert!(render(&error, false, 100).contains("yes_if"), "{}", render(&error, false, 100));
}
