//! Files that anybody may have put there: only regular ones are read, and never more of them than a limit, so that no FIFO
//! makes the program wait and no device fills the memory.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
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
/// See [`open`], and [`io::ErrorKind::FileTooLarge`].
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_from(open(path)?, most)
}

/// The same of a file that is open.
///
/// # Errors
///
/// [`io::ErrorKind::InvalidInput`], [`io::ErrorKind::FileTooLarge`], and those of the operating system.
pub(crate) fn read_from(file: File, most: u64) -> io::Result<Vec<u8>> {
    let found = file.metadata()?;
    regular(&found)?;
    let too_large = |bytes: u64| {
        let why = format!("it has {bytes} bytes or more, and at most {} MiB of it are read", most >> 20);
        io::Error::new(io::ErrorKind::FileTooLarge, why)
    };
    if found.len() > most {
        return Err(too_large(found.len()));
    }
    let mut content = Vec::new();
    // It may grow meanwhile.
    file.take(most + 1).read_to_end(&mut content)?;
    if content.len() as u64 > most { Err(too_large(content.len() as u64)) } else { Ok(content) }
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
