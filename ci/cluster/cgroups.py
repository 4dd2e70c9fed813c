"""A node's corner of the machine's control groups, version 1 or 2."""

import hashlib
from pathlib import Path


def corner(folder: Path) -> str:
    """The name of all this cluster's groups: of its own, whatever else runs here."""
    return "ackcheck-cluster-" + hashlib.sha256(str(folder).encode()).hexdigest()[:8]


def hierarchies() -> list[Path]:
    """The mounted hierarchies: one in version 2, one a controller in version 1."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    return sorted({Path(mount[1]) for mount in mounts if mount[2] in ("cgroup", "cgroup2")})


class Cgroups:
    def __init__(self, folder: Path, name: str) -> None:
        self.path = f"/{corner(folder)}/{name}"

    def create(self) -> None:
        for hierarchy in hierarchies():
            at = hierarchy
            for part in self.path.strip("/").split("/"):
                at = create_below(at, part)

    def remove(self) -> None:
        """Removes the node's groups; their processes have ended."""
        for hierarchy in hierarchies():
            remove(hierarchy / self.path.strip("/"))


def create_below(parent: Path, name: str) -> Path:
    """Makes a group that has what its parent has."""
    control = parent / "cgroup.subtree_control"
    if control.exists():
        controllers = (parent / "cgroup.controllers").read_text().split()
        control.write_text(" ".join(f"+{controller}" for controller in controllers))
    group = parent / name
    group.mkdir(exist_ok=True)
    # Version 1 gives a new group no processor and no memory.
    for file in ("cpuset.cpus", "cpuset.mems"):
        if (group / file).exists() and not (group / file).read_text().strip():
            (group / file).write_text((parent / file).read_text())
    return group


def remove_all(folder: Path) -> None:
    """Removes every group of the cluster."""
    for hierarchy in hierarchies():
        remove(hierarchy / corner(folder))


def remove(top: Path) -> None:
    for group in [*sorted(top.rglob("*/"), key=lambda path: -len(path.parts)), top]:
        if group.is_dir():
            group.rmdir()
