//! The text of a ledger: a head and one line a unit, each with a checksum of itself, so that every bit is read back or the
//! line is known to be damaged.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::measures::{self, Values};
use crate::record::Observed;

/// What a ledger holds, by digest and replication.
pub(crate) type Units = BTreeMap<(String, u32), Observed>;

/// The first line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    gtnet_sim_ledger: u32,
    /// Digests are of a version, so that another one has no use for what it holds.
    tool_version: String,
    measures: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    point: String,
    replication: u32,
    measured: Values,
    baseline: Option<Values>,
}

/// A ledger's text with `units`, in their order.
pub(crate) fn text<'u>(units: impl IntoIterator<Item = (&'u str, u32, &'u Observed)>) -> String {
    let lines = units.into_iter().map(|(digest, replication, observed)| line(digest, replication, observed));
    std::iter::once(head_line()).chain(lines).collect()
}

/// What a ledger's text holds, and the length of its whole lines together, which is less than the text's if some of it is
/// missing or damaged; `None` if it is no ledger of this version.
pub(crate) fn read(text: &[u8]) -> Option<(Units, u64)> {
    parse(text).map(|content| (content.units, content.whole))
}

/// What a ledger's text holds.
pub(super) struct Content {
    pub(super) units: Units,
    /// Bytes of whole lines.
    whole: u64,
    /// Where the last line that has an end has its end.
    pub(super) end: u64,
    /// Lines that have an end, but are damaged.
    pub(super) dropped: usize,
}

/// All of it; `None` if it is no ledger of this version.
pub(super) fn parse(text: &[u8]) -> Option<Content> {
    let mut content = Content { units: Units::new(), whole: 0, end: 0, dropped: 0 };
    for (number, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        match checked(line) {
            Some(head) if number == 0 => (serde_json::from_str::<Head>(head).ok()? == head_now()).then_some(())?,
            // A head that was cut off is the beginning of one, or something else.
            None if number == 0 => return head_line().as_bytes().starts_with(text).then_some(content),
            Some(unit) => {
                if let Ok(Line { point, replication, measured, baseline }) = serde_json::from_str(unit) {
                    content.units.insert((point, replication), Observed { measured, baseline });
                } else {
                    content.dropped += 1;
                }
            }
            None if line.ends_with(b"\n") => {
                content.dropped += 1;
                content.end += line.len() as u64;
                continue;
            }
            None => break,
        }
        content.whole += line.len() as u64;
        content.end += line.len() as u64;
    }
    Some(content)
}

fn head_now() -> Head {
    Head {
        gtnet_sim_ledger: 2,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        measures: measures::ALL.iter().map(|measure| measure.name.to_owned()).collect(),
    }
}

pub(super) fn head_line() -> String {
    with_checksum(&serde_json::to_string(&head_now()).expect("strings always serialise"))
}

pub(super) fn line(digest: &str, replication: u32, observed: &Observed) -> String {
    let line = Line {
        point: digest.to_owned(),
        replication,
        measured: observed.measured.clone(),
        baseline: observed.baseline.clone(),
    };
    with_checksum(&serde_json::to_string(&line).expect("numbers and strings always serialise"))
}

/// A line with a checksum at its end.
pub(super) fn with_checksum(content: &str) -> String {
    format!("{content} {:016x}\n", checksum(content.as_bytes()))
}

/// The content of a whole line; `None` if it was cut off or changed.
pub(super) fn checked(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (content, sum) = line.rsplit_once(' ')?;
    (u64::from_str_radix(sum, 16).ok()? == checksum(content.as_bytes())).then_some(content)
}

/// FNV-1a (Fowler, Noll, Vo), 64 bits: against accidents, not against people.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn observed(first: f64) -> Observed {
        Observed {
            measured: vec![Some(first), None, Some(0.1 + 0.2)].into(),
            baseline: Some(vec![None, Some(1e-300)].into()),
        }
    }

    fn value() -> impl Strategy<Value = Option<f64>> {
        use prop::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};

        prop::option::of(POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO)
    }

    proptest! {
        /// Whatever number a simulation gives, every bit of it.
        #[test]
        fn every_line_reads_back_as_it_was(
            digest in ".*",
            replication in any::<u32>(),
            measured in prop::collection::vec(value(), 0..9),
            baseline in prop::option::of(prop::collection::vec(value(), 0..9)),
        ) {
            let bits = |values: &Values| serde_json::to_string(values).expect("numbers");
            let unit = Observed { measured: measured.into(), baseline: baseline.map(Values::from) };
            let (units, _) = read(text([(digest.as_str(), replication, &unit)]).as_bytes()).expect("a ledger");
            let again = &units[&(digest, replication)];
            prop_assert_eq!(bits(&again.measured), bits(&unit.measured));
            prop_assert_eq!(again.baseline.as_ref().map(bits), unit.baseline.as_ref().map(bits));
        }

        /// Wherever it is cut off, what is whole is kept, and the rest can be written again.
        #[test]
        fn a_ledger_that_was_cut_off_keeps_its_whole_lines(lines in 0_u32..5, cut in 0_usize..4_000) {
            let units: Vec<Observed> = (0..lines).map(|line| observed(f64::from(line) / 7.0)).collect();
            let all = text((0..).zip(&units).map(|(replication, unit)| ("ab", replication, unit)));
            let cut = cut.min(all.len());
            let (kept, length) = read(&all.as_bytes()[..cut]).expect("a ledger");
            let whole = all[..cut].matches('\n').count();
            prop_assert_eq!(kept.len(), whole.saturating_sub(1));
            prop_assert_eq!(length, all[..cut].rfind('\n').map_or(0, |at| at as u64 + 1));
            for ((_, replication), unit) in &kept {
                prop_assert_eq!(unit, &units[*replication as usize]);
            }
        }

        /// A changed byte is noticed: what it has damaged is dropped, and nothing else is.
        #[test]
        fn a_damaged_line_is_not_believed(at in 0_usize..900) {
            let units = [observed(0.25), observed(0.5), observed(0.75)];
            let mut all = text((0..).zip(&units).map(|(replication, unit)| ("ab", replication, unit))).into_bytes();
            let first_line = all.iter().position(|byte| *byte == b'\n').expect("lines") + 1;
            let at = first_line + at % (all.len() - first_line);
            // Without its line break, a line is one with the next.
            let lost = if all[at] == b'\n' && at + 1 < all.len() { 2 } else { 1 };
            all[at] ^= 1;
            let (kept, length) = read(&all).expect("a ledger");
            for ((_, replication), unit) in &kept {
                prop_assert_eq!(unit, &units[*replication as usize]);
            }
            prop_assert_eq!(kept.len(), units.len() - lost);
            prop_assert!(length < all.len() as u64);
        }
    }
}
