//! The folder of a scenario: texts are found in it by paths that start there, whatever file names them.

use std::io;
use std::path::PathBuf;

use super::limits::MAX_BYTES;
use crate::files;

/// Where a scenario's data files are found, and the file that it starts from.
pub trait DataFiles {
    /// The text of the file `name`, a path from the folder of the scenario, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// If the file exists but cannot be read.
    fn read(&self, name: &str) -> io::Result<Option<String>>;
}

/// No files: only what is compiled in.
#[derive(Clone, Copy, Debug)]
pub struct NoFiles;

impl DataFiles for NoFiles {
    fn read(&self, _name: &str) -> io::Result<Option<String>> {
        Ok(None)
    }
}

/// The files of a folder.
#[derive(Clone, Debug)]
pub struct Folder(pub PathBuf);

impl DataFiles for Folder {
    fn read(&self, name: &str) -> io::Result<Option<String>> {
        let path = self.0.join(name);
        match files::read(&path, MAX_BYTES) {
            Ok(bytes) => {
                let text = String::from_utf8(bytes);
                text.map(Some).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no text in UTF-8"))
            }
            // A link that leads nowhere is an error: its author wanted the file that is missing.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Why a folder cannot be read as a file.
pub(super) const IS_FOLDER: &str = "it is a folder";

/// Why a file cannot be read.
pub(super) fn unreadable_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::IsADirectory => IS_FOLDER.to_owned(),
        _ => error.to_string(),
    }
}

/// What to do about a data file that cannot be read.
pub(super) fn unreadable_help(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::InvalidData => "save it as text in UTF-8 (\"CSV UTF-8\" in a spreadsheet program)".to_owned(),
        io::ErrorKind::FileTooLarge => "leave out the rows that the scenario does not need".to_owned(),
        _ => "it must be a file that can be read; if it does not belong to the scenario, move it elsewhere".to_owned(),
    }
}

/// The folder, empty or with a slash behind it, and the name of the file in it.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.split_at(path.rfind(['/', '\\']).map_or(0, |slash| slash + 1))
}

/// `path` as seen from `folder`, without detours.
pub(super) fn join(folder: &str, path: &str) -> String {
    let whole = if path.starts_with(['/', '\\']) { path.to_owned() } else { format!("{folder}{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split(['/', '\\']) {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| !["", ".."].contains(last)) => _ = parts.pop(),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_no_missing_file() {
        let home = tempfile::tempdir().expect("a folder");
        let files = Folder(home.path().to_owned());
        assert_eq!(files.read("connectors.csv").expect("none"), None);
        std::os::unix::fs::symlink("nowhere", home.path().join("connectors.csv")).expect("a link");
        assert_eq!(files.read("connectors.csv").expect_err("an error").kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn paths_are_seen_from_the_folder_of_the_file_that_names_them() {
        assert_eq!(split("scenarios/protocol/echo.toml"), ("scenarios/protocol/", "echo.toml"));
        assert_eq!(split("echo.toml"), ("", "echo.toml"));
        assert_eq!(join("", "base.toml"), "base.toml");
        assert_eq!(join("", "../base.toml"), "../base.toml");
        assert_eq!(join("../", "../base.toml"), "../../base.toml");
        assert_eq!(join("scenarios/protocol/", "./../base.toml"), "scenarios/base.toml");
        assert_eq!(join("scenarios/", "/tmp/base.toml"), "/tmp/base.toml");
        assert_eq!(join("/tmp/", "../../base.toml"), "/../base.toml");
    }
}
