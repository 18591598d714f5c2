//! The answers of all committed scenarios can be understood at first reading: they are short, and in words of people.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A first sentence has at most so many words, numbers and signs among them.
const FIRST_SENTENCE_WORDS: usize = 32;

/// No other sentence has more.
const SENTENCE_WORDS: usize = 55;

/// The answer of a comparison has at most so many lines; one of them says what `GTNet` changes.
const COMPARISON_LINES: usize = 9;

/// What no text for people has: statisticians' words, abbreviated units, and words that this program has given up.
const FORBIDDEN: [&str; 14] = [
    "p95",
    "p50",
    "Holm",
    "hold together",
    "/d",
    "/s ",
    "/h ",
    "/min",
    "undecided",
    "not decided",
    "is open",
    "Yes",
    "No:",
    "group.",
];

/// A committed scenario, and the command that simulates it.
struct Committed {
    name: String,
    command: &'static str,
}

/// All scenarios that have results.
fn committed() -> Vec<Committed> {
    let mut all = Vec::new();
    for folder in ["", "findings/", "faults/"] {
        let mut names: Vec<String> = Path::new("scenarios")
            .join(folder)
            .read_dir()
            .expect("scenarios")
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok()?.strip_suffix(".toml").map(str::to_owned))
            .collect();
        names.sort();
        all.extend(names.into_iter().map(|name| {
            let name = format!("{folder}{name}");
            let text = std::fs::read_to_string(format!("scenarios/{name}.toml")).expect("a scenario");
            let command = match folder {
                "" => "run",
                _ if text.contains("\n[[variant]]") && !text.contains("\n[[sweep]]") => "compare",
                _ => "sweep",
            };
            Committed { name, command }
        }));
    }
    all
}

/// What the program prints before the question. Of studies the committed replications are told; a run keeps none, and two
/// replications of it tell enough to see its sentences.
fn answer(Committed { name, command }: &Committed) -> String {
    let folder = TempDir::new().expect("a folder");
    let out = folder.path().join("results");
    let mut program = Command::new(env!("CARGO_BIN_EXE_gtnet-sim"));
    program.arg(command).arg(format!("scenarios/{name}.toml")).arg("--out").arg(&out);
    if *command == "run" {
        program.args(["--replications", "2"]);
    } else {
        copied(&PathBuf::from(format!("results/{name}")), &out);
        program.arg("--resume");
    }
    let output = program.output().expect("the program starts");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let question = format!("\n{}: ", name.rsplit('/').next().expect("a name"));
    text.split_once(&question).unwrap_or_else(|| panic!("{name} has no question: {text}")).0.to_owned()
}

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a new folder");
    for entry in from.read_dir().expect("results") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copied(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("a copy");
        }
    }
}

fn words(sentence: &str) -> usize {
    sentence.split_whitespace().count()
}

#[test]
fn every_committed_scenario_is_answered_in_short_sentences_and_plain_words() {
    for scenario in committed() {
        let (name, answer) = (&scenario.name, answer(&scenario));
        let sentences: Vec<&str> = answer.lines().flat_map(|line| line.split(". ")).collect();
        assert!(words(sentences[0]) <= FIRST_SENTENCE_WORDS, "{name}: {}", sentences[0]);
        for sentence in &sentences {
            assert!(words(sentence) <= SENTENCE_WORDS, "{name}: {sentence}");
        }
        for forbidden in FORBIDDEN {
            assert!(!answer.contains(forbidden), "{name}: `{forbidden}` in {answer}");
        }
        assert!(answer.contains("`gtnet-sim check` lists all values"), "{name} names no assumption: {answer}");
        if scenario.command == "compare" {
            assert!(answer.lines().count() <= COMPARISON_LINES, "{name}: {answer}");
        }
    }
}
