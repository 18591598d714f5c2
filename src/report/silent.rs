//! What is said of variants that differ from the first one in nothing that surely matters: whether they are equal to it, or whether
//! that is not known.

use crate::inference::{Relevant, Verdict};
use crate::measures::Condition;

use super::decided::{PERHAPS, UNCERTAIN};
use super::differences::Difference;
use super::numbers::{capitalised, listed, quoted};

/// At most so many variants without a line are named in one sentence.
pub(super) const VARIANTS_NAMED: usize = 8;

/// A sentence names at most so many measures.
const MEASURES_NAMED: usize = 2;

/// What is known of a variant without a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Likeness {
    Equal,
    /// It is in each replication, and differs in too few of them to be sure.
    EqualInEach,
    PerhapsDifferent,
    Uncertain,
    NotCompared,
}

/// The sentences on the variants of `silent`, each with whether it surely meets the requirements; `is_said` if that is said of all
/// variants already.
pub(super) fn alike(
    reference: &str,
    silent: &[(&str, bool)],
    is_said: bool,
    differences: &[Difference],
    required: &[Condition],
) -> Option<String> {
    let of = |label: &str| differences.iter().filter(|one| one.variant == label).collect::<Vec<_>>();
    let kinds = [
        Likeness::Equal,
        Likeness::EqualInEach,
        Likeness::PerhapsDifferent,
        Likeness::Uncertain,
        Likeness::NotCompared,
    ];
    let group = |kind: Likeness| {
        let labels = silent.iter().map(|one| one.0).filter(|label| Likeness::of(&of(label)) == kind);
        (kind, labels.collect::<Vec<&str>>())
    };
    let groups = kinds.map(group).into_iter().filter(|(_, labels)| !labels.is_empty());
    let reference = quoted(reference);
    let sentence = |(kind, labels): (Likeness, Vec<&str>)| {
        let names = few_quoted(&labels);
        let differs = |in_what: String| match labels.as_slice() {
            [_] => (format!("{names} differs from {reference} in {in_what}"), String::new()),
            _ => (format!("these differ from {reference} in {in_what}"), format!(": {names}")),
        };
        match kind {
            Likeness::Equal => format!("Equal to {reference} for this purpose: {names}."),
            Likeness::EqualInEach => {
                format!("Equal to {reference} for this purpose in each replication: {names}.")
            }
            Likeness::PerhapsDifferent => {
                let is = |of| matches!(of, Verdict::Differs(..));
                let (differ, names) = differs(measures(&labels, differences, required, &is));
                format!("{}, {PERHAPS}{names}.", capitalised(&differ))
            }
            Likeness::Uncertain => {
                let is = |of| of == Verdict::Uncertain;
                let (differ, names) = differs(measures(&labels, differences, required, &is));
                format!("{} whether {differ}{names}.", capitalised(UNCERTAIN))
            }
            Likeness::NotCompared => format!("Nothing can be compared between {reference} and {names}."),
        }
    };
    let mut told: Vec<String> = groups.map(sentence).collect();
    let meets: Vec<&str> = silent.iter().filter(|one| one.1).map(|one| one.0).collect();
    let verdict = match (meets.len(), silent.len()) {
        _ if is_said => None,
        (0, _) => None,
        (1, 1) => Some("It meets the requirements.".to_owned()),
        (some, all) if some == all => Some("All of these meet the requirements.".to_owned()),
        (1, _) => Some(format!("Of these, {} meets the requirements.", few_quoted(&meets))),
        _ => Some(format!("Of these, {} meet the requirements.", few_quoted(&meets))),
    };
    told.extend(verdict);
    (!silent.is_empty()).then(|| format!("{} The tables have every number.", told.join(" ")))
}

pub(super) fn all_quoted(labels: &[&str]) -> String {
    listed(&labels.iter().map(|label| quoted(label)).collect::<Vec<_>>())
}

fn few_quoted(labels: &[&str]) -> String {
    if labels.len() <= VARIANTS_NAMED { all_quoted(labels) } else { format!("{} variants", labels.len()) }
}

/// The names of what has such a verdict in any of the variants; what is required comes first.
fn measures(
    labels: &[&str],
    differences: &[Difference],
    required: &[Condition],
    is: &dyn Fn(Verdict) -> bool,
) -> String {
    let mut names: Vec<String> = Vec::new();
    let those = differences.iter().filter(|one| labels.contains(&one.variant.as_str()) && is(one.verdict));
    let mut those: Vec<&Difference> = those.collect();
    those.sort_by_key(|one| !required.iter().any(|condition| condition.quantity == one.number));
    for one in those {
        if !names.contains(&one.name()) {
            names.push(one.name());
        }
    }
    let more = names.len().saturating_sub(MEASURES_NAMED);
    names.truncate(MEASURES_NAMED);
    if more > 0 {
        names.push(format!("{more} other measure{}", if more == 1 { "" } else { "s" }));
    }
    listed(&names)
}

impl Likeness {
    /// What the differences of one variant say together. None of them surely matters.
    fn of(own: &[&Difference]) -> Self {
        let any = |is: &dyn Fn(Verdict) -> bool| own.iter().any(|one| is(one.verdict));
        if any(&|of| of == Verdict::Uncertain) {
            Self::Uncertain
        } else if any(&|of| matches!(of, Verdict::Differs(_, Relevant::Perhaps | Relevant::Yes))) {
            Self::PerhapsDifferent
        } else if any(&|of| of == Verdict::EqualInEach) {
            Self::EqualInEach
        } else if any(&|of| of != Verdict::NotKnown) {
            Self::Equal
        } else {
            Self::NotCompared
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures;
    use crate::record::StudyKind;
    use crate::report::differences::differences;
    use crate::report::evidence::Evidence;
    use crate::report::support::study;

    /// What is equal stands apart from what is not known.
    #[test]
    fn equal_is_not_unknown() {
        let mut record = study(StudyKind::Comparison, 3, 8);
        let first = record.points[0].replications.clone();
        for point in &mut record.points {
            point.replications.clone_from(&first);
        }
        for (observed, number) in record.points[2].replications.iter_mut().zip(0_u32..) {
            let wait = observed.measured[measures::USER_WAIT_P95].expect("a wait");
            observed.measured[measures::USER_WAIT_P95] = Some(wait * if number % 2 == 0 { 0.2 } else { 2.0 });
        }
        for point in &mut record.points {
            point.contributions.clone_from(&point.replications);
        }
        let evidence = Evidence::from(&record);
        let all = differences(&evidence);
        let told = |silent: &[(&str, bool)]| alike("variant-0", silent, false, &all, &[]).unwrap_or_default();
        assert_eq!(told(&[]), "");
        assert_eq!(
            told(&[("variant-1", true), ("variant-2", false)]),
            "Equal to “variant-0” for this purpose: “variant-1”. Too uncertain to tell whether “variant-2” differs from “variant-0” in \
             wait of the slowest 5 % of visits. Of these, “variant-1” meets the requirements. The tables have every number."
        );
        let mut one = record.clone();
        one.points.truncate(2);
        for observed in &mut one.points[1].replications[..1] {
            let wait = observed.measured[measures::USER_WAIT_P95].expect("a wait");
            observed.measured[measures::USER_WAIT_P95] = Some(wait * 1.0001);
        }
        one.points[1].contributions = one.points[1].replications.clone();
        let other = differences(&Evidence::from(&one));
        let rare = alike("variant-0", &[("variant-1", false)], false, &other, &[]).unwrap_or_default();
        assert!(rare.starts_with("Equal to “variant-0” for this purpose in each replication: “variant-1”. "), "{rare}");
        assert!(told(&[("variant-1", true)]).contains("“variant-1”. It meets the requirements. "));
    }
}
