//! The text of a ledger: a head and one line a unit, each with a checksum of itself, so that every bit is read back or the
//! line is known to be damaged.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::measures::{self, renamed};
use crate::record::UnitRecord;

/// What a ledger holds, by digest and replication.
pub(crate) type Units = BTreeMap<(String, u32), UnitRecord>;

/// Version of the format: raised whenever a line or its meaning changes.
const VERSION: u32 = 7;

/// The first line.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    gtnet_sim_ledger: u32,
    /// Digests are of a version, so that another one has no use for what it holds.
    tool_version: String,
    measures: Vec<String>,
}

#[derive(Deserialize)]
struct LedgerLine {
    point: String,
    replication: u32,
    unit: UnitRecord,
}

#[derive(Serialize)]
struct LedgerLineRef<'u> {
    point: &'u str,
    replication: u32,
    unit: &'u UnitRecord,
}

/// What a ledger's text holds.
pub(super) struct LedgerContent {
    pub(super) units: Units,
    /// Where the last line that has an end has its end.
    pub(super) end: u64,
    /// Lines that have an end, but are damaged.
    pub(super) dropped: usize,
}

impl LedgerContent {
    /// Whether all of `text`, which it was read from, was whole lines.
    pub(super) fn is_whole(&self, text: &[u8]) -> bool {
        self.dropped == 0 && self.end == text.len() as u64
    }
}

/// A ledger's text with `units`, in their order.
pub(super) fn text<'u>(units: impl IntoIterator<Item = (&'u str, u32, &'u UnitRecord)>) -> String {
    let lines = units.into_iter().map(|(digest, replication, unit)| line(digest, replication, unit));
    std::iter::once(head_line()).chain(lines).collect()
}

/// What a ledger's text holds.
///
/// # Errors
///
/// Why this version cannot read it, as what is said of the file.
pub(super) fn parse(text: &[u8]) -> Result<LedgerContent, String> {
    let mut content = LedgerContent { units: Units::new(), end: 0, dropped: 0 };
    for (number, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        match checked(line) {
            Some(head) if number == 0 => check_head(head)?,
            // A head that was cut off is the beginning of one, or something else.
            None if number == 0 && head_line().as_bytes().starts_with(text) => return Ok(content),
            None if number == 0 => return Err(foreign(line)),
            Some(unit) => match serde_json::from_str(unit) {
                Ok(LedgerLine { point, replication, unit }) => _ = content.units.insert((point, replication), unit),
                Err(_) => content.dropped += 1,
            },
            None if line.ends_with(b"\n") => content.dropped += 1,
            None => break,
        }
        content.end += line.len() as u64;
    }
    Ok(content)
}

/// Why a head whose checksum is right is not one of this version.
fn check_head(line: &str) -> Result<(), String> {
    let own = head_now();
    let Ok(head) = serde_json::from_str::<Head>(line) else { return Err(foreign(line.as_bytes())) };
    if (head.gtnet_sim_ledger, &head.tool_version) != (VERSION, &own.tool_version) {
        return Err(foreign(line.as_bytes()));
    }
    let Some(other) = head.measures.iter().find(|name| !own.measures.contains(name)) else {
        let is_same = head.measures == own.measures;
        return if is_same { Ok(()) } else { Err("lacks measures that this gtnet-sim has".to_owned()) };
    };
    let now =
        renamed(other).map_or_else(|| "that this gtnet-sim has not".to_owned(), |now| format!("which is `{now}` now"));
    Err(format!("holds the measure `{other}`, {now}"))
}

/// What is said of a file that begins with `line`, which is no head of this version.
fn foreign(line: &[u8]) -> String {
    /// What the head of every version has.
    #[derive(Deserialize)]
    struct AnyHead {
        gtnet_sim_ledger: u32,
        tool_version: String,
    }
    // Behind the head there may be a checksum, whatever that of its version is.
    let mut values = serde_json::Deserializer::from_slice(line).into_iter();
    match values.next() {
        Some(Ok(AnyHead { gtnet_sim_ledger, tool_version })) => format!(
            "is a ledger of gtnet-sim {tool_version} (format {gtnet_sim_ledger}), and this is {} (format {VERSION})",
            env!("CARGO_PKG_VERSION")
        ),
        _ => "does not begin like a ledger of gtnet-sim".to_owned(),
    }
}

fn head_now() -> Head {
    Head {
        gtnet_sim_ledger: VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        measures: measures::ALL.iter().map(|measure| measure.name.to_owned()).collect(),
    }
}

pub(super) fn head_line() -> String {
    with_checksum(&serde_json::to_string(&head_now()).expect("strings always serialise"))
}

pub(super) fn line(digest: &str, replication: u32, unit: &UnitRecord) -> String {
    let line = LedgerLineRef { point: digest, replication, unit };
    with_checksum(&serde_json::to_string(&line).expect("numbers and strings always serialise"))
}

/// A line with a checksum at its end: against accidents, not against people.
fn with_checksum(content: &str) -> String {
    format!("{content} {:08x}\n", crc32fast::hash(content.as_bytes()))
}

/// The content of a whole line; `None` if it was cut off or changed.
fn checked(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (content, sum) = line.rsplit_once(' ')?;
    (u32::from_str_radix(sum, 16).ok()? == crc32fast::hash(content.as_bytes())).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measures::Values;
    use crate::record::Observed;
    use crate::record::support::no_histograms;
    use proptest::prelude::*;

    fn unit(first: f64) -> UnitRecord {
        let measured = vec![Some(first), None, Some(0.1 + 0.2)].into();
        UnitRecord {
            observed: Observed { measured, baseline: Some(vec![None, Some(1e-300)].into()) },
            detail: no_histograms(),
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
            let observed = Observed { measured: measured.into(), baseline: baseline.map(Values::from) };
            let unit = UnitRecord { observed, detail: no_histograms() };
            let text = text([(digest.as_str(), replication, &unit)]);
            let content = parse(text.as_bytes()).expect("a ledger");
            prop_assert!(content.is_whole(text.as_bytes()));
            let again = &content.units[&(digest, replication)];
            prop_assert_eq!(&again.detail, &unit.detail);
            let (again, unit) = (&again.observed, &unit.observed);
            prop_assert_eq!(bits(&again.measured), bits(&unit.measured));
            prop_assert_eq!(again.baseline.as_ref().map(bits), unit.baseline.as_ref().map(bits));
        }

        /// Wherever it is cut off, what is whole is kept, and the rest can be written again.
        #[test]
        fn a_ledger_that_was_cut_off_keeps_its_whole_lines(lines in 0_u32..5, cut in 0_usize..4_000) {
            let units: Vec<UnitRecord> = (0..lines).map(|line| unit(f64::from(line) / 7.0)).collect();
            let all = text((0..).zip(&units).map(|(replication, unit)| ("ab", replication, unit)));
            let cut = cut.min(all.len());
            let LedgerContent { units: kept, end, dropped } = parse(&all.as_bytes()[..cut]).expect("a ledger");
            let whole = all[..cut].matches('\n').count();
            prop_assert_eq!(kept.len(), whole.saturating_sub(1));
            prop_assert_eq!((end, dropped), (all[..cut].rfind('\n').map_or(0, |at| at as u64 + 1), 0));
            for ((_, replication), unit) in &kept {
                prop_assert_eq!(unit, &units[*replication as usize]);
            }
        }

        /// A changed byte is noticed: what it has damaged is dropped, and nothing else is.
        #[test]
        fn a_damaged_line_is_not_believed(at in 0_usize..900) {
            let units = [unit(0.25), unit(0.5), unit(0.75)];
            let mut all = text((0..).zip(&units).map(|(replication, unit)| ("ab", replication, unit))).into_bytes();
            let first_line = all.iter().position(|byte| *byte == b'\n').expect("lines") + 1;
            let at = first_line + at % (all.len() - first_line);
            // Without its line break, a line is one with the next.
            let lost = if all[at] == b'\n' && at + 1 < all.len() { 2 } else { 1 };
            all[at] ^= 1;
            let content = parse(&all).expect("a ledger");
            let kept = &content.units;
            for ((_, replication), unit) in kept {
                prop_assert_eq!(unit, &units[*replication as usize]);
            }
            prop_assert_eq!(kept.len(), units.len() - lost);
            prop_assert!(!content.is_whole(&all));
        }
    }

    /// The head of format 2, as the first version with ledgers wrote it.
    #[test]
    fn ledgers_of_other_versions_are_told_from_what_is_none() {
        let older = b"{\"gtnet_sim_ledger\":2,\"tool_version\":\"0.0.9\",\"measures\":[\"visits\"]} 0123456789abcdef\n";
        let told = parse(older).err().expect("refused");
        assert!(told.contains("a ledger of gtnet-sim 0.0.9 (format 2)"), "{told}");
        assert!(parse(b"my notes\n").err().is_some_and(|told| told.contains("does not begin like a ledger")));
        let mut head = head_now();
        head.measures[0] = "happiness".to_owned();
        let other = with_checksum(&serde_json::to_string(&head).expect("strings"));
        assert!(
            parse(other.as_bytes()).err().is_some_and(|told| told.contains("`happiness`, that this gtnet-sim has not"))
        );
        head.measures.remove(0);
        let fewer = with_checksum(&serde_json::to_string(&head).expect("strings"));
        assert!(parse(fewer.as_bytes()).err().is_some_and(|told| told.contains("lacks measures")));
    }
}
