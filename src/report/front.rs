//! Reports which alternatives are on the front of several goals: no other is at least as good in all of them and better in one.

use crate::inference::{Direction, Quantity};
use crate::record::{FrontRecord, StudyKind};

use super::background;
use super::charts;
use super::document::ReportSection;
use super::evidence::Evidence;
use super::numbers::{UNKNOWN, listed, quantity_told};
use super::places::{named_point, title_of_points};

/// At most so many alternatives are named in a sentence.
const NAMED: usize = 6;

/// Who is on the front in at least this share of the resamples surely is, and who is in at most the rest surely is not.
const SURE: f64 = 0.95;

/// The front in a few sentences; `None` if nobody asks for one.
pub(super) fn answer(evidence: &Evidence<'_>) -> Option<String> {
    let front = evidence.front?;
    let kind = if evidence.kind == StudyKind::Comparison { "variants" } else { "points" };
    let goals = listed(&front.quantities().iter().map(Quantity::spoken).collect::<Vec<_>>());
    let compared = front.points.iter().flatten().count();
    if compared == 0 {
        return Some(format!("No {kind} have a mean of all goals ({goals}), so that there is no front."));
    }
    let on_front = front.on_front();
    let (count, are) = (on_front.len(), if on_front.len() == 1 { "is" } else { "are" });
    let first =
        format!("Of {compared} {kind}, {count} {are} best in some trade of {goals}: {}.", names(evidence, &on_front));
    let share = |point: &usize| front.points[*point].as_ref().map_or(0.0, |of| of.share);
    let unsure: Vec<usize> = on_front.iter().copied().filter(|point| share(point) < SURE).collect();
    let is_perhaps = |point: &usize| !on_front.contains(point) && share(point) > 1.0 - SURE;
    let perhaps: Vec<usize> = (0..front.points.len()).filter(is_perhaps).collect();
    let sure = match unsure.len() {
        0 => "Each of them is on this front in at least 95 % of the resamples.".to_owned(),
        all if all == count => {
            "None of them surely is: each is on this front in less than 95 % of the resamples.".to_owned()
        }
        _ => format!("Not surely: {} (less than 95 % of the resamples).", names(evidence, &unsure)),
    };
    let hardly: Vec<usize> =
        on_front.iter().copied().filter(|point| hardly_beside(evidence, front, *point).is_some()).collect();
    let hardly = (!hardly.is_empty()).then(|| {
        let (them, are) = if hardly.len() == 1 { ("its advantage", "is") } else { ("their advantages", "are") };
        format!("Hardly worth it, as {them} over another one {are} too small to matter: {}.", names(evidence, &hardly))
    });
    let others = (!perhaps.is_empty()).then(|| format!("Perhaps also: {}.", names(evidence, &perhaps)));
    let absent: Vec<usize> = (0..front.points.len()).filter(|point| front.points[*point].is_none()).collect();
    let absent = (!absent.is_empty())
        .then(|| format!("Not compared, as a goal has no mean there: {}.", names(evidence, &absent)));
    Some([first, sure].into_iter().chain(hardly).chain(others).chain(absent).collect::<Vec<_>>().join(" "))
}

fn names(evidence: &Evidence<'_>, those: &[usize]) -> String {
    let (named, others) = those.split_at(those.len().min(NAMED));
    let more = (!others.is_empty()).then(|| format!("{} more", others.len()));
    listed(&named.iter().map(|point| named_point(evidence, *point)).chain(more).collect::<Vec<_>>())
}

/// The alternative on the front beside which `point`, which is on it, too, has no advantage that matters, but a disadvantage that does;
/// by their means.
fn hardly_beside(evidence: &Evidence<'_>, front: &FrontRecord, point: usize) -> Option<usize> {
    let quantities = front.quantities();
    let ahead = |goal: &Quantity, one: usize, other: usize| -> Option<f64> {
        let mean = |point: usize| Some(evidence.points[point].answer(goal).known()?.mean);
        let (one, other) = (mean(one)?, mean(other)?);
        let sign = if Direction::of(goal, true) == Direction::Better { 1.0 } else { -1.0 };
        Some(sign * (one - other) / evidence.relevance.least(goal, other))
    };
    front.on_front().into_iter().filter(|other| *other != point).find(|other| {
        let most_ahead = |one: usize, than: usize| {
            let by = quantities.iter().map(|goal| ahead(goal, one, than).unwrap_or(f64::INFINITY));
            by.fold(f64::NEG_INFINITY, f64::max)
        };
        most_ahead(point, *other) < 1.0 && most_ahead(*other, point) >= 1.0
    })
}

/// The picture, and a row for each alternative: those on the front first.
pub(super) fn section(evidence: &Evidence<'_>, front: &FrontRecord) -> ReportSection {
    let quantities = front.quantities();
    let titles = std::iter::once(title_of_points(evidence)).chain(quantities.iter().map(Quantity::spoken));
    let titles = titles.chain(["on the front in", "as good or better"].map(str::to_owned)).collect();
    let row = |point: usize| {
        let of = front.points[point].as_ref();
        let place = |point: usize| background::place(evidence, &evidence.points[point]);
        let goals = quantities.iter().map(|goal| quantity_told(goal, evidence.points[point].answer(goal)));
        let share = of.map_or_else(|| UNKNOWN.to_owned(), |of| format!("{:.0} %", 100.0 * of.share));
        let by = match of.and_then(|of| of.dominated_by) {
            Some(by) => place(by),
            None if of.is_some() => {
                hardly_beside(evidence, front, point).map_or_else(String::new, |by| format!("nearly: {}", place(by)))
            }
            None => String::new(),
        };
        std::iter::once(place(point)).chain(goals).chain([share, by]).collect()
    };
    let rows: Vec<Vec<String>> = std::iter::once(titles).chain(order(front).into_iter().map(row)).collect();
    ReportSection::new("Several goals")
        .grid(rows, 0)
        .sentence(
            "On the front in: the share of 1,000 resamples of the replications in which no other is at least as good in all goals and \
             better in one. All have the same replications in a resample.",
        )
        .pictures([charts::front(evidence, front)])
}

/// The points: those on the front first, then by how often they are.
pub(super) fn order(front: &FrontRecord) -> Vec<usize> {
    let key = |point: usize| {
        front.points[point].as_ref().map_or((2, 0.0), |of| (u8::from(of.dominated_by.is_some()), -of.share))
    };
    let mut order: Vec<usize> = (0..front.points.len()).collect();
    order.sort_by(|one, other| {
        let (one, other) = (key(*one), key(*other));
        one.0.cmp(&other.0).then(one.1.total_cmp(&other.1))
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{FrontPoint, StudyRecord};
    use crate::report;
    use crate::report::support::study;

    fn record(kind: StudyKind, shares: &[Option<(Option<usize>, f64)>]) -> StudyRecord {
        let mut record = study(kind, u32::try_from(shares.len()).expect("few"), 6);
        let point =
            |of: &Option<(Option<usize>, f64)>| of.map(|(dominated_by, share)| FrontPoint { dominated_by, share });
        record.front = Some(FrontRecord {
            goals: ["connector_calls.saving", "user_wait_p95"].map(str::to_owned).into(),
            points: shares.iter().map(point).collect(),
        });
        record
    }

    fn answered(shares: &[Option<(Option<usize>, f64)>]) -> String {
        let record = record(StudyKind::Comparison, shares);
        answer(&Evidence::from(&record)).expect("a front")
    }

    #[test]
    fn who_is_on_the_front_is_told_first_and_how_surely() {
        assert_eq!(
            answered(&[Some((None, 1.0)), Some((Some(0), 0.0)), Some((None, 0.6)), Some((Some(2), 0.3)), None]),
            "Of 4 variants, 2 are best in some trade of provider calls saved and wait of the slowest 5 % of visits: “variant-0” and \
             “variant-2”. Not surely: “variant-2” (less than 95 % of the resamples). Hardly worth it, as its advantage over another one is too \
             small to matter: “variant-2”. Perhaps also: “variant-3”. Not compared, as a goal has no mean there: “variant-4”."
        );
        let sure = answered(&[Some((None, 1.0)), Some((Some(0), 0.0))]);
        assert!(sure.contains("1 is best in some trade") && sure.contains("Each of them is on this front"), "{sure}");
        assert!(answered(&[Some((None, 0.5)), Some((None, 0.5))]).contains("None of them surely is"));
        assert!(answered(&[None, None]).starts_with("No variants have a mean of all goals"));
    }

    /// The second saves a tenth of a point more than the first, which matters to nobody, and waits a second longer.
    #[test]
    fn an_advantage_too_small_to_matter_is_told() {
        let mut record = record(StudyKind::Comparison, &[Some((None, 1.0)), Some((None, 1.0))]);
        for (point, (calls, wait)) in record.points.iter_mut().zip([(60.1, 1.0), (60.0, 2.0)]) {
            for observed in &mut point.replications {
                observed.measured[crate::measures::USER_WAIT_P95] = Some(wait);
                observed.measured[crate::measures::CONNECTOR_CALLS] = Some(calls);
                observed.baseline.as_mut().expect("a baseline")[crate::measures::CONNECTOR_CALLS] = Some(100.0);
            }
            point.contributions = point.replications.clone();
        }
        let evidence = Evidence::from(&record);
        let answer = answer(&evidence).expect("a front");
        let expected = "Hardly worth it, as its advantage over another one is too small to matter: “variant-1”.";
        assert!(answer.contains(expected), "{answer}");
        assert!(report::text(&record).contains("nearly: variant-0"));
    }

    #[test]
    fn those_on_the_front_come_first_and_all_formats_have_them() {
        for kind in [StudyKind::Comparison, StudyKind::Sweep] {
            let record = record(kind, &[Some((Some(2), 0.2)), None, Some((None, 0.9)), Some((Some(2), 0.4))]);
            assert_eq!(order(record.front.as_ref().expect("a front")), [2, 3, 0, 1]);
            let files = report::files(&record);
            let has = |name: &str| files.iter().any(|file| file.name == name);
            assert!(has("front.csv") && has("charts/front.svg"));
            let text = report::text(&record);
            assert!(text.contains("on the front in") && text.contains("90 %"), "{text}");
        }
        let without = report::files(&study(StudyKind::Comparison, 2, 6));
        assert!(without.iter().all(|file| !file.name.contains("front")));
    }
}
