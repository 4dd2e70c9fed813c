//! `/proc/PID/limits`, which every account can read.

use ackcheck_core::seat::{Host, Seen};
use ackcheck_core::verdict::Unseen;

/// What DSS asks for, of open files and of processes.
pub(super) const LEAST: u64 = 65536;

/// A limit; none where there is no limit.
type Limit = Option<u64>;

/// The limits of a process, each as it binds now and as it can be raised by the process itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    pub files: Pair,
    pub processes: Pair,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    pub soft: Limit,
    pub hard: Limit,
}

/// True where a limit is lower than DSS asks for.
pub(super) fn is_low(limit: Limit) -> bool {
    limit.is_some_and(|limit| limit < LEAST)
}

/// A limit as `ulimit` prints it.
pub(super) fn told(limit: Limit) -> String {
    limit.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string())
}

impl Limits {
    fn parse(text: &str) -> Option<Limits> {
        let limit = |word: &str| match word {
            "unlimited" => Some(None),
            number => number.parse().ok().map(Some),
        };
        let pair = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            let mut words = line.split_whitespace();
            Some(Pair { soft: limit(words.next()?)?, hard: limit(words.next()?)? })
        };
        Some(Limits { files: pair("Max open files ")?, processes: pair("Max processes ")? })
    }

    /// Of a process by its number, or of `self`.
    pub(super) async fn of(host: &dyn Host, process: &str) -> Seen<Limits> {
        let file = format!("/proc/{process}/limits");
        let text = host.read(&file).await?;
        Limits::parse(&text).ok_or_else(|| Unseen::unreadable(file, "it is not as Linux writes it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_linux_writes_them() {
        let text = "Limit                     Soft Limit           Hard Limit           Units     \n\
                    Max cpu time              unlimited            unlimited            seconds   \n\
                    Max processes             4096                 unlimited            processes \n\
                    Max open files            1024                 65536                files     \n";
        let limits = Limits::parse(text).unwrap();
        assert_eq!(limits.files, Pair { soft: Some(1024), hard: Some(65536) });
        assert_eq!(limits.processes, Pair { soft: Some(4096), hard: None });
        assert!(is_low(limits.files.soft) && !is_low(limits.files.hard) && !is_low(limits.processes.hard));
        assert_eq!((told(None), told(Some(7))), ("unlimited".to_owned(), "7".to_owned()));
        assert_eq!(Limits::parse("Max open files 1024"), None);
    }
}
