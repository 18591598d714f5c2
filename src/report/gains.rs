//! Rows on how single cases differ from the average: one period alone, saving and wait of single instances, and what each
//! server's operator gives and gets. Instances are those of all replications, each with luck of its own.

use std::collections::BTreeSet;

use crate::inference::{CONFIDENCE, Contrast, Quantity, Subject};
use crate::measures::{self, Unit};
use crate::metrics::InstanceMeasurements;
use crate::stats::{Estimate, quantile};

use super::evidence::PointEvidence;
use super::numbers::rough;

/// A row tells what a tenth, half and nine tenths of the instances have at most.
const TOLD: [f64; 3] = [0.1, 0.5, 0.9];

/// Servers whose balance is told.
const SERVERS_TOLD: usize = 4;

/// What one client gains in one replication.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClientGain<'p> {
    /// Its name.
    pub(super) client: &'p str,
    /// The share of its calls that it saves.
    pub(super) saving: f64,
    /// By how much longer its users wait on average \[s\].
    pub(super) longer_wait_s: f64,
}

/// One instance in one replication, with `GTNet` and without.
struct InstancePair<'p> {
    with: &'p InstanceMeasurements,
    without: &'p InstanceMeasurements,
}

/// Rows for people; none without a comparison.
pub(super) fn rows(point: &PointEvidence<'_>) -> Vec<Vec<String>> {
    let pairs: Vec<InstancePair<'_>> = pairs(point).collect();
    let servers = servers(point);
    let clients = || pairs.iter().filter(|pair| pair.is_of_a_client(&servers));
    let saving = sorted(clients().filter_map(InstancePair::saving));
    let wait = sorted(clients().filter_map(InstancePair::longer_wait));
    let mut rows = vec![
        one_period(point),
        row("Clients save", &saving, |value| rough(value, Unit::Share)),
        row("Clients wait longer by", &wait, |value| {
            let sign = if value < 0.0 { "-" } else { "" };
            format!("{sign}{}", rough(value.abs(), Unit::Seconds))
        }),
    ];
    let told = point.observations.servers().map(Subject::name).take(SERVERS_TOLD);
    rows.extend(told.map(|server| balance(point, &pairs, server)));
    rows.into_iter().flatten().collect()
}

/// What every client gains in every replication, if it has calls to save and users who wait; none without a comparison.
pub(super) fn clients<'p>(point: &PointEvidence<'p>) -> Vec<ClientGain<'p>> {
    let servers = servers(point);
    let gain = |pair: InstancePair<'p>| {
        let client = pair.with.instance.as_str();
        Some(ClientGain { client, saving: pair.saving()?, longer_wait_s: pair.longer_wait()? })
    };
    pairs(point).filter(|pair| pair.is_of_a_client(&servers)).filter_map(gain).collect()
}

/// The names of all push-open servers.
fn servers<'p>(point: &PointEvidence<'p>) -> BTreeSet<&'p str> {
    point.measured.iter().flat_map(|of| &of.measured.servers).map(|server| server.instance.as_str()).collect()
}

/// Between which values one replication lies in 95 % of the cases: the interval of a prediction, and not of a mean.
fn one_period(point: &PointEvidence<'_>) -> Option<Vec<String>> {
    let told = [
        ("saves", Quantity::saving(measures::CONNECTOR_CALLS)),
        ("prices (95 %) at most", Quantity::value(measures::PRICE_AGE_P95)),
        ("visits (95 %) at most", Quantity::value(measures::USER_WAIT_P95)),
    ];
    let range = |(before, quantity): (&str, Quantity)| {
        // A mean without interval says nothing of one period either.
        point.answer(&quantity).known()?.half_width?;
        // What single periods have seen; the pseudo-values of a saving scatter otherwise.
        let values: Vec<f64> = quantity.in_each(&point.observations).into_iter().collect::<Option<_>>()?;
        let estimate = Estimate::of(&values, CONFIDENCE)?;
        let half_width = estimate.prediction_half_width(CONFIDENCE)?;
        // A saving may be a loss; ages and waits are not below 0.
        let least = if quantity.contrast == Contrast::Saving { f64::NEG_INFINITY } else { 0.0 };
        let [low, high] =
            [-1.0, 1.0].map(|sign| rough((estimate.mean + sign * half_width).max(least), quantity.unit()));
        // The unit is said once.
        let unit = high.find(' ').map_or("", |at| &high[at..]);
        Some(format!("{before} {} to {high}", low.strip_suffix(unit).unwrap_or(&low)))
    };
    let told: Vec<String> = told.into_iter().filter_map(range).collect();
    (!told.is_empty()).then(|| vec!["One such period alone".to_owned(), told.join("; ")])
}

fn pairs<'p>(point: &PointEvidence<'p>) -> impl Iterator<Item = InstancePair<'p>> + use<'p> {
    point.measured.iter().flat_map(|replication| {
        let without = replication.baseline.iter().flat_map(|baseline| &baseline.instances);
        replication.measured.instances.iter().zip(without).map(|(with, without)| InstancePair { with, without })
    })
}

impl InstancePair<'_> {
    fn is_of_a_client(&self, servers: &BTreeSet<&str>) -> bool {
        self.with.visits > 0 && !servers.contains(self.with.instance.as_str())
    }

    /// The share of its calls that it saves; `None` if there is nothing to save.
    fn saving(&self) -> Option<f64> {
        let [with, without] = [self.with, self.without].map(|of| of.connector_calls as f64);
        (without > 0.0).then(|| 1.0 - with / without)
    }

    /// By how much longer its users wait on average \[s\]; `None` without users.
    fn longer_wait(&self) -> Option<f64> {
        let mean = |of: &InstanceMeasurements| (of.results_shown > 0).then(|| of.waited_s / of.results_shown as f64);
        Some(mean(self.with)? - mean(self.without)?)
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// `a tenth at most 20 %, half at most 35 %, nine tenths at most 48 %`.
fn row(label: &str, values: &[f64], told: impl Fn(f64) -> String) -> Option<Vec<String>> {
    let [low, middle, high] = TOLD.map(|share| quantile(values, share).map(&told));
    Some(vec![
        label.to_owned(),
        format!("a tenth at most {}, half at most {}, nine tenths at most {}", low?, middle?, high?),
    ])
}

/// What a server's operator gives and gets, a replication on average.
fn balance(point: &PointEvidence<'_>, pairs: &[InstancePair<'_>], server: &str) -> Option<Vec<String>> {
    let replications = point.measured.len() as f64;
    let days = point.measured.first()?.measured.period.as_secs_f64() / 86_400.0;
    let own_load = point.measured.iter().flat_map(|of| &of.measured.servers).filter(|of| of.instance == server);
    let messages: u64 = own_load.map(|of| of.requests + of.pushes + of.housekeeping).sum();
    let gives = format!("gets {} messages a day", rough(messages as f64 / replications / days, Unit::Number));
    let own = || pairs.iter().filter(|pair| pair.with.instance == server);
    let [with, without] = [
        own().map(|pair| pair.with.connector_calls).sum::<u64>(),
        own().map(|pair| pair.without.connector_calls).sum::<u64>(),
    ];
    let visits: u64 = own().map(|pair| pair.with.visits).sum();
    let gets = match (visits, without) {
        (0, _) => "has no users, and saves nothing itself".to_owned(),
        (_, 0) => "calls no provider, and saves nothing itself".to_owned(),
        _ => format!("saves {} of its own calls", rough(1.0 - with as f64 / without as f64, Unit::Share)),
    };
    Some(vec![format!("Operator of {server}"), format!("{gives}; {gets}")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::support::RecordBuilder;
    use crate::report::evidence::Evidence;

    #[test]
    fn one_period_scatters_more_than_the_mean_is_off() {
        let record = RecordBuilder::new().replications(20).build();
        let row = one_period(&Evidence::from(&record).points[0]).expect("a prediction");
        assert!(row[1].starts_with("saves 6") && row[1].contains("; prices (95 %) at most "), "{row:?}");
        let alone = RecordBuilder::new().replications(1).build();
        assert_eq!(one_period(&Evidence::from(&alone).points[0]), None);
    }

    #[test]
    fn clients_and_operators_are_told_apart() {
        let mut record = RecordBuilder::new().replications(1).build();
        let replication = &mut record.replications[0];
        let baseline = replication.baseline.as_mut().expect("a baseline");
        let hub = InstanceMeasurements { instance: "hub-1".to_owned(), ..InstanceMeasurements::default() };
        for (number, (with, without)) in
            replication.measured.instances.iter_mut().zip(&mut baseline.instances).enumerate()
        {
            (with.connector_calls, without.connector_calls) = (100 - 4 * number as u64, 100);
            (with.waited_s, without.waited_s) = (96.0 * 0.5, 96.0);
        }
        replication.measured.instances.push(hub.clone());
        baseline.instances.push(hub);
        let told = |record: &crate::record::RunRecord| rows(&Evidence::from(record).points[0]).concat();
        let text = told(&record);
        assert_eq!(text[..2], ["Clients save", "a tenth at most 7.6 %, half at most 38 %, nine tenths at most 68 %"]);
        assert_eq!(text[3], "a tenth at most -500 ms, half at most -500 ms, nine tenths at most -500 ms");
        assert!(
            text[5].starts_with("gets ") && text[5].ends_with("has no users, and saves nothing itself"),
            "{text:?}"
        );
        record.replications[0].baseline = None;
        assert!(told(&record).iter().all(|cell| !cell.contains("Clients")), "there is nothing to compare with");
    }
}
