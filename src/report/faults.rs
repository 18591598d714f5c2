//! What all faults of a run do together, as rows with intervals; nothing without faults.

use crate::inference::Answer;
use crate::measures::{self, MeasureId, Unit};

use super::document::ReportSection;
use super::evidence::PointEvidence;
use super::felt::effects;
use super::numbers::told;

/// What all faults of a run do together, with intervals; `None` without faults.
pub(super) fn section(point: &PointEvidence<'_>, label_width: usize) -> Option<ReportSection> {
    effects(point).next()?;
    let row = |label: &str, measure: MeasureId| vec![label.to_owned(), told(point.value(measure), measure.unit)];
    let rows = vec![
        vec!["Faults".to_owned(), "against the same visits without them".to_owned()],
        row("  felt by visits", measures::FAULT_FELT_SHARE),
        row("    prevented", measures::VISIT_PREVENTED_SHARE),
        row("    interrupted", measures::VISIT_INTERRUPTED_SHARE),
        row("  visits take longer by", measures::FAULT_EXTRA_WAIT_MEAN),
        row("  more provider calls", measures::FAULT_EXTRA_CALLS),
        vec!["  as without them after".to_owned(), recovery(point)],
    ];
    Some(ReportSection::new("Faults").grid(rows, label_width))
}

fn recovery(point: &PointEvidence<'_>) -> String {
    let answer = point.value(measures::FAULT_RECOVERY);
    if !matches!(answer, Answer::Unknown(_)) {
        return told(answer, Unit::Seconds);
    }
    let without = effects(point).filter(|effects| effects.recovery_s.is_none()).count();
    match point.replications {
        1 => "not when the run ends".to_owned(),
        all => format!("in {without} of {all} runs not when the run ends"),
    }
}
