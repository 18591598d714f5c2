//! The summary for machines: every estimate, as one JSON object.

use serde::Serialize;

use crate::record::{Absence, RunRecord, SCHEMA_VERSION};

use crate::time::SimDuration;

use super::answer::{absences_of, answer};
use super::observations::{CONFIDENCE, Observations, Series};

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
    estimates: Vec<EstimateOf<'a>>,
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
struct EstimateOf<'a> {
    measure: &'a str,
    subject: &'a str,
    variant: &'a str,
    unit: &'a str,
    mean: Option<f64>,
    half_width: Option<f64>,
    standard_deviation: Option<f64>,
    count: usize,
}

impl<'a> EstimateOf<'a> {
    fn of(series: &'a Series) -> Self {
        let estimate = series.estimate();
        Self {
            measure: series.measure.name,
            subject: &series.subject,
            variant: series.variant.name(),
            unit: series.unit(),
            mean: estimate.map(|estimate| estimate.mean),
            half_width: estimate.and_then(|estimate| estimate.half_width),
            standard_deviation: estimate.and_then(|estimate| estimate.standard_deviation),
            count: estimate.map_or(0, |estimate| estimate.count),
        }
    }
}

/// The numbers of `summary.csv` with what a reader needs to place them, as indented JSON with a final line break.
#[must_use]
pub(super) fn summary_json(record: &RunRecord, observations: &Observations) -> String {
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
        saturated: !observations.saturated_subjects().is_empty(),
        saturated_servers: observations.saturated(),
        overloaded: observations.is_overloaded(),
        absences: absences_of(record, observations),
        estimates: observations.iter().map(EstimateOf::of).collect(),
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
        let observations = Observations::of(&record);
        let json: serde_json::Value = serde_json::from_str(&summary_json(&record, &observations)).expect("JSON");
        let estimates = json["estimates"].as_array().expect("a list");
        assert_eq!(estimates.len(), observations.iter().count());
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
            serde_json::from_str(&summary_json(&record, &Observations::of(&record))).expect("JSON");
        let mut estimates = json["estimates"].as_array().expect("a list").iter();
        assert!(estimates.all(|each| each["half_width"].is_null()));
    }
}
