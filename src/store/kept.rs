//! Results as they lie in a folder, read whole: what somebody has changed or added is not among them.

use std::path::Path;

use super::error::StoreError;
use super::paths::read;
use super::written::{MOST_BYTES, Written};
use crate::record::{Manifest, ResultFile};

/// Every file of the results in `folder` that is as gtnet-sim wrote it, the manifest last.
///
/// # Errors
///
/// [`StoreError::NoResults`] if there are none; [`StoreError::Io`] if they cannot be read.
pub(crate) fn kept(folder: &Path) -> Result<Vec<ResultFile>, StoreError> {
    let none = |why: String| StoreError::NoResults { folder: folder.to_owned(), why };
    let written = Written::of(folder).map_err(none)?;
    let written = written.ok_or_else(|| none(format!("it has no {}", Manifest::FILE_NAME)))?;
    let mut files = Vec::new();
    for path in written.paths() {
        if written.proves(folder, path)? {
            let name = path.to_str().expect("the manifest names it in text").to_owned();
            files.push(ResultFile { name, bytes: read(&folder.join(path), MOST_BYTES)? });
        }
    }
    files.sort_by_key(|file| file.name == Manifest::FILE_NAME);
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::test_support::{run, write_results};

    #[test]
    fn only_what_was_written_is_kept() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("hub");
        assert!(matches!(kept(&folder), Err(StoreError::NoResults { .. })));
        write_results(&folder, &run(&["a.csv", "b.csv", "points/000.toml"])).expect("written");
        fs::write(folder.join("b.csv"), "changed").expect("a change");
        fs::write(folder.join("notes.md"), "mine").expect("notes");
        let names: Vec<String> = kept(&folder).expect("results").into_iter().map(|file| file.name).collect();
        assert_eq!(names, ["a.csv", "points/000.toml", "manifest.json"]);
    }
}
