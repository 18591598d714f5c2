//! Traces and explanations on disk: they go into files that were not there before. Nothing is replaced.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use fs_err::OpenOptions;

use super::error::StoreError;

/// The files of a trace.
pub(crate) const TRACE_FILES: [&str; 2] = ["trace.jsonl", "trace.perfetto.json"];

/// Checks that a trace can be written to `folder`, as far as that shows without writing.
///
/// # Errors
///
/// [`StoreError::Exists`] if a file of a trace is there already, [`StoreError::Io`] if the folder is none.
pub(crate) fn check_trace(folder: &Path) -> Result<(), StoreError> {
    if folder.exists() && !folder.is_dir() {
        return Err(
            io::Error::new(io::ErrorKind::NotADirectory, format!("`{}` is not a folder", folder.display())).into()
        );
    }
    match TRACE_FILES.iter().map(|name| folder.join(name)).find(|path| path.symlink_metadata().is_ok()) {
        Some(path) => Err(StoreError::Exists { path }),
        None => Ok(()),
    }
}

/// Checks that `path` names no file yet.
///
/// # Errors
///
/// [`StoreError::Exists`] if it does.
pub(crate) fn check_new(path: &Path) -> Result<(), StoreError> {
    let exists = path.symlink_metadata().is_ok();
    if exists { Err(StoreError::Exists { path: path.to_owned() }) } else { Ok(()) }
}

/// Writes a file that was not there before.
///
/// # Errors
///
/// See [`check_new`]; also whatever keeps the file from being written.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    check_new(path)?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    Ok(file.write_all(bytes)?)
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
    fs_err::create_dir_all(folder)?;
    let create =
        |name: &str| OpenOptions::new().write(true).create_new(true).open(folder.join(name)).map(BufWriter::new);
    let [lines, timeline] = TRACE_FILES.map(create);
    let (mut lines, mut timeline) = (lines?, timeline?);
    write([&mut lines, &mut timeline])?;
    Ok(())
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
        assert!(matches!(check_trace(&notes), Err(StoreError::Io(_))));
    }
}
