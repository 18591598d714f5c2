//! The trace of a replication: complete, documented field by field, and of no effect on any result.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gtnet_sim::scenario::Scenario;
use gtnet_sim::trace;
use serde_json::Value;

const DOCUMENT: &str = include_str!("../../docs/trace.md");

fn scenario(file: &str, overrides: &[&str]) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(file);
    let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
    Scenario::load(&path, &overrides).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn traced(scenario: &Scenario) -> (Vec<Value>, Value) {
    let (mut lines, mut timeline) = (Vec::new(), Vec::new());
    trace::write(scenario, 0, &mut lines, &mut timeline).expect("memory takes everything");
    let lines = String::from_utf8(lines).expect("text");
    let rows = lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    (rows.collect(), serde_json::from_slice(&timeline).expect("JSON"))
}

/// Two days of six instances, with a hub that fails in the second one.
fn eventful() -> Scenario {
    let overrides = ["run.duration=9d", "run.warmup=1d", "group.client.count=3", "network.loss=0.05"];
    scenario("hub-down.toml", &overrides)
}

/// The kinds of a source file's enum and their fields.
fn declared(source: &str, name: &str) -> BTreeMap<String, Vec<String>> {
    let (_, body) = source.split_once(&format!("pub enum {name} {{")).expect("the enum");
    let (body, _) = body.split_once("\n}\n").expect("its end");
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut kind = String::new();
    for line in body.lines().filter(|line| !line.trim_start().starts_with("//")) {
        let depth = line.len() - line.trim_start().len();
        let word: String = line.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        match depth {
            4 if !word.is_empty() => {
                kind = kebab(&word);
                kinds.entry(kind.clone()).or_default();
            }
            8 => kinds.get_mut(&kind).expect("a kind").push(word),
            _ => {}
        }
    }
    kinds
}

fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
    }
    kebab
}

/// The rows of the document's table of facts or lines: the fields that it names of each kind.
fn documented(what: &str) -> BTreeMap<String, BTreeSet<String>> {
    let (_, table) = DOCUMENT.split_once(&format!("| `{what}` | what happened | fields |")).expect("the table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let words = |row: &str| row.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<String>>();
    rows.map(|row| {
        let words = words(row);
        (words[0].clone(), words[1..].iter().cloned().collect())
    })
    .collect()
}

#[test]
fn every_kind_of_fact_and_line_is_documented() {
    let facts = declared(include_str!("../../src/observe/mod.rs"), "Fact");
    let lines = declared(include_str!("../../src/observe/transcript.rs"), "Line");
    assert!(facts.len() > 20 && lines.len() > 14, "{} facts, {} lines", facts.len(), lines.len());
    for (what, kinds) in [("fact", facts), ("line", lines)] {
        let table = documented(what);
        for (kind, fields) in kinds {
            let kind = if kind == "world" { "instance".to_owned() } else { kind };
            let row = table.get(&kind).unwrap_or_else(|| panic!("docs/trace.md has no {what} `{kind}`"));
            for field in fields {
                let names: &[&str] = match (field.as_str(), what) {
                    ("visit" | "exchange", _) => &["user", "visit"],
                    ("items", "line") => &["prices"],
                    ("split", _) => {
                        &["age_provider_delay", "age_fetch", "age_pools", "age_transfer", "age_visit", "age_from"]
                    }
                    (field, _) => &[field],
                };
                assert!(names.iter().all(|name| row.contains(*name)), "docs/trace.md: `{kind}` lacks {names:?}");
            }
        }
    }
}

#[test]
fn every_field_of_a_trace_is_documented() {
    let tables = [("fact", documented("fact")), ("line", documented("line"))];
    // These depend on what others say, which the text below the tables explains.
    let (_, text) = DOCUMENT.split_once("### Facts").expect("a heading");
    let text: String = text.lines().filter(|line| !line.starts_with('|')).collect::<Vec<_>>().join("\n");
    let mut kinds = BTreeSet::new();
    for row in traced(&eventful()).0 {
        let Some((what, table)) = tables.iter().find(|(what, _)| row.get(what).is_some()) else { continue };
        let kind = row[what].as_str().expect("a kind").to_owned();
        let fields = table.get(&kind).unwrap_or_else(|| panic!("docs/trace.md has no {what} `{kind}`"));
        for field in row.as_object().expect("an object").keys().filter(|key| !["t", *what].contains(&key.as_str())) {
            let is_known = fields.contains(field) || text.contains(&format!("`{field}`"));
            assert!(is_known, "docs/trace.md: `{kind}` lacks `{field}`");
        }
        kinds.insert((*what, kind));
    }
    assert!(kinds.len() > 30, "{kinds:?}");
}

#[test]
fn a_trace_says_what_it_is_and_whether_it_is_whole() {
    let (rows, _) = traced(&scenario("explain/sequence-of-seven-steps.toml", &[]));
    assert_eq!((&rows[0]["schema"], &rows[0]["version"]), (&Value::from(trace::SCHEMA), &Value::from(trace::VERSION)));
    let last = rows.last().expect("a last line");
    assert_eq!((&last["end"], &last["lines"]), (&Value::from(true), &Value::from(rows.len())));
    let times: Vec<u64> = rows.iter().filter_map(|row| row["t"].as_u64()).collect();
    assert!(times.is_sorted() && times.len() == rows.len() - 2);
}

/// A writer that fails after some bytes, as on a full disk.
struct Full(usize);

impl std::io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told() {
    let scenario = scenario("explain/sequence-of-seven-steps.toml", &[]);
    for room in [[0, 1 << 20], [1_000, 1 << 20], [1 << 20, 1_000]] {
        let [mut lines, mut timeline] = room.map(Full);
        let failure = trace::write(&scenario, 0, &mut lines, &mut timeline).expect_err("full");
        assert_eq!(failure.kind(), std::io::ErrorKind::StorageFull);
    }
}

/// Slices of a track lie within each other or apart, every flow begins, and every instance has a name.
#[test]
fn the_time_line_is_well_formed() {
    let (rows, timeline) = traced(&eventful());
    let events = timeline["traceEvents"].as_array().expect("events");
    let of = |phase: &'static str| events.iter().filter(move |event| event["ph"] == phase);
    let nanos = |time: &Value| (time.as_f64().expect("a time") * 1_000.0).round();
    let mut tracks: BTreeMap<(u64, u64), Vec<(f64, f64)>> = BTreeMap::new();
    for slice in of("X") {
        let [process, track] = ["pid", "tid"].map(|key| slice[key].as_u64().expect("a number"));
        let (begins, lasts) = (nanos(&slice["ts"]), nanos(&slice["dur"]));
        tracks.entry((process, track)).or_default().push((begins, begins + lasts));
    }
    for (track, mut slices) in tracks {
        slices.sort_by(|one, other| one.0.total_cmp(&other.0).then(other.1.total_cmp(&one.1)));
        let mut open: Vec<f64> = Vec::new();
        for (begins, ends) in slices {
            // Doubles of days in microseconds are exact to some nanoseconds.
            open.retain(|end| *end > begins + 50.0);
            assert!(open.iter().all(|end| ends <= end + 50.0), "{track:?}: a slice until {ends} ends after {open:?}");
            open.push(ends);
        }
    }
    let ids = |phase| of(phase).map(|flow| flow["id"].as_u64().expect("a number")).collect::<BTreeSet<u64>>();
    let (begun, ended) = (ids("s"), ids("f"));
    assert!(ids("t").is_subset(&begun) && ended.is_subset(&begun) && ended.len() > 100);
    assert_eq!(begun.len(), rows.iter().filter(|row| row["line"] == "sent").count());
    // What never ends is drawn, too: the hub stops, and the run ends.
    let drawn = |begins: &str| {
        let names: BTreeSet<(u64, u64)> = of("M")
            .filter(|event| event["name"] == "thread_name")
            .filter(|event| event["args"]["name"].as_str().is_some_and(|name| name.starts_with(begins)))
            .map(|event| (event["pid"].as_u64().expect("a number"), event["tid"].as_u64().expect("a number")))
            .collect();
        let place =
            |slice: &Value| (slice["pid"].as_u64().expect("a number"), slice["tid"].as_u64().expect("a number"));
        of("X").filter(|slice| names.contains(&place(slice))).count()
    };
    let told = |line: &str| rows.iter().filter(|row| row["line"] == line).count();
    assert_eq!(drawn("connector calls"), told("call-placed"));
    let messages = of("X").filter(|slice| slice["name"].as_str().is_some_and(|name| name.contains(" to "))).count();
    assert_eq!(messages, told("sent"));
    let named = of("M").filter(|event| event["name"] == "process_name").count();
    assert_eq!(named, rows.iter().filter(|row| row["line"] == "instance").count());
}

/// The instance stops while it waits for a call: the call is drawn until then, and its track is free for the next one.
#[test]
fn a_call_that_is_cut_off_is_drawn() {
    let stop = r#"fault.stop={kind="crash",at="local-1",begins=2026-03-02T12:17:32.2Z,lasts="10s"}"#;
    let (_, timeline) = traced(&scenario("explain/sequence-of-seven-steps.toml", &[stop]));
    let events = timeline["traceEvents"].as_array().expect("events");
    let cut = events.iter().find(|event| event["name"] == "provider: security-3, cut off").expect("a slice");
    let lasted = cut["dur"].as_f64().expect("a duration");
    assert!((lasted - 171_370.0).abs() < 0.5, "{cut}");
    let of_it = |event: &&Value| event["name"] == "thread_name" && event["pid"] == cut["pid"];
    let tracks: Vec<&str> = events.iter().filter(of_it).filter_map(|event| event["args"]["name"].as_str()).collect();
    assert!(tracks.contains(&"connector calls 1"), "{tracks:?}");
}
