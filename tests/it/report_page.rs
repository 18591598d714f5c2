//! The page of a report: it needs nothing else, its markup is sound, and every number on it stands in the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

/// The results of each command, on worlds that take no time.
static RESULTS: LazyLock<TempDir> = LazyLock::new(|| {
    let home = TempDir::new().expect("a folder");
    let quick = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/quick.toml");
    let text = fs::read_to_string(quick).expect("a scenario").replace("replications = 10", "replications = 3");
    let variants =
        "\n[[variant]]\nname = \"five\"\n\n[[variant]]\nname = \"two\"\nset = { \"group.client.count\" = 2 }\n";
    fs::write(home.path().join("quick.toml"), &text).expect("a file");
    fs::write(home.path().join("variants.toml"), text + variants).expect("a file");
    for (out, arguments) in COMMANDS {
        ends_well(home.path(), &[arguments, &["--quiet", "--out", out]].concat());
    }
    home
});

const COMMANDS: [(&str, &[&str]); 4] = [
    ("run", &["run", "quick.toml"]),
    ("comparison", &["compare", "variants.toml"]),
    ("sweep", &["sweep", "quick.toml", "--set", "group.client.count=2,3"]),
    (
        "capacity",
        &[
            "capacity",
            "quick.toml",
            "--parameter",
            "group.client.count",
            "--to",
            "3",
            "--objective",
            "connector_calls <= 9000",
        ],
    ),
];

/// A page has at most so many bytes.
const MOST_BYTES: usize = 400_000;

fn ends_well(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gtnet-sim"));
    let output = command.current_dir(folder).args(arguments).output().expect("the program runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn read(name: &str) -> String {
    let path = RESULTS.path().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A tag of a page: its name, its attributes, and the text that follows.
struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
    closes: bool,
    stands_alone: bool,
}

/// The tags of a page; what is between those of `script` and `style` is no markup.
fn tags(html: &str) -> Vec<Tag> {
    let body = html.strip_prefix("<!DOCTYPE html>\n").expect("a page begins so");
    let mut tags = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.find('<') {
        let (tag, after) = rest[at + 1..].split_once('>').expect("a tag ends");
        let stands_alone = tag.ends_with('/');
        let tag = tag.trim_end_matches('/');
        let closes = tag.starts_with('/');
        let name = tag.trim_start_matches('/').split_whitespace().next().expect("a name").to_owned();
        let attributes = attributes(tag.split_once(' ').map_or("", |(_, attributes)| attributes));
        let end =
            if !closes && ["script", "style"].contains(&name.as_str()) { format!("</{name}") } else { "<".to_owned() };
        let text = after.split(&end).next().expect("a part");
        rest = &after[text.len()..];
        tags.push(Tag { name, attributes, text: text.to_owned(), closes, stands_alone });
    }
    tags
}

fn attributes(mut text: &str) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    while let Some((name, after)) = text.split_once("=\"") {
        let (value, rest) = after.split_once('"').expect("an attribute ends");
        let is_new = attributes.insert(name.trim().to_owned(), value.to_owned()).is_none();
        assert!(is_new, "{name} stands twice: {text}");
        text = rest;
    }
    assert!(text.trim().is_empty(), "{text}");
    attributes
}

/// Everything on the pages of all commands.
fn each_page(check: impl Fn(&str, &str)) {
    for (folder, _) in COMMANDS {
        check(folder, &read(&format!("{folder}/report.html")));
    }
}

#[test]
fn every_element_is_closed_and_every_reference_leads_somewhere() {
    each_page(|folder, html| {
        let tags = tags(html);
        let mut open: Vec<&str> = Vec::new();
        let mut ids = BTreeSet::new();
        for tag in &tags {
            match (tag.closes, tag.stands_alone) {
                (true, _) => assert_eq!(open.pop(), Some(tag.name.as_str()), "{folder}"),
                (false, true) => {}
                (false, false) => open.push(&tag.name),
            }
            let is_markup = !["script", "style"].contains(&tag.name.as_str());
            assert!(!is_markup || tag.text.split('&').skip(1).all(|entity| entity.contains(';')), "{}", tag.text);
            if let Some(id) = tag.attributes.get("id") {
                assert!(ids.insert(id.clone()), "{folder}: {id} stands twice");
            }
        }
        assert!(open.is_empty(), "{folder}: {open:?}");
        for tag in &tags {
            for id in tag.attributes.get("aria-labelledby").into_iter().flat_map(|ids| ids.split(' ')) {
                assert!(ids.contains(id), "{folder}: nothing has the id {id}");
            }
            if let Some(link) = tag.attributes.get("href").filter(|link| *link != "data:,") {
                assert!(RESULTS.path().join(folder).join(link).is_file(), "{folder}: {link} leads nowhere");
            }
        }
    });
}

#[test]
fn a_page_reaches_nothing_outside_of_it_and_is_small() {
    each_page(|folder, html| {
        for outside in ["http:", "https:", "url(", "@import", " src=", "xlink", "//"] {
            assert!(!html.contains(outside), "{folder} has `{outside}`");
        }
        assert!(html.len() < MOST_BYTES, "{folder} has {} bytes", html.len());
    });
}

#[test]
fn structure_serves_those_who_do_not_see_it() {
    each_page(|folder, html| {
        let tags = tags(html);
        let opened = |name: &str| tags.iter().filter(|tag| !tag.closes && tag.name == name).count();
        for landmark in ["header", "main", "footer", "h1", "title"] {
            assert!(opened(landmark) >= 1, "{folder} lacks {landmark}");
        }
        assert_eq!((opened("h1"), opened("main")), (1, 1), "{folder}");
        let html_tag = tags.iter().find(|tag| tag.name == "html").expect("the root");
        assert_eq!(html_tag.attributes["lang"], "en");
        let levels = tags.iter().filter(|tag| !tag.closes).filter_map(|tag| match tag.name.as_str() {
            "h1" => Some(1),
            "h2" => Some(2),
            "h3" => Some(3),
            _ => None,
        });
        let levels: Vec<i32> = levels.collect();
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{folder}: a level is left out: {levels:?}");
        assert_eq!(opened("table"), opened("caption"), "{folder}: each table has a caption");
        let has_scope = |tag: &&Tag| tag.attributes.contains_key("scope");
        assert!(tags.iter().filter(|tag| tag.name == "th" && !tag.closes).all(|tag| has_scope(&tag)), "{folder}");
        assert!(opened("svg") > 1 && opened("svg") == opened("desc"), "{folder}: each drawing is described");
    });
}

/// The rows of a table by the columns of the header.
fn table(name: &str) -> Vec<BTreeMap<String, String>> {
    let text = read(name);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| {
        let row = row.expect("a row");
        header.iter().cloned().zip(row.iter().map(str::to_owned)).collect()
    });
    rows.collect()
}

/// The number that a text begins with in the unit of the tables, and half of its last digit.
fn shown(text: &str, unit: &str) -> Option<(f64, f64)> {
    let text = text.replace('\u{a0}', " ");
    let text = text.trim_start_matches("saves ").trim_start_matches('+').replace('−', "-");
    let digits: String = text.chars().take_while(|letter| letter.is_ascii_digit() || ".,-".contains(*letter)).collect();
    let digits = digits.replace(',', "");
    let number: f64 = digits.parse().ok()?;
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let last = 0.5 / libm::pow(10.0, decimals as f64);
    let ends = |suffix: &str| text.split(" (").next().is_some_and(|number| number.ends_with(suffix));
    let factor = match unit {
        "share" if ends(" points") || ends(" %") => 0.01,
        "s" if ends(" ms") => 1e-3,
        "s" if ends(" µs") => 1e-6,
        "s" if ends(" min") => 60.0,
        "s" if ends(" h") => 3_600.0,
        "s" if ends(" s") => 1.0,
        "1/d" if ends(" a day") => 1.0,
        "1/s" if ends(" a second") => 1.0,
        "1/s" if ends(" a minute") => 1.0 / 60.0,
        "1/s" if ends(" an hour") => 1.0 / 3_600.0,
        _ => return None,
    };
    Some((number * factor, last * factor))
}

#[test]
fn every_number_of_the_table_is_that_of_the_csv() {
    let (mut compared, mut read_off) = (0, 0);
    for (folder, _) in COMMANDS {
        let summary = table(&format!("{folder}/summary.csv"));
        let differences = if folder == "comparison" { table("comparison/differences.csv") } else { Vec::new() };
        let html = read(&format!("{folder}/report.html"));
        for tag in tags(&html).iter().filter(|tag| tag.attributes.contains_key("data-mean")) {
            let of = |name: &str| tag.attributes[name].as_str();
            let is_it = |row: &&BTreeMap<String, String>| {
                row["measure"] == of("data-measure") && row["contrast"] == of("data-contrast")
            };
            let (row, column) = match of("data-table").split_once('.') {
                None => {
                    let is_here =
                        |row: &&BTreeMap<String, String>| row["subject"] == "all" && row["point"] == of("data-point");
                    (summary.iter().filter(is_here).find(is_it), "mean")
                }
                Some((_, column)) => {
                    let is_here = |row: &&BTreeMap<String, String>| row["variant"] == of("data-point");
                    (differences.iter().filter(is_here).find(is_it), column)
                }
            };
            let row = row.unwrap_or_else(|| panic!("{folder}: no row for {:?}", tag.attributes));
            assert_eq!(row[column], of("data-mean"), "{folder}: {:?}", tag.attributes);
            compared += 1;
            let Some((number, last)) = shown(&tag.text, &row["unit"]) else { continue };
            let mean: f64 = row[column].parse().expect("a number");
            assert!((number - mean).abs() <= last * 1.000_001, "{folder}: `{}` is {mean} {}", tag.text, row["unit"]);
            read_off += 1;
        }
    }
    assert!(compared > 60 && read_off > 40, "{compared} cells, {read_off} of them read");
}

#[test]
fn a_page_is_drawn_again_from_what_is_kept() {
    let home = TempDir::new().expect("a folder");
    ends_well(
        RESULTS.path(),
        &["run", "quick.toml", "--quiet", "--jobs", "1", "--out", &home.path().join("again").display().to_string()],
    );
    let again = |name: &str| fs::read_to_string(home.path().join("again").join(name)).expect("a file");
    for name in ["report.html", "report.md", "report.json"] {
        assert!(again(name) == read(&format!("run/{name}")), "{name} differs between runs");
    }
    for name in ["report.html", "report.md"] {
        fs::remove_file(home.path().join("again").join(name)).expect("removed");
    }
    let told = ends_well(home.path(), &["report", "again"]);
    assert_eq!(told, format!("{}\n", Path::new("again").join("report.html").display()));
    for name in ["report.html", "report.md", "manifest.json"] {
        assert!(again(name) == read(&format!("run/{name}")), "{name} is drawn differently");
    }
    fs::write(home.path().join("again/report.md"), "mine").expect("a note");
    ends_well(home.path(), &["report", "again", "--quiet"]);
    assert_eq!(again("report.md.earlier"), "mine", "what somebody wrote is kept");
    assert!(again("report.md") == read("run/report.md"));
}

#[test]
fn two_results_lie_side_by_side() {
    let home = TempDir::new().expect("a folder");
    let [run, sweep] = ["run", "sweep"].map(|name| RESULTS.path().join(name).display().to_string());
    let told = ends_well(home.path(), &["report", &run, &sweep]);
    let html = fs::read_to_string(home.path().join(told.trim())).expect("a page");
    let questions = html.matches("<h2 class=\"question\">What does a push-open server do").count();
    assert_eq!(questions, 2, "both questions");
    assert!(
        html.contains("<h1>run beside sweep</h1>")
            && html.contains("What only one of them assumes")
            && html.len() < 2 * MOST_BYTES
    );
    let mut ids = BTreeSet::new();
    for id in tags(&html).iter().filter_map(|tag| tag.attributes.get("id")) {
        assert!(ids.insert(id.clone()), "{id} stands twice");
    }
}

#[test]
fn the_command_on_the_page_gives_the_same_numbers() {
    let html = read("run/report.html");
    let command =
        html.split("<pre><code>gtnet-sim ").nth(1).and_then(|rest| rest.split('<').next()).expect("a command");
    let home = TempDir::new().expect("a folder");
    let out = home.path().join("out").display().to_string();
    let arguments: Vec<&str> = command.split(' ').chain(["--quiet", "--out", &out]).collect();
    ends_well(&RESULTS.path().join("run"), &arguments);
    for name in ["summary.csv", "replications.csv", "price_age.csv"] {
        let again = fs::read_to_string(home.path().join("out").join(name)).expect("a file");
        assert!(again == read(&format!("run/{name}")), "{name} differs");
    }
}

#[test]
fn markdown_has_the_answer_the_table_and_a_chart_that_is_there() {
    for (folder, _) in COMMANDS {
        let text = read(&format!("{folder}/report.md"));
        assert!(text.starts_with("# ") && text.contains("\n**") && text.contains("\n| --- |"), "{text}");
        let charts: Vec<&str> = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        assert!(!charts.is_empty(), "{text}");
        for chart in charts {
            assert!(RESULTS.path().join(folder).join(chart).is_file(), "{folder}: {chart} is missing");
        }
    }
}

#[test]
fn results_without_a_page_are_refused_with_a_remedy() {
    let home = TempDir::new().expect("a folder");
    let refused = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gtnet-sim"));
        let output = command.current_dir(home.path()).args(arguments).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("text")
    };
    let told = refused(&["report", "nowhere"]);
    assert!(told.contains("`nowhere` holds no results") && told.contains("help: name a folder"), "{told}");
    let run = RESULTS.path().join("run").display().to_string();
    let told = refused(&["report", &run, "--out", "elsewhere"]);
    assert!(told.contains("--out is for two results") && told.contains("help: leave --out out"), "{told}");
}
