//! A log in pieces of constant size, whole lines each, with what stands in it recognised.

use std::io::{ErrorKind, Read};
use std::sync::atomic::Ordering;

use crate::reading::Reading;
use crate::scan::{Found, Scan};

/// What is held of a log at once, in bytes. A longer line is read in parts.
const PIECE: usize = 1 << 20;
/// What two parts of one line have in common, so that a text that lies across is seen, in bytes.
const OVERLAP: usize = 8 << 10;

/// What was read of one input.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) bytes: u64,
    pub(crate) lines: u64,
    /// Whether any line had a time.
    pub(crate) timed: bool,
}

/// Reads all of it, and tells what was recognised.
///
/// # Errors
/// Where the input fails; what was recognised before was told.
pub(crate) fn read(
    mut input: impl Read,
    reading: &Reading,
    tell: &mut dyn FnMut(Found),
) -> (Amount, std::io::Result<()>) {
    let mut scan = Scan::new(reading, tell);
    let mut piece = vec![0; PIECE];
    let (mut filled, mut bytes) = (0, 0);
    let ended = loop {
        if reading.stop.load(Ordering::Relaxed) {
            break Ok(());
        }
        let read = match input.read(&mut piece[filled..]) {
            Ok(0) => break Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => break Err(error),
        };
        bytes += read as u64;
        let fresh = filled;
        filled += read;
        let kept_from = match memchr::memrchr(b'\n', &piece[fresh..filled]) {
            Some(at) => {
                scan.lines(&piece[..=fresh + at]);
                fresh + at + 1
            }
            None if filled == piece.len() => {
                scan.part(&piece);
                filled - OVERLAP
            }
            None => continue,
        };
        piece.copy_within(kept_from..filled, 0);
        filled -= kept_from;
    };
    if filled > 0 {
        scan.lines(&piece[..filled]);
    }
    let (lines, timed) = scan.finish();
    (Amount { bytes, lines, timed }, ended)
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
