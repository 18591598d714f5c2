//! Data files as programs and people write them, and mistakes on which others depend: what is understood is understood in
//! every table, and of what is not, the first cause is told and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use gtnet_sim::scenario::{DataFiles, Folder, NoFiles, Scenario, ScenarioError, Study, render};

use crate::support::assert_plain_words;

const WIDTH: usize = 100;

/// Needs something of each table that may be beside it.
const WORLD: &str = r#"
[scenario]
name = "tables"
question = "Which table?"

[run]
start = 2026-03-02T00:00:00Z
duration = "5d"

[protocol]
preset = "seven-step"

[instruments]
securities = 100
markets = { XSWX = 1, XNEW = 1 }

[connector.own]
serves = { XSWX = 1, XNEW = 1 }

[group.hub]
count = 1
mode = "push-open"
country = "XA"

[group.client]
count = 5
mode = "open"
country = { XA = 0.5, XB = 0.5 }
users = 1
watchlist = { instruments = 10 }
visits = { per_day = 8, profile = "office", time_zone = "UTC" }

[[peering]]
from = "client"
to = "hub"
select = { file = "edges.csv" }
"#;

/// A table that the world needs: its name, and its rows with the header first.
type Table = (&'static str, &'static [&'static [&'static str]]);

const TABLES: [Table; 4] = [
    (
        "markets.csv",
        &[
            &["mic", "time_zone", "open", "close", "break_start", "break_end"],
            &["XNEW", "Asia/Hong_Kong", "09:30", "16:00", "12:00", "13:00"],
            &["XSWX", "Europe/Zurich", "09:00", "17:20", "", ""],
        ],
    ),
    (
        "connectors.csv",
        &[
            &["id", "intraday_delay_s", "rate_limit_requests", "rate_limit_period_s"],
            &["own", "60", "8", "60"],
            &["other", "5", "", ""],
        ],
    ),
    (
        "country_rtt.csv",
        &[
            &["country_a", "country_b", "rtt_mean_ms", "rtt_sd_ms", "rtt_min_ms"],
            &["XA", "XA", "10.5", "3", "1"],
            &["XB", "XA", "40", "30", "5"],
            &["XB", "XB", "11", "3", "1"],
        ],
    ),
    ("edges.csv", &[&["from", "to"], &["client-1", "hub-1"], &["client-3", "hub-1"], &["client-2", "hub-1"]]),
];

/// A name, or words of a message, and how rows become the text of a file.
type Way<T> = (&'static str, fn(&[&[&str]]) -> T);

/// Files by name; what has no text cannot be read.
struct Files(BTreeMap<&'static str, Option<String>>);

impl DataFiles for Files {
    fn read(&self, name: &str) -> io::Result<Option<String>> {
        match self.0.get(name) {
            Some(Some(text)) => Ok(Some(text.clone())),
            Some(None) => Err(io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8")),
            None => Ok(None),
        }
    }
}

fn csv(rows: &[&[&str]], separator: &str) -> String {
    rows.iter().map(|row| row.join(separator) + "\n").collect()
}

/// The world with all its tables, of which `name` is `text`.
fn with(name: &'static str, text: Option<String>) -> Result<Scenario, ScenarioError> {
    let mut files: BTreeMap<_, _> = TABLES.iter().map(|(name, rows)| (*name, Some(csv(rows, ",")))).collect();
    files.insert(name, text);
    Scenario::parse("tables.toml", WORLD, &[], &Files(files))
}

fn accepted(loaded: Result<Scenario, ScenarioError>) -> Scenario {
    loaded.unwrap_or_else(|error| panic!("{}", render(&error, false, WIDTH)))
}

fn refused(loaded: Result<Scenario, ScenarioError>) -> String {
    let error = loaded.expect_err("it is wrong");
    assert_plain_words(&error);
    render(&error, false, WIDTH)
}

/// The only mistake, as it is shown, with blanks in place of line breaks.
fn only_mistake(loaded: Result<Scenario, ScenarioError>) -> String {
    let shown = refused(loaded);
    assert!(shown.contains(" has 1 mistake.\n"), "{shown}");
    shown.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

#[test]
fn what_changes_nothing_is_understood_in_every_table() {
    let ways: [Way<String>; 11] = [
        ("byte order mark", |rows| format!("\u{feff}{}", csv(rows, ","))),
        ("line ends of Windows", |rows| csv(rows, ",").replace('\n', "\r\n")),
        ("no line end", |rows| csv(rows, ",").trim_end().to_owned()),
        ("empty lines", |rows| format!("\n{}\n  \n\n", csv(rows, ",").replace('\n', "\n\n"))),
        ("rows of nothing", |rows| format!("{}{}\n", csv(rows, ","), ",".repeat(rows[0].len() - 1))),
        ("comments", |rows| format!("# made by hand\n{}# end\n", csv(rows, ",").replace('\n', "\n# a row, or none\n"))),
        ("quotes", |rows| csv(rows, "\",\"").lines().map(|line| ["\"", line, "\"\n"].concat()).collect()),
        ("blanks", |rows| csv(rows, " , ").lines().map(|line| [" ", line, "\t\n"].concat()).collect()),
        ("another column", |rows| rows.iter().map(|row| row.join(",") + ",note\n").collect()),
        ("another order", |rows| {
            rows.iter()
                .map(|row| {
                    let mut row = row.to_vec();
                    row.reverse();
                    row.join(",") + "\n"
                })
                .collect()
        }),
        ("seconds", |rows| {
            let with_seconds =
                |field: &&str| if field.contains(':') { format!("{field}:00") } else { (*field).to_owned() };
            let row = |row: &&[&str]| row.iter().map(with_seconds).collect::<Vec<_>>().join(",") + "\n";
            rows.iter().map(row).collect()
        }),
    ];
    for (name, rows) in TABLES {
        let plain = accepted(with(name, Some(csv(rows, ","))));
        for (way, write) in ways {
            let text = write(rows);
            let error = |error| panic!("{name} with {way}:\n{text}\n{}", render(&error, false, WIDTH));
            let read = with(name, Some(text.clone())).unwrap_or_else(error);
            assert_eq!(read, plain, "{name} with {way}:\n{text}");
        }
    }
}

#[test]
fn a_table_that_is_not_understood_is_the_only_mistake() {
    let damages: [Way<Option<String>>; 10] = [
        ("stream did not contain valid UTF-8", |_| None),
        ("it is empty", |_| Some("\n# nothing\n".to_owned())),
        ("seem to be separated by semicolons", |rows| {
            Some(format!("\u{feff}{}", csv(rows, ";").replace('\n', "\r\n")))
        }),
        ("seem to be separated by tabs", |rows| Some(csv(rows, "\t"))),
        ("seem to be separated by bars", |rows| Some(csv(rows, "|"))),
        ("if that is what it is", |rows| {
            Some(csv(rows, ",").replacen('_', "-", 1).replacen("from", "From", 1).replacen("id", "ID", 1))
        }),
        ("more than once", |rows| {
            let twice = |row: &&[&str]| format!("{},{}\n", row.join(","), row[1]);
            Some(rows.iter().map(twice).collect())
        }),
        ("close the quotes", |rows| {
            let text = csv(rows, ",");
            let last = rows[rows.len() - 1];
            let start = text.len() - last[last.len() - 1].len() - 1;
            Some(format!("{}\"{}", &text[..start], &text[start..]))
        }),
        ("but the header has", |rows| Some(csv(rows, ",").trim_end().to_owned() + ",1\n")),
        ("but the header has", |rows| Some(csv(rows, ",") + rows[1][0] + "\n")),
    ];
    for (name, rows) in TABLES {
        for (expected, write) in damages {
            let text = write(rows);
            let shown = only_mistake(with(name, text.clone()));
            assert!(shown.contains(expected), "{expected}:\n{text:?}\n{shown}");
            assert!(shown.contains(name), "{shown}");
        }
    }
}

#[test]
fn two_rows_with_one_key_are_both_shown() {
    for (name, rows) in TABLES {
        let mut again = rows.to_vec();
        again.push(rows[1]);
        let shown = only_mistake(with(name, Some(csv(&again, ","))));
        let last = format!("{} {}", again.len(), rows[1].join(","));
        assert!(shown.contains("the first one") && shown.contains(&last), "{shown}");
    }
    // A pair of countries is the same in both orders.
    let rtt = csv(TABLES[2].1, ",") + "XA,XB,1,1,1\n";
    assert!(only_mistake(with("country_rtt.csv", Some(rtt))).contains("two rows for `XA-XB`"));
}

#[test]
fn rows_that_would_have_no_effect_or_half_of_it_are_refused() {
    let wrong = [
        ("markets.csv", "xnew,UTC,09:00,17:00,,", "`xnew` differs from `XNEW` by small and capital letters only"),
        ("markets.csv", ",UTC,09:00,17:00,,", "it has no `mic`"),
        ("connectors.csv", "Yahoo,1,,", "`Yahoo` differs from `yahoo`"),
        ("connectors.csv", "third,1,8,", "it has no `rate_limit_period_s`"),
        ("connectors.csv", ",1,,", "it has no `id`"),
        ("country_rtt.csv", "XA,XC,1,,1", "it has no `rtt_sd_ms`"),
        ("country_rtt.csv", "XA,XC,,,", "it has no `rtt_mean_ms`, `rtt_sd_ms` and `rtt_min_ms`"),
        ("country_rtt.csv", "XA,,1,1,1", "it has no `country_b`"),
        ("country_rtt.csv", "xa,XC,1,1,1", "`xa` is not a country"),
        ("country_rtt.csv", "XA,Chile,1,1,1", "`Chile` is not a country"),
        ("edges.csv", "client-4,", "this pair names only one instance"),
        ("edges.csv", "Client-4,hub-1", "unknown instance `Client-4`"),
    ];
    for (name, row, expected) in wrong {
        let rows = TABLES.iter().find(|table| table.0 == name).expect("a table").1;
        let shown = only_mistake(with(name, Some(format!("{}{row}\n", csv(rows, ",")))));
        assert!(shown.contains(expected), "{row}: {shown}");
    }
}

/// A folder is named as one, in place of any table, and the remedy says what counts without it.
#[test]
fn a_folder_is_no_table() {
    for (name, _) in TABLES {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (other, rows) in TABLES.iter().filter(|(other, _)| *other != name) {
            fs::write(folder.path().join(other), csv(rows, ",")).expect("a new file");
        }
        fs::create_dir(folder.path().join(name)).expect("a new folder");
        let files = Folder(folder.path().to_owned());
        let shown = only_mistake(Scenario::parse("tables.toml", WORLD, &[], &files));
        assert!(shown.contains(&format!("`{name}` cannot be read: it is a folder")), "{shown}");
        assert_eq!(shown.contains("what is built in counts"), name != "edges.csv", "{shown}");
    }
}

#[test]
fn carets_stand_below_what_was_read() {
    let header = only_mistake(with("edges.csv", Some("# a graph\n\n# edges: 2\n0\t1\n0\t2\n".to_owned())));
    assert!(header.contains("edges.csv:4:1") && header.contains("separated by tabs"), "{header}");
    let row = only_mistake(with("edges.csv", Some("from,to\nclient-1,hub-1\n\n# next\nclient-2\n".to_owned())));
    assert!(row.contains("edges.csv:5:1"), "{row}");
    let value = only_mistake(with("edges.csv", Some("# x\nfrom,to\n# y\nclient-9,hub-1\n".to_owned())));
    assert!(value.contains("edges.csv:4:1"), "{value}");
}

#[test]
fn times_of_day_may_have_seconds_if_these_are_zero() {
    let market = |open: &str| {
        let text = format!(
            "[market.XNEW]\nopen = {open}\nclose = \"24:00:00\"\nbreak_start = \"none\"\nbreak_end = \"none\"\n"
        );
        let files = TABLES.iter().map(|(name, rows)| (*name, Some(csv(rows, ",")))).collect();
        Scenario::parse("tables.toml", &format!("{WORLD}{text}"), &[], &Files(files))
    };
    let plain = accepted(market("\"09:30\""));
    for open in ["\"09:30:00\"", "09:30:00", "09:30"] {
        assert_eq!(accepted(market(open)), plain, "{open}");
    }
    for open in ["\"09:30:30\"", "09:30:30", "\"09:30:00:00\"", "\"9:30:00\"", "\":00\""] {
        assert!(refused(market(open)).contains("not a time of day"), "{open}");
    }
}

/// The same world in one text.
const ALONE: &str = r#"
[scenario]
name = "alone"
question = "Which table?"

[run]
start = 2026-03-02T00:00:00Z
duration = "5d"

[protocol]
preset = "seven-step"

[instruments]
securities = 100
markets = { XOWN = 1 }
currency_pairs = 10
currency_market = "XOWN"

[market.XOWN]
time_zone = "UTC"
open = "09:00"
close = "17:00"

[network]
rtt = { constant = "40ms" }

[country_rtt]
XA-XB = { mean = "40ms", sd = "30ms", minimum = "1ms" }

[connector.own]
serves = { XOWN = 1 }
delay = "1s"

[group.hub]
count = 1
mode = "push-open"

[group.client]
count = 5
mode = "open"
users = 1
watchlist = { instruments = 10 }
visits = { per_day = 8, profile = "office", time_zone = "UTC" }

[[peering]]
from = "client"
to = "hub"
"#;

fn alone(change: impl Fn(&str) -> String, overrides: &[&str]) -> Result<Scenario, ScenarioError> {
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    Scenario::parse("alone.toml", &change(ALONE), &overrides, &NoFiles)
}

/// Without the table of this header, and with `first` before all others.
fn replaced(text: &str, header: &str, first: &str) -> String {
    let tables = text.split("\n\n").filter(|table| !table.trim_start().starts_with(header));
    format!("{first}\n{}", tables.collect::<Vec<_>>().join("\n\n"))
}

#[test]
fn what_follows_from_a_mistake_is_not_told() {
    accepted(alone(str::to_owned, &[]));
    let misspelt = [
        ("[run]", "[runs]"),
        ("[protocol]", "[protocl]"),
        ("[instruments]", "[instrument]"),
        ("[market.XOWN]", "[markt.XOWN]"),
        ("[network]", "[netwrk]"),
        ("rtt =", "rtts ="),
        ("[country_rtt]", "[country_rt]"),
        ("XA-XB =", "XB-XA ="),
        ("[connector.own]", "[conector.own]"),
        ("[group.hub]", "[groop.hub]"),
        ("[[peering]]", "[[peerings]]"),
        ("duration =", "duraton ="),
        ("mode = \"push-open\"", "mod = \"push-open\""),
        ("count = 5", "count = 0"),
        ("open = \"09:00\"", "open = \"nine\""),
        ("users = 1", "users = \"one\""),
        ("delay = \"1s\"", "delai = \"1s\""),
        ("from = \"client\"", "from = \"clinet\""),
        ("preset = \"seven-step\"", "preset = \"seven\""),
    ];
    for (right, wrong) in misspelt {
        only_mistake(alone(|text| text.replacen(right, wrong, 1), &[]));
    }
    for (header, instead) in [
        ("[market", "market = 5"),
        ("[network", "network = 5"),
        ("[connector", "connector = 5"),
        ("[group", "group = 5"),
        ("[[peering", "peering = 5"),
        ("[instruments", "instruments = 5"),
        ("[run", "run = 5"),
    ] {
        only_mistake(alone(|text| replaced(text, header, instead), &[]));
    }
    let without = |line: &'static str| move |text: &str| text.replacen(line, "", 1);
    only_mistake(alone(without("duration = \"5d\""), &["run.duration="]));
    only_mistake(alone(without("delay = \"1s\""), &["connector.own.delay={"]));
    // Nor is it in a study, which reads the scenario before its points.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("alone.toml");
    std::fs::write(&path, without("duration = \"5d\"")(ALONE)).expect("a file");
    let overrides = ["run.duration=".to_owned(), "group.client.count=5,6".to_owned()];
    let shown = render(&Study::load_sweep(&path, &overrides).expect_err("no duration"), false, WIDTH);
    assert!(shown.contains("there is no value after the `=`") && shown.contains("has 1 mistake."), "{shown}");
    // What does not follow is told.
    let shown =
        refused(alone(|text| text.replacen("[market.XOWN]", "[markt.XOWN]", 1).replacen("delay", "dealy", 1), &[]));
    assert!(shown.contains("has 2 mistakes"), "{shown}");
}

#[test]
fn countries_of_a_table_with_a_mistake_are_not_unknown() {
    let by_country = |text: &str| {
        let text = text.replacen("rtt = { constant = \"40ms\" }", "rtt = \"country\"", 1);
        text.replace("mode =", "country = \"XB\"\nmode =").replacen("XA-XB =", "XB-XA =", 1)
    };
    assert!(only_mistake(alone(by_country, &[])).contains("alphabetical order"));
}
