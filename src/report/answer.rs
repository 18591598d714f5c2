//! The answer to the scenario's question in one sentence, which follows from the numbers by a fixed rule.
//!
//! Compared with the same users without `GTNet`, it tells what changes for providers (connector calls) and for users
//! (age of prices at p95, median wait), and how busy the busiest push-open server is:
//!
//! 1. A change is told if the 95 % interval of its estimate, paired by replication, does not contain 0: savings with
//!    their interval, differences rounded to two digits. All others are "not distinguishable".
//! 2. One replication has no interval: its changes are told as those of one replication.
//! 3. Without comparison the numbers themselves are told.
//! 4. What has no mean is left out. A lower bound is told as such.
//! 5. What did not happen at all comes first; if nobody visited, nothing else is said.

use crate::inference::{Contrast, Observations, Subject};
use crate::measures::{self, MeasureId};
use crate::record::{Absence, RunRecord};
use crate::stats::Estimate;

use super::absences::absences;
use super::numbers::{capitalised, rough, told, with_interval};
use super::runs::spoken;

/// One sentence without line break.
#[must_use]
pub(super) fn answer(record: &RunRecord, observations: &Observations<'_>) -> String {
    let absent = absences_of(record, observations);
    if let Some(all) = absent.iter().find(|absence| absence.is_of_everything()) {
        return format!("Nothing was measured: {}.", all.told());
    }
    let mut clauses = if observations.is_compared() {
        changes(observations, record.replications.len() == 1)
    } else {
        levels(observations)
    };
    if observations.is_overloaded() {
        let shares = observations
            .runs()
            .filter_map(|run| observations.answer(measures::VISITS_UNFINISHED_SHARE, &Subject::Network, run).known());
        let most = shares.map(|estimate| estimate.mean).fold(0.0, f64::max);
        clauses.insert(0, format!("{} of the visits never end, so that little can be said", rough(most, "share")));
    }
    clauses.splice(0..0, absent.iter().map(|absence| absence.told().to_owned()));
    let busiest = observations.answer(measures::UTILISATION_MAX, &Subject::Network, observations.as_written());
    let at_least = if busiest.lower_bound().is_some() { "at least " } else { "" };
    let is_asked = !absent.iter().any(|absence| matches!(absence, Absence::Messages(_)));
    clauses.extend(
        busiest
            .counted()
            .filter(|_| is_asked)
            .map(|busiest| format!("the busiest server is {at_least}{} busy", rough(busiest.mean, "share"))),
    );
    if clauses.is_empty() {
        return "Too few observations for an answer.".to_owned();
    }
    format!("{}.", capitalised(&clauses.join("; ")))
}

/// What did not happen in the measured period of the scenario as written.
pub(super) fn absences_of(record: &RunRecord, observations: &Observations<'_>) -> Vec<Absence> {
    let as_written = observations.as_written();
    absences(&record.foreseen, |measure| observations.answer(measure, &Subject::Network, as_written).counted())
}

/// What is known of a change.
enum Change {
    More(Estimate),
    Less(Estimate),
    NotDistinguishable,
}

impl Change {
    fn of(estimate: Estimate, of_one_replication: bool) -> Self {
        let is_sure = match estimate.half_width {
            Some(half_width) => estimate.mean.abs() > half_width,
            None => of_one_replication && estimate.mean != 0.0,
        };
        match estimate.mean {
            _ if !is_sure => Self::NotDistinguishable,
            mean if mean > 0.0 => Self::More(estimate),
            mean => Self::Less(Estimate { mean: -mean, ..estimate }),
        }
    }
}

fn changes(observations: &Observations<'_>, of_one_replication: bool) -> Vec<String> {
    let change = |measure: MeasureId, contrast| {
        let estimate = observations.answer(measure, &Subject::Network, contrast).known()?;
        Some(Change::of(estimate, of_one_replication))
    };
    let seconds = |estimate: Estimate| rough(estimate.mean, "s");
    let (mut for_providers, mut for_users, mut alike) = (None, Vec::new(), Vec::new());
    match change(measures::CONNECTOR_CALLS, Contrast::Saving) {
        Some(Change::More(saving)) => {
            for_providers =
                Some(format!("GTNet saves {} of the connector calls", with_interval(Some(saving), "share")));
        }
        Some(Change::Less(cost)) => {
            for_providers = Some(format!("GTNet costs {} more connector calls", with_interval(Some(cost), "share")));
        }
        Some(Change::NotDistinguishable) => alike.push("the number of connector calls"),
        None => {}
    }
    match change(measures::PRICE_AGE_P95, Contrast::Difference) {
        Some(Change::More(age)) => for_users.push(format!("prices are {} older at p95", seconds(age))),
        Some(Change::Less(age)) => for_users.push(format!("prices are {} younger at p95", seconds(age))),
        Some(Change::NotDistinguishable) => alike.push("the age of prices (p95)"),
        None => {}
    }
    match change(measures::USER_WAIT_P50, Contrast::Difference) {
        Some(Change::More(wait)) => for_users.push(format!("users wait {} more (median)", seconds(wait))),
        Some(Change::Less(wait)) => for_users.push(format!("users wait {} less (median)", seconds(wait))),
        Some(Change::NotDistinguishable) => alike.push("users' wait (median)"),
        None => {}
    }

    let mut clauses: Vec<String> = for_providers.into_iter().collect();
    if !for_users.is_empty() {
        clauses.push(for_users.join(", "));
    }
    if let Some((last, others)) = alike.split_last() {
        clauses.push(match others {
            [] => format!("{last} is not distinguishable"),
            _ => format!("{} and {last} are not distinguishable", others.join(", ")),
        });
    }
    if let Some(first) = clauses.first_mut() {
        let names_gtnet = first.starts_with("GTNet");
        let replication = if of_one_replication { "in one replication, " } else { "" };
        *first = format!("{replication}{}{first}", if names_gtnet { "" } else { "with GTNet, " });
    }
    clauses
}

fn levels(observations: &Observations<'_>) -> Vec<String> {
    let run = observations.as_written();
    let answer = |measure| observations.answer(measure, &Subject::Network, run);
    let calls = answer(measures::CONNECTOR_CALLS);
    let calls = calls.counted().map(|_| {
        let calls = told(calls, measures::CONNECTOR_CALLS.unit.symbol());
        format!("{}: {calls} connector calls", spoken(run))
    });
    let (median, p95) = (answer(measures::PRICE_AGE_P50).known(), answer(measures::PRICE_AGE_P95).known());
    let age = median.zip(p95).map(|(median, p95)| {
        format!("prices are {} old at the median and {} at p95", rough(median.mean, "s"), rough(p95.mean, "s"))
    });
    calls.into_iter().chain(age).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::LogHistogram;
    use crate::record::NoVisits;
    use crate::report::support::RecordBuilder;
    use crate::time::SimDuration;

    fn answer_to(record: &RunRecord) -> String {
        answer(record, &Observations::of_run(record))
    }

    /// A thousand durations that are all as long.
    fn constant(millis: u64) -> LogHistogram {
        let mut histogram = LogHistogram::new();
        (0..1_000).for_each(|_| histogram.record(SimDuration::from_millis(millis)));
        histogram
    }

    /// In each replication: calls, age and wait \[ms\] with and without `GTNet`.
    fn record_of(replications: &[[(u64, u64); 3]]) -> RunRecord {
        let count = u32::try_from(replications.len()).expect("few");
        let mut record = RecordBuilder::new().replications(count).providers(1).servers(0).build();
        for (replication, [calls, age, wait]) in record.replications.iter_mut().zip(replications) {
            let baseline = replication.baseline.as_mut().expect("a baseline");
            replication.measured.connectors[0].calls = [calls.0, 0, 0, 0, 0];
            baseline.connectors[0].calls = [calls.1, 0, 0, 0, 0];
            (replication.measured.price_age, baseline.price_age) = (constant(age.0), constant(age.1));
            (replication.measured.user_wait, baseline.user_wait) = (constant(wait.0), constant(wait.1));
        }
        record
    }

    #[test]
    fn it_tells_what_changes() {
        let better = record_of(&[[(60, 100), (9_000, 5_000), (200, 400)], [(62, 100), (9_000, 5_000), (200, 400)]]);
        let text = answer_to(&better);
        assert!(text.starts_with("GTNet saves 39"), "{text}");
        assert!(
            text.ends_with("of the connector calls; prices are 4.0 s older at p95, users wait 200 ms less (median)."),
            "{text}"
        );
        let worse = record_of(&[[(150, 100), (5_000, 9_000), (400, 200)], [(150, 100), (5_000, 9_000), (400, 200)]]);
        assert_eq!(
            answer_to(&worse),
            "GTNet costs 50.0 ± 0.0 % more connector calls; prices are 4.0 s younger at p95, users wait 200 ms more \
             (median)."
        );
    }

    #[test]
    fn an_interval_that_contains_zero_tells_nothing_apart() {
        let age_only = record_of(&[[(90, 100), (9_000, 5_000), (200, 400)], [(110, 100), (9_000, 5_000), (400, 200)]]);
        assert_eq!(
            answer_to(&age_only),
            "With GTNet, prices are 4.0 s older at p95; the number of connector calls and users' wait (median) are not \
             distinguishable."
        );
        let nothing = record_of(&[[(100, 100), (5_000, 5_000), (200, 200)], [(100, 100), (5_000, 5_000), (200, 200)]]);
        assert_eq!(
            answer_to(&nothing),
            "With GTNet, the number of connector calls, the age of prices (p95) and users' wait (median) are not \
             distinguishable."
        );
    }

    #[test]
    fn one_replication_is_told_as_such() {
        let record = record_of(&[[(60, 100), (5_000, 5_000), (200, 400)]]);
        assert_eq!(
            answer_to(&record),
            "In one replication, GTNet saves 40.0 % of the connector calls; users wait 200 ms less (median); the age of \
             prices (p95) is not distinguishable."
        );
    }

    #[test]
    fn without_comparison_it_tells_calls_and_age() {
        let text = answer_to(&RecordBuilder::new().without_gtnet().build());
        assert!(text.starts_with("Without GTNet: 9,689 ± 169 /d connector calls; prices are "), "{text}");
        let text = answer_to(&RecordBuilder::new().without_baseline().build());
        assert!(text.starts_with("With GTNet: 2,913 ± 37 /d connector calls; prices are "), "{text}");
        assert!(text.ends_with("; the busiest server is 0.60 % busy."), "{text}");
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        assert_eq!(answer_to(&RecordBuilder::new().replications(0).build()), "Too few observations for an answer.");
    }

    #[test]
    fn what_did_not_happen_comes_first() {
        let mut record = RecordBuilder::new().silent().build();
        let told = "Nothing was measured: there is no visit in the measured period";
        assert_eq!(answer_to(&record), format!("{told}, though some are expected."));
        record.foreseen = vec![Absence::Visits(NoVisits::Weekend)];
        assert_eq!(answer_to(&record), format!("{told}, which lies on a weekend, on which nobody visits."));
        let mut record = RecordBuilder::new().build();
        for server in record.replications.iter_mut().flat_map(|replication| &mut replication.measured.servers) {
            (server.requests, server.pushes) = (0, 0);
        }
        let text = answer_to(&record);
        assert!(text.starts_with("Push-open servers get no message in the measured period; GTNet saves "), "{text}");
        assert!(!text.contains("busiest"), "{text}");
    }
}
