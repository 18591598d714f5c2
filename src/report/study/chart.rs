//! Which charts a study has.

use std::collections::BTreeSet;

use plotters::style::RGBColor;

use crate::measures;
use crate::record::{PointRecord, ResultFile, StudyKind, StudyRecord};
use crate::report::charts::canvas::PALETTE;
use crate::report::charts::figure_files;
use crate::report::observations::CONFIDENCE;
use crate::report::quantity::{UNKNOWN, with_interval};
use crate::stats::{Estimate, knee_estimate};

use super::components;
use super::differences::{differences, have_one_threshold};
use super::forest::Forest;
use super::lines::{Line, Lines, Positions};
use super::values::{Kind, Number, has_baseline};

/// A numeric axis that spans more than this factor is drawn with equal distances for equal ratios.
const WIDE: f64 = 20.0;

/// A curve of savings that rises by less than this share over all its points is flat: it has no knee worth a decision.
const FLAT: f64 = 0.05;

/// All charts of a study, below `charts/`.
pub(super) fn charts(record: &StudyRecord) -> Vec<ResultFile> {
    match record.kind {
        StudyKind::Sweep => sweep(record),
        StudyKind::Comparison => {
            let all = differences(record);
            let variants = record.points.iter().skip(1).map(|point| &point.label);
            variants
                .flat_map(|variant| {
                    let of_variant = all.iter().filter(|difference| difference.variant == *variant);
                    figure_files(&format!("differences_{variant}"), &Forest::new(&of_variant.collect::<Vec<_>>()))
                })
                .collect()
        }
    }
}

/// How the points of a sweep lie on the horizontal axis, and which belong to one line.
struct Layout {
    positions: Positions,
    /// Label of each line, and the index of its point at each position.
    lines: Vec<(String, Vec<Option<usize>>)>,
}

fn sweep(record: &StudyRecord) -> Vec<ResultFile> {
    let layout = layout(record);
    let value = |measure| Number::new(measure, Kind::Value);
    let mut files = Vec::new();
    let mut add = |name: &str, title: &str, numbers: &[(&str, Number)], knee: Option<Estimate>, finding: String| {
        let drawn = lines(record, &layout, numbers);
        let unit = numbers[0].1.unit();
        let marked = knee.map(|knee| (knee, "knee"));
        let (title, positions) = (title.to_owned(), layout.positions.clone());
        files.extend(figure_files(name, &Lines { title, finding, unit, positions, drawn, marked }));
    };
    if has_baseline(&record.points) {
        let knee = knee_of_saving(record);
        let saving = Number::new(measures::CONNECTOR_CALLS, Kind::Saving);
        let mut finding = ends(record, "Saving", saving);
        if let Some(knee) = knee {
            finding += " The knee of the curve over this range: ";
            finding += &with_interval(Some(knee), "1");
            finding.push('.');
        }
        add("saving", "Connector calls saved by GTNet", &[("saving", saving)], knee, finding);
    }
    let waits = [("median", value(measures::USER_WAIT_P50)), ("95 % of visits", value(measures::USER_WAIT_P95))];
    add("user_wait", "Time until a watchlist is complete", &waits, None, ends(record, "95 % of visits", waits[1].1));
    let fresh = value(measures::FRESH_SHARE);
    // Shares by several thresholds are no curve of anything.
    if have_one_threshold(&record.points) {
        add(
            "fresh_share",
            "Prices not older than the threshold",
            &[("fresh", fresh)],
            None,
            ends(record, "Fresh", fresh),
        );
    }
    let busy = value(measures::UTILISATION_MAX);
    if record.points.iter().any(|point| busy.estimate(point).is_some()) {
        let finding = ends(record, "Busy", busy);
        add("server_utilisation", "Utilisation of the busiest push-open server", &[("busiest", busy)], None, finding);
    }
    files
}

/// `Saving: 5 ± 1 % at the first point, 69 ± 1 % at the last.`
fn ends(record: &StudyRecord, what: &str, number: Number) -> String {
    let told = |point: Option<&PointRecord>| {
        point.map_or(UNKNOWN.to_owned(), |point| with_interval(number.estimate(point), number.unit()))
    };
    let label = |point: Option<&PointRecord>| point.map_or("", |point| point.label.as_str()).to_owned();
    let (first, last) = (record.points.first(), record.points.last());
    format!("{what}: {} at {}, {} at {}.", told(first), label(first), told(last), label(last))
}

/// The knee of the saved calls over the only parameter, if it is numeric and there is one.
pub(super) fn knee_of_saving(record: &StudyRecord) -> Option<Estimate> {
    let x = only_numeric(record).filter(|_| !components::is_topology(&record.parameters[0]))?;
    let saving = Number::new(measures::CONNECTOR_CALLS, Kind::Saving);
    let by_point: Vec<Vec<f64>> = record.points.iter().map(|point| saving.values(point)).collect::<Option<_>>()?;
    let replications = by_point.iter().map(Vec::len).min()?;
    let rise = |of: &PointRecord| saving.estimate(of).map(|estimate| estimate.mean);
    if rise(record.points.last()?)? - rise(record.points.first()?)? < FLAT {
        return None;
    }
    let curves: Vec<Vec<f64>> =
        (0..replications).map(|replication| by_point.iter().map(|values| values[replication]).collect()).collect();
    knee_estimate(&x, &curves, CONFIDENCE)
}

/// The values of the only parameter, if they are numbers that ascend.
fn only_numeric(record: &StudyRecord) -> Option<Vec<f64>> {
    let values = record.points.iter().map(|point| match point.settings.as_slice() {
        [one] => one.parse::<f64>().ok(),
        _ => None,
    });
    let values: Vec<f64> = values.collect::<Option<_>>()?;
    (values.len() > 1 && values.is_sorted_by(|one, other| one < other)).then_some(values)
}

fn layout(record: &StudyRecord) -> Layout {
    let distinct = |parameter: usize| {
        let mut seen: Vec<&String> = Vec::new();
        for point in &record.points {
            if !seen.contains(&&point.settings[parameter]) {
                seen.push(&point.settings[parameter]);
            }
        }
        seen
    };
    let parameters = 0..record.parameters.len();
    // The parameter with the most values runs along the axis; each combination of the others is a line, if those are few
    // and nearly each combination is there.
    let along = parameters.clone().max_by_key(|&parameter| (distinct(parameter).len(), std::cmp::Reverse(parameter)));
    let others = |point: &PointRecord, along: usize| {
        let rest = parameters.clone().filter(|&parameter| parameter != along);
        rest.map(|parameter| point.settings[parameter].clone()).collect::<Vec<_>>().join(", ")
    };
    if let Some(along) = along {
        let values = distinct(along);
        let mut keys: Vec<String> = Vec::new();
        for point in &record.points {
            let key = others(point, along);
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        if keys.len() <= PALETTE.len() && keys.len() * values.len() < 2 * record.points.len() {
            let mut order: Vec<(Option<f64>, &String)> =
                values.iter().map(|value| (value.parse::<f64>().ok(), *value)).collect();
            if order.iter().all(|(number, _)| number.is_some()) {
                order.sort_by(|one, other| one.0.unwrap_or(0.0).total_cmp(&other.0.unwrap_or(0.0)));
            }
            let labels: Vec<String> = order.iter().map(|(_, label)| (*label).clone()).collect();
            let at = |key: &String, value: &String| {
                record.points.iter().position(|point| point.settings[along] == *value && others(point, along) == *key)
            };
            let lines =
                keys.iter().map(|key| (key.clone(), labels.iter().map(|value| at(key, value)).collect())).collect();
            let numbers: Option<Vec<f64>> = order.iter().map(|(number, _)| *number).collect();
            let positions = positions(record.parameters[along].clone(), numbers, labels);
            return Layout { positions, lines };
        }
    }
    let labels: Vec<String> = record.points.iter().map(|point| point.settings.join(", ")).collect();
    let all = (0..record.points.len()).map(Some).collect();
    Layout { positions: positions(record.parameters.join(", "), None, labels), lines: vec![(String::new(), all)] }
}

fn positions(title: String, numbers: Option<Vec<f64>>, labels: Vec<String>) -> Positions {
    let count = u32::try_from(labels.len()).expect("points are counted in u32");
    let values = numbers.unwrap_or_else(|| (0..count).map(f64::from).collect());
    let (first, last) = (values.first().copied().unwrap_or(0.0), values.last().copied().unwrap_or(0.0));
    Positions { title, logarithmic: first > 0.0 && last / first >= WIDE, values, labels }
}

fn lines(record: &StudyRecord, layout: &Layout, numbers: &[(&str, Number)]) -> Vec<Line> {
    let several: BTreeSet<&String> = layout.lines.iter().map(|(label, _)| label).collect();
    let mut colors = PALETTE.iter().cycle().copied();
    let mut next = || colors.next().unwrap_or(RGBColor(0, 0, 0));
    let mut lines = Vec::new();
    for (key, points) in &layout.lines {
        for (name, number) in numbers {
            let label = match (several.len() > 1, numbers.len() > 1) {
                (false, _) => (*name).to_owned(),
                (true, false) => key.clone(),
                (true, true) => format!("{key}: {name}"),
            };
            let estimate = |point: &Option<usize>| point.and_then(|point| number.estimate(&record.points[point]));
            lines.push(Line { label, color: next(), points: points.iter().map(estimate).collect() });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::support::study;

    fn names(record: &StudyRecord) -> Vec<String> {
        charts(record).into_iter().map(|file| file.name).collect()
    }

    #[test]
    fn shares_by_several_thresholds_have_no_chart() {
        let mut record = study(StudyKind::Sweep, 2, 2);
        let has_chart = |record: &StudyRecord| names(record).contains(&"charts/fresh_share.svg".to_owned());
        assert!(has_chart(&record));
        record.points[1].resolved_scenario = "[protocol]\nfreshness_threshold = \"10min\"\n".to_owned();
        assert!(!has_chart(&record));
    }
}
