//! The first difference between what was recorded and what a replay gave.

use serde_json::{Number, Value};

/// The first difference with its path, `None` if there is none. Numbers are compared by value: 2 is 2.0.
pub(super) fn first_difference(path: &str, expected: &Value, got: &Value) -> Option<String> {
    let differ = |what: &str| Some(format!("{path}{what}: expected {expected}, got {got}"));
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            let known = expected.iter().find_map(|(key, expected)| {
                let path = format!("{path}.{key}");
                match got.get(key) {
                    Some(got) => first_difference(&path, expected, got),
                    None => Some(format!("{path}: expected {expected}, got nothing")),
                }
            });
            known.or_else(|| {
                let (key, surplus) = got.iter().find(|(key, _)| !expected.contains_key(*key))?;
                Some(format!("{path}.{key}: expected nothing, got {surplus}"))
            })
        }
        (Value::Array(all_expected), Value::Array(all_got)) => {
            let pairs = all_expected.iter().zip(all_got).enumerate();
            let mut differences =
                pairs.filter_map(|(at, (expected, got))| first_difference(&format!("{path}[{at}]"), expected, got));
            differences.next().or_else(|| if all_expected.len() == all_got.len() { None } else { differ(".length") })
        }
        (Value::Number(a), Value::Number(b)) if same(a, b) => None,
        _ if expected == got => None,
        _ => differ(""),
    }
}

fn same(a: &Number, b: &Number) -> bool {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a == b,
        _ => a.as_f64() == b.as_f64(),
    }
}

#[test]
fn the_first_difference_is_named_by_its_path() {
    use serde_json::json;

    let recorded = json!({"pool": [{"price": {"ts": 5, "last": 2.0}}], "count": 1});
    assert_eq!(
        first_difference("output", &recorded, &json!({"count": 1, "pool": [{"price": {"ts": 5, "last": 2}}]})),
        None
    );
    let cases = [
        (
            json!({"pool": [{"price": {"ts": 6, "last": 2.0}}], "count": 1}),
            "output.pool[0].price.ts: expected 5, got 6",
        ),
        (json!({"pool": [], "count": 1}), "output.pool.length: expected [{\"price\":{\"last\":2.0,\"ts\":5}}], got []"),
        (json!({"pool": [{"price": {"ts": 5}}], "count": 1}), "output.pool[0].price.last: expected 2.0, got nothing"),
        (
            json!({"pool": [{"price": {"ts": 5, "last": 2.0}}], "count": 1, "more": null}),
            "output.more: expected nothing, got null",
        ),
        (
            json!({"pool": [{"price": {"ts": 5, "last": null}}], "count": 1}),
            "output.pool[0].price.last: expected 2.0, got null",
        ),
    ];
    for (got, difference) in cases {
        assert_eq!(first_difference("output", &recorded, &got).as_deref(), Some(difference));
    }
}
