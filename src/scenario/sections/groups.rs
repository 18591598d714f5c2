//! `[group.NAME]`.

use super::protocol::protocol_of_group;
use super::{prices, visits};
use crate::model::config::{ChurnConfig, ClockConfig, Discipline, GroupConfig, ServiceConfig, ServiceShape};
use crate::protocol::AcceptMode;
use crate::random::Distribution;
use crate::scenario::context::{Context, OrNoted};
use crate::scenario::distribution::{self, Variate};
use crate::scenario::error::Problem;
use crate::scenario::fields::{fields, lacks, optional_fields};
use crate::scenario::item::{Item, Read, quoted, real_text};
use crate::scenario::names::{Known, Names};
use crate::scenario::section::Section;
use crate::scenario::tree::{Node, TomlTable, Value};
use crate::time::SimDuration;

/// Forty such groups still have numbers of 32 bits for all their instances. Whether as many fit into memory is for the estimate
/// to say.
pub(super) const MOST_INSTANCES: u32 = 100_000_000;

/// A group by name.
pub(in crate::scenario) struct Group {
    pub(in crate::scenario) name: String,
    pub(in crate::scenario) read: OrNoted<GroupConfig>,
}

impl Group {
    /// The group, unless something in it is wrong.
    pub(in crate::scenario) fn config(&self) -> Option<&GroupConfig> {
        self.read.as_ref().ok()
    }
}

/// All groups, in the order of the file. With `countries`, those that have round-trip times, each group needs one.
pub(in crate::scenario) fn groups(
    context: &Context<'_>,
    node: Option<&Node>,
    countries: &Known<'_>,
    countries_needed: bool,
) -> Vec<Group> {
    let Some(node) = node.filter(|node| node.table().is_none_or(|table| !table.entries().is_empty())) else {
        if context.given_up("group").is_some() {
            return Vec::new();
        }
        let problem = Problem::Contradiction { what: "there are no instances".to_owned() };
        let help = "add a table such as [group.client] with at least `count` and `mode`";
        context.report(problem, Vec::new(), help);
        return Vec::new();
    };
    let Value::Table(table) = &node.value else {
        context.give_up("group", super::not_a_table(context, "group", node));
        return Vec::new();
    };
    let read = |name: &str, node: &Node| Group {
        name: name.to_owned(),
        read: group(context, name, (table, node), countries, countries_needed),
    };
    table.entries().iter().map(|entry| read(&entry.key, &entry.node)).collect()
}

fn group(
    context: &Context<'_>,
    name: &str,
    (groups, node): (&TomlTable, &Node),
    countries: &Known<'_>,
    countries_needed: bool,
) -> OrNoted<GroupConfig> {
    let mut section = Section::open(context, format!("group.{name}"), Some(node));
    let count = section.required("count", "20", |item| count(item, name));
    let modes = [("closed", AcceptMode::Closed), ("open", AcceptMode::Open), ("push-open", AcceptMode::PushOpen)];
    let mode = section.required("mode", "\"open\"", |item| item.choice(&modes));
    let gtnet = section.default("gtnet", "true", Item::boolean);
    let countries = if countries_needed || section.has("country") {
        section.required("country", "\"CH\"", |item| country(item, countries))
    } else {
        Ok(Vec::new())
    };
    let cores = section.default("cores", "4", |item| item.whole_u32(1, 100_000));
    let workers = section.default("workers", "4", |item| item.whole_u32(1, 100_000));
    let max_wait = section.default("max_wait", "\"none\"", max_wait);
    let service = service(&mut section);
    let clock = clock(&mut section);
    let users = section.default("users", "0", |item| item.whole_u32(0, 1_000_000));
    let habits = visits::habits(&mut section, users);
    let receive = section.default("receive", "1.0", Item::share);
    let send = section.default("send", "1.0", Item::share);
    let price = section.optional("price", prices::price);
    let joins = match section.node("joins") {
        Some(_) => joins(&mut section, count).map(Some),
        None => Ok(None),
    };
    let policy = match section.node("protocol") {
        Some(_) => protocol_of_group(&mut section).map(|policy| Some(Box::new(policy))),
        None => Ok(None),
    };
    section.close_among(groups.keys());
    let named = super::check_name(context, "group", name);
    let habits = habits?;
    let config = GroupConfig {
        name: name.to_owned(),
        count: count?,
        mode: mode?,
        gtnet: gtnet?,
        countries: countries?,
        cores: cores?,
        workers: workers?,
        max_wait: max_wait?,
        service: service?,
        clock: clock?,
        users: users?,
        watchlist: habits.watchlist,
        visits: habits.visits,
        receive: receive?,
        send: send?,
        churn: joins?,
        policy: policy?,
        price: price?,
    };
    named.map(|()| config)
}

/// How long a message waits at most: `None` is as long as it takes.
fn max_wait(item: &Item<'_>) -> OrNoted<Read<Option<SimDuration>>> {
    if item.is_text("none") {
        return Read::new(None, "\"none\"".to_owned());
    }
    let read = Item::positive_wait(item)?;
    Read::new(Some(read.value), read.toml)
}

fn count(item: &Item<'_>, group: &str) -> OrNoted<Read<u32>> {
    if matches!(item.node.value, Value::Integer(0)) {
        let problem = Problem::EmptyGroup { group: group.to_owned() };
        let help = format!("remove [group.{group}] and its peerings, or set the count to 1 or more");
        return Err(item.report(problem, "nobody", help));
    }
    item.whole_u32(1, MOST_INSTANCES)
}

/// One country, or several with weights.
fn country(item: &Item<'_>, known: &Known<'_>) -> OrNoted<Read<Vec<(String, f64)>>> {
    // Codes that others than ISO use.
    let aliases = &[("UK", "GB"), ("EL", "GR")];
    let names = Names { kind: "country", table: "country_rtt", example: "CH", aliases, known };
    if item.as_text().is_some() {
        let code = item.text()?;
        names.check(item, &code.value)?;
        return Ok(code.map(|code| vec![(code, 1.0)]));
    }
    let weights = item.named_numbers(&names, Item::weight)?;
    Ok(weights.map(|weights| weights.into_iter().collect()))
}

fn service(group: &mut Section<'_>) -> OrNoted<ServiceConfig> {
    let mut section = group.section("service");
    let base = section.default("base", "\"5ms\"", Item::wait);
    let per_instrument = section.default("per_instrument", "\"200us\"", Item::wait);
    let shape = section.default("distribution", "\"exponential\"", service_shape);
    section.close();
    Ok(ServiceConfig { base: base?, per_instrument: per_instrument?, shape: shape? })
}

fn service_shape(item: &Item<'_>) -> OrNoted<Read<ServiceShape>> {
    if item.as_text().is_some() {
        let shapes = [("constant", ServiceShape::Constant), ("exponential", ServiceShape::Exponential)];
        return item.choice(&shapes);
    }
    let help = "write \"constant\", \"exponential\" or { lognormal = { sigma = 0.8 } }";
    let [lognormal] = fields(item, ["lognormal"], help)?;
    let [sigma] = fields(&lognormal?, ["sigma"], help)?;
    let sigma = distribution::sigma(&sigma?)?.value;
    let toml = format!("{{ lognormal = {{ sigma = {} }} }}", real_text(sigma));
    Read::new(ServiceShape::Lognormal { sigma }, toml)
}

fn clock(group: &mut Section<'_>) -> OrNoted<ClockConfig> {
    let mut section = group.section("clock");
    let time = |item: &Item<'_>| distribution::distribution(item, Variate::ClockOffset);
    let number = |item: &Item<'_>| distribution::distribution(item, Variate::ClockDrift);
    let offset_s = section.default("offset", "\"0s\"", time);
    let drift_ppm = section.default("drift_ppm", "0.0", number);
    let resolution = section.default("resolution", "\"1ns\"", Item::positive_duration);
    let discipline = section.default("discipline", DISCIPLINED, discipline);
    section.close();
    Ok(ClockConfig { offset_s: offset_s?, drift_ppm: drift_ppm?, resolution: resolution?, discipline: discipline? })
}

/// The longest poll interval of NTP, after which the clock is right.
const DISCIPLINED: &str = "{ every = \"1024s\", residual = \"0s\" }";

/// `"none"`, or how often a clock is corrected and how wrong it is then.
fn discipline(item: &Item<'_>) -> OrNoted<Read<Option<Discipline>>> {
    if item.is_text("none") {
        return Read::new(None, quoted("none"));
    }
    let help = format!("write \"none\", or {DISCIPLINED}");
    let [every, residual] = optional_fields(item, ["every", "residual"], &help)?;
    let every = every.ok_or_else(|| lacks(item, &["every"], &help))?.positive_duration();
    let residual = match residual {
        Some(residual) => distribution::distribution(&residual, Variate::ClockOffset),
        None => Read::new(Distribution::Constant(0.0), "\"0s\""),
    };
    let (every, residual) = (every?, residual?);
    let toml = format!("{{ every = {}, residual = {} }}", every.toml, residual.toml);
    Read::new(Some(Discipline { every: every.value, residual_s: residual.value }), toml)
}

/// When the instances of a group join and leave.
fn joins(group: &mut Section<'_>, count: OrNoted<u32>) -> OrNoted<ChurnConfig> {
    let mut section = group.section("joins");
    let most = count.unwrap_or(MOST_INSTANCES);
    let present = section.required("present", "0", |item| item.whole_u32(0, most));
    let from = section.default("from", "\"0s\"", Item::duration);
    let until = section.required("until", "\"30d\"", Item::duration);
    let time = |item: &Item<'_>| distribution::distribution(item, Variate::Time);
    let stays = section.optional("stays", time);
    let path = section.path();
    section.close();
    let (from, until) = (from?, until?);
    if until < from {
        let what = format!("`{path}.until` = {until} comes before `{path}.from` = {from}");
        let context = group.context();
        let label = (context.spot(&format!("{path}.until")), "before the beginning".to_owned());
        let help = "let the last instance join after the first one";
        return Err(context.report(Problem::Contradiction { what }, vec![label], help));
    }
    Ok(ChurnConfig { present: present?, from, until, stays_s: stays? })
}
