//! What the calls of a run cost: each key takes the cheapest plan that allows for its calls. Calls are counted by key and day, and days
//! from the beginning of the measured period.

use serde::{Deserialize, Serialize};

use crate::time::{SimDuration, SimTime};

/// A month, as prices have it: the twelfth part of a year of 365.25 days.
pub const MONTH: SimDuration = SimDuration::from_secs(2_629_800);

const DAY: SimDuration = SimDuration::from_days(1);

/// What costs something, as a collector has to know it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PriceLayout {
    /// By provider: its plans and keys; `None` of a provider without plans.
    pub providers: Vec<Option<KeyLayout>>,
    /// What all servers of `GTNet` cost \[1/month\].
    pub servers: f64,
}

/// The plans and keys of a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyLayout {
    /// Its plans.
    pub plans: Vec<CallPlan>,
    /// By instance: the number of its key.
    pub keys: Vec<u32>,
}

/// A plan of a data provider.
#[derive(Clone, Debug, PartialEq)]
pub struct CallPlan {
    /// Its name.
    pub name: String,
    /// Calls that are included each day.
    pub calls_per_day: Option<u32>,
    /// Calls that are included each month.
    pub calls_per_month: Option<u32>,
    /// Price of a key \[1/month\].
    pub price: f64,
    /// Price of a call beyond those that are included; `None`: there is none beyond.
    pub per_call: Option<f64>,
}

/// What the calls of a run cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spending {
    /// Each plan of each provider, in the scenario's order.
    pub plans: Vec<PlanUse>,
    /// What all servers of `GTNet` cost \[1/month\].
    pub servers: f64,
    /// Calls in the period beyond what the free plans of their providers include.
    pub beyond_free: f64,
    /// Calls in the period that no plan of their provider allows.
    pub uncovered: f64,
    /// Keys that pay for their calls.
    pub keys_paying: u64,
}

/// How a plan is used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanUse {
    /// Name of the provider.
    pub provider: String,
    /// Name of the plan.
    pub plan: String,
    /// Keys that take it; those without calls take none.
    pub keys: u64,
    /// What they pay \[1/month\].
    pub cost: f64,
}

impl Spending {
    /// What all plans cost \[1/month\].
    #[must_use]
    pub fn of_plans(&self) -> f64 {
        self.plans.iter().map(|plan| plan.cost).sum()
    }
}

/// Counts the calls of each key.
#[derive(Clone, Debug)]
pub(super) struct CallCounter {
    layout: PriceLayout,
    from: SimTime,
    period: SimDuration,
    days: usize,
    /// By provider: calls by key and day, all days of a key behind each other.
    calls: Vec<Vec<u32>>,
}

impl CallCounter {
    /// A counter for a measured period.
    pub(super) fn new(layout: &PriceLayout, from: SimTime, until: SimTime) -> Self {
        let period = until.since(from);
        let days = usize::try_from(period.as_nanos().div_ceil(DAY.as_nanos())).expect("a run has few days").max(1);
        let count = |keys: &Option<KeyLayout>| {
            let keys = keys.as_ref().and_then(|of| of.keys.iter().max()).map_or(0, |last| *last as usize + 1);
            vec![0; keys * days]
        };
        Self { from, period, days, calls: layout.providers.iter().map(count).collect(), layout: layout.clone() }
    }

    /// A call for a visit that began at this time, in the measured period.
    pub(super) fn count(&mut self, provider: usize, instance: usize, began: SimTime) {
        let Some(layout) = &self.layout.providers[provider] else { return };
        let day = usize::try_from(began.since(self.from).as_nanos() / DAY.as_nanos()).expect("a run has few days");
        self.calls[provider][layout.keys[instance] as usize * self.days + day] += 1;
    }

    /// What it all costs; `names` are those of the providers.
    pub(super) fn finish<'n>(self, names: impl Iterator<Item = &'n str>) -> Spending {
        let months = self.period.as_secs_f64() / MONTH.as_secs_f64();
        let mut spending = Spending { servers: self.layout.servers, ..Spending::default() };
        for ((layout, calls), name) in self.layout.providers.iter().zip(&self.calls).zip(names) {
            let Some(layout) = layout else { continue };
            let first = spending.plans.len();
            spending.plans.extend(layout.plans.iter().map(|plan| PlanUse {
                provider: name.to_owned(),
                plan: plan.name.clone(),
                ..PlanUse::default()
            }));
            for key in calls.chunks(self.days).filter(|days| days.iter().any(|calls| *calls > 0)) {
                let total: f64 = key.iter().map(|calls| f64::from(*calls)).sum();
                let free = layout.plans.iter().filter(|plan| plan.price <= 0.0).map(|plan| plan.beyond(key, months));
                spending.beyond_free += free.fold(total, f64::min);
                let Some((chosen, uncovered, cost)) = chosen(&layout.plans, key, months) else { continue };
                spending.uncovered += uncovered;
                spending.keys_paying += u64::from(cost > 0.0);
                let of_plan = &mut spending.plans[first + chosen];
                of_plan.keys += 1;
                of_plan.cost += cost;
            }
        }
        spending
    }
}

impl CallPlan {
    /// The calls of a key beyond those that are included; of a month as many as belong to the period.
    fn beyond(&self, days: &[u32], months: f64) -> f64 {
        let by_day =
            self.calls_per_day.map_or(0, |most| days.iter().map(|calls| u64::from(calls.saturating_sub(most))).sum());
        let total: f64 = days.iter().map(|calls| f64::from(*calls)).sum();
        let by_month = self.calls_per_month.map_or(0.0, |most| (total - f64::from(most) * months).max(0.0));
        by_month.max(by_day as f64)
    }

    /// What a key with these calls pays \[1/month\], if the other days of the month are like those of the period.
    fn cost(&self, days: &[u32], months: f64) -> f64 {
        self.price + self.per_call.unwrap_or(0.0) * self.beyond(days, months) / months
    }
}

/// The plan of a key, how many of its calls that does not allow, and what it costs: the cheapest plan that allows for all, the first
/// of equals; if none does, the one that forbids fewest. `None` without plans.
fn chosen(plans: &[CallPlan], days: &[u32], months: f64) -> Option<(usize, f64, f64)> {
    let forbidden = |plan: &CallPlan| if plan.per_call.is_some() { 0.0 } else { plan.beyond(days, months) };
    let rated = plans.iter().enumerate().map(|(at, plan)| (at, forbidden(plan), plan.cost(days, months)));
    rated.min_by(|one, other| one.1.total_cmp(&other.1).then(one.2.total_cmp(&other.2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(name: &str, per_day: Option<u32>, per_month: Option<u32>, price: f64, per_call: Option<f64>) -> CallPlan {
        CallPlan { name: name.to_owned(), calls_per_day: per_day, calls_per_month: per_month, price, per_call }
    }

    /// Two days, two keys of the first provider: one that calls 10 and 30 times, one that never calls.
    fn spent(plans: Vec<CallPlan>) -> Spending {
        let layout = PriceLayout { providers: vec![Some(KeyLayout { plans, keys: vec![0, 1] }), None], servers: 7.0 };
        let from = SimTime::START + DAY;
        let mut counter = CallCounter::new(&layout, from, from + DAY + DAY);
        (0..10).for_each(|_| counter.count(0, 0, from));
        (0..30).for_each(|_| counter.count(0, 0, from + DAY));
        counter.count(1, 1, from);
        counter.finish(["yahoo", "six"].into_iter())
    }

    fn told(spending: &Spending) -> Vec<(&str, u64)> {
        spending.plans.iter().map(|of| (of.plan.as_str(), of.keys)).collect()
    }

    #[test]
    fn a_key_takes_the_cheapest_plan_that_allows_for_its_calls() {
        let free = || plan("free", Some(20), None, 0.0, None);
        let basic = || plan("basic", Some(30), None, 9.0, None);
        let spending = spent(vec![free(), basic(), plan("pro", None, None, 30.0, None)]);
        assert_eq!(told(&spending), [("free", 0), ("basic", 1), ("pro", 0)], "a key without calls takes none");
        assert_eq!((spending.of_plans(), spending.servers, spending.keys_paying), (9.0, 7.0, 1));
        assert_eq!((spending.beyond_free, spending.uncovered), (10.0, 0.0));
        let enough = spent(vec![plan("free", Some(30), None, 0.0, None), basic()]);
        assert_eq!((told(&enough), enough.keys_paying), (vec![("free", 1), ("basic", 0)], 0));
    }

    /// Two days are 48 / 730.5 months: of 300 calls a month 19.71 belong to them, and 20.29 of 40 are beyond.
    #[test]
    fn calls_beyond_a_plan_are_bought_or_forbidden() {
        let months = 48.0 / 730.5;
        let beyond = 40.0 - 300.0 * months;
        let bought = spent(vec![plan("metered", None, Some(300), 2.0, Some(0.5))]);
        assert!((bought.of_plans() - (2.0 + 0.5 * beyond / months)).abs() < 1e-9, "{bought:?}");
        let metered = spent(vec![plan("pay as you go", None, Some(300), 0.0, Some(0.5))]);
        assert!((metered.beyond_free - beyond).abs() < 1e-9 && metered.keys_paying == 1, "{metered:?}");
        assert_eq!((bought.uncovered, bought.beyond_free), (0.0, 40.0), "nothing is free");
        let forbidden = spent(vec![plan("free", Some(5), None, 0.0, None), plan("small", None, Some(300), 1.0, None)]);
        assert_eq!(told(&forbidden), [("free", 0), ("small", 1)], "it forbids fewer");
        assert!(
            (forbidden.uncovered - beyond).abs() < 1e-9 && (forbidden.beyond_free - 30.0).abs() < 1e-9,
            "{forbidden:?}"
        );
    }

    #[test]
    fn a_key_that_is_shared_pays_once() {
        let plans = vec![plan("free", Some(5), None, 0.0, None), plan("basic", None, None, 9.0, None)];
        let cost = |keys: Vec<u32>| {
            let layout = PriceLayout { providers: vec![Some(KeyLayout { plans: plans.clone(), keys })], servers: 0.0 };
            let mut counter = CallCounter::new(&layout, SimTime::START, SimTime::START + DAY);
            (0..3).for_each(|instance| (0..6).for_each(|_| counter.count(0, instance, SimTime::START)));
            counter.finish(std::iter::once("yahoo")).of_plans()
        };
        assert_eq!((cost(vec![0, 1, 2]), cost(vec![0; 3])), (27.0, 9.0));
    }
}
