//! `ackcheck report`.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use super::arguments::{Color, Rerender};
use super::reports::Reports;
use ackcheck_core::report;
use ackcheck_core::text_file::{self, Unread, Why};

/// The largest saved run that is read, in bytes: some thousand nodes.
const LONGEST_RUN: u64 = 256 << 20;
/// How long a saved run that comes through a pipe may take.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Renders a saved run again.
pub(super) fn rerender(options: Rerender, color: Color) -> anyhow::Result<u8> {
    let shown =
        if options.file == Path::new("-") { "standard input".into() } else { options.file.display().to_string() };
    let saved = report::read(&saved(&options.file)?).map_err(|error| anyhow::anyhow!("{shown}: {error}"))?;
    Reports::to(options.report, false, color)?.write(&saved)?;
    Ok(0)
}

/// A file; or standard input and what the shell hands over, `<(…)`, which are pipes on purpose.
fn saved(file: &Path) -> anyhow::Result<String> {
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
            anyhow::anyhow!("{unread}; to read what comes through it: ackcheck report - < {}", file.display())
        }
        _ => unread.into(),
    })
}
