//! Room for images where the daemon keeps them.

use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::host::docker::InfoPage;
use ackcheck_core::seat::{Host, Seen};

/// What a build of DSS's smallest base image takes for certain, in bytes: the packages of its Linux alone are more.
const LEAST_ROOM: u64 = 512 << 20;
/// The same in files.
const LEAST_FILES: u64 = 8192;
/// Where the containerd beside Docker keeps images (its default `root`).
const CONTAINERD: &str = "/var/lib/containerd";

/// A file system, as `stat --file-system` prints it in the order of [`FORMAT`].
#[derive(Debug, PartialEq, Eq)]
struct Room {
    free: u64,
    size: u64,
    free_files: u64,
    /// None where the file system makes files as it needs them.
    files: Option<u64>,
}

/// Free blocks for root and for others, the size of a block, all blocks, free and all files.
const FORMAT: &str = "--format=%f %a %S %b %d %c";

/// The folder in which the daemon has no room for an image, with the figures. A folder that this account cannot ask about
/// lets nothing be said.
pub(super) async fn lacking(host: &dyn Host, info: &InfoPage) -> Seen<Option<String>> {
    let containerd = info.images_in_containerd().then_some(CONTAINERD);
    for folder in [info.docker_root_dir.as_str()].into_iter().chain(containerd) {
        let output = host.run("stat", &["--file-system", FORMAT, "--", folder]).await?;
        let room = match output.ended {
            Ended::Exit(0) => Room::parse(&output.stdout, info.rootless()),
            _ => None,
        };
        if let Some(room) = room.filter(Room::is_lacking) {
            return Ok(Some(format!("{folder}: {room}")));
        }
    }
    Ok(None)
}

impl Room {
    fn parse(printed: &str, rootless: bool) -> Option<Room> {
        let figures: Vec<u64> = printed.split_whitespace().map(|word| word.parse().ok()).collect::<Option<_>>()?;
        let [for_root, for_others, block, blocks, free_files, files] = figures[..] else { return None };
        let free = if rootless { for_others } else { for_root };
        Some(Room {
            free: free.saturating_mul(block),
            size: blocks.saturating_mul(block),
            free_files,
            files: Some(files).filter(|files| *files > 0),
        })
    }

    fn is_lacking(&self) -> bool {
        self.free < LEAST_ROOM || self.files.is_some() && self.free_files < LEAST_FILES
    }
}

impl std::fmt::Display for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mebibytes = |bytes: u64| bytes >> 20;
        write!(f, "{} MiB of {} MiB are free", mebibytes(self.free), mebibytes(self.size))?;
        match self.files {
            Some(files) => write!(f, ", and {} of {files} inodes", self.free_files),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_what_the_daemons_account_may_fill() {
        let reserved = "200000 0 4096 1000000 500000 600000\n";
        assert!(!Room::parse(reserved, false).unwrap().is_lacking());
        assert!(Room::parse(reserved, true).unwrap().is_lacking());
        let full = Room::parse("1024 1024 4096 1000000 500000 600000", false).unwrap();
        assert!(full.is_lacking());
        assert_eq!(full.to_string(), "4 MiB of 3906 MiB are free, and 500000 of 600000 inodes");
        assert!(Room::parse("900000 900000 4096 1000000 12 600000", false).unwrap().is_lacking());
        // btrfs and XFS of some ages count no files.
        assert!(!Room::parse("900000 900000 4096 1000000 0 0", false).unwrap().is_lacking());
        assert!(Room::parse("18446744073709551615 1 4096 1 1 1", false).is_some());
        for text in ["", "1 2 3", "a b c d e f", "1 2 3 4 5 6 7"] {
            assert_eq!(Room::parse(text, false), None, "{text}");
        }
    }
}
