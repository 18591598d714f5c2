//! Times and counts as explanations write them: short enough for a diagram, and exact where a table adds up.

use crate::text::grouped;
use crate::time::{SimDuration, SimTime, Timestamp};

/// A number of things, such as `1 price` or `3 prices`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A duration in the unit that suits it: `12.3 ms`, `4.56 s`, `15 min 3 s`, `2 d 4 h`.
pub(crate) fn rough(duration: SimDuration) -> String {
    let seconds = duration.as_secs_f64();
    let whole = duration.as_nanos() / 1_000_000_000;
    let pair = |large: u64, large_unit: &str, small: u64, small_unit: &str| {
        if small == 0 { format!("{large} {large_unit}") } else { format!("{large} {large_unit} {small} {small_unit}") }
    };
    match whole {
        _ if duration.is_zero() => "0 s".to_owned(),
        0 if seconds < 1e-3 => format!("{:.0} µs", seconds * 1e6),
        0 => format!("{:.1} ms", seconds * 1e3),
        1..60 => format!("{seconds:.2} s"),
        60..3_600 => pair(whole / 60, "min", whole % 60, "s"),
        3_600..86_400 => pair(whole / 3_600, "h", whole % 3_600 / 60, "min"),
        _ => pair(whole / 86_400, "d", whole % 86_400 / 3_600, "h"),
    }
}

/// A duration in seconds to the nanosecond, so that columns add up.
pub(crate) fn exact(duration: SimDuration) -> String {
    let nanos = duration.as_nanos();
    format!("{}.{:09}", grouped((nanos / 1_000_000_000) as f64, 0), nanos % 1_000_000_000)
}

/// Signed nanoseconds in seconds to the nanosecond, with their sign.
pub(super) fn signed(nanos: i128) -> String {
    let size = u64::try_from(nanos.unsigned_abs()).unwrap_or(u64::MAX);
    format!("{}{}", if nanos < 0 { '-' } else { '+' }, exact(SimDuration::from_nanos(size)))
}

/// Time since the exchange began, as diagrams write it beside each row.
pub(super) fn since(began: SimTime, now: SimTime) -> String {
    let millis = ((now.since(began).as_nanos() + 50_000) / 100_000) as f64 / 10.0;
    if millis < 10_000.0 { format!("{millis:.1} ms") } else { format!("{:.2} s", millis / 1e3) }
}

/// A moment to the millisecond, as `2026-03-02 09:14:03.250 UTC`.
pub(crate) fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    let (date, time) = text.trim_end_matches('Z').split_once('T').expect("a date and a time");
    let (seconds, part) = time.split_once('.').unwrap_or((time, ""));
    format!("{date} {seconds}.{:0<3} UTC", &part[..part.len().min(3)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_where_they_need_not_add_up() {
        let texts = [0, 12_300, 12_300_000, 4_560_000_000, 903_000_000_000, 187_200_000_000_000]
            .map(|nanos| rough(SimDuration::from_nanos(nanos)));
        assert_eq!(texts, ["0 s", "12 µs", "12.3 ms", "4.56 s", "15 min 3 s", "2 d 4 h"]);
        assert_eq!(exact(SimDuration::from_nanos(1_234_000_000_005)), "1,234.000000005");
        assert_eq!([-1_500_000_000, 0].map(signed), ["-1.500000000", "+0.000000000"]);
        let after = |nanos| since(SimTime::START, SimTime::from_nanos(nanos));
        assert_eq!([140_000, 150_000].map(after), ["0.1 ms", "0.2 ms"], "to the nearest, as rough times are");
        assert_eq!(moment(Timestamp::from_unix_nanos(1_772_409_600_250_000_000)), "2026-03-02 00:00:00.250 UTC");
        assert_eq!(moment(Timestamp::from_unix_secs(1_772_409_600)), "2026-03-02 00:00:00.000 UTC");
    }
}
