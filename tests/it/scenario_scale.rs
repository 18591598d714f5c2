//! Scenarios of absurd size: what is resolved can be read again, the work grows no faster than the text, nothing overflows the
//! stack, and no message grows with what it is about. With quadratic work any of these tests would take many minutes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use gtnet_sim::scenario::{DataFiles, NoFiles, Scenario, ScenarioError, Study, render};

use crate::support::assert_plain_words;

const HEAD: &str = r#"
[scenario]
name = "scale"
question = "How large?"

[run]
start = 2026-03-02T00:00:00Z
duration = "5d"

[protocol]
preset = "seven-step"

[instruments]
securities = 100
markets = { XSWX = 1 }

[network]
rtt = { constant = "40ms" }

[connector.own]
serves = { XSWX = 1 }
delay = "1s"
"#;

struct Files(BTreeMap<&'static str, String>);

impl DataFiles for Files {
    fn read(&self, name: &str) -> io::Result<Option<String>> {
        Ok(self.0.get(name).cloned())
    }
}

fn parse(text: &str) -> Result<Scenario, ScenarioError> {
    Scenario::parse("scale.toml", text, &[], &NoFiles)
}

fn accepted(loaded: Result<Scenario, ScenarioError>) -> Scenario {
    loaded.unwrap_or_else(|error| panic!("{}", render(&error, false, 100)))
}

/// The number of mistakes and what is shown of them, which may not be long.
fn refused<T: std::fmt::Debug>(loaded: Result<T, ScenarioError>) -> (usize, String) {
    let error = loaded.expect_err("it is wrong");
    assert_plain_words(&error);
    let shown = render(&error, false, 100);
    assert!(shown.len() < 50_000, "{} bytes are no message", shown.len());
    let ScenarioError::Invalid { mistakes, count, .. } = error else { panic!("{shown}") };
    assert!(mistakes.len() <= 100, "{} mistakes are kept", mistakes.len());
    (count, shown)
}

/// Groups `a0` to `a(count-1)` with the given lines.
fn groups(count: usize, lines: &str) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        writeln!(text, "[group.a{number}]\n{lines}").expect("writing into memory");
        text
    })
}

const USERS: &str = "users = 1\nwatchlist = { instruments = 10 }\n\
                     visits = { per_day = 8, profile = \"office\", time_zone = \"UTC\" }";

#[test]
fn a_scenario_with_hundreds_of_thousands_of_pairs_is_read_again() {
    let mut edges = "from,to\n".to_owned();
    for pair in 0..300_000 {
        writeln!(edges, "relay-{},hub-{}", pair / 100 + 1, pair % 100 + 1).expect("writing into memory");
    }
    let files = Files(BTreeMap::from([("edges.csv", edges)]));
    let groups = "[group.relay]\ncount = 10000\nmode = \"open\"\n[group.hub]\ncount = 100\nmode = \"open\"\n";
    let peering = "[[peering]]\nfrom = \"relay\"\nto = \"hub\"\nselect = { file = \"edges.csv\" }\n";
    let scenario = accepted(Scenario::parse("scale.toml", &format!("{HEAD}{groups}{peering}"), &[], &files));
    let text = scenario.resolved_toml();
    assert!(text.len() > 4 << 20, "{} bytes", text.len());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("resolved.toml");
    std::fs::write(&path, &text).expect("a file");
    let again = accepted(Scenario::load(&path, &[]));
    assert!(again.world() == scenario.world() && again.resolved_toml() == text);
}

#[test]
fn thousands_of_groups_are_explained() {
    let scenario = accepted(parse(&(HEAD.to_owned() + &groups(20_000, "count = 1\nmode = \"open\""))));
    let text = scenario.explain();
    assert!(text.contains("\n[group.a19999]\n"));
}

#[test]
fn thousands_of_groups_that_wait_for_each_other_are_told() {
    let open = format!("count = 1\nmode = \"open\"\n{USERS}");
    let mut ring = HEAD.to_owned() + &groups(5_000, &open);
    for from in 0..5_000 {
        let to = (from + 1) % 5_000;
        write!(ring, "[[peering]]\nfrom = \"a{from}\"\nto = \"a{to}\"\npriority = 0\n").expect("writing into memory");
    }
    let (count, shown) = refused(parse(&ring));
    assert!(count == 1 && shown.contains("a0 → a1 → a2") && shown.contains("… → a0"), "{shown}");
    // A chain that ends at a closed group has no cycle, and nobody in it has anybody to ask.
    let chain = ring.replace("from = \"a4999\"\nto = \"a0\"\npriority = 0", "from = \"a4999\"\nto = \"a4999\"");
    let (count, shown) = refused(parse(&chain));
    assert!(count == 5_000 && shown.contains("`a1` has priority 0"), "{count} {shown}");
}

#[test]
fn thousands_of_peerings_of_one_group_are_compared() {
    let groups = format!("[group.a]\ncount = 1\nmode = \"open\"\n{USERS}\n[group.b]\ncount = 50000\nmode = \"open\"\n");
    let peerings = |count: usize, select: &dyn Fn(usize) -> String| {
        let write = |mut text: String, number| {
            let select = select(number);
            write!(text, "[[peering]]\nfrom = \"a\"\nto = \"b\"\nselect = {select}\n").expect("writing into memory");
            text
        };
        parse(&(0..count).fold(format!("{HEAD}{groups}"), write))
    };
    accepted(peerings(6_000, &|number| format!("{{ random = {} }}", number + 1)));
    let (count, _) = refused(peerings(6_000, &|number| format!("{{ nearest = {} }}", 6_000 - number)));
    assert_eq!(count, 5_999);
    accepted(peerings(30_000, &|number| format!("{{ edges = \"a-1 b-{}\" }}", number + 1)));
    let never = |number: usize| format!("{{ edges = \"a-1 b-{}\" }}\npriority = 0", number + 1);
    let (count, shown) = refused(peerings(30_000, &never));
    assert!(count == 1 && shown.contains("nobody to ask"), "{shown}");
}

#[test]
fn pairs_that_earlier_peerings_name_together_are_nobody_new() {
    let groups = format!("[group.a]\ncount = 1\nmode = \"open\"\n{USERS}\n[group.b]\ncount = 3\nmode = \"open\"\n");
    let peering = |pairs: &str| format!("[[peering]]\nfrom = \"a\"\nto = \"b\"\nselect = {{ edges = \"{pairs}\" }}\n");
    let three = |third| parse(&format!("{HEAD}{groups}{}{}{}", peering("a-1 b-1"), peering("a-1 b-2"), peering(third)));
    let (count, shown) = refused(three("a-1 b-1; a-1 b-2"));
    assert!(count == 1 && shown.contains("it names nobody new"), "{shown}");
    accepted(three("a-1 b-1; a-1 b-3"));
}

#[test]
fn tens_of_thousands_of_mistakes_are_counted_and_the_first_ones_shown() {
    let many = |line: &dyn Fn(usize) -> String| (0..30_000).map(line).collect::<String>();
    let base = HEAD.to_owned() + &groups(2, "count = 1\nmode = \"open\"");
    let run = |lines: &str| parse(&base.replace("duration = \"5d\"", &format!("duration = \"5d\"\n{lines}")));
    let (count, shown) = refused(run(&many(&|number| format!("k{number} = 1\n"))));
    assert!(count == 30_000 && shown.contains("`k0`") && shown.contains("the first 20 are shown"), "{shown}");
    let (count, _) = refused(parse(&(base.clone() + &many(&|number| format!("[k{number}]\n")))));
    assert_eq!(count, 30_000);
    let (count, _) =
        refused(parse(&(base.clone() + &many(&|n| format!("[[peering]]\nfrom = \"b{n}\"\nto = \"a1\"\n")))));
    assert_eq!(count, 30_000);
    let (count, _) = refused(parse(&(base.clone() + "[country_rtt]\n" + &many(&|number| format!("K{number} = 1\n")))));
    assert_eq!(count, 30_000);
    let markets = many(&|number| format!("M{number} = 1, "));
    let (count, _) = refused(parse(&base.replace("XSWX = 1 }\n\n[net", &format!("{markets} XSWX = 1 }}\n\n[net"))));
    assert_eq!(count, 30_000);
}

#[test]
fn hundreds_of_thousands_of_wrong_rows_are_counted_and_not_kept() {
    let peering = "[[peering]]\nfrom = \"a1\"\nto = \"a0\"\nselect = { file = \"edges.csv\" }\n";
    let text = HEAD.to_owned() + &groups(2, "count = 1\nmode = \"open\"") + peering;
    for row in ["x-1,y-1\n", "a1-1\n", "a1-1,a0-1\n"] {
        let files = Files(BTreeMap::from([("edges.csv", "from,to\n".to_owned() + &row.repeat(200_000))]));
        let (count, _) = refused(Scenario::parse("scale.toml", &text, &[], &files));
        assert!(count >= 199_999, "{row}: {count}");
    }
}

#[test]
fn long_words_are_cut_and_compared_with_nothing() {
    let long = "x".repeat(300_000);
    let open = "[group.a]\ncount = 1\nmode = \"open\"\nusers = 1\nwatchlist = { instruments = 10 }\n\
                visits = { per_day = 8, profile = \"office\", time_zone = \"UTC\" }\n[[peering]]\nfrom = \"a\"\nto = \"a\"\n";
    let text = format!("{HEAD}{open}");
    for (word, instead) in [
        ("\"UTC\"", format!("\"{long}\"")),
        ("\"office\"", format!("\"{long}\"")),
        ("\"seven-step\"", format!("\"{long}\"")),
        ("\"5d\"", format!("\"{long}\"")),
        ("\"5d\"", format!("\"5{long}\"")),
        ("duration", long.clone()),
        ("[network]", format!("[{long}]")),
        ("{ XSWX = 1 }\n\n", format!("{{ {long} = 1 }}\n\n")),
        ("[group.a]", format!("[group.{long}]")),
        ("from = \"a\"", format!("from = \"{long}\"")),
        ("name = \"scale\"", format!("name = \"{long}\"")),
        ("count = 1", format!("count = \"{long}\"")),
        ("\n[network]", format!("{long}\n[network]")),
        ("to = \"a\"", format!("to = \"a\"\nselect = {{ file = \"{long}\" }}")),
        ("to = \"a\"", format!("to = \"a\"\nselect = {{ edges = \"{long}\" }}")),
        ("name = \"scale\"", format!("name = \"scale\"\nbase = \"{long}\"")),
    ] {
        assert!(text.contains(word), "{word}");
        refused(parse(&text.replacen(word, &instead, 1)));
    }
    for setting in [format!("{long}=1"), format!("run.{long}=1"), format!("run.seed={long}"), long.clone()] {
        refused(Scenario::parse("scale.toml", &text, &[setting], &NoFiles));
    }
}

#[test]
fn deep_values_are_refused_before_they_overflow_the_stack() {
    // As large as that of a program; those of tests are smaller.
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(refuse_deep_values);
    thread.expect("a thread").join().expect("no panic");
}

fn refuse_deep_values() {
    let depth = 100_000;
    // Each level of braces may have as deep a dotted key as the parser takes, and there may be as many levels.
    let dotted = format!("{{ {} = ", vec!["a"; 79].join(".")).repeat(70) + "1" + &" }".repeat(70);
    let values = [
        "[".repeat(depth) + &"]".repeat(depth),
        "{ a = ".repeat(depth) + "1" + &" }".repeat(depth),
        "[".repeat(70) + &"]".repeat(70),
        format!("{{ {} = 1 }}", vec!["a"; depth].join(".")),
        dotted,
    ];
    let text = HEAD.to_owned() + &groups(1, "count = 1\nmode = \"open\"");
    for value in values {
        refused(parse(&text.replace("duration = \"5d\"", &format!("duration = {value}"))));
        refused(Scenario::parse("scale.toml", &text, &[format!("run.duration={value}")], &NoFiles));
    }
    let path = vec!["a"; depth].join(".");
    for line in [format!("{path} = 1\n"), format!("[{path}]\n"), format!("[[{path}]]\n")] {
        refused(parse(&format!("{text}{line}")));
    }
    refused(Scenario::parse("scale.toml", &text, &[format!("{path}=1")], &NoFiles));
}

/// The study of `text`, from a file.
fn sweep(text: &str, overrides: &[String]) -> Result<Study, ScenarioError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scale.toml");
    std::fs::write(&path, text).expect("a file");
    Study::load_sweep(&path, overrides)
}

#[test]
fn constraints_have_a_bound_and_long_ones_are_told() {
    let base = HEAD.to_owned() + &groups(1, "count = 1\nmode = \"open\"");
    let sweep_of = "[[sweep]]\nparameter = \"group.a0.count\"\nvalues = [1, 2]\n";
    let constrained = |require: &str| format!("{base}{sweep_of}[[constraint]]\nrequire = \"{require}\"\n");
    let longest = format!("1{} < group.a0.count * 500", "+1".repeat(997));
    assert_eq!(sweep(&constrained(&longest), &[]).expect("one point satisfies it").points.len(), 1);
    let deepest = format!("{}1{} > 0", "(".repeat(50), ")".repeat(50));
    assert_eq!(sweep(&constrained(&deepest), &[]).expect("both points satisfy it").points.len(), 2);
    // Parentheses one behind another are not deep.
    let flat = format!("1{} > 0", " + (1 + 1)".repeat(400));
    assert_eq!(sweep(&constrained(&flat), &[]).expect("both points satisfy it").points.len(), 2);
    for (require, limit) in [
        (format!("1{} > 0", "+1".repeat(300_000)), "more than 1000 numbers"),
        (format!("1{} > 0", "*1".repeat(300_000)), "more than 1000 numbers"),
        (format!("0 < 1{}", "-1".repeat(300_000)), "more than 1000 numbers"),
        (format!("{}1{} > 0", "(".repeat(300_000), ")".repeat(300_000)), "more than 50 parentheses"),
        (format!("1{} > 0", " + (1".repeat(300_000)), "more than 50 parentheses"),
    ] {
        let (count, shown) = refused(parse(&constrained(&require)));
        assert!(count == 1 && shown.contains(limit), "{shown}");
        refused(sweep(&constrained(&require), &[]));
    }
}

#[test]
fn thousands_of_values_and_overrides_are_compared() {
    let base = HEAD.to_owned() + &groups(1, "count = 1\nmode = \"open\"");
    let values: Vec<String> = (1..=40_000).map(|value| value.to_string()).collect();
    let twice = format!("group.a0.count={},40000", values.join(","));
    let (count, shown) = refused(sweep(&base, &[twice]));
    assert!(count == 1 && shown.contains("twice"), "{shown}");
    let axis = format!("[[sweep]]\nparameter = \"group.a0.count\"\nvalues = [{}, 1]\n", values.join(", "));
    assert_eq!(refused(parse(&format!("{base}{axis}"))).0, 1);

    let overrides: Vec<String> = (0..20_000).map(|number| format!("run.k{number}=1")).collect();
    assert_eq!(refused(Scenario::parse("scale.toml", &base, &overrides, &NoFiles)).0, 20_000);
    assert_eq!(refused(sweep(&base, &overrides)).0, 20_000);
    let valid: Vec<String> = (0..20_000).map(|seed| format!("run.seed={seed}")).collect();
    assert_eq!(accepted(Scenario::parse("scale.toml", &base, &valid, &NoFiles)).seed(), 19_999);

    let variant =
        |number: usize| format!("[[variant]]\nname = \"v{number}\"\nset = {{ \"group.a0.k{number}\" = 1 }}\n");
    let variants: String = (0..20_000).map(variant).collect();
    accepted(parse(&format!("{base}{variants}")));
    assert_eq!(refused(parse(&format!("{base}{variants}{}", variant(0)))).0, 1);
    let parameters: Vec<String> = (0..20_000).map(|number| format!("\"group.a0.k{number}\"")).collect();
    let lockstep = format!(
        "[[sweep]]\nparameters = [{0}]\nvalues = [[{1}], [{2}]]\n",
        parameters.join(", "),
        vec!["1"; 20_000].join(", "),
        vec!["2"; 20_000].join(", ")
    );
    accepted(parse(&format!("{base}{lockstep}")));
}
