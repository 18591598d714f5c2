//! Results in a folder that cannot be moved: a mount point, such as a container's volume, or one in somebody else's folder.
//!
//! New results are first written to a folder inside it. Then the earlier files are moved to another folder inside it, and the
//! new ones take their place. If a process is killed after that has begun, the next one finishes its work: whoever has the lock
//! sees either all of the earlier results or all of the new ones. Without the lock one may see some files missing meanwhile,
//! and then the manifest is missing, too.

use std::io;
use std::path::{Path, PathBuf};

use fs_err as fs;

use super::disposal;
use super::error::StoreError;
use super::foreign::{CHANGED, NAMESAKE};
use super::moves::Moves;
use super::paths::{above, counterpart, exists, folder_of, is_folder, is_reached, unused};
use super::target::{Target, are_complete};
use super::written::Written;
use crate::record::Manifest;

/// Puts the files of `staging`, which is complete, in the place of the earlier ones.
///
/// # Errors
///
/// [`StoreError`].
pub(super) fn replace(target: &Target<'_>, staging: &Path) -> Result<(), StoreError> {
    let (folder, previous) = (&target.folder, target.own("previous"));
    let mut moves = Moves::default();
    if let Err(cause) = exchange(folder, staging, &previous, &mut moves) {
        return Err(match moves.undo().and_then(|()| disposal::remove_empty_folders(&previous)) {
            Ok(()) => cause,
            Err(source) => StoreError::Stranded { cause: Box::new(cause), folder: folder.clone(), previous, source },
        });
    }
    moves.tell(target.tell);
    clear(folder, &previous, target.tell);
    Ok(())
}

/// Finishes what processes that were killed had begun in `folder`: what they were about to put in place, and what had made way.
///
/// # Errors
///
/// [`StoreError::Interrupted`] if something is not what it should be; [`StoreError::Io`].
pub(super) fn finish(
    folder: &Path,
    staged: &[PathBuf],
    previous: &[PathBuf],
    tell: &dyn Fn(&str),
) -> Result<(), StoreError> {
    for staging in staged {
        if are_complete(staging) {
            let previous = counterpart(staging, "partial", "previous");
            let mut moves = Moves::default();
            exchange(folder, staging, &previous, &mut moves)?;
            moves.tell(tell);
            clear(folder, &previous, tell);
        }
        disposal::tidy(staging, disposal::remove_left, tell);
    }
    for previous in previous {
        clear(folder, previous, tell);
    }
    Ok(())
}

/// Moves the files of the earlier results to `previous` and those of `staging` to `folder`, the manifest first there and last
/// here. What has been done already, by a process that was killed, is not done again.
fn exchange(folder: &Path, staging: &Path, previous: &Path, moves: &mut Moves) -> Result<(), StoreError> {
    let of =
        |folder: &Path| Written::of(folder).map_err(|why| StoreError::NotResults { folder: folder.to_owned(), why });
    let manifest = Path::new(Manifest::FILE_NAME);
    let interrupted = || StoreError::Interrupted { previous: staging.to_owned() };
    let new = of(staging)?.ok_or_else(interrupted)?;
    for path in new.paths() {
        if !new.proves(staging, path)? && !new.proves(folder, path)? {
            return Err(interrupted());
        }
    }
    fs::create_dir_all(previous)?;
    if let Some(old) = of(folder)?.or(of(previous)?) {
        for path in std::iter::once(manifest).chain(old.paths().filter(|path| *path != manifest)) {
            // The new one is there already, be it the same as the old one.
            if new.lists(path) && !exists(&staging.join(path)) {
                continue;
            }
            if old.proves(folder, path)? {
                into(previous, path)?;
                moves.make(&folder.join(path), &previous.join(path))?;
            } else if is_reached(folder, path)? && exists(&folder.join(path)) {
                if exists(&staging.join(path)) {
                    make_way(&folder.join(path), CHANGED, moves)?;
                } else {
                    moves.note(&folder.join(path), CHANGED, &folder.join(path));
                }
            }
        }
    }
    for path in new.paths().filter(|path| *path != manifest).chain([manifest]) {
        if !exists(&staging.join(path)) {
            continue;
        }
        // From the top: a link makes way itself, and what it leads to stays as it is.
        let mut above: Vec<&Path> = above(path).collect();
        above.reverse();
        let in_the_way = above.iter().map(|above| folder.join(above)).find(|above| exists(above) && !is_folder(above));
        if let Some(taken) = in_the_way.or_else(|| Some(folder.join(path)).filter(|path| exists(path))) {
            make_way(&taken, NAMESAKE, moves)?;
        }
        into(folder, path)?;
        if path == manifest {
            moves.sync_folders()?;
        }
        moves.make(&staging.join(path), &folder.join(path))?;
    }
    Ok(moves.sync_folders()?)
}

/// Makes the folder that `path` is in, in `folder`.
fn into(folder: &Path, path: &Path) -> io::Result<()> {
    fs::create_dir_all(folder_of(&folder.join(path)))
}

fn make_way(path: &Path, why: &str, moves: &mut Moves) -> io::Result<()> {
    let kept = unused(path);
    moves.make(path, &kept)?;
    moves.note(path, why, &kept);
    Ok(())
}

/// Removes what has made way, and the folders in which nothing is left of it.
fn clear(folder: &Path, previous: &Path, tell: &dyn Fn(&str)) {
    let old = Written::of(previous).ok().flatten();
    disposal::tidy(previous, disposal::remove_results, tell);
    for above in old.iter().flat_map(Written::paths).flat_map(above) {
        // If something is in it, it stays.
        let _ = disposal::remove_empty_folder(folder, above);
    }
}

#[cfg(test)]
mod tests {
    use super::super::staging::Staging;
    use super::super::test_support::{contents, names, run};
    use super::*;

    /// Results with what their reader has put there and changed, and new ones that are about to take their place.
    struct Volume {
        home: tempfile::TempDir,
        staging: Staging,
    }

    impl Volume {
        fn new() -> Self {
            let home = tempfile::tempdir().expect("a folder");
            let write = |path: &str, text: &[u8]| {
                let path = home.path().join(path);
                fs::create_dir_all(path.parent().expect("above")).expect("a folder");
                fs::write(path, text).expect("a file");
            };
            for file in run(&["same.csv", "changed.csv", "changed-and-gone.csv", "old/only.svg", "charts/age.svg"]) {
                write(&file.name, &file.bytes);
            }
            write("changed.csv", b"mine");
            write("changed-and-gone.csv", b"mine, too");
            write("notes.md", b"my notes");
            write("charts/own.svg", b"my chart");
            write("new.csv", b"has the name of a result");
            write("points", b"is where a folder shall be");
            let new = ["same.csv", "changed.csv", "charts/age.svg", "new.csv", "points/000.toml"];
            let mut staging =
                Staging::create(home.path().join(".gtnet-sim.partial-4711"), &run(&new)).expect("staging");
            run(&new).iter().try_for_each(|file| staging.write(file)).expect("written");
            staging.complete().expect("complete");
            Self { home, staging }
        }

        fn previous(&self) -> PathBuf {
            self.home.path().join(".gtnet-sim.previous-4711")
        }

        fn exchange(&self) -> Moves {
            let mut moves = Moves::default();
            exchange(self.home.path(), &self.staging.path, &self.previous(), &mut moves).expect("exchanged");
            moves
        }

        fn finish(&self) {
            let staged = [self.staging.path.clone()].into_iter().filter(|path| exists(path)).collect::<Vec<_>>();
            let previous = [self.previous()].into_iter().filter(|path| exists(path)).collect::<Vec<_>>();
            finish(self.home.path(), &staged, &previous, &|_| ()).expect("finished");
        }
    }

    /// The new results, and what the reader had: changed, or in the way, it is told apart.
    const AFTER: [&str; 11] = [
        "changed-and-gone.csv",
        "changed.csv",
        "changed.csv.earlier",
        "charts/age.svg",
        "charts/own.svg",
        "manifest.json",
        "new.csv",
        "new.csv.earlier",
        "notes.md",
        "points/000.toml",
        "points.earlier",
    ];

    fn check(volume: &Volume, when: &str) {
        let mut expected: Vec<String> = AFTER.iter().map(|&name| name.to_owned()).collect();
        expected.push("same.csv".to_owned());
        assert_eq!(names(volume.home.path()), expected, "{when}");
        let text = |name: &str| fs::read_to_string(volume.home.path().join(name)).expect("text");
        assert_eq!(text("changed.csv.earlier"), "mine", "{when}");
        assert_eq!(text("changed-and-gone.csv"), "mine, too", "{when}");
        assert_eq!(text("new.csv.earlier"), "has the name of a result", "{when}");
        assert_eq!(text("points.earlier"), "is where a folder shall be", "{when}");
        let entries = super::super::foreign::entries(volume.home.path()).expect("results");
        assert_eq!(entries.written.len(), 6, "{when}");
        assert!(!exists(&volume.home.path().join("old")), "{when}");
    }

    /// A process may be killed after any of its steps: the next one takes the others.
    #[test]
    fn whoever_is_killed_is_finished_by_the_next_one() {
        let whole = Volume::new();
        let steps: Vec<(PathBuf, PathBuf)> = whole.exchange().made().to_vec();
        assert!(steps.len() > 10, "{steps:?}");
        for taken in 0..=steps.len() {
            let volume = Volume::new();
            let here = |path: &Path| volume.home.path().join(path.strip_prefix(whole.home.path()).expect("inside"));
            for (from, to) in &steps[..taken] {
                fs::create_dir_all(here(to).parent().expect("above")).expect("a folder");
                fs::rename(here(from), here(to)).expect("a step");
            }
            volume.finish();
            check(&volume, &format!("after {taken} steps"));
            volume.finish();
            check(&volume, "nothing is left to do");
        }
    }

    #[test]
    fn what_fails_half_way_is_undone() {
        let volume = Volume::new();
        let before = contents(volume.home.path());
        let moves = volume.exchange();
        moves.undo().expect("undone");
        disposal::remove_empty_folders(&volume.previous()).expect("empty");
        assert_eq!(contents(volume.home.path()), before);
        drop(volume.staging);
        assert!(names(volume.home.path()).iter().all(|name| !name.contains("gtnet-sim")));
    }

    /// Half of the results are of no use: they disappear, and the earlier ones stay.
    #[test]
    fn what_was_never_complete_is_removed() {
        let home = tempfile::tempdir().expect("a folder");
        for file in run(&["summary.csv"]) {
            fs::write(home.path().join(file.name), file.bytes).expect("a file");
        }
        let before = contents(home.path());
        let new = run(&["summary.csv", "charts/age.svg"]);
        for written in 0..=new.len() {
            let mut staging = Staging::create(home.path().join(".gtnet-sim.partial-4711"), &new).expect("staging");
            new[..written].iter().try_for_each(|file| staging.write(file)).expect("written");
            let path = staging.path.clone();
            // It is killed, and its last file is incomplete.
            std::mem::forget(staging);
            if let Some(last) = written.checked_sub(1) {
                fs::write(path.join(&new[last].name), "").expect("a file");
            }
            finish(home.path(), &[path], &[], &|_| ()).expect("finished");
            assert_eq!(contents(home.path()), before);
        }
    }
}
