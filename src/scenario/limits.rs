//! How large a scenario may be, as it is written and as it is resolved: by the same bounds, so that whatever is resolved can
//! be read again.

use super::error::Problem;
use super::resolved::ResolvedValue;

/// The largest scenario that is read, in bytes; twice the largest data file, whose rows a resolved scenario may hold.
pub(super) const MAX_BYTES: u64 = 128 << 20;

/// The most values that a scenario may have: reading takes memory for each.
pub(super) const MAX_VALUES: u64 = 4_000_000;

/// More instruments than this are a slip of the pen; whether as many fit into memory is for the estimate to say.
pub(super) const MOST_INSTRUMENTS: u32 = 1_000_000;

/// What is too large, in words.
pub(super) fn excess(bytes: u64, values: u64) -> Option<String> {
    if bytes > MAX_BYTES {
        Some(format!("{bytes} bytes; a scenario has at most {} MiB", MAX_BYTES / (1 << 20)))
    } else if values > MAX_VALUES {
        Some(format!("{values} values; a scenario has at most {MAX_VALUES}"))
    } else {
        None
    }
}

/// How many values a TOML text has, or a few more: whatever is written before or behind one is counted, in texts and
/// comments, too.
pub(super) fn values(text: &str) -> u64 {
    text.bytes().filter(|byte| matches!(byte, b'=' | b',' | b'[')).count() as u64
}

/// What is wrong with a resolved scenario that could not be read again.
pub(super) fn beyond<'v>(resolved: impl IntoIterator<Item = &'v ResolvedValue>) -> Option<Problem> {
    let (bytes, values) = size(resolved);
    excess(bytes, values).map(|excess| Problem::ResolvedTooLarge { excess })
}

/// Bytes and values of the text of a resolved scenario, or a few more.
fn size<'v>(resolved: impl IntoIterator<Item = &'v ResolvedValue>) -> (u64, u64) {
    // Beside key and value ` = ` and a line break; beside the name of a table two pairs of brackets, and for a list of tables
    // its number as a comment.
    const AROUND_VALUE: u64 = 4;
    const AROUND_NAME: u64 = 20;
    let (mut bytes, mut all_values) = (0, 0);
    let mut table = "";
    for value in resolved {
        if value.table != table {
            table = &value.table;
            bytes += table.len() as u64 + AROUND_NAME;
            all_values += 2;
        }
        bytes += (value.key.len() + value.value.len()) as u64 + AROUND_VALUE;
        all_values += 1 + values(&value.value);
    }
    (bytes, all_values)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::resolved;
    use super::super::source::ValueSource;
    use super::*;

    fn value(table: &str, value: String) -> ResolvedValue {
        ResolvedValue { table: table.to_owned(), key: "key".to_owned(), value, source: ValueSource::Default }
    }

    #[test]
    fn what_is_allowed_when_it_is_resolved_is_allowed_when_it_is_read() {
        let tables = ["run", "group.a", "group.b", "peering.0", "peering.12345", "country_rtt"];
        let values_of = |table: &str| (0..5).map(|size| value(table, format!("[{}]", "1, ".repeat(size)))).collect();
        let all: Vec<ResolvedValue> = tables.iter().flat_map(|table| -> Vec<_> { values_of(table) }).collect();
        let (bytes, counted) = size(&all);
        let text = resolved::toml(&all.into_iter().map(Arc::new).collect::<Vec<_>>());
        assert!(bytes >= text.len() as u64 && counted >= values(&text), "{bytes} {counted}\n{text}");
        assert!(bytes < 2 * text.len() as u64 && counted < 2 * values(&text), "the bounds mean what they say");
    }

    #[test]
    fn each_bound_holds() {
        assert_eq!(excess(MAX_BYTES, MAX_VALUES), None);
        assert!(excess(MAX_BYTES + 1, 0).is_some_and(|excess| excess.contains("128 MiB")));
        assert!(excess(0, MAX_VALUES + 1).is_some_and(|excess| excess.contains("4000000")));
        let list = |length| [value("run", ",".repeat(length))];
        let most = usize::try_from(MAX_VALUES).expect("it fits");
        assert_eq!(beyond(&list(most - 3)), None);
        assert!(beyond(&list(most - 2)).is_some());
    }
}
