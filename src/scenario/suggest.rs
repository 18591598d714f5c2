//! "Did you mean": the nearest of the names that would have been right.

/// The candidate that `name` most likely misspells, if one is near enough.
pub(super) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let limit = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            let known = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&wanted, &known);
            let extends = wanted.len() >= 3 && (known.starts_with(&wanted) || wanted.starts_with(&known));
            (if extends { distance.min(limit) } else { distance }, candidate)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
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

/// `` `a`, `b` and `c` ``.
pub(super) fn list<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match quoted.split_last() {
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
    }

    #[test]
    fn without_a_near_name_all_are_listed() {
        assert_eq!(remedy("zzz", &["a", "b", "c"]), "known are `a`, `b` and `c`");
        assert_eq!(remedy("zzz", &["seven-step"]), "only `seven-step` is known");
    }
}
