//! Keys that earlier versions of the scenario language called by another name: whoever still writes one is told the
//! present name.

/// The name in earlier versions, and the name that replaced it, the oldest renaming first. None has been renamed yet.
const RENAMED: &[(&str, &str)] = &[];

/// The one of `candidates` that earlier versions called `name`. Both may be dotted paths: each key of a path may have been
/// renamed.
pub(super) fn renamed<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    present_name(RENAMED, name, candidates)
}

fn present_name<'a>(
    table: &[(&str, &str)],
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let was_renamed = name.split('.').any(|key| table.iter().any(|(old, _)| *old == key));
    let is_present = |candidate: &str| {
        name.split('.').count() == candidate.split('.').count()
            && name.split('.').zip(candidate.split('.')).all(|(old, now)| old == now || leads(table, old, now))
    };
    candidates.into_iter().find(|candidate| was_renamed && is_present(candidate))
}

/// Whether `old` became `present`, in one renaming or several. A key of two tables may have got a new name in each.
fn leads(table: &[(&str, &str)], old: &str, present: &str) -> bool {
    table
        .iter()
        .enumerate()
        .any(|(at, (was, now))| *was == old && (*now == present || leads(&table[at + 1..], now, present)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [(&str, &str); 4] = [("staff", "crew"), ("crew", "workers"), ("pause", "delay"), ("pause", "warmup")];

    #[test]
    fn a_key_leads_to_the_present_one_of_its_table() {
        let of_group = ["count", "workers", "delay"];
        assert_eq!(present_name(&TABLE, "staff", of_group), Some("workers"), "renamed twice");
        assert_eq!(present_name(&TABLE, "crew", of_group), Some("workers"));
        assert_eq!(present_name(&TABLE, "pause", of_group), Some("delay"));
        assert_eq!(present_name(&TABLE, "pause", ["seed", "warmup"]), Some("warmup"), "another table");
        assert_eq!(present_name(&TABLE, "pause", ["seed"]), None, "no key of this table was ever called so");
        assert_eq!(present_name(&TABLE, "workers", of_group), None, "it has its present name");
    }

    #[test]
    fn a_path_leads_to_the_present_one() {
        let paths = ["group.hub.count", "group.hub.workers", "group.hub.crew.workers"];
        assert_eq!(present_name(&TABLE, "group.hub.staff", paths), Some("group.hub.workers"));
        assert_eq!(present_name(&TABLE, "group.client.staff", paths), None, "another group");
        assert_eq!(present_name(&TABLE, "staff", paths), None, "a key is no path");
    }

    #[test]
    fn a_name_that_came_back_ends_the_search() {
        assert_eq!(present_name(&[("a", "b"), ("b", "a")], "a", ["c"]), None);
        assert_eq!(present_name(&[("a", "b"), ("b", "a")], "b", ["a"]), Some("a"));
    }
}
