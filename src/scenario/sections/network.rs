//! `[network]` and `[country_rtt]`.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::config::{CountryRtt, NetworkConfig, RttConfig, ShiftedLognormal};
use crate::scenario::context::{Context, OrNoted};
use crate::scenario::data::{self, DataRow};
use crate::scenario::distribution::{seconds, sigma};
use crate::scenario::error::Problem;
use crate::scenario::fields::{fields, optional_fields};
use crate::scenario::item::{Item, Read};
use crate::scenario::names::Known;
use crate::scenario::section::Section;
use crate::scenario::tree::{Node, Value};
use crate::time::SimDuration;

/// Round-trip times by pair of countries: the scenario's own and those of the data.
pub(in crate::scenario) struct RttBook<'a> {
    own: Option<&'a Node>,
    rows: BTreeMap<String, DataRow>,
    countries: BTreeSet<String>,
}

impl<'a> RttBook<'a> {
    pub(in crate::scenario) fn open(context: &Context<'a>, node: Option<&'a Node>) -> Self {
        let data::Facts { rows, incomplete } = data::load(context, &data::COUNTRY_RTT);
        if let Some(noted) = incomplete {
            context.give_up("country_rtt", noted);
        }
        let mut countries = BTreeSet::new();
        let mut add = |pair: &str| countries.extend(pair.split('-').map(str::to_owned));
        for pair in rows.keys() {
            add(pair);
        }
        let mut own = node;
        match node.map(|node| (node, &node.value)) {
            Some((_, Value::Table(table))) => {
                for entry in table.entries() {
                    if is_pair(&entry.key) {
                        add(&entry.key);
                    } else {
                        let problem = Problem::BadName {
                            name: entry.key.clone(),
                            reason: "is not a pair of countries in alphabetical order".to_owned(),
                        };
                        let label = (entry.key_origin.spot.clone(), "named here".to_owned());
                        let help = "write two country codes in alphabetical order, such as AT-CH";
                        context.give_up("country_rtt", context.report(problem, vec![label], help));
                    }
                }
            }
            Some((node, _)) => {
                context.give_up("country_rtt", super::not_a_table(context, "country_rtt", node));
                own = None;
            }
            None => {}
        }
        Self { own, rows, countries }
    }

    /// The countries in it.
    pub(in crate::scenario) fn known(&self) -> Known<'_> {
        Known::of(self.countries.iter().map(String::as_str))
    }

    /// The pairs between the countries that are `used`, and the scenario's own ones, sorted.
    pub(in crate::scenario) fn read(&self, context: &Context<'a>, used: &BTreeSet<String>) -> OrNoted<Vec<CountryRtt>> {
        let mut section = Section::open(context, "country_rtt", self.own);
        let mut wanted = BTreeSet::new();
        for (index, first) in used.iter().enumerate() {
            wanted.extend(used.iter().skip(index).map(|second| (first.clone(), second.clone())));
        }
        for entry in self.own.and_then(Node::table).iter().flat_map(|table| table.entries()) {
            match entry.key.split_once('-').filter(|_| is_pair(&entry.key)) {
                Some((first, second)) => _ = wanted.insert((first.to_owned(), second.to_owned())),
                // Reported when the book was opened.
                None => _ = section.node(&entry.key),
            }
        }
        let mut pairs = Vec::new();
        let mut all = Ok(());
        for countries in wanted {
            let key = format!("{}-{}", countries.0, countries.1);
            let fact = self.rows.get(&key).and_then(|row| Some((pair_toml(row)?, row)));
            if fact.is_none() && !section.has(&key) {
                all = Err(context.given_up("country_rtt").unwrap_or_else(|| {
                    let help = format!("add [country_rtt] with {key} = {MOMENTS}");
                    let problem = Problem::UnknownPair { pair: format!("{} and {}", countries.0, countries.1) };
                    context.report(problem, Vec::new(), help)
                }));
                continue;
            }
            match section.row_or_required(&key, fact, "", moments) {
                Ok(rtt) => pairs.push(CountryRtt { countries, rtt }),
                Err(noted) => all = Err(noted),
            }
        }
        section.close();
        all.map(|()| pairs)
    }
}

fn is_pair(key: &str) -> bool {
    let is_country = |code: &str| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    key.split_once('-').is_some_and(|(a, b)| is_country(a) && is_country(b) && a <= b)
}

fn pair_toml(row: &DataRow) -> Option<String> {
    let (mean, sd, least) =
        (row.toml("rtt_mean_ms", "ms")?, row.toml("rtt_sd_ms", "ms")?, row.toml("rtt_min_ms", "ms")?);
    Some(format!("{{ mean = {mean}, sd = {sd}, minimum = {least} }}"))
}

const MOMENTS: &str = "{ mean = \"40ms\", sd = \"30ms\", minimum = \"1ms\" }";

/// A distribution from its mean, standard deviation and minimum.
fn moments(item: &Item<'_>) -> OrNoted<Read<ShiftedLognormal>> {
    let [mean, sd, minimum] = fields(item, ["mean", "sd", "minimum"], &format!("write {MOMENTS}"))?;
    let read = |field: OrNoted<Item<'_>>| seconds(&field?);
    let (mean, sd, minimum) = (read(mean), read(sd), read(minimum));
    let (mean, sd, minimum) = (mean?, sd?, minimum?);
    if minimum.value > mean.value {
        let help = format!("the mean counts the minimum; write such as {MOMENTS}");
        return Err(item.out_of_range(minimum.toml, "a minimum that is not longer than the mean", help));
    }
    Read::new(
        ShiftedLognormal::from_moments(mean.value, sd.value, minimum.value),
        format!("{{ mean = {}, sd = {}, minimum = {} }}", mean.toml, sd.toml, minimum.toml),
    )
}

/// `[network]`; round-trip times by country are filled in once the countries are known.
pub(in crate::scenario) struct Network {
    /// `None`: by country.
    pub(in crate::scenario) rtt: Option<ShiftedLognormal>,
    pair_share: f64,
    loss: f64,
    connection_setup_rtts: u32,
    timeout: SimDuration,
    message_base_bytes: u64,
    message_instrument_bytes: u64,
    history_days: u32,
}

impl Network {
    pub(in crate::scenario) fn with_countries(&self, pairs: Vec<CountryRtt>) -> NetworkConfig {
        NetworkConfig {
            rtt: self.rtt.map_or(RttConfig::Country(pairs), RttConfig::Anywhere),
            pair_share: self.pair_share,
            loss: self.loss,
            connection_setup_rtts: self.connection_setup_rtts,
            timeout: self.timeout,
            message_base_bytes: self.message_base_bytes,
            message_instrument_bytes: self.message_instrument_bytes,
            history_days: self.history_days,
        }
    }
}

pub(in crate::scenario) fn network(context: &Context<'_>, node: Option<&Node>) -> OrNoted<Network> {
    let mut section = Section::open(context, "network", node);
    let rtt = section.default("rtt", "\"country\"", rtt);
    let pair_share = section.default("pair_share", "0.8", Item::share);
    let loss = section.default("loss", "0.0", Item::share);
    let connection_setup_rtts = section.default("connection_setup_rtts", "2", |item| item.whole_u32(0, 100));
    let timeout = section.default("timeout", "\"30s\"", Item::positive_wait);
    let message_base_bytes = section.default("message_base", "\"400B\"", Item::size);
    let message_instrument_bytes = section.default("message_per_instrument", "\"150B\"", Item::size);
    let history_days = section.default("history_days", "1", |item| item.whole_u32(1, 10_000));
    section.close();
    Ok(Network {
        rtt: rtt?,
        pair_share: pair_share?,
        loss: loss?,
        connection_setup_rtts: connection_setup_rtts?,
        timeout: timeout?,
        message_base_bytes: message_base_bytes?,
        message_instrument_bytes: message_instrument_bytes?,
        history_days: history_days?,
    })
}

/// Round-trip times: `None` is by country.
fn rtt(item: &Item<'_>) -> OrNoted<Read<Option<ShiftedLognormal>>> {
    if item.as_text().is_some() {
        return item.choice(&[("country", None)]);
    }
    let help = "write \"country\", { median = \"40ms\", sigma = 0.5 } or { constant = \"40ms\" }";
    let Some(entries) = item.entries() else {
        return Err(item.wrong_kind("\"country\" or a distribution", help));
    };
    if let [(key, constant)] = entries.as_slice()
        && key == "constant"
    {
        let Read { value, toml } = seconds(constant)?;
        let rtt = ShiftedLognormal { minimum_s: value, median_s: 0.0, sigma: 0.0 };
        return Read::new(Some(rtt), format!("{{ constant = {toml} }}"));
    }
    let [median, deviation, minimum] = optional_fields(item, ["median", "sigma", "minimum"], help)?;
    let minimum = minimum.map_or_else(|| Read::new(0.0, "\"0s\""), |minimum| seconds(&minimum));
    let (Some(median), Some(deviation)) = (median, deviation) else {
        return Err(item.wrong_kind("a table with `median` and `sigma`, or with `constant`", help));
    };
    let (median, sigma, minimum) = (seconds(&median), sigma(&deviation), minimum?);
    let (median, sigma) = (median?, sigma?);
    if minimum.value >= median.value {
        let help = "the median counts the minimum; for a constant, write { constant = \"40ms\" }";
        return Err(item.out_of_range(minimum.toml, "a minimum shorter than the median", help));
    }
    let rtt = ShiftedLognormal { minimum_s: minimum.value, median_s: median.value - minimum.value, sigma: sigma.value };
    let toml = format!("{{ median = {}, sigma = {}, minimum = {} }}", median.toml, sigma.toml, minimum.toml);
    Read::new(Some(rtt), toml)
}
