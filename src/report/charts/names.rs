//! Shortens names for charts, so that the drawing keeps its room; different names keep different labels.

use std::collections::BTreeSet;

/// Names with more letters than this are shortened.
const LETTERS: usize = 28;

/// The sign for letters that are left out.
const GAP: char = '…';

/// A way to shorten the letters of a long name.
type Cut<'c> = &'c dyn Fn(&[char]) -> String;

/// The labels of the `names` in one chart; different names get different labels.
///
/// Long names lose their ends. If that makes two labels the same, they lose their middles instead. If that does so too,
/// they lose the beginning that all of them share. If nothing tells them apart, they are numbered.
pub(super) fn shortened<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let names: Vec<&str> = names.into_iter().collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    let common = common_beginning(distinct.iter().copied().filter(|name| is_long(name)));
    let cuts: [Cut<'_>; 3] = [
        &|letters| joined(&[&letters[..LETTERS - 1], &[GAP]]),
        &|letters| joined(&[&letters[..LETTERS / 2 - 1], &[GAP], &letters[letters.len() - LETTERS / 2..]]),
        &|letters| {
            let rest = &letters[common.min(letters.len() - (LETTERS - 1))..];
            let is_whole = rest.len() < LETTERS;
            if is_whole { joined(&[&[GAP], rest]) } else { joined(&[&[GAP], &rest[..LETTERS - 2], &[GAP]]) }
        },
    ];
    let label = |name: &str, cut: Cut<'_>| {
        if is_long(name) { cut(&name.chars().collect::<Vec<_>>()) } else { name.to_owned() }
    };
    let tells_apart = |cut: &&Cut<'_>| {
        distinct.iter().map(|name| label(name, **cut)).collect::<BTreeSet<_>>().len() == distinct.len()
    };
    match cuts.iter().find(tells_apart) {
        Some(cut) => names.iter().map(|name| label(name, *cut)).collect(),
        None => numbered(&names),
    }
}

fn is_long(name: &str) -> bool {
    name.chars().count() > LETTERS
}

fn joined(parts: &[&[char]]) -> String {
    parts.iter().copied().flatten().collect()
}

/// Number of letters with which all `names` begin.
fn common_beginning<'n>(mut names: impl Iterator<Item = &'n str>) -> usize {
    let Some(first) = names.next() else { return 0 };
    let common = |other: &str| first.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
    names.map(common).min().unwrap_or(0)
}

/// Long names shortened to their beginnings and a number, so that no two labels are the same.
fn numbered(names: &[&str]) -> Vec<String> {
    let mut taken: BTreeSet<String> =
        names.iter().filter(|name| !is_long(name)).map(|name| (*name).to_owned()).collect();
    let mut labels: Vec<String> = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        if let Some(first) = names[..at].iter().position(|earlier| earlier == name) {
            labels.push(labels[first].clone());
            continue;
        }
        if !is_long(name) {
            labels.push((*name).to_owned());
            continue;
        }
        let label = |number: u32| {
            let end = format!("{GAP}{number}");
            let beginning: String = name.chars().take(LETTERS - end.chars().count()).collect();
            beginning + &end
        };
        let label = (1..=u32::MAX).map(label).find(|label| !taken.contains(label)).expect("numbers do not end");
        taken.insert(label.clone());
        labels.push(label);
    }
    labels
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_names_keep_what_tells_them_apart() {
        assert_eq!(shortened(["six", "a-name-of-exactly-28-letters"]), ["six", "a-name-of-exactly-28-letters"]);
        let alone = shortened(["consorsbank-realtime-frankfurt-xetra"]);
        assert_eq!(alone, ["consorsbank-realtime-frankf…"]);
        let ends = ["consorsbank-realtime-frankfurt-xetra", "consorsbank-realtime-frankfurt-floor"];
        assert_eq!(shortened(ends), ["consorsbank-r…rankfurt-xetra", "consorsbank-r…rankfurt-floor"]);
        let (beginning, end) = ("beginning-of-thirty-letters-and-", "-and-an-end-of-as-many");
        let middles = ["xetra", "floor"].map(|middle| format!("{beginning}{middle}{end}"));
        assert_eq!(
            shortened(middles.iter().map(String::as_str)),
            ["…xetra-and-an-end-of-as-many", "…floor-and-an-end-of-as-many"]
        );
    }

    #[test]
    fn what_no_cut_tells_apart_is_numbered() {
        let long = |middle: &str| format!("{}{middle}{}", "a".repeat(27), "z".repeat(30));
        let names =
            [long("b1"), long("b2"), format!("b{}", "z".repeat(60)), format!("{}…1", "a".repeat(26)), long("b1")];
        let labels = shortened(names.iter().map(String::as_str));
        let numbered = |number: u32| format!("{}…{number}", "a".repeat(26));
        let other = format!("b{}…1", "z".repeat(25));
        assert_eq!(labels, [numbered(2), numbered(3), other, numbered(1), numbered(2)]);
    }

    proptest! {
        /// Names of one author often share beginnings, middles or ends.
        #[test]
        fn distinct_names_have_distinct_labels(
            names in prop::collection::vec("(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|b){0,2}[ab…1]{0,3}(zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz|y){0,2}", 1..12)
        ) {
            let labels = shortened(names.iter().map(String::as_str));
            prop_assert_eq!(labels.len(), names.len());
            for (one, first) in names.iter().zip(&labels) {
                prop_assert!(first.chars().count() <= LETTERS);
                for (other, second) in names.iter().zip(&labels) {
                    prop_assert_eq!(one == other, first == second, "{} and {}: {} and {}", one, other, first, second);
                }
            }
        }
    }
}
