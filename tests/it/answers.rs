//! The answers of all committed scenarios can be understood at first reading: they are short, and in words of people.

use std::path::Path;

/// A first sentence has at most so many words, numbers and signs among them.
const FIRST_SENTENCE_WORDS: usize = 32;

/// No other sentence has more.
const SENTENCE_WORDS: usize = 55;

/// The answer of a comparison has at most so many lines; one of them says what `GTNet` changes, and one what is required.
const COMPARISON_LINES: usize = 10;

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

/// What is read of a `report.json`: the rest of it is long.
#[derive(serde::Deserialize)]
struct Page {
    answer: Vec<String>,
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

/// The answer in its committed results, line by line. `tests/results.sh` checks that the program gives the same.
fn answer(Committed { name, .. }: &Committed) -> Vec<String> {
    let path = format!("results/{name}/report.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let page: Page = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    page.answer
}

fn words(sentence: &str) -> usize {
    sentence.split_whitespace().count()
}

#[test]
fn every_committed_scenario_is_answered_in_short_sentences_and_plain_words() {
    for scenario in committed() {
        let (name, lines) = (&scenario.name, answer(&scenario));
        let answer = lines.join("\n");
        let sentences: Vec<&str> = lines.iter().flat_map(|line| line.split(". ")).collect();
        assert!(words(sentences[0]) <= FIRST_SENTENCE_WORDS, "{name}: {}", sentences[0]);
        for sentence in &sentences {
            assert!(words(sentence) <= SENTENCE_WORDS, "{name}: {sentence}");
        }
        for forbidden in FORBIDDEN {
            assert!(!answer.contains(forbidden), "{name}: `{forbidden}` in {answer}");
        }
        assert!(answer.contains("`gtnet-sim check` lists all values"), "{name} names no assumption: {answer}");
        if scenario.command == "compare" {
            assert!(lines.len() <= COMPARISON_LINES, "{name}: {answer}");
        }
    }
}
