//! `[fault.NAME]`: what goes wrong, where, and when. Each key may stand only where it has an effect.

use std::borrow::Cow;

use super::general::Run;
use super::groups::Group;
use crate::model::config::{
    AnnouncedStop, FaultConfig, FaultKind, FaultSpell, FaultTarget, FaultTimes, InstanceFault, LinkFault, ProviderFault,
};
use crate::random::Distribution;
use crate::scenario::context::{Context, Noted, OrNoted};
use crate::scenario::distribution::{self, Variate};
use crate::scenario::error::Problem;
use crate::scenario::fields::fields;
use crate::scenario::folder::{unreadable_help, unreadable_reason};
use crate::scenario::item::{Item, Read, quoted};
use crate::scenario::names::{Known, Names};
use crate::scenario::range::{Range, whole_words};
use crate::scenario::rows;
use crate::scenario::section::Section;
use crate::scenario::source::Origin;
use crate::scenario::switch::{DurationOr, Notation};
use crate::scenario::tree::{Node, Value};
use crate::scenario::units::{self, Unfit};
use crate::time::SimDuration;

/// More faults than this are a slip of the pen.
const MOST_FAULTS: u64 = 1_000;

/// So many times a fault may come.
const MOST_SPELLS: u32 = 100_000;

/// So much slower something may get, and so much more often users may visit.
const FACTORS: Range = Range::from(1.0, 1e6);

const EXAMPLE_OF_TIMES: &str = "[{ begins = \"9h\", lasts = \"2h\" }]";

/// How to write a moment.
const MOMENT: &str = "write date, time and offset, such as 2026-03-03T08:00:00Z, or \"9h\" for the time from the start";

/// What a fault may be about.
pub(in crate::scenario) struct Surroundings<'s> {
    pub(in crate::scenario) groups: &'s [Group],
    /// The names of the connectors, in their order.
    pub(in crate::scenario) connectors: &'s [String],
    pub(in crate::scenario) run: &'s OrNoted<Run>,
}

/// The kinds of faults, as scenarios name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Crash,
    Shutdown,
    Maintenance,
    Discontinuation,
    BlackHole,
    Refuses,
    Slow,
    Busy,
    RevokedGrant,
    Clock,
    Rogue,
    ProviderOutage,
    ProviderSlow,
    Links,
    Partition,
    Visits,
}

const KINDS: [(&str, Kind); 16] = [
    ("crash", Kind::Crash),
    ("shutdown", Kind::Shutdown),
    ("maintenance", Kind::Maintenance),
    ("discontinuation", Kind::Discontinuation),
    ("black-hole", Kind::BlackHole),
    ("refuses", Kind::Refuses),
    ("slow", Kind::Slow),
    ("busy", Kind::Busy),
    ("revoked-grant", Kind::RevokedGrant),
    ("clock", Kind::Clock),
    ("rogue", Kind::Rogue),
    ("provider-outage", Kind::ProviderOutage),
    ("provider-slow", Kind::ProviderSlow),
    ("links", Kind::Links),
    ("partition", Kind::Partition),
    ("visits", Kind::Visits),
];

/// All faults, in the order of the file.
pub(in crate::scenario) fn faults(
    context: &Context<'_>,
    node: Option<&Node>,
    around: &Surroundings<'_>,
) -> Vec<OrNoted<FaultConfig>> {
    let Some(node) = node else { return Vec::new() };
    let Value::Table(table) = &node.value else {
        return vec![Err(super::not_a_table(context, "fault", node))];
    };
    let (count, limit) = (table.entries().len() as u64, MOST_FAULTS);
    if count > limit {
        let problem = Problem::TooMany { what: "faults", count, limit };
        let help = "let one fault come several times, or at several instances";
        return vec![Err(context.report_at("fault", problem, "too many", help))];
    }
    let keys: Vec<&str> = table.keys().collect();
    table.entries().iter().map(|entry| fault(context, &entry.key, &entry.node, around, &keys)).collect()
}

fn fault(
    context: &Context<'_>,
    name: &str,
    node: &Node,
    around: &Surroundings<'_>,
    siblings: &[&str],
) -> OrNoted<FaultConfig> {
    let mut section = Section::open(context, format!("fault.{name}"), Some(node));
    let kind = section.required("kind", "\"crash\"", |item| item.choice(&KINDS));
    let read = kind.and_then(|kind| {
        let what = what(&mut section, kind, around);
        let times = times(&mut section, around);
        Ok((what?, times?))
    });
    if kind.is_ok() {
        section.close_among(siblings.iter().copied());
    } else {
        // Which keys may stand here depends on the kind.
        section.close_without_keys(siblings.iter().copied());
    }
    let named = super::check_name(context, "fault", name);
    let (kind, times) = read?;
    named.map(|()| FaultConfig { name: name.to_owned(), kind, times })
}

fn what(section: &mut Section<'_>, kind: Kind, around: &Surroundings<'_>) -> OrNoted<FaultKind> {
    let fault = match kind {
        Kind::Crash => {
            let pools = [("kept", true), ("lost", false)];
            let pool_kept = section.default("pool", "\"kept\"", |item| item.choice(&pools));
            pool_kept.map(|pool_kept| InstanceFault::Crash { pool_kept })
        }
        Kind::Shutdown => Ok(InstanceFault::Shutdown),
        Kind::Maintenance | Kind::Discontinuation => announced(section, kind),
        Kind::BlackHole => Ok(InstanceFault::BlackHole),
        Kind::Refuses => Ok(InstanceFault::Refuses),
        Kind::Busy => Ok(InstanceFault::Busy),
        Kind::RevokedGrant => Ok(InstanceFault::RevokedGrant),
        Kind::Slow => factor(section).map(|factor| InstanceFault::Slow { factor }),
        Kind::Clock => {
            section.required("ahead", "\"1h\"", ahead_of_clock).map(|ahead_nanos| InstanceFault::Clock { ahead_nanos })
        }
        Kind::Rogue => {
            if !section.has("ahead") && !section.has("factor") {
                let what = "falsifies nothing: neither `ahead` nor `factor` is set";
                return Err(does_nothing(section, what, "set factor, such as 1.1, or ahead, such as \"1h\""));
            }
            let ahead = section.default("ahead", "\"0s\"", Item::duration);
            let factor = section.default("factor", "1.0", |item| item.real(Range::above(0.0, 1e6)));
            // A mistake in one of them must not hide the keys that follow.
            ahead.and_then(|ahead| Ok(InstanceFault::Rogue { ahead, factor: factor? }))
        }
        Kind::ProviderOutage | Kind::ProviderSlow => return provider(section, kind, around),
        Kind::Links | Kind::Partition => return links(section, kind, around),
        Kind::Visits => {
            let at = section.required("at", "\"client\"", |item| targets(item, around.groups));
            let factor = factor(section);
            return Ok(FaultKind::Visits { at: at?, factor: factor? });
        }
    };
    let at = section.required("at", "\"hub\"", |item| targets(item, around.groups));
    Ok(FaultKind::Instances { at: at?, fault: fault? })
}

/// Notes a fault that nothing follows from, and takes note of all keys that it may have.
fn does_nothing(section: &mut Section<'_>, what: &str, help: &str) -> Noted {
    for key in ["at", "loss", "factor", "ahead"] {
        section.node(key);
    }
    let what = format!("`{}` {what}", section.path());
    section.context().report_at(&section.path(), Problem::Contradiction { what }, "without effect", help)
}

/// What is announced is known before, so it comes at set times.
fn announced(section: &mut Section<'_>, kind: Kind) -> OrNoted<InstanceFault> {
    let before = section.default("announced", "\"1d\"", Item::duration);
    let cancelled = section.default("cancelled", "\"never\"", |item| cancelled(item, before.as_ref().ok().copied()));
    let is_random = section.has("every");
    if is_random {
        let path = format!("{}.every", section.path());
        let what = format!("`{}` is announced, and nobody can announce what comes at random", section.path());
        let help = "write `begins` and `lasts`, or `times`, or choose kind = \"shutdown\"";
        section.context().report_at(&path, Problem::Contradiction { what }, "at random", help);
    }
    let what = if kind == Kind::Maintenance { AnnouncedStop::Maintenance } else { AnnouncedStop::Discontinuation };
    Ok(InstanceFault::Announced { before: before?, what, cancelled: cancelled? })
}

/// How long before its beginning something is called off that is announced so long before, or `"never"`.
fn cancelled(item: &Item<'_>, announced: Option<SimDuration>) -> OrNoted<Read<Option<SimDuration>>> {
    let read = DurationOr { none: "never", zero: None }.read(item)?;
    match (read.value, announced) {
        (Some(cancelled), Some(announced)) if cancelled >= announced => {
            let help = format!("it is announced {announced} before its beginning, and cancelled after that");
            Err(item.out_of_range(cancelled, &format!("shorter than {announced}"), help))
        }
        _ => Ok(read),
    }
}

fn factor(section: &mut Section<'_>) -> OrNoted<f64> {
    section.required("factor", "10", |item| item.real(FACTORS))
}

fn ahead_of_clock(item: &Item<'_>) -> OrNoted<Read<i64>> {
    let read = item.signed_duration()?;
    if read.value == 0 {
        return Err(item.out_of_range("0s", "a time other than 0", "a clock that is not wrong needs no fault"));
    }
    Ok(read)
}

fn provider(section: &mut Section<'_>, kind: Kind, around: &Surroundings<'_>) -> OrNoted<FaultKind> {
    let known = Known::of(around.connectors.iter().map(String::as_str));
    let names = Names { kind: "connector", table: "connector", example: "yahoo", aliases: &[], known: &known };
    let connector = section.required("provider", "\"yahoo\"", |item| {
        let name = item.text()?;
        let place = names.check(item, &name.value)?;
        Ok(name.map(|_| place))
    });
    let fault = if kind == Kind::ProviderSlow {
        factor(section).map(|factor| ProviderFault::Slow { factor })
    } else {
        let fails_after = section.default("fails_after", "\"1s\"", Item::wait);
        fails_after.map(|fails_after| ProviderFault::Outage { fails_after })
    };
    Ok(FaultKind::Provider { connector: connector?, fault: fault? })
}

fn links(section: &mut Section<'_>, kind: Kind, around: &Surroundings<'_>) -> OrNoted<FaultKind> {
    let between = section.required("between", "\"client\"", |item| targets(item, around.groups));
    let and = section.required("and", "\"hub\"", |item| targets(item, around.groups));
    let fault = if kind == Kind::Partition {
        Ok(LinkFault { loss: 1.0, factor: 1.0 })
    } else if !section.has("loss") && !section.has("factor") {
        let what = "does nothing to any message: neither `loss` nor `factor` is set";
        Err(does_nothing(section, what, "set loss, such as 0.1, or factor, such as 10"))
    } else {
        let loss = section.default("loss", "0.0", Item::share);
        let factor = section.default("factor", "1.0", |item| item.real(FACTORS));
        Ok(LinkFault { loss: loss?, factor: factor? })
    };
    Ok(FaultKind::Links { between: between?, and: and?, fault: fault? })
}

/// Instances and groups: one name, or a list of names.
fn targets(item: &Item<'_>, groups: &[Group]) -> OrNoted<Read<Vec<FaultTarget>>> {
    if item.as_text().is_some() {
        let name = item.text()?;
        let target = target(item, &name.value, groups)?;
        return Ok(name.map(|_| vec![target]));
    }
    let help = "write \"hub\" for all instances of a group, \"client-3\" for one, or a list of such names";
    let elements = item.elements().filter(|elements| !elements.is_empty());
    let elements = elements.ok_or_else(|| item.wrong_kind("a name or a list of names", help))?;
    let mut read = Vec::with_capacity(elements.len());
    let mut all = Ok(());
    for element in &elements {
        match element.text().and_then(|name| Ok((target(element, &name.value, groups)?, name.toml))) {
            Ok(found) => read.push(found),
            Err(noted) => all = Err(noted),
        }
    }
    all?;
    let toml: Vec<&str> = read.iter().map(|(_, toml)| toml.as_str()).collect();
    let toml = format!("[{}]", toml.join(", "));
    Read::new(read.into_iter().map(|(target, _)| target).collect(), toml)
}

/// The group or the instance of this name. A name that means both is noted.
fn target(item: &Item<'_>, name: &str, groups: &[Group]) -> OrNoted<FaultTarget> {
    let of_instance = |(group, of): (usize, &Group)| {
        let digits = name.strip_prefix(&of.name)?.strip_prefix('-')?;
        let number: u32 = digits.parse().ok().filter(|number: &u32| number.to_string() == digits)?;
        // Of a group that has a mistake of its own, the number of instances is not known.
        let count = of.config().map_or(u32::MAX, |config| config.count);
        (1..=count).contains(&number).then(|| FaultTarget { group, number: Some(number - 1) })
    };
    let instance = groups.iter().enumerate().find_map(of_instance);
    if let Some(group) = groups.iter().position(|group| group.name == name) {
        let Some(FaultTarget { group: other, number }) = instance else {
            return Ok(FaultTarget { group, number: None });
        };
        let (number, of) = (number.map_or(0, |number| number + 1), &groups[other].name);
        let what = format!("`{name}` is the name of a group, and of instance {number} of the group `{of}`");
        let help = format!("rename one of the two groups, such as [group.{name}] to [group.{name}-group]");
        return Err(item.report(Problem::Contradiction { what }, "which of the two?", help));
    }
    instance.ok_or_else(|| {
        let known = Known::of(groups.iter().map(|group| group.name.as_str()));
        let names = Names { kind: "group or instance", table: "group", example: "hub", aliases: &[], known: &known };
        names.check(item, name).expect_err("no group has this name")
    })
}

fn times(section: &mut Section<'_>, around: &Surroundings<'_>) -> OrNoted<FaultTimes> {
    let time = |item: &Item<'_>| distribution::distribution(item, Variate::Time);
    if section.has("times") {
        let spells = section.required("times", EXAMPLE_OF_TIMES, |item| spells(item, around.run))?;
        return Ok(FaultTimes::Set(spells));
    }
    if section.has("every") {
        let every_s: OrNoted<Distribution> = section.required("every", "{ exponential = { mean = \"2d\" } }", time);
        let lasts_s = section.required("lasts", "{ exponential = { mean = \"1h\" } }", time);
        let (between_s, lasts_s) = (every_s?, lasts_s?);
        check_often(section, &between_s, &lasts_s, around.run)?;
        return Ok(FaultTimes::Random { between_s, lasts_s });
    }
    let begins = section.required("begins", "\"9h\"", |item| moment(item, around.run));
    let lasts = section.required("lasts", "\"2h\"", Item::positive_duration);
    // They may stand here instead.
    for key in ["times", "every"] {
        section.node(key);
    }
    Ok(FaultTimes::Set(vec![FaultSpell { begins: begins?, lasts: lasts? }]))
}

/// Notes a fault that comes so often that the run would consist of nothing else, or would never end.
fn check_often(
    section: &Section<'_>,
    between_s: &Distribution,
    lasts_s: &Distribution,
    run: &OrNoted<Run>,
) -> OrNoted<()> {
    let Ok(run) = run else { return Ok(()) };
    if (between_s.mean() + lasts_s.mean()) * f64::from(MOST_SPELLS) >= run.duration.as_secs_f64() {
        return Ok(());
    }
    let most = whole_words(u64::from(MOST_SPELLS));
    let what = format!("`{}` comes more than {most} times within {}", section.path(), run.duration);
    let help = format!("raise `every` or `lasts`, so that it comes at most {most} times on average");
    let path = format!("{}.every", section.path());
    Err(section.context().report_at(&path, Problem::Contradiction { what }, "too often", help))
}

/// The times of a list, or of a file.
fn spells(item: &Item<'_>, run: &OrNoted<Run>) -> OrNoted<Read<Vec<FaultSpell>>> {
    let help = format!("write {EXAMPLE_OF_TIMES}, or {{ file = \"outages.csv\" }}");
    let read = if let Some(elements) = item.elements().filter(|elements| !elements.is_empty()) {
        elements.iter().map(|element| spell(element, run, &help)).collect::<OrNoted<Vec<_>>>()?
    } else {
        let [file] = fields(item, ["file"], &help)?;
        of_file(&file?, run)?
    };
    let count = read.len() as u64;
    if count == 0 || count > u64::from(MOST_SPELLS) {
        let (value, most) = (format!("a list of {}", whole_words(count)), whole_words(u64::from(MOST_SPELLS)));
        return Err(item.out_of_range(value, &format!("a list of 1 to {most} times"), help));
    }
    for (one, next) in read.iter().zip(&read[1..]) {
        if one.begins + one.lasts >= next.begins {
            let told = |spell: &FaultSpell| spell_toml(spell);
            let what = format!("the fault begins again before it has ended: {} and {}", told(one), told(next));
            let help = "order the times, and join or shorten those that meet";
            return Err(item.report(Problem::Contradiction { what }, "these times", help));
        }
    }
    let toml: Vec<String> = read.iter().map(spell_toml).collect();
    Read::new(read, format!("[{}]", toml.join(", ")))
}

fn spell_toml(spell: &FaultSpell) -> String {
    format!("{{ begins = {}, lasts = {} }}", quoted(&spell.begins.to_string()), quoted(&spell.lasts.to_string()))
}

fn spell(item: &Item<'_>, run: &OrNoted<Run>, help: &str) -> OrNoted<FaultSpell> {
    let [begins, lasts] = fields(item, ["begins", "lasts"], help)?;
    let begins = begins.and_then(|begins| moment(&begins, run));
    let lasts = lasts.and_then(|lasts| lasts.positive_duration());
    Ok(FaultSpell { begins: begins?.value, lasts: lasts?.value })
}

/// The times of a data file with the columns `begins,lasts`.
fn of_file(item: &Item<'_>, run: &OrNoted<Run>) -> OrNoted<Vec<FaultSpell>> {
    let name = item.context.beside(item.spot().as_ref(), &item.text()?.value);
    let text = match item.context.files.read(&name) {
        Ok(Some(text)) => text,
        Ok(None) => {
            let help = "the file is looked for in the folder of the file that names it; its columns are begins,lasts";
            return Err(item.report(Problem::FileMissing { name }, "named here", help));
        }
        Err(error) => {
            let problem = Problem::FileUnreadable { name, reason: unreadable_reason(&error) };
            return Err(item.report(problem, "named here", unreadable_help(&error)));
        }
    };
    let mut found = Vec::new();
    let mut all = Ok(());
    rows::read(item.context, &name, text, &["begins", "lasts"], |row| {
        let field = |column: usize| {
            let text = row.get(column).unwrap_or_default().to_owned();
            let origin = Origin { source: item.node.source(), spot: Some(row.spot.clone()) };
            Item {
                context: item.context,
                path: format!("{}.{}", item.path, ["begins", "lasts"][column]),
                key_spot: None,
                node: Cow::Owned(Node { value: Value::Text(text), origin }),
            }
        };
        let read = (moment(&field(0), run), field(1).positive_duration());
        match read {
            (Ok(begins), Ok(lasts)) => found.push(FaultSpell { begins: begins.value, lasts: lasts.value }),
            (Err(noted), _) | (_, Err(noted)) => all = Err(noted),
        }
    })?;
    all.map(|()| found)
}

/// A moment of the run: a date and time, or the time since the start. Read as the time since the start.
fn moment(item: &Item<'_>, run: &OrNoted<Run>) -> OrNoted<Read<SimDuration>> {
    let (Value::Date(text) | Value::Text(text)) = &item.node.value else {
        return Err(item.wrong_kind("a moment", MOMENT));
    };
    let (since_start, toml) = if let Some(at) = units::timestamp(text) {
        let run = run.as_ref().map_err(|noted| *noted)?;
        if at < run.start {
            let help = format!("the run starts at {}", run.start);
            return Err(item.out_of_range(text, "a moment of the run", help));
        }
        (at.saturating_since(run.start), at.to_string())
    } else if matches!(item.node.value, Value::Date(_))
        || matches!(units::quantity(text, units::TIME), Err(Unfit::NotAQuantity))
    {
        return Err(item.not_understood(text, "a moment", MOMENT));
    } else {
        let read = item.duration()?;
        (read.value, read.toml)
    };
    if let Ok(run) = run
        && since_start >= run.duration
    {
        let help = format!("the run starts at {} and lasts {}", run.start, run.duration);
        return Err(item.out_of_range(text, "a moment of the run", help));
    }
    Read::new(since_start, toml)
}
