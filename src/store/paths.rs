//! What is where, and under which names: looks at the disk and changes nothing on it. What a link leads to is never taken for
//! what is there.

use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::io;
use std::path::{Component, Path, PathBuf};

use fs_err::{self as fs, File};

use crate::files;

/// What the names of what gtnet-sim keeps in a results folder begin with, if it cannot keep it beside it.
pub(super) const OWN_PREFIX: &str = ".gtnet-sim.";

/// `.gtnet-sim.<role>`.
pub(super) fn own(role: &str) -> OsString {
    format!("{OWN_PREFIX}{role}").into()
}

/// `.<name>.<role>`.
pub(super) fn hidden(name: &OsStr, role: &str) -> OsString {
    [OsStr::new("."), name, OsStr::new("."), OsStr::new(role)].into_iter().collect()
}

/// The folders in `folder` that processes have left whose names are `prefix-<process>`, in ascending order. A link of such a
/// name is nobody's but its maker's, and so is what it leads to.
///
/// # Errors
///
/// Those of the operating system.
pub(super) fn left_in(folder: &Path, mut prefix: OsString) -> io::Result<Vec<PathBuf>> {
    prefix.push("-");
    let is_left = |name: &OsStr| {
        let process = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
        let process = process.and_then(|process| std::str::from_utf8(process).ok());
        process.is_some_and(|process| process.parse::<u32>().is_ok())
    };
    let is_a_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    let entries = fs::read_dir(folder)?.filter_map(Result::ok);
    let left = entries.filter(|entry| is_left(&entry.file_name()) && is_a_folder(entry));
    let mut left: Vec<PathBuf> = left.map(|entry| entry.path()).collect();
    left.sort_unstable();
    Ok(left)
}

/// The path of the same process's folder as `path`, with `role` for `other` in its name.
pub(super) fn counterpart(path: &Path, other: &str, role: &str) -> PathBuf {
    path.with_file_name(last_part(path).to_string_lossy().replacen(other, role, 1))
}

/// `path`, or if that is taken, a name that tells where the entry is from.
pub(super) fn unused(path: &Path) -> PathBuf {
    let mut free = path.to_owned();
    while exists(&free) {
        free.as_mut_os_string().push(".earlier");
    }
    free
}

/// The names of what is in `folder`.
///
/// # Errors
///
/// Those of the operating system.
pub(super) fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
}

/// What is at `path` itself, be it a link; `None` if nothing is.
///
/// # Errors
///
/// Those of the operating system.
pub(super) fn found(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        found => found.map(Some),
    }
}

/// Whether something is there, be it a link that leads nowhere.
pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether `path` is a folder itself, not a link to one.
pub(super) fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

/// Whether `path` stays in the folder that it starts from.
pub(super) fn is_inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_))) && path.file_name().is_some()
}

/// Whether all that is between `folder` and `path` in it are folders, as far as they are there: no links, which lead elsewhere.
///
/// # Errors
///
/// Those of the operating system.
pub(super) fn is_reached(folder: &Path, path: &Path) -> io::Result<bool> {
    for above in above(path) {
        // If one further up, which is looked at next, is no folder, nothing is found here.
        if found(&folder.join(above))?.is_some_and(|found| !found.is_dir()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The folders that `path` is in, the innermost first, as far as it names them.
pub(super) fn above(path: &Path) -> impl Iterator<Item = &Path> {
    path.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty())
}

/// The folder that `path` is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().expect("what gtnet-sim looks at is in a folder")
}

/// Its name in that folder.
pub(super) fn last_part(path: &Path) -> &Path {
    Path::new(path.file_name().expect("what gtnet-sim looks at has a name"))
}

/// The content of the regular file at `path`, of at most `most` bytes.
///
/// # Errors
///
/// See [`files::read`]; the message names the file.
pub(super) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    files::read(path, most).map_err(|error| naming(path, &error))
}

/// `error` with a message that names the file at which it happened.
pub(super) fn naming(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot read `{}`: {error}", path.display()))
}

/// Makes the names in `folder` survive a power failure, where the system can.
///
/// # Errors
///
/// Those of the operating system.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
