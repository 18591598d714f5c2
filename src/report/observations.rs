//! The value of every measure in every replication, and the estimates that follow from them.

use crate::metrics::Measurements;
use crate::record::{ReplicationRecord, RunRecord};
use crate::stats::{Estimate, jackknife_ratio};

use crate::measures::{self, Comparison, MeasureId, Needs, Source};

/// Confidence of all intervals in reports.
pub const CONFIDENCE: f64 = 0.95;

/// The subject of what concerns all servers, all providers or the whole scenario.
pub const ALL_SUBJECTS: &str = "all";

/// Which run of the same users a value is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// With `GTNet`.
    Gtnet,
    /// Without `GTNet`: the same users, with the same luck; or the scenario itself if nobody takes part in it.
    GtnetOff,
    /// The first minus the second, replication by replication.
    Difference,
    /// 1 − first / second, replication by replication.
    Saving,
}

impl Variant {
    /// The variant as results write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gtnet => "gtnet",
            Self::GtnetOff => "gtnet-off",
            Self::Difference => "difference",
            Self::Saving => "saving",
        }
    }

    /// The variant as sentences and legends say it.
    #[must_use]
    pub const fn spoken(self) -> &'static str {
        match self {
            Self::Gtnet => "with GTNet",
            Self::GtnetOff => "without GTNet",
            Self::Difference => "difference",
            Self::Saving => "saving",
        }
    }
}

/// One measure of one subject in all replications.
#[derive(Clone, Debug)]
pub struct Series {
    /// The measure.
    pub measure: MeasureId,
    /// Name of the server or provider, or [`ALL_SUBJECTS`].
    pub subject: String,
    /// Which run of the same users.
    pub variant: Variant,
    /// One value a replication, in the record's order; `None` where the counters do not determine it.
    pub values: Vec<Option<f64>>,
    /// Of a saving: what it is computed from, with and without `GTNet`.
    pairs: Option<[Vec<Option<f64>>; 2]>,
    /// Whether no mean exists: the queue is saturated, or too many visits are unfinished.
    has_no_mean: bool,
}

impl Series {
    /// Unit of the values.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        match self.variant {
            Variant::Saving => "share",
            _ => self.measure.unit.symbol(),
        }
    }

    /// Mean over the replications; of a saving, the jackknifed ratio of the means, which weighs each replication by its
    /// size. `None` if one of them has no value, if it is of the queue of a saturated server, or if it says what `GTNet`
    /// changes of what visits that never end would have led to.
    #[must_use]
    pub fn estimate(&self) -> Option<Estimate> {
        if self.has_no_mean {
            return None;
        }
        let Some([with, without]) = &self.pairs else { return estimate(&self.values) };
        saving(&all_of(with)?, &all_of(without)?)
    }
}

/// Mean with Student's t interval over the replications; `None` if one of them has no value: those that have one are not
/// a fair sample of all, least of all where an overloaded replication cannot tell how long its users wait.
pub(super) fn estimate(values: &[Option<f64>]) -> Option<Estimate> {
    Estimate::of(&all_of(values)?, CONFIDENCE)
}

/// The values, if all of them are known.
fn all_of(values: &[Option<f64>]) -> Option<Vec<f64>> {
    values.iter().copied().collect()
}

/// 1 − mean with `GTNet` / mean without, jackknifed, for values that are paired by replication.
pub(super) fn saving(with: &[f64], without: &[f64]) -> Option<Estimate> {
    let ratio = jackknife_ratio(with, without, CONFIDENCE)?;
    Some(Estimate { mean: 1.0 - ratio.mean, ..ratio })
}

/// All measures of all subjects of a record.
#[derive(Clone, Debug)]
pub struct Observations {
    measured: Variant,
    is_compared: bool,
    series: Vec<Series>,
}

impl Observations {
    /// Computes every measure of `record`.
    #[must_use]
    pub fn of(record: &RunRecord) -> Self {
        let mut series = Vec::new();
        for &measure in measures::ALL {
            for subject in subjects(record, measure.source) {
                series.extend(series_of(record, measure, &subject));
            }
        }
        let mut observations = Self { measured: measured_variant(record), is_compared: is_compared(record), series };
        // Taken together, servers have no mean if one of them has none, be it not the same in all replications.
        let saturated = observations.saturated_subjects();
        let is_overloaded = observations.is_overloaded();
        for series in &mut observations.series {
            let of_queue = series.measure.needs == Needs::SteadyQueue && saturated.contains(&series.subject);
            let is_change = matches!(series.variant, Variant::Saving | Variant::Difference);
            series.has_no_mean =
                of_queue || is_change && is_overloaded && series.measure.needs == Needs::FinishedVisits;
        }
        observations
    }

    /// Whether too many visits are unfinished, with `GTNet` or without, so that totals are incomplete.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        let is_run = |variant: Variant| !matches!(variant, Variant::Saving | Variant::Difference);
        let shares = self.series.iter().filter(|series| {
            series.measure == measures::VISITS_UNFINISHED_SHARE
                && series.subject == ALL_SUBJECTS
                && is_run(series.variant)
        });
        shares.into_iter().any(|series| measures::is_overloaded(&series.values))
    }

    /// Names of the push-open servers whose queue grows as long as one looks.
    #[must_use]
    pub fn saturated(&self) -> Vec<String> {
        self.saturated_subjects().into_iter().filter(|subject| subject != ALL_SUBJECTS).collect()
    }

    /// Saturated servers, plus [`ALL_SUBJECTS`] if at least half of the replications have a saturated server, whichever it is.
    pub(super) fn saturated_subjects(&self) -> Vec<String> {
        let shares = self.series.iter().filter(|series| series.measure == measures::SATURATED_SHARE);
        let saturated = shares.filter(|series| measures::is_saturated(&series.values));
        saturated.map(|series| series.subject.clone()).collect()
    }

    /// Which variant the scenario as written is.
    #[must_use]
    pub const fn measured(&self) -> Variant {
        self.measured
    }

    /// Whether there is a run without `GTNet` to compare the scenario with.
    #[must_use]
    pub const fn is_compared(&self) -> bool {
        self.is_compared
    }

    /// The variants that were run, the scenario as written first.
    pub fn run_variants(&self) -> impl Iterator<Item = Variant> {
        std::iter::once(self.measured).chain(self.is_compared.then_some(Variant::GtnetOff))
    }

    /// All series: by measure, then by subject, then by variant.
    pub fn iter(&self) -> impl Iterator<Item = &Series> {
        self.series.iter()
    }

    /// The estimate of one measure; `None` if no replication determines it.
    #[must_use]
    pub fn estimate(&self, measure: MeasureId, subject: &str, variant: Variant) -> Option<Estimate> {
        self.find(measure, subject, variant).and_then(Series::estimate)
    }

    /// The estimate of the sum of one measure over `subjects`; `None` if no replication determines all summands.
    #[must_use]
    pub fn estimate_of_sum(&self, measure: MeasureId, subjects: &[String], variant: Variant) -> Option<Estimate> {
        let summands: Vec<&Series> =
            subjects.iter().map(|subject| self.find(measure, subject, variant)).collect::<Option<_>>()?;
        let replications = summands.first()?.values.len();
        let sums: Vec<Option<f64>> =
            (0..replications).map(|index| summands.iter().map(|series| series.values[index]).sum()).collect();
        estimate(&sums)
    }

    fn find(&self, measure: MeasureId, subject: &str, variant: Variant) -> Option<&Series> {
        self.series
            .iter()
            .find(|series| series.measure == measure && series.variant == variant && series.subject == subject)
    }
}

/// Names of the push-open servers, in the scenario's order.
#[must_use]
pub fn servers(record: &RunRecord) -> Vec<String> {
    let all = record.replications.iter().flat_map(|replication| &replication.measured.servers);
    distinct(all.map(|server| server.instance.as_str()))
}

/// Names of the data providers, in the scenario's order.
#[must_use]
pub fn providers(record: &RunRecord) -> Vec<String> {
    let all = runs(record).flat_map(|(_, _, measured)| &measured.connectors);
    distinct(all.map(|connector| connector.provider.as_str()))
}

/// Every run of every replication: its replication and its variant, in the order in which tables list them.
pub(super) fn runs(record: &RunRecord) -> impl Iterator<Item = (&ReplicationRecord, Variant, &Measurements)> {
    record.replications.iter().flat_map(|replication| {
        let baseline = replication.baseline.iter().map(move |measured| (replication, Variant::GtnetOff, measured));
        std::iter::once((replication, measured_variant(record), &replication.measured)).chain(baseline)
    })
}

/// What the scenario as written is: with `GTNet`, unless nobody takes part in it.
const fn measured_variant(record: &RunRecord) -> Variant {
    if record.gtnet { Variant::Gtnet } else { Variant::GtnetOff }
}

fn is_compared(record: &RunRecord) -> bool {
    record.replications.iter().any(|replication| replication.baseline.is_some())
}

fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for name in names {
        if !seen.iter().any(|known| known == name) {
            seen.push(name.to_owned());
        }
    }
    seen
}

fn subjects(record: &RunRecord, source: Source) -> Vec<String> {
    let mut subjects = match source {
        Source::Period(_) | Source::AllServers(_) => Vec::new(),
        Source::Servers(_) => servers(record),
        Source::Providers(_) => providers(record),
    };
    subjects.push(ALL_SUBJECTS.to_owned());
    subjects
}

fn series_of(record: &RunRecord, measure: MeasureId, subject: &str) -> Vec<Series> {
    let values = |value: &dyn Fn(&ReplicationRecord) -> Option<f64>| record.replications.iter().map(value).collect();
    let with = |replication: &ReplicationRecord| evaluate(measure, subject, &replication.measured);
    let without = |replication: &ReplicationRecord| {
        let baseline = replication.baseline.as_ref()?;
        evaluate(measure, subject, baseline)
    };
    let series = |variant, values| Series {
        measure,
        subject: subject.to_owned(),
        variant,
        values,
        pairs: None,
        has_no_mean: false,
    };

    let mut all = vec![series(measured_variant(record), values(&with))];
    if is_compared(record) && measure.comparison != Comparison::Nothing {
        all.push(series(Variant::GtnetOff, values(&without)));
        all.push(match measure.comparison {
            Comparison::Saving => Series {
                pairs: Some([values(&with), values(&without)]),
                ..series(
                    Variant::Saving,
                    values(&|replication| {
                        let without = without(replication).filter(|&calls| calls > 0.0)?;
                        Some(1.0 - with(replication)? / without)
                    }),
                )
            },
            _ => series(Variant::Difference, values(&|replication| Some(with(replication)? - without(replication)?))),
        });
    }
    all
}

fn evaluate(measure: MeasureId, subject: &str, measured: &Measurements) -> Option<f64> {
    if subject == ALL_SUBJECTS { measure.evaluate(measured) } else { measure.evaluate_of(subject, measured) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::support::RecordBuilder;
    use crate::time::SimDuration;

    fn values(record: &RunRecord, measure: MeasureId, subject: &str, variant: Variant) -> Vec<Option<f64>> {
        let observations = Observations::of(record);
        let found = observations
            .iter()
            .find(|series| series.measure == measure && series.subject == subject && series.variant == variant);
        found.expect("a series").values.clone()
    }

    #[test]
    fn a_saving_is_taken_replication_by_replication() {
        let mut record = RecordBuilder::new().replications(3).providers(1).build();
        for (replication, (with, without)) in record.replications.iter_mut().zip([(10, 40), (30, 40), (5, 0)]) {
            replication.measured.connectors[0].calls = [with, 0, 0, 0, 0];
            replication.baseline.as_mut().expect("a baseline").connectors[0].calls = [without, 0, 0, 0, 0];
        }
        let savings = values(&record, measures::CONNECTOR_CALLS, ALL_SUBJECTS, Variant::Saving);
        assert_eq!(savings, [Some(0.75), Some(0.25), None]);
        assert_eq!(estimate(&savings), None, "the two others are not a fair sample of the three");
        let of_two = estimate(&savings[..2]).expect("two savings");
        assert_eq!((of_two.mean.to_bits(), of_two.count), (0.5_f64.to_bits(), 2));
    }

    #[test]
    fn a_sum_is_taken_replication_by_replication() {
        let record = RecordBuilder::new().replications(4).providers(5).build();
        let observations = Observations::of(&record);
        for variant in observations.run_variants() {
            let sum = observations.estimate_of_sum(measures::CONNECTOR_CALLS, &providers(&record), variant);
            let all = observations.estimate(measures::CONNECTOR_CALLS, ALL_SUBJECTS, variant);
            let (sum, all) = (sum.expect("a sum"), all.expect("all calls"));
            assert!((sum.mean - all.mean).abs() < 1e-9 * all.mean);
            let half_widths = sum.half_width.zip(all.half_width).expect("intervals");
            assert!((half_widths.0 - half_widths.1).abs() < 1e-9 * all.mean);
        }
        assert_eq!(observations.estimate_of_sum(measures::CONNECTOR_CALLS, &[], Variant::Gtnet), None);
    }

    #[test]
    fn a_scenario_in_which_nobody_takes_part_is_one_without_gtnet() {
        let record = RecordBuilder::new().without_gtnet().build();
        let observations = Observations::of(&record);
        assert!(observations.run_variants().eq([Variant::GtnetOff]));
        assert!(observations.iter().all(|series| series.variant == Variant::GtnetOff));
        assert!(runs(&record).all(|(_, variant, _)| variant == Variant::GtnetOff));
    }

    #[test]
    fn an_age_of_zero_is_below_a_microsecond() {
        let mut record = RecordBuilder::new().replications(1).without_baseline().build();
        let measured = &mut record.replications[0].measured;
        measured.price_age = crate::metrics::LogHistogram::new();
        measured.prices_missing = 0;
        for nanos in [0, 999, 1_000, 5_000] {
            measured.price_age.record(SimDuration::from_nanos(nanos));
        }
        assert_eq!(values(&record, measures::AGE_ZERO_SHARE, ALL_SUBJECTS, Variant::Gtnet), [Some(0.5)]);
    }

    #[test]
    fn several_servers_together_are_the_mean_of_a_server() {
        let mut record = RecordBuilder::new().replications(1).servers(2).build();
        let measured = &mut record.replications[0].measured;
        measured.period = SimDuration::from_secs(100);
        for (server, requests) in measured.servers.iter_mut().zip([30, 90]) {
            (server.requests, server.pushes) = (requests, 10);
        }
        let arrivals = |subject| values(&record, measures::ARRIVALS, subject, Variant::Gtnet);
        assert_eq!(arrivals("hub-1"), [Some(0.4)]);
        assert_eq!(arrivals("hub-2"), [Some(1.0)]);
        assert_eq!(arrivals(ALL_SUBJECTS), [Some(0.7)]);
    }

    #[test]
    fn shares_are_shares_and_names_are_unique() {
        let record = RecordBuilder::new().servers(3).build();
        let shares = Observations::of(&record);
        let shares = shares.iter().filter(|series| series.unit() == "share" && series.variant != Variant::Difference);
        for series in shares {
            assert!(series.values.iter().flatten().all(|value| (0.0..=1.0).contains(value)), "{}", series.measure.name);
        }
        let mut names: Vec<_> = measures::ALL.iter().map(|measure| measure.name).collect();
        names.sort_unstable();
        assert!(names.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_quantile_of_too_few_values_is_no_number() {
        let mut record = RecordBuilder::new().replications(1).without_baseline().build();
        let wait = &mut record.replications[0].measured.user_wait;
        *wait = crate::metrics::LogHistogram::new();
        for millis in 1..=19 {
            wait.record(SimDuration::from_millis(millis));
        }
        assert_eq!(values(&record, measures::USER_WAIT_P95, ALL_SUBJECTS, Variant::Gtnet), [None]);
        assert!(values(&record, measures::USER_WAIT_P50, ALL_SUBJECTS, Variant::Gtnet)[0].is_some());
        record.replications[0].measured.user_wait.record(SimDuration::from_millis(20));
        assert!(values(&record, measures::USER_WAIT_P95, ALL_SUBJECTS, Variant::Gtnet)[0].is_some());
    }
}
