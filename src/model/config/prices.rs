//! What providers and servers cost. The world takes no notice of it: prices decide only what is said of a run.

/// A plan of a data provider: what a key may call, and what that costs. Amounts are of a currency that the scenario's author has in
/// mind.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanConfig {
    /// Name in scenario and results; unique among the plans of the provider.
    pub name: String,
    /// Calls that are included each day.
    pub calls_per_day: Option<u32>,
    /// Calls that are included each month; with neither limit, as many as one likes.
    pub calls_per_month: Option<u32>,
    /// Price of a key \[1/month\]; 0 or more.
    pub price: f64,
    /// Price of a call beyond those that are included; `None`: there is none beyond. 0 or more.
    pub per_call: Option<f64>,
}
