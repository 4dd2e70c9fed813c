//! The least memory that the control groups of a process allow it: its own group's limit, and those of the groups above.

use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::{Host, Seen};
use ackcheck_core::verdict::Unseen;

/// Groups are in each other; systemd and container engines make less than ten levels.
const DEEPEST: usize = 32;
const MOUNTS: &str = "/proc/self/mountinfo";

/// A limit, and the file that sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Limit {
    pub bytes: u64,
    pub file: String,
}

/// Where limits of a process are, from its own group upwards.
#[derive(Debug, PartialEq, Eq)]
enum Files {
    At(Vec<String>),
    /// The group is seen from within another one, or its hierarchy is not mounted.
    OutOfSight(String),
}

/// The least that is allowed; none where nothing confines it.
pub(super) async fn of(host: &dyn Host, process: u32) -> Seen<Option<Limit>> {
    let file = format!("/proc/{process}/cgroup");
    let Some(groups) = text(host, &file).await? else { return Ok(None) };
    let files = match files(&groups, &host.read(MOUNTS).await?) {
        Files::At(files) => files,
        Files::OutOfSight(why) => return Err(Unseen::unreadable(file, why)),
    };
    let mut least: Option<Limit> = None;
    for file in files {
        let Some(limit) = text(host, &file).await? else { continue };
        let bytes = match limit.trim() {
            "max" => continue,
            number => number.parse().map_err(|_| Unseen::unreadable(file.as_str(), "it is not a number"))?,
        };
        if least.as_ref().is_none_or(|least| bytes < least.bytes) {
            least = Some(Limit { bytes, file });
        }
    }
    Ok(least)
}

/// A file's text; none where it is not there. The group at the top of a hierarchy has no limit.
async fn text(host: &dyn Host, path: &str) -> Seen<Option<String>> {
    let output = host.run("cat", &["--", path]).await?;
    match output.ended {
        Ended::Exit(0) => Ok(Some(output.stdout)),
        Ended::Exit(_) if output.stderr.contains("No such file or directory") => Ok(None),
        Ended::Exit(_) => Err(Unseen::unreadable(path, output.stderr.trim())),
        Ended::Killed { why } | Ended::Late { why } => Err(Unseen::unreadable(path, why)),
        Ended::NotFound => Err(Unseen::unreadable("cat", "there is no such command on the host")),
    }
}

/// The files of both versions of control groups: `0::/PATH` is version 2, `7:memory:/PATH` version 1.
fn files(groups: &str, mountinfo: &str) -> Files {
    let mut all = Vec::new();
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (fields.next(), fields.next(), fields.next()) else { continue };
        let (kind, name) = match controllers {
            "" => ("cgroup2", "memory.max"),
            list if list.split(',').any(|controller| controller == "memory") => ("cgroup", "memory.limit_in_bytes"),
            _ => continue,
        };
        let Some((root, at)) = hierarchy(mountinfo, kind) else {
            // Kernels list version 2 without its being in use, at its top.
            if kind == "cgroup2" && path == "/" {
                continue;
            }
            return Files::OutOfSight(format!("the hierarchy of {line} is not mounted"));
        };
        let below = if root == "/" { Some(path) } else { path.strip_prefix(root.as_str()) };
        let below = below.filter(|below| !below.split('/').any(|part| part == ".."));
        let Some(below) = below.filter(|below| below.is_empty() || below.starts_with('/')) else {
            return Files::OutOfSight(format!("{line} is outside of what is mounted on {at}"));
        };
        let parts: Vec<&str> = below.split('/').filter(|part| !part.is_empty()).collect();
        if parts.len() > DEEPEST {
            return Files::OutOfSight(format!("it is in more than {DEEPEST} groups"));
        }
        all.extend((0..=parts.len()).rev().map(|depth| {
            let folders: String = parts[..depth].iter().map(|part| format!("/{part}")).collect();
            format!("{at}{folders}/{name}")
        }));
    }
    Files::At(all)
}

/// Which part of the hierarchy with the limits on memory is mounted, and where.
fn hierarchy(mountinfo: &str, kind: &str) -> Option<(String, String)> {
    mountinfo.lines().rev().find_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        let mut right = right.split(' ');
        if right.next()? != kind {
            return None;
        }
        let controllers = right.nth(1)?;
        if kind == "cgroup" && !controllers.split(',').any(|controller| controller == "memory") {
            return None;
        }
        let mut left = left.split(' ').skip(3);
        Some((left.next()?.to_owned(), left.next()?.trim_end_matches('/').to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "30 20 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate";
    const ONE: &str = "30 20 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n\
                       31 30 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n\
                       33 30 0:29 /docker/f00 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory";

    fn at(files: &[&str]) -> Files {
        Files::At(files.iter().map(|file| (*file).to_owned()).collect())
    }

    #[test]
    fn limits_are_looked_for_in_the_group_and_in_those_above() {
        let wanted = [
            "/sys/fs/cgroup/system.slice/dataiku.service/memory.max",
            "/sys/fs/cgroup/system.slice/memory.max",
            "/sys/fs/cgroup/memory.max",
        ];
        assert_eq!(files("0::/system.slice/dataiku.service\n", TWO), at(&wanted));
        // As a container without a namespace of its own for groups sees it.
        let wanted = ["/sys/fs/cgroup/memory/job/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
        assert_eq!(files("9:cpu:/docker/f00\n8:memory:/docker/f00/job\n0::/\n", ONE), at(&wanted));
        assert_eq!(files("", TWO), at(&[]));
    }

    #[test]
    fn what_cannot_be_seen_is_said_to_be() {
        for (groups, mounts) in [
            ("0::/../../other\n", TWO),
            ("8:memory:/docker/f00d\n", ONE),
            ("0::/user.slice\n", ONE),
            ("8:memory:/x\n", TWO),
        ] {
            assert!(matches!(files(groups, mounts), Files::OutOfSight(_)), "{groups}");
        }
    }
}
