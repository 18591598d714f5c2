//! The README's numbers are those of the committed results.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Mean and half of the interval of the whole network by (measure, contrast).
type Summary = BTreeMap<(String, String), (f64, f64)>;

fn summary(scenario: &str) -> Summary {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("results").join(scenario).join("summary.csv");
    points_of(&path).into_iter().next().expect("a run has a point").numbers
}

fn cell(summary: &Summary, measure: &str, contrast: &str, factor: f64, decimals: usize, unit: &str) -> String {
    let key = (measure.to_owned(), contrast.to_owned());
    summary.get(&key).map_or_else(|| "–".to_owned(), |number| with_half(*number, factor, decimals, unit))
}

#[test]
fn the_decisions_numbers_are_those_of_the_results() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a README");
    let rows = [
        ("20 clients, one hub", "hub-20-clients"),
        ("20 open instances, no hub", "open-only"),
        ("60 clients, one hub", "hub-60-clients"),
        ("60 clients, three hubs", "three-hubs"),
    ];
    for (label, scenario) in rows {
        let summary = summary(scenario);
        let row = format!(
            "| {label} | {} | {} | {} | {} |",
            cell(&summary, "connector_calls", "saving", 100.0, 1, "%"),
            cell(&summary, "price_age_p95", "value", 1.0 / 60.0, 1, "min"),
            cell(&summary, "user_wait_p50", "value", 1.0, 2, "s"),
            cell(&summary, "server_utilisation_max", "value", 100.0, 4, "% of the time"),
        );
        assert!(readme.contains(&row), "the README lacks this row:\n{row}");
    }
    let off = summary("no-gtnet");
    let row = format!(
        "| 20 instances without GTNet | – | {} | {} | – |",
        cell(&off, "price_age_p95", "value", 1.0 / 60.0, 1, "min"),
        cell(&off, "user_wait_p50", "value", 1.0, 2, "s"),
    );
    assert!(readme.contains(&row), "the README lacks this row:\n{row}");
}

/// Planned rules beside today's release, in the networks of the flagship scenarios.
#[test]
fn planned_rules_and_todays_release_stand_side_by_side() {
    let readme = fs::read_to_string(root().join("README.md")).expect("a README");
    let (hubs, open) = (points("planned-or-today"), points("open-today"));
    let cell = |points: &[Point], label: &str| {
        let point = points.iter().find(|point| point.label == label).expect("a point");
        let saved = point.cell("connector_calls", "saving", 100.0, 1, "%");
        format!("{saved}; {} s", point.mean("user_wait_p50", "value", 1.0, 2))
    };
    for (network, point) in [
        ("20 clients, one hub", "20-clients"),
        ("60 clients, one hub", "60-clients"),
        ("60 clients, three hubs", "60-clients-3-hubs"),
    ] {
        let rules = ["planned", "today", "today-users", "today-kept-users"];
        let cells = rules.map(|rules| cell(&hubs, &format!("{rules}-{point}")));
        let row = format!("| {network} | {} |", cells.join(" | "));
        assert!(readme.contains(&row), "the README lacks this row:\n{row}");
    }
    let [planned, today, kept] = ["planned", "today", "today-kept"].map(|rules| cell(&open, rules));
    let row = format!("| 20 open instances, no hub | {planned} | {today} | – | {kept} |");
    assert!(readme.contains(&row), "the README lacks this row:\n{row}");
}

/// A hub that nobody uses himself starves under today's release, and what wakes it.
#[test]
fn what_wakes_a_hub_is_told_with_its_numbers() {
    let readme = fs::read_to_string(root().join("README.md")).expect("a README");
    let points = points("hub-nobody-uses");
    let point = |label: &str| points.iter().find(|point| point.label == label).expect("a variant");
    let row = |label: &str, variant: &str, contrast: &str| {
        let (own, is_off) = (point(variant), contrast == "gtnet-off");
        let or_none = |cell: String| if is_off { "–".to_owned() } else { cell };
        let row = format!(
            "| {label} | {} | {} | {} | {} |",
            or_none(own.cell("connector_calls", "saving", 100.0, 1, "%")),
            own.cell("price_age_p95", contrast, 1.0 / 60.0, 1, "min"),
            own.cell("user_wait_p50", contrast, 1.0, 2, "s"),
            or_none(own.cell("server_utilisation_max", "value", 100.0, 4, "% of the time")),
        );
        assert!(readme.contains(&row), "the README lacks this row:\n{row}");
    };
    row("without GTNet", "today", "gtnet-off");
    row("nobody uses the hub himself", "today", "value");
    row("three users at the hub", "today-users-at-the-hub", "value");
    row("three users at the hub, prices kept", "today-kept-users-at-the-hub", "value");
    row("three users at the hub, and a threshold for its own pool", "today-users-and-own-pool-threshold", "value");
    row("clients push to all servers that they asked", "today-push-to-all-asked", "value");
    row("clients push to all servers that they asked, prices kept", "today-kept-push-to-all-asked", "value");
    let saving = |variant: &str| point(variant).number("connector_calls", "saving").expect("a saving").0;
    for starving in ["today", "today-kept", "release-0.36.8", "release-0.36.5"] {
        assert!(saving(starving) < 0.01, "{starving} saves");
    }
    for awake in ["today-push-to-all-asked", "today-pool-learns-newer", "today-kept-users-at-the-hub"] {
        assert!(saving(awake) > 0.3, "{awake} starves");
    }
}

/// The rows about the rules of the protocol are those of the whole table.
#[test]
fn the_rules_are_those_of_the_whole_table() {
    let read = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a document");
    let (readme, table) = (read("README.md"), read("docs/ablation.md"));
    let (_, section) = readme.split_once("## What each rule buys").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("another section");
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 10, "a table");
    for row in rows {
        assert!(table.contains(row), "docs/ablation.md lacks this row:\n{row}");
    }
}

/// Mean and half of an interval in a unit; what is shown as zero has no sign.
fn with_half((mean, half): (f64, f64), factor: f64, decimals: usize, unit: &str) -> String {
    let text = format!("{:.decimals$}", mean * factor);
    let is_zero = text.chars().all(|letter| matches!(letter, '-' | '0' | '.'));
    let mean = if is_zero { text.trim_start_matches('-') } else { &text };
    format!("{mean} ± {:.decimals$} {unit}", half * factor)
}

/// The parameters of a point of a study as its row begins with them, and its numbers.
struct Point {
    label: String,
    numbers: Summary,
}

impl Point {
    fn number(&self, measure: &str, contrast: &str) -> Option<(f64, f64)> {
        self.numbers.get(&(measure.to_owned(), contrast.to_owned())).copied()
    }

    fn cell(&self, measure: &str, contrast: &str, factor: f64, decimals: usize, unit: &str) -> String {
        let text = |number| with_half(number, factor, decimals, unit);
        self.number(measure, contrast).map_or_else(|| "–".to_owned(), text)
    }

    /// A mean as prose writes it.
    fn mean(&self, measure: &str, contrast: &str, factor: f64, decimals: usize) -> String {
        let (mean, _) = self.number(measure, contrast).expect("a known number");
        format!("{:.decimals$}", mean * factor)
    }

    /// Freshness and waits: with GTNet, or of the same users without it.
    fn users(&self, contrast: &str) -> [String; 3] {
        [
            self.cell("price_fresh_share", contrast, 100.0, 1, "%"),
            self.cell("user_wait_p50", contrast, 1.0, 2, "s"),
            self.cell("user_wait_p95", contrast, 1.0, 2, "s"),
        ]
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn points(study: &str) -> Vec<Point> {
    points_of(&root().join("results/findings").join(study).join("summary.csv"))
}

/// The points of a run or a study, with the numbers of the whole network.
fn points_of(summary: &Path) -> Vec<Point> {
    let mut reader = csv::Reader::from_path(summary).expect("a committed result");
    let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let at = |column: &str| header.iter().position(|name| name == column).expect("a column");
    let (subject, measure, mean) = (at("subject"), at("measure"), at("mean"));
    let mut points: BTreeMap<usize, Point> = BTreeMap::new();
    for row in reader.records().map(|row| row.expect("a row")).filter(|row| &row[subject] == "all") {
        let settings: Vec<&str> = (1..subject).map(|column| &row[column]).collect();
        let point = points
            .entry(row[0].parse().expect("a number"))
            .or_insert_with(|| Point { label: settings.join(", "), numbers: BTreeMap::new() });
        if let (Ok(middle), Ok(high)) = (row[mean].parse::<f64>(), row[mean + 2].parse::<f64>()) {
            point.numbers.insert((row[measure].to_owned(), row[measure + 1].to_owned()), (middle, high - middle));
        }
    }
    points.into_values().collect()
}

/// The section of the findings that is about a study, from the command that runs it to the next heading.
fn section(study: &str) -> String {
    let findings = fs::read_to_string(root().join("docs/findings.md")).expect("a document");
    let command = format!("scenarios/findings/{study}.toml\n");
    let (_, section) = findings.split_once(&command).unwrap_or_else(|| panic!("docs/findings.md lacks {study}"));
    section.split("\n## ").next().expect("a section").to_owned()
}

/// The section without its line breaks: a sentence goes on in the next line.
fn prose(study: &str) -> String {
    section(study).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn assert_says(study: &str, sentences: &[String]) {
    let prose = prose(study);
    for sentence in sentences {
        assert!(prose.contains(sentence), "the section on {study} lacks this:\n{sentence}");
    }
}

/// The rows of a table of the findings: what the same users have without GTNet is a row if it is the same for all points.
fn rows(points: &[Point]) -> Vec<String> {
    let without: Vec<[String; 3]> = points.iter().map(|point| point.users("gtnet-off")).collect();
    let is_same = without.iter().all(|users| *users == without[0]);
    let mut rows = Vec::new();
    if is_same {
        rows.push(format!("| without GTNet | – | {} | – |", without[0].join(" | ")));
    }
    for (point, without) in points.iter().zip(without) {
        let users = point.users("value").into_iter().zip(without);
        let users = users.flat_map(|(with, without)| std::iter::once(with).chain((!is_same).then_some(without)));
        let saved = point.cell("connector_calls", "saving", 100.0, 1, "%");
        let busy = point.cell("server_utilisation_max", "value", 100.0, 3, "%");
        let cells: Vec<String> = [point.label.clone(), saved].into_iter().chain(users).chain([busy]).collect();
        rows.push(format!("| {} |", cells.join(" | ")));
    }
    rows
}

/// The rows about topology and luck: `components.csv` for people.
fn component_rows(study: &str) -> Vec<String> {
    let path = root().join("results/findings").join(study).join("components.csv");
    let mut reader = csv::Reader::from_path(&path).expect("a committed result");
    let header = reader.headers().expect("a header").clone();
    let table: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let row = |label: &str, measure: &str, contrast: &str, factor: f64, decimals: [usize; 2], units: [&str; 2]| {
        let row = table.iter().find(|row| &row[0] == measure && &row[1] == contrast).expect("a row");
        let number = |column: &str| {
            let at = header.iter().position(|name| name == column).expect("a column");
            row[at].parse::<f64>().expect("a number")
        };
        let text = |value: f64, of: usize| format!("± {:.*}{}", decimals[of], value * factor, units[of]);
        let deviation = |column: &str| text(number(column).sqrt(), 1);
        format!(
            "| {label} | {:.*} {} | {} | {} | {:.0} % ({:.0} to {:.0} %) |",
            decimals[0],
            number("mean") * factor,
            text(number("ci95_high") - number("mean"), 0),
            deviation("topology_variance"),
            deviation("luck_variance"),
            number("topology_share") * 100.0,
            number("topology_share_ci95_low") * 100.0,
            number("topology_share_ci95_high") * 100.0,
        )
    };
    vec![
        row("calls saved", "connector_calls", "saving", 100.0, [1, 2], [" %", " points"]),
        row("calls of all clients a day", "connector_calls", "value", 1e-3, [1, 2], [" thousand"; 2]),
        row("prices fresh", "price_fresh_share", "value", 100.0, [1, 2], [" %", " points"]),
        row("users wait (median)", "user_wait_p50", "value", 1.0, [2, 3], [" s"; 2]),
        row("users wait (95 %)", "user_wait_p95", "value", 1.0, [2, 3], [" s"; 2]),
        row(
            "messages to the busiest hub, times the mean one's",
            "server_arrivals_max_over_mean",
            "value",
            1.0,
            [2, 2],
            [""; 2],
        ),
        row("visits a day", "visits", "value", 1.0, [0, 1], [""; 2]),
    ]
}

/// The rows of the findings are those of the results, each in the section of its study, and every study is among them.
#[test]
fn the_findings_numbers_are_those_of_the_results() {
    let studies = fs::read_dir(root().join("scenarios/findings")).expect("a folder");
    let mut rows_checked = 0;
    for study in studies {
        let name = study.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into_owned();
        let has_components = root().join("results/findings").join(&name).join("components.csv").exists();
        let rows = if has_components { component_rows(&name) } else { rows(&points(&name)) };
        let section = section(&name);
        let written: Vec<&str> = section.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
        assert_eq!(written, rows, "the section on {name}");
        rows_checked += rows.len();
    }
    assert!(rows_checked > 50, "{rows_checked} rows");
}

/// All texts of a committed chart, one after the other.
fn words_of_chart(path: &str) -> String {
    let svg = fs::read_to_string(root().join("results/findings").join(path)).expect("a committed chart");
    let texts = svg.split("<text ").skip(1).filter_map(|element| element.split(['>', '<']).nth(1));
    let words: Vec<&str> = texts.flat_map(str::split_whitespace).collect();
    words.join(" ")
}

#[test]
fn the_law_is_that_of_the_chart() {
    let words = words_of_chart("clients-per-hub/charts/saving.svg");
    let (_, law) = words.split_once("Each doubling of the clients saves ").expect("a law");
    let (gain, rest) = law.split_once("points more of the calls, from ").expect("a gain");
    let gain = gain.trim_end().trim_end_matches("percentage").trim_end();
    let (range, _) = rest.split_once(" (").expect("a range");
    assert_says("clients-per-hub", &[format!("from {range} clients each doubling saves {gain} points more")]);
}

/// From which point on a wait is certainly shorter than without GTNet.
fn shorter_from<'p>(points: &'p [Point], measure: &str) -> &'p str {
    let is_shorter = |point: &Point| point.number(measure, "difference").is_some_and(|(mean, half)| mean + half < 0.0);
    let longer = points.iter().rposition(|point| !is_shorter(point));
    &points[longer.map_or(0, |last| last + 1)].label
}

#[test]
fn the_findings_sentences_on_waits_hold() {
    let clients = points("clients-per-hub");
    let (median, slow) = (shorter_from(&clients, "user_wait_p50"), shorter_from(&clients, "user_wait_p95"));
    let from = format!(
        "The median wait is shorter than without GTNet from {median} clients on, the slowest 5 % of the visits from \
         {slow} clients on."
    );
    assert_says("clients-per-hub", &[from]);
    let is_longer = |point: &Point, measure: &str| {
        point.number(measure, "difference").is_some_and(|(mean, half)| mean - half > 0.0)
    };
    for few in &clients[..2] {
        assert!(is_longer(few, "user_wait_p50") && is_longer(few, "user_wait_p95"), "{} clients", few.label);
    }
    let hubs = points("few-or-many-hubs");
    let wait = |point: &Point, contrast: &str| point.mean("user_wait_p95", contrast, 1.0, 2);
    let (one, ten) = (&hubs[0], hubs.last().expect("points"));
    let of_ten = format!("take {} s with ten servers instead of {} s with one", wait(ten, "value"), wait(one, "value"));
    assert_says("few-or-many-hubs", &[of_ten, format!("Without GTNet they take {} s", wait(one, "gtnet-off"))]);
    let first_longer =
        |measure: &str| hubs.iter().find(|point| is_longer(point, measure)).map(|point| point.label.as_str());
    assert_eq!([first_longer("user_wait_p95"), first_longer("user_wait_p50")], [Some("5"), Some("10")]);
    let speeds = points("fast-or-slow-hub");
    let slow = speeds.iter().find(|point| is_longer(point, "user_wait_p95")).expect("a slow hub");
    assert_eq!(slow.label, "100ms, 4ms");
    let open = points("open-or-push-open");
    let median = |point: &Point, contrast: &str| point.mean("user_wait_p50", contrast, 1.0, 2);
    let [hub, each_other] = [&open[0], &open[1]];
    assert_says(
        "open-or-push-open",
        &[format!(
            "{} s in the median, where a push-open server shortens the {} s without GTNet to {} s",
            median(each_other, "value"),
            median(hub, "gtnet-off"),
            median(hub, "value")
        )],
    );
}

#[test]
fn the_findings_sentences_on_freshness_hold() {
    let visits = points("visits-a-day");
    let (once, often) = (&visits[0], visits.last().expect("points"));
    let fresh = |point: &Point, contrast: &str| point.mean("price_fresh_share", contrast, 100.0, 1);
    let (cost, _) = often.number("price_fresh_share", "difference").expect("known");
    assert_says(
        "visits-a-day",
        &[
            format!("from {} to {} %,", fresh(once, "value"), fresh(often, "value")),
            format!("without GTNet, from {} to {} %", fresh(once, "gtnet-off"), fresh(often, "gtnet-off")),
            format!("grows from nothing to {:.1} points", -100.0 * cost),
        ],
    );
}

#[test]
fn the_findings_sentences_on_topologies_hold() {
    let rows = component_rows("topology-or-luck");
    let cells: Vec<Vec<&str>> = rows.iter().map(|row| row.split('|').map(str::trim).collect()).collect();
    let row = |label: &str| cells.iter().find(|row| row[1] == label).expect("a row");
    let share = |label: &str| row(label)[5].split(" (").next().expect("a share").to_owned();
    let saved = row("calls saved");
    let deviation = |column: usize| saved[column].trim_start_matches("± ").to_owned();
    let half = saved[2].split(" ± ").nth(1).and_then(|half| half.strip_suffix(" %")).expect("an interval");
    let hubs = points("one-hub-each");
    let saving =
        |point: Option<&Point>| point.and_then(|point| point.number("connector_calls", "saving")).expect("known").0;
    assert_says(
        "topology-or-luck",
        &[
            format!("{} of the variance of the saving is the network's", share("calls saved")),
            format!("of the median wait {}", share("users wait (median)")),
            format!("its own saving deviates by {}, while the mean is known within {half}", deviation(3)),
            format!("what is left is luck, {}", deviation(4)),
            format!("is a matter of {:.0} points", 100.0 * (saving(hubs.first()) - saving(hubs.last()))),
        ],
    );
}
