//! Reports a selection of the best: the choice and its promise first, then what it took, who comes next, and who cannot be the best.

use crate::inference::{Answer, CONFIDENCE, Direction, Quantity};
use crate::measures::Unit;
use crate::record::{EliminationRecord, SelectionRecord, StudyKind};
use crate::stats::{Paired, Sample};
use crate::text::grouped;

use super::charts;
use super::document::ReportSection;
use super::evidence::Evidence;
use super::numbers::{UNKNOWN, difference, listed, mean, quantity_told, rough};
use super::places::{named_point, title_of_points};
use super::{assumed, background, comparison, sweep};

/// At most so many alternatives are named in a sentence.
const NAMED: usize = 4;

/// A selection, with what is needed to speak of it.
pub(super) struct Selected<'e, 'r> {
    pub(super) evidence: &'e Evidence<'r>,
    pub(super) record: &'r SelectionRecord,
    pub(super) quantity: Quantity,
}

impl<'e, 'r> Selected<'e, 'r> {
    /// The selection of a study; `None` if it sought no best.
    pub(super) fn of(evidence: &'e Evidence<'r>) -> Option<Self> {
        let record = evidence.selection?;
        let quantity = record.measure.parse().expect("checked before it was recorded");
        Some(Self { evidence, record, quantity })
    }

    /// The best, or else the best so far.
    pub(super) fn leader(&self) -> Option<usize> {
        self.record.leader(Direction::of(&self.quantity, true) == Direction::Better)
    }

    /// A point as the subject of a sentence: `“three-hubs”`, `the one with 20 clients`.
    pub(super) fn name(&self, point: usize) -> String {
        named_point(self.evidence, point)
    }

    /// What the points of the study are called.
    fn kind(&self) -> &'static str {
        if self.evidence.kind == StudyKind::Comparison { "variants" } else { "points" }
    }

    fn names(&self, those: &[usize]) -> String {
        let (named, others) = those.split_at(those.len().min(NAMED));
        let more = (!others.is_empty()).then(|| format!("{} more", others.len()));
        listed(&named.iter().map(|point| self.name(*point)).chain(more).collect::<Vec<_>>())
    }

    fn mean_of(&self, point: usize) -> String {
        mean(self.evidence.points[point].answer(&self.quantity).known(), self.quantity.unit())
    }

    /// The smallest difference that matters: `50 ms`, `2 points`.
    pub(super) fn zone(&self) -> String {
        change(self.record.zone, self.quantity.unit())
    }

    fn spent(&self) -> usize {
        self.evidence.points.iter().map(|point| point.replications).sum()
    }

    /// How a point differs from the best (so far), over the replications that both have.
    pub(super) fn behind(&self, point: usize) -> Option<Paired> {
        let leader = self.leader().filter(|leader| *leader != point)?;
        let count = [point, leader].map(|one| self.evidence.points[one].replications).into_iter().min()?;
        let sample = |one: usize| -> Option<Sample> {
            let observations = &self.evidence.points[one].observations;
            self.quantity.answer(observations).known()?;
            self.quantity.sample(observations, count)
        };
        Some(Paired::of(&sample(point)?, &sample(leader)?, CONFIDENCE))
    }
}

/// The answer, a line for each of its parts.
pub(super) fn answer(selected: &Selected<'_, '_>) -> String {
    let lines = match selected.record.best {
        Some(best) => found(selected, best),
        None => open(selected),
    };
    let lines = lines.into_iter().chain(without_mean(selected)).chain(rare(selected));
    lines.chain([assumed::sentence(selected.evidence)]).collect::<Vec<_>>().join("\n")
}

fn found(selected: &Selected<'_, '_>, best: usize) -> Vec<String> {
    let Selected { record, quantity, evidence } = selected;
    let equals: Vec<usize> = record.left().into_iter().filter(|point| *point != best).collect();
    let first = format!(
        "Of {} {}, {} is best in {}: {}.",
        evidence.points.len(),
        selected.kind(),
        selected.name(best),
        quantity.spoken(),
        selected.mean_of(best)
    );
    let rivals = record.eliminated.iter().filter(|fate| fate.is_none_or(|fate| fate.by.is_some())).count();
    if rivals < 2 {
        return vec![
            first,
            format!("All other {} have no number, so that nothing had to be compared.", selected.kind()),
        ];
    }
    let promise = format!(
        "With a probability of {} it is the best, or within {} of the best.",
        rough_share(record.confidence),
        selected.zone()
    );
    let equal = (!equals.is_empty()).then(|| format!("Just as good: {}.", selected.names(&equals)));
    [first, promise].into_iter().chain(equal).chain(cost(selected)).chain(next(selected, best)).collect()
}

/// What the selection took, beside what it would have taken with as many replications for each.
fn cost(selected: &Selected<'_, '_>) -> Option<String> {
    let spent = selected.spent();
    let equal = selected.record.equal_allocation?;
    let took = format!("That took {} replications", grouped(spent as f64, 0));
    Some(if equal > spent as f64 {
        format!("{took}; as many for each would have taken {} for the same promise.", grouped(equal, 0))
    } else {
        format!("{took}, no fewer than as many for each would have taken.")
    })
}

/// Who comes next: of those that were eliminated the nearest.
fn next(selected: &Selected<'_, '_>, best: usize) -> Option<String> {
    let Selected { record, .. } = selected;
    let fate = |point: usize| record.eliminated[point].filter(|fate| fate.by.is_some());
    let others = (0..record.eliminated.len()).filter(|point| *point != best && fate(*point).is_some());
    let distance = |point: usize| selected.behind(point).map_or(f64::INFINITY, |of| of.difference.mean.abs());
    let next = others.min_by(|one, other| distance(*one).total_cmp(&distance(*other)))?;
    let behind = selected.behind(next)?.difference.mean.abs();
    Some(format!(
        "Next comes {}, {} behind; it was out after {} replications of each.",
        selected.name(next),
        change(behind, selected.quantity.unit()),
        fate(next)?.replications
    ))
}

/// What is to be said if the budget did not suffice, or nothing has a mean.
fn open(selected: &Selected<'_, '_>) -> Vec<String> {
    let Selected { record, quantity, evidence } = selected;
    let left = record.left();
    if left.is_empty() {
        return vec![format!(
            "None of the {} {} has a mean of {}.",
            evidence.points.len(),
            selected.kind(),
            quantity.spoken()
        )];
    }
    let leader = selected.leader().unwrap_or(left[0]);
    let spent = selected.spent();
    let first = format!(
        "Which of {} {} is best in {} is still open: {} are left.",
        evidence.points.len(),
        selected.kind(),
        quantity.spoken(),
        left.len()
    );
    let who = format!(
        "Best so far is {} ({}), but nothing is promised: {} replications are spent (--budget {}).",
        selected.name(leader),
        selected.mean_of(leader),
        grouped(spent as f64, 0),
        record.budget
    );
    let others: Vec<usize> = left.iter().copied().filter(|point| *point != leader).collect();
    let those = format!("Also left: {}.", selected.names(&others));
    let looked_at = record.looks.last().map_or(0, |look| look.replications);
    let more = (record.most_needed - f64::from(looked_at)).max(1.0) * left.len() as f64;
    let enough = format!("--budget {} surely suffices; often less does.", grouped_plain(spent as f64 + more));
    vec![first, who, those, enough]
}

/// Who cannot be the best, as nothing can be said of a mean.
fn without_mean(selected: &Selected<'_, '_>) -> Option<String> {
    let those: Vec<usize> = (0..selected.record.eliminated.len())
        .filter(|point| matches!(selected.record.eliminated[*point], Some(EliminationRecord { by: None, .. })))
        .collect();
    if those.is_empty() || those.len() == selected.evidence.points.len() {
        return None;
    }
    let is_endless = |point: &usize| selected.evidence.points[*point].answer(&selected.quantity) == Answer::Saturated;
    let why = if those.iter().all(is_endless) {
        "it grows without end there"
    } else {
        "it has no mean there (saturated, too many unfinished visits, or too few observations)"
    };
    Some(format!("Cannot be the best, as {why}: {}.", selected.names(&those)))
}

/// A warning where the variance is hardly known.
fn rare(selected: &Selected<'_, '_>) -> Option<String> {
    let answer = |point: usize| selected.evidence.points[point].answer(&selected.quantity);
    let is_rare = |point: &usize| matches!(answer(*point), Answer::Rare { .. } | Answer::Never(_));
    let those: Vec<usize> = (0..selected.evidence.points.len()).filter(is_rare).collect();
    (!those.is_empty()).then(|| {
        format!(
            "Beware: it is 0 in many replications of {}. How much it varies is then hardly known, and the promise may not hold.",
            selected.names(&those)
        )
    })
}

/// The picture, and a row for each alternative, the best first.
pub(super) fn sections(selected: &Selected<'_, '_>) -> Vec<ReportSection> {
    let best = ReportSection::new("The best")
        .grid(rows(selected), 0)
        .sentence(format!(
            "Behind: the difference from the best over the replications that both have, ± half of its 95 % interval. Who surely is not the \
             best gets no more replications. The promise is about the choice alone; it takes {} as the smallest difference that matters \
             (--matters).",
            selected.zone()
        ))
        .pictures([charts::elimination(selected)]);
    let evidence = selected.evidence;
    if evidence.kind != StudyKind::Comparison {
        return vec![best];
    }
    let all = ReportSection::new("All variants").grid(sweep::table(evidence), 0);
    let aid = "Means ± half of their 95 % intervals. Those of variants with few replications are wide.";
    std::iter::once(best).chain(comparison::explained(evidence)).chain([all.sentence(aid)]).collect()
}

fn rows(selected: &Selected<'_, '_>) -> Vec<Vec<String>> {
    let Selected { evidence, quantity, .. } = selected;
    let titles = [
        title_of_points(evidence),
        quantity.spoken(),
        "behind".to_owned(),
        "replications".to_owned(),
        "out".to_owned(),
    ];
    let row = |point: usize| {
        let behind = selected.behind(point).map(|of| of.difference);
        vec![
            background::place(evidence, &evidence.points[point]),
            quantity_told(quantity, evidence.points[point].answer(quantity)),
            behind.map_or_else(
                || if Some(point) == selected.leader() { "0".to_owned() } else { UNKNOWN.to_owned() },
                |of| difference(Some(of), quantity.unit()),
            ),
            evidence.points[point].replications.to_string(),
            fate(selected, point),
        ]
    };
    std::iter::once(titles.to_vec()).chain(order(selected).into_iter().map(row)).collect()
}

/// What became of a point.
pub(super) fn fate(selected: &Selected<'_, '_>, point: usize) -> String {
    match selected.record.eliminated[point] {
        None if selected.record.best == Some(point) => "the best".to_owned(),
        None if selected.record.best.is_some() => "just as good".to_owned(),
        None => "left".to_owned(),
        Some(EliminationRecord { by: None, .. }) => "no mean".to_owned(),
        Some(EliminationRecord { replications, .. }) => format!("after {replications}"),
    }
}

/// The points: the best (so far) first, then the others that are left, then those that are out, each time the nearest first; at last
/// those without a mean.
pub(super) fn order(selected: &Selected<'_, '_>) -> Vec<usize> {
    let leader = selected.leader();
    let rank = |point: usize| match selected.record.eliminated[point] {
        None => u8::from(Some(point) != leader),
        Some(EliminationRecord { by: Some(_), .. }) => 2,
        Some(EliminationRecord { by: None, .. }) => 3,
    };
    let behind = |point: usize| selected.behind(point).map_or(0.0, |of| of.difference.mean.abs());
    let mut order: Vec<usize> = (0..selected.evidence.points.len()).collect();
    order.sort_by(|one, other| rank(*one).cmp(&rank(*other)).then(behind(*one).total_cmp(&behind(*other))));
    order
}

/// A change of a number: of a share in points.
fn change(value: f64, unit: Unit) -> String {
    match (unit, rough(value, unit)) {
        (Unit::Share, told) => told.replace(" %", " points"),
        (_, told) => told,
    }
}

/// `95 %`, with as many digits as it has.
fn rough_share(share: f64) -> String {
    let percent = (share * 1e6).round() / 1e4;
    format!("{percent} %")
}

/// A number as an option takes it.
fn grouped_plain(number: f64) -> String {
    format!("{:.0}", number.ceil())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::selection_support::selected;
    use crate::report;

    fn told(kind: StudyKind, change: impl Fn(&mut SelectionRecord)) -> String {
        let mut record = selected(kind);
        change(record.selection.as_mut().expect("a selection"));
        let evidence = Evidence::from(&record);
        answer(&Selected::of(&evidence).expect("a selection"))
    }

    #[test]
    fn the_choice_and_its_promise_come_first() {
        let answer = told(StudyKind::Comparison, |_| {});
        let expected = [
            "Of 4 variants, “variant-1” is best in wait of the slowest 5 % of visits: 710 ms.",
            "With a probability of 95 % it is the best, or within 50 ms of the best.",
            "That took 60 replications; as many for each would have taken 120 for the same promise.",
            "Next comes “variant-2”, 50 ms behind; it was out after 20 replications of each.",
            "Cannot be the best, as it grows without end there: “variant-3”.",
        ];
        let lines: Vec<&str> = answer.lines().collect();
        assert_eq!(lines[..5], expected, "{answer}");
        assert!(answer.contains("`gtnet-sim check` lists all values"), "{answer}");
        let of_sweep = told(StudyKind::Sweep, |_| {});
        assert!(of_sweep.starts_with("Of 4 points, the one with 10 clients is best in wait"), "{of_sweep}");
    }

    #[test]
    fn a_spent_budget_is_told_with_the_way_on() {
        let answer = told(StudyKind::Comparison, |record| {
            (record.best, record.eliminated[2], record.budget, record.most_needed) = (None, None, 60, 100.0);
        });
        let expected = [
            "Which of 4 variants is best in wait of the slowest 5 % of visits is still open: 2 are left.",
            "Best so far is “variant-1” (710 ms), but nothing is promised: 60 replications are spent (--budget 60).",
            "Also left: “variant-2”.",
            "--budget 220 surely suffices; often less does.",
        ];
        assert_eq!(answer.lines().take(4).collect::<Vec<_>>(), expected, "{answer}");
    }

    #[test]
    fn equals_and_those_without_any_rival_are_told() {
        let equal = told(StudyKind::Comparison, |record| record.eliminated[2] = None);
        assert!(equal.contains("Just as good: “variant-2”."), "{equal}");
        let no_mean = Some(EliminationRecord { replications: 10, by: None });
        let alone = told(StudyKind::Comparison, |record| record.eliminated = vec![no_mean, None, no_mean, no_mean]);
        assert!(alone.contains("nothing had to be compared") && !alone.contains("probability"), "{alone}");
        let nothing = told(StudyKind::Comparison, |record| {
            (record.best, record.eliminated) = (None, vec![no_mean; 4]);
        });
        assert!(nothing.starts_with("None of the 4 variants has a mean of wait"), "{nothing}");
    }

    /// The report of a comparison has no verdicts then, and a row for each variant in the order in which they went.
    #[test]
    fn rows_are_in_the_order_of_the_selection() {
        for kind in [StudyKind::Comparison, StudyKind::Sweep] {
            let record = selected(kind);
            let evidence = Evidence::from(&record);
            let selection = Selected::of(&evidence).expect("a selection");
            assert_eq!(order(&selection), [1, 2, 0, 3]);
            let fates: Vec<String> =
                rows(&selection).into_iter().skip(1).map(|mut row| row.pop().expect("cells")).collect();
            assert_eq!(fates, ["the best", "after 20", "after 10", "no mean"], "the nearest first");
            let text = report::text(&record);
            assert!(text.contains("the best") && !text.contains("against variant-0"), "{text}");
            let files = report::files(&record);
            let has = |name: &str| files.iter().any(|file| file.name == name);
            assert!(has("selection.csv") && has("charts/elimination.svg") && !has("differences.csv"));
        }
    }

    #[test]
    fn what_is_hardly_ever_seen_gets_a_warning() {
        let mut record = selected(StudyKind::Comparison);
        for observed in &mut record.points[1].replications[1..] {
            observed.measured[crate::measures::REFUSED_SHARE] = Some(0.0);
        }
        record.points[1].contributions = record.points[1].replications.clone();
        record.selection.as_mut().expect("a selection").measure = "server_refused_share".to_owned();
        let evidence = Evidence::from(&record);
        let answer = answer(&Selected::of(&evidence).expect("a selection"));
        assert!(answer.contains("Beware: it is 0 in many replications of “variant-1”."), "{answer}");
    }
}
