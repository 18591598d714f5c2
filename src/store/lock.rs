//! A file that one process at a time holds. Whoever lets go of it leaves nothing unfinished; if a process is killed, the
//! system lets go for it. Who waits for it says so, and for whom.

use std::fs::TryLockError;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use fs_err::{self as fs, File, OpenOptions};

use super::disposal;
use super::error::StoreError;
use super::paths::{folder_of, found, last_part, naming};
use crate::files;

/// What a lock file says, before the number of the process that holds it.
const HOLDER: &str = "gtnet-sim process ";

/// Nothing longer is a lock file.
const MOST_BYTES: usize = 64;

/// How often the lock is tried, and the time between, before the user is told what is waited for: many waits are shorter.
const TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// A lock that is held until this is dropped.
pub(super) struct Lock {
    path: PathBuf,
    file: File,
    /// Not on file systems that know no locks.
    pub(super) is_held: bool,
}

impl Lock {
    /// Makes the file at `path` if need be, and waits until it is this process's; if that takes long, `tell` is told for whom
    /// it waits.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotALock`] if something else is there; [`StoreError::NoFileIn`]; [`StoreError::Io`].
    pub(super) fn take(path: PathBuf, tell: &dyn Fn(&str)) -> Result<Self, StoreError> {
        loop {
            if let Ok(Some(found)) = found(&path) {
                files::regular(&found).map_err(|error| naming(&path, &error))?;
            }
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
            let mut file =
                file.map_err(|source| StoreError::NoFileIn { folder: folder_of(&path).to_owned(), source })?;
            let content = match content(&mut file) {
                // There, what is locked cannot even be read.
                Err(_) if cfg!(windows) => Vec::new(),
                read => read?,
            };
            if !is_of_a_lock(&content) {
                return Err(StoreError::NotALock { path });
            }
            let is_held = wait(&file, &content, tell)?;
            // Its last holder may have removed it while we waited; then others may hold another one of this name.
            if is_at(&file, &path)? {
                // On a full disk there is no number, and the lock is held nonetheless.
                let _ = name_holder(&mut file);
                return Ok(Self { path, file, is_held });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if cfg!(unix) {
            // Still held, so that nobody else's is removed. Elsewhere `is_at` cannot tell, and it stays.
            let file = &mut self.file;
            let is_ours = |path: &Path| Ok(is_at(file, path)? && is_of_a_lock(&content(file)?));
            let _ = disposal::remove(folder_of(&self.path), last_part(&self.path), is_ours);
        }
    }
}

/// Locks `file`, whose content says who holds it; `false` if the file system knows no locks.
fn wait(file: &File, content: &[u8], tell: &dyn Fn(&str)) -> io::Result<bool> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => thread::sleep(BETWEEN_TRIES),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    let holder = str::from_utf8(content).ok().and_then(|text| text.strip_prefix(HOLDER)?.strip_suffix('\n'));
    let holder = holder.map_or("another process".to_owned(), |number| format!("gtnet-sim with process id {number}"));
    // Also if nothing but errors shall be said: without a word, it would look like a program that hangs.
    tell(&format!("waiting for {holder}, which holds `{}`; Ctrl-C ends the wait", file.path().display()));
    loop {
        match file.lock() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            locked => return locked.map(|()| true),
        }
    }
}

/// The content, or of more than a lock file has, the beginning.
fn content(file: &mut File) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut content = Vec::new();
    file.take(MOST_BYTES as u64 + 1).read_to_end(&mut content)?;
    Ok(content)
}

/// Whether `content` is a lock file's, be it that its writer was killed before its end.
fn is_of_a_lock(content: &[u8]) -> bool {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match str::from_utf8(content) {
        Ok(text) if text.len() <= MOST_BYTES => {
            HOLDER.starts_with(text)
                || text.strip_prefix(HOLDER).is_some_and(|rest| is_number(rest.strip_suffix('\n').unwrap_or(rest)))
        }
        _ => false,
    }
}

fn name_holder(file: &mut File) -> io::Result<()> {
    let text = format!("{HOLDER}{}\n", std::process::id());
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(text.as_bytes())
}

/// Whether `file`, which was opened at `path`, is still what is there.
#[cfg(unix)]
pub(super) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let identity = |found: std::fs::Metadata| (found.dev(), found.ino());
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

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_lock_names_its_holder_and_leaves_nothing() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join(".hub.lock");
        // What a process leaves that was killed at any moment.
        let left = format!("{HOLDER}4711\n");
        for length in 0..=left.len() {
            fs::write(&path, &left[..length]).expect("a file");
            let lock = Lock::take(path.clone(), &|_| ()).expect("a lock");
            assert_eq!(fs::read_to_string(&path).expect("text"), format!("{HOLDER}{}\n", std::process::id()));
            drop(lock);
            assert!(cfg!(not(unix)) || !path.exists());
        }
    }

    #[test]
    fn what_is_no_lock_is_left_alone() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join(".hub.lock");
        for content in ["my notes", "4711\n", "gtnet-sim process 4711\nmy notes", "gtnet-sim process 4711 "] {
            fs::write(&path, content).expect("a file");
            assert!(matches!(Lock::take(path.clone(), &|_| ()), Err(StoreError::NotALock { .. })), "{content}");
            assert_eq!(fs::read_to_string(&path).expect("text"), content);
        }
        fs::write(&path, "").expect("a file");
        let lock = Lock::take(path.clone(), &|_| ()).expect("a lock");
        fs::write(&path, "my notes").expect("a file");
        drop(lock);
        assert_eq!(fs::read_to_string(&path).expect("text"), "my notes", "what was written into it meanwhile stays");
    }
}
