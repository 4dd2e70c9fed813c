//! Files that people name, read whole and within bounds: a wrong path may be a pipe, a device or a disk image.
//!
//! The only reader of such files. Opening never waits, only regular files are read, and one that grows while it is read
//! is noticed. What is a pipe on purpose has a reader of its own, [`read_stream`], which is bounded in time as well.

use std::fmt;
use std::fs::{File, FileType, Metadata};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::OFlag;

use crate::io_error;

/// A file that was not read: `PATH: why`, with the line where one is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The file, as it was named.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: Why,
}

/// Why a file was not read. Each displays as a clause: `it is a folder, not a file`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// There is no such file.
    Missing,
    /// A symbolic link that leads nowhere.
    Dangling,
    /// A loop of symbolic links.
    Loop,
    /// This account is not allowed to read it, or to search one of its folders.
    Forbidden,
    /// Not a regular file, but this: `a folder`, `a named pipe`, `a device`, `a socket`.
    Special(&'static str),
    /// Larger than what is read of such a file.
    TooLarge {
        /// In bytes; not known where it grew while it was read.
        size: Option<u64>,
        /// The most that is read, in bytes.
        most: u64,
    },
    /// Not UTF-8 text.
    NotText {
        /// From 1.
        line: usize,
        /// The first byte that is not text, from 0.
        byte: usize,
    },
    /// A stream that had not ended by then.
    Late(Duration),
    /// Anything else, in the words of the operating system.
    Failed(String),
}

impl From<&std::io::Error> for Why {
    fn from(error: &std::io::Error) -> Why {
        match (error.kind(), error.raw_os_error().map(Errno::from_raw)) {
            (ErrorKind::NotFound | ErrorKind::NotADirectory, _) => Why::Missing,
            (ErrorKind::PermissionDenied, _) => Why::Forbidden,
            (_, Some(Errno::ELOOP)) => Why::Loop,
            _ => Why::Failed(io_error::in_words(error)),
        }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            Why::NotText { line, .. } => write!(f, "{}:{line}: {}", self.path.display(), self.why),
            why => write!(f, "{}: {why}", self.path.display()),
        }
    }
}
impl std::error::Error for Unread {}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Missing => f.write_str("it is not there"),
            Why::Dangling => f.write_str("it is a symbolic link to something that is not there"),
            Why::Loop => f.write_str("it is part of a loop of symbolic links"),
            Why::Forbidden => f.write_str("this account is not allowed to read it"),
            Why::Special(kind) => write!(f, "it is {kind}, not a file"),
            Why::TooLarge { size: Some(size), most } => {
                write!(f, "it is {size} bytes long; at most {} are read", in_units(*most))
            }
            Why::TooLarge { size: None, most } => {
                write!(f, "it is longer than {}, the most that is read", in_units(*most))
            }
            Why::NotText { .. } => f.write_str("it is not UTF-8 text"),
            Why::Late(limit) => write!(f, "it had not ended after {} s", limit.as_secs_f64()),
            Why::Failed(said) => f.write_str(said),
        }
    }
}

/// Bytes as people count them, where they are a whole number of a unit.
fn in_units(bytes: u64) -> String {
    match bytes {
        _ if bytes >= 1 << 20 && bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        _ if bytes >= 1 << 10 && bytes.is_multiple_of(1 << 10) => format!("{} KiB", bytes >> 10),
        _ => format!("{bytes} bytes"),
    }
}

/// Reads a regular file of at most `most` bytes as text.
///
/// # Errors
/// If it cannot be read whole, or is not UTF-8.
pub fn read(path: &Path, most: u64) -> Result<String, Unread> {
    text(path, bytes(path, most)?)
}

/// Reads a regular file of at most `most` bytes.
///
/// # Errors
/// If it cannot be read whole.
pub fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, Unread> {
    let (file, metadata) = open(path)?;
    let unread = |why| Unread { path: path.to_owned(), why };
    if metadata.len() > most {
        return Err(unread(Why::TooLarge { size: Some(metadata.len()), most }));
    }
    whole(file, most).map_err(unread)
}

/// Opens a regular file, and nothing else, without waiting; with what is known of it.
///
/// # Errors
/// If there is none, or it cannot be opened.
pub fn open(path: &Path) -> Result<(File, Metadata), Unread> {
    let unread = |why| Unread { path: path.to_owned(), why };
    // Asked of the path first: to open a device can do something.
    let metadata = std::fs::metadata(path).map_err(|error| unread(not_there(path, &error)))?;
    regular(metadata.file_type()).map_err(unread)?;
    // Asked again of what was opened: another file may stand there by now. A pipe is not waited for.
    let flags = (OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits();
    let opened = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(|error| unread(not_there(path, &error)))?;
    let metadata = file.metadata().map_err(|error| unread(not_there(path, &error)))?;
    regular(metadata.file_type()).map_err(unread)?;
    Ok((file, metadata))
}

/// Reads what is a pipe on purpose, such as standard input: at most `most` bytes, for at most `limit`, the opening
/// included. `name` is what errors call it.
///
/// # Errors
/// If it is longer, slower or not UTF-8. Its reader is left behind where it is slower: nothing can call it back.
pub fn read_stream<R: Read>(
    name: &Path,
    open: impl FnOnce() -> std::io::Result<R> + Send + 'static,
    most: u64,
    limit: Duration,
) -> Result<String, Unread> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let read = open().map_err(|error| Why::from(&error)).and_then(|stream| whole(stream, most));
        // Nobody waits any more where it came too late.
        let _ = sender.send(read);
    });
    let read = receiver.recv_timeout(limit).unwrap_or(Err(Why::Late(limit)));
    text(name, read.map_err(|why| Unread { path: name.to_owned(), why })?)
}

fn whole(from: impl Read, most: u64) -> Result<Vec<u8>, Why> {
    let mut bytes = Vec::new();
    // One byte more than may be: a file that grows while it is read is noticed too.
    from.take(most + 1).read_to_end(&mut bytes).map_err(|error| Why::from(&error))?;
    match bytes.len() as u64 > most {
        true => Err(Why::TooLarge { size: None, most }),
        false => Ok(bytes),
    }
}

fn text(path: &Path, bytes: Vec<u8>) -> Result<String, Unread> {
    String::from_utf8(bytes).map_err(|error| {
        let byte = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..byte].iter().filter(|letter| **letter == b'\n').count();
        Unread { path: path.to_owned(), why: Why::NotText { line, byte } }
    })
}

fn regular(kind: FileType) -> Result<(), Why> {
    match () {
        () if kind.is_file() => Ok(()),
        () if kind.is_dir() => Err(Why::Special("a folder")),
        () if kind.is_fifo() => Err(Why::Special("a named pipe")),
        () if kind.is_socket() => Err(Why::Special("a socket")),
        () => Err(Why::Special("a device")),
    }
}

fn not_there(path: &Path, error: &std::io::Error) -> Why {
    match error.kind() {
        ErrorKind::NotFound if path.is_symlink() => Why::Dangling,
        _ => Why::from(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::{UnixListener, UnixStream};

    use super::*;

    #[test]
    fn what_is_not_a_file_is_refused_by_name_and_never_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let why = |path: &Path| read(path, 10).unwrap_err().why;
        assert_eq!(why(&path("none")), Why::Missing);
        assert_eq!(why(folder.path()), Why::Special("a folder"));
        assert_eq!(why(Path::new("/dev/zero")), Why::Special("a device"));
        nix::unistd::mkfifo(&path("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert_eq!(why(&path("pipe")), Why::Special("a named pipe"));
        let _listener = UnixListener::bind(path("socket")).unwrap();
        assert_eq!(why(&path("socket")), Why::Special("a socket"));
        symlink("nowhere", path("dangling")).unwrap();
        assert_eq!(why(&path("dangling")), Why::Dangling);
        symlink("loop", path("loop")).unwrap();
        assert_eq!(why(&path("loop")), Why::Loop);
    }

    #[test]
    fn errors_name_the_path_the_line_and_the_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ackcheck.toml");
        let said = |most| read(&path, most).unwrap_err().to_string();
        std::fs::write(&path, b"[host]\nname = \"\xff\"\n").unwrap();
        assert_eq!(said(100), format!("{}:2: it is not UTF-8 text", path.display()));
        assert_eq!(said(3), format!("{}: it is 18 bytes long; at most 3 bytes are read", path.display()));
        File::create(&path).unwrap().set_len(5 << 30).unwrap();
        assert!(said(1 << 20).ends_with("it is 5368709120 bytes long; at most 1 MiB are read"), "{}", said(1 << 20));
    }

    #[test]
    fn a_stream_is_bounded_in_length_and_in_time() {
        let name = Path::new("standard input");
        let (long, short) = (Duration::from_secs(60), Duration::from_millis(10));
        assert_eq!(read_stream(name, || Ok(&b"all of it"[..]), 9, long).unwrap(), "all of it");
        let endless = read_stream(name, || Ok(std::io::repeat(b'x')), 64 << 10, long).unwrap_err();
        assert_eq!(endless.to_string(), "standard input: it is longer than 64 KiB, the most that is read");
        // Nobody writes to the other end, and it stays open.
        let (_open, silent) = UnixStream::pair().unwrap();
        assert_eq!(read_stream(name, || Ok(silent), 9, short).unwrap_err().why, Why::Late(short));
    }
}
