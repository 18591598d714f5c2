//! Reports what a comparison found: for each variant, how it differs from the first one.

use std::collections::BTreeSet;

use crate::inference::{Answer, CONFIDENCE};
use crate::measures::Unit;
use crate::stats::{Estimate, quantile};

use super::charts;
use super::differences::Difference;
use super::document::ReportSection;
use super::evidence::Evidence;
use super::numbers::{bound, difference as signed, mean};

/// What the variants are, if the scenario says so; a section for each variant, and a last one on how to read them.
pub(super) fn sections(evidence: &Evidence<'_>, differences: &[Difference]) -> Vec<ReportSection> {
    let labels: Vec<&str> = evidence.points.iter().skip(1).map(|point| point.label).collect();
    let names = file_names(&labels);
    let mut sections: Vec<ReportSection> = explained(evidence).into_iter().collect();
    sections.extend(labels.iter().zip(names).map(|(label, name)| section(label, &name, differences)));
    let paired = charts::paired(evidence, differences).map(Ok);
    let reading_aid = ReportSection::new("How to read this")
        .sentence(
            "Differences ± half of their intervals: the chance that all of these hold is 95 %. A verdict follows from the \
             interval alone. \"Too small to matter\" and \"equal\" go by the smallest difference that matters (measures.csv; --matters).",
        )
        .sentences(variance_spared(differences).map(|median| spared(evidence, median)));
    if paired.is_some() {
        sections.push(ReportSection::new("Replication by replication").pictures(paired));
    }
    sections.push(reading_aid.pictures([charts::age_parts_of_variants(evidence)]));
    sections
}

/// What the variants are, if the scenario says so.
pub(super) fn explained(evidence: &Evidence<'_>) -> Option<ReportSection> {
    let explained: Vec<Vec<String>> = evidence
        .points
        .iter()
        .filter_map(|point| Some(vec![point.label.to_owned(), point.about?.to_owned()]))
        .collect();
    (!explained.is_empty()).then(|| ReportSection::new("Variants").grid(explained, 0))
}

fn section(variant: &str, name: &str, differences: &[Difference]) -> ReportSection {
    let own: Vec<&Difference> = differences.iter().filter(|difference| difference.variant == variant).collect();
    let reference = own.first().map_or("", |first| first.reference.as_str());
    let mut rows = vec![["", reference, variant, "difference", ""].map(str::to_owned).to_vec()];
    rows.extend(own.iter().map(|difference| row(difference)));
    ReportSection::new(format!("{variant} against {reference}")).grid(rows, 0).pictures([charts::forest(name, &own)])
}

fn row(difference: &Difference) -> Vec<String> {
    let unit = difference.number.unit();
    let single = |answer: Answer| format!("{}{}", bound(answer), mean(answer.counted(), unit));
    vec![
        difference.name(),
        single(difference.reference_mean),
        single(difference.variant_mean),
        signed(difference.paired.map(|paired| paired.difference), unit),
        difference.told(),
    ]
}

/// A sentence on how much of the variance pairing saves; `median` is the median share.
fn spared(evidence: &Evidence<'_>, median: f64) -> String {
    let spared = mean(Estimate::of(&[median], CONFIDENCE), Unit::Share);
    let what = if evidence.luck.is_of_the_same_users() {
        "The same luck in all variants"
    } else {
        "Pairing replications with the same number"
    };
    format!("{what} spares {spared} of the variance (median of the numbers that differ).")
}

/// Median share of the variance that pairing saves. A number that is the same in every replication would count as fully
/// saved, so that it is left out.
fn variance_spared(differences: &[Difference]) -> Option<f64> {
    let varies = differences.iter().filter_map(|difference| difference.paired).filter(|paired| !paired.is_same());
    let mut saved: Vec<f64> = varies.filter_map(|paired| paired.variance_saved).collect();
    saved.sort_by(f64::total_cmp);
    quantile(&saved, 0.5)
}

/// Names for the files of these variants. They differ by more than case, as some file systems do not tell `a` from `A`.
fn file_names(labels: &[&str]) -> Vec<String> {
    let folded: Vec<String> = labels.iter().map(|label| label.to_lowercase()).collect();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut names = Vec::with_capacity(labels.len());
    for (label, own) in labels.iter().zip(&folded) {
        let others = |name: &str| folded.iter().filter(|folded| *folded == name).count();
        let numbered = (2_u32..).map(|number| format!("_{number}"));
        let is_free = |end: &String| {
            let name = format!("{own}{end}");
            !taken.contains(&name) && (end.is_empty() || others(&name) == 0)
        };
        let end = std::iter::once(String::new()).chain(numbered).find(is_free).expect("numbers do not end");
        taken.insert(format!("{own}{end}"));
        names.push(format!("{label}{end}"));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures;
    use crate::measures::{MeasureId, Values};
    use crate::record::{StudyKind, StudyRecord};
    use crate::report;
    use crate::report::differences::differences;
    use crate::report::support::study;
    use crate::time::SimDuration;

    #[test]
    fn files_differ_by_more_than_their_case() {
        assert_eq!(file_names(&["hub", "both"]), ["hub", "both"]);
        assert_eq!(file_names(&["hub", "Hub", "hub_2", "HUB"]), ["hub", "Hub_3", "hub_2", "HUB_4"]);
    }

    #[test]
    fn comparisons_are_told_in_words() {
        insta::assert_snapshot!(report::text(&study(StudyKind::Comparison, 3, 6)));
    }

    fn set(record: &mut StudyRecord, point: usize, measure: MeasureId, values: &[f64]) {
        for (observed, value) in record.points[point].replications.iter_mut().zip(values) {
            observed.measured[measure] = Some(*value);
        }
        record.points[point].contributions = record.points[point].replications.clone();
    }

    #[test]
    fn what_is_not_compared_says_why() {
        let mut record = study(StudyKind::Comparison, 2, 6);
        record.points[1].facts.fresh_within = SimDuration::from_secs(600);
        set(&mut record, 1, measures::ARRIVALS, &[0.0; 6]);
        let text = report::text(&record);
        let line = |name: &str| text.lines().find(|line| line.starts_with(name)).expect("a row").to_owned();
        assert!(line("fresh prices").ends_with("not known (the freshness thresholds differ)"), "{text}");
        assert!(line("busy time of the busiest server").contains("not known (in one of the two nobody asks"), "{text}");
        record.kind = StudyKind::Sweep;
        assert!(report::text(&record).contains("own freshness threshold"));
    }

    #[test]
    fn the_median_leaves_out_what_is_the_same() {
        let mut record = study(StudyKind::Comparison, 2, 4);
        let same: Vec<Values> = record.points[0].replications.iter().map(|of| of.measured.clone()).collect();
        for (observed, same) in record.points[1].replications.iter_mut().zip(same) {
            observed.measured = same;
        }
        record.points[1].contributions = record.points[0].contributions.clone();
        assert_eq!(variance_spared(&differences(&Evidence::from(&record))), None);
        // Two numbers whose luck is opposite: pairing saves nothing of one, and doubles the variance of the other.
        set(&mut record, 0, measures::USER_WAIT_P50, &[1.0, 2.0, 3.0, 4.0]);
        set(&mut record, 1, measures::USER_WAIT_P50, &[4.0, 3.0, 2.0, 1.0]);
        set(&mut record, 0, measures::USER_WAIT_P95, &[5.0; 4]);
        set(&mut record, 1, measures::USER_WAIT_P95, &[1.0, 2.0, 3.0, 4.0]);
        let median = variance_spared(&differences(&Evidence::from(&record))).expect("two numbers differ");
        assert!((median + 0.5).abs() < 1e-12, "{median}");
    }
}
