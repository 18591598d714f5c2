//! Presets as scenarios see them, and as `docs/protocol.md` tells of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gtnet_sim::observe::{Fact, InstanceId, MessageKind, Observer};
use gtnet_sim::protocol::{Policy, Preset, PushBack};
use gtnet_sim::scenario::{Folder, NoFiles, Scenario, ValueSource, render};

use crate::support::{CLIENT, blueprint, busy_world, watch};

const DOCUMENT: &str = include_str!("../../docs/protocol.md");

/// A scenario that leaves every switch to the preset.
fn with(preset: Preset) -> Scenario {
    let text = include_str!("fixtures/valid.toml").replace("freshness_threshold = \"25min\"\n", "");
    let overrides = [format!("protocol.preset={}", preset.name())];
    let scenario = Scenario::parse("valid.toml", &text, &overrides, &Folder("tests/it/fixtures".into()));
    scenario.unwrap_or_else(|error| panic!("{}", render(&error, false, 100)))
}

/// The switches of a preset by key, as TOML.
fn switches(preset: Preset) -> BTreeMap<String, String> {
    let resolved = with(preset).resolved().to_vec().into_iter();
    resolved
        .filter(|value| value.table == "protocol" && !["preset", "watchlist_timeout"].contains(&value.key.as_str()))
        .map(|value| {
            assert_eq!(value.source, ValueSource::Preset(preset.name()), "the source of {}", value.key);
            (value.key.clone(), value.value.clone())
        })
        .collect()
}

/// The code in a cell of a table.
fn code(cell: &str) -> String {
    let code = cell.trim().strip_prefix('`').and_then(|cell| cell.strip_suffix('`'));
    code.unwrap_or_else(|| panic!("`{cell}` is not code")).to_owned()
}

/// Names of presets of the document's table, and its rows by switch.
fn table() -> (Vec<String>, BTreeMap<String, Vec<String>>) {
    let (_, table) = DOCUMENT.split_once("| switch |").expect("a table of the switches");
    let (head, rows) = table.split_once('\n').expect("rows");
    let cells = |row: &str| row.trim().trim_matches('|').split('|').map(code).collect::<Vec<_>>();
    let rows = rows.lines().skip(1).take_while(|row| row.starts_with('|')).map(cells);
    let rows: Vec<_> = rows.map(|mut row| (row.remove(0), row)).collect();
    let by_switch: BTreeMap<_, _> = rows.iter().cloned().collect();
    assert_eq!(by_switch.len(), rows.len(), "a switch has two rows");
    (cells(head), by_switch)
}

#[test]
fn a_scenario_that_names_a_preset_gets_its_policy() {
    for preset in Preset::ALL {
        assert_eq!(with(preset).world().policy, Policy::of(preset), "{}", preset.name());
    }
}

#[test]
fn a_group_may_follow_other_rules_than_the_rest() {
    let text = include_str!("fixtures/valid.toml");
    let overrides = ["group.hub.protocol={ preset = \"gt-0.36.9\", daily_request_limit = 0 }".to_owned()];
    let scenario = Scenario::parse("valid.toml", text, &overrides, &Folder("tests/it/fixtures".into()));
    let scenario = scenario.unwrap_or_else(|error| panic!("{}", render(&error, false, 100)));
    let rules = Policy { daily_request_limit: Some(0), ..Policy::of(Preset::Gt0369) };
    let of_groups: Vec<Option<Policy>> =
        scenario.world().groups.iter().map(|group| group.policy.as_deref().copied()).collect();
    assert_eq!(of_groups, [Some(rules), None, None]);
    let again = Scenario::parse("again.toml", &scenario.resolved_toml(), &[], &NoFiles);
    assert_eq!(again.unwrap_or_else(|error| panic!("{}", render(&error, false, 100))), scenario);
}

#[test]
fn the_table_of_the_presets_is_right() {
    let (presets, rows) = table();
    assert_eq!(presets, Preset::ALL.map(Preset::name));
    for (column, preset) in Preset::ALL.into_iter().enumerate() {
        let documented: BTreeMap<String, String> =
            rows.iter().map(|(switch, values)| (switch.clone(), values[column].clone())).collect();
        assert_eq!(documented, switches(preset), "docs/protocol.md is wrong about {}", preset.name());
    }
}

#[test]
fn every_switch_is_explained() {
    let (_, explanations) = DOCUMENT.split_once("## The switches").expect("explanations");
    for switch in switches(Preset::SevenStep).keys() {
        assert!(explanations.contains(&format!("**`{switch}`**")), "docs/protocol.md does not explain {switch}");
    }
}

/// What is wrong with a scenario that sets a switch to `value`, as its user sees it.
fn mistake(switch: &str, value: &str) -> Option<String> {
    let text = include_str!("fixtures/valid.toml").replace("freshness_threshold = \"25min\"\n", "");
    let overrides = [format!("protocol.{switch}={value}")];
    let scenario = Scenario::parse("valid.toml", &text, &overrides, &Folder("tests/it/fixtures".into()));
    scenario.err().map(|error| render(&error, false, 10_000))
}

/// Whether a switch may have a value, be it without effect beside the other switches.
fn is_value(switch: &str, value: &str) -> bool {
    mistake(switch, value).is_none_or(|mistake| mistake.contains("without effect") || mistake.contains("set here"))
}

#[test]
fn values_and_sources_are_those_of_the_code() {
    let (_, table) = DOCUMENT.split_once("| key | values | source | confidence |").expect("a table of the values");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .skip(2)
        .take_while(|row| row.starts_with('|'))
        .map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let keys: Vec<String> = rows.iter().map(|row| code(row[0])).collect();
    let of_presets = table_in_order();
    assert_eq!(keys, of_presets, "the two tables have the same switches in the same order");
    for (key, row) in keys.iter().zip(&rows) {
        let [_, values, source, confidence] = row[..] else { panic!("four cells: {row:?}") };
        assert!(!source.is_empty(), "{key} has no source");
        assert!(
            ["recorded", "tested", "read", "manual", "document", "ours"].contains(&confidence),
            "{key}: {confidence}"
        );
        let (words, others): (Vec<&str>, Vec<&str>) = values.split(", ").partition(|value| value.starts_with('`'));
        let words: Vec<String> = words.into_iter().map(code).collect();
        for word in &words {
            assert!(is_value(key, word), "{key} = {word}: {}", mistake(key, word).unwrap_or_default());
        }
        let example = match others[..] {
            [] => None,
            ["a number"] => Some("7"),
            ["a share"] => Some("0.7"),
            ["a duration"] => Some("\"7min\""),
            ["two numbers"] => Some("{ intra_retry = 1, quote_retry = 2 }"),
            _ => panic!("{key}: {others:?}"),
        };
        for (value, is_allowed) in [("7", "a number"), ("\"7min\"", "a duration")] {
            assert_eq!(is_value(key, value), others == [is_allowed], "{key} = {value}");
        }
        if let Some(example) = example {
            assert!(is_value(key, example), "{key} = {example}");
        } else if words[0].starts_with('"') {
            let choices = mistake(key, "\"zzzzzzzzzzzzzzz\"").expect("no such value");
            let named = choices.matches('`').count() / 2;
            for word in &words {
                assert!(choices.contains(word.trim_matches('"')), "{key} = {word}: {choices}");
            }
            assert!(named >= words.len(), "{key}: {choices}");
        }
        for preset in Preset::ALL {
            let value = &switches(preset)[key];
            assert!(words.contains(value) || example.is_some(), "{key} = {value} of {}", preset.name());
        }
    }
}

/// The switches in the order of the document's table of presets.
fn table_in_order() -> Vec<String> {
    let (_, table) = DOCUMENT.split_once("| switch |").expect("a table of the switches");
    let rows = table.lines().skip(2).take_while(|row| row.starts_with('|'));
    rows.map(|row| code(row.trim_matches('|').split('|').next().expect("a switch"))).collect()
}

/// A scenario about a rule.
fn about_a_rule(name: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/protocol").join(name);
    Scenario::load(&path, &[]).unwrap_or_else(|error| panic!("{}", render(&error, false, 100)))
}

/// What differs between two sides can only be due to the rule if nothing else does.
#[test]
fn the_sides_of_a_rule_differ_in_nothing_else() {
    let mut sides = 0;
    for name in scenarios_about_rules() {
        let text = fs::read_to_string(Path::new("scenarios/protocol").join(&name)).expect("a scenario");
        let (_, base) = text.split_once("base = \"").expect("a base");
        let (base, _) = base.split_once('"').expect("an end of its name");
        // What starts from these sets the stage for a rule.
        if base.starts_with("../") || base == "released.toml" {
            continue;
        }
        let (side, other) = (about_a_rule(&name), about_a_rule(base));
        assert_eq!(side.resolved().len(), other.resolved().len(), "{name}");
        let pairs = side.resolved().iter().zip(other.resolved());
        let differing: Vec<String> = pairs
            .filter(|(a, b)| a.table != "scenario" && (a.path(), &a.value) != (b.path(), &b.value))
            .map(|(a, _)| a.path())
            .collect();
        let of_rules = differing.iter().all(|path| path.starts_with("protocol."));
        let one_rule_or_all = differing.len() == 1 || differing.contains(&"protocol.preset".to_owned());
        assert!(of_rules && one_rule_or_all, "{name} differs from {base} in {differing:?}");
        sides += 1;
    }
    assert!(sides > 20, "only {sides} sides were compared");
}

/// Names of the files in `scenarios/protocol`.
fn scenarios_about_rules() -> BTreeSet<String> {
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/protocol")).expect("scenarios");
    files.map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn the_document_names_every_scenario_about_a_rule() {
    let folder = "](../scenarios/protocol/";
    let named: BTreeSet<String> = DOCUMENT
        .split(folder)
        .skip(1)
        .filter_map(|rest| rest.split_once(')').map(|(name, _)| name.to_owned()))
        .filter(|name| !name.is_empty())
        .collect();
    assert_eq!(named, scenarios_about_rules());
}

/// Pushes that reach anybody, by who has sent them.
#[derive(Default)]
struct Pushes(BTreeMap<InstanceId, u32>);

impl Observer for Pushes {
    fn observe(&mut self, _now: gtnet_sim::time::SimTime, fact: &Fact) {
        if let Fact::Arrived { from, kind: MessageKind::Push, .. } = *fact {
            *self.0.entry(from).or_default() += 1;
        }
    }
}

/// Exchanges of instances with different rules take turns in the same buffers.
#[test]
fn each_instance_follows_the_rules_of_its_own_group() {
    let mut config = busy_world();
    let mut silent = config.groups[CLIENT].clone();
    silent.name = "silent".to_owned();
    silent.policy = Some(Box::new(Policy { push_back: PushBack::None, ..config.policy }));
    let group = config.groups.len();
    config.groups.push(silent);
    let mut peering =
        config.peerings.iter().find(|peering| peering.from == CLIENT).expect("clients ask the hub").clone();
    peering.from = group;
    config.peerings.push(peering);
    let mut counted = Pushes::default();
    watch(&config, 1, &mut counted);
    let blueprint = blueprint(&config);
    for (number, instance) in (0..).zip(blueprint.instances()).filter(|(_, instance)| instance.group != 0) {
        let pushed = counted.0.get(&InstanceId(number)).copied().unwrap_or(0);
        assert_eq!(
            pushed > 0,
            instance.group == CLIENT,
            "instance {number} of group {} pushes {pushed} times",
            instance.group
        );
    }
}
