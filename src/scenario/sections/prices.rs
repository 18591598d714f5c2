//! `[connector.ID.plan.NAME]`, and prices in general.

use crate::model::config::PlanConfig;
use crate::scenario::context::OrNoted;
use crate::scenario::item::{Item, Read};
use crate::scenario::range::Range;
use crate::scenario::section::Section;

/// More is no price of anything here.
const PRICES: Range = Range::from(0.0, 1e9);

/// A price in the currency of the scenario.
pub(super) fn price(item: &Item<'_>) -> OrNoted<Read<f64>> {
    item.real(PRICES)
}

/// The plans of the provider in `section`, in the order of the file.
pub(super) fn plans(section: &mut Section<'_>) -> OrNoted<Vec<PlanConfig>> {
    let Some(node) = section.node("plan") else { return Ok(Vec::new()) };
    let names: Vec<&str> = node.table().iter().flat_map(|table| table.keys()).collect();
    let mut plans = section.section("plan");
    let read: Vec<OrNoted<PlanConfig>> = names.into_iter().map(|name| plan(&mut plans, name)).collect();
    plans.close();
    read.into_iter().collect()
}

fn plan(plans: &mut Section<'_>, name: &str) -> OrNoted<PlanConfig> {
    let named = super::check_name(plans.context(), &plans.path(), name);
    let mut plan = plans.section(name);
    let count = |item: &Item<'_>| item.whole_u32(0, u32::MAX);
    let calls_per_day = plan.optional("calls_per_day", count);
    let calls_per_month = plan.optional("calls_per_month", count);
    let price_of_key = plan.default("price", "0.0", price);
    let per_call = plan.optional("per_call", price);
    plan.close();
    named?;
    Ok(PlanConfig {
        name: name.to_owned(),
        calls_per_day: calls_per_day?,
        calls_per_month: calls_per_month?,
        price: price_of_key?,
        per_call: per_call?,
    })
}
