//! The host's table of tracked connections. Docker loads it, and once it is full the kernel drops the packets of everybody:
//! what ackcheck adds must stay a small part of what is free.

use std::time::Duration;

/// The share of what is free that ackcheck may fill.
const SHARE: usize = 4;
/// Entries of connections that were reset go after ten seconds; how often that is looked at, and how long.
const LOOKS: u32 = 60;
const PAUSE: Duration = Duration::from_millis(250);

/// How many connections more there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// The most entries that there may be; none where nothing is tracked.
    most: Option<usize>,
}

impl Room {
    /// As it is now.
    pub(crate) fn now() -> Room {
        let most = read().map(|(count, max)| most(count, max));
        Room { most }
    }

    /// Waits until there is room for at least a part of so many connections, and says for how many: none where others fill
    /// the table.
    pub(crate) async fn of(self, wanted: usize) -> usize {
        let Some(most) = self.most else { return wanted };
        let least = wanted.min(LEAST);
        for _ in 0..LOOKS {
            let Some((count, _)) = read() else { return wanted };
            let room = most.saturating_sub(count);
            if room >= least {
                return room.min(wanted);
            }
            tokio::time::sleep(PAUSE).await;
        }
        0
    }
}

/// A batch that is worth its question.
const LEAST: usize = 512;

fn most(count: usize, max: usize) -> usize {
    count + max.saturating_sub(count) / SHARE
}

/// How many connections are tracked, and how many can be. None where the kernel tracks none, or does not say.
fn read() -> Option<(usize, usize)> {
    let number = |name: &str| {
        let text = std::fs::read_to_string(format!("/proc/sys/net/netfilter/nf_conntrack_{name}")).ok()?;
        text.trim().parse::<usize>().ok()
    };
    Some((number("count")?, number("max")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_what_is_free_may_be_filled() {
        assert_eq!(most(0, 262_144), 65_536);
        assert_eq!(most(60_000, 65_536), 61_384);
        assert_eq!(most(70_000, 65_536), 70_000);
    }

    #[tokio::test]
    async fn where_nothing_is_tracked_there_is_room_for_all() {
        assert_eq!(Room { most: None }.of(4_096).await, 4_096);
    }
}
