//! The table `plans` of a run whose scenario has prices: which plans of data providers its keys need.

use crate::metrics::PlanUse;
use crate::report::document::{Cell, Dataset};
use crate::report::evidence::PointEvidence;

use super::{Column, cells, names};

const PLANS: [Column<PlanUse>; 4] = [
    ("provider", |of| of.provider.clone().into()),
    ("plan", |of| of.plan.clone().into()),
    ("keys_count", |of| of.keys.into()),
    ("cost_per_month", |of| of.cost.into()),
];

/// One row for each replication, run and plan.
pub(super) fn plans<'r>(point: &'r PointEvidence<'r>) -> Dataset<'r> {
    let columns = ["replication", "contrast"].into_iter().chain(names(&PLANS));
    Dataset::new("plans", columns, move || {
        point.runs().flat_map(|(replication, contrast, measured)| {
            let plans = measured.spending.iter().flat_map(|spending| &spending.plans);
            plans.map(move |plan| {
                let key: [Cell<'r>; 2] = [replication.into(), contrast.name().into()];
                key.into_iter().chain(cells(&PLANS, plan)).collect::<Vec<Cell<'r>>>()
            })
        })
    })
}
