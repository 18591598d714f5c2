//! The readers of the sections, one file for each.

use std::collections::BTreeMap;

use super::context::{Context, Noted, OrNoted};
use super::error::Problem;
use super::item::Item;
use super::names::{Known, Names};
use super::tree::Node;
use crate::model::config::MarketConfig;

pub(super) mod connectors;
mod contradictions;
mod edges;
pub(super) mod faults;
pub(super) mod general;
pub(super) mod groups;
pub(super) mod instruments;
pub(super) mod network;
pub(super) mod peerings;
mod prices;
pub(super) mod protocol;
pub(super) mod visits;

fn not_a_table(context: &Context<'_>, path: &str, node: &Node) -> Noted {
    let item = Item::new(context, path, node);
    let help = match path {
        "group" => "write a table for each group, with a header such as [group.client]",
        "connector" => "write a table for each connector, with a header such as [connector.yahoo]",
        "fault" => "write a table for each fault, with a header such as [fault.hub-down]",
        "market" => "write a table for each market, with a header such as [market.HOME]",
        _ => "write its keys below a header in brackets",
    };
    item.wrong_kind("a table", help)
}

/// In the tables of results, this stands for the whole network.
const WHOLE_NETWORK: &str = "all";

/// Notes a name that could not stand in tables, paths and file names alike.
fn check_name(context: &Context<'_>, table: &str, name: &str) -> OrNoted<()> {
    if name == WHOLE_NETWORK {
        let reason = "stands for the whole network in results".to_owned();
        let problem = Problem::BadName { name: name.to_owned(), reason };
        return Err(context.report_at(&format!("{table}.{name}"), problem, "named here", "choose another name"));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.len() <= 60 && name.chars().all(allowed) {
        return Ok(());
    }
    let problem = Problem::BadName { name: name.to_owned(), reason: "cannot be a name".to_owned() };
    let help = "begin with a letter; use letters, digits, hyphens and underscores, at most 60";
    Err(context.report_at(&format!("{table}.{name}"), problem, "named here", help))
}

fn market_names<'n>(known: &'n Known<'n>) -> Names<'n> {
    Names { kind: "market", table: "market", example: "XSWX", aliases: &[], known }
}

/// The index of a market in `markets`, which are sorted by name.
fn market_index(name: &str, markets: &[MarketConfig]) -> Option<usize> {
    markets.binary_search_by(|market| market.mic.as_str().cmp(name)).ok()
}

/// Numbers by market, with the index of the market.
fn indexed(numbers: &BTreeMap<String, f64>, markets: &[MarketConfig]) -> Vec<(usize, f64)> {
    let with_index = |(name, number): (&String, &f64)| Some((market_index(name, markets)?, *number));
    numbers.iter().filter_map(with_index).collect()
}
