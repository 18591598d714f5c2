//! Reports what a sweep found: a row for each point, and how the numbers change over the parameters.

use crate::inference::Quantity;
use crate::measures::{self, Unit};
use crate::record::{ParameterValue, ParameterWords, is_topology, spelled};

use super::charts::{self, Drawable, LEGIBLE_LINES, MarkedPlace, PlaceScale, Positions, SweepLine, SweepLines};
use super::components;
use super::differences::OF_FAULTS;
use super::document::ReportSection;
use super::evidence::{Evidence, PointEvidence};
use super::laws::{SweepCurve, curve_of};
use super::numbers::quantity_told;
use super::trends::{rising_together, trend};

/// The rows of all points, the pictures, and the components of the variance if the topology is varied.
pub(super) fn sections(evidence: &Evidence<'_>, saving: Option<&SweepCurve<'_>>) -> Vec<ReportSection> {
    let numbers = headline(evidence);
    let rows = table(evidence);
    let thresholds = (!evidence.have_one_threshold()).then(|| {
        "Fresh is by each point's own freshness threshold; as these differ, its column compares nothing.".to_owned()
    });
    let mut sections = vec![
        ReportSection::new("All points")
            .grid(rows, 0)
            .pictures(figures(evidence, saving))
            .pictures(charts::queue_wait(evidence).map(Ok)),
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

/// A row for each point, with the numbers that matter.
pub(super) fn table(evidence: &Evidence<'_>) -> Vec<Vec<String>> {
    rows(evidence, &headline(evidence))
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
    let cost = evidence.has_prices().then(|| ("cost", Quantity::value(measures::COST)));
    let of_faults = cost.into_iter().chain(of_faults);
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

/// What a picture of a sweep shows.
struct SweepTopic<'t> {
    /// Name of the picture.
    name: &'t str,
    /// The number as the beginning of a sentence, and as the title of an axis.
    said: [&'t str; 2],
    /// The quantities, each with its name; the last one is that of the sentence.
    numbers: Vec<(&'t str, Quantity)>,
}

/// The picture of what a search has looked at, with its objective and its answer.
pub(super) fn objective(evidence: &Evidence<'_>) -> Option<Drawable> {
    let capacity = evidence.capacity?;
    charts::objective(evidence, capacity, title(evidence, 0))
}

/// The pictures of a sweep or a search.
pub(super) fn figures(evidence: &Evidence<'_>, saving_curve: Option<&SweepCurve<'_>>) -> Vec<Drawable> {
    let layout = layout(evidence);
    topics(evidence).iter().map(|topic| figure(evidence, &layout, topic, saving_curve)).collect()
}

fn topics(evidence: &Evidence<'_>) -> Vec<SweepTopic<'static>> {
    let one = |name, said, quantity: Quantity| SweepTopic { name, said, numbers: vec![("", quantity)] };
    let mut topics = Vec::new();
    if evidence.is_compared() {
        let said = ["The share of provider calls that GTNet saves", "provider calls saved by GTNet"];
        topics.push(one("saving", said, Quantity::saving(measures::CONNECTOR_CALLS)));
    }
    topics.push(SweepTopic {
        name: "user_wait",
        said: ["The time in which 95 % of visits are complete", "time until a visit has its prices"],
        numbers: vec![
            ("half of the visits", Quantity::value(measures::USER_WAIT_P50)),
            ("95 % of the visits", Quantity::value(measures::USER_WAIT_P95)),
        ],
    });
    // If points count prices as fresh up to different ages, their shares form no curve.
    if evidence.have_one_threshold() {
        let said = ["The share of fresh prices", "prices that are fresh when shown"];
        topics.push(one("fresh_share", said, Quantity::value(measures::FRESH_SHARE)));
    }
    let busy = Quantity::value(measures::UTILISATION_MAX);
    if evidence.points.iter().any(|point| point.answer(&busy).counted().is_some()) {
        let said = ["The busy time of the busiest server", "time for which the busiest server is busy"];
        topics.push(one("server_utilisation", said, busy));
    }
    if evidence.has_faults() {
        let said = ["The share of visits that feel a fault", "visits that feel a fault"];
        topics.push(one("fault_felt_share", said, Quantity::value(measures::FAULT_FELT_SHARE)));
    }
    topics
}

fn figure(
    evidence: &Evidence<'_>,
    layout: &SweepLayout,
    topic: &SweepTopic<'_>,
    saving_curve: Option<&SweepCurve<'_>>,
) -> Drawable {
    let number = &topic.numbers[topic.numbers.len() - 1].1;
    let own_curve = if topic.name == "saving" { None } else { curve_of(evidence, number) };
    let curve = if topic.name == "saving" { saving_curve } else { own_curve.as_ref() };
    let mut drawn = lines(evidence, layout, &topic.numbers);
    let law = curve.and_then(SweepCurve::drawn_law);
    if let ([only], true) = (drawn.as_mut_slice(), law.is_some()) {
        "simulated".clone_into(&mut only.name);
    }
    let highest = drawn.iter().flat_map(|line| &line.points).flatten().map(|of| of.mean.abs()).fold(0.0, f64::max);
    let lines = SweepLines {
        what: topic.said[1].to_owned(),
        unit: number.unit(),
        signed: number.contrast.is_change(),
        most: if number.unit() == Unit::Share { 1.0 } else { f64::INFINITY },
        matters: evidence.relevance.least(number, highest),
        positions: layout.positions.clone(),
        drawn,
        law,
        marked: curve.and_then(SweepCurve::knee).map(|knee| MarkedPlace::of(&knee, "knee with its 95 % interval")),
        limit: None,
    };
    let ends = trend(evidence, topic.said[0], number);
    let finding = curve.map_or_else(String::new, SweepCurve::sentence);
    lines.figure(topic.name, ends, finding)
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
            if is_topology(&evidence.parameters[along]) {
                positions.scale = PlaceScale::Names;
            }
            return SweepLayout { positions, lines };
        }
    }
    // Parameters that rise together are placed by the first of them.
    let mut order: Vec<usize> = (0..evidence.points.len()).collect();
    let numbers = rising_together(evidence, &mut order);
    let labels: Vec<String> = order.iter().map(|at| joined(evidence.points[*at].settings.iter())).collect();
    let all = order.into_iter().map(Some).collect();
    SweepLayout { positions: positions(titles(evidence), numbers, labels), lines: vec![(String::new(), all)] }
}

/// Positions on an axis; the picture chooses the scale of numbers.
fn positions(title: String, numbers: Option<Vec<f64>>, labels: Vec<String>) -> Positions {
    let count = u32::try_from(labels.len()).expect("points are counted in u32");
    let scale = if numbers.is_some() { PlaceScale::Linear } else { PlaceScale::Words };
    let values = numbers.unwrap_or_else(|| (0..count).map(f64::from).collect());
    Positions { title, scale, values, labels }
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
        assert_eq!(layout.positions.scale, PlaceScale::Linear, "the picture decides");
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
        // Both rise together: the distances are those of the first.
        assert_eq!(positions.values, [0.2, 1.0, 5.0, 10.0, 60.0]);
        let turned = swept(&keys, &[&["200ms", "5s"], &["1s", "1s"], &["5s", "10s"]]);
        assert_eq!(super::layout(&Evidence::from(&turned)).positions.scale, PlaceScale::Words);
    }

    #[test]
    fn topologies_are_told_from_the_lowest_to_the_highest() {
        let mut record = swept(&["run.topology"], &[&["0"], &["1"], &["2"]]);
        assert_eq!(layout(&Evidence::from(&record)).positions.scale, PlaceScale::Names);
        // The numbers of this record rise from point to point.
        record.points.swap(0, 1);
        let told =
            |record: &StudyRecord| trend(&Evidence::from(record), "Wait", &Quantity::value(measures::USER_WAIT_P95));
        let lowest_first = told(&record);
        assert!(
            lowest_first.starts_with("Wait is from ") && lowest_first.ends_with(" by the topology"),
            "{lowest_first}"
        );
        record.parameters = vec!["group.client.count".to_owned()];
        assert!(!told(&record).contains("topology"), "{}", told(&record));
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
                figures(&Evidence::from(record), None).iter().flatten().any(|figure| figure.name == "fault_felt_share")
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
            figures(&Evidence::from(record), None).iter().flatten().any(|figure| figure.name == "fresh_share")
        };
        assert!(has_chart(&record));
        record.points[1].facts.fresh_within = SimDuration::from_secs(600);
        assert!(!has_chart(&record));
    }
}
