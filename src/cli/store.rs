//! Results on disk: a folder holds either all files of one run or what it held before, and nothing that its reader has
//! put there, or has changed there, is ever lost.

#[cfg(test)]
mod adversity;
mod disposal;
mod error;
pub(super) mod finished;
mod foreign;
pub(super) mod ledger;
mod lines;
mod lock;
pub(super) mod shards;
mod staging;
mod target;
mod within;
mod written;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::output;
use crate::record::ResultFile;
pub(super) use error::StoreError;
use shards::Part;
use staging::{Moves, Staging};
use target::{Place, Target};

/// Checks up front that these results can be written to `folder`: those of `part`, or whole ones if it is `None`. Returns
/// the path of the ledger of a study whose results go there.
///
/// Missing folders above it are made, and stay if all is well: the results will need them. If a process was killed while
/// it wrote there, the results that it had moved aside come back.
///
/// # Errors
///
/// See [`StoreError`]. Nothing is left behind.
pub(super) fn check_target(folder: &Path, part: Option<&Part>) -> Result<PathBuf, StoreError> {
    let mut target = checked_target(folder, part)?;
    target.keep_made_folders();
    Ok(target.ledger())
}

/// Checks the same of whole results, and leaves no folder behind.
///
/// # Errors
///
/// See [`StoreError`].
pub(super) fn probe_target(folder: &Path) -> Result<PathBuf, StoreError> {
    checked_target(folder, None).map(|target| target.ledger())
}

fn checked_target(folder: &Path, part: Option<&Part>) -> Result<Target, StoreError> {
    let target = Target::lock(folder)?;
    shards::check_target(&target.folder, part)?;
    let staging = Staging::create(target.own("partial"), &[])?;
    if target.folder.exists() {
        check_movable(&target, &staging)?;
    }
    Ok(target)
}

/// Whether something else can be put where earlier results are: a file or a folder among them may be write-protected.
fn check_movable(target: &Target, obstacle: &Staging) -> Result<(), StoreError> {
    let entries = foreign::entries(&target.folder)?;
    // What a reader has put there moves along with nothing if the folder does not move.
    let foreign = entries.foreign.into_iter().filter(|_| target.place == Place::Beside);
    foreign.chain(entries.written).try_for_each(|path| {
        let path = target.folder.join(path);
        attempt("move", &path, disposal::check_movable(&path, &obstacle.path))
    })
}

/// Tidies up after processes that were killed while they wrote there: results that were never complete are removed, and what
/// a replacement had moved aside comes back. Then the folder must be one of results.
fn tidy_up(target: &Target) -> Result<(), StoreError> {
    // Who cannot write beside it may be at work within.
    let within = target.lock_within()?;
    let is_locked = target.is_locked() && within.as_ref().is_none_or(|lock| lock.is_held);
    let moved_aside = target.left_beside("previous")?;
    let made_way = target.left_within("previous")?;
    if is_locked {
        within::finish(&target.folder, &target.left_within("partial")?, &made_way)?;
    } else if let Some(previous) = moved_aside.iter().chain(&made_way).next() {
        return Err(StoreError::Interrupted { previous: previous.clone() });
    }
    // Only now: half-way through an exchange, nothing tells that these are results.
    if target.folder.exists() {
        foreign::recognise(&target.folder)?;
    }
    if !is_locked {
        return Ok(());
    }
    if target.place == Place::Within {
        return Ok(());
    }
    for partial in target.left_beside("partial")? {
        remove_left(&partial)?;
    }
    moved_aside.iter().try_for_each(|previous| put_back(target, previous))
}

/// Removes what a process was writing that was killed. What only has its name, and is not gtnet-sim's, stays where it is.
fn remove_left(partial: &Path) -> Result<(), StoreError> {
    match disposal::remove_staging(partial) {
        Err(error) if disposal::is_not_ours(&error) => Ok(()),
        removed => attempt("remove", partial, removed),
    }
}

/// Puts back what a replacement had moved aside: all of it, or if the new results are in place, what had not moved yet.
fn put_back(target: &Target, previous: &Path) -> Result<(), StoreError> {
    if let Err(StoreError::NotResults { folder: previous, .. }) = foreign::recognise(previous) {
        return Err(StoreError::Interrupted { previous });
    }
    if !exists(&target.folder) {
        attempt("move back", previous, disposal::move_to(previous, &target.folder))?;
        return sync_folder(target.parent());
    }
    let mut moves = Moves::default();
    foreign::carry_over(previous, &target.folder, &mut moves)?;
    moves.sync_folders()?;
    tell(&moves);
    discard(target, previous)
}

/// Makes `folder` hold exactly `files`, and whatever else its reader has put there.
///
/// The files are written and synced in a folder beside it, which then takes its place, so that nobody sees half of a
/// run. What no manifest lists, such as notes, moves from the earlier results to the new ones, whatever it is; and so does
/// what its reader has changed. If a new file has the same name, its own becomes `<name>.earlier`, and he is told. A crash
/// during a replacement leaves the earlier results, and what has not moved yet, in `.<name>.previous-<pid>`, from where the
/// next process that writes here takes it. A folder that cannot be moved is dealt with in [`within`]. Who
/// comes at the same time waits; the last one's results stay. If the earlier results cannot be removed afterwards, a warning
/// on standard error says so, as the new ones are in place.
///
/// # Errors
///
/// See [`StoreError`]; never [`StoreError::NotRemoved`].
///
/// # Panics
///
/// If the name of a file leads out of the folder.
pub(super) fn write_results(folder: &Path, files: &[ResultFile]) -> Result<(), StoreError> {
    write(folder, files, None)
}

/// [`write_results`] for those of a part, which only takes its own place.
///
/// # Errors
///
/// See [`StoreError`].
pub(super) fn write_shard(folder: &Path, files: &[ResultFile], part: &Part) -> Result<(), StoreError> {
    write(folder, files, Some(part))
}

fn write(folder: &Path, files: &[ResultFile], part: Option<&Part>) -> Result<(), StoreError> {
    let target = Target::lock(folder)?;
    // Once more: somebody else may have been there since the work began.
    shards::check_target(&target.folder, part)?;
    match fill(&target, files) {
        // They are where they shall be, and the work is done.
        Err(error @ StoreError::NotRemoved { .. }) => {
            output::complain(&format!("warning: {error}"));
            Ok(())
        }
        filled => filled,
    }
}

/// Makes the folder of `target` hold `files`.
fn fill(target: &Target, files: &[ResultFile]) -> Result<(), StoreError> {
    let mut staging = Staging::create(target.own("partial"), files)?;
    for file in files {
        staging.write(file)?;
    }
    staging.complete()?;
    match target.place {
        Place::Within => within::replace(target, &staging.path),
        Place::Beside if target.folder.exists() => replace(target, &staging),
        Place::Beside => put_in_place(target, &staging),
    }
}

fn put_in_place(target: &Target, staging: &Staging) -> Result<(), StoreError> {
    attempt("move the results to", &target.folder, disposal::move_to(&staging.path, &target.folder))?;
    sync_folder(target.parent())
}

/// Puts `staging` in the place of the earlier results, which are kept aside until it is complete and on disk.
fn replace(target: &Target, staging: &Staging) -> Result<(), StoreError> {
    let (folder, previous) = (&target.folder, target.own("previous"));
    attempt("move", folder, disposal::move_to(folder, &previous))?;
    let mut moves = Moves::default();
    let done = moves
        .make(&staging.path, folder)
        .and_then(|()| foreign::carry_over(&previous, folder, &mut moves))
        .and_then(|()| moves.sync_folders());
    if let Err(cause) = done {
        // Only when every entry is back may `staging`, which held some of them, disappear.
        return Err(match moves.undo().and_then(|()| disposal::move_to(&previous, folder)) {
            Ok(()) => cause,
            Err(source) => StoreError::Stranded { cause: Box::new(cause), folder: folder.clone(), previous, source },
        });
    }
    tell(&moves);
    discard(target, &previous)
}

/// Removes earlier results of which nothing is needed any more.
fn discard(target: &Target, previous: &Path) -> Result<(), StoreError> {
    // Under a name that says so, should the process be killed meanwhile.
    let discarded = target.own("partial");
    let not_removed = |left: &Path, source| {
        let (folder, left) = (target.folder.clone(), left.to_owned());
        StoreError::NotRemoved { folder, left, source }
    };
    disposal::move_to(previous, &discarded).map_err(|source| not_removed(previous, source))?;
    disposal::remove_results(&discarded).map_err(|source| not_removed(&discarded, source))
}

/// Says what became of a reader's own files: also if nothing but errors shall be said, as they are not where they were.
fn tell(moves: &Moves) {
    moves.notes().iter().for_each(|note| output::complain(note));
}

/// Whether something is there, be it a link that leads nowhere.
fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether `path` is a folder itself, not a link to one.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

/// Makes the names in `folder` survive a power failure, where the system can.
fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        let opened = attempt("open", folder, File::open(folder))?;
        attempt("sync", folder, opened.sync_all())?;
    }
    Ok(())
}

fn attempt<T>(action: &'static str, path: &Path, result: io::Result<T>) -> Result<T, StoreError> {
    result.map_err(|source| StoreError::Io { action, path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{FileDigest, Manifest, sealed};

    pub(super) fn file(name: &str, text: &str) -> ResultFile {
        ResultFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    /// Files of a run: a manifest that lists the others.
    pub(super) fn run(names: &[&str]) -> Vec<ResultFile> {
        let mut files: Vec<_> = names.iter().map(|name| file(name, &format!("{name} of {}", names.len()))).collect();
        let digests: Vec<FileDigest> = files.iter().map(FileDigest::of).collect();
        let manifest = serde_json::json!({ "schema_version": 1, "tool_version": "0.0.0", "files": digests });
        files.push(file(Manifest::FILE_NAME, &sealed(&manifest)));
        files
    }

    /// The files below a folder with their texts.
    pub(super) fn contents(folder: &Path) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = PathBuf::from(path.file_name().expect("a name"));
            if path.is_dir() {
                found.extend(contents(&path).into_iter().map(|(below, text)| (name.join(below), text)));
            } else {
                found.push((name, fs::read_to_string(&path).expect("text")));
            }
        }
        found.sort();
        found
    }

    pub(super) fn names(folder: &Path) -> Vec<String> {
        contents(folder).into_iter().map(|(path, _)| path.display().to_string()).collect()
    }

    pub(super) fn assert_nothing_beside(folder: &Path) {
        let entries = fs::read_dir(folder.parent().expect("a parent")).expect("a folder");
        let beside: Vec<_> =
            entries.map(|entry| entry.expect("an entry").path()).filter(|path| path != folder).collect();
        assert!(beside.is_empty(), "{beside:?}");
    }

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
        check_target(&folder, None).expect("tidied up");
        assert_eq!(contents(&folder), before);
        assert_nothing_beside(&folder);

        fs::rename(&folder, &previous).expect("moved aside");
        write_results(&folder, &run(&["summary.csv", "new.csv"])).expect("second");
        check_target(&folder, None).expect("tidied up");
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
