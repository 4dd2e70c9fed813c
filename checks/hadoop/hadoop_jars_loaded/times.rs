//! When a process was started, and when a file came to be what it is.

use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::{Host, Seen};
use ackcheck_core::verdict::Unseen;

use crate::host::instance;

/// The time of the start follows from two that are cut to seconds and hundredths: what is closer is not told apart.
const TOLERANCE: u64 = 2;
/// Birth, last change of what is in it, and last change of anything about it.
const FORMAT: &str = "--format=%W %Y %Z";

/// In seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    /// None where the file system or the kernel does not tell.
    born: Option<u64>,
    written: u64,
    changed: u64,
}

/// What became of a file since a process was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Since {
    /// Nothing.
    Unchanged,
    /// It was made, or a file of the same name was replaced by it.
    Put,
    /// It was there, and was written to.
    Written,
    /// It got its name, its owner or its mode: it may have been there or not.
    Unclear,
}

impl Times {
    /// Of a file, links followed.
    pub(super) async fn of(host: &dyn Host, path: &str) -> Seen<Times> {
        let output = host.run("stat", &["--dereference", FORMAT, "--", path]).await?;
        let times = match output.ended {
            Ended::Exit(0) => Times::parse(&output.stdout),
            _ => None,
        };
        let said = || format!("`stat` says {:?}", [output.stdout.trim(), output.stderr.trim()].concat());
        times.ok_or_else(|| Unseen::unreadable(format!("the times of {path}"), said()))
    }

    /// Where it has no birth, `stat` prints 0, or `-` of old.
    fn parse(printed: &str) -> Option<Times> {
        let [born, written, changed] = printed.split_whitespace().collect::<Vec<_>>()[..] else { return None };
        let born = born.parse().ok().filter(|born| *born > 0);
        Some(Times { born, written: written.parse().ok()?, changed: changed.parse().ok()? })
    }

    /// Anything that is done to a file changes the last of its times, which nobody can set.
    pub(super) fn since(self, started: u64) -> Since {
        let after = |time: u64| time > started.saturating_add(TOLERANCE);
        match self {
            Times { changed, .. } if !after(changed) => Since::Unchanged,
            Times { born: Some(born), .. } if after(born) => Since::Put,
            Times { born: Some(_), written, .. } if after(written) => Since::Written,
            // A copy that keeps no times is as new as a file that was written to: either takes a restart.
            Times { born: None, written, .. } if after(written) => Since::Put,
            Times { .. } => Since::Unclear,
        }
    }

    pub(super) fn last_change(self) -> u64 {
        self.changed
    }
}

/// When a process was started.
pub(super) async fn started(host: &dyn Host, process: u32) -> Seen<u64> {
    let after_boot = instance::started_after_boot(host, process).await?;
    let booted = boot(&host.read("/proc/stat").await?);
    let booted = booted.ok_or_else(|| Unseen::unreadable("/proc/stat", "it is not as Linux writes it"))?;
    Ok(booted.saturating_add(after_boot))
}

fn boot(stat: &str) -> Option<u64> {
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_to_a_file_is_told_from_its_times() {
        let since = |printed: &str| Times::parse(printed).unwrap().since(1000);
        for (printed, expected) in [
            ("900 900 900", Since::Unchanged),
            ("1001 1001 1002", Since::Unchanged),
            ("2000 500 2000", Since::Put),
            ("900 2000 2000", Since::Written),
            ("0 2000 2000", Since::Put),
            ("- 2000 2000", Since::Put),
            ("900 500 2000", Since::Unclear),
            ("0 500 2000", Since::Unclear),
        ] {
            assert_eq!(since(printed), expected, "{printed}");
        }
        assert_eq!((Times::parse(""), Times::parse("1 2 x")), (None, None));
    }

    #[test]
    fn the_boot_is_read_as_linux_writes_it() {
        assert_eq!(boot("cpu  1 2\nbtime 1700000000\nprocesses 5\n"), Some(1_700_000_000));
        assert_eq!(boot("cpu"), None);
    }
}
