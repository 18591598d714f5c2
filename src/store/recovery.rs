//! Finishes what killed processes have left in a folder, before anything else is done there: incomplete results are removed,
//! and what a replacement had moved aside comes back.

use std::path::{Path, PathBuf};

use fs_err as fs;

use super::disposal;
use super::error::StoreError;
use super::paths::exists;
use super::target::{Target, Workspace};
use super::{exchange, foreign, within};

/// Waits until nobody else writes to `folder`, and tidies up there; then finds out whether results may be written to it.
///
/// # Errors
///
/// See [`StoreError`]; folders that were made above it are removed.
pub(super) fn lock<'t>(folder: &Path, tell: &'t dyn Fn(&str)) -> Result<Target<'t>, StoreError> {
    let target = Target::lock(folder, tell)?;
    tidy_up(&target)?;
    // Something else is there, which tidying up has left: it would be in the way only after the work.
    let previous = target.own("previous");
    if exists(&previous) {
        return Err(StoreError::Interrupted { previous });
    }
    // Whether what it leads to was only moved aside is known by now.
    let link: PathBuf = folder.components().collect();
    if exists(&link) {
        fs::canonicalize(&link)?;
    }
    Ok(target)
}

/// Tidies up at `target`. Then its folder must be one of results.
///
/// # Errors
///
/// See [`StoreError`].
pub(super) fn tidy_up(target: &Target<'_>) -> Result<(), StoreError> {
    // Who cannot write beside it may be at work within.
    let within = target.lock_within()?;
    // Without locks, what is left may be of processes that are at work.
    let is_locked = target.lock.is_held && within.as_ref().is_none_or(|lock| lock.is_held);
    let moved_aside = target.left_beside("previous")?;
    let made_way = target.left_within("previous")?;
    if is_locked {
        within::finish(&target.folder, &target.left_within("partial")?, &made_way, target.tell)?;
    } else if let Some(previous) = moved_aside.iter().chain(&made_way).next() {
        return Err(StoreError::Interrupted { previous: previous.clone() });
    }
    // Only now: half-way through an exchange, nothing tells that these are results.
    if target.folder.exists() {
        foreign::recognise(&target.folder)?;
    }
    if !is_locked || target.place == Workspace::Within {
        return Ok(());
    }
    for partial in target.left_beside("partial")? {
        disposal::tidy(&partial, disposal::remove_left, target.tell);
    }
    moved_aside.iter().try_for_each(|previous| exchange::put_back(target, previous))
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{assert_nothing_beside, contents, run, write_results};
    use super::*;

    /// It may be its reader's, and the results do not need it.
    #[test]
    fn what_tidying_up_cannot_remove_fails_nothing() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("hub");
        write_results(&folder, &run(&["summary.csv"])).expect("first");
        let left = folder.join(".gtnet-sim.previous-4711");
        fs::create_dir(&left).and_then(|()| fs::write(left.join("thesis.tex"), "mine")).expect("a file");
        let told = std::cell::RefCell::new(Vec::new());
        let tell = |message: &str| told.borrow_mut().push(message.to_owned());
        super::super::write_results(&folder, &run(&["summary.csv", "new.csv"]), None, &tell).expect("written");
        assert!(folder.join("new.csv").exists());
        let told = told.into_inner();
        assert!(told.iter().any(|message| message.contains("warning: cannot remove")), "{told:?}");
        let thesis = |(path, text): &(PathBuf, String)| path.ends_with("thesis.tex") && text == "mine";
        assert!(contents(home.path()).iter().any(thesis));
    }

    /// On a file system without locks, nobody knows whether another process is at work.
    #[test]
    fn without_a_lock_nothing_of_others_is_touched() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("hub");
        write_results(&folder, &run(&["summary.csv"])).expect("first");
        let partial = home.path().join(".hub.partial-4711");
        fs::create_dir(&partial).expect("a folder");
        let mut target = Target::lock(&folder, &|_| ()).expect("a lock");
        target.lock.is_held = false;
        tidy_up(&target).expect("nothing to do");
        assert!(partial.exists());
        fs::rename(&partial, home.path().join(".hub.previous-4711")).expect("renamed");
        assert!(matches!(tidy_up(&target), Err(StoreError::Interrupted { .. })));
        target.lock.is_held = true;
        tidy_up(&target).expect("tidied up");
        let folder = target.folder.clone();
        drop(target);
        assert_nothing_beside(&folder);
    }
}
