//! Traces and explanations on disk: they go into files that were not there before. Nothing is replaced.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use fs_err::OpenOptions;

use super::error::StoreError;

/// The files of a trace.
pub(crate) const TRACE_FILES: [&str; 2] = ["trace.jsonl", "trace.perfetto.json"];

/// The option that says where a trace goes.
const TRACE_OPTION: &str = "--trace";

/// Checks that a trace can be written to `folder`, as far as that shows without writing.
///
/// # Errors
///
/// [`StoreError::Exists`] if a file of a trace is there already; [`StoreError::NoPlace`] if there can be no such folder.
pub(crate) fn check_trace(folder: &Path) -> Result<(), StoreError> {
    let refused = |source| StoreError::NoPlace { path: folder.to_owned(), source, option: TRACE_OPTION };
    let whole = std::path::absolute(folder).map_err(refused)?;
    let is_there = |path: &&Path| path.symlink_metadata().is_ok();
    whole.ancestors().find(is_there).map_or(Ok(()), check_folder).map_err(refused)?;
    match TRACE_FILES.iter().map(|name| folder.join(name)).find(|path| path.symlink_metadata().is_ok()) {
        Some(path) => Err(StoreError::Exists { path }),
        None => Ok(()),
    }
}

/// Checks that `path` names no file yet, and that a file can be made there, as far as that shows without writing.
///
/// # Errors
///
/// [`StoreError::Exists`] if it names one; [`StoreError::NoPlace`] if its folder takes no file.
pub(crate) fn check_new(path: &Path) -> Result<(), StoreError> {
    if path.symlink_metadata().is_ok() {
        return Err(StoreError::Exists { path: path.to_owned() });
    }
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    check_folder(folder.unwrap_or(Path::new("."))).map_err(|source| no_place_for(path, source))
}

/// Writes a file that was not there before.
///
/// # Errors
///
/// See [`check_new`]; also whatever keeps the file from being written.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    check_new(path)?;
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(bytes)).map_err(|source| no_place_for(path, source))
}

/// Makes the files of a trace in `folder`, and lets `write` fill them.
///
/// # Errors
///
/// See [`check_trace`]; also whatever keeps a file from being written. What was written until then stays, and lacks its last line.
pub(crate) fn write_trace(
    folder: &Path,
    write: impl FnOnce([&mut dyn Write; 2]) -> io::Result<()>,
) -> Result<(), StoreError> {
    check_trace(folder)?;
    fill(folder, write).map_err(|source| StoreError::NoPlace { path: folder.to_owned(), source, option: TRACE_OPTION })
}

fn fill(folder: &Path, write: impl FnOnce([&mut dyn Write; 2]) -> io::Result<()>) -> io::Result<()> {
    fs_err::create_dir_all(folder)?;
    let create =
        |name: &str| OpenOptions::new().write(true).create_new(true).open(folder.join(name)).map(BufWriter::new);
    let [lines, timeline] = TRACE_FILES.map(create);
    let (mut lines, mut timeline) = (lines?, timeline?);
    write([&mut lines, &mut timeline])
}

/// Checks that `path` is a folder that is not closed to everybody.
fn check_folder(path: &Path) -> io::Result<()> {
    let refused = |kind, why: &str| Err(io::Error::new(kind, format!("`{}` {why}", path.display())));
    match fs_err::metadata(path)? {
        found if !found.is_dir() => refused(io::ErrorKind::NotADirectory, "is not a folder"),
        found if found.permissions().readonly() => refused(io::ErrorKind::PermissionDenied, "takes no files"),
        _ => Ok(()),
    }
}

fn no_place_for(path: &Path, source: io::Error) -> StoreError {
    StoreError::NoPlace { path: PathBuf::from(path), source, option: "--out" }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_trace_replaces_nothing() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("deep/trace");
        let fill = |text: &'static str| {
            write_trace(&folder, |files| files.into_iter().try_for_each(|file| file.write_all(text.as_bytes())))
        };
        fill("one").expect("written");
        assert!(matches!(fill("two"), Err(StoreError::Exists { path }) if path.ends_with("deep/trace/trace.jsonl")));
        for name in TRACE_FILES {
            assert_eq!(fs::read_to_string(folder.join(name)).expect("a file"), "one");
        }
        let notes = home.path().join("notes");
        fs::write(&notes, "mine").expect("a file");
        for folder in [&notes, &notes.join("trace"), &notes.join("deep/trace")] {
            let error = check_trace(folder).expect_err("a file is in its way").to_string();
            assert!(error.contains("is not a folder") && error.ends_with("another place with --trace"), "{error}");
        }
        for file in [notes.join("life.txt"), home.path().join("missing/life.txt")] {
            let error = check_new(&file).expect_err("there is no such folder").to_string();
            assert!(error.ends_with("another place with --out"), "{error}");
        }
        check_new(&home.path().join("life.txt")).expect("nothing is in its way");
    }
}
