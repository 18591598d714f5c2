//! Where results shall be written: whether they may be is found out before anything is simulated.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::{StoreError, attempt, exists, foreign};

/// A folder that results may be written to.
pub(super) struct Target {
    /// Absolute, and no link: a link is followed, lest it be replaced by a folder.
    pub(super) folder: PathBuf,
    made: MadeFolders,
}

impl Target {
    /// Finds out whether results may be written to `folder`, and makes the folders above it.
    ///
    /// # Errors
    ///
    /// See [`StoreError`]; made folders are removed.
    pub(super) fn prepare(folder: &Path) -> Result<Self, StoreError> {
        let (resolved, made) = if exists(folder) {
            (attempt("find", folder, fs::canonicalize(folder))?, MadeFolders::default())
        } else {
            let name = folder.file_name().ok_or_else(|| StoreError::NoName { folder: folder.to_owned() })?;
            let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let made = MadeFolders::make(parent)?;
            (attempt("find", parent, fs::canonicalize(parent))?.join(name), made)
        };
        let current = env::current_dir().and_then(fs::canonicalize);
        if current.is_ok_and(|current| current.starts_with(&resolved)) {
            return Err(StoreError::CurrentFolder { folder: folder.to_owned() });
        }
        if resolved.file_name().is_none() {
            return Err(StoreError::NoName { folder: folder.to_owned() });
        }
        let target = Self { folder: resolved, made };
        if target.folder.exists() {
            foreign::entries(&target.folder)?;
            let previous = target.beside("previous");
            if exists(&previous) {
                return Err(StoreError::Interrupted { previous });
            }
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

    /// The path of a hidden folder beside it, for this process only.
    pub(super) fn beside(&self, role: &str) -> PathBuf {
        let name = self.folder.file_name().expect("a root is refused");
        self.parent().join(format!(".{}.{role}-{}", name.display(), std::process::id()))
    }

    /// Whether something beside it is what [`Target::beside`] names for `role` in some process.
    pub(super) fn is_beside(&self, name: &OsStr, role: &str) -> bool {
        let own = self.folder.file_name().expect("a root is refused").to_string_lossy();
        let process = name.to_str().and_then(|name| name.strip_prefix(&format!(".{own}.{role}-")));
        process.is_some_and(|process| process.parse::<u32>().is_ok())
    }
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
    use super::super::{check_target, write_results};
    use super::*;

    /// What `check_target` says of `path` in an otherwise empty folder with a file `afile`; it must leave nothing behind.
    fn complaint(path: &str) -> String {
        let home = tempfile::tempdir().expect("a folder");
        fs::write(home.path().join("afile"), "mine").expect("a file");
        let error = check_target(&home.path().join(path)).expect_err("refused");
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
        assert!(complaint(&long).contains("cannot create a folder in"), "{}", complaint(&long));
        fs::create_dir(home.path().join("thesis")).expect("a folder");
        fs::write(home.path().join("thesis/chapter.tex"), "years of work").expect("a file");
        let error = check_target(&home.path().join("thesis")).expect_err("refused");
        assert!(matches!(error, StoreError::NotResults { .. }), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_system_that_takes_no_folders_is_known_before_the_work() {
        let error = check_target(Path::new("/proc/xx")).expect_err("refused").to_string();
        assert!(error.starts_with("cannot create a folder in `/proc`"), "{error}");
    }

    #[test]
    fn a_target_that_is_fine_is_left_as_it_was() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("results/hub");
        check_target(&folder).expect("a new folder");
        assert!(!folder.exists());
        assert_nothing_beside(&folder);
        write_results(&folder, &run(&["summary.csv"])).expect("written");
        let before = contents(&folder);
        check_target(&folder).expect("results");
        assert_eq!(contents(&folder), before);
        assert_nothing_beside(&folder);
    }

    #[test]
    fn nobody_is_left_in_a_folder_that_is_gone() {
        let current = env::current_dir().expect("a current folder");
        let above = current.parent().expect("a folder above");
        for folder in [Path::new("."), Path::new("src/.."), Path::new(".."), Path::new("/"), &current, above] {
            let error = check_target(folder).expect_err("refused");
            assert!(matches!(error, StoreError::CurrentFolder { .. }), "{}: {error}", folder.display());
            assert!(error.to_string().contains("--out results"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_nothing_is_no_target() {
        let home = tempfile::tempdir().expect("a folder");
        let link = home.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).expect("a link");
        let error = check_target(&link).expect_err("refused").to_string();
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
        let error = check_target(&folder).expect_err("refused");
        assert!(matches!(error, StoreError::Interrupted { .. }), "{error}");
        assert_eq!(names(&previous), ["notes.md"]);
    }
}
