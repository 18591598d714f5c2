//! Opens and closes the ledger of a job, so that an interrupted job can go on; never removes the only copy of a simulated unit.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::report;
use crate::store::{self, FileLedger, StoreError, Units};

use super::{CommandError, output};

/// Opens a new ledger at `path`.
///
/// # Errors
///
/// If something is there, such as the ledger of an interrupted job.
pub(super) fn begin(path: PathBuf) -> Result<FileLedger, CommandError> {
    open(path, false)
}

/// Opens the ledger at `path`, and adds the units of earlier results in `folder`. The job simulates scenarios with these
/// `digests`.
///
/// # Errors
///
/// If the ledger holds only units of other scenarios, or if the ledger or the earlier results cannot be read.
pub(super) fn go_on(
    path: PathBuf,
    folder: &Path,
    digests: &BTreeSet<String>,
    quiet: bool,
) -> Result<FileLedger, CommandError> {
    // The lock of the ledger also guards the earlier results against another job.
    let mut ledger = open(path, true)?;
    if ledger.dropped() > 0 {
        let (path, dropped) = (ledger.path().display(), ledger.dropped());
        let lines = if dropped == 1 { "line" } else { "lines" };
        let warning = format!("warning: `{path}` has {dropped} damaged {lines}; what they held is simulated again");
        output::note(&warning, quiet);
    }
    if ledger.found() > 0 && ledger.foreign(digests) == ledger.found() {
        return Err(CommandError::Input(format!(
            "error: `{}` holds what an interrupted study of other scenarios than these has simulated\n  help: go on with \
             that study, choose another folder with --out, or remove the file if it is not needed",
            ledger.path().display()
        )));
    }
    match finished(folder) {
        Ok(units) => ledger.recall_also(units),
        Err(error) if ledger.found() == 0 && ledger.dropped() == 0 => {
            // Nothing is in it, not even a damaged line, and nothing will be.
            let _ = ledger.remove();
            return Err(error);
        }
        Err(error) => return Err(error),
    }
    Ok(ledger)
}

fn open(path: PathBuf, resume: bool) -> Result<FileLedger, CommandError> {
    FileLedger::open(path, resume).map_err(|error| match error {
        StoreError::Io(_) | StoreError::InUse { .. } => CommandError::Execution(format!("error: {error}")),
        _ => input(&error),
    })
}

fn input(error: &StoreError) -> CommandError {
    CommandError::Input(format!("error: {error}"))
}

/// Checks before a search for a warm-up that a job whose results go to `folder`, with its ledger at `path`, can begin or
/// `resume`. Whether the ledger is of other scenarios is known only after the search, as the warm-up is part of a scenario.
///
/// # Errors
///
/// Whatever is in the way.
pub(super) fn check(path: PathBuf, folder: &Path, resume: bool) -> Result<(), CommandError> {
    // Opening would make it.
    if path.exists() {
        open(path, resume)?;
    }
    if resume {
        finished(folder)?;
    }
    Ok(())
}

/// The table of a study that is read back.
const TABLE: &str = "replications.csv";

/// What earlier results in `folder` hold that need not be simulated again, be they of a study or of a shard; nothing if there
/// are none. The tables of a study hold no histograms, so that they
/// serve only the same number of replications.
///
/// # Errors
///
/// What is wrong with them, and what to do: numbers that somebody has changed are not those of a simulation.
fn finished(folder: &Path) -> Result<Units, CommandError> {
    if let Some(units) = store::shard_units(folder).map_err(|error| input(&error))? {
        return Ok(units);
    }
    let proven = |name: &str| store::proven(folder, name).map_err(|error| input(&error));
    let Some(table) = proven(TABLE)? else { return Ok(Units::new()) };
    let units = report::read_units(&table).map_err(|error| {
        let (path, why) = (folder.join(TABLE), error.to_string());
        input(&StoreError::NotProven { path, why })
    })?;
    Ok(units.into_iter().map(|(digest, replication, unit)| ((digest, replication), unit)).collect())
}

/// Removes the ledger of a job whose results are written. A ledger that holds units of other scenarios than those with these
/// `digests` is kept, and one with damaged lines is renamed: what they hold is nowhere else.
pub(super) fn close(ledger: FileLedger, digests: &BTreeSet<String>, quiet: bool) -> Result<(), CommandError> {
    let (foreign, path) = (ledger.foreign(digests), ledger.path().display());
    if foreign > 0 {
        let kept = format!("`{path}` is kept: it holds {foreign} replications of scenarios that this study has not");
        output::note(&kept, quiet);
        return Ok(());
    }
    if ledger.dropped() > 0 {
        let path = path.to_string();
        let kept = ledger.set_aside().map_err(|error| CommandError::Execution(format!("error: {error}")))?;
        // Also if nothing but errors shall be said, as it is not where it was.
        output::complain(&format!("note: `{path}` has damaged lines; it is kept as `{}`", kept.display()));
        return Ok(());
    }
    ledger.remove().map_err(|error| CommandError::Execution(format!("error: {error}")))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    /// Hours of search for a warm-up would be lost.
    #[test]
    fn what_is_no_ledger_is_found_out_by_the_check() {
        let home = tempfile::tempdir().expect("a folder");
        let (ledger, folder) = (home.path().join("out.ledger"), home.path().join("out"));
        for resume in [false, true] {
            check(ledger.clone(), &folder, resume).expect("nothing is in the way");
            assert!(!ledger.exists(), "the check makes no ledger");
        }
        let mut mine = tempfile::NamedTempFile::new_in(home.path()).expect("a file");
        mine.write_all(b"mine, and not a ledger\n").expect("written");
        for resume in [false, true] {
            let checked = check(mine.path().to_owned(), &folder, resume);
            assert!(matches!(checked, Err(CommandError::Input(_))), "resume: {resume}");
        }
        let mut text = String::new();
        mine.reopen().expect("it is there").read_to_string(&mut text).expect("text");
        assert_eq!(text, "mine, and not a ledger\n");
    }
}
