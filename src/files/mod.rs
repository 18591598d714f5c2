//! Files that anybody may have put there: only regular ones are read, and never more of them than a limit, so that no FIFO
//! makes the program wait and no device fills the memory.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// Opens a regular file, or a link to one, to be read.
///
/// # Errors
///
/// Those of the operating system, and [`io::ErrorKind::InvalidInput`] with what else it is: a folder, FIFO or device.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    // Opening a FIFO would wait already.
    regular(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    regular(&file.metadata()?)?;
    Ok(file)
}

/// The content of a regular file of at most `most` bytes.
///
/// # Errors
///
/// See [`open`] and [`read_all`].
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let bytes = file.metadata()?.len();
    if bytes > most { Err(too_large(bytes, most)) } else { read_all(file, most) }
}

/// All that `from` gives, which are at most `most` bytes: of a pipe nobody knows beforehand, and a file may grow meanwhile.
///
/// # Errors
///
/// [`io::ErrorKind::FileTooLarge`], and those of the operating system.
pub(crate) fn read_all(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    from.take(most + 1).read_to_end(&mut content)?;
    let bytes = content.len() as u64;
    if bytes > most { Err(too_large(bytes, most)) } else { Ok(content) }
}

fn too_large(bytes: u64, most: u64) -> io::Error {
    let why = format!("it has {bytes} bytes or more, and at most {} MiB of it are read", most >> 20);
    io::Error::new(io::ErrorKind::FileTooLarge, why)
}

/// An error unless it is a regular file.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`].
pub(crate) fn regular(found: &Metadata) -> io::Result<()> {
    if found.is_file() {
        return Ok(());
    }
    let why = format!("it is {}, where only a file is read", kind(found));
    Err(io::Error::new(io::ErrorKind::InvalidInput, why))
}

fn kind(found: &Metadata) -> &'static str {
    let kind = found.file_type();
    if kind.is_dir() {
        return "a folder";
    }
    if kind.is_symlink() {
        return "a link";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;

        if kind.is_fifo() {
            return "a FIFO";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
        if kind.is_socket() {
            return "a socket";
        }
    }
    "something else"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("notes");
        fs::write(&path, "12345").expect("a file");
        assert_eq!(read(&path, 5).expect("read"), b"12345");
        assert_eq!(read(&path, 4).expect_err("too large").kind(), io::ErrorKind::FileTooLarge);
        // Sparse: its size alone is looked at.
        let huge = home.path().join("huge");
        File::create(&huge).and_then(|file| file.set_len(1 << 40)).expect("a sparse file");
        let error = read(&huge, 1 << 20).expect_err("too large");
        assert!(error.to_string().contains("1099511627776 bytes"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_read() {
        let home = tempfile::tempdir().expect("a folder");
        let link = home.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).expect("a link");
        let socket = home.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
        let fifo = home.path().join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status().expect("mkfifo runs");
        assert!(made.success());
        for (path, what) in [(home.path(), "a folder"), (&link, "a device"), (&socket, "a socket"), (&fifo, "a FIFO")] {
            let error = read(path, 1 << 20).expect_err("no file");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{what}");
            assert!(error.to_string().contains(what), "{error}");
        }
    }
}
