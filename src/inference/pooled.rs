//! Quantiles over all replications together: their histograms are merged first, so that every visit, price and message
//! counts once.

use std::borrow::Cow;

use crate::measures::{Contrast, DurationKind, Source, Subject, Values, quantile};
use crate::metrics::{LogHistogram, Measurements};
use crate::record::{Detail, HistogramsOfUnit, Observed, RunRecord, UnitRecord};

/// The quantiles of the whole network over all `units` together. Units that were read back from tables hold them already.
///
/// # Panics
///
/// If some of the units were read back, and others not, or not all of those whose quantiles the tables hold.
#[must_use]
pub(crate) fn pooled_of_units(units: &[UnitRecord]) -> Observed {
    if let Some(Detail::Summarised { of, pooled }) = units.first().map(|unit| &unit.detail) {
        assert_eq!(*of as usize, units.len(), "quantiles are of as many replications as there are");
        return Observed::clone(pooled);
    }
    let is_compared = units.iter().any(|unit| unit.observed.baseline.is_some());
    pooled(is_compared, |run, kind| {
        merged(units.iter().filter_map(|unit| match &unit.detail {
            Detail::Histograms(histograms) => Some(Cow::Owned(in_unit(histograms, run)?.of(kind).unpack())),
            Detail::Everything(replication) => Some(kind.of(replication.run(run)?)),
            Detail::Summarised { .. } => panic!("tables hold the quantiles of all of their replications together"),
        }))
    })
}

/// The quantiles of `subject` over all replications of a run together.
pub(super) fn pooled_of_run(record: &RunRecord, subject: &Subject) -> Observed {
    let is_compared = record.replications.iter().any(|replication| replication.baseline.is_some());
    pooled(is_compared, |run, kind| {
        merged(record.replications.iter().filter_map(|replication| of(subject, replication.run(run)?, kind)))
    })
}

fn of<'m>(subject: &Subject, measured: &'m Measurements, kind: DurationKind) -> Option<Cow<'m, LogHistogram>> {
    match subject {
        Subject::Network => Some(kind.of(measured)),
        Subject::Server(name) => {
            let server = measured.servers.iter().find(|server| server.instance == *name)?;
            kind.of_server(server).map(Cow::Borrowed)
        }
        Subject::Provider(_) => None,
    }
}

const fn in_unit(histograms: &HistogramsOfUnit, run: Contrast) -> Option<&crate::record::Histograms> {
    match run {
        Contrast::GtnetOff => histograms.baseline.as_ref(),
        _ => Some(&histograms.measured),
    }
}

fn merged<'h>(histograms: impl Iterator<Item = Cow<'h, LogHistogram>>) -> LogHistogram {
    let mut all = LogHistogram::new().compact();
    histograms.for_each(|one| all.merge(&one));
    all
}

/// The quantiles of what `histogram` gives for each kind in each run.
fn pooled(is_compared: bool, histogram: impl Fn(Contrast, DurationKind) -> LogHistogram) -> Observed {
    let values = |run: Contrast| {
        let all = DurationKind::ALL.map(|kind| (kind, histogram(run, kind)));
        Values::of(|measure| {
            let Source::Quantile(kind, q) = measure.source else { return None };
            let (_, histogram) = all.iter().find(|(one, _)| *one == kind)?;
            quantile(histogram, q)
        })
    };
    Observed { measured: values(Contrast::Value), baseline: is_compared.then(|| values(Contrast::GtnetOff)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::Observations;
    use crate::measures::{Quantity, USER_WAIT_P50};
    use crate::record::support::RecordBuilder;
    use crate::time::SimDuration;

    /// The median of 1, 1, 1 s and of 5 s is 1 s, not the mean of 1 and 5 s.
    #[test]
    fn every_visit_counts_once() {
        let mut record = RecordBuilder::new().replications(2).without_baseline().build();
        for (replication, waits) in record.replications.iter_mut().zip([&[1_u64, 1, 1, 1][..], &[5, 5]]) {
            let mut histogram = LogHistogram::new();
            for seconds in waits {
                histogram.record(SimDuration::from_secs(*seconds));
            }
            replication.measured.user_wait = histogram;
        }
        let observations = Observations::of_run(&record);
        let median = Quantity::value(USER_WAIT_P50).answer(&observations).known().expect("a median");
        assert!((median.mean - 1.0).abs() < 1e-3, "{median:?}");
        // Around it lie the medians of both: (0² + 4²) / 1, two replications, Student's t with one degree.
        let half_width = median.half_width.expect("two replications");
        assert!((half_width - 12.706 * 4.0 / 2.0_f64.sqrt()).abs() < 0.05, "{half_width}");
    }
}
