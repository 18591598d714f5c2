//! The names of points in sentences: variants are quoted, and of a sweep values that follow each other are one range.

use std::ops::Range;

use crate::record::{ParameterValue, ParameterWords, StudyKind, is_topology, located, ranging, spelled};

use super::evidence::{Evidence, PointEvidence};
use super::numbers::{listed, quoted};

/// Of a grid of several parameters at most so many points are named.
const POINTS_TOLD: usize = 3;

/// Those points in words: `with a and b`, or of a sweep `with 5 and 20 to 80 clients`, `from 20 clients on (up to 200)`.
pub(super) fn named_points(evidence: &Evidence<'_>, those: &[bool]) -> String {
    if evidence.kind.has_named_points() {
        let label = |point: &PointEvidence<'_>| quoted(point.label);
        return format!("with {}", listed(&chosen(evidence, those).map(label).collect::<Vec<_>>()));
    }
    let [parameter] = evidence.parameters else {
        return of_several_parameters(evidence, those);
    };
    // Nobody can choose the topology that is drawn, so that its number says nothing.
    if is_topology(parameter) {
        return match (those.iter().filter(|is_one| **is_one).count(), those.len()) {
            (count, all) if count == all => format!("in all {all} topologies"),
            (count, all) => format!("in {count} of {all} topologies"),
        };
    }
    let values: Vec<&ParameterValue> = evidence.points.iter().map(|point| &point.settings[0]).collect();
    let words = ParameterWords::of(parameter, values.iter().copied());
    let text = |at: usize| spelled(values[at]);
    if let Some(first) = beginning_of_the_rest(&values, those) {
        return words.from(&text(first), &text(values.len() - 1));
    }
    let told = |run: Range<usize>| match run.len() {
        1 | 2 => run.map(text).collect(),
        _ => vec![format!("{} to {}", text(run.start), text(run.end - 1))],
    };
    words.at(&listed(&runs(those).into_iter().flat_map(told).collect::<Vec<_>>()))
}

/// A point as the subject of a sentence: `“three-hubs”`, or of a sweep `the one with 20 clients`.
pub(super) fn named_point(evidence: &Evidence<'_>, point: usize) -> String {
    let point = &evidence.points[point];
    match evidence.kind {
        kind if kind.has_named_points() || kind == StudyKind::Run => quoted(point.label),
        _ => format!("the one {}", located(evidence.parameters, point.settings)),
    }
}

/// A point as a legend or a table names it: the name of a variant, or of a sweep `10 clients and 1 hub`.
pub(super) fn label_of_point(evidence: &Evidence<'_>, point: usize) -> String {
    let name = named_point(evidence, point);
    let place = name.strip_prefix("the one ").map(|place| place.strip_prefix("with ").unwrap_or(place).to_owned());
    place.unwrap_or_else(|| evidence.points[point].label.to_owned())
}

/// The parameters of a study as the title of a column of points: `clients, hubs`; of a comparison `variant`.
pub(super) fn title_of_points(evidence: &Evidence<'_>) -> String {
    let title = |(at, path): (usize, &String)| {
        ParameterWords::of(path, evidence.points.iter().map(|point| &point.settings[at])).title()
    };
    evidence.parameters.iter().enumerate().map(title).collect::<Vec<_>>().join(", ")
}

/// In a line that names more variants, none is explained.
const VARIANTS_EXPLAINED: usize = 4;

/// `lines` in which each variant is explained where it is first named in a line that names few: `“both” (a hub and each other)`.
/// In a longer list of names the explanations would tear the sentence apart; the section on the variants has them.
pub(super) fn glossed(evidence: &Evidence<'_>, lines: Vec<String>) -> Vec<String> {
    let known = evidence.points.iter().filter_map(|point| Some((quoted(point.label), point.about?)));
    let mut open: Vec<(String, &str)> = known.collect();
    let with_glosses = |(number, line): (usize, String)| {
        let names = evidence.points.iter().filter(|point| line.contains(&quoted(point.label))).count();
        let mut line = line;
        open.retain(|(name, about)| {
            // The first line counts the variants; the others are about some of them.
            let is_list = if number > 0 { names > VARIANTS_EXPLAINED } else { names > 1 };
            let at = line.find(name.as_str()).filter(|_| !is_list);
            if let Some(at) = at {
                line.insert_str(at + name.len(), &format!(" ({about})"));
            }
            at.is_none()
        });
        line
    };
    lines.into_iter().enumerate().map(with_glosses).collect()
}

/// Those points of several parameters: a range if all parameters change together, else the first few.
fn of_several_parameters(evidence: &Evidence<'_>, those: &[bool]) -> String {
    let place = |at: usize| located(evidence.parameters, evidence.points[at].settings);
    let settings = |at: usize| evidence.points[at].settings;
    if evidence.parameters.iter().enumerate().all(|(parameter, _)| changes_in_one_direction(evidence, parameter)) {
        let told = |run: Range<usize>| match run.len() {
            1 => place(run.start),
            _ => ranging(evidence.parameters, settings(run.start), settings(run.end - 1)),
        };
        return listed(&runs(those).into_iter().map(told).collect::<Vec<_>>());
    }
    let all: Vec<usize> = (0..those.len()).filter(|at| those[*at]).collect();
    let mut told: Vec<String> = all.iter().take(POINTS_TOLD).map(|at| place(*at)).collect();
    if all.len() > POINTS_TOLD {
        told.push(format!("at {} more points", all.len() - POINTS_TOLD));
    }
    listed(&told)
}

fn changes_in_one_direction(evidence: &Evidence<'_>, parameter: usize) -> bool {
    let places = evidence.points.iter().map(|point| point.settings[parameter].position());
    places.collect::<Option<Vec<f64>>>().is_some_and(|places| {
        places.is_sorted_by(|one, other| one < other) || places.is_sorted_by(|one, other| one > other)
    })
}

/// The runs of those points that follow each other.
fn runs(those: &[bool]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in (0..those.len()).filter(|at| those[*at]) {
        match runs.last_mut() {
            Some(last) if last.end == at => last.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// The first of those points, if they are all from there on, three or more but not all of them, and the values rise.
fn beginning_of_the_rest(values: &[&ParameterValue], those: &[bool]) -> Option<usize> {
    let places: Vec<f64> = values.iter().map(|value| value.position()).collect::<Option<_>>()?;
    let first = those.iter().position(|is_one| *is_one)?;
    let is_rest = first > 0 && those.len() - first >= 3 && those[first..].iter().all(|is_one| *is_one);
    (is_rest && places.is_sorted()).then_some(first)
}

fn chosen<'e, 'r>(evidence: &'e Evidence<'r>, those: &[bool]) -> impl Iterator<Item = &'e PointEvidence<'r>> {
    evidence.points.iter().zip(those).filter(|(_, is_one)| **is_one).map(|(point, _)| point)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::StudyKind;
    use crate::report::support::study;

    #[test]
    fn variants_are_explained_once_and_not_within_a_list() {
        let mut record = study(StudyKind::Comparison, 3, 2);
        record.points[0].about = Some("a hub".to_owned());
        record.points[1].about = Some("no hub".to_owned());
        let told = |lines: &[&str]| {
            glossed(&Evidence::from(&record), lines.iter().map(|line| (*line).to_owned()).collect()).join("\n")
        };
        assert_eq!(
            told(&[
                "“variant-0” and “variant-1” do.",
                "“variant-1” is worse than “variant-0”.",
                "“variant-2”, “variant-1”"
            ]),
            "“variant-0” and “variant-1” do.\n“variant-1” (no hub) is worse than “variant-0” (a hub).\n“variant-2”, “variant-1”"
        );
        assert_eq!(
            told(&["Only “variant-1” does.", "“variant-1” waits"]),
            "Only “variant-1” (no hub) does.\n“variant-1” waits"
        );
    }

    #[test]
    fn points_of_several_parameters_are_not_listed_without_end() {
        let told = |settings: [[&str; 2]; 6]| {
            let mut record = study(StudyKind::Sweep, 6, 2);
            record.parameters = ["group.client.count", "group.hub.count"].map(str::to_owned).into();
            for (point, settings) in record.points.iter_mut().zip(settings) {
                let number = |text: &str| ParameterValue { number: text.parse().ok(), ..ParameterValue::word(text) };
                point.settings = settings.map(number).into();
            }
            named_points(&Evidence::from(&record), &[true, true, true, true, false, true])
        };
        let together = [["5", "1"], ["10", "2"], ["20", "3"], ["40", "4"], ["80", "5"], ["160", "6"]];
        assert_eq!(
            told(together),
            "from 5 clients and 1 hub up to 40 clients and 4 hubs and with 160 clients and 6 hubs"
        );
        let grid = [["5", "1"], ["5", "2"], ["10", "1"], ["10", "2"], ["20", "1"], ["20", "2"]];
        assert_eq!(
            told(grid),
            "with 5 clients and 1 hub, with 5 clients and 2 hubs, with 10 clients and 1 hub and at 2 more points"
        );
    }
}
