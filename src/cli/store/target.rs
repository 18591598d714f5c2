//! Where results shall be written, and by whom: whether they may be is found out before anything is simulated, and one
//! process at a time works at a folder and at what is beside it.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::{StoreError, attempt, exists, foreign, tidy_up};

/// How many links are followed one after the other, as on Linux.
const MOST_LINKS: u32 = 40;

/// A folder that results may be written to, by this process alone.
pub(super) struct Target {
    /// Absolute, and no link: a link is followed, lest it be replaced by a folder.
    pub(super) folder: PathBuf,
    // Goes before the folders that were made to hold it.
    lock: Lock,
    made: MadeFolders,
}

impl Target {
    /// Waits until nobody else writes to `folder`, and tidies up after who was killed doing so; then finds out whether
    /// results may be written there. Folders above it are made.
    ///
    /// # Errors
    ///
    /// See [`StoreError`]; made folders are removed.
    pub(super) fn lock(folder: &Path) -> Result<Self, StoreError> {
        let resolved = resolve(folder)?;
        let current = env::current_dir().and_then(fs::canonicalize);
        if current.is_ok_and(|current| current.starts_with(&resolved)) {
            return Err(StoreError::CurrentFolder { folder: folder.to_owned() });
        }
        let (Some(parent), Some(name)) = (resolved.parent(), resolved.file_name()) else {
            return Err(StoreError::NoName { folder: folder.to_owned() });
        };
        let made = MadeFolders::make(parent)?;
        let lock = Lock::take(parent.join(hidden(name, "lock")))?;
        let target = Self { folder: resolved, lock, made };
        if target.folder.exists() {
            foreign::entries(&target.folder)?;
        }
        tidy_up(&target)?;
        // Whether what it leads to was only moved aside is known by now.
        let link: PathBuf = folder.components().collect();
        if exists(&link) {
            attempt("find", folder, fs::canonicalize(&link))?;
        }
        Ok(target)
    }

    /// Lets the folders above it stay even if nothing is written.
    pub(super) fn keep_made_folders(&mut self) {
        self.made.0.clear();
    }

    pub(super) fn parent(&self) -> &Path {
        self.folder.parent().expect("a root is refused")
    }

    fn name(&self) -> &OsStr {
        self.folder.file_name().expect("a root is refused")
    }

    /// The path of a hidden folder beside it, for this process only.
    pub(super) fn beside(&self, role: &str) -> PathBuf {
        let mut name = hidden(self.name(), role);
        name.push(format!("-{}", std::process::id()));
        self.parent().join(name)
    }

    /// What is beside it under the names that [`Target::beside`] gives for `role` in any process, in ascending order.
    pub(super) fn left_beside(&self, role: &str) -> Result<Vec<PathBuf>, StoreError> {
        let mut prefix = hidden(self.name(), role);
        prefix.push("-");
        let is_left = |name: &OsStr| {
            let process = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
            let process = process.and_then(|process| std::str::from_utf8(process).ok());
            process.is_some_and(|process| process.parse::<u32>().is_ok())
        };
        let beside = attempt("read the folder", self.parent(), fs::read_dir(self.parent()))?;
        let left = beside.filter_map(Result::ok).filter(|entry| is_left(&entry.file_name()));
        let mut left: Vec<PathBuf> = left.map(|entry| entry.path()).collect();
        left.sort_unstable();
        Ok(left)
    }

    /// Whether what is left beside it can only be of processes that were killed.
    pub(super) fn is_locked(&self) -> bool {
        self.lock.is_held
    }
}

/// `.<name>.<role>`.
fn hidden(name: &OsStr, role: &str) -> OsString {
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(".");
    hidden.push(role);
    hidden
}

/// Where `folder` is, or will be once it is made: absolute, without links, dots and a slash at the end.
///
/// # Errors
///
/// [`StoreError::NoName`] if it is not there and has no name that it could be given; [`StoreError::Io`].
pub(super) fn resolve(folder: &Path) -> Result<PathBuf, StoreError> {
    if !folder.exists() && folder.file_name().is_none() {
        return Err(StoreError::NoName { folder: folder.to_owned() });
    }
    attempt("find", folder, resolve_links(folder, MOST_LINKS))
}

fn resolve_links(path: &Path, most: u32) -> io::Result<PathBuf> {
    let missing = match fs::canonicalize(path) {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    let mut parts = path.components();
    let last = parts.next_back();
    let above = if parts.as_path().as_os_str().is_empty() { Path::new(".") } else { parts.as_path() };
    match last {
        Some(Component::Normal(name)) => {
            let here = resolve_links(above, most)?.join(name);
            match fs::read_link(&here) {
                Ok(_) if most == 0 => Err(missing),
                Ok(to) => resolve_links(&here.with_file_name(to), most - 1),
                Err(_) => Ok(here),
            }
        }
        // What is missing is no link: the way back is the way that led there.
        Some(Component::ParentDir) => resolve_links(above, most)?.parent().map(Path::to_owned).ok_or(missing),
        _ => Err(missing),
    }
}

/// A file beside the folder that one process at a time holds. Whoever lets go of it leaves nothing unfinished; if a process
/// is killed, the system lets go for it.
struct Lock {
    path: PathBuf,
    _file: File,
    /// Not on file systems that know no locks.
    is_held: bool,
}

impl Lock {
    fn take(path: PathBuf) -> Result<Self, StoreError> {
        let parent = path.parent().expect("it is beside a folder");
        loop {
            let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
            let file = attempt("create a file in", parent, file)?;
            let is_held = match file.lock() {
                Err(error) if error.kind() == io::ErrorKind::Unsupported => false,
                locked => attempt("lock", &path, locked).map(|()| true)?,
            };
            // Its last holder may have removed it while we waited; then others may hold another one of this name.
            if attempt("find", &path, is_at(&file, &path))? {
                return Ok(Self { path, _file: file, is_held });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if cfg!(unix) {
            // Still held, so that nobody else's is removed. Elsewhere `is_at` cannot tell, and it stays.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether `file`, which was opened at `path`, is still what is there.
#[cfg(unix)]
pub(super) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let identity = |found: fs::Metadata| (found.dev(), found.ino());
    match (file.metadata().map(identity), fs::metadata(path).map(identity)) {
        (Ok(opened), Ok(there)) => Ok(opened == there),
        (Err(error), _) | (_, Err(error)) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::StaleNetworkFileHandle => Ok(false),
            _ => Err(error),
        },
    }
}

/// Whether `file`, which was opened at `path`, is still what is there, as far as that can be told.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the systems that can tell can fail")]
pub(super) fn is_at(_: &File, path: &Path) -> io::Result<bool> {
    Ok(path.exists())
}

/// Folders that were made on the way to a target; those that are still empty in the end disappear.
#[derive(Default)]
struct MadeFolders(Vec<PathBuf>);

impl MadeFolders {
    fn make(folder: &Path) -> Result<Self, StoreError> {
        let above = folder.ancestors().take_while(|above| !above.as_os_str().is_empty() && !exists(above));
        let made = Self(above.map(Path::to_owned).collect());
        attempt("create the folder", folder, fs::create_dir_all(folder))?;
        Ok(made)
    }
}

impl Drop for MadeFolders {
    fn drop(&mut self) {
        for folder in &self.0 {
            // A folder with something in it is in use: this is not how to remove it.
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_nothing_beside, contents, names, run};
    use super::super::{check_target, ledger_of, write_results};
    use super::*;

    /// What `check_target` says of `path` in an otherwise empty folder with a file `afile`; it must leave nothing behind.
    fn complaint(path: &str) -> String {
        let home = tempfile::tempdir().expect("a folder");
        fs::write(home.path().join("afile"), "mine").expect("a file");
        let error = check_target(&home.path().join(path), None).expect_err("refused");
        assert_eq!(names(home.path()), ["afile"]);
        assert_nothing_beside(&home.path().join("afile"));
        error.to_string()
    }

    #[test]
    fn what_cannot_be_written_is_known_before_the_work() {
        let home = tempfile::tempdir().expect("a folder");
        for path in ["afile", "afile/x", "afile/x/y"] {
            assert!(complaint(path).contains("afile"), "{path}: {}", complaint(path));
        }
        // Long enough for a folder of this name, too long for one beside it.
        let long = format!("new/{}", "n".repeat(250));
        assert!(complaint(&long).contains("cannot create a file in"), "{}", complaint(&long));
        fs::create_dir(home.path().join("thesis")).expect("a folder");
        fs::write(home.path().join("thesis/chapter.tex"), "years of work").expect("a file");
        let error = check_target(&home.path().join("thesis"), None).expect_err("refused");
        assert!(matches!(error, StoreError::NotResults { .. }), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_system_that_takes_no_folders_is_known_before_the_work() {
        let error = check_target(Path::new("/proc/xx"), None).expect_err("refused").to_string();
        assert!(error.starts_with("cannot create a file in `/proc`"), "{error}");
    }

    #[test]
    fn a_target_that_is_fine_is_left_as_it_was() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("results/hub");
        check_target(&folder, None).expect("a new folder");
        assert!(!folder.exists());
        assert_nothing_beside(&folder);
        write_results(&folder, &run(&["summary.csv"])).expect("written");
        let before = contents(&folder);
        check_target(&folder, None).expect("results");
        assert_eq!(contents(&folder), before);
        assert_nothing_beside(&folder);
    }

    #[test]
    fn nobody_is_left_in_a_folder_that_is_gone() {
        let current = env::current_dir().expect("a current folder");
        let above = current.parent().expect("a folder above");
        for folder in [Path::new("."), Path::new("src/.."), Path::new(".."), Path::new("/"), &current, above] {
            let error = check_target(folder, None).expect_err("refused");
            assert!(matches!(error, StoreError::CurrentFolder { .. }), "{}: {error}", folder.display());
            assert!(error.to_string().contains("--out results"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn every_way_of_writing_a_folder_gives_its_ledger() {
        let home = tempfile::tempdir().expect("a folder");
        let home = fs::canonicalize(home.path()).expect("a folder");
        let folder = home.join("results/hub");
        std::os::unix::fs::symlink("results/hub", home.join("link")).expect("a link");
        std::os::unix::fs::symlink(home.join("link"), home.join("link-to-link")).expect("a link");
        for step in ["nothing is there", "its folder is there", "it is there"] {
            for path in ["results/hub", "results/hub/", "./results//hub/.", "link", "link-to-link", "new/../link"] {
                let ledger = ledger_of(&home.join(path)).expect("a ledger");
                assert_eq!(ledger, home.join("results/hub.ledger"), "{path} if {step}");
            }
            let _ =
                fs::create_dir(if home.join("results").exists() { &folder } else { folder.parent().expect("above") });
        }
        assert_eq!(ledger_of(&home.join("link/")).expect("a ledger"), home.join("results/hub.ledger"));
        let here = env::current_dir().and_then(fs::canonicalize).expect("a folder");
        assert_eq!(ledger_of(Path::new("hub")).expect("a ledger"), here.join("hub.ledger"));
        for none in ["", "/", "missing/.."] {
            assert!(matches!(ledger_of(Path::new(none)), Err(StoreError::NoName { .. })), "{none}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_circle_lead_nowhere() {
        let home = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink("b", home.path().join("a")).expect("a link");
        std::os::unix::fs::symlink("a", home.path().join("b")).expect("a link");
        assert!(matches!(ledger_of(&home.path().join("a")), Err(StoreError::Io { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_leads_to_may_have_been_moved_aside() {
        let home = tempfile::tempdir().expect("a folder");
        let (folder, link) = (home.path().join("hub"), home.path().join("link"));
        write_results(&folder, &run(&["summary.csv"])).expect("first");
        fs::write(folder.join("notes.md"), "mine").expect("notes");
        std::os::unix::fs::symlink(&folder, &link).expect("a link");
        fs::rename(&folder, home.path().join(".hub.previous-4711")).expect("moved aside");
        write_results(&link, &run(&["summary.csv", "new.csv"])).expect("second");
        fs::remove_file(&link).expect("a link");
        assert_eq!(names(&folder), ["manifest.json", "new.csv", "notes.md", "summary.csv"]);
        assert_nothing_beside(&folder);
    }

    /// The loser of a race for a file that its holder removes must not believe that it has it.
    #[cfg(unix)]
    #[test]
    fn a_file_that_was_removed_is_no_lock() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join(".hub.lock");
        let file = File::create(&path).expect("a file");
        assert!(is_at(&file, &path).expect("found"));
        fs::remove_file(&path).expect("removed");
        assert!(!is_at(&file, &path).expect("not found"));
        let _another = File::create(&path).expect("a file");
        assert!(!is_at(&file, &path).expect("another one"));
    }

    /// Threads of one process stand for processes, even for such that have the same number, as on two machines.
    #[test]
    fn who_comes_at_the_same_time_waits() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("results/hub");
        write_results(&folder, &run(&["summary.csv"])).expect("first");
        fs::write(folder.join("notes.md"), "mine").expect("notes");
        std::thread::scope(|scope| {
            for name in ["a.csv", "b.csv", "c.csv"] {
                let folder = &folder;
                scope.spawn(move || {
                    for _ in 0..30 {
                        check_target(folder, None).expect("results");
                        write_results(folder, &run(&[name, "charts/age.svg"])).expect("written");
                    }
                });
            }
        });
        let found = names(&folder);
        assert_eq!((found.len(), &found[1], &found[3]), (4, &"charts/age.svg".to_owned(), &"notes.md".to_owned()));
        assert_nothing_beside(&folder);
    }

    /// On a file system without locks, nobody knows whether another process is at work.
    #[test]
    fn without_a_lock_nothing_of_others_is_touched() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("hub");
        write_results(&folder, &run(&["summary.csv"])).expect("first");
        let partial = home.path().join(".hub.partial-4711");
        fs::create_dir(&partial).expect("a folder");
        let mut target = Target {
            folder,
            lock: Lock::take(home.path().join(".hub.lock")).expect("a lock"),
            made: MadeFolders::default(),
        };
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

    #[cfg(unix)]
    #[test]
    fn a_link_to_nothing_is_no_target() {
        let home = tempfile::tempdir().expect("a folder");
        let link = home.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).expect("a link");
        let error = check_target(&link, None).expect_err("refused").to_string();
        assert!(error.contains("link"), "{error}");
    }

    #[test]
    fn what_a_killed_run_moved_aside_is_not_overwritten() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("hub");
        write_results(&folder, &run(&["summary.csv"])).expect("first");
        let previous = home.path().join(format!(".hub.previous-{}", std::process::id()));
        fs::create_dir(&previous).expect("a folder");
        fs::write(previous.join("notes.md"), "mine").expect("a file");
        let error = check_target(&folder, None).expect_err("refused");
        assert!(matches!(error, StoreError::Interrupted { .. }), "{error}");
        assert_eq!(names(&previous), ["notes.md"]);
    }
}
