//! "Did you mean": what an unknown name likely stands for. The time of a search is bounded, however long names and lists of
//! names are.

use super::renamed::renamed;

/// Longer names are not compared: no known name is so long [bytes].
const LONGEST: usize = 120;

/// At most this many candidates are compared.
const MOST_COMPARED: usize = 10_000;

/// At most this many names are listed; the others are counted.
const MOST_LISTED: usize = 40;

/// The candidate that `name` most likely misspells, if one is near enough.
pub(super) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_by(name, candidates, strsim::damerau_levenshtein)
}

/// [`nearest`] by any `distance`, whose time grows with the product of the lengths of two names.
fn nearest_by<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    mut distance: impl FnMut(&str, &str) -> usize,
) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let wanted = name.to_lowercase();
    let length = wanted.chars().count();
    // Of two letters, one is half of the name: `UK` is no misspelt `US`.
    let limit = if length < 3 { 0 } else { length / 3 };
    let mut nearest: Option<(usize, &str)> = None;
    for candidate in candidates.into_iter().take(MOST_COMPARED).filter(|candidate| candidate.len() <= LONGEST) {
        let known = candidate.to_lowercase();
        let extends = wanted.len() >= 3 && (known.starts_with(&wanted) || wanted.starts_with(&known));
        // Names are at least as far from each other as their lengths are.
        let least = known.chars().count().abs_diff(length);
        if least > limit && !extends {
            continue;
        }
        let apart = if least > limit { limit } else { distance(&wanted, &known) };
        let apart = if extends { apart.min(limit) } else { apart };
        if apart <= limit && nearest.is_none_or(|(best, _)| apart < best) {
            nearest = Some((apart, candidate));
        }
    }
    nearest.map(|(_, candidate)| candidate)
}

/// The key of `known` that the unknown `key` stands for: its present name if it was renamed, or else the nearest one.
pub(super) fn meant_key<'a>(key: &str, known: &[&'a str]) -> Option<&'a str> {
    let names = || known.iter().copied();
    renamed(key, names()).or_else(|| nearest(key, names()))
}

/// A remedy for the unknown `key` of the scenario language: its present name if it was renamed, or else that of any name.
pub(super) fn key_remedy(key: &str, known: &[&str]) -> String {
    match renamed(key, known.iter().copied()) {
        Some(present) => now_called(key, present),
        None => remedy(key, known),
    }
}

/// Tells the present name of the key or path `old`.
pub(super) fn now_called(old: &str, present: &str) -> String {
    format!("`{old}` is called `{present}` now")
}

/// A remedy for the unknown `name`: the nearest candidate, or else all of them.
pub(super) fn remedy(name: &str, candidates: &[&str]) -> String {
    if let Some(candidate) = nearest(name, candidates.iter().copied()) {
        return format!("did you mean `{candidate}`?");
    }
    match candidates {
        [] => "there are none yet".to_owned(),
        [only] => format!("only `{only}` is known"),
        _ => format!("known are {}", list(candidates)),
    }
}

/// `` `a`, `b` and `c` ``; of a long list the first names and the number of the others.
pub(super) fn list<S: AsRef<str>>(names: &[S]) -> String {
    let (shown, more) = names.split_at(names.len().min(MOST_LISTED));
    let quoted: Vec<String> = shown.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match quoted.split_last() {
        _ if !more.is_empty() => format!("{} and {} more", quoted.join(", "), more.len()),
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested() {
        let keys = ["users", "workers", "watchlist", "visits"];
        assert_eq!(nearest("usres", keys), Some("users"));
        assert_eq!(nearest("Workers", keys), Some("workers"));
        assert_eq!(nearest("watch", keys), Some("watchlist"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest("UK", ["US", "UA"]), None);
        assert_eq!(nearest("us", ["US", "UA"]), Some("US"));
    }

    #[test]
    fn without_a_near_name_all_are_listed() {
        assert_eq!(remedy("zzz", &["a", "b", "c"]), "known are `a`, `b` and `c`");
        assert_eq!(remedy("zzz", &["seven-step"]), "only `seven-step` is known");
    }

    #[test]
    fn long_lists_end_with_a_number() {
        let names: Vec<String> = (0..1_000).map(|number| number.to_string()).collect();
        let listed = list(&names);
        assert!(listed.starts_with("`0`, `1`, ") && listed.ends_with("`39` and 960 more"), "{listed}");
        assert!(!list(&names[..MOST_LISTED]).contains("more"));
    }

    /// How many distances are worked out to find the nearest of `candidates`.
    fn comparisons(name: &str, candidates: &[String]) -> usize {
        let mut count = 0;
        let distance = |one: &str, other: &str| {
            count += 1;
            strsim::damerau_levenshtein(one, other)
        };
        nearest_by(name, candidates.iter().map(String::as_str), distance);
        count
    }

    #[test]
    fn the_work_of_a_suggestion_has_a_bound() {
        let long = "x".repeat(1_000_000);
        assert_eq!(comparisons(&long, &["users".to_owned()]), 0, "a name of a megabyte is like no other");
        assert_eq!(comparisons("users", &[long]), 0);
        assert_eq!(comparisons("abcdef", &["abcdefghijkl".to_owned(), "a".to_owned()]), 0, "lengths tell enough");
        let many: Vec<String> = (100_000..200_000).map(|number| format!("g{number}")).collect();
        assert_eq!(comparisons("g999999", &many), MOST_COMPARED);
    }
}
