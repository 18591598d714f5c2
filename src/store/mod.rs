//! Results on disk. Whoever has the lock finds in a folder all files of one run, or what it held before. What a user has put
//! or changed there is never lost.
//!
//! Nothing here prints. What a user must know although nothing failed goes to the caller's function `tell`, even if he wants to
//! hear nothing but errors.

#[cfg(test)]
mod adversity;
mod disposal;
mod error;
mod exchange;
mod foreign;
mod kept;
mod ledger;
mod lines;
mod lock;
mod moves;
mod paths;
mod recovery;
mod shards;
mod staging;
mod target;
#[cfg(test)]
mod test_support;
mod trace;
mod within;
mod written;

use std::path::{Path, PathBuf};

use crate::record::ResultFile;
pub(crate) use error::StoreError;
pub(crate) use kept::kept;
pub(crate) use ledger::FileLedger;
pub(crate) use lines::Units;
pub(crate) use shards::{JobShard, files as shard_files, merge, units as shard_units};
pub(crate) use trace::{TRACE_FILES, check_new, check_trace, write_new, write_trace};
pub(crate) use written::proven;

use staging::Staging;
use target::{Target, Workspace};

/// Checks up front that these results can be written to `folder`: those of `part`, or whole ones if it is `None`. Returns
/// the path of the ledger of a study whose results go there.
///
/// Missing folders above it are made, and stay if all is well: the results will need them. If a process was killed while
/// it wrote there, the results that it had moved aside come back.
///
/// # Errors
///
/// See [`StoreError`]. Nothing is left behind.
pub(crate) fn check_target(folder: &Path, part: Option<&JobShard>, tell: &dyn Fn(&str)) -> Result<PathBuf, StoreError> {
    let mut target = checked_target(folder, part, tell)?;
    target.keep_made_folders();
    Ok(target.ledger())
}

/// Like [`check_target`] for whole results, but folders that were made are removed again. Returns the path of the ledger.
///
/// # Errors
///
/// See [`StoreError`].
pub(crate) fn probe_target(folder: &Path, tell: &dyn Fn(&str)) -> Result<PathBuf, StoreError> {
    checked_target(folder, None, tell).map(|target| target.ledger())
}

fn checked_target<'t>(
    folder: &Path,
    part: Option<&JobShard>,
    tell: &'t dyn Fn(&str),
) -> Result<Target<'t>, StoreError> {
    let target = recovery::lock(folder, tell)?;
    shards::check_target(&target.folder, part)?;
    let obstacle = Staging::create(target.own("partial"), &[])?;
    if target.folder.exists() {
        check_movable(&target, &obstacle)?;
    }
    Ok(target)
}

/// Whether something else can be put where earlier results are: a file or a folder among them may be write-protected.
fn check_movable(target: &Target<'_>, obstacle: &Staging) -> Result<(), StoreError> {
    let entries = foreign::entries(&target.folder)?;
    // What a reader has put there moves along with nothing if the folder does not move.
    let foreign = entries.foreign.into_iter().filter(|_| target.place == Workspace::Beside);
    foreign.chain(entries.written).map(|path| target.folder.join(path)).try_for_each(|path| {
        disposal::check_movable(&path, &obstacle.path).map_err(|source| StoreError::NotMovable { path, source })
    })
}

/// Makes `folder` hold exactly `files`, and whatever else its reader has put there; results of `part` only take its own
/// place, whole ones (`None`) that of whole ones.
///
/// The files are written and synced in a folder beside it, which then takes its place, so that nobody sees half of a
/// run. What no manifest lists, such as notes, moves from the earlier results to the new ones, whatever it is; and so does
/// what its reader has changed. If a new file has the same name, its own becomes `<name>.earlier`, and he is told. A crash
/// during a replacement leaves the earlier results, and what has not moved yet, in `.<name>.previous-<pid>`, from where the
/// next process that writes here takes it. A folder that cannot be moved is dealt with in [`within`]. Who
/// comes at the same time waits; the last one's results stay. If the earlier results cannot be removed afterwards, `tell` is
/// told so, as the new ones are in place.
///
/// # Errors
///
/// See [`StoreError`].
///
/// # Panics
///
/// If the name of a file leads out of the folder.
pub(crate) fn write_results(
    folder: &Path,
    files: &[ResultFile],
    part: Option<&JobShard>,
    tell: &dyn Fn(&str),
) -> Result<(), StoreError> {
    let target = recovery::lock(folder, tell)?;
    // Once more: somebody else may have been there since the work began.
    shards::check_target(&target.folder, part)?;
    fill(&target, files)
}

/// Makes the folder of `target` hold `files`.
fn fill(target: &Target<'_>, files: &[ResultFile]) -> Result<(), StoreError> {
    let mut staging = Staging::create(target.own("partial"), files)?;
    files.iter().try_for_each(|file| staging.write(file))?;
    staging.complete()?;
    match target.place {
        Workspace::Within => within::replace(target, &staging.path),
        Workspace::Beside => exchange::replace(target, &staging),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::test_support::{assert_nothing_beside, check_target, contents, file, names, run, write_results};
    use super::*;

    #[test]
    fn a_later_run_replaces_an_earlier_one_and_keeps_notes() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("hub");
        write_results(&folder, &run(&["summary.csv", "charts/old.svg"])).expect("first");
        fs::write(folder.join("notes.md"), "mine").expect("notes");
        write_results(&folder, &run(&["summary.csv"])).expect("second");
        assert_eq!(names(&folder), ["manifest.json", "notes.md", "summary.csv"]);
        assert!(contents(&folder).contains(&("summary.csv".into(), "summary.csv of 1".to_owned())));
        assert_nothing_beside(&folder);
    }

    /// A process that was killed half-way through a replacement, before or after the new results were in place.
    #[test]
    fn what_was_moved_aside_comes_back() {
        let home = tempfile::tempdir().expect("a folder");
        let (folder, previous) = (home.path().join("hub"), home.path().join(".hub.previous-4711"));
        write_results(&folder, &run(&["summary.csv"])).expect("first");
        fs::write(folder.join("notes.md"), "mine").expect("notes");
        let before = contents(&folder);
        fs::rename(&folder, &previous).expect("moved aside");
        fs::create_dir(home.path().join(".hub.partial-4711")).expect("half of a run");
        check_target(&folder).expect("tidied up");
        assert_eq!(contents(&folder), before);
        assert_nothing_beside(&folder);

        fs::rename(&folder, &previous).expect("moved aside");
        write_results(&folder, &run(&["summary.csv", "new.csv"])).expect("second");
        check_target(&folder).expect("tidied up");
        assert_eq!(names(&folder), ["manifest.json", "new.csv", "notes.md", "summary.csv"]);
        assert_nothing_beside(&folder);
    }

    #[test]
    fn missing_folders_are_made() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("results/hub");
        write_results(&folder, &run(&["charts/age.svg"])).expect("written");
        assert_eq!(names(&folder), ["charts/age.svg", "manifest.json"]);
    }

    #[test]
    fn what_is_no_results_folder_is_left_alone() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("thesis");
        fs::create_dir(&folder).expect("a folder");
        fs::write(folder.join("chapter.tex"), "years of work").expect("a file");
        let error = write_results(&folder, &run(&["summary.csv"])).expect_err("refused");
        assert!(matches!(error, StoreError::NotResults { .. }), "{error}");
        assert_eq!(names(&folder), ["chapter.tex"]);
        assert_nothing_beside(&folder);
    }

    #[test]
    fn a_failure_half_way_leaves_everything_as_it_was() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("hub");
        write_results(&folder, &run(&["summary.csv"])).expect("first");
        let before = contents(&folder);
        // A file cannot be a folder at the same time.
        let impossible = [file("a", "a"), file("a/b", "b")];
        let error = write_results(&folder, &impossible).expect_err("impossible");
        assert!(matches!(error, StoreError::Io { .. }), "{error}");
        assert_eq!(contents(&folder), before);
        assert_nothing_beside(&folder);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_folder_stays_a_link() {
        let home = tempfile::tempdir().expect("a folder");
        let (folder, link) = (home.path().join("real"), home.path().join("link"));
        fs::create_dir(&folder).expect("a folder");
        std::os::unix::fs::symlink(&folder, &link).expect("a link");
        write_results(&link, &run(&["summary.csv"])).expect("written");
        assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
        assert_eq!(names(&folder), ["manifest.json", "summary.csv"]);
    }
}
