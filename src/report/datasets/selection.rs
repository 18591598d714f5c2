//! The table `selection` of a search for the best: what became of each alternative.

use crate::record::EliminationRecord;
use crate::report::document::{Cell, Dataset, ends};
use crate::report::evidence::Evidence;
use crate::report::selected::{Selected, order};
use crate::stats::Estimate;

use super::{Column, cells, names};

/// What a row is made of.
struct SelectionRow {
    measure: &'static str,
    contrast: &'static str,
    unit: &'static str,
    replications: usize,
    mean: Option<Estimate>,
    behind: Option<Estimate>,
    fate: &'static str,
    eliminated_after: Option<u32>,
    eliminated_by: Option<String>,
    zone: f64,
    confidence: f64,
    is_promised: bool,
    budget: u32,
    equal_allocation: Option<f64>,
}

const SELECTION: [Column<SelectionRow>; 17] = [
    ("measure", |of| of.measure.into()),
    ("contrast", |of| of.contrast.into()),
    ("unit", |of| of.unit.into()),
    ("fate", |of| of.fate.into()),
    ("eliminated_after", |of| of.eliminated_after.into()),
    ("eliminated_by", |of| of.eliminated_by.clone().into()),
    ("replications", |of| of.replications.into()),
    ("mean", |of| of.mean.map(|of| of.mean).into()),
    ("difference_from_best", |of| of.behind.map(|of| of.mean).into()),
    ("difference_ci95_low", |of| ends(of.behind)[0].into()),
    ("difference_ci95_high", |of| ends(of.behind)[1].into()),
    ("paired_replications", |of| of.behind.map(|of| of.count).into()),
    ("indifference_zone", |of| of.zone.into()),
    ("confidence", |of| of.confidence.into()),
    ("promised", |of| if of.is_promised { "yes" } else { "no" }.into()),
    ("budget", |of| of.budget.into()),
    ("equal_allocation", |of| of.equal_allocation.into()),
];

/// One row for each alternative, the best first; `None` if no best was sought.
pub(super) fn selection<'r>(evidence: &Evidence<'r>) -> Option<Dataset<'r>> {
    let selected = Selected::of(evidence)?;
    let rows: Vec<Vec<Cell<'r>>> = order(&selected).into_iter().map(|point| row(&selected, point)).collect();
    let columns = evidence.parameters.iter().cloned().chain(names(&SELECTION).map(str::to_owned));
    Some(Dataset::new("selection", columns, move || rows.clone().into_iter()))
}

fn row<'r>(selected: &Selected<'_, 'r>, point: usize) -> Vec<Cell<'r>> {
    let Selected { evidence, record, quantity } = selected;
    let of_point = &evidence.points[point];
    let eliminated = record.eliminated[point];
    let row = SelectionRow {
        measure: quantity.measure.name,
        contrast: quantity.contrast.name(),
        unit: quantity.unit().symbol(),
        replications: of_point.replications,
        mean: of_point.answer(quantity).known(),
        behind: selected.behind(point).map(|of| of.difference),
        fate: match eliminated {
            None if record.best == Some(point) => "best",
            None if record.best.is_some() => "equal",
            None => "left",
            Some(EliminationRecord { by: None, .. }) => "no mean",
            Some(_) => "eliminated",
        },
        eliminated_after: eliminated.map(|of| of.replications),
        eliminated_by: eliminated.and_then(|of| of.by).map(|by| evidence.points[by].label.to_owned()),
        zone: record.zone,
        confidence: record.confidence,
        is_promised: record.best.is_some(),
        budget: record.budget,
        equal_allocation: record.equal_allocation,
    };
    let settings = of_point.settings.iter().map(|setting| setting.text.as_str().into());
    settings.chain(cells(&SELECTION, &row)).collect()
}
