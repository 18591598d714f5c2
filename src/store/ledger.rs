//! What a study has simulated so far, one line a unit, so that an interrupted one can go on.
//!
//! Each line ends with a checksum of itself. A line that was cut off, as by a full disk or a lost connection to it, or that
//! was damaged, is dropped when the ledger is opened again, and nothing else is: its unit is simulated once more.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::TryLockError;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use fs_err::{File, OpenOptions};

use super::disposal;
use super::error::StoreError;
use super::lines::{Units, head_line, line, parse};
use super::lock::is_at;
use super::paths::{folder_of, last_part, naming, unused};
use super::written::MOST_BYTES;
use crate::experiment::{Ledger, LedgerError};
use crate::files;
use crate::record::UnitRecord;

/// Lines that are written before the disk is asked to keep them through a power failure, too.
const LINES_PER_SYNC: u32 = 64;

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
    /// Opens the ledger at `path`. If it holds anything already, `resume` must ask for it.
    ///
    /// # Errors
    ///
    /// See [`StoreError`]; [`StoreError::Unfinished`] if it holds something, be it damaged, and `resume` does not ask for it.
    pub(crate) fn open(path: PathBuf, resume: bool) -> Result<Self, StoreError> {
        let mut file = locked(&path)?;
        // Behind a link it is the ledger that will be removed, not the link.
        let path = fs_err::canonicalize(&path).unwrap_or(path);
        let text = files::read_all(file.file(), MOST_BYTES).map_err(|error| naming(&path, &error))?;
        let content = parse(&text).map_err(|why| StoreError::ForeignLedger { path: path.clone(), why })?;
        if !resume && text.len() > head_line().len() {
            return Err(StoreError::Unfinished { path });
        }
        let length = content.end;
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
        let mut found = BTreeMap::new();
        for (digest, _) in content.units.keys() {
            *found.entry(digest.clone()).or_default() += 1;
        }
        let known = content.units;
        let file = Mutex::new(Open { file, length, unsynced: 0 });
        let ledger = Self { path, known, found, dropped: content.dropped, file };
        if length == 0 {
            ledger.append(&head_line())?;
        }
        Ok(ledger)
    }

    /// From now on it also knows `units` from elsewhere, which are not in its file.
    pub(crate) fn recall_also(&mut self, units: Units) {
        for (unit, record) in units {
            self.known.entry(unit).or_insert(record);
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
    pub(crate) fn remove(self) -> Result<(), StoreError> {
        let open = self.file.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Its beginning was read when it was opened, and nobody else has been allowed to write to it since.
        let is_it = |path: &Path| Ok(is_at(&open.file, path)? && open.file.metadata()?.len() == open.length);
        Ok(disposal::remove(folder_of(&self.path), last_part(&self.path), is_it)?)
    }

    /// Gives it another name, which is returned: what of it was dropped is not in the results.
    pub(crate) fn set_aside(self) -> Result<PathBuf, StoreError> {
        let mut name = self.path.clone();
        name.as_mut_os_string().push(".earlier");
        let kept = unused(&name);
        disposal::move_to(&self.path, &kept)?;
        Ok(kept)
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
    fn recall(&self, digest: &str, replication: u32) -> Option<UnitRecord> {
        self.known.get(&(digest.to_owned(), replication)).cloned()
    }

    fn keep(&self, digest: &str, replication: u32, unit: &UnitRecord) -> Result<(), LedgerError> {
        Ok(self.append(&line(digest, replication, unit))?)
    }
}

/// The file at `path`, made if need be and locked for this process.
fn locked(path: &Path) -> Result<File, StoreError> {
    loop {
        if let Ok(found) = std::fs::metadata(path) {
            files::regular(&found).map_err(|error| naming(path, &error))?;
        }
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::InUse { path: path.to_owned() }),
            // Some network file systems know no locks: then nothing guards against two processes.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(naming(path, &error).into()),
        }
        // Another process may have ended its study, and removed the file, between the two.
        if is_at(&file, path)? {
            return Ok(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::text;
    use super::*;
    use crate::record::Observed;
    use crate::record::support::no_histograms;
    use tempfile::TempDir;

    fn unit(first: f64) -> UnitRecord {
        let measured = vec![Some(first), None, Some(0.1 + 0.2)].into();
        UnitRecord {
            observed: Observed { measured, baseline: Some(vec![None, Some(1e-300)].into()) },
            detail: no_histograms(),
        }
    }

    fn opened(folder: &TempDir, resume: bool) -> Result<FileLedger, StoreError> {
        FileLedger::open(folder.path().join("sweep.ledger"), resume)
    }

    #[test]
    fn what_was_kept_is_recalled_bit_by_bit() {
        let folder = TempDir::new().expect("a folder");
        let ledger = opened(&folder, false).expect("a new ledger");
        ledger.keep("ab", 3, &unit(1.0 / 3.0)).expect("kept");
        drop(ledger);
        let again = opened(&folder, true).expect("the same ledger");
        assert_eq!(again.recall("ab", 3), Some(unit(1.0 / 3.0)));
        assert_eq!((again.recall("ab", 2), again.recall("ac", 3)), (None, None));
    }

    #[test]
    fn an_interrupted_study_is_not_thrown_away() {
        let folder = TempDir::new().expect("a folder");
        opened(&folder, false).expect("new").keep("ab", 0, &unit(1.0)).expect("kept");
        assert!(matches!(opened(&folder, false), Err(StoreError::Unfinished { .. })));
        assert!(opened(&folder, true).expect("the same ledger").recall("ab", 0).is_some());
    }

    #[test]
    fn two_processes_do_not_share_a_ledger() {
        let folder = TempDir::new().expect("a folder");
        let first = opened(&folder, false).expect("new");
        assert!(matches!(opened(&folder, true), Err(StoreError::InUse { .. })));
        drop(first);
        assert!(opened(&folder, true).is_ok());
    }

    #[test]
    fn other_files_are_left_alone() {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("sweep.ledger");
        for content in ["notes\n", "{\"gtnet_sim_ledger\":1} 0000000000000000\n"] {
            std::fs::write(&path, content).expect("written");
            assert!(matches!(opened(&folder, true), Err(StoreError::ForeignLedger { .. })), "{content}");
            assert_eq!(std::fs::read_to_string(&path).expect("read"), content);
        }
    }

    /// A ledger of five units of `ab`, in the third line of which one byte has changed, cut off in its last one.
    fn damaged(path: &Path) -> Vec<u8> {
        let units = [0.0, 1.0, 2.0, 3.0, 4.0].map(unit);
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
                ledger.keep("ab", replication, &unit(f64::from(replication))).expect("kept");
            }
        }
    }

    #[test]
    fn a_damaged_ledger_is_kept_under_another_name() {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("sweep.ledger");
        for name in ["sweep.ledger.earlier", "sweep.ledger.earlier.earlier"] {
            damaged(&path);
            let ledger = opened(&folder, true).expect("a ledger");
            let content = std::fs::read(&path).expect("read");
            assert_eq!(
                ledger.set_aside().expect("moved"),
                std::fs::canonicalize(folder.path()).expect("it").join(name)
            );
            assert_eq!(std::fs::read(folder.path().join(name)).expect("read"), content);
            assert!(!path.exists());
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
            assert!(matches!(opened(&folder, false), Err(StoreError::Unfinished { .. })));
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
            ledger.keep(digest, replication, &unit(1.0)).expect("kept");
        }
        drop(ledger);
        let mut ledger = opened(&folder, true).expect("the same ledger");
        ledger.recall_also(Units::from([(("gh".to_owned(), 0), unit(1.0)), (("ab".to_owned(), 1), unit(2.0))]));
        assert_eq!(ledger.recall("ab", 1), Some(unit(1.0)), "what it holds itself is newer");
        assert_eq!(ledger.recall("gh", 0), Some(unit(1.0)));
        let foreign = |digests: &[&str]| ledger.foreign(&digests.iter().map(|digest| (*digest).to_owned()).collect());
        assert_eq!([foreign(&["ab", "cd", "ef"]), foreign(&["cd"]), foreign(&[])], [0, 3, 4]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_ledger_stays() {
        let folder = TempDir::new().expect("a folder");
        let (link, file) = (folder.path().join("sweep.ledger"), folder.path().join("elsewhere"));
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        for _ in 0..2 {
            opened(&folder, false).expect("new").remove().expect("removed");
            assert!(!file.exists() && std::fs::read_link(&link).is_ok_and(|to| to == file));
        }
    }

    #[test]
    fn what_took_the_place_of_a_ledger_is_not_removed() {
        let folder = TempDir::new().expect("a folder");
        let ledger = opened(&folder, false).expect("new");
        let path = ledger.path().to_owned();
        std::fs::remove_file(&path).and_then(|()| std::fs::write(&path, "mine")).expect("another file");
        assert!(matches!(ledger.remove(), Err(StoreError::Io { .. })));
        assert_eq!(std::fs::read_to_string(&path).expect("text"), "mine");
    }

    #[test]
    fn a_ledger_that_is_gone_needs_no_removing() {
        let folder = TempDir::new().expect("a folder");
        let ledger = opened(&folder, false).expect("new");
        std::fs::remove_file(ledger.path()).expect("removed");
        ledger.remove().expect("nothing to do");
    }
}
