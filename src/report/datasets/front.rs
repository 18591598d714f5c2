//! The table `front` of a study with several goals: which alternatives are on their front, and how surely.

use crate::inference::Quantity;
use crate::record::FrontRecord;
use crate::report::document::{Cell, Dataset};
use crate::report::evidence::Evidence;
use crate::report::front::order;

use super::estimates::settings;

/// One row for each alternative, those on the front first.
pub(super) fn front<'r>(evidence: &'r Evidence<'r>, front: &'r FrontRecord) -> Dataset<'r> {
    let goals = front.quantities();
    let names: Vec<String> = goals.iter().map(Quantity::column).collect();
    let columns = evidence.parameters.iter().cloned().chain(names);
    let columns = columns.chain(["on_front", "on_front_share", "dominated_by"].map(str::to_owned));
    Dataset::new("front", columns, move || {
        let goals = goals.clone();
        order(front).into_iter().map(move |point| {
            let of = front.points[point].as_ref();
            let mean = |goal| evidence.points[point].answer(goal).known().map(|of| of.mean);
            let is_on = of.map(|of| if of.dominated_by.is_none() { "yes" } else { "no" });
            let by = of.and_then(|of| of.dominated_by).map(|by| evidence.points[by].label);
            let mut row: Vec<Cell<'r>> = settings(&evidence.points[point]).collect();
            row.extend(goals.iter().map(|goal| Cell::from(mean(goal))));
            row.extend([is_on.into(), of.map(|of| of.share).into(), by.into()]);
            row
        })
    })
}
