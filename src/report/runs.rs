//! The runs of a record, with the names that tables and legends of runs give them.

use crate::inference::Contrast;
use crate::metrics::Measurements;
use crate::record::{ReplicationRecord, RunRecord};

/// Every run of every replication: its replication and which run it is, in the order in which tables list them.
pub(super) fn runs(record: &RunRecord) -> impl Iterator<Item = (&ReplicationRecord, Contrast, &Measurements)> {
    // Where nobody takes part in GTNet, the scenario as written is the run without it.
    let as_written = if record.gtnet { Contrast::Value } else { Contrast::GtnetOff };
    record.replications.iter().flat_map(move |replication| {
        let baseline = replication.baseline.iter().map(move |measured| (replication, Contrast::GtnetOff, measured));
        std::iter::once((replication, as_written, &replication.measured)).chain(baseline)
    })
}

/// The contrast as the column `variant` of runs writes it.
pub(super) const fn variant(contrast: Contrast) -> &'static str {
    match contrast {
        Contrast::Value => "gtnet",
        Contrast::GtnetOff | Contrast::Difference | Contrast::Saving => contrast.name(),
    }
}

/// The contrast as sentences and legends say it.
pub(super) const fn spoken(contrast: Contrast) -> &'static str {
    match contrast {
        Contrast::Value => "with GTNet",
        Contrast::GtnetOff => "without GTNet",
        Contrast::Difference | Contrast::Saving => contrast.name(),
    }
}
