//! Standard output and standard error. Either may go away, and that ends nothing: `ackcheck list | head`.

use std::io::{ErrorKind, Write as _};

use nix::errno::Errno;

use ackcheck_core::io_error;
use ackcheck_core::secret::recognition;

/// Prints to standard output.
///
/// # Errors
/// Where it refuses, such as a file on a full disk; not where its reader or its terminal has gone.
pub(super) fn print(content: impl AsRef<[u8]>) -> anyhow::Result<u8> {
    let mut out = std::io::stdout().lock();
    match out.write_all(content.as_ref()).and_then(|()| out.flush()) {
        Err(error) if !has_gone(&error) => Err(anyhow::anyhow!("standard output: {}", io_error::in_words(&error))),
        _ => Ok(0),
    }
}

/// Prints to standard error, where standard output is somebody else's.
pub(super) fn print_beside(content: &str) {
    // There is nowhere left to say that standard error has gone.
    let _ = std::io::stderr().lock().write_all(content.as_bytes());
}

/// Says something beside what is printed, on standard error: `ackcheck: …`, further lines below it.
pub(super) fn say(text: &str) {
    // It may repeat what was typed or read, and with it a secret: `http://user:password@proxy`.
    let text = recognition::hidden(text).unwrap_or_else(|| text.to_owned());
    let said: String = text
        .lines()
        .enumerate()
        .map(|(at, line)| format!("{}{line}\n", if at == 0 { "ackcheck: " } else { "          " }))
        .collect();
    print_beside(&said);
}

/// A pipe's reader has gone, or a terminal has been closed.
fn has_gone(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::BrokenPipe || error.raw_os_error() == Some(Errno::EIO as i32)
}
