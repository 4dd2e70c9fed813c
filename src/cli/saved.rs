//! Saved runs: JSON reports, from a file or a pipe.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use ackcheck_core::record::Report;
use ackcheck_core::report;
use ackcheck_core::text_file::{self, Unread, Why};

/// The largest saved run that is read, in bytes: some thousand nodes.
const LONGEST_RUN: u64 = 256 << 20;
/// How long a saved run that comes through a pipe may take.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Reads a saved run; `-` is standard input.
///
/// # Errors
/// With the file's name: where it cannot be read, is too large, or is not a report.
pub(super) fn read(file: &Path) -> anyhow::Result<Report> {
    let shown = if is_standard_input(file) { "standard input".into() } else { file.display().to_string() };
    report::read(&text(file)?).map_err(|error| anyhow::anyhow!("{shown}: {error}"))
}

/// Whether it is read from standard input, which can be read once.
pub(super) fn is_standard_input(file: &Path) -> bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].iter().any(|name| file == Path::new(name))
}

/// A file; or standard input and what the shell hands over, `<(…)`, which are pipes on purpose.
fn text(file: &Path) -> anyhow::Result<String> {
    let handed_over = ["/dev/stdin", "/dev/fd", "/proc/self/fd"].iter().any(|place| file.starts_with(place));
    let read = match file.to_str() {
        Some("-") => {
            text_file::read_stream(Path::new("standard input"), || Ok(std::io::stdin()), LONGEST_RUN, LONGEST_WAIT)
        }
        _ if handed_over => {
            let path = file.to_owned();
            text_file::read_stream(file, move || File::open(path), LONGEST_RUN, LONGEST_WAIT)
        }
        _ => text_file::read(file, LONGEST_RUN),
    };
    read.map_err(|unread| match &unread {
        Unread { why: Why::Special("a named pipe"), .. } => {
            anyhow::anyhow!("{unread}; to read what comes through it, write `-` and `< {}`", file.display())
        }
        _ => unread.into(),
    })
}
