//! Reports what a sweep found: a row for each point, and how the numbers change over the parameters.

use crate::inference::Quantity;
use crate::measures::{self, Unit};
use crate::record::{ParameterValue, ParameterWords, is_topology, located, spelled};

use super::charts::{Figure, LEGIBLE_LINES, Positions, SweepLine, SweepLines};
use super::components;
use super::differences::OF_FAULTS;
use super::document::ReportSection;
use super::evidence::{Evidence, PointEvidence};
use super::laws::{SweepCurve, curve_of};
use super::numbers::{UNKNOWN, plainly_told, quantity_told};

/// A numeric axis is logarithmic if its last value is at least this many times its first.
const WIDE: f64 = 20.0;

/// The rows of all points, the pictures, and the components of the variance if the topology is varied.
pub(super) fn sections(evidence: &Evidence<'_>, saving: Option<&SweepCurve<'_>>) -> Vec<ReportSection> {
    let numbers = headline(evidence);
    let rows = rows(evidence, &numbers);
    let thresholds = (!evidence.have_one_threshold()).then(|| {
        "Fresh is by each point's own freshness threshold; as these differ, its column compares nothing.".to_owned()
    });
    let mut sections = vec![
        ReportSection::new("All points").grid(rows, 0).pictures(figures(evidence, saving)),
        ReportSection::new("How to read this").sentence("Means ± half of their 95 % intervals.").sentences(thresholds),
    ];
    if let Some(rows) = components::rows(evidence, &numbers) {
        let reading_aid = "Means over topologies; standard deviations; shares with their 95 % intervals.";
        sections.push(ReportSection::new("Topology and luck").grid(rows, 0));
        sections.push(ReportSection::default().sentence(reading_aid));
    }
    let law = saving.map(SweepCurve::sentence);
    let last = sections.pop().expect("there are two at least").sentences(law);
    sections.push(last);
    sections
}

/// The points of a search, of which nothing but the sentence is told, as far as faults go: a row for each.
pub(super) fn rows_of_faults(evidence: &Evidence<'_>) -> Option<Vec<Vec<String>>> {
    let numbers = numbers_of_faults(evidence);
    (!numbers.is_empty()).then(|| rows(evidence, &numbers))
}

/// A row of titles, and one for each point.
fn rows(evidence: &Evidence<'_>, numbers: &[(&'static str, Quantity)]) -> Vec<Vec<String>> {
    let titles = numbers.iter().map(|(title, _)| (*title).to_owned());
    let mut rows: Vec<Vec<String>> = vec![std::iter::once(self::titles(evidence)).chain(titles).collect()];
    rows.extend(evidence.points.iter().map(|point| {
        let cells = numbers.iter().map(|(_, number)| quantity_told(number, point.answer(number)));
        std::iter::once(joined(point.settings.iter())).chain(cells).collect()
    }));
    rows
}

/// The quantities of faults in the row of a point; none without faults.
fn numbers_of_faults(evidence: &Evidence<'_>) -> Vec<(&'static str, Quantity)> {
    let titles = ["visits that feel a fault", "a visit takes longer by", "as before after"];
    let numbers = titles.into_iter().zip(OF_FAULTS.map(Quantity::value));
    numbers.filter(|_| evidence.has_faults()).collect()
}

/// All parameters of a study as one title.
fn titles(evidence: &Evidence<'_>) -> String {
    (0..evidence.parameters.len()).map(|at| title(evidence, at)).collect::<Vec<_>>().join(", ")
}

/// The parameter of a study as the title of a column or an axis.
fn title(evidence: &Evidence<'_>, parameter: usize) -> String {
    let values = evidence.points.iter().map(|point| &point.settings[parameter]);
    ParameterWords::of(&evidence.parameters[parameter], values).title()
}

/// The quantities in the row of a point, with the titles of their columns.
pub(super) fn headline(evidence: &Evidence<'_>) -> Vec<(&'static str, Quantity)> {
    let saved = ("calls saved", Quantity::saving(measures::CONNECTOR_CALLS));
    let others = [
        ("calls", measures::CONNECTOR_CALLS),
        ("fresh", measures::FRESH_SHARE),
        ("95 % of visits within", measures::USER_WAIT_P95),
        ("busiest server", measures::UTILISATION_MAX),
    ];
    let others = others.map(|(title, measure)| (title, Quantity::value(measure)));
    let of_faults = numbers_of_faults(evidence);
    evidence.is_compared().then_some(saved).into_iter().chain(others).chain(of_faults).collect()
}

fn joined<'v>(values: impl Iterator<Item = &'v ParameterValue>) -> String {
    values.map(spelled).collect::<Vec<_>>().join(", ")
}

/// Where the points of a sweep lie on the horizontal axis, and which of them form a line.
struct SweepLayout {
    positions: Positions,
    /// Label of each line, and the index of its point at each position.
    lines: Vec<(String, Vec<Option<usize>>)>,
}

/// The pictures of a sweep or a search.
pub(super) fn figures(evidence: &Evidence<'_>, saving_curve: Option<&SweepCurve<'_>>) -> Vec<Figure> {
    let layout = layout(evidence);
    let mut figures = Vec::new();
    let mut add =
        |name: &str, title: &str, numbers: &[(&str, Quantity)], curve: Option<&SweepCurve<'_>>, ends: String| {
            let drawn = lines(evidence, &layout, numbers);
            let (unit, signed) = (numbers[0].1.unit(), numbers[0].1.contrast.is_change());
            let marked = curve.and_then(SweepCurve::knee).map(|knee| (knee, "knee with its 95 % interval"));
            let finding = curve.map_or(ends.clone(), |curve| format!("{ends} {}", curve.sentence()));
            let most = if unit == Unit::Share { 1.0 } else { f64::INFINITY };
            let lines = SweepLines { unit, signed, most, positions: layout.positions.clone(), drawn, marked };
            figures.push(lines.figure(name, title, finding));
        };
    if evidence.is_compared() {
        let saving = Quantity::saving(measures::CONNECTOR_CALLS);
        let ends = ends(evidence, "Provider calls saved", &saving);
        add("saving", "Provider calls saved by GTNet", &[("saving", saving)], saving_curve, ends);
    }
    let waits = [
        ("median", Quantity::value(measures::USER_WAIT_P50)),
        ("95 % of visits", Quantity::value(measures::USER_WAIT_P95)),
    ];
    let slow = &waits[1].1;
    let curve = curve_of(evidence, slow);
    let title = "Time until a watchlist is complete";
    add("user_wait", title, &waits, curve.as_ref(), ends(evidence, "The slowest 5 % of visits take at least", slow));
    let fresh = Quantity::value(measures::FRESH_SHARE);
    // If points count prices as fresh up to different ages, their shares form no curve.
    if evidence.have_one_threshold() {
        let (curve, ends) = (curve_of(evidence, &fresh), ends(evidence, "Fresh prices", &fresh));
        add("fresh_share", "Prices not older than the threshold", &[("fresh", fresh)], curve.as_ref(), ends);
    }
    let busy = Quantity::value(measures::UTILISATION_MAX);
    if evidence.points.iter().any(|point| point.answer(&busy).counted().is_some()) {
        let (curve, ends) = (curve_of(evidence, &busy), ends(evidence, "The busiest server is busy", &busy));
        let title = "Utilisation of the busiest push-open server";
        add("server_utilisation", title, &[("busiest", busy)], curve.as_ref(), ends);
    }
    if evidence.has_faults() {
        let felt = Quantity::value(measures::FAULT_FELT_SHARE);
        let (curve, ends) = (curve_of(evidence, &felt), ends(evidence, "Felt", &felt));
        add("fault_felt_share", "Visits that feel a fault", &[("felt", felt)], curve.as_ref(), ends);
    }
    figures
}

/// Whether the topology is the only parameter.
fn is_over_topologies(evidence: &Evidence<'_>) -> bool {
    matches!(evidence.parameters, [only] if is_topology(only))
}

/// `Provider calls saved: 5 ± 1 % with 5 clients, 69 ± 1 % with 200 clients.`
fn ends(evidence: &Evidence<'_>, what: &str, number: &Quantity) -> String {
    let told = |point: Option<&PointEvidence<'_>>| {
        point.map_or(UNKNOWN.to_owned(), |point| plainly_told(point.answer(number), number.unit()))
    };
    let place = |point: Option<&PointEvidence<'_>>| {
        point.map_or_else(String::new, |point| located(evidence.parameters, point.settings))
    };
    let (first, last) = if is_over_topologies(evidence) {
        // Topologies have no order of their own, so that the lowest and the highest value are told.
        let mut points: Vec<(f64, &PointEvidence<'_>)> =
            evidence.points.iter().filter_map(|point| Some((point.answer(number).counted()?.mean, point))).collect();
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        (points.first().map(|one| one.1), points.last().map(|one| one.1))
    } else {
        (evidence.points.first(), evidence.points.last())
    };
    if is_over_topologies(evidence) {
        return format!("{what}: from {} to {} by the topology.", told(first), told(last));
    }
    format!("{what}: {} {}, {} {}.", told(first), place(first), told(last), place(last))
}

fn layout(evidence: &Evidence<'_>) -> SweepLayout {
    let distinct = |parameter: usize| {
        let mut seen: Vec<&ParameterValue> = Vec::new();
        for point in &evidence.points {
            if !seen.contains(&&point.settings[parameter]) {
                seen.push(&point.settings[parameter]);
            }
        }
        seen
    };
    let parameters = 0..evidence.parameters.len();
    // The parameter with the most values runs along the axis. Each combination of the others is a line, provided that
    // there are few combinations and nearly all have points.
    let along = parameters.clone().max_by_key(|&parameter| (distinct(parameter).len(), std::cmp::Reverse(parameter)));
    let others = |point: &PointEvidence<'_>, along: usize| {
        let rest = parameters.clone().filter(|&parameter| parameter != along);
        joined(rest.map(|parameter| &point.settings[parameter]))
    };
    if let Some(along) = along {
        let values = distinct(along);
        let mut keys: Vec<String> = Vec::new();
        for point in &evidence.points {
            let key = others(point, along);
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        if keys.len() <= LEGIBLE_LINES && keys.len() * values.len() < 2 * evidence.points.len() {
            let mut order: Vec<(Option<f64>, &ParameterValue)> =
                values.iter().map(|value| (value.position(), *value)).collect();
            if order.iter().all(|(number, _)| number.is_some()) {
                order.sort_by(|one, other| one.0.unwrap_or(0.0).total_cmp(&other.0.unwrap_or(0.0)));
            }
            let labels = order.iter().map(|(_, value)| spelled(value)).collect();
            let at = |key: &String, value: &ParameterValue| {
                evidence.points.iter().position(|point| point.settings[along] == *value && others(point, along) == *key)
            };
            let lines =
                keys.iter().map(|key| (key.clone(), order.iter().map(|(_, value)| at(key, value)).collect())).collect();
            let numbers: Option<Vec<f64>> = order.iter().map(|(number, _)| *number).collect();
            let mut positions = positions(title(evidence, along), numbers, labels);
            positions.unordered = is_topology(&evidence.parameters[along]);
            return SweepLayout { positions, lines };
        }
    }
    let labels: Vec<String> = evidence.points.iter().map(|point| joined(point.settings.iter())).collect();
    let all = (0..evidence.points.len()).map(Some).collect();
    SweepLayout { positions: positions(titles(evidence), None, labels), lines: vec![(String::new(), all)] }
}

fn positions(title: String, numbers: Option<Vec<f64>>, labels: Vec<String>) -> Positions {
    let count = u32::try_from(labels.len()).expect("points are counted in u32");
    let values = numbers.unwrap_or_else(|| (0..count).map(f64::from).collect());
    let (first, last) = (values.first().copied().unwrap_or(0.0), values.last().copied().unwrap_or(0.0));
    Positions { title, logarithmic: first > 0.0 && last / first >= WIDE, unordered: false, values, labels }
}

fn lines(evidence: &Evidence<'_>, layout: &SweepLayout, numbers: &[(&str, Quantity)]) -> Vec<SweepLine> {
    let mut lines = Vec::new();
    for ((key, points), color) in layout.lines.iter().zip(0..) {
        for (index, (name, number)) in numbers.iter().enumerate() {
            let estimate =
                |point: &Option<usize>| point.and_then(|point| evidence.points[point].answer(number).counted());
            lines.push(SweepLine {
                key: key.clone(),
                name: (*name).to_owned(),
                color,
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
    use crate::record::{StudyKind, StudyRecord};
    use crate::report::support::study;
    use crate::time::SimDuration;

    #[test]
    fn sweeps_are_tables() {
        insta::assert_snapshot!(crate::report::text(&study(StudyKind::Sweep, 4, 6)));
    }

    /// A value as scenarios write it: a number, a duration or a word.
    fn value(text: &str) -> ParameterValue {
        let seconds =
            [("200ms", 200), ("1s", 1_000), ("5s", 5_000), ("10s", 10_000), ("1min", 60_000), ("2h", 7_200_000)];
        let millis = seconds.iter().find(|(known, _)| *known == text).map(|(_, millis)| *millis);
        ParameterValue {
            text: text.to_owned(),
            number: text.parse().ok(),
            duration: millis.map(SimDuration::from_millis),
        }
    }

    /// A sweep whose points have these values of one parameter, or of two.
    fn swept(parameters: &[&str], settings: &[&[&str]]) -> StudyRecord {
        let mut record = study(StudyKind::Sweep, u32::try_from(settings.len()).expect("a few"), 2);
        record.parameters = parameters.iter().map(|parameter| (*parameter).to_owned()).collect();
        for (point, settings) in record.points.iter_mut().zip(settings) {
            point.settings = settings.iter().map(|setting| value(setting)).collect();
        }
        record
    }

    #[test]
    fn durations_are_sorted_and_placed() {
        let record = swept(&["network.timeout"], &[&["10s"], &["5s"], &["200ms"], &["1min"], &["2h"]]);
        let layout = super::layout(&Evidence::from(&record));
        assert_eq!(layout.positions.labels, ["200 ms", "5 s", "10 s", "1 min", "2 h"]);
        let seconds = [0.2, 5.0, 10.0, 60.0, 7_200.0];
        assert!(layout.positions.values.iter().zip(seconds).all(|(own, seconds)| (own - seconds).abs() < 1e-12));
        assert!(layout.positions.logarithmic);
        assert_eq!(layout.lines[0].1, [Some(2), Some(1), Some(0), Some(3), Some(4)]);
        // Values that are not numbers keep the order in which they were written.
        let record = swept(&["protocol.freshness_threshold"], &[&["none"], &["5s"], &["1s"]]);
        let layout = super::layout(&Evidence::from(&record));
        assert_eq!(layout.positions.labels, ["none", "5 s", "1 s"]);
    }

    #[test]
    fn parameters_that_change_together_have_words_on_the_axis() {
        let keys = ["group.hub.service.base", "network.timeout"];
        let values: Vec<[&str; 2]> =
            vec![["200ms", "1s"], ["1s", "5s"], ["5s", "10s"], ["10s", "1min"], ["1min", "2h"]];
        let record = swept(&keys, &values.iter().map(<[&str; 2]>::as_slice).collect::<Vec<_>>());
        let positions = super::layout(&Evidence::from(&record)).positions;
        assert_eq!((positions.title.as_str(), positions.labels[0].as_str()), ("service time, timeout", "200 ms, 1 s"));
    }

    #[test]
    fn topologies_are_told_from_the_lowest_to_the_highest() {
        let mut record = swept(&["run.topology"], &[&["0"], &["1"], &["2"]]);
        assert!(layout(&Evidence::from(&record)).positions.unordered);
        // The numbers of this record rise from point to point.
        record.points.swap(0, 1);
        let told =
            |record: &StudyRecord| ends(&Evidence::from(record), "Wait", &Quantity::value(measures::USER_WAIT_P95));
        let lowest_first = told(&record);
        assert!(
            lowest_first.starts_with("Wait: from ") && lowest_first.ends_with(" by the topology."),
            "{lowest_first}"
        );
        record.parameters = vec!["group.client.count".to_owned()];
        assert!(told(&record).contains(" with 1 client, "), "{}", told(&record));
    }

    #[test]
    fn colours_stand_for_keys() {
        let cells: Vec<[&str; 2]> =
            ["a", "b", "c", "d"].iter().flat_map(|key| ["1", "2", "3", "4", "5"].map(|x| [x, *key])).collect();
        let record = swept(&["x", "key"], &cells.iter().map(<[&str; 2]>::as_slice).collect::<Vec<_>>());
        let numbers =
            [("median", Quantity::value(measures::USER_WAIT_P50)), ("95 %", Quantity::value(measures::USER_WAIT_P95))];
        let evidence = Evidence::from(&record);
        let lines = lines(&evidence, &layout(&evidence), &numbers);
        assert_eq!(lines.len(), 8);
        for one in &lines {
            assert_eq!(one.dashed, one.name == "95 %");
            assert!(lines.iter().all(|other| (one.color == other.color) == (one.key == other.key)), "{}", one.key);
        }
    }

    #[test]
    fn faults_are_told_of_sweeps_and_searches_that_have_some() {
        for kind in [StudyKind::Sweep, StudyKind::Capacity] {
            let mut record = study(kind, 2, 4);
            let has_chart = |record: &StudyRecord| {
                figures(&Evidence::from(record), None).iter().any(|figure| figure.name == "fault_felt_share")
            };
            assert!(!crate::report::text(&record).contains("feel a fault") && !has_chart(&record));
            for (point, share) in record.points.iter_mut().zip([0.2, 0.4]) {
                for observed in &mut point.replications {
                    observed.measured[measures::FAULT_FELT_SHARE] = Some(share);
                    observed.measured[measures::FAULT_RECOVERY] = Some(900.0);
                }
                point.contributions = point.replications.clone();
            }
            let text = crate::report::text(&record);
            let row =
                |first: &str| text.lines().find(|line| line.trim_start().starts_with(first)).expect("a row").to_owned();
            assert!(row("clients").contains("visits that feel a fault"), "{text}");
            assert!(row("5 ").contains("20.0 ± 0.0 %") && row("10 ").contains("40.0 ± 0.0 %"), "{text}");
            assert!(row("5 ").contains("15.0 ± 0.0 min"), "{text}");
            assert!(has_chart(&record));
        }
    }

    #[test]
    fn shares_by_several_thresholds_have_no_chart() {
        let mut record = study(StudyKind::Sweep, 2, 2);
        let has_chart = |record: &StudyRecord| {
            figures(&Evidence::from(record), None).iter().any(|figure| figure.name == "fresh_share")
        };
        assert!(has_chart(&record));
        record.points[1].facts.fresh_within = SimDuration::from_secs(600);
        assert!(!has_chart(&record));
    }
}
