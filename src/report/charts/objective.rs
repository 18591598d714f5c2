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
    let condition = capacity.objective.split(IN_NETWORKS).next().unwrap_or_default();
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
        let ends = [&capacity.low, &capacity.high].map(|end| place(end).unwrap_or(at));
        MarkedPlace {
            at,
            stretch: [ends[0].min(ends[1]), ends[0].max(ends[1])],
            label: "answer, with its 95 % interval".to_owned(),
        }
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
        limit: Some((condition.limit, format!("objective: {}", condition.bound()))),
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
        let words = CapacityRecord { objective: "nothing".to_owned(), ..capacity };
        assert!(objective(&evidence, &words, String::new()).is_none());
    }
}
