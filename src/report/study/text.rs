//! What a study found, as text for people and as JSON for machines.

use std::fmt::Write as _;

use serde::Serialize;

use crate::inference::{Answer, Contrast, Quantity, Subject};
use crate::measures;
use crate::record::{Absence, CapacityRecord, CommonLuck, PointRecord, SCHEMA_VERSION, StudyKind, StudyRecord};
use crate::report::columns::aligned;
use crate::report::numbers::{LOWER_BOUND, UNKNOWN, bound, difference as signed, mean, rough, told, with_interval};
use crate::stats::{Estimate, quantile};

use super::chart::knee_of_saving;
use super::common::{absences_of, answer, has_baseline, headline, luck, named, not_happened, observed, other_luck};
use super::components;
use super::differences::{Difference, HOLM_ALONE, Verdict, differences, have_one_threshold};

/// The finding on a terminal, with a final line break.
#[must_use]
pub fn study_text(record: &StudyRecord) -> String {
    let replications: Vec<usize> = record.points.iter().map(|point| point.replications.len()).collect();
    let (least, most) = (replications.iter().min().unwrap_or(&0), replications.iter().max().unwrap_or(&0));
    let count = if least == most { most.to_string() } else { format!("{least} to {most}") };
    let what = match record.kind {
        StudyKind::Comparison => "variants",
        StudyKind::Sweep => "points",
    };
    let head = format!(
        "{}: {}\n{} {what}, {count} replications {}\n{}{}",
        record.name,
        record.question,
        record.points.len(),
        luck(record),
        other_luck(record),
        not_happened(record)
    );
    let numbers = match record.kind {
        StudyKind::Comparison => comparison(record),
        StudyKind::Sweep => sweep(record),
    };
    let legends = [
        (UNKNOWN, "– stands for what has no mean, or too few observations.\n"),
        (LOWER_BOUND, "≥ stands for a lower bound.\n"),
    ];
    let legend: String = legends.iter().filter(|(sign, _)| numbers.contains(sign)).map(|(_, legend)| *legend).collect();
    head + &numbers + &legend + &overload(record) + &saturation(record)
}

/// A line for each of the runs, with GTNet and without, that names the points at which too many visits never end.
fn overload(record: &StudyRecord) -> String {
    let line = |run: Contrast, whose: &str| {
        let share = Quantity::of_network(measures::VISITS_UNFINISHED_SHARE, run);
        let overloaded = || record.points.iter().filter(|point| observed(point).is_overloaded_in(run));
        let labels: Vec<&str> = overloaded().map(|point| point.label.as_str()).collect();
        let shares = overloaded().filter_map(|point| answer(&share, point).known());
        let most = shares.map(|estimate| estimate.mean).fold(0.0, f64::max);
        if labels.is_empty() {
            return String::new();
        }
        format!(
            "OVERLOAD{whose} at {}: up to {} of the visits have no result when the run ends; what they would have led to is \
             missing.\n",
            named(&labels),
            rough(most, "share")
        )
    };
    line(Contrast::Value, "") + &line(Contrast::GtnetOff, " without GTNet")
}

/// A line that names the points at which a server is saturated, if there are any.
fn saturation(record: &StudyRecord) -> String {
    let is_saturated = |point: &&PointRecord| observed(point).is_saturated(&Subject::Network, Contrast::Value);
    let saturated: Vec<&str> = record.points.iter().filter(is_saturated).map(|point| point.label.as_str()).collect();
    if saturated.is_empty() {
        return String::new();
    }
    format!(
        "SATURATED at {}: a push-open server's queue grows as long as the run lasts, so that waiting in it has no mean.\n",
        named(&saturated)
    )
}

fn comparison(record: &StudyRecord) -> String {
    let all = differences(record);
    let mut text = String::new();
    for variant in record.points.iter().skip(1) {
        let own: Vec<&Difference> = all.iter().filter(|difference| difference.variant == variant.label).collect();
        let Some(first) = own.first() else { continue };
        let mut rows = vec![[&first.reference, &first.variant, "difference", ""].map(str::to_owned).to_vec()];
        rows[0].insert(0, String::new());
        rows.extend(own.iter().map(|difference| row(difference)));
        write!(text, "\n{}", aligned(&rows, 0)).expect("writing into memory");
    }
    text.push_str(
        "\nDifferences ± half of their intervals, which hold together with 95 %; verdicts by Holm's method.\n",
    );
    if all.iter().any(Difference::is_told_by_holm_alone) {
        writeln!(text, "{HOLM_ALONE}").expect("writing into memory");
    }
    if let Some(median) = variance_spared(&all) {
        let spared = mean(Estimate::of(&[median], 0.95), "share");
        let what = if record.luck.is_of_the_same_users() {
            "The same luck in all variants"
        } else {
            "Pairing replications with the same number"
        };
        writeln!(text, "{what} spares {spared} of the variance (median of the numbers that differ).")
            .expect("writing into memory");
    }
    text
}

/// Median share of the variance that common luck saves; what is the same in every replication would count as all of it.
fn variance_spared(differences: &[Difference]) -> Option<f64> {
    let varies = differences.iter().filter_map(|difference| difference.paired).filter(|paired| !paired.is_same());
    let mut saved: Vec<f64> = varies.filter_map(|paired| paired.variance_saved).collect();
    saved.sort_by(f64::total_cmp);
    quantile(&saved, 0.5)
}

fn row(difference: &Difference) -> Vec<String> {
    let unit = difference.number.unit().symbol();
    let single = |answer: Answer| format!("{}{}", bound(answer), mean(answer.counted(), unit));
    let verdict = match (difference.verdict, difference.replications_needed) {
        (Verdict::NotDistinguishable, Some(needed)) => {
            format!("not distinguishable ({needed} replications would tell)")
        }
        (verdict, _) => match difference.not_comparable {
            Some(reason) => format!("{} ({reason})", verdict.name()),
            None => verdict.name().to_owned(),
        },
    };
    vec![
        name(&difference.number),
        single(difference.reference_mean),
        single(difference.variant_mean),
        signed(difference.paired.map(|paired| paired.difference), unit),
        verdict,
    ]
}

fn name(number: &Quantity) -> String {
    match number.contrast {
        Contrast::Saving => format!("{} saved", number.measure.name),
        _ => number.measure.name.to_owned(),
    }
}

fn sweep(record: &StudyRecord) -> String {
    let numbers = headline(record);
    let mut rows = vec![
        std::iter::once(record.parameters.join(", "))
            .chain(numbers.iter().map(|(title, _)| (*title).to_owned()))
            .collect::<Vec<_>>(),
    ];
    for point in &record.points {
        let cells = numbers.iter().map(|(_, number)| told(answer(number, point), number.unit().symbol()));
        rows.push(std::iter::once(point.settings.join(", ")).chain(cells).collect());
    }
    let mut text = format!("\n{}", aligned(&rows, 0));
    text.push_str("\nMeans ± half of their 95 % intervals.\n");
    if !have_one_threshold(&record.points) {
        text.push_str(
            "Fresh is by each point's own freshness threshold; as these differ, its column compares nothing.\n",
        );
    }
    if let Some(rows) = components::rows(record) {
        write!(text, "\n{}", aligned(&rows, 0)).expect("writing into memory");
        text.push_str("\nMeans over topologies; standard deviations; shares with their 95 % intervals.\n");
    }
    if let Some(knee) = knee_of_saving(record) {
        let parameter = &record.parameters[0];
        let at = with_interval(Some(knee), "1");
        writeln!(text, "The knee of the calls saved over this range of {parameter}: {at} (Kneedle).")
            .expect("writing into memory");
    }
    text
}

#[derive(Serialize)]
struct Json<'a> {
    schema_version: u32,
    tool_version: &'a str,
    kind: StudyKind,
    study: &'a str,
    question: &'a str,
    parameters: &'a [String],
    /// What the points do not have in common although luck depends on it.
    luck: &'a CommonLuck,
    points: Vec<PointOfJson<'a>>,
    differences: Vec<DifferenceOfJson>,
    knee_of_saving: Option<EstimateOfJson>,
    capacity: Option<&'a CapacityRecord>,
}

#[derive(Serialize)]
struct PointOfJson<'a> {
    label: &'a str,
    settings: &'a [String],
    replications: usize,
    /// What has not happened in the measured period, and why.
    absences: Vec<Absence>,
    estimates: Vec<NumberOfJson>,
}

#[derive(Serialize)]
struct NumberOfJson {
    measure: &'static str,
    kind: &'static str,
    unit: &'static str,
    #[serde(flatten)]
    estimate: Option<EstimateOfJson>,
}

#[derive(Serialize)]
struct EstimateOfJson {
    mean: f64,
    half_width: Option<f64>,
    replications: usize,
}

#[derive(Serialize)]
struct DifferenceOfJson {
    variant: String,
    reference: String,
    measure: &'static str,
    kind: &'static str,
    difference: Option<EstimateOfJson>,
    p_value: Option<f64>,
    verdict: &'static str,
    replications_needed: Option<u32>,
}

impl EstimateOfJson {
    fn of(estimate: Estimate) -> Self {
        Self { mean: estimate.mean, half_width: estimate.half_width, replications: estimate.count }
    }
}

/// All estimates of a study as one JSON object, for machines.
#[must_use]
pub fn study_json(record: &StudyRecord) -> String {
    let numbers = Quantity::all_of_network(has_baseline(&record.points));
    let points = record.points.iter().map(|point| PointOfJson {
        label: &point.label,
        settings: &point.settings,
        replications: point.replications.len(),
        absences: absences_of(point),
        estimates: numbers
            .iter()
            .map(|number| NumberOfJson {
                measure: number.measure.name,
                kind: number.contrast.name(),
                unit: number.unit().symbol(),
                estimate: answer(number, point).counted().map(EstimateOfJson::of),
            })
            .collect(),
    });
    let all = if record.kind == StudyKind::Comparison { differences(record) } else { Vec::new() };
    let json = Json {
        schema_version: SCHEMA_VERSION,
        tool_version: &record.version,
        kind: record.kind,
        study: &record.name,
        question: &record.question,
        parameters: &record.parameters,
        luck: &record.luck,
        points: points.collect(),
        differences: all
            .into_iter()
            .map(|difference| DifferenceOfJson {
                variant: difference.variant,
                reference: difference.reference,
                measure: difference.number.measure.name,
                kind: difference.number.contrast.name(),
                difference: difference.paired.map(|paired| EstimateOfJson::of(paired.difference)),
                p_value: difference.paired.and_then(|paired| paired.p_value),
                verdict: difference.verdict.name(),
                replications_needed: difference.replications_needed,
            })
            .collect(),
        capacity: record.capacity.as_ref(),
        knee_of_saving: if record.kind == StudyKind::Sweep {
            knee_of_saving(record).map(EstimateOfJson::of)
        } else {
            None
        },
    };
    let mut text = serde_json::to_string_pretty(&json).expect("strings and numbers always serialise");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::{MeasureId, Values};
    use crate::report::support::study;

    #[test]
    fn comparisons_are_told_in_words() {
        insta::assert_snapshot!(study_text(&study(StudyKind::Comparison, 3, 6)));
    }

    #[test]
    fn sweeps_are_tables() {
        insta::assert_snapshot!(study_text(&study(StudyKind::Sweep, 4, 6)));
    }

    fn set(record: &mut StudyRecord, point: usize, measure: MeasureId, values: &[f64]) {
        for (observed, value) in record.points[point].replications.iter_mut().zip(values) {
            observed.measured[measure] = Some(*value);
        }
    }

    #[test]
    fn what_is_not_compared_says_why() {
        let mut record = study(StudyKind::Comparison, 2, 6);
        record.points[1].resolved_scenario = "[protocol]\nfreshness_threshold = \"10min\"\n".to_owned();
        set(&mut record, 1, measures::ARRIVALS, &[0.0; 6]);
        let text = study_text(&record);
        let line = |name: &str| text.lines().find(|line| line.starts_with(name)).expect("a row").to_owned();
        assert!(line("price_fresh_share").ends_with("not known (the freshness thresholds differ)"), "{text}");
        assert!(line("server_utilisation_max").contains("not known (in one of the two nobody asks"), "{text}");
        record.kind = StudyKind::Sweep;
        assert!(study_text(&record).contains("own freshness threshold"));
    }

    #[test]
    fn the_median_leaves_out_what_is_the_same() {
        let mut record = study(StudyKind::Comparison, 2, 4);
        let same: Vec<Values> = record.points[0].replications.iter().map(|of| of.measured.clone()).collect();
        for (observed, same) in record.points[1].replications.iter_mut().zip(same) {
            observed.measured = same;
        }
        assert_eq!(variance_spared(&differences(&record)), None);
        // Two numbers of opposite luck: pairing saves nothing of one, and doubles the variance of the other.
        set(&mut record, 0, measures::USER_WAIT_P50, &[1.0, 2.0, 3.0, 4.0]);
        set(&mut record, 1, measures::USER_WAIT_P50, &[4.0, 3.0, 2.0, 1.0]);
        set(&mut record, 0, measures::USER_WAIT_P95, &[5.0; 4]);
        set(&mut record, 1, measures::USER_WAIT_P95, &[1.0, 2.0, 3.0, 4.0]);
        let median = variance_spared(&differences(&record)).expect("two numbers differ");
        assert!((median + 0.5).abs() < 1e-12, "{median}");
    }

    #[test]
    fn a_verdict_beside_an_interval_with_0_is_explained() {
        // One number tells at 5 % and hardly more, all others at any level: Holm tests it last, the interval knows no order.
        let mut record = study(StudyKind::Comparison, 2, 6);
        assert!(!study_text(&record).contains(HOLM_ALONE));
        set(&mut record, 0, measures::USER_WAIT_P50, &[0.0; 6]);
        set(&mut record, 1, measures::USER_WAIT_P50, &[0.1, 1.0, 0.4, 0.6, 0.2, 1.1]);
        let all = differences(&record);
        let alone: Vec<&str> =
            all.iter().filter(|one| one.is_told_by_holm_alone()).map(|one| one.number.measure.name).collect();
        assert_eq!(alone, ["user_wait_p50"]);
        assert!(study_text(&record).contains(HOLM_ALONE));
    }

    #[test]
    fn json_has_every_point() {
        let json: serde_json::Value = serde_json::from_str(&study_json(&study(StudyKind::Sweep, 4, 6))).expect("JSON");
        assert_eq!(json["points"].as_array().map(Vec::len), Some(4));
    }
}
