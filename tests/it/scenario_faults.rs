//! Faults, and what else the bad day needs, as scenarios write them.

use std::path::Path;

use gtnet_sim::model::config::{
    AnnouncedStop, ChurnConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, InstanceFault, LinkFault, ProviderFault,
};
use gtnet_sim::random::Distribution;
use gtnet_sim::scenario::{DataFiles, NoFiles, Scenario, render};
use gtnet_sim::time::SimDuration;

use crate::support::assert_plain_words;

/// A valid scenario that needs no other file.
fn base() -> String {
    include_str!("fixtures/valid.toml").replace("{ file = \"edges.csv\" }", "\"all\"")
}

/// A file of times beside the scenario.
struct Outages(&'static str);

impl DataFiles for Outages {
    fn read(&self, name: &str) -> std::io::Result<Option<String>> {
        Ok((name == "outages.csv").then(|| self.0.to_owned()))
    }
}

fn read(faults: &str, files: &dyn DataFiles) -> Result<Scenario, String> {
    let text = format!("{faults}\n{}", base());
    Scenario::parse("valid.toml", &text, &[], files).map_err(|error| {
        assert_plain_words(&error);
        render(&error, false, 100)
    })
}

fn valid(faults: &str) -> Scenario {
    let scenario = read(faults, &NoFiles).unwrap_or_else(|error| panic!("{error}"));
    let again = Scenario::parse("resolved", &scenario.resolved_toml(), &[], &NoFiles);
    let again = again.unwrap_or_else(|error| panic!("{}", render(&error, false, 100)));
    assert_eq!(again.world(), scenario.world(), "a resolved scenario says the same");
    scenario
}

fn hours(hours: u64) -> SimDuration {
    SimDuration::from_hours(hours)
}

#[test]
fn every_kind_of_fault_is_read() {
    let scenario = valid(
        r#"
        fault.a = { kind = "crash", at = "hub", pool = "lost", begins = 2026-03-02T09:00:00Z, lasts = "2h" }
        fault.b = { kind = "shutdown", at = "hub-2", begins = "9h", lasts = "2h" }
        fault.c = { kind = "black-hole", at = ["client-3", "hub"], begins = "9h", lasts = "2h" }
        fault.d = { kind = "refuses", at = "hub", begins = "9h", lasts = "2h" }
        fault.e = { kind = "slow", at = "hub", factor = 10, begins = "9h", lasts = "2h" }
        fault.f = { kind = "busy", at = "hub", begins = "9h", lasts = "2h" }
        fault.g = { kind = "clock", at = "client", ahead = "-1h", begins = "9h", lasts = "2h" }
        fault.h = { kind = "rogue", at = "client-1", ahead = "1h", factor = 1.1, begins = "9h", lasts = "2h" }
        fault.i = { kind = "provider-outage", provider = "own", fails_after = "3s", begins = "9h", lasts = "2h" }
        fault.j = { kind = "provider-slow", provider = "yahoo", factor = 5, begins = "9h", lasts = "2h" }
        fault.k = { kind = "links", between = "client", and = "hub-1", loss = 0.5, factor = 3, begins = "9h", lasts = "2h" }
        fault.l = { kind = "partition", between = "client-20", and = "hub", begins = "9h", lasts = "2h" }
        fault.m = { kind = "visits", at = "client", factor = 3, begins = "9h", lasts = "2h" }
        fault.n = { kind = "maintenance", at = "hub", begins = "9h", lasts = "2h" }
        fault.o = { kind = "discontinuation", at = "hub", announced = "2h", cancelled = "1h", begins = "9h", lasts = "2h" }
        fault.p = { kind = "revoked-grant", at = "hub-1", begins = "9h", lasts = "2h" }
        "#,
    );
    let all = |group| FaultTarget { group, number: None };
    let one = |group, number| FaultTarget { group, number: Some(number) };
    let instances = |at: Vec<FaultTarget>, fault| FaultKind::Instances { at, fault };
    let announced =
        |before, what, cancelled| instances(vec![all(0)], InstanceFault::Announced { before, what, cancelled });
    let expected = [
        instances(vec![all(0)], InstanceFault::Crash { pool_kept: false }),
        instances(vec![one(0, 1)], InstanceFault::Shutdown),
        instances(vec![one(1, 2), all(0)], InstanceFault::BlackHole),
        instances(vec![all(0)], InstanceFault::Refuses),
        instances(vec![all(0)], InstanceFault::Slow { factor: 10.0 }),
        instances(vec![all(0)], InstanceFault::Busy),
        instances(vec![all(1)], InstanceFault::Clock { ahead_nanos: -3_600_000_000_000 }),
        instances(vec![one(1, 0)], InstanceFault::Rogue { ahead: hours(1), factor: 1.1 }),
        FaultKind::Provider { connector: 2, fault: ProviderFault::Outage { fails_after: SimDuration::from_secs(3) } },
        FaultKind::Provider { connector: 0, fault: ProviderFault::Slow { factor: 5.0 } },
        FaultKind::Links { between: vec![all(1)], and: vec![one(0, 0)], fault: LinkFault { loss: 0.5, factor: 3.0 } },
        FaultKind::Links { between: vec![one(1, 19)], and: vec![all(0)], fault: LinkFault { loss: 1.0, factor: 1.0 } },
        FaultKind::Visits { at: vec![all(1)], factor: 3.0 },
        announced(hours(24), AnnouncedStop::Maintenance, None),
        announced(hours(2), AnnouncedStop::Discontinuation, Some(hours(1))),
        instances(vec![one(0, 0)], InstanceFault::RevokedGrant),
    ];
    let times = FaultTimes::Set(vec![FaultSpell { begins: hours(9), lasts: hours(2) }]);
    assert_eq!(scenario.world().faults.len(), expected.len());
    for (fault, kind) in scenario.world().faults.iter().zip(expected) {
        assert_eq!((&fault.kind, &fault.times), (&kind, &times), "{}", fault.name);
    }
}

#[test]
fn times_come_from_a_list_from_a_file_or_by_chance() {
    let spells =
        vec![FaultSpell { begins: hours(9), lasts: hours(1) }, FaultSpell { begins: hours(33), lasts: hours(2) }];
    let list = r#"fault.a = { kind = "busy", at = "hub", times = [{ begins = 2026-03-02T09:00:00Z, lasts = "1h" }, { begins = "33h", lasts = "2h" }] }"#;
    assert_eq!(valid(list).world().faults[0].times, FaultTimes::Set(spells.clone()));
    let file = r#"fault.a = { kind = "busy", at = "hub", times = { file = "outages.csv" } }"#;
    let outages = Outages("begins,lasts\n2026-03-02T09:00:00Z,1h\n33h,2h\n");
    let read = read(file, &outages).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read.world().faults[0].times, FaultTimes::Set(spells));
    let chance = r#"fault.a = { kind = "busy", at = "hub", every = { exponential = { mean = "2d" } }, lasts = "1h" }"#;
    let times = FaultTimes::Random {
        between_s: Distribution::Exponential { mean: 172_800.0 },
        lasts_s: Distribution::Constant(3_600.0),
    };
    assert_eq!(valid(chance).world().faults[0].times, times);
}

#[test]
fn groups_grow_clocks_are_corrected_and_providers_block() {
    let churn = ChurnConfig {
        present: 5,
        from: SimDuration::from_days(1),
        until: SimDuration::from_days(4),
        stays_s: Some(Distribution::Exponential { mean: 172_800.0 }),
    };
    let of = |overrides: &[&str]| {
        let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
        Scenario::parse("valid.toml", &base(), &overrides, &NoFiles).unwrap_or_else(|error| panic!("{error}"))
    };
    let grows = of(&[
        "group.client.joins={ present = 5, from = \"1d\", until = \"4d\", stays = { exponential = { mean = \"2d\" } } }",
    ]);
    assert_eq!(grows.world().groups[1].churn, Some(churn));
    let discipline = |scenario: &Scenario| scenario.world().groups[1].clock.discipline.clone();
    let usual = discipline(&of(&[])).expect("clocks are corrected unless somebody says otherwise");
    assert_eq!(usual.every, SimDuration::from_secs(1_024));
    assert_eq!(discipline(&of(&["group.client.clock.discipline=none"])), None);
    let blocks = of(&["connector.yahoo.rate_limit.blocks_for=1d"]);
    let limit = blocks.world().connectors[0].rate_limit.clone().expect("it has a limit");
    assert_eq!(limit.blocks_for, Some(SimDuration::from_days(1)));
    let prices = of(&["instruments.volatility=0.5", "instruments.currency_volatility=0.1"]);
    let of_prices = &prices.world().instruments;
    let volatilities = (of_prices.security_volatility, of_prices.currency_volatility);
    assert_eq!(format!("{volatilities:?}"), "(0.5, 0.1)");
}

#[test]
fn mistakes_in_faults_are_named_with_their_remedy() {
    let text = r#"
[fault.a]
kind = "crsh"
at = "hub"

[fault.b]
kind = "crash"
at = "hbu"
begins = "9h"
lasts = "2h"
factor = 3

[fault.c]
kind = "slow"
at = "client-21"
begins = 2026-03-01T00:00:00Z
lasts = "0s"

[fault.d]
kind = "clock"
at = ["hub", 3]
ahead = "0s"
begins = "9d"
lasts = "1h"

[fault.e]
kind = "provider-outage"
provider = "yahu"
times = [{ begins = "9h", lasts = "3h" }, { begins = "11h", lasts = "1h" }]

[fault.f]
kind = "partition"
between = "client"
loss = 0.5
"#;
    insta::assert_snapshot!(read(text, &NoFiles).expect_err("nearly all of it is wrong"));
}

#[test]
fn mistakes_in_a_file_of_times_are_named_at_their_row() {
    let text = r#"fault.a = { kind = "busy", at = "hub", times = { file = "outages.csv" } }"#;
    let wrong = "begins,lasts\n9h,1h\nnoon,2h\n33h,1 parsec\n";
    insta::assert_snapshot!(read(text, &Outages(wrong)).expect_err("two rows are wrong"));
    insta::assert_snapshot!(read(text, &NoFiles).expect_err("there is no file"));
}

/// What goes wrong with these overrides.
fn mistakes(overrides: &[&str]) -> String {
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    let error = Scenario::parse("valid.toml", &base(), &overrides, &NoFiles).expect_err("it has a mistake");
    assert_plain_words(&error);
    // So wide that no message is broken into lines.
    render(&error, false, 1_000)
}

#[test]
fn what_is_called_off_has_been_announced_before() {
    let told = mistakes(&[
        "fault.a={ kind = \"maintenance\", at = \"hub\", announced = \"2h\", cancelled = \"3h\", begins = \"9h\", lasts = \"1h\" }",
    ]);
    assert!(told.contains("it is announced 2h before its beginning, and cancelled after that"), "{told}");
}

#[test]
fn a_remedy_names_the_keys_that_may_be_left_out() {
    let crash = |rest: &str| format!("fault.a={{ kind = \"crash\", at = \"hub\", {rest}, lasts = \"1h\" }}");
    for (wrong, remedy) in [
        (crash("evry = \"1d\""), "did you mean `every`?"),
        (crash("begins = \"9h\", after = \"1d\""), "`begins`, `lasts`, `times` and `every`"),
        ("group.client.join={ present = 2, until = \"1d\" }".to_owned(), "did you mean `joins`?"),
        ("group.client.joins={ present = 2, until = \"1d\", stay = \"1d\" }".to_owned(), "did you mean `stays`?"),
    ] {
        let told = mistakes(&[&wrong]);
        assert!(told.contains(remedy), "{told}");
    }
    let told = mistakes(&[
        "fault.hub-down={ kind = \"busy\", at = \"hub\", begins = \"9h\", lasts = \"1h\" }",
        "fault.hub-dwn.lasts=2h",
    ]);
    assert!(told.contains("did you mean `fault.hub-down`?"), "{told}");
}

#[test]
fn a_mistake_in_one_key_makes_no_other_key_unknown() {
    let told =
        mistakes(&["fault.a={ kind = \"rogue\", at = \"hub\", ahead = \"-1h\", begins = \"9h\", lasts = \"1h\" }"]);
    assert!(told.contains("`fault.a.ahead` is -1h"), "{told}");
    assert!(told.contains("has 1 mistake."), "{told}");
}

#[test]
fn a_moment_without_an_offset_is_told_how_to_write_one() {
    for begins in ["2026-03-03T08:00:00", "\"2026-03-03 noon\"", "\"noon\""] {
        let told =
            mistakes(&[&format!("fault.a={{ kind = \"busy\", at = \"hub\", begins = {begins}, lasts = \"1h\" }}")]);
        assert!(told.contains("write date, time and offset, such as 2026-03-03T08:00:00Z"), "{told}");
    }
}

#[test]
fn a_fault_that_would_never_let_the_run_end_is_refused() {
    let random = |every: &str, lasts: &str| {
        format!("fault.a={{ kind = \"busy\", at = \"hub\", every = {every}, lasts = {lasts} }}")
    };
    // In 5 days, 4.32 s apart are just 100,000 times.
    for (every, lasts) in
        [("\"0s\"", "\"0s\""), ("\"1ms\"", "\"1ms\""), ("{ exponential = { mean = \"1s\" } }", "\"3s\"")]
    {
        let told = mistakes(&[&random(every, lasts)]);
        assert!(told.contains("`fault.a` comes more than 100,000 times within 5d"), "{told}");
    }
    for (every, lasts) in [("\"4.32s\"", "\"0s\""), ("\"0s\"", "\"1h\"")] {
        let overrides = [random(every, lasts)];
        let read = Scenario::parse("valid.toml", &base(), &overrides, &NoFiles);
        assert!(read.is_ok(), "{overrides:?}");
    }
}

#[test]
fn a_call_that_waits_blocks_nothing() {
    let limit = |blocks_for: &str| {
        format!("connector.own.rate_limit={{ requests = 8, per = \"1min\", blocks_for = {blocks_for} }}")
    };
    let told = mistakes(&[&limit("\"1d\"")]);
    assert!(told.contains("has no effect: a call that has to wait is not refused"), "{told}");
    assert!(told.contains("when_exceeded = \"fail\""), "{told}");
    assert!(Scenario::parse("valid.toml", &base(), &[limit("\"none\"")], &NoFiles).is_ok());
}

#[test]
fn check_remarks_on_a_fault_that_no_result_shows() {
    let remark = "over before the warm-up is";
    let explained = |times: &str| valid(&format!("fault.a = {{ kind = \"busy\", at = \"hub\", {times} }}")).explain();
    // The warm-up lasts a day.
    assert!(explained("begins = \"9h\", lasts = \"15h\"").contains(remark));
    assert!(explained("times = [{ begins = \"1h\", lasts = \"1h\" }]").contains(remark));
    assert!(!explained("begins = \"9h\", lasts = \"15.1h\"").contains(remark));
}

#[test]
fn check_remarks_on_a_fault_that_changes_nothing() {
    let explained = |fault: &str, overrides: &[&str]| {
        let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
        let text = format!("fault.a = {{ {fault}, begins = \"30h\", lasts = \"2h\" }}\n{}", base());
        let read = Scenario::parse("valid.toml", &text, &overrides, &NoFiles);
        read.unwrap_or_else(|error| panic!("{}", render(&error, false, 100))).explain()
    };
    let alone: &[&str] = &["group.client.gtnet=false"];
    let (slow, flood) = ("kind = \"slow\", at = \"hub\"", "kind = \"visits\", at = \"client\"");
    for (fault, remark, idle, effective) in [
        (slow, "once as much as usual", "factor = 1", "factor = 1.1"),
        (flood, "once as much as usual", "factor = 1", "factor = 2"),
        ("kind = \"provider-slow\", provider = \"yahoo\"", "once as much as usual", "factor = 1", "factor = 2"),
        ("kind = \"links\", between = \"client\", and = \"hub\"", "pass as usual", "factor = 1", "loss = 0.1"),
        ("kind = \"rogue\", at = \"client\"", "all values stay true", "factor = 1", "factor = 0.9"),
        ("kind = \"rogue\", at = \"client\"", "all values stay true", "factor = 1, ahead = \"0s\"", "ahead = \"1s\""),
        (
            "kind = \"partition\", and = \"hub-1\"",
            "joins the two ends",
            "between = \"hub-1\"",
            "between = \"client-3\"",
        ),
    ] {
        let told = explained(&format!("{fault}, {idle}"), &[]);
        assert!(told.contains(remark), "{told}");
        let told = explained(&format!("{fault}, {effective}"), &[]);
        assert!(!told.contains(remark), "{told}");
    }
    // In turn, the first client asks the first hub, and the last one the second hub.
    let in_turn: &[&str] = &["group.hub.count=2", "peering.0.select={ in_turn = 1 }"];
    let between = |one: &str, other: &str| {
        let fault = format!("kind = \"partition\", between = \"{one}\", and = \"{other}\"");
        explained(&fault, in_turn).contains("joins the two ends")
    };
    assert!(between("client-1", "hub-2") && between("hub-1", "client-20"));
    assert!(!between("client-1", "hub-1") && !between("hub-2", "client-20") && !between("hub-2", "client"));
    let nobody = "nobody knows these instances";
    for kind in ["black-hole", "refuses", "busy"] {
        let fault = format!("kind = \"{kind}\", at = \"client-2\"");
        assert!(explained(&fault, alone).contains(nobody) && !explained(&fault, &[]).contains(nobody));
    }
    assert!(!explained("kind = \"crash\", at = \"client-2\"", alone).contains(nobody), "its users notice");
    let flooded = explained("kind = \"visits\", at = \"hub\", factor = 2", &[]);
    assert!(flooded.contains("nobody visits there"), "{flooded}");
}

#[test]
fn a_fault_that_says_nothing_of_what_happens_is_refused() {
    let fault = |kind: &str| format!("fault.a={{ {kind}, begins = \"9h\", lasts = \"1h\" }}");
    let told = mistakes(&[&fault("kind = \"links\", between = \"client\", and = \"hub\"")]);
    assert!(told.contains("neither `loss` nor `factor` is set") && told.contains("set loss, such as 0.1"), "{told}");
    assert!(told.contains("has 1 mistake."), "{told}");
    let told = mistakes(&[&fault("kind = \"rogue\", at = \"client\"")]);
    assert!(told.contains("neither `ahead` nor `factor` is set") && told.contains("set factor, such as 1.1"), "{told}");
    assert!(told.contains("has 1 mistake."), "{told}");
}

#[test]
fn a_name_that_means_a_group_and_an_instance_is_refused() {
    let at = |target: &str| {
        [
            format!("fault.a={{ kind = \"busy\", at = {target}, begins = \"9h\", lasts = \"1h\" }}"),
            "group.client-2={ count = 3, mode = \"open\", country = \"CH\" }".to_owned(),
        ]
    };
    for target in ["\"client-2\"", "[\"hub\", \"client-2\"]"] {
        let [fault, group] = at(target);
        let told = mistakes(&[&fault, &group]);
        assert!(told.contains("`client-2` is the name of a group, and of instance 2 of the group `client`"), "{told}");
        assert!(told.contains("rename one of the two groups"), "{told}");
    }
    for (target, number) in [("\"client-2-3\"", Some(2)), ("\"client-3\"", Some(2))] {
        let scenario = Scenario::parse("valid.toml", &base(), &at(target), &NoFiles);
        let scenario = scenario.unwrap_or_else(|error| panic!("{}", render(&error, false, 100)));
        let FaultKind::Instances { at, .. } = &scenario.world().faults[0].kind else { panic!("a fault of instances") };
        assert_eq!(at[0].number, number, "{target}");
    }
}

#[test]
fn the_scenarios_of_the_bad_day_are_valid() {
    for entry in std::fs::read_dir("scenarios/faults").expect("a folder") {
        let path = entry.expect("an entry").path();
        let scenario = Scenario::load(Path::new(&path), &[]);
        let scenario = scenario.unwrap_or_else(|error| panic!("{}", render(&error, false, 100)));
        let again = Scenario::parse("resolved", &scenario.resolved_toml(), &[], &NoFiles).expect("a resolved scenario");
        assert_eq!(again.world(), scenario.world());
    }
}
