//! Tells the present name of a measure that has been renamed, so that users of the old name learn the new one.

/// Pairs of the name in earlier versions and the present one. No measure has been renamed yet.
const RENAMED: &[(&str, &str)] = &[];

/// The present name of the measure that an earlier version called `name`, if it has been renamed.
#[must_use]
pub(crate) fn renamed(name: &str) -> Option<&'static str> {
    present_name(RENAMED, name)
}

/// Follows several renamings of the same measure to the present name.
fn present_name<'t>(table: &[(&str, &'t str)], name: &str) -> Option<&'t str> {
    let (_, next) = table.iter().find(|(old, _)| *old == name)?;
    present_name(table, next).or(Some(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_the_present_one() {
        let table =
            [("calls", "connector_call_rate"), ("wait", "user_wait_p50"), ("connector_call_rate", "connector_calls")];
        assert_eq!(present_name(&table, "calls"), Some("connector_calls"));
        assert_eq!(present_name(&table, "wait"), Some("user_wait_p50"));
        assert_eq!(present_name(&table, "connector_calls"), None);
    }

    /// If a measure had an old name again, the table would hide it. If no measure had a present name, the table would
    /// mislead.
    #[test]
    fn every_renaming_leads_to_a_measure_and_hides_none() {
        for (old, _) in RENAMED {
            assert!(crate::measures::find(old).is_none(), "{old}");
            assert!(renamed(old).is_some_and(|now| crate::measures::find(now).is_some()), "{old}");
        }
    }
}
