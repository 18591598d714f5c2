//! The table `flips` of a search for what flips a decision: every place at which it looked.

use crate::record::{FlipLook, FlipsRecord};
use crate::report::document::{Cell, Dataset};
use crate::report::evidence::Evidence;

use super::{Column, cells, names};

/// A place at which the search looked.
struct LookRow {
    parameter: String,
    about: Option<String>,
    assumed: String,
    way: usize,
    look: FlipLook,
    value: String,
    /// Whether the nearest flip of its way is here, or the last place before it.
    mark: Option<&'static str>,
}

const FLIPS: [Column<LookRow>; 10] = [
    ("parameter", |of| of.parameter.clone().into()),
    ("about", |of| of.about.clone().into()),
    ("assumed", |of| of.assumed.clone().into()),
    ("way", |of| of.way.into()),
    ("point", |of| of.look.point.into()),
    ("value", |of| of.value.clone().into()),
    ("distance_share", |of| of.look.distance.into()),
    ("requirements", |of| of.look.is_met.map(|met| if met { "met" } else { "missed" }).into()),
    ("is_sure", |of| (if of.look.is_sure { "true" } else { "false" }).into()),
    ("flip", |of| of.mark.into()),
];

/// One row for each place: the ways of an uncertain value are numbered, and on each the nearest place comes first.
pub(super) fn flips<'r>(evidence: &'r Evidence<'r>, record: &'r FlipsRecord) -> Dataset<'r> {
    let mut rows: Vec<Vec<Cell<'r>>> = Vec::new();
    for (input, (ways, own)) in record.ways.iter().zip(&record.inputs).enumerate() {
        for (way, found) in ways.iter().enumerate() {
            for look in &found.looks {
                let mark = match found.flip {
                    Some(flip) if flip.at == look.point => Some("flipped"),
                    Some(flip) if flip.before == Some(look.point) => Some("last before it"),
                    _ if found.back_at == Some(look.point) => Some("back"),
                    _ => None,
                };
                let row = LookRow {
                    parameter: own.parameter.clone(),
                    about: own.about.clone(),
                    assumed: own.assumed.clone(),
                    way,
                    look: *look,
                    value: evidence.points[look.point].settings[input].text.clone(),
                    mark,
                };
                rows.push(cells(&FLIPS, &row).collect());
            }
        }
    }
    Dataset::new("flips", names(&FLIPS), move || rows.clone().into_iter())
}
