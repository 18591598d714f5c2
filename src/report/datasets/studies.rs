//! The tables `differences`, `components` and `capacity`, which only comparisons, sweeps over topologies and searches
//! have.

use crate::inference::Quantity;
use crate::record::CapacityRecord;
use crate::report::components::{Family, families};
use crate::report::differences::Difference;
use crate::report::document::{Cell, Dataset, ends};
use crate::report::evidence::Evidence;
use crate::stats::VarianceComponents;

use super::{Column, cells, names};

const DIFFERENCES: [Column<Difference>; 18] = [
    ("variant", |of| of.variant.clone().into()),
    ("reference", |of| of.reference.clone().into()),
    ("measure", |of| of.number.measure.name.into()),
    ("contrast", |of| of.number.contrast.name().into()),
    ("unit", |of| of.number.unit().symbol().into()),
    ("reference_mean", |of| of.reference_mean.counted().map(|mean| mean.mean).into()),
    ("variant_mean", |of| of.variant_mean.counted().map(|mean| mean.mean).into()),
    ("difference", |of| of.paired.map(|paired| paired.difference.mean).into()),
    ("simultaneous_ci95_low", |of| ends(of.paired.map(|paired| paired.difference))[0].into()),
    ("simultaneous_ci95_high", |of| ends(of.paired.map(|paired| paired.difference))[1].into()),
    ("p_value", |of| of.paired.and_then(|paired| paired.p_value).into()),
    ("least_that_matters", |of| of.least.into()),
    ("verdict", |of| of.verdict.name().into()),
    ("matters", |of| of.verdict.relevance().into()),
    ("replications", |of| of.paired.map_or(0, |paired| paired.difference.count).into()),
    ("replications_needed", |of| of.replications_needed.into()),
    ("correlation", |of| of.paired.and_then(|paired| paired.correlation).into()),
    ("variance_saved_share", |of| of.paired.and_then(|paired| paired.variance_saved).into()),
];

/// One number of one family of topologies, with the components of its variance.
struct NumberOfFamily {
    number: Quantity,
    variance: Option<VarianceComponents>,
    topologies: usize,
    replications: usize,
}

const COMPONENTS: [Column<NumberOfFamily>; 14] = [
    ("measure", |of| of.number.measure.name.into()),
    ("contrast", |of| of.number.contrast.name().into()),
    ("unit", |of| of.number.unit().symbol().into()),
    ("mean", |of| of.variance.map(|of| of.mean.mean).into()),
    ("ci95_low", |of| ends(of.variance.map(|of| of.mean))[0].into()),
    ("ci95_high", |of| ends(of.variance.map(|of| of.mean))[1].into()),
    ("topology_variance", |of| of.variance.map(|of| of.between).into()),
    ("luck_variance", |of| of.variance.map(|of| of.within).into()),
    ("topology_share", |of| of.variance.map(|of| of.share).into()),
    ("topology_share_ci95_low", |of| of.variance.map(|of| of.share_interval.0).into()),
    ("topology_share_ci95_high", |of| of.variance.map(|of| of.share_interval.1).into()),
    ("p_value", |of| of.variance.map(|of| of.p_value).into()),
    ("topologies", |of| of.topologies.into()),
    ("replications", |of| of.replications.into()),
];

const CAPACITY: [Column<CapacityRecord>; 7] = [
    ("parameter", |found| found.parameter.clone().into()),
    ("objective", |found| found.objective.clone().into()),
    ("sought", |found| found.sought.name().into()),
    ("outcome", |found| found.outcome.name().into()),
    ("value", |found| found.value.clone().into()),
    ("value_ci95_low", |found| found.low.clone().into()),
    ("value_ci95_high", |found| found.high.clone().into()),
];

/// One row for each variant and primary number: how it differs from the first variant.
pub(super) fn differences<'r>(differences: &[Difference]) -> Dataset<'r> {
    let row = |difference: &Difference| cells(&DIFFERENCES, difference).collect();
    let rows: Vec<Vec<Cell<'r>>> = differences.iter().map(row).collect();
    Dataset::new("differences", names(&DIFFERENCES), move || rows.clone().into_iter())
}

/// One row for each family of topologies and each number; `None` if there is no family.
pub(super) fn components<'r>(evidence: &'r Evidence<'r>) -> Option<Dataset<'r>> {
    let (parameters, families) = families(evidence);
    let row = |family: &Family<'r>, number: Quantity| {
        let variance = family.variance(&number);
        let (topologies, replications) = (family.topologies(), family.replications());
        let settings = family.settings.iter().map(|setting| setting.text.as_str().into());
        let of = NumberOfFamily { number, variance, topologies, replications };
        settings.chain(cells(&COMPONENTS, &of)).collect()
    };
    let mut numbers = Quantity::all_of_network(evidence.is_compared());
    numbers.retain(|number| evidence.has_prices() || !number.measure.is_of_money());
    let rows: Vec<Vec<Cell<'r>>> =
        families.iter().flat_map(|family| numbers.iter().map(|number| row(family, number.clone()))).collect();
    let columns = parameters.into_iter().map(str::to_owned).chain(names(&COMPONENTS).map(str::to_owned));
    (!rows.is_empty()).then(|| Dataset::new("components", columns, move || rows.clone().into_iter()))
}

/// One row: the result of a search for a capacity.
pub(super) fn capacity(found: &CapacityRecord) -> Dataset<'_> {
    Dataset::new("capacity", names(&CAPACITY), || std::iter::once(cells(&CAPACITY, found).collect()))
}
