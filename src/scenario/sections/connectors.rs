//! `[connector.ID]`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::prices;
use crate::model::config::{ConnectorConfig, MarketConfig, PlanConfig, RateLimit, RateScope, Stamp, WhenExceeded};
use crate::random::Distribution;
use crate::scenario::context::{Context, OrNoted};
use crate::scenario::data::{self, DataRow, Facts};
use crate::scenario::distribution::{self, Variate};
use crate::scenario::error::Problem;
use crate::scenario::item::{Item, Read, quoted};
use crate::scenario::names::Known;
use crate::scenario::range;
use crate::scenario::section::Section;
use crate::scenario::source::{Origin, ValueSource};
use crate::scenario::tree::{Node, TomlTable, Value};
use crate::scenario::units;
use crate::time::SimDuration;

/// Every instance chooses among all of them for each instrument, so that more would be a mistake.
const MOST_CONNECTORS: u64 = 1_000;

/// Calls of a rate: a bucket of more is no limit.
const MOST_REQUESTS: u32 = 1_000_000_000;

/// A connector as its section describes it: markets have names, not yet indices.
pub(in crate::scenario) struct UnindexedConnector {
    id: String,
    pub(in crate::scenario) serves: BTreeMap<String, f64>,
    weight: f64,
    delay: SimDuration,
    latency: Distribution,
    failure: f64,
    stamp: Stamp,
    rate_limit: Option<RateLimit>,
    plans: Vec<PlanConfig>,
}

impl UnindexedConnector {
    /// This connector with indices into `markets` in place of names.
    pub(in crate::scenario) fn indexed(&self, markets: &[MarketConfig]) -> ConnectorConfig {
        ConnectorConfig {
            id: self.id.clone(),
            serves: super::indexed(&self.serves, markets),
            weight: self.weight,
            delay: self.delay,
            latency: self.latency.clone(),
            failure: self.failure,
            stamp: self.stamp,
            rate_limit: self.rate_limit.clone(),
            plans: self.plans.clone(),
        }
    }
}

/// All connectors, in the order of the file.
pub(in crate::scenario) fn connectors(
    context: &Context<'_>,
    node: Option<&Node>,
    markets: &Known<'_>,
) -> Vec<OrNoted<UnindexedConnector>> {
    let facts = data::load(context, &data::CONNECTORS);
    let Some(node) = node else { return Vec::new() };
    let Value::Table(table) = &node.value else {
        return vec![Err(super::not_a_table(context, "connector", node))];
    };
    let (count, limit) = (table.entries().len() as u64, MOST_CONNECTORS);
    if count > limit {
        let problem = Problem::TooMany { what: "connectors", count, limit };
        return vec![Err(context.report_at(
            "connector",
            problem,
            "too many",
            "join those that are alike: one can serve several markets",
        ))];
    }
    let around = Around { facts: &facts, markets, table };
    table.entries().iter().map(|entry| connector(context, &entry.key, &entry.node, &around)).collect()
}

/// What a connector may refer to.
struct Around<'k> {
    facts: &'k Facts,
    markets: &'k Known<'k>,
    /// All connectors.
    table: &'k TomlTable,
}

fn connector(context: &Context<'_>, id: &str, node: &Node, around: &Around<'_>) -> OrNoted<UnindexedConnector> {
    let Around { facts, markets, table } = around;
    let row = facts.rows.get(id);
    let mut section = Section::open(context, format!("connector.{id}"), Some(node)).without_facts(facts.incomplete);
    let known = super::market_names(markets);
    let serves = section.required("serves", "{ XSWX = 0.5 }", |item| item.named_numbers(&known, Item::share));
    let weight = section.default("weight", "1.0", Item::weight);
    let delay = row.and_then(|row| Some((row.toml("intraday_delay_s", "s")?, row)));
    let delay = section.row_or_required("delay", delay, "\"15min\"", Item::wait);
    let latency = section.default("latency", "{ lognormal = { median = \"300ms\", sigma = 0.6 } }", |item| {
        distribution::distribution(item, Variate::Time)
    });
    let failure = section.default("failure", "0.01", Item::share);
    let stamp =
        section.default("stamp", "\"now\"", |item| item.choice(&[("now", Stamp::Now), ("trade", Stamp::Trade)]));
    let rate_limit = rate_limit(&mut section, row);
    let plans = prices::plans(&mut section);
    section.close_among(table.keys().chain(facts.rows.keys().map(String::as_str)));
    let named = super::check_name(context, "connector", id);
    let connector = UnindexedConnector {
        id: id.to_owned(),
        serves: serves?,
        weight: weight?,
        delay: delay?,
        latency: latency?,
        failure: failure?,
        stamp: stamp?,
        rate_limit: rate_limit?.0,
        plans: plans?,
    };
    named.map(|()| connector)
}

/// A limit, or none, that has been read.
struct Limit(Option<RateLimit>);

/// The limit: a table, the short form `8/min`, or `"none"`; by default that of the data.
fn rate_limit(section: &mut Section<'_>, row: Option<&DataRow>) -> OrNoted<Limit> {
    let default = Origin { source: ValueSource::Default, spot: None };
    let (text, origin) = match row.and_then(|row| Some((row, row_rate(row)?))) {
        Some((row, rate)) => (quoted(&rate), &row.origin),
        None => (quoted("none"), &default),
    };
    let written = match section.node("rate_limit") {
        Some(node) => Cow::Borrowed(node),
        None => Cow::Owned(Node::given(&text, origin)),
    };
    match &written.value {
        Value::Text(text) if text == "none" => {
            section.settle("rate_limit", written, |_| Read::new(Limit(None), quoted("none")))
        }
        Value::Text(_) => short_form(section, written),
        _ => long_form(section, written),
    }
}

fn row_rate(row: &DataRow) -> Option<String> {
    Some(format!("{}/{}s", row.field("rate_limit_requests")?, row.field("rate_limit_period_s")?))
}

/// `8/min`, with the defaults for everything else.
fn short_form<'a>(section: &mut Section<'a>, node: Cow<'a, Node>) -> OrNoted<Limit> {
    let mut limit = section.absent_section("rate_limit");
    let item = limit.as_item(node.clone());
    let (requests, per) = rate(&item)?;
    check_interval(&item, requests, per)?;
    limit.settle("requests", node.clone(), |_| Read::new((), requests.to_string()))?;
    limit.settle("per", node, |_| Read::new((), quoted(&per.to_string())))?;
    let (scope, when_exceeded, blocks_for) = details(&mut limit);
    Ok(Limit(Some(RateLimit { requests, per, scope: scope?, when_exceeded: when_exceeded?, blocks_for: blocks_for? })))
}

fn long_form<'a>(section: &mut Section<'a>, node: Cow<'a, Node>) -> OrNoted<Limit> {
    let mut limit = section.section("rate_limit");
    let item = limit.as_item(node);
    let requests = limit.required("requests", "360", |item| item.whole_u32(1, MOST_REQUESTS));
    let per = limit.required("per", "\"1h\"", Item::positive_duration);
    let (scope, when_exceeded, blocks_for) = details(&mut limit);
    limit.close();
    let (requests, per) = (requests?, per?);
    check_interval(&item, requests, per)?;
    Ok(Limit(Some(RateLimit { requests, per, scope: scope?, when_exceeded: when_exceeded?, blocks_for: blocks_for? })))
}

/// A rate, `8/min`: how many, and in what time [ns].
fn rate(item: &Item<'_>) -> OrNoted<(u32, SimDuration)> {
    let text = &item.text()?.value;
    let (requests, per) = match units::rate(text) {
        Ok(rate) => rate,
        Err(unfit) => {
            return Err(item.unfit(text, unfit, "a rate", "8/min", units::TIME));
        }
    };
    let none = "leave the key out, or write \"none\", to have no limit";
    if requests < 1 || per < 1 {
        return Err(item.out_of_range(text, "a rate greater than 0", none));
    }
    let number = u32::try_from(requests).ok().filter(|number| *number <= MOST_REQUESTS);
    let Some(number) = number else {
        let allowed = format!("at most {} calls", range::whole_words(u64::from(MOST_REQUESTS)));
        return Err(item.out_of_range(text, &allowed, none));
    };
    let per = u64::try_from(per).ok().map(SimDuration::from_nanos).filter(|per| *per <= SimDuration::LONGEST);
    let Some(per) = per else {
        let allowed = format!("calls in a time of at most {}", SimDuration::LONGEST);
        return Err(item.out_of_range(text, &allowed, "is the unit right? Units are ns, us, ms, s, min, h, d"));
    };
    Ok((number, per))
}

/// Notes a rate of more than one call in a nanosecond, the unit of simulated time: its tokens would take no time to come.
fn check_interval(item: &Item<'_>, requests: u32, per: SimDuration) -> OrNoted<()> {
    if u64::from(requests) <= per.as_nanos() {
        return Ok(());
    }
    let help = "check number and unit, or write rate_limit = \"none\" to have no limit";
    Err(item.out_of_range(format!("{requests} in {per}"), "at most one call in a nanosecond", help))
}

/// Who shares the bucket, what happens to a call that finds it empty, and for how long the provider then refuses all calls.
fn details(limit: &mut Section<'_>) -> (OrNoted<RateScope>, OrNoted<WhenExceeded>, OrNoted<Option<SimDuration>>) {
    let scopes = [("instance", RateScope::Instance), ("group", RateScope::Group), ("shared", RateScope::Shared)];
    let scope = limit.default("scope", "\"instance\"", |item| item.choice(&scopes));
    let reactions = [("fail", WhenExceeded::Fail), ("wait", WhenExceeded::Wait)];
    let when_exceeded = limit.default("when_exceeded", "\"wait\"", |item| item.choice(&reactions));
    let blocks_for = match when_exceeded {
        Ok(WhenExceeded::Wait) => limit.optional("blocks_for", idle_block).map(|_| None),
        _ => limit.default("blocks_for", "\"none\"", blocks_for),
    };
    (scope, when_exceeded, blocks_for)
}

/// A call that is held back exceeds nothing, so that nothing is blocked.
fn idle_block(item: &Item<'_>) -> OrNoted<Read<()>> {
    if item.is_text("none") {
        return Read::new((), quoted("none"));
    }
    let what = format!("`{}` has no effect: a call that has to wait is not refused", item.path);
    let help = "write when_exceeded = \"fail\", or leave blocks_for out";
    Err(item.report(Problem::Contradiction { what }, "without effect", help))
}

fn blocks_for(item: &Item<'_>) -> OrNoted<Read<Option<SimDuration>>> {
    if item.is_text("none") {
        return Read::new(None, quoted("none"));
    }
    Ok(item.positive_duration()?.map(Some))
}
