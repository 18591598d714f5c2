//! Decides what a job keeps of a measured replication: the values of all measures, and no more than its results need.

use crate::measures::{Comparison, Values};
use crate::metrics::Measurements;
use crate::record::{Detail, Histograms, HistogramsOfUnit, Observed, ReplicationRecord, UnitRecord};

/// How much a job keeps of a replication beside the values of the measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The histograms of the quantiles, as studies do.
    Histograms,
    /// Everything that was measured, as runs do.
    Everything,
}

/// The unit that is kept of a replication.
pub(super) fn unit_record(replication: ReplicationRecord, kept: Kept) -> UnitRecord {
    let ReplicationRecord { measured, baseline, .. } = &replication;
    let compared = |comparison| comparison != Comparison::Nothing;
    let observed = Observed {
        measured: values(measured, |_| true),
        baseline: baseline.as_ref().map(|baseline| values(baseline, compared)),
    };
    let detail = match kept {
        Kept::Everything => Detail::Everything(Box::new(replication)),
        Kept::Histograms => Detail::Histograms(Box::new(HistogramsOfUnit {
            measured: Histograms::pack(measured),
            baseline: baseline.as_ref().map(Histograms::pack),
        })),
    };
    UnitRecord { observed, detail }
}

/// The values of the measures whose comparison is `wanted`; the others are unknown.
fn values(measured: &Measurements, wanted: impl Fn(Comparison) -> bool) -> Values {
    Values::of(|measure| wanted(measure.comparison).then(|| measure.evaluate(measured)).flatten())
}

/// Whether it has a value of each measure, be it unknown.
pub(super) fn is_whole(observed: &Observed) -> bool {
    std::iter::once(&observed.measured).chain(&observed.baseline).all(Values::is_whole)
}
