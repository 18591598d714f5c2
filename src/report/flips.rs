//! Reports what would flip the decision: for each uncertain value the smallest change that does, the nearest one first, and which values
//! do not flip it within their ranges. A decision that flips back is told as such.

use crate::inference::{CONFIDENCE, Decision, judge};
use crate::measures::{Condition, Unit};
use crate::record::{FlipFound, FlipWay, FlipsRecord};
use crate::stats::Judgement;

use super::assumed;
use super::decided::decision;
use super::document::ReportSection;
use super::evidence::{Evidence, PointEvidence};
use super::influence;
use super::numbers::{listed, rough, value_told};
use super::required::{missed, with_value};
use super::sensitivity;

/// At most so many values have a line of the answer.
const LINES: usize = 6;

/// At most so many of those that flip nothing are named.
const NAMED: usize = 8;

/// A way on which the decision flips.
pub(super) struct Flip<'r> {
    /// The number of the uncertain value.
    pub(super) input: usize,
    pub(super) way: &'r FlipWay,
    pub(super) found: FlipFound,
}

/// All flips, the nearest one first; those to another thing, whose distance has no measure, come last.
pub(super) fn flips(record: &FlipsRecord) -> Vec<Flip<'_>> {
    let mut flips: Vec<Flip<'_>> = Vec::new();
    for (input, ways) in record.ways.iter().enumerate() {
        flips.extend(ways.iter().filter_map(|way| Some(Flip { input, way, found: way.flip? })));
    }
    let distance = |flip: &Flip<'_>| flip.found.distance.unwrap_or(f64::INFINITY);
    flips.sort_by(|one, other| distance(one).total_cmp(&distance(other)));
    flips
}

/// The answer, a line for each of its parts.
pub(super) fn answer(evidence: &Evidence<'_>, record: &FlipsRecord) -> String {
    let flips = flips(record);
    let mut lines = vec![first_sentence(evidence, record, &flips)];
    lines.extend(flips.iter().take(LINES).map(|flip| line(evidence, record, flip)));
    if flips.len() > LINES {
        lines.push(format!("{} more changes flip it; flips.csv has them.", flips.len() - LINES));
    }
    lines.extend(without(record));
    lines.extend(unknown(record));
    lines.push(how_sure(evidence, record, &flips));
    lines.join("\n")
}

/// Whether the requirements are met as assumed, and what is nearest to changing that.
fn first_sentence(evidence: &Evidence<'_>, record: &FlipsRecord, flips: &[Flip<'_>]) -> String {
    let Some(assumed) = evidence.points.first() else { return "Too few observations for an answer.".to_owned() };
    let values = with_value(&assumed.facts.yes_if, &[assumed]);
    let by_means = Decision::by_means(&assumed.facts.yes_if, &assumed.observations);
    let is = match (decision(assumed), by_means) {
        (_, None) => {
            return format!(
                "As assumed nobody can tell whether the requirements are met: {values}. So nothing can flip that."
            );
        }
        (Some(Decision::Yes), _) => "are met",
        (Some(Decision::No(_)), _) => "are not met",
        (_, Some(true)) => "are met by the means, which is not sure",
        (_, Some(false)) => "are not met by the means, which is not sure",
    };
    let nearest = match flips.first() {
        None => "Nothing that is uncertain flips that on its own".to_owned(),
        Some(flip) => {
            let far =
                flip.found.distance.map_or_else(String::new, |distance| format!(", {} of its range", share(distance)));
            format!(
                "What flips that with the smallest change is {} ({} → {}{far})",
                influence::name_of(&record.inputs[flip.input]),
                told(evidence, 0, flip.input),
                told(evidence, flip.found.at, flip.input),
            )
        }
    };
    format!("As assumed the requirements {is}: {values}. {nearest}.")
}

/// `- how often users come: at 5.2 instead of 8 (12 % of its range; surely at 4.1), not yet at 5.4: provider calls saved …`
fn line(evidence: &Evidence<'_>, record: &FlipsRecord, flip: &Flip<'_>) -> String {
    let input = &record.inputs[flip.input];
    let at = |point: usize| told(evidence, point, flip.input);
    let sure = match flip.found.surely_at {
        Some(surely) if surely == flip.found.at => "surely".to_owned(),
        Some(surely) => format!("surely at {}", at(surely)),
        None => "nowhere surely".to_owned(),
    };
    let far = flip.found.distance.map_or_else(String::new, |distance| format!("{} of its range; ", share(distance)));
    let before = flip.found.before.map(at).filter(|before| *before != at(0));
    let before = before.map_or_else(String::new, |before| format!(", not yet at {before}"));
    let point = &evidence.points[flip.found.at];
    let failed = failed(point);
    let then = if failed.is_empty() { with_value(&point.facts.yes_if, &[point]) } else { missed(&failed, &[point]) };
    let back = flip
        .way
        .back_at
        .map_or_else(String::new, |back| format!(" It flips back: at {} it is as assumed again.", at(back)));
    let name = influence::name_of(input);
    format!("- {name}: at {} instead of {} ({far}{sure}){before}. Then {then}.{back}", at(flip.found.at), at(0))
}

/// The requirements that the means at a point miss.
fn failed(point: &PointEvidence<'_>) -> Vec<Condition> {
    let is_missed = |one: &&Condition| {
        matches!(judge(one, &point.observations, CONFIDENCE), Judgement::Fails | Judgement::SurelyFails)
    };
    point.facts.yes_if.iter().filter(is_missed).cloned().collect()
}

/// Those that do not flip the decision within their ranges.
fn without(record: &FlipsRecord) -> Option<String> {
    let is_still = |ways: &Vec<FlipWay>| ways.iter().all(|way| way.flip.is_none());
    let those = record.ways.iter().zip(&record.inputs).filter(|(ways, _)| is_still(ways));
    let names: Vec<String> = those.map(|(_, input)| influence::name_of(input)).collect();
    let (first, others) = names.split_at(names.len().min(NAMED));
    let others = (!others.is_empty()).then(|| format!("{} more", others.len()));
    let told: Vec<String> = first.iter().cloned().chain(others).collect();
    let whose = if names.len() == 1 { "Within its range this does" } else { "Within their ranges these do" };
    (!names.is_empty()).then(|| format!("{whose} not flip it: {}.", listed(&told)))
}

/// Those of which at some place nobody can tell whether the requirements are met.
fn unknown(record: &FlipsRecord) -> Option<String> {
    let is_open = |ways: &Vec<FlipWay>| ways.iter().flat_map(|way| &way.looks).any(|look| look.is_met.is_none());
    let those = record.ways.iter().zip(&record.inputs).filter(|(ways, _)| is_open(ways));
    let names: Vec<String> = those.map(|(_, input)| influence::name_of(input)).collect();
    (!names.is_empty()).then(|| {
        format!("Somewhere in the range of {}, nobody can tell whether the requirements are met.", listed(&names))
    })
}

/// How sure that is.
fn how_sure(evidence: &Evidence<'_>, record: &FlipsRecord, flips: &[Flip<'_>]) -> String {
    let looks = record.ways.iter().flatten().filter(|way| way.looks.iter().any(|look| look.distance.is_some()));
    let looked = looks.map(|way| way.looks.len()).min().unwrap_or(0);
    let scanned = if looked > 0 {
        " A range is scanned at few places on each side of what is assumed, at least at its quarters: what flips and flips back between \
         two of them is not seen."
    } else {
        ""
    };
    let by_means = if flips.is_empty() {
        ""
    } else {
        " A place is found by the means; where it is surely flipped stands beside it."
    };
    format!("Each value was changed alone.{by_means}{scanned} {}", assumed::sentence(evidence))
}

/// An uncertain value at a point; at the first point it is as assumed.
fn told(evidence: &Evidence<'_>, point: usize, input: usize) -> String {
    value_told(&evidence.points[point].settings[input])
}

fn share(distance: f64) -> String {
    rough(distance, Unit::Share)
}

/// What a reader has to know before the numbers.
pub(super) fn head(evidence: &Evidence<'_>) -> Vec<String> {
    let replications = evidence.points.iter().map(|point| point.replications).max().unwrap_or(0);
    vec![format!(
        "{} worlds, {replications} replications each. The same users meet the same luck in all worlds that have them.",
        evidence.points.len()
    )]
}

/// The table of flips, and what was uncertain.
pub(super) fn sections(evidence: &Evidence<'_>, record: &FlipsRecord) -> Vec<ReportSection> {
    let titles = ["uncertain", "assumed", "flips at", "not yet at", "surely at", "share of the range", "flips back at"];
    let mut rows: Vec<Vec<String>> = vec![titles.map(str::to_owned).into()];
    for flip in flips(record) {
        let at = |point: Option<usize>| point.map_or_else(String::new, |point| told(evidence, point, flip.input));
        rows.push(vec![
            influence::name_of(&record.inputs[flip.input]),
            at(Some(0)),
            at(Some(flip.found.at)),
            at(flip.found.before.or(Some(0))),
            flip.found.surely_at.map_or_else(|| "nowhere".to_owned(), |surely| at(Some(surely))),
            flip.found.distance.map_or_else(String::new, share),
            at(flip.way.back_at),
        ]);
    }
    let found = if rows.len() > 1 {
        ReportSection::new("What flips the decision").grid(rows, 0)
    } else {
        ReportSection::new("What flips the decision").sentence("No change of one value within its range does.")
    };
    vec![found, sensitivity::uncertain(&record.inputs)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::USER_WAIT_P95;
    use crate::record::support::study;
    use crate::record::{FlipLook, InputRecord, ParameterValue, StudyKind, StudyRecord};
    use crate::report;

    /// Visits flip the decision at 20 and back at 32; latency and losses do not. Points: as assumed, three numbers of visits, two
    /// latencies, two losses.
    fn record() -> StudyRecord {
        let waits = [2.0, 2.5, 4.0, 2.9, 2.0, 2.1, 2.0, 2.0];
        let settings = [
            ["8", "300ms", "0.001"],
            ["16", "300ms", "0.001"],
            ["20", "300ms", "0.001"],
            ["32", "300ms", "0.001"],
            ["8", "50ms", "0.001"],
            ["8", "3s", "0.001"],
            ["8", "300ms", "0.0001"],
            ["8", "300ms", "0.03"],
        ];
        let mut record = study(StudyKind::Comparison, 8, 6);
        record.kind = StudyKind::Flips;
        for ((point, wait), settings) in record.points.iter_mut().zip(waits).zip(settings) {
            point.settings = settings.map(ParameterValue::word).into();
            point.facts.yes_if = vec!["user_wait_p95 <= 3s".parse().expect("a condition")];
            for (observed, number) in point.replications.iter_mut().zip(0_u32..) {
                observed.measured[USER_WAIT_P95] = Some(wait * (1.0 + f64::from(number % 3) / 1e3));
            }
            point.contributions.clone_from(&point.replications);
        }
        let input = |parameter: &str, about: &str, assumed: &str, range: [&str; 2]| InputRecord {
            parameter: parameter.to_owned(),
            about: Some(about.to_owned()),
            source: "assumption".to_owned(),
            assumed: assumed.to_owned(),
            range: range.map(str::to_owned).into(),
        };
        let look = |point: usize, distance: f64, met: bool| FlipLook {
            point,
            distance: Some(distance),
            is_met: Some(met),
            is_sure: true,
        };
        let still = |point: usize| FlipWay { looks: vec![look(point, 0.5, true)], flip: None, back_at: None };
        let flip = FlipFound { before: Some(1), at: 2, distance: Some(0.33), surely_at: Some(2) };
        let visits = FlipWay {
            looks: vec![look(1, 0.25, true), look(2, 0.33, false), look(3, 0.5, true)],
            flip: Some(flip),
            back_at: Some(3),
        };
        record.flips = Some(FlipsRecord {
            inputs: vec![
                input("group.client.visits.per_day", "how often users come", "8", ["2", "32"]),
                input("connector.*.latency", "how fast providers answer", "300ms", ["50ms", "3s"]),
                input("network.loss", "how many messages get lost", "0.001", ["0.0001", "0.03"]),
            ],
            ways: vec![vec![visits], vec![still(4), still(5)], vec![still(6), still(7)]],
        });
        let inputs = record.flips.iter().flat_map(|flips| &flips.inputs);
        record.parameters = inputs.map(|input| input.parameter.clone()).collect();
        record
    }

    #[test]
    fn the_nearest_flip_is_told_first_and_what_flips_nothing_is_named() {
        let record = record();
        let evidence = Evidence::from(&record);
        let text = answer(&evidence, evidence.flips.expect("flips"));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "As assumed the requirements are met: wait of the slowest 5 % of visits 2.00 s (at most 3 s required). What flips that with the \
             smallest change is how often users come (8 → 20, 33 % of its range)."
        );
        assert_eq!(
            lines[1],
            "- how often users come: at 20 instead of 8 (33 % of its range; surely), not yet at 16. Then wait of the slowest 5 % of visits \
             4.00 s instead of at most 3 s. It flips back: at 32 it is as assumed again."
        );
        assert_eq!(
            lines[2],
            "Within their ranges these do not flip it: how fast providers answer and how many messages get lost."
        );
        assert!(lines[3].starts_with("Each value was changed alone. A place is found by the means; "), "{text}");
    }

    #[test]
    fn flips_are_told_in_words_and_tables() {
        let record = record();
        insta::assert_snapshot!(report::text(&record));
        let files = report::files(&record);
        let table = files.iter().find(|file| file.name == "flips.csv").expect("a table");
        insta::assert_snapshot!("flips_csv", String::from_utf8(table.bytes.clone()).expect("text"));
    }
}
