//! What may happen to a results folder while gtnet-sim is at work, or is not: processes are killed, and others put links there;
//! all that is not gtnet-sim's own is there afterwards.

use std::fs;
use std::path::Path;

use super::disposal::moments::with_moves;
use super::recovery::tidy_up;
use super::target::{Target, Workspace, check_is_ours};
use super::test_support::{check_target, contents, names, run, write_results};
use super::{StoreError, fill};
use crate::record::ResultFile;

/// Writes as [`write_results`] does to a folder that is in `place`.
fn write_in(place: Workspace, folder: &Path, files: &[ResultFile]) -> Result<(), StoreError> {
    if place == Workspace::Beside {
        return write_results(folder, files);
    }
    let target = Target::within(folder.to_owned(), &|_| ())?;
    tidy_up(&target)?;
    fill(&target, files)
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), &to).expect("a file");
        }
    }
}

const OLD: [&str; 3] = ["summary.csv", "charts/age.svg", "old.csv"];
const NEW: [&str; 4] = ["summary.csv", "charts/age.svg", "charts/new.svg", "new.csv"];

/// What is on the disk before a renaming is what a process leaves that is killed there: whoever comes next finishes it, be it
/// that the folder cannot be moved. Whoever comes meanwhile sees that these are results, for whose lock he has to wait.
#[test]
fn who_is_killed_at_any_renaming_is_finished_by_the_next_one() {
    for (place, first) in [(Workspace::Beside, &OLD[..]), (Workspace::Within, &OLD), (Workspace::Within, &[])] {
        let home = tempfile::tempdir().expect("a folder");
        let (folder, copies) = (home.path().join("place/hub"), home.path().join("copies"));
        fs::create_dir_all(&folder).expect("a folder");
        if !first.is_empty() {
            write_results(&folder, &run(first)).expect("first");
            fs::write(folder.join("notes.md"), "mine").expect("notes");
        }
        let (live, to) = (folder.clone(), copies.clone());
        let mut moves = 0;
        let killed = move || {
            if live.exists() {
                check_is_ours(&live).expect("results, or an exchange of some");
            }
            copy(live.parent().expect("above"), &to.join(format!("{moves:02}")));
            moves += 1;
        };
        with_moves(killed, || write_in(place, &folder, &run(&NEW))).expect("written");
        let after = names(&folder);
        let count = fs::read_dir(&copies).expect("copies").count();
        assert!(count >= if place == Workspace::Within { NEW.len() + first.len() } else { 3 }, "{count}");
        for number in 0..count {
            let folder = copies.join(format!("{number:02}/hub"));
            let when = format!("{place:?}, before renaming {number}");
            check_target(&folder).unwrap_or_else(|error| panic!("{when}: {error}"));
            let left = names(&folder);
            let mut expected: Vec<String> = first.iter().map(|&name| name.to_owned()).collect();
            if !first.is_empty() {
                expected.extend(["manifest.json", "notes.md"].map(str::to_owned));
            }
            expected.sort_unstable();
            assert!(left == after || left == expected, "{when}: {left:?}");
            write_in(place, &folder, &run(&NEW)).unwrap_or_else(|error| panic!("{when}: {error}"));
            assert_eq!(names(&folder), after, "{when}");
        }
    }
}

/// The results are in place, so the work is done. What cannot be removed stays, and the user is told.
#[test]
fn what_cannot_be_removed_afterwards_fails_nothing() {
    for place in [Workspace::Beside, Workspace::Within] {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("hub");
        write_results(&folder, &run(&OLD)).expect("first");
        let above = home.path().to_owned();
        // Somebody writes into what is about to be removed.
        let late = move || {
            let role = format!("previous-{}", std::process::id());
            for previous in [above.join(format!(".hub.{role}")), above.join(format!("hub/.gtnet-sim.{role}"))] {
                if previous.join("manifest.json").exists() {
                    fs::write(previous.join("late.txt"), "mine").expect("a file");
                }
            }
        };
        let written = with_moves(late, || write_in(place, &folder, &run(&NEW)));
        written.expect("the new results are in place");
        let entries = super::written::Written::of(&folder).expect("a manifest").expect("results");
        assert_eq!(entries.paths().count(), NEW.len() + 1);
        assert!(contents(home.path()).iter().any(|(path, text)| path.ends_with("late.txt") && text == "mine"));
    }
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A link in a results folder, or where gtnet-sim keeps what it needs, is its maker's; what it leads to is not touched,
    /// even if it is what the manifest lists.
    #[test]
    fn nothing_behind_a_link_is_touched() {
        let process = std::process::id();
        let own = [".hub.partial-", ".hub.previous-", "hub/.gtnet-sim.partial-", "hub/.gtnet-sim.previous-"];
        let numbered = |number: u32| own.map(|name| format!("{name}{number}"));
        let links = [numbered(77), numbered(process)].concat();
        let links = links.iter().map(String::as_str).chain(["hub/charts", "hub/charts/below", "hub/old.csv"]);
        for (link, place) in links.flat_map(|link| [Workspace::Beside, Workspace::Within].map(|place| (link, place))) {
            let home = tempfile::tempdir().expect("a folder");
            let (folder, thesis) = (home.path().join("hub"), home.path().join("thesis"));
            let files = run(&["summary.csv", "charts/age.svg", "charts/below/deep.svg", "old.csv"]);
            write_results(&folder, &files).expect("first");
            let link = home.path().join(link);
            if link.exists() {
                fs::rename(&link, &thesis).expect("moved to another place");
            } else {
                // As complete as results are, and as empty as no results are.
                copy(&folder, &thesis);
            }
            if thesis.is_dir() {
                fs::create_dir_all(thesis.join("empty/emptier")).expect("a folder");
                fs::create_dir_all(thesis.join("points")).expect("a folder");
            }
            symlink(&thesis, &link).expect("a link");
            let state = || {
                if thesis.is_dir() {
                    let folders = ["empty/emptier", "points"].map(|name| thesis.join(name).is_dir());
                    (contents(&thesis), folders == [true, true])
                } else {
                    (vec![("".into(), fs::read_to_string(&thesis).expect("text"))], true)
                }
            };
            let before = state();
            for new in [&["summary.csv"][..], &["summary.csv", "charts/age.svg", "charts/points/000.svg"]] {
                // It may be refused, but nothing is lost.
                let written = write_in(place, &folder, &run(new));
                assert_eq!(state(), before, "{} {place:?}: {written:?}", link.display());
                let is_kept = |name: &Path| fs::read_link(name).is_ok_and(|to| to == thesis);
                let other = link.with_file_name(format!("{}.earlier", link.file_name().expect("it").display()));
                let moved = folder.join("charts.earlier").join(link.file_name().expect("it"));
                assert!([&link, &other, &moved].into_iter().any(|name| is_kept(name)), "{} {place:?}", link.display());
            }
        }
    }
}
