//! Quantities with units in their text: durations, sizes, rates and times of day, read exactly in integers.

use jiff::Timestamp as Date;

use crate::model::config::WorldConfig;
use crate::time::{SimDuration, Timestamp};

/// The name of a unit, and its size in the smallest unit of its kind.
type NamedSize = (&'static str, i128);

/// Units of time, in nanoseconds.
pub(super) const TIME: &[NamedSize] = &[
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Units of size, in bytes.
pub(super) const SIZE: &[NamedSize] = &[("B", 1), ("kB", 1_000), ("MB", 1_000_000), ("KiB", 1_024), ("MiB", 1_048_576)];

/// A unit that values can have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnitSize {
    pub(crate) name: &'static str,
    /// What is measured in it, in the plural.
    pub(crate) kind: &'static str,
    /// Its size in the smallest unit of its kind.
    pub(crate) size: i128,
}

/// The unit of durations or sizes that is written `name`.
pub(crate) fn unit_size(name: &str) -> Option<UnitSize> {
    let of_kind = |kind: &'static str, units: &[NamedSize]| {
        let found = units.iter().find(|(known, _)| *known == name);
        found.map(|(name, size)| UnitSize { name, kind, size: *size })
    };
    of_kind("durations", TIME).or_else(|| of_kind("sizes", SIZE))
}

/// What people write for a unit, and the unit that they mean.
const ALIASES: &[(&str, &str)] = &[
    ("µs", "us"),
    ("μs", "us"),
    ("msec", "ms"),
    ("millis", "ms"),
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("m", "min"),
    ("mins", "min"),
    ("minute", "min"),
    ("minutes", "min"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("byte", "B"),
    ("bytes", "B"),
    ("K", "kB"),
    ("KB", "kB"),
    ("M", "MB"),
];

/// Units that are not known, and what one of them is in those that are.
const LARGER: &[(&str, &str)] = &[
    ("w", "7d"),
    ("wk", "7d"),
    ("week", "7d"),
    ("weeks", "7d"),
    ("y", "365d"),
    ("year", "365d"),
    ("years", "365d"),
    ("GB", "1000MB"),
    ("GiB", "1024MiB"),
];

/// Why a text is not a quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is something else.
    NotAQuantity,
    /// It is a number only.
    NoUnit,
    /// The unit is not known.
    UnknownUnit {
        /// As written.
        unit: String,
        /// Where in the text it begins [bytes].
        at: usize,
    },
    /// It does not fit into any integer.
    TooLarge,
}

/// The sum of the quantities in `text` (`20min`, `1d 12h`, `-1.5ms`) in the smallest of `units`.
///
/// A fraction is rounded to the nearest integer, half away from zero.
pub(super) fn quantity(text: &str, units: &[NamedSize]) -> Result<i128, Unfit> {
    let trimmed = text.trim();
    let (negative, unsigned) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed),
    };
    let mut rest = unsigned;
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let (number, after) = split_at_first(rest, |c| !c.is_ascii_digit() && c != '.');
        if number.is_empty() {
            return Err(Unfit::NotAQuantity);
        }
        let after = after.trim_start();
        let (unit, next) = split_at_first(after, |c| c.is_whitespace() || c.is_ascii_digit() || "-+./,".contains(c));
        if unit.is_empty() {
            let alone = after.is_empty() && total == 0;
            return Err(if alone { Unfit::NoUnit } else { Unfit::NotAQuantity });
        }
        let Some((_, size)) = units.iter().find(|(name, _)| *name == unit) else {
            let at = unit.as_ptr() as usize - text.as_ptr() as usize;
            return Err(Unfit::UnknownUnit { unit: unit.to_owned(), at });
        };
        total = total.checked_add(scaled(number, *size)?).ok_or(Unfit::TooLarge)?;
        rest = next.trim_start();
    }
    if unsigned.is_empty() {
        return Err(Unfit::NotAQuantity);
    }
    Ok(if negative { -total } else { total })
}

/// `number` × `size`, rounded.
fn scaled(number: &str, size: i128) -> Result<i128, Unfit> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let well_formed = !whole.is_empty() && !fraction.contains('.') && !number.ends_with('.');
    if !well_formed {
        return Err(Unfit::NotAQuantity);
    }
    // 18 digits times the largest unit stay far inside of 128 bits.
    if whole.len() > 18 || fraction.len() > 18 {
        return Err(Unfit::TooLarge);
    }
    let whole: i128 = whole.parse().map_err(|_| Unfit::NotAQuantity)?;
    let mut scale: i128 = 1;
    let mut parts: i128 = 0;
    for digit in fraction.bytes() {
        parts = parts * 10 + i128::from(digit - b'0');
        scale *= 10;
    }
    Ok(whole * size + (parts * size + scale / 2) / scale)
}

fn split_at_first(text: &str, stop: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(stop).unwrap_or(text.len()))
}

/// The unit that `unit` most likely means.
pub(super) fn similar_unit(unit: &str, units: &[NamedSize]) -> Option<&'static str> {
    let named = |name: &str| units.iter().map(|(known, _)| *known).find(|known| *known == name);
    let lower = unit.to_lowercase();
    ALIASES
        .iter()
        .find(|(alias, _)| *alias == unit || *alias == lower)
        .and_then(|(_, meant)| named(meant))
        .or_else(|| {
            let known = units.iter().map(|(known, _)| *known);
            known.clone().find(|known| known.eq_ignore_ascii_case(unit))
        })
        .or_else(|| super::suggest::nearest(unit, units.iter().map(|(known, _)| *known)))
}

/// What to write in `units` instead of one `unit`, which is larger than they are.
pub(super) fn in_smaller_units(unit: &str, units: &[NamedSize]) -> Option<&'static str> {
    let (_, amount) = LARGER.iter().find(|(larger, _)| *larger == unit)?;
    quantity(amount, units).is_ok().then_some(amount)
}

/// The text of a signed number of nanoseconds with the largest exact unit: `-20ms`, or in decimal milliseconds: `48.3ms`.
pub(super) fn signed_text(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let size = nanos.unsigned_abs();
    // 48.3 ms is what people measure; 48300 us is not.
    if (1_000_000..1_000_000_000).contains(&size) && !size.is_multiple_of(1_000_000) {
        let decimals = format!("{:06}", size % 1_000_000);
        return format!("{sign}{}.{}ms", size / 1_000_000, decimals.trim_end_matches('0'));
    }
    format!("{sign}{}", SimDuration::from_nanos(size))
}

/// A rate such as `8/min` or `360/1h`: how many, and in what time [ns].
pub(super) fn rate(text: &str) -> Result<(i128, i128), Unfit> {
    let (requests, per) = text.split_once('/').ok_or(Unfit::NotAQuantity)?;
    let requests: i128 = requests.trim().parse().map_err(|_| Unfit::NotAQuantity)?;
    let per = per.trim();
    let one = TIME.iter().find(|(name, _)| *name == per).map(|(_, size)| *size);
    let per = match one {
        Some(size) => size,
        None if per.starts_with(|c: char| c.is_ascii_digit()) => quantity(per, TIME)?,
        None if per.is_empty() => return Err(Unfit::NotAQuantity),
        None => {
            return Err(Unfit::UnknownUnit {
                unit: per.to_owned(),
                at: per.as_ptr() as usize - text.as_ptr() as usize,
            });
        }
    };
    Ok((requests, per))
}

/// Minutes since midnight of a time of day from `00:00` to `24:00`.
pub(super) fn minute_of_day(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !two_digits(hours) || !two_digits(minutes) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= 1_440).then_some(minute)
}

/// `09:30` for 570.
pub(super) fn minute_text(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The point in time that an RFC 3339 date with offset names, from 1970 to 2200.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    let date: Date = text.parse().ok()?;
    let at = Timestamp::from_unix_nanos(i64::try_from(date.as_nanosecond()).ok()?);
    (Timestamp::from_unix_secs(0)..=WorldConfig::LATEST_START).contains(&at).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_exact() {
        assert_eq!(quantity("20min", TIME), Ok(1_200_000_000_000));
        assert_eq!(quantity(" 1d 12h ", TIME), Ok(129_600_000_000_000));
        assert_eq!(quantity("1h30min", TIME), Ok(5_400_000_000_000));
        assert_eq!(quantity("0.3 ms", TIME), Ok(300_000));
        assert_eq!(quantity("-20ms", TIME), Ok(-20_000_000));
        assert_eq!(quantity("2kB", SIZE), Ok(2_000));
    }

    #[test]
    fn texts_of_durations_read_back_the_same() {
        for (nanos, text) in [(0, "0s"), (48_300_000, "48.3ms"), (-1_000_001, "-1.000001ms"), (1_500_000_000, "1500ms")]
        {
            assert_eq!(signed_text(nanos), text);
            assert_eq!(quantity(text, TIME), Ok(i128::from(nanos)));
        }
    }

    #[test]
    fn what_is_no_duration_is_told_apart() {
        assert_eq!(quantity("20", TIME), Err(Unfit::NoUnit));
        assert_eq!(quantity("20 mins", TIME), Err(Unfit::UnknownUnit { unit: "mins".to_owned(), at: 3 }));
        for text in ["", "-", "min", "1..2s", "5.s", ".5s", "1h 2", "soon", "1h,2min", "--5s"] {
            assert_eq!(quantity(text, TIME), Err(Unfit::NotAQuantity), "{text}");
        }
        assert_eq!(quantity("99999999999999999999d", TIME), Err(Unfit::TooLarge));
    }

    #[test]
    fn units_that_people_write_are_recognised() {
        assert_eq!(similar_unit("mins", TIME), Some("min"));
        assert_eq!(similar_unit("Hours", TIME), Some("h"));
        assert_eq!(similar_unit("MS", TIME), Some("ms"));
        assert_eq!(similar_unit("kb", SIZE), Some("kB"));
        assert_eq!(similar_unit("fortnights", TIME), None);
        assert_eq!((similar_unit("w", TIME), in_smaller_units("w", TIME)), (None, Some("7d")));
        assert_eq!((similar_unit("GB", SIZE), in_smaller_units("GB", SIZE)), (None, Some("1000MB")));
        assert_eq!(in_smaller_units("GB", TIME), None);
    }

    #[test]
    fn rates_name_a_number_and_a_time() {
        assert_eq!(rate("8/min"), Ok((8, 60_000_000_000)));
        assert_eq!(rate("360 / 1h"), Ok((360, 3_600_000_000_000)));
        assert_eq!(rate("-8/min"), Ok((-8, 60_000_000_000)));
        assert_eq!(rate("8"), Err(Unfit::NotAQuantity));
        assert!(matches!(rate("8/minute"), Err(Unfit::UnknownUnit { at: 2, .. })));
    }

    #[test]
    fn times_of_day_run_to_midnight() {
        assert_eq!(minute_of_day("09:30"), Some(570));
        assert_eq!(minute_of_day("24:00"), Some(1_440));
        for text in ["9:30", "24:01", "12:60", "noon", "-1:00"] {
            assert_eq!(minute_of_day(text), None, "{text}");
        }
        assert_eq!(minute_text(570), "09:30");
    }

    #[test]
    fn dates_need_an_offset() {
        assert!(timestamp("2026-03-02T00:00:00Z").is_some());
        assert!(timestamp("2026-03-02T01:00:00+01:00").is_some());
        assert!(timestamp("2026-03-02T00:00:00").is_none());
        assert!(timestamp("2300-01-01T00:00:00Z").is_none());
    }
}
