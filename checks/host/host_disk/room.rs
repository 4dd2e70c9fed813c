//! Room on a file system for an account that is not root, as `df` counts it.

/// Free blocks, free blocks for others than root, the size of a block, all blocks, free and all inodes.
pub(super) const FORMAT: &str = "--format=%f %a %S %b %d %c";

/// A file system.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// In bytes; what is kept for root is not counted.
    free: u64,
    used: u64,
    free_inodes: u64,
    /// None where the file system makes them as it needs them.
    inodes: Option<u64>,
}

impl Room {
    pub(super) fn parse(printed: &str) -> Option<Room> {
        let figures: Vec<u64> = printed.split_whitespace().map(|word| word.parse().ok()).collect::<Option<_>>()?;
        let [free, for_others, block, blocks, free_inodes, inodes] = figures[..] else { return None };
        Some(Room {
            free: for_others.saturating_mul(block),
            used: blocks.saturating_sub(free).saturating_mul(block),
            free_inodes,
            inodes: Some(inodes).filter(|inodes| *inodes > 0),
        })
    }

    /// More than 90 % are used: DSS itself warns then.
    pub(super) fn space_is_low(&self) -> bool {
        is_low(self.free, u128::from(self.free) + u128::from(self.used))
    }

    pub(super) fn inodes_are_low(&self) -> bool {
        self.inodes.is_some_and(|inodes| is_low(self.free_inodes, u128::from(inodes)))
    }

    pub(super) fn space(&self) -> String {
        let gibibytes = |bytes: u128| bytes >> 30;
        let all = u128::from(self.free) + u128::from(self.used);
        format!("{} GiB of {} GiB are free", gibibytes(self.free.into()), gibibytes(all))
    }

    pub(super) fn inodes(&self) -> String {
        format!("{} of {} inodes are free", self.free_inodes, self.inodes.unwrap_or_default())
    }
}

fn is_low(free: u64, all: u128) -> bool {
    u128::from(free) * 10 < all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_what_df_prints_as_available() {
        // Ten of a hundred blocks are free, five of them for root alone.
        assert!(Room::parse("10 5 4096 100 50 100").unwrap().space_is_low());
        assert!(!Room::parse("20 15 4096 100 50 100").unwrap().space_is_low());
        assert!(Room::parse("50 50 4096 100 9 100").unwrap().inodes_are_low());
        assert!(!Room::parse("50 50 4096 100 0 0").unwrap().inodes_are_low());
        assert_eq!(Room::parse("262144 262144 4096 524288 0 0").unwrap().space(), "1 GiB of 2 GiB are free");
        assert_eq!(Room::parse("1 2"), None);
    }
}
