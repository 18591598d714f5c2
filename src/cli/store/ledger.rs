//! What a study has simulated so far, one line a unit, so that an interrupted one can go on.
//!
//! Each line ends with a checksum of itself. A line that was cut off, as by a full disk or a lost connection to it, or that
//! was damaged, is dropped when the ledger is opened again, and nothing else is: its unit is simulated once more.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::target::is_at;
use crate::experiment::{Ledger, LedgerError};
use crate::measures;
use crate::record::{Observed, Values};

/// Lines that are written before the disk is asked to keep them through a power failure, too.
const LINES_PER_SYNC: u32 = 64;

/// Why a ledger cannot be used.
#[derive(Debug, Error)]
pub(crate) enum UnitsError {
    /// The operating system refused.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// It is of another version of this program, or no ledger at all.
    #[error(
        "`{}` does not begin like a ledger of this version of gtnet-sim; finish with the version that wrote it, or \
         remove it",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Another process works with it.
    #[error("`{}` is in use by another gtnet-sim; wait for it, or choose another folder with --out", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A study was interrupted, and this one was not told to go on with it.
    #[error(
        "`{}` holds what an interrupted study has simulated; go on with it by --resume, or remove it to begin again",
        path.display()
    )]
    Unfinished {
        /// The file.
        path: PathBuf,
    },
}

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

/// A ledger in a file, locked for this process.
pub(crate) struct FileLedger {
    path: PathBuf,
    known: Units,
    /// How many units the file held when it was opened, by digest.
    found: BTreeMap<String, usize>,
    dropped: usize,
    file: Mutex<Open>,
}

struct Open {
    file: File,
    length: u64,
    unsynced: u32,
}

impl FileLedger {
    /// Opens the ledger at `path`, with what it holds if that is wanted.
    ///
    /// # Errors
    ///
    /// See [`UnitsError`]; [`UnitsError::Unfinished`] if it holds something, be it damaged, and `resume` does not ask for it.
    pub(crate) fn open(path: PathBuf, resume: bool) -> Result<Self, UnitsError> {
        let attempt = |action, error| attempt_at(&path, action, error);
        let mut file = locked(&path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(|error| attempt("read", error))?;
        let content = parse(&text).ok_or_else(|| UnitsError::Foreign { path: path.clone() })?;
        if !resume && text.len() > head_line().len() {
            return Err(UnitsError::Unfinished { path });
        }
        let length = content.end;
        file.set_len(length).map_err(|error| attempt("shorten", error))?;
        file.seek(SeekFrom::Start(length)).map_err(|error| attempt("go to the end of", error))?;
        let mut found = BTreeMap::new();
        for (digest, _) in content.units.keys() {
            *found.entry(digest.clone()).or_default() += 1;
        }
        let known = content.units;
        let file = Mutex::new(Open { file, length, unsynced: 0 });
        let ledger = Self { path, known, found, dropped: content.dropped, file };
        if length == 0 {
            ledger.append(&head_line()).map_err(|error| attempt_at(&ledger.path, "write", error))?;
        }
        Ok(ledger)
    }

    /// From now on it also knows `units` from elsewhere, which are not in its file.
    pub(crate) fn recall_also(&mut self, units: Units) {
        for (unit, observed) in units {
            self.known.entry(unit).or_insert(observed);
        }
    }

    /// How many damaged lines were passed over when it was opened. An unfinished last line is none of them: that is how a
    /// killed process leaves it.
    pub(crate) fn dropped(&self) -> usize {
        self.dropped
    }

    /// How many units the file held when it was opened that belong to none of the scenarios with these digests.
    pub(crate) fn foreign(&self, digests: &BTreeSet<String>) -> usize {
        self.found.iter().filter(|(digest, _)| !digests.contains(*digest)).map(|(_, units)| units).sum()
    }

    /// How many units the file held when it was opened.
    pub(crate) fn found(&self) -> usize {
        self.found.values().sum()
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it: what it held is in the results.
    pub(crate) fn remove(self) -> Result<(), UnitsError> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(attempt_at(&self.path, "remove", error)),
            _ => Ok(()),
        }
    }

    /// Appends one line as a whole; if it does not fit, the ledger stays as it was.
    fn append(&self, line: &str) -> io::Result<()> {
        let mut open = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = open.file.write_all(line.as_bytes()) {
            let length = open.length;
            // If even that fails, the next reader drops the line, as its checksum is wrong.
            let _ = open.file.set_len(length).and_then(|()| open.file.seek(SeekFrom::Start(length)));
            return Err(error);
        }
        open.length += line.len() as u64;
        open.unsynced += 1;
        if open.unsynced >= LINES_PER_SYNC {
            open.file.sync_data()?;
            open.unsynced = 0;
        }
        Ok(())
    }
}

impl Ledger for FileLedger {
    fn recall(&self, digest: &str, replication: u32) -> Option<Observed> {
        self.known.get(&(digest.to_owned(), replication)).cloned()
    }

    fn keep(&self, digest: &str, replication: u32, observed: &Observed) -> Result<(), LedgerError> {
        self.append(&line(digest, replication, observed))
            .map_err(|error| attempt_at(&self.path, "write to", error).into())
    }
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
struct Content {
    units: Units,
    /// Bytes of whole lines.
    whole: u64,
    /// Where the last line that has an end has its end.
    end: u64,
    /// Lines that have an end, but are damaged.
    dropped: usize,
}

fn parse(text: &[u8]) -> Option<Content> {
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

fn head_line() -> String {
    with_checksum(&serde_json::to_string(&head_now()).expect("strings always serialise"))
}

fn line(digest: &str, replication: u32, observed: &Observed) -> String {
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

/// The file at `path`, made if need be and locked for this process.
fn locked(path: &Path) -> Result<File, UnitsError> {
    let attempt = |action, error| attempt_at(path, action, error);
    loop {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let file = file.map_err(|error| attempt("open", error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(UnitsError::InUse { path: path.to_owned() }),
            // Some network file systems know no locks: then nothing guards against two processes.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(attempt("lock", error)),
        }
        // Another process may have ended its study, and removed the file, between the two.
        if is_at(&file, path).map_err(|error| attempt("find", error))? {
            return Ok(file);
        }
    }
}

fn attempt_at(path: &Path, action: &'static str, source: io::Error) -> UnitsError {
    UnitsError::Io { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tempfile::TempDir;

    fn observed(first: f64) -> Observed {
        Observed { measured: vec![Some(first), None, Some(0.1 + 0.2)], baseline: Some(vec![None, Some(1e-300)]) }
    }

    fn opened(folder: &TempDir, resume: bool) -> Result<FileLedger, UnitsError> {
        FileLedger::open(folder.path().join("sweep.ledger"), resume)
    }

    #[test]
    fn what_was_kept_is_recalled_bit_by_bit() {
        let folder = TempDir::new().expect("a folder");
        let ledger = opened(&folder, false).expect("a new ledger");
        ledger.keep("ab", 3, &observed(1.0 / 3.0)).expect("kept");
        drop(ledger);
        let again = opened(&folder, true).expect("the same ledger");
        assert_eq!(again.recall("ab", 3), Some(observed(1.0 / 3.0)));
        assert_eq!((again.recall("ab", 2), again.recall("ac", 3)), (None, None));
    }

    #[test]
    fn an_interrupted_study_is_not_thrown_away() {
        let folder = TempDir::new().expect("a folder");
        opened(&folder, false).expect("new").keep("ab", 0, &observed(1.0)).expect("kept");
        assert!(matches!(opened(&folder, false), Err(UnitsError::Unfinished { .. })));
        assert!(opened(&folder, true).expect("the same ledger").recall("ab", 0).is_some());
    }

    #[test]
    fn two_processes_do_not_share_a_ledger() {
        let folder = TempDir::new().expect("a folder");
        let first = opened(&folder, false).expect("new");
        assert!(matches!(opened(&folder, true), Err(UnitsError::InUse { .. })));
        drop(first);
        assert!(opened(&folder, true).is_ok());
    }

    #[test]
    fn other_files_are_left_alone() {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("sweep.ledger");
        for content in ["notes\n", "{\"gtnet_sim_ledger\":1} 0000000000000000\n"] {
            std::fs::write(&path, content).expect("written");
            assert!(matches!(opened(&folder, true), Err(UnitsError::Foreign { .. })), "{content}");
            assert_eq!(std::fs::read_to_string(&path).expect("read"), content);
        }
    }

    /// A ledger of five units of `ab`, in the third line of which one byte has changed, cut off in its last one.
    fn damaged(path: &Path) -> Vec<u8> {
        let units = [0.0, 1.0, 2.0, 3.0, 4.0].map(observed);
        let mut all = text((0..).zip(&units).map(|(replication, unit)| ("ab", replication, unit))).into_bytes();
        let breaks: Vec<usize> = (0..all.len()).filter(|at| all[*at] == b'\n').collect();
        all[breaks[1] + 20] ^= 1;
        all.truncate(all.len() - 7);
        std::fs::write(path, &all).expect("written");
        all
    }

    #[test]
    fn what_is_damaged_costs_only_itself() {
        let folder = TempDir::new().expect("a folder");
        damaged(&folder.path().join("sweep.ledger"));
        for (dropped, known) in [(1, [true, false, true, true, false]), (1, [true; 5])] {
            let ledger = opened(&folder, true).expect("a ledger");
            assert_eq!(ledger.dropped(), dropped);
            assert_eq!([0, 1, 2, 3, 4].map(|replication| ledger.recall("ab", replication).is_some()), known);
            for replication in [1, 4] {
                ledger.keep("ab", replication, &observed(f64::from(replication))).expect("kept");
            }
        }
    }

    #[test]
    fn a_damaged_ledger_is_not_overwritten() {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("sweep.ledger");
        let all = damaged(&path);
        let first_lines = all.split_inclusive(|byte| *byte == b'\n').take(2).map(<[u8]>::len).sum::<usize>();
        let mut short = all[..first_lines].to_vec();
        short[first_lines - 10] ^= 1;
        for content in [&all[..], &all[..first_lines - 1], &short] {
            std::fs::write(&path, content).expect("written");
            assert!(matches!(opened(&folder, false), Err(UnitsError::Unfinished { .. })));
            assert_eq!(std::fs::read(&path).expect("read"), content);
        }
        std::fs::write(&path, head_line()).expect("written");
        assert!(opened(&folder, false).is_ok(), "a head holds nothing");
    }

    #[test]
    fn units_of_other_scenarios_are_counted() {
        let folder = TempDir::new().expect("a folder");
        let ledger = opened(&folder, false).expect("new");
        for (digest, replication) in [("ab", 0), ("ab", 1), ("cd", 0), ("ef", 7)] {
            ledger.keep(digest, replication, &observed(1.0)).expect("kept");
        }
        drop(ledger);
        let mut ledger = opened(&folder, true).expect("the same ledger");
        ledger.recall_also(Units::from([(("gh".to_owned(), 0), observed(1.0)), (("ab".to_owned(), 1), observed(2.0))]));
        assert_eq!(ledger.recall("ab", 1), Some(observed(1.0)), "what it holds itself is newer");
        assert_eq!(ledger.recall("gh", 0), Some(observed(1.0)));
        let foreign = |digests: &[&str]| ledger.foreign(&digests.iter().map(|digest| (*digest).to_owned()).collect());
        assert_eq!([foreign(&["ab", "cd", "ef"]), foreign(&["cd"]), foreign(&[])], [0, 3, 4]);
    }

    #[test]
    fn a_ledger_that_is_gone_needs_no_removing() {
        let folder = TempDir::new().expect("a folder");
        let ledger = opened(&folder, false).expect("new");
        std::fs::remove_file(ledger.path()).expect("removed");
        ledger.remove().expect("nothing to do");
    }

    proptest! {
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
