//! Which charts a study has.

use std::collections::BTreeSet;

use crate::inference::{CONFIDENCE, Quantity};
use crate::measures;
use crate::record::{PointRecord, ResultFile, StudyKind, StudyRecord};
use crate::report::charts::canvas::PALETTE;
use crate::report::charts::figure_files;
use crate::report::numbers::{UNKNOWN, told, with_interval};
use crate::stats::{Estimate, knee_estimate};

use super::common::{answer, has_baseline, observed};
use super::components;
use super::differences::{differences, have_one_threshold};
use super::forest::Forest;
use super::lines::{Line, Lines, Positions};

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
            let labels: Vec<&str> = record.points.iter().skip(1).map(|point| point.label.as_str()).collect();
            let files = labels.iter().zip(file_names(&labels)).flat_map(|(variant, name)| {
                let of_variant = all.iter().filter(|difference| difference.variant == *variant);
                figure_files(&format!("differences_{name}"), &Forest::new(&of_variant.collect::<Vec<_>>()))
            });
            files.collect()
        }
    }
}

/// Names for the files of these variants, which differ by more than their case: some file systems do not tell `a` from `A`.
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

/// How the points of a sweep lie on the horizontal axis, and which belong to one line.
struct Layout {
    positions: Positions,
    /// Label of each line, and the index of its point at each position.
    lines: Vec<(String, Vec<Option<usize>>)>,
}

fn sweep(record: &StudyRecord) -> Vec<ResultFile> {
    let layout = layout(record);
    let mut files = Vec::new();
    let mut add = |name: &str, title: &str, numbers: &[(&str, Quantity)], knee: Option<Estimate>, finding: String| {
        let drawn = lines(record, &layout, numbers);
        let unit = numbers[0].1.unit().symbol();
        let marked = knee.map(|knee| (knee, "knee with its 95 % interval"));
        let (title, positions) = (title.to_owned(), layout.positions.clone());
        let signed = numbers[0].1.contrast.is_change();
        files.extend(figure_files(name, &Lines { title, finding, unit, signed, positions, drawn, marked }));
    };
    if has_baseline(&record.points) {
        let knee = knee_of_saving(record);
        let saving = Quantity::saving(measures::CONNECTOR_CALLS);
        let mut finding = ends(record, "Saving", &saving);
        if let Some(knee) = knee {
            finding += " The knee of the curve over this range: ";
            finding += &with_interval(Some(knee), "1");
            finding.push('.');
        }
        add("saving", "Connector calls saved by GTNet", &[("saving", saving.clone())], knee, finding);
    }
    let waits = [
        ("median", Quantity::value(measures::USER_WAIT_P50)),
        ("95 % of visits", Quantity::value(measures::USER_WAIT_P95)),
    ];
    add("user_wait", "Time until a watchlist is complete", &waits, None, ends(record, "95 % of visits", &waits[1].1));
    let fresh = Quantity::value(measures::FRESH_SHARE);
    // Shares by several thresholds are no curve of anything.
    if have_one_threshold(&record.points) {
        add(
            "fresh_share",
            "Prices not older than the threshold",
            &[("fresh", fresh.clone())],
            None,
            ends(record, "Fresh", &fresh),
        );
    }
    let busy = Quantity::value(measures::UTILISATION_MAX);
    if record.points.iter().any(|point| answer(&busy, point).counted().is_some()) {
        let finding = ends(record, "Busy", &busy);
        add("server_utilisation", "Utilisation of the busiest push-open server", &[("busiest", busy)], None, finding);
    }
    files
}

/// Whether the topology is the only parameter.
fn is_over_topologies(record: &StudyRecord) -> bool {
    matches!(record.parameters.as_slice(), [only] if components::is_topology(only))
}

/// `Saving: 5 ± 1 % at the first point, 69 ± 1 % at the last.`
fn ends(record: &StudyRecord, what: &str, number: &Quantity) -> String {
    let told = |point: Option<&PointRecord>| {
        point.map_or(UNKNOWN.to_owned(), |point| told(answer(number, point), number.unit().symbol()))
    };
    let label = |point: Option<&PointRecord>| point.map_or("", |point| point.label.as_str()).to_owned();
    let (first, last) = if is_over_topologies(record) {
        // Topologies have no order of their own: the lowest one and the highest are told.
        let mut points: Vec<(f64, &PointRecord)> =
            record.points.iter().filter_map(|point| Some((answer(number, point).counted()?.mean, point))).collect();
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        (points.first().map(|one| one.1), points.last().map(|one| one.1))
    } else {
        (record.points.first(), record.points.last())
    };
    format!("{what}: {} at {}, {} at {}.", told(first), label(first), told(last), label(last))
}

/// The knee of the saved calls over the only parameter, if it is numeric and there is one. The values that a search has
/// looked at are no grid: they crowd where it has ended.
pub(super) fn knee_of_saving(record: &StudyRecord) -> Option<Estimate> {
    let is_grid = |_: &Vec<f64>| record.capacity.is_none() && !components::is_topology(&record.parameters[0]);
    let x = only_numeric(record).filter(is_grid)?;
    let mut points: Vec<(f64, &PointRecord)> = x.into_iter().zip(&record.points).collect();
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (x, points): (Vec<f64>, Vec<&PointRecord>) = points.into_iter().unzip();
    if !x.is_sorted_by(|one, other| one < other) {
        return None;
    }
    // The mean of these curves is the line of the chart, as far as all points have replications.
    let replications = points.iter().map(|point| point.replications.len()).min()?;
    let saving = Quantity::saving(measures::CONNECTOR_CALLS);
    let by_point: Vec<Vec<f64>> =
        points.iter().map(|point| saving.contributions(&observed(point), replications)).collect::<Option<_>>()?;
    let rise = |of: &PointRecord| answer(&saving, of).counted().map(|estimate| estimate.mean);
    if rise(points.last()?)? - rise(points.first()?)? < FLAT {
        return None;
    }
    let curves: Vec<Vec<f64>> =
        (0..replications).map(|replication| by_point.iter().map(|values| values[replication]).collect()).collect();
    knee_estimate(&x, &curves, CONFIDENCE)
}

/// The values of the only parameter, if they are numbers.
fn only_numeric(record: &StudyRecord) -> Option<Vec<f64>> {
    let values = record.points.iter().map(|point| match point.settings.as_slice() {
        [one] => one.parse::<f64>().ok(),
        _ => None,
    });
    let values: Vec<f64> = values.collect::<Option<_>>()?;
    (values.len() > 1).then_some(values)
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
            let mut order: Vec<(Option<f64>, &String)> = values.iter().map(|value| (quantity(value), *value)).collect();
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
            let mut positions = positions(record.parameters[along].clone(), numbers, labels);
            positions.unordered = components::is_topology(&record.parameters[along]);
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
    Positions { title, logarithmic: first > 0.0 && last / first >= WIDE, unordered: false, values, labels }
}

/// The number that a value of a parameter is: itself, or the seconds of a duration such as `200ms`.
fn quantity(value: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 7] =
        [("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9), ("min", 60.0), ("s", 1.0), ("h", 3_600.0), ("d", 86_400.0)];
    let of_duration = || {
        let (number, seconds) = UNITS.iter().find_map(|(unit, seconds)| Some((value.strip_suffix(unit)?, seconds)))?;
        Some(number.parse::<f64>().ok()? * seconds)
    };
    value.parse().ok().or_else(of_duration).filter(|number| number.is_finite())
}

fn lines(record: &StudyRecord, layout: &Layout, numbers: &[(&str, Quantity)]) -> Vec<Line> {
    let mut lines = Vec::new();
    for ((key, points), color) in layout.lines.iter().zip(PALETTE.iter().cycle()) {
        for (index, (name, number)) in numbers.iter().enumerate() {
            let estimate =
                |point: &Option<usize>| point.and_then(|point| answer(number, &record.points[point]).counted());
            lines.push(Line {
                key: key.clone(),
                name: (*name).to_owned(),
                color: *color,
                dashed: index > 0,
                points: points.iter().map(estimate).collect(),
            });
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
    fn files_differ_by_more_than_their_case() {
        assert_eq!(file_names(&["hub", "both"]), ["hub", "both"]);
        assert_eq!(file_names(&["hub", "Hub", "hub_2", "HUB"]), ["hub", "Hub_3", "hub_2", "HUB_4"]);
    }

    /// A record whose points have these values of one parameter, or of two.
    fn swept(parameters: &[&str], settings: &[&[&str]]) -> StudyRecord {
        let mut record = study(StudyKind::Sweep, u32::try_from(settings.len()).expect("a few"), 2);
        record.parameters = parameters.iter().map(|parameter| (*parameter).to_owned()).collect();
        for (point, settings) in record.points.iter_mut().zip(settings) {
            point.settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        }
        record
    }

    #[test]
    fn durations_are_sorted_and_placed() {
        let layout = layout(&swept(&["network.timeout"], &[&["10s"], &["5s"], &["200ms"], &["1min"], &["2h"]]));
        assert_eq!(layout.positions.labels, ["200ms", "5s", "10s", "1min", "2h"]);
        let seconds = [0.2, 5.0, 10.0, 60.0, 7_200.0];
        assert!(layout.positions.values.iter().zip(seconds).all(|(own, seconds)| (own - seconds).abs() < 1e-12));
        assert!(layout.positions.logarithmic);
        assert_eq!(layout.lines[0].1, [Some(2), Some(1), Some(0), Some(3), Some(4)]);
        // What is no number keeps the order in which it was written.
        let layout = super::layout(&swept(&["protocol.freshness_threshold"], &[&["none"], &["5s"], &["1s"]]));
        assert_eq!(layout.positions.labels, ["none", "5s", "1s"]);
    }

    #[test]
    fn topologies_are_told_from_the_lowest_to_the_highest() {
        let mut record = swept(&["run.topology"], &[&["0"], &["1"], &["2"]]);
        assert!(layout(&record).positions.unordered);
        // Points of this record rise with their number.
        record.points.swap(0, 1);
        for (point, name) in record.points.iter_mut().zip(["1", "0", "2"]) {
            point.label = name.to_owned();
        }
        let told = |record: &StudyRecord| ends(record, "Wait", &Quantity::value(measures::USER_WAIT_P95));
        let lowest_first = told(&record);
        assert!(lowest_first.contains(" at 0, ") && lowest_first.ends_with(" at 2."), "{lowest_first}");
        record.parameters = vec!["group.client.count".to_owned()];
        assert!(told(&record).contains(" at 1, "), "{}", told(&record));
    }

    #[test]
    fn colours_stand_for_keys() {
        let cells: Vec<[&str; 2]> =
            ["a", "b", "c", "d"].iter().flat_map(|key| ["1", "2", "3", "4", "5"].map(|x| [x, *key])).collect();
        let record = swept(&["x", "key"], &cells.iter().map(<[&str; 2]>::as_slice).collect::<Vec<_>>());
        let numbers =
            [("median", Quantity::value(measures::USER_WAIT_P50)), ("95 %", Quantity::value(measures::USER_WAIT_P95))];
        let lines = lines(&record, &layout(&record), &numbers);
        assert_eq!(lines.len(), 8);
        for one in &lines {
            assert_eq!(one.dashed, one.name == "95 %");
            assert!(lines.iter().all(|other| (one.color == other.color) == (one.key == other.key)), "{}", one.key);
        }
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
