//! Whether the requirements of a scenario are met, and which of them is missed and by how much. The values of what is required always
//! stand beside it.

use crate::inference::{Answer, Decision};
use crate::measures::Condition;
use crate::record::StudyKind;
use crate::text::grouped;

use super::evidence::{Evidence, PointEvidence};
use super::numbers::{capitalised, listed, quoted};
use super::places::named_points;
use super::required::{about_all_visits, missed, values, with_value};
use super::tally::VariantCount;

/// Who is not beyond this share of a limit is far from it.
const FAR: f64 = 0.1;

/// Nobody is advised to simulate more often.
const MOST_ADVISED: u32 = 1_000;

/// The only words for what more replications could tell; those for what may not matter are [`PERHAPS`].
pub(super) const UNCERTAIN: &str = "too uncertain to tell";

/// The only words for a difference that is there and may not matter.
pub(super) const PERHAPS: &str = "perhaps too small to matter";

/// What is said of something so near to the limit that it hardly matters on which side it is.
const NEAR: &str = ", right at the limit";

/// What is said of something that is seen in too few replications to have an interval.
const TOO_SELDOM: &str = "too seldom to give a margin";

/// How many replications would tell, where there are `count`; nothing if that number is not known.
pub(super) fn would(needed: Option<u32>, count: usize) -> String {
    let number = |number: u32| grouped(f64::from(number), 0);
    match needed {
        None => String::new(),
        Some(needed) if needed > MOST_ADVISED && count < MOST_ADVISED as usize => {
            format!("; even {} replications would not tell", number(MOST_ADVISED))
        }
        Some(needed) => {
            format!("; about {} replications would tell (there are {count})", number(needed))
        }
    }
}

/// What a point's replications decide on its requirements; `None` if it has none.
pub(super) fn decision(point: &PointEvidence<'_>) -> Option<Decision> {
    Decision::on(&point.facts.yes_if, &point.observations)
}

/// Whether the requirements of the scenarios are met; `None` if they have none.
pub(super) fn requirements(evidence: &Evidence<'_>) -> Option<String> {
    let sentences = match evidence.kind {
        StudyKind::Run => evidence.points.first().and_then(|point| of_run(evidence, point)),
        StudyKind::Comparison => of_variants(evidence),
        StudyKind::Sweep | StudyKind::Capacity => of_sweep(evidence),
        StudyKind::Sensitivity | StudyKind::Worlds | StudyKind::Flips => None,
    };
    sentences.map(|sentences| {
        let sentences: Vec<String> = sentences.into_iter().chain(about_all_visits(evidence)).collect();
        sentences.join(" ")
    })
}

fn of_run(evidence: &Evidence<'_>, point: &PointEvidence<'_>) -> Option<Vec<String>> {
    let asked = &point.facts.yes_if;
    let those = |conditions: &[Condition]| with_value(conditions, &[point]);
    let (requirements, are) = if asked.len() == 1 { ("Requirement", "is") } else { ("Requirements", "are") };
    let with_others = |sentence: String, told: &[Condition]| {
        let others: Vec<Condition> = asked.iter().filter(|one| !told.contains(one)).cloned().collect();
        let (other, is) = if others.len() == 1 { ("requirement", "is") } else { ("requirements", "are") };
        // As many as all together, so that each is decided as surely as beside those told.
        let as_many: Vec<Condition> = others.iter().cycle().take(asked.len()).cloned().collect();
        let also = (!others.is_empty()).then(|| match Decision::on(&as_many, &point.observations) {
            Some(Decision::Yes) => format!("The other {other} {is} met: {}.", those(&others)),
            _ => format!("Of the other {other} that is not sure: {}.", those(&others)),
        });
        std::iter::once(sentence).chain(also).collect()
    };
    let whether = format!("whether the {} {are} met", requirements.to_lowercase());
    Some(match decision(point)? {
        Decision::Yes => vec![format!("{requirements} met: {}.", those(asked))],
        Decision::Uncertain(seldom) if are_kept(point, &seldom) => {
            let kept = format!("{requirements} kept in every replication: {}, {TOO_SELDOM}.", those(&seldom));
            with_others(kept, &seldom)
        }
        Decision::No(failed) => with_others(format!("{requirements} not met: {}.", missed(&failed, &[point])), &failed),
        Decision::Uncertain(uncertain) => {
            let way_out = way_out(evidence, &[(point, uncertain.as_slice())]);
            with_others(format!("{} {whether}: {}{way_out}.", capitalised(UNCERTAIN), those(&uncertain)), &uncertain)
        }
        Decision::Unknown(unknown) => {
            with_others(format!("Nobody can tell here {whether}: {}.", those(&unknown)), &unknown)
        }
    })
}

/// The decision on each point. Those uncertain ones stand apart whose every replication keeps to the requirements, and which are
/// uncertain only as something is seen too seldom to have an interval.
struct PointDecisions {
    decided: Vec<Option<Decision>>,
    kept: Vec<Option<Decision>>,
}

impl PointDecisions {
    /// `None` if no point has requirements.
    fn of(evidence: &Evidence<'_>) -> Option<Self> {
        let of_point = |point: &PointEvidence<'_>| match decision(point) {
            Some(Decision::Uncertain(seldom)) if are_kept(point, &seldom) => (None, Some(Decision::Uncertain(seldom))),
            other => (other, None),
        };
        let (decided, kept): (Vec<_>, Vec<_>) = evidence.points.iter().map(of_point).unzip();
        decided.iter().chain(&kept).flatten().next()?;
        Some(Self { decided, kept })
    }
}

/// Whether each replication keeps to these conditions, of which something is seen too seldom to have an interval.
fn are_kept(point: &PointEvidence<'_>, seldom: &[Condition]) -> bool {
    let holds = |one: &Condition, value: f64| if one.at_most { value <= one.limit } else { value >= one.limit };
    seldom.iter().all(|one| {
        let values = one.quantity.in_each(&point.observations);
        matches!(point.answer(&one.quantity), Answer::Rare { .. } | Answer::Never(_))
            && values.iter().all(|value| value.is_some_and(|value| holds(one, value)))
    })
}

/// Whether no replication comes near to a limit that must not be exceeded.
fn is_far(point: &PointEvidence<'_>, condition: &Condition) -> bool {
    let values = condition.quantity.in_each(&point.observations);
    condition.at_most && values.iter().all(|value| value.is_some_and(|value| value.abs() <= FAR * condition.limit))
}

fn of_sweep(evidence: &Evidence<'_>) -> Option<Vec<String>> {
    let PointDecisions { decided, kept } = PointDecisions::of(evidence)?;
    let at = |of: &[Option<Decision>], is: &dyn Fn(&Decision) -> bool| {
        let those: Vec<bool> = of.iter().map(|decision| decision.as_ref().is_some_and(is)).collect();
        those.contains(&true).then(|| named_points(evidence, &those))
    };
    let requirements = if is_one(evidence) { "Requirement" } else { "Requirements" };
    let met = at(&decided, &|of| *of == Decision::Yes);
    let not_met = at(&decided, &|of| matches!(of, Decision::No(_))).map(|points| {
        let not = if met.is_some() { "Not met".to_owned() } else { format!("{requirements} not met") };
        format!("{not} {points}: {}.", in_those(evidence, &|at| decided[at].as_ref().map_or(&[], failed), missed))
    });
    let uncertain = at(&decided, &|of| matches!(of, Decision::Uncertain(_)))
        .map(|points| uncertain_told(evidence, &decided, &points));
    let seldom = at(&kept, &|_| true)
        .map(|points| format!("Kept in every replication {points}: {}.", seldom_told(evidence, &kept)));
    let unknown =
        at(&decided, &|of| matches!(of, Decision::Unknown(_))).map(|points| format!("Nobody can tell {points}."));
    // The only requirement is named where it is met, missed or too uncertain, with its values there.
    let is_named = is_one(evidence) && unknown.is_none();
    let met = met.map(|points| {
        let asked = |at: usize| match &decided[at] {
            Some(Decision::Yes) if is_named => evidence.points[at].facts.yes_if.as_slice(),
            _ => &[],
        };
        let values = Some(in_those(evidence, &asked, with_value)).filter(|values| !values.is_empty());
        format!("{requirements} met {points}{}.", values.map_or_else(String::new, |values| format!(": {values}")))
    });
    let required = (!is_named).then(|| required(evidence));
    Some([met, not_met, uncertain, seldom, unknown, required].into_iter().flatten().collect())
}

/// How many variants meet the requirements, and which. By how much the others miss them is told of each variant.
fn of_variants(evidence: &Evidence<'_>) -> Option<Vec<String>> {
    let PointDecisions { decided, kept } = PointDecisions::of(evidence)?;
    let those = |of: &[Option<Decision>], is: &dyn Fn(&Decision) -> bool| -> Vec<String> {
        let is = |decision: &Option<Decision>| decision.as_ref().is_some_and(is);
        evidence.points.iter().zip(of).filter(|(_, one)| is(one)).map(|(point, _)| quoted(point.label)).collect()
    };
    let counted = VariantCount {
        requirements: if is_one(evidence) { "requirement" } else { "requirements" },
        all: evidence.points.len(),
        met: those(&decided, &|of| *of == Decision::Yes),
        missed: those(&decided, &|of| matches!(of, Decision::No(_))),
        kept: those(&kept, &|_| true),
    };
    let seldom = counted.unproven().map(|those| {
        let far = (0..kept.len()).filter(|at| kept[*at].is_some()).all(|at| {
            uncertain(kept[at].as_ref().unwrap_or(&Decision::Yes)).iter().all(|one| is_far(&evidence.points[at], one))
        });
        let are = if counted.kept.len() == 1 { "is" } else { "are" };
        if far {
            let values = in_those(evidence, &|at| kept[at].as_ref().map_or(&[], uncertain), with_value);
            format!("{} {are} far below the limit in each replication: {values}.", capitalised(&those))
        } else {
            format!("For {those} that is likely, but not proven: {}.", seldom_told(evidence, &kept))
        }
    });
    let named = |which: &[String]| (!which.is_empty()).then(|| format!("for {}", listed(which)));
    let uncertain = named(&those(&decided, &|of| matches!(of, Decision::Uncertain(_))));
    let uncertain = uncertain.map(|points| uncertain_told(evidence, &decided, &points));
    let unknown = named(&those(&decided, &|of| matches!(of, Decision::Unknown(_))));
    let unknown = unknown.map(|points| format!("Nobody can tell {points}."));
    Some([Some(counted.told()), seldom, uncertain, unknown, Some(required(evidence))].into_iter().flatten().collect())
}

/// `Required: provider calls saved at least 20 % (here 62.0 to 69.4 %).`
fn required(evidence: &Evidence<'_>) -> String {
    let asking = evidence.points.iter().filter(|point| !point.facts.yes_if.is_empty());
    let asking: Vec<&PointEvidence<'_>> = asking.collect();
    let Some(first) = asking.first().map(|point| &point.facts.yes_if) else { return String::new() };
    if asking.iter().any(|other| other.facts.yes_if != *first) {
        return "Each has requirements of its own.".to_owned();
    }
    let with_values = |one: &Condition| match values(one, &asking) {
        Some(here) => format!("{} (here {here})", one.spoken()),
        None => one.spoken(),
    };
    format!("Required: {}.", listed(&first.iter().map(with_values).collect::<Vec<_>>()))
}

/// Whether no point has more than one requirement.
fn is_one(evidence: &Evidence<'_>) -> bool {
    evidence.points.iter().all(|point| point.facts.yes_if.len() < 2)
}

fn failed(decision: &Decision) -> &[Condition] {
    if let Decision::No(failed) = decision { failed } else { &[] }
}

fn uncertain(decision: &Decision) -> &[Condition] {
    if let Decision::Uncertain(uncertain) = decision { uncertain } else { &[] }
}

/// `Too uncertain to tell with 7 clients: provider calls saved 19.6 % (at least 20 % required); 30 replications would.`
fn uncertain_told(evidence: &Evidence<'_>, decided: &[Option<Decision>], points: &str) -> String {
    let values = in_those(evidence, &|at| decided[at].as_ref().map_or(&[], uncertain), with_value);
    let open: Vec<(&PointEvidence<'_>, &[Condition])> = evidence
        .points
        .iter()
        .zip(decided)
        .filter_map(|(point, decision)| Some((point, uncertain(decision.as_ref()?))))
        .filter(|(_, conditions)| !conditions.is_empty())
        .collect();
    match way_out(evidence, &open).as_str() {
        NEAR => format!("Too close to the limit to tell {points}: {values}."),
        way_out => format!("{} {points}: {values}{way_out}.", capitalised(UNCERTAIN)),
    }
}

/// `visits that feel a fault 0.0 % (at most 10 % required), none in at least 8 of 10 replications, too few to give a margin`.
fn seldom_told(evidence: &Evidence<'_>, kept: &[Option<Decision>]) -> String {
    let values = in_those(evidence, &|at| kept[at].as_ref().map_or(&[], uncertain), with_value);
    format!("{values}, {TOO_SELDOM}")
}

/// Those conditions of each point, told with their values at the points that have them among those.
fn in_those<'c>(
    evidence: &Evidence<'_>,
    those: &dyn Fn(usize) -> &'c [Condition],
    told: fn(&[Condition], &[&PointEvidence<'_>]) -> String,
) -> String {
    let count = evidence.points.len();
    let mut all: Vec<&Condition> = Vec::new();
    for condition in (0..count).flat_map(those) {
        if !all.contains(&condition) {
            all.push(condition);
        }
    }
    let all = all.into_iter().map(|condition| {
        let at = (0..count).filter(|at| those(*at).contains(condition));
        let points: Vec<&PointEvidence<'_>> = at.map(|at| &evidence.points[at]).collect();
        told(std::slice::from_ref(condition), &points)
    });
    listed(&all.collect::<Vec<_>>())
}

/// How many replications would tell what is too uncertain, at all of these points; or why that does not matter.
fn way_out(evidence: &Evidence<'_>, uncertain: &[(&PointEvidence<'_>, &[Condition])]) -> String {
    let is_near = |point: &PointEvidence<'_>, condition: &Condition| {
        let Condition { quantity, limit, .. } = condition;
        let distance = point.answer(quantity).counted().map(|counted| (counted.mean - limit).abs());
        distance.is_some_and(|distance| distance <= evidence.relevance.least(quantity, *limit))
    };
    if uncertain.iter().all(|(point, conditions)| conditions.iter().all(|one| is_near(point, one))) {
        return NEAR.to_owned();
    }
    let needed = uncertain.iter().map(|(point, conditions)| {
        let all = point.facts.yes_if.len();
        Decision::replications_needed(conditions, all, &point.observations, evidence.relevance)
    });
    let needed = needed.collect::<Option<Vec<u32>>>().and_then(|needed| needed.into_iter().max());
    would(needed, uncertain.iter().map(|(point, _)| point.replications).min().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::support::{RecordBuilder, study};

    #[test]
    fn requirements_are_met_or_missed_by_so_much() {
        let told = |conditions: &[&str]| {
            let mut record = RecordBuilder::new().build();
            record.facts.yes_if = conditions.iter().map(|text| text.parse().expect("a condition")).collect();
            requirements(&Evidence::from(&record)).expect("conditions")
        };
        let (saves, waits) = ("connector_calls.saving >= 60%", "user_wait_p95 <= 2s");
        assert_eq!(
            told(&[saves, waits]),
            "Requirements met: provider calls saved 69.9 % (at least 60 % required) and wait of the slowest 5 % of visits 1.22 s \
             (at most 2 s required)."
        );
        assert_eq!(
            told(&[saves, "user_wait_p95 <= 1s"]),
            "Requirements not met: wait of the slowest 5 % of visits 1.22 s instead of at most 1 s. The other requirement is met: \
             provider calls saved 69.9 % (at least 60 % required)."
        );
        let uncertain = told(&["connector_calls.saving >= 70%"]);
        assert_eq!(
            uncertain,
            "Too uncertain to tell whether the requirement is met: provider calls saved 69.9 % (at least 70 % required), \
             right at the limit."
        );
    }

    #[test]
    fn studies_name_the_points() {
        let told = |kind, conditions: &[&str]| {
            let mut record = study(kind, 4, 6);
            for point in &mut record.points {
                point.facts.yes_if = conditions.iter().map(|text| text.parse().expect("a condition")).collect();
            }
            requirements(&Evidence::from(&record)).expect("a decision")
        };
        let saves = ["connector_calls.saving >= 30%"];
        assert_eq!(
            told(StudyKind::Sweep, &saves),
            "Requirement met with 5 to 20 clients: provider calls saved 30.6 to 58.3 % (at least 30 % required). Not met with 40 clients: provider calls saved 27.1 % instead of at least 30 %."
        );
        assert_eq!(
            told(StudyKind::Comparison, &saves),
            "3 of 4 variants meet the requirement: “variant-0”, “variant-1” and “variant-2”. Required: provider calls saved at least \
             30 % (here 27.1 to 58.3 %)."
        );
        assert_eq!(
            told(StudyKind::Sweep, &["connector_calls.saving >= 90%"]),
            "Requirement not met with 5 to 40 clients: provider calls saved 27.1 to 58.3 % instead of at least 90 %."
        );
        assert!(
            told(StudyKind::Comparison, &["connector_calls.saving >= 90%"])
                .starts_with("No variant meets the requirement. ")
        );
        let one = told(StudyKind::Comparison, &["connector_calls.saving >= 45%"]);
        assert!(one.starts_with("Of the 4 variants only “variant-0” meets the requirement. "), "{one}");
    }

    /// What is seen in one of ten replications has no interval that could be sure of its mean.
    #[test]
    fn what_is_rare_says_why_it_is_too_uncertain() {
        let mut record = study(StudyKind::Comparison, 3, 10);
        for point in &mut record.points {
            point.facts.yes_if = vec!["server_refused_share <= 10%".parse().expect("a condition")];
            for (observed, number) in point.replications.iter_mut().zip(0_u32..) {
                observed.measured[crate::measures::REFUSED_SHARE] = Some(if number == 0 { 0.0004 } else { 0.0 });
            }
            point.contributions = point.replications.clone();
        }
        let told = |record: &crate::record::StudyRecord| requirements(&Evidence::from(record)).expect("requirements");
        let seldom = "messages that servers refuse 0.0 % (at most 10 % required), none in 9 of 10 replications";
        assert_eq!(
            told(&record),
            format!(
                "All 3 variants meet the requirement, as far as was seen. These are far below the limit in each replication: {seldom}. Required: \
                 messages that servers refuse at most 10 % (here 0.0 %)."
            )
        );
        record.kind = StudyKind::Sweep;
        assert_eq!(
            told(&record),
            format!(
                "Kept in every replication at `variant` = variant-0 to variant-2: {seldom}, too seldom to give a margin."
            )
        );
        record.kind = StudyKind::Comparison;
        // Half of the replications refuse messages, so that there is an interval; and one replication refuses too many.
        let mut refuse = |point: usize, share: &dyn Fn(u32) -> f64| {
            for (observed, number) in record.points[point].replications.iter_mut().zip(0_u32..) {
                observed.measured[crate::measures::REFUSED_SHARE] = Some(share(number));
            }
            record.points[point].contributions = record.points[point].replications.clone();
        };
        refuse(0, &|number| f64::from(number) * 0.0001 + 0.0001);
        refuse(1, &|number| if number == 0 { 0.4 } else { 0.0 });
        let told = told(&record);
        assert!(
            told.starts_with(
                "2 of 3 variants meet the requirement: “variant-0” and “variant-2”, as far as was seen. “variant-2” is far below the limit in each \
                 replication: "
            ),
            "{told}"
        );
        assert!(
            told.contains("Too uncertain to tell for “variant-1”: messages that servers refuse 4.0 % (at most 10 % required), none in 9 of 10"),
            "{told}"
        );
    }

    #[test]
    fn nobody_is_advised_to_simulate_without_end() {
        assert_eq!(would(Some(78), 20), "; about 78 replications would tell (there are 20)");
        assert_eq!(would(Some(2_922), 20), "; even 1,000 replications would not tell");
        assert!(would(Some(2_922), 1_500).starts_with("; about 2,922 replications"), "some simulate more often");
        assert_eq!(would(None, 20), "");
    }

    #[test]
    fn requirements_that_differ_are_not_told_as_one() {
        let mut record = study(StudyKind::Comparison, 2, 6);
        record.points[0].facts.yes_if = vec!["connector_calls.saving >= 30%".parse().expect("a condition")];
        record.points[1].facts.yes_if = vec!["connector_calls.saving >= 90%".parse().expect("a condition")];
        assert_eq!(
            requirements(&Evidence::from(&record)).as_deref(),
            Some("Of the 2 variants only “variant-0” meets the requirement. Each has requirements of its own.")
        );
    }
}
