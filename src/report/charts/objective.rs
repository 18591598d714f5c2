//! Chart: what a search has looked at, with its objective and its answer. Nothing is drawn of values that were not simulated.

use crate::measures::{Condition, Unit};
use crate::record::{CapacityRecord, is_topology, spelled};
use crate::report::evidence::Evidence;

use super::Drawable;
use super::lines::{MarkedPlace, SweepLine, SweepLines};
use super::positions::{PlaceScale, Positions};

/// What stands between a condition and the share of networks that have to keep it.
const IN_NETWORKS: &str = " in ";

/// The picture of a search; `parameter` is its parameter in words. `None` if the values are no numbers.
pub(in crate::report) fn objective(
    evidence: &Evidence<'_>,
    capacity: &CapacityRecord,
    parameter: String,
) -> Option<Drawable> {
    if is_topology(&capacity.parameter) {
        return None;
    }
    let (condition, networks) = capacity
        .objective
        .find(IN_NETWORKS)
        .map_or((capacity.objective.as_str(), ""), |at| capacity.objective.split_at(at));
    let condition: Condition = condition.parse().ok()?;
    let mut looked_at: Vec<(f64, usize)> = Vec::with_capacity(evidence.points.len());
    for (index, point) in evidence.points.iter().enumerate() {
        let [setting] = point.settings else { return None };
        looked_at.push((setting.position()?, index));
    }
    looked_at.sort_by(|one, other| one.0.total_cmp(&other.0));
    let place = |text: &Option<String>| {
        let of_text = evidence.points.iter().find(|point| Some(&point.settings[0].text) == text.as_ref());
        of_text.and_then(|point| point.settings[0].position())
    };
    let marked = place(&capacity.value).map(|at| {
        // An end that is beyond the range is that of the axis.
        let axis = [looked_at.first(), looked_at.last()].map(|end| end.map_or(at, |(value, _)| *value));
        let ends = [place(&capacity.low), place(&capacity.high)];
        let (stretch, label) = match ends {
            [None, None] => ([at, at], "answer"),
            [low, high] => ([low.unwrap_or(axis[0]), high.unwrap_or(axis[1])], "answer, with its 95 % interval"),
        };
        MarkedPlace { at, stretch: [stretch[0].min(stretch[1]), stretch[0].max(stretch[1])], label: label.to_owned() }
    });
    let number = &condition.quantity;
    let points = looked_at.iter().map(|(_, index)| evidence.points[*index].answer(number).counted()).collect();

    let lines = SweepLines {
        what: number.spoken(),
        unit: number.unit(),
        signed: number.contrast.is_change(),
        most: if number.unit() == Unit::Share { 1.0 } else { f64::INFINITY },
        matters: 0.0,
        positions: Positions {
            title: parameter,
            scale: PlaceScale::Linear,
            values: looked_at.iter().map(|(value, _)| *value).collect(),
            labels: looked_at.iter().map(|(_, index)| spelled(&evidence.points[*index].settings[0])).collect(),
        },
        drawn: vec![SweepLine { key: String::new(), name: String::new(), color: 0, dashed: false, points }],
        law: None,
        marked,
        limit: Some((condition.limit, format!("objective: {}{networks}", condition.bound()))),
    };
    Some(lines.figure("objective", first_sentence(&capacity.told), String::new()))
}

fn first_sentence(told: &str) -> String {
    let line = told.lines().next().unwrap_or_default();
    let end = line.match_indices(". ").map(|(at, _)| at).find(|at| line[at + 2..].starts_with(char::is_uppercase));
    end.map_or(line, |end| &line[..end]).trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{CapacityOutcome, Sought, StudyKind};
    use crate::report::charts::sheet::assert_legible;
    use crate::report::export::svg;
    use crate::report::support::study;

    #[test]
    fn a_search_shows_its_objective_and_its_answer() {
        let mut record = study(StudyKind::Capacity, 4, 6);
        let capacity = CapacityRecord {
            parameter: "group.client.count".to_owned(),
            objective: "user_wait_p95 <= 800s".to_owned(),
            sought: Sought::Largest,
            outcome: CapacityOutcome::Found,
            value: Some("20".to_owned()),
            low: Some("10".to_owned()),
            high: Some("20".to_owned()),
            looked_at: Vec::new(),
            holds_at: Vec::new(),
            told: "Up to 20 clients keep it. More is not sure.".to_owned(),
        };
        record.capacity = Some(capacity.clone());
        let evidence = Evidence::from(&record);
        let figure = objective(&evidence, &capacity, "clients".to_owned()).expect("numbers").expect("values");
        assert_eq!(figure.title, "Up to 20 clients keep it");
        let chart = figure.data();
        let labels: Vec<&str> = chart.guides.iter().map(|guide| guide.label.as_str()).collect();
        assert_eq!(labels, ["answer, with its 95 % interval", "objective: at most 800 s"]);
        assert_eq!(chart.series[0].points.len(), 4);
        assert_legible(&svg(&figure));
        let stretch = |capacity: &CapacityRecord| {
            let figure = objective(&evidence, capacity, String::new()).expect("numbers").expect("values");
            let guide = figure.data().guides.into_iter().find(|guide| guide.is_upright).expect("an answer");
            (guide.stretch.expect("a stretch"), guide.label)
        };
        // The axis is logarithmic.
        let [first, low, at, last] = [5.0, 10.0, 20.0, 40.0].map(|value: f64| libm::log10(value));
        let beyond = |low: Option<&str>, high: Option<&str>| {
            stretch(&CapacityRecord { low: low.map(str::to_owned), high: high.map(str::to_owned), ..capacity.clone() })
        };
        let with_interval = "answer, with its 95 % interval".to_owned();
        assert_eq!(beyond(Some("10"), None), ([low, last], with_interval.clone()));
        assert_eq!(beyond(None, Some("20")), ([first, at], with_interval));
        assert_eq!(beyond(None, None), ([at, at], "answer".to_owned()));
        let in_most =
            CapacityRecord { objective: "user_wait_p95 <= 800s in 90 % of networks".to_owned(), ..capacity.clone() };
        let figure = objective(&evidence, &in_most, String::new()).expect("numbers").expect("values");
        let labels: Vec<String> = figure.data().guides.into_iter().map(|guide| guide.label).collect();
        assert_eq!(labels[1], "objective: at most 800 s in 90 % of networks");
        let words = CapacityRecord { objective: "nothing".to_owned(), ..capacity };
        assert!(objective(&evidence, &words, String::new()).is_none());
    }
}
