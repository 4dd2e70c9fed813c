"""A node's corner of the machine's control groups, version 1 or 2."""

import hashlib
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


def corner(folder):
    """The name of all this cluster's groups: of its own, whatever else runs here."""
    return "ackcheck-cluster-" + hashlib.sha256(str(folder).encode()).hexdigest()[:8]


def hierarchies():
    """The mounted hierarchies: one in version 2, one a controller in version 1."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    return sorted({Path(mount[1]) for mount in mounts if mount[2] in ("cgroup", "cgroup2")})


class Cgroups:
    def __init__(self, folder, name):
        self.path = f"/{corner(folder)}/{name}"

    def create(self):
        for hierarchy in hierarchies():
            at = hierarchy
            for part in self.path.strip("/").split("/"):
                if (at / "cgroup.subtree_control").exists():
                    controllers = (at / "cgroup.controllers").read_text().split()
                    (at / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in controllers))
                parent, at = at, at / part
                at.mkdir(exist_ok=True)
                # Version 1 gives a new group no processor and no memory.
                for file in ("cpuset.cpus", "cpuset.mems"):
                    if (at / file).exists() and not (at / file).read_text().strip():
                        (at / file).write_text((parent / file).read_text())


    def remove(self):
        """Removes the node's groups; their processes have ended."""
        for hierarchy in hierarchies():
            remove(hierarchy / self.path.strip("/"))


def remove_all(folder):
    """Removes every group of the cluster."""
    for hierarchy in hierarchies():
        remove(hierarchy / corner(folder))


def remove(top):
    for group in sorted(top.rglob("*/"), key=lambda path: -len(path.parts)) + [top]:
        if group.is_dir():
            group.rmdir()
