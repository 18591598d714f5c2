//! The summary for machines: every estimate, as one JSON object.

use serde::Serialize;

use crate::inference::{CONFIDENCE, Observations, Quantity};
use crate::record::{Absence, RunRecord, SCHEMA_VERSION};
use crate::time::SimDuration;

use super::answer::{absences_of, answer};
use super::runs::variant;
use super::text::is_saturated;

#[derive(Serialize)]
struct Summary<'a> {
    schema_version: u32,
    tool_version: &'a str,
    scenario: &'a str,
    question: &'a str,
    answer: String,
    gtnet: bool,
    seed: u64,
    replications: usize,
    confidence: f64,
    measured_from: String,
    freshness_threshold_s: Option<f64>,
    census: CensusCounts,
    /// Whether the queue of some server is never worked off.
    saturated: bool,
    saturated_servers: Vec<String>,
    /// Whether too many visits are unfinished, so that totals are incomplete.
    overloaded: bool,
    /// What has not happened in the measured period, and why.
    absences: Vec<Absence>,
    estimates: Vec<EstimateOf>,
}

#[derive(Serialize)]
struct CensusCounts {
    instances: u32,
    with_users: u32,
    push_open: u32,
    open: u32,
    users: u32,
}

/// `null` where a number cannot be known: no half-width from one replication, no quantile from few values.
#[derive(Serialize)]
struct EstimateOf {
    measure: &'static str,
    subject: String,
    variant: &'static str,
    unit: &'static str,
    mean: Option<f64>,
    half_width: Option<f64>,
    standard_deviation: Option<f64>,
    count: usize,
}

impl EstimateOf {
    fn of(quantity: &Quantity, observations: &Observations<'_>) -> Self {
        let estimate = quantity.answer(observations).counted();
        Self {
            measure: quantity.measure.name,
            subject: quantity.subject.name().to_owned(),
            variant: variant(quantity.contrast),
            unit: quantity.unit().symbol(),
            mean: estimate.map(|estimate| estimate.mean),
            half_width: estimate.and_then(|estimate| estimate.half_width),
            standard_deviation: estimate.and_then(|estimate| estimate.standard_deviation),
            count: estimate.map_or(0, |estimate| estimate.count),
        }
    }
}

/// The numbers of `summary.csv` with what a reader needs to place them, as indented JSON with a final line break.
#[must_use]
pub(super) fn summary_json(record: &RunRecord, observations: &Observations<'_>) -> String {
    let summary = Summary {
        schema_version: SCHEMA_VERSION,
        tool_version: &record.version,
        scenario: &record.name,
        question: &record.question,
        answer: answer(record, observations),
        gtnet: record.gtnet,
        seed: record.seed,
        replications: record.replications.len(),
        confidence: CONFIDENCE,
        measured_from: record.measured_from.to_string(),
        freshness_threshold_s: record.freshness_threshold.map(SimDuration::as_secs_f64),
        census: CensusCounts {
            instances: record.census.instances,
            with_users: record.census.with_users,
            push_open: record.census.push_open,
            open: record.census.open,
            users: record.census.users,
        },
        saturated: is_saturated(observations),
        saturated_servers: observations.saturated().map(|server| server.name().to_owned()).collect(),
        overloaded: observations.is_overloaded(),
        absences: absences_of(record, observations),
        estimates: observations.quantities().map(|quantity| EstimateOf::of(&quantity, observations)).collect(),
    };
    let mut text = serde_json::to_string_pretty(&summary).expect("numbers and strings always serialise");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::support::RecordBuilder;

    #[test]
    fn it_has_the_numbers_of_the_summary_table() {
        let record = RecordBuilder::new().build();
        let observations = Observations::of_run(&record);
        let json: serde_json::Value = serde_json::from_str(&summary_json(&record, &observations)).expect("JSON");
        let estimates = json["estimates"].as_array().expect("a list");
        assert_eq!(estimates.len(), observations.quantities().count());
        let saving = estimates
            .iter()
            .find(|each| {
                each["measure"] == "connector_calls" && each["variant"] == "saving" && each["subject"] == "all"
            })
            .expect("the saving");
        assert_eq!(saving["unit"], "share");
        assert!(saving["half_width"].as_f64().is_some_and(|half_width| half_width > 0.0));
    }

    #[test]
    fn one_replication_has_no_half_width() {
        let record = RecordBuilder::new().replications(1).build();
        let json: serde_json::Value =
            serde_json::from_str(&summary_json(&record, &Observations::of_run(&record))).expect("JSON");
        let mut estimates = json["estimates"].as_array().expect("a list").iter();
        assert!(estimates.all(|each| each["half_width"].is_null()));
    }
}
