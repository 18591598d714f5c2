//! What a collector has to know of prices: which key each instance calls with, and what the servers of `GTNet` cost.

use crate::metrics::{CallPlan, KeyLayout, PriceLayout};
use crate::model::Blueprint;
use crate::model::config::{ConnectorConfig, PlanConfig, RateScope};

/// The prices of a world; `None` if nobody says what anything costs. Who shares a rate limit shares a key. A server costs what it does
/// only where it takes part in `GTNet`.
pub(super) fn price_layout(blueprint: &Blueprint) -> Option<PriceLayout> {
    let config = blueprint.config();
    let is_priced = config.connectors.iter().any(|connector| !connector.plans.is_empty())
        || config.groups.iter().any(|group| group.price.is_some());
    let plan = |PlanConfig { name, calls_per_day, calls_per_month, price, per_call }: &PlanConfig| CallPlan {
        name: name.clone(),
        calls_per_day: *calls_per_day,
        calls_per_month: *calls_per_month,
        price: *price,
        per_call: *per_call,
    };
    let provider = |connector: &ConnectorConfig| {
        let scope = connector.rate_limit.as_ref().map_or(RateScope::Instance, |limit| limit.scope);
        let key = |(instance, group): (u32, usize)| match scope {
            RateScope::Instance => instance,
            RateScope::Group => u32::try_from(group).expect("few groups"),
            RateScope::Shared => 0,
        };
        let groups = (0_u32..).zip(blueprint.instances().iter().map(|info| info.group));
        let keys = groups.map(key).collect();
        let plans = connector.plans.iter().map(plan).collect();
        (!connector.plans.is_empty()).then_some(KeyLayout { plans, keys })
    };
    let servers = config.groups.iter().filter(|group| group.gtnet);
    is_priced.then(|| PriceLayout {
        providers: config.connectors.iter().map(provider).collect(),
        servers: servers.map(|group| f64::from(group.count) * group.price.unwrap_or(0.0)).sum(),
    })
}
