//! Pipes and devices that reports are written to, each step within a limit: nobody may be reading.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::bail;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use ackcheck_core::io_error;

/// How long a pipe is held out to whoever may come to read it.
const READER_COMES: Duration = Duration::from_secs(5);
/// How often it is looked whether somebody has.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long a reader may take nothing.
const READER_RESTS_MS: u16 = 30_000;

/// Writes all of it.
///
/// # Errors
/// Where nobody reads, the reader rests too long or goes, or the device refuses.
pub(super) fn write(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let mut file = open(path)?;
    let mut left = content;
    while !left.is_empty() {
        match file.write(left) {
            Ok(written) => left = &left[written..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => wait_for_reader(&file)?,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => bail!("whoever read it has gone"),
            Err(error) => bail!("{}", io_error::in_words(&error)),
        }
    }
    Ok(())
}

/// Without waiting: a pipe that nobody reads cannot be opened so, and is tried again.
fn open(path: &Path) -> anyhow::Result<File> {
    let since = Instant::now();
    let flags = (OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits();
    loop {
        match OpenOptions::new().write(true).custom_flags(flags).open(path) {
            Ok(file) => return Ok(file),
            Err(error) if error.raw_os_error() != Some(Errno::ENXIO as i32) => bail!("{}", io_error::in_words(&error)),
            Err(_) if since.elapsed() > READER_COMES => {
                bail!("nobody reads this pipe: no reader came within {} s", READER_COMES.as_secs())
            }
            Err(_) => std::thread::sleep(LOOK_AGAIN),
        }
    }
}

fn wait_for_reader(file: &File) -> anyhow::Result<()> {
    match poll(&mut [PollFd::new(file.as_fd(), PollFlags::POLLOUT)], PollTimeout::from(READER_RESTS_MS)) {
        Ok(0) => bail!("its reader took nothing for {} s", READER_RESTS_MS / 1000),
        // Interrupted or not: the next write tells.
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(error) => bail!("{}", error.desc()),
    }
}
