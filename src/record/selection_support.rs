//! Makes records of selections of the best by hand for tests.

use super::support::study;
use super::{EliminationRecord, SelectionLook, SelectionRecord, StudyKind, StudyRecord};
use crate::measures;

/// Waits of the slowest 5 % of visits \[s\] of the points of [`selected`].
const WAITS: [f64; 4] = [1.0, 0.7, 0.75, 3.0];

/// A selection among four points: the second one is the best, the third one comes next, and the last one has no mean.
pub(crate) fn selected(kind: StudyKind) -> StudyRecord {
    let mut record = study(kind, 4, 20);
    for (point, wait) in record.points.iter_mut().zip(WAITS) {
        for (observed, number) in point.replications.iter_mut().zip(0_u32..) {
            observed.measured[measures::USER_WAIT_P95] = Some(wait + f64::from(number % 3) / 100.0);
        }
    }
    let unfinished = &mut record.points[3].replications[0].measured[measures::VISITS_UNFINISHED_SHARE];
    *unfinished = Some(0.5);
    for (point, count) in record.points.iter_mut().zip([10, 20, 20, 10]) {
        point.replications.truncate(count);
        point.contributions = point.replications.clone();
    }
    let out = |replications, by| Some(EliminationRecord { replications, by });
    let [first, best, next, _] = WAITS.map(Some);
    record.selection = Some(SelectionRecord {
        measure: "user_wait_p95".to_owned(),
        zone: 0.05,
        confidence: 0.95,
        budget: 800,
        best: Some(1),
        eliminated: vec![out(10, Some(1)), None, out(20, Some(1)), out(10, None)],
        looks: vec![
            SelectionLook { replications: 10, means: vec![first, best, next, None] },
            SelectionLook { replications: 20, means: vec![None, best, next, None] },
        ],
        equal_allocation: Some(120.0),
        most_needed: 0.0,
    });
    record
}
