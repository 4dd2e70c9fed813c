//! Logs as they lie on a disk: plain, compressed as rotation leaves them, or saved by Windows as UTF-16. What is no text is
//! told from what is.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::read::MultiGzDecoder;
use serde::Serialize;

use ackcheck_core::io_error;
use ackcheck_core::text_file;

/// The most that a compressed log is expanded to, in bytes.
const MOST_EXPANDED: u64 = 16 << 30;
/// What is looked at to tell a log from other files, in bytes. The mark of a tar archive stands behind its first 257.
const HEAD: usize = 512;

/// An input that was not read, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotRead {
    /// As it was named.
    pub name: String,
    /// A clause: `it is not there`.
    pub why: String,
}

impl NotRead {
    pub(crate) fn broken_off(name: &str, lines: u64, error: &std::io::Error) -> NotRead {
        NotRead {
            name: name.to_owned(),
            why: format!("only {lines} lines of it were read: {}", io_error::in_words(error)),
        }
    }
}

/// Why an input was not opened.
#[derive(Debug)]
pub(crate) enum NotOpened {
    /// It is something else than a log: what it is.
    NoText(String),
    Refused(String),
}

/// What files begin with that are no text, where in them, and what they are.
const KINDS: [(usize, &[u8], &str); 11] = [
    (0, b"PK\x03\x04", "a zip archive; unpack it, and name the folder"),
    (0, b"\x28\xb5\x2f\xfd", "compressed with zstd; pipe it through `zstd -dc`"),
    (0, b"\xfd7zXZ\0", "compressed with xz; pipe it through `xz -dc`"),
    (0, b"BZh", "compressed with bzip2; pipe it through `bzip2 -dc`"),
    (257, b"ustar", "a tar archive; unpack it, and name the folder"),
    (0, b"\x7fELF", "a program"),
    (0, b"\xca\xfe\xba\xbe", "a Java class"),
    (0, b"\x89PNG", "a picture"),
    (0, b"PAR1", "a Parquet file"),
    (0, b"SQLite format 3\0", "a SQLite database"),
    (0, b"%PDF-", "a PDF"),
];

/// Opens a file. What the shell hands over, `<(…)`, is a pipe on purpose.
pub(crate) fn file(path: &Path) -> Result<Box<dyn Read>, NotOpened> {
    let handed_over = ["/dev/stdin", "/dev/fd", "/proc/self/fd"].iter().any(|place| path.starts_with(place));
    let opened = match handed_over {
        true => File::open(path).map_err(|error| io_error::in_words(&error)),
        false => text_file::open(path).map(|(file, _)| file).map_err(|unread| unread.why.to_string()),
    };
    stream(opened.map_err(NotOpened::Refused)?)
}

/// Reads what a stream holds as text.
pub(crate) fn stream(input: impl Read + 'static) -> Result<Box<dyn Read>, NotOpened> {
    let (head, input) = peek(input)?;
    if !head.starts_with(&[0x1f, 0x8b]) {
        return text(&head, input);
    }
    let expanded = Bounded { input: MultiGzDecoder::new(input), left: MOST_EXPANDED };
    let (head, expanded) = peek(expanded)?;
    text(&head, expanded)
}

fn text(head: &[u8], input: impl Read + 'static) -> Result<Box<dyn Read>, NotOpened> {
    if let Some((.., kind)) =
        KINDS.iter().find(|(at, mark, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(mark)))
    {
        return Err(NotOpened::NoText(format!("it is {kind}")));
    }
    let wide = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    // A log that was cut while it was written begins with nothing but NUL; colours and form feeds are text.
    let foreign = head.iter().filter(|byte| **byte < 0x20 && !b"\0\t\n\r\x07\x08\x0c\x1b".contains(byte)).count();
    if !wide && foreign * 20 > head.len() {
        return Err(NotOpened::NoText(String::from("it is not text")));
    }
    match wide {
        true => Ok(Box::new(DecodeReaderBytesBuilder::new().build(input))),
        false => Ok(Box::new(input)),
    }
}

/// The first bytes, and the whole again.
fn peek<R: Read>(mut input: R) -> Result<(Vec<u8>, impl Read), NotOpened> {
    let mut head = Vec::new();
    let read = input.by_ref().take(HEAD as u64).read_to_end(&mut head);
    read.map_err(|error| NotOpened::Refused(io_error::in_words(&error)))?;
    Ok((head.clone(), Cursor::new(head).chain(input)))
}

/// Fails where more comes than is read of anything.
struct Bounded<R> {
    input: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(into)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            std::io::Error::other(format!("it expands to more than {} GiB, the most that is read", MOST_EXPANDED >> 30))
        })?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gz(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: Vec<u8>) -> Result<String, String> {
        let mut read = String::new();
        match stream(Cursor::new(bytes)) {
            Ok(mut input) => input.read_to_string(&mut read).map(|_| read).map_err(|error| error.to_string()),
            Err(NotOpened::NoText(why) | NotOpened::Refused(why)) => Err(why),
        }
    }

    #[test]
    fn reads_logs_as_rotation_and_windows_leave_them() {
        assert_eq!(read(b"one\ntwo".to_vec()).unwrap(), "one\ntwo");
        assert_eq!(read(gz(b"one\ntwo")).unwrap(), "one\ntwo");
        // Rotation may append.
        assert_eq!(read([gz(b"one\n"), gz(b"two")].concat()).unwrap(), "one\ntwo");
        let wide: Vec<u8> = "\u{feff}one\r\ntwö".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(wide).unwrap(), "one\r\ntwö");
        assert_eq!(read(Vec::new()).unwrap(), "");
        assert_eq!(read(vec![0; 600]).unwrap().len(), 600);
    }

    #[test]
    fn says_what_is_no_log() {
        assert_eq!(
            read(b"PK\x03\x04rest".to_vec()).unwrap_err(),
            "it is a zip archive; unpack it, and name the folder"
        );
        let mut tar = vec![b'a'; 600];
        tar[257..262].copy_from_slice(b"ustar");
        assert!(read(gz(&tar)).unwrap_err().contains("tar archive"));
        assert_eq!(read((0..=255).collect()).unwrap_err(), "it is not text");
        let cut = gz(b"one\ntwo\n");
        assert!(read(cut[..cut.len() - 9].to_vec()).is_err());
    }

    #[test]
    fn a_bound_ends_what_expands_without_end() {
        let mut input = Bounded { input: std::io::repeat(b'x'), left: 100 };
        let error = std::io::copy(&mut input, &mut std::io::sink()).unwrap_err();
        assert_eq!(error.to_string(), "it expands to more than 16 GiB, the most that is read");
    }
}
