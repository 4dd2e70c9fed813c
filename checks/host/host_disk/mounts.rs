//! `/proc/self/mountinfo`, and the mount that a path leads to as the kernel walks it.

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    number: u32,
    parent: u32,
    /// Where it is, seen from this process's root.
    at: String,
    options: String,
    /// The type of its file system: `ext4`, `nfs4`, `fuse.ossfs`.
    pub kind: String,
    pub source: String,
}

impl Mount {
    fn parse(line: &str) -> Option<Mount> {
        let (left, right) = line.split_once(" - ")?;
        let left: Vec<&str> = left.split(' ').collect();
        let [number, parent, _, _, at, options, ..] = left[..] else { return None };
        let mut right = right.split(' ');
        Some(Mount {
            number: number.parse().ok()?,
            parent: parent.parse().ok()?,
            at: plain(at),
            options: options.to_owned(),
            kind: right.next()?.to_owned(),
            source: plain(right.next()?),
        })
    }

    pub(super) fn is_noexec(&self) -> bool {
        self.options.split(',').any(|option| option == "noexec")
    }

    /// A file system on another machine, or one that is not made for what DSS does with files.
    pub(super) fn is_remote(&self) -> bool {
        const KINDS: [&str; 13] = [
            "nfs",
            "nfs4",
            "cifs",
            "smb3",
            "smbfs",
            "ceph",
            "lustre",
            "glusterfs",
            "9p",
            "afs",
            "beegfs",
            "cpfs",
            "gpfs",
        ];
        const BY_FUSE: [&str; 12] = [
            "ossfs",
            "ossfs2",
            "s3fs",
            "sshfs",
            "glusterfs",
            "ceph",
            "rclone",
            "goofys",
            "jindofs",
            "jfs",
            "juicefs",
            "alluxio",
        ];
        let by_fuse = |name: &str| BY_FUSE.iter().any(|known| name.eq_ignore_ascii_case(known));
        match self.kind.split_once('.') {
            Some(("fuse", name)) => by_fuse(name) || name.starts_with("juicefs") || name.starts_with("alluxio"),
            Some(_) => false,
            // A program that gives no type of its own often names itself as the source.
            None if self.kind == "fuse" => by_fuse(self.source.split(['#', ':']).next().unwrap_or_default()),
            None => KINDS.contains(&self.kind.as_str()),
        }
    }

    /// A file system in user space of which nothing is known: it may be local.
    pub(super) fn is_unknown(&self) -> bool {
        let fuse = self.kind == "fuse" || self.kind.starts_with("fuse.");
        fuse && !self.is_remote()
    }
}

/// Spaces and the like are written as octal numbers.
fn plain(text: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(text.to_owned(), |text, (written, meant)| text.replace(written, meant))
}

/// The mount that an absolute path without symbolic links leads to: from the root on, each step goes to what is mounted
/// there on the mount it came from, so that what is mounted over hides what was there. None where the list is not whole.
pub(super) fn leading(mountinfo: &str, path: &str) -> Option<Mount> {
    let mounts: Vec<Mount> = mountinfo.lines().map(Mount::parse).collect::<Option<_>>()?;
    let roots: Vec<&Mount> = mounts.iter().filter(|mount| mount.at == "/").collect();
    let first =
        |mount: &&&Mount| !roots.iter().any(|other| other.number == mount.parent && other.number != mount.number);
    let mut here: &Mount = roots.iter().find(first)?;
    let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain([path.len()]);
    for point in std::iter::once("/").chain(ends.map(|end| &path[..end]).filter(|point| point.len() > 1)) {
        // Mounts over each other; there are no more of them than mounts.
        for _ in 0..mounts.len() {
            let over = |mount: &&Mount| mount.parent == here.number && mount.number != here.number && mount.at == point;
            let Some(next) = mounts.iter().find(over) else { break };
            here = next;
        }
    }
    Some(here.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "20 1 253:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n";

    fn kind(lines: &str, path: &str) -> String {
        leading(&format!("{ROOT}{lines}"), path).unwrap().kind
    }

    #[test]
    fn a_path_leads_where_the_kernel_goes() {
        let data = "21 20 0:30 / /data rw - xfs /dev/vdb rw\n22 21 0:31 / /data/my\\040dss rw - nfs4 nas:/x rw\n";
        assert_eq!(kind(data, "/data/my dss/config"), "nfs4");
        assert_eq!(kind(data, "/data/my dss2"), "xfs");
        assert_eq!(kind(data, "/database"), "ext4");
        // What is mounted over a folder hides the mounts below it.
        let hidden = "21 20 0:30 / /data/dss rw - nfs4 nas:/x rw\n22 20 0:31 / /data rw - xfs /dev/vdb rw\n";
        assert_eq!(kind(hidden, "/data/dss"), "xfs");
        let twice = "21 20 0:30 / /data rw - xfs /dev/vdb rw\n22 21 0:31 / /data rw - nfs nas:/x rw\n";
        assert_eq!(kind(twice, "/data"), "nfs");
        assert_eq!(leading("not a line", "/data"), None);
        assert_eq!(leading("21 20 0:30 / /data rw - xfs /dev/vdb rw\n", "/data"), None);
    }

    #[test]
    fn file_systems_of_other_machines_are_known_by_type_or_program() {
        let mount =
            |kind: &str, source: &str| Mount::parse(&format!("1 0 0:1 / / rw,noexec - {kind} {source} rw")).unwrap();
        for (kind, source) in [("nfs", "nas:/"), ("fuse.ossfs", "ossfs"), ("fuse", "ossfs"), ("fuse.s3fs", "s3fs")] {
            assert!(mount(kind, source).is_remote(), "{kind} {source}");
        }
        for kind in ["ext4", "xfs", "overlay", "tmpfs", "btrfs"] {
            assert!(!mount(kind, "none").is_remote() && !mount(kind, "none").is_unknown(), "{kind}");
        }
        assert!(mount("fuse.mergerfs", "a:b").is_unknown() && mount("ext4", "x").is_noexec());
    }
}
