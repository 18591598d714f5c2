//! `[instruments]` and `[market.NAME]`.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::config::{InstrumentsConfig, MarketConfig};
use crate::scenario::context::{Context, OrNoted};
use crate::scenario::data::{self, DataRow};
use crate::scenario::error::Problem;
use crate::scenario::fields::fields;
use crate::scenario::item::{Item, Read, quoted, real_text};
use crate::scenario::limits::MOST_INSTRUMENTS;
use crate::scenario::names::Known;
use crate::scenario::range::Range;
use crate::scenario::section::Section;
use crate::scenario::suggest;
use crate::scenario::tree::{Node, Value};
use crate::scenario::units;
use crate::time::civil::{DailyHours, Zone};

/// The markets that a scenario may name: its own and those of the data.
pub(in crate::scenario) struct MarketBook<'a> {
    own: BTreeMap<String, &'a Node>,
    rows: BTreeMap<String, DataRow>,
    names: Vec<String>,
}

impl<'a> MarketBook<'a> {
    pub(in crate::scenario) fn open(context: &Context<'a>, node: Option<&'a Node>) -> Self {
        let mut own = BTreeMap::new();
        match node.map(|node| (node, &node.value)) {
            Some((_, Value::Table(table))) => {
                own.extend(table.entries().iter().map(|entry| (entry.key.clone(), &entry.node)));
            }
            Some((node, _)) => {
                context.give_up("market", super::not_a_table(context, "market", node));
            }
            None => {}
        }
        let data::Facts { rows, incomplete } = data::load(context, &data::MARKETS);
        if let Some(noted) = incomplete {
            context.give_up("market", noted);
        }
        let names: BTreeSet<String> = own.keys().chain(rows.keys()).cloned().collect();
        Self { own, rows, names: names.into_iter().collect() }
    }

    /// Their names.
    pub(in crate::scenario) fn known(&self) -> Known<'_> {
        Known::of(self.names.iter().map(String::as_str))
    }

    /// The markets that are `used` or the scenario's own, sorted by name.
    pub(in crate::scenario) fn read(
        &self,
        context: &Context<'a>,
        used: &BTreeSet<String>,
    ) -> OrNoted<Vec<MarketConfig>> {
        let wanted = used.iter().chain(self.own.keys()).collect::<BTreeSet<_>>();
        let markets: Vec<_> = wanted.into_iter().map(|name| self.market(context, name)).collect();
        markets.into_iter().collect()
    }

    fn market(&self, context: &Context<'a>, name: &str) -> OrNoted<MarketConfig> {
        let own = self.own.get(name).copied();
        let row = self.rows.get(name);
        let without_facts = context.given_up("market");
        let mut section = Section::open(context, format!("market.{name}"), own).without_facts(without_facts);
        let zone = section.row_or_required("time_zone", fact(row, "time_zone"), "\"Europe/Zurich\"", time_zone);
        let open = section.row_or_required("open", fact(row, "open"), "\"09:00\"", time_of_day);
        let close = section.row_or_required("close", fact(row, "close"), "\"17:30\"", time_of_day);
        let break_start = section.row_or_default("break_start", fact(row, "break_start"), "\"none\"", pause);
        let break_end = section.row_or_default("break_end", fact(row, "break_end"), "\"none\"", pause);
        section.close_among(self.names.iter().map(String::as_str));
        let named = super::check_name(context, "market", name);
        let hours = hours(context, name, (open?, close?), (break_start?, break_end?));
        named?;
        Ok(MarketConfig { mic: name.to_owned(), zone: zone?, hours: hours? })
    }
}

fn fact<'r>(row: Option<&'r DataRow>, column: &str) -> Option<(String, &'r DataRow)> {
    let row = row?;
    Some((row.toml(column, "")?, row))
}

/// A time zone by its IANA name.
pub(in crate::scenario) fn time_zone(item: &Item<'_>) -> OrNoted<Read<Zone>> {
    let name = item.text()?;
    let Ok(zone) = Zone::named(&name.value) else {
        let problem = Problem::UnknownName { path: item.path.clone(), kind: "time zone", name: name.value.clone() };
        let known: Vec<String> = jiff::tz::db().available().map(|zone| zone.to_string()).collect();
        let is_abbreviation = name.value.len() <= 5 && name.value.bytes().all(|byte| byte.is_ascii_uppercase());
        let help = match suggest::nearest(&name.value, known.iter().map(String::as_str)) {
            // One of summer time is near to one of winter time, and neither says when the clocks change.
            _ if is_abbreviation => {
                "an abbreviation is no time zone: write the IANA name of one, such as \"Europe/Zurich\""
            }
            Some(zone) => &format!("did you mean `{zone}`?"),
            None => "write its IANA name, such as \"Europe/Zurich\" or \"UTC\"",
        };
        return Err(item.report(problem, "unknown time zone", help));
    };
    let toml = quoted(zone.name());
    Read::new(zone, toml)
}

/// Minutes since midnight, from a text or from a TOML time.
fn time_of_day(item: &Item<'_>) -> OrNoted<Read<u16>> {
    let text = match &item.node.value {
        Value::Date(time) => time.clone(),
        _ => item.text()?.value,
    };
    // Programs that write tables add seconds to every time of day.
    let minutes = text.strip_suffix(":00").filter(|minutes| minutes.len() == "09:30".len()).unwrap_or(&text);
    let Some(minute) = units::minute_of_day(minutes) else {
        let help = "write it such as \"09:30\", in whole minutes; \"24:00\" is midnight";
        return Err(item.not_understood(&text, "a time of day", help));
    };
    Read::new(minute, quoted(&units::minute_text(minute)))
}

/// A time of day, or `"none"`.
fn pause(item: &Item<'_>) -> OrNoted<Read<Option<u16>>> {
    if item.is_text("none") {
        return Read::new(None, quoted("none"));
    }
    Ok(time_of_day(item)?.map(Some))
}

/// The sessions of a day: one, or two with a break between them.
fn hours(
    context: &Context<'_>,
    market: &str,
    (open, close): (u16, u16),
    pause: (Option<u16>, Option<u16>),
) -> OrNoted<Vec<DailyHours>> {
    let path = format!("market.{market}");
    let refuse = |key: &str, what: String, help: &str| {
        let problem = Problem::Contradiction { what };
        context.report_at(&format!("{path}.{key}"), problem, "this cannot be", help)
    };
    if open >= close {
        let help = "a session lies within one local day; choose a time zone in which it does";
        return Err(refuse("close", format!("the market `{market}` closes before it opens"), help));
    }
    let session = |open_minute, close_minute| DailyHours { open_minute, close_minute };
    match pause {
        (None, None) => Ok(vec![session(open, close)]),
        (Some(start), Some(end)) if open < start && start < end && end < close => {
            Ok(vec![session(open, start), session(end, close)])
        }
        (Some(_), Some(_)) => {
            let help = "needed is open < break_start < break_end < close";
            Err(refuse(
                "break_start",
                format!("the break of the market `{market}` does not lie within its session"),
                help,
            ))
        }
        _ => {
            let help = "set both or neither (\"none\")";
            Err(refuse("break_start", format!("the break of the market `{market}` needs a start and an end"), help))
        }
    }
}

/// `[instruments]`, with markets by name.
pub(in crate::scenario) struct UnindexedInstruments {
    securities: u32,
    currency_pairs: u32,
    currency_pair_share: f64,
    zipf_exponent: f64,
    pub(in crate::scenario) markets: BTreeMap<String, f64>,
    currency_market: String,
    security_volatility: f64,
    currency_volatility: f64,
}

impl UnindexedInstruments {
    /// The number of instruments that a watchlist can choose from.
    pub(in crate::scenario) fn choosable(&self) -> u32 {
        self.indexed(&[]).choosable()
    }

    /// The markets on which instruments trade.
    pub(in crate::scenario) fn used_markets(&self) -> BTreeSet<String> {
        let securities = self.markets.keys().cloned();
        let pairs = (self.currency_pairs > 0).then(|| self.currency_market.clone());
        securities.chain(pairs).collect()
    }

    /// These instruments with indices into `markets` in place of names.
    pub(in crate::scenario) fn indexed(&self, markets: &[MarketConfig]) -> InstrumentsConfig {
        InstrumentsConfig {
            securities: self.securities,
            currency_pairs: self.currency_pairs,
            currency_pair_share: self.currency_pair_share,
            zipf_exponent: self.zipf_exponent,
            security_markets: super::indexed(&self.markets, markets),
            security_volatility: self.security_volatility,
            currency_volatility: self.currency_volatility,
            // Without currency pairs, nothing reads this.
            currency_market: super::market_index(&self.currency_market, markets).unwrap_or(0),
        }
    }
}

pub(in crate::scenario) fn instruments(
    context: &Context<'_>,
    node: Option<&Node>,
    book: &MarketBook<'_>,
) -> OrNoted<UnindexedInstruments> {
    let mut section = Section::open(context, "instruments", node);
    let securities = section.required("securities", "2000", |item| item.whole_u32(0, MOST_INSTRUMENTS));
    let currency_pairs = section.default("currency_pairs", "0", |item| item.whole_u32(0, MOST_INSTRUMENTS));
    let default_share = match (securities, currency_pairs) {
        (_, Ok(0)) => "0.0",
        (Ok(0), _) => "1.0",
        _ => "0.1",
    };
    let share = section.default("currency_pair_share", default_share, Item::share);
    let zipf_exponent = section.default("popularity", "{ zipf = 1.0 }", popularity);
    let names = book.known();
    let known = super::market_names(&names);
    let weights = |item: &Item<'_>| item.named_numbers(&known, Item::weight);
    let markets = match securities {
        Ok(0) if !section.has("markets") => Ok(BTreeMap::new()),
        _ => section.required("markets", "{ XSWX = 0.4, XETR = 0.6 }", weights),
    };
    let currency_market = section.default("currency_market", "\"FX\"", |item| {
        let name = item.text()?;
        known.check(item, &name.value).map(|_| name)
    });
    let volatility = |item: &Item<'_>| item.real(Range::from(0.0, 10.0));
    let security_volatility = section.default("volatility", "0.25", volatility);
    let currency_volatility = section.default("currency_volatility", "0.08", volatility);
    section.close();
    let instruments = UnindexedInstruments {
        securities: securities?,
        currency_pairs: currency_pairs?,
        currency_pair_share: share?,
        zipf_exponent: zipf_exponent?,
        markets: markets?,
        currency_market: currency_market?,
        security_volatility: security_volatility?,
        currency_volatility: currency_volatility?,
    };
    check(context, &instruments).map(|()| instruments)
}

fn check(context: &Context<'_>, instruments: &UnindexedInstruments) -> OrNoted<()> {
    let (securities, pairs) = (instruments.securities, instruments.currency_pairs);
    let share = instruments.currency_pair_share;
    if securities == 0 && pairs == 0 {
        let help = "set `securities` or `currency_pairs` to 1 or more";
        return Err(context.report_at("instruments.securities", Problem::NoInstruments, "none", help));
    }
    let (what, help) = if pairs == 0 && share > 0.0 {
        ("watchlists hold currency pairs, but there are none", "set `currency_pairs`, or the share to 0")
    } else if securities == 0 && share < 1.0 {
        ("watchlists hold securities, but there are none", "set `securities`, or the share to 1")
    } else {
        return Ok(());
    };
    let problem = Problem::Contradiction { what: what.to_owned() };
    Err(context.report_at("instruments.currency_pair_share", problem, "share of currency pairs", help))
}

/// The exponent of Zipf's law.
fn popularity(item: &Item<'_>) -> OrNoted<Read<f64>> {
    if item.as_text().is_some() {
        return item.choice(&[("uniform", 0.0)]);
    }
    let [zipf] = fields(item, ["zipf"], "write { zipf = 1.0 } or \"uniform\"")?;
    let exponent = zipf?.real(Range::from(0.0, 10.0))?;
    Read::new(exponent.value, format!("{{ zipf = {} }}", real_text(exponent.value)))
}
