"""Runs of ackcheck on what services.py starts, and the count of what held."""

import json
import os
import pwd
import resource
import shutil
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from programs import expected_java, expected_memory, expected_python
from services import REGISTRY, Deployment, NameServer, Registry, site_file

# In seconds, and far above what a run takes.
LONGEST_RUN = 900


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0

    def check(self, name: str, holds: bool, otherwise: object = "") -> None:
        if holds:
            self.passed += 1
            print(f"ok      {name}")
        else:
            self.failed += 1
            print(f"FAILED  {name}: {otherwise}")


@dataclass
class Run:
    """One run that ended: its exit code, its report's cases, and what it printed."""

    code: int
    cases: list[dict[str, Any]]
    said: str

    def verdicts(self) -> dict[str, str]:
        """`pass`, `blocked`, …, or the code of the finding, by check; of several cases the first that does not pass."""
        found: dict[str, str] = {}
        for case in self.cases:
            verdict = (case.get("finding") or {}).get("code") or case["outcome"]
            if found.get(case["check"], "pass") == "pass":
                found[case["check"]] = verdict
        return found

    def reason(self, check_id: str) -> str:
        """Every case of a check, as the report has it."""
        return "\n".join(json.dumps(case) for case in self.cases if case["check"] == check_id)


@dataclass
class Runner:
    """Runs ackcheck, each time in a folder of its own, and keeps every text that it wrote."""

    program: str
    work: Path
    registry: Registry
    name_server: NameServer
    deployment: Deployment
    ca_file: Path
    password_file: Path
    environment: dict[str, str]
    printed: list[str] = field(default_factory=list)

    def run(
        self,
        name: str,
        *options: str,
        ca_file: Path | None = None,
        password_file: Path | None = None,
        host: str = REGISTRY,
        of: Deployment | None = None,
    ) -> Run:
        """Runs on the deployment as it is, but for what is named otherwise."""
        folder = self.work / name
        folder.mkdir()
        site = site_file(
            folder / "ackcheck.toml",
            of or self.deployment,
            self.registry.port,
            self.name_server.port,
            ca_file or self.ca_file,
            password_file or self.password_file,
            host,
        )
        return self.run_site(site, folder, options)

    def run_site(self, site: Path, folder: Path, options: Sequence[str]) -> Run:
        report, junit = folder / "report.json", folder / "report.xml"
        reports = (f"json={report}", f"junit={junit}", "terminal")
        asked = [word for kind in reports for word in ("--report", kind)]
        command = [self.program, "run", "--site", str(site), *asked, *options]
        done = subprocess.run(
            command, capture_output=True, text=True, env=self.environment, timeout=LONGEST_RUN, check=False
        )
        self.printed += [done.stdout, done.stderr]
        self.printed += [file.read_text() for file in (report, junit) if file.exists()]
        cases = json.loads(report.read_text())["cases"] if report.exists() else []
        return Run(done.returncode, cases, done.stdout + done.stderr)


def printed_by(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip()


def expected_docker() -> set[str]:
    """What host-docker must say here, found out without ackcheck."""
    if not shutil.which("docker"):
        return {"client-missing"}
    if subprocess.run(["docker", "info"], capture_output=True, timeout=60, check=False).returncode == 0:
        return {"pass"}
    return {"daemon-down", "socket-denied"}


def expected_host_name() -> set[str]:
    """What host-name must say here, found out without ackcheck."""
    name = printed_by("hostname", "-f")
    own = set(printed_by("hostname", "-I").split())
    if "." not in name:
        return {"not-qualified"}
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(name, None)}
    except OSError:
        found = set()
    if all(address.startswith("127.") or address == "::1" for address in found):
        return {"loopback", "not-own-address"}
    return {"pass"} if found & own else {"not-own-address"}


def expected_limits() -> set[str]:
    """What the kernel gives this account, which owns the data directory; no backend runs."""
    names = {"nofile-low": resource.RLIMIT_NOFILE, "nproc-low": resource.RLIMIT_NPROC}
    hard = {name: resource.getrlimit(number)[1] for name, number in names.items()}
    low = [name for name, limit in hard.items() if limit != resource.RLIM_INFINITY and limit < 65536]
    return {low[0] if low else "pass"}


def expected_disk(work: Path) -> set[str]:
    """What findmnt and statvfs say of the file system of the data directories, which are below `work`."""
    kind = printed_by("findmnt", "--noheadings", "--output", "FSTYPE", "--target", str(work))
    if kind in {"nfs", "nfs4", "cifs", "ceph", "9p"}:
        return {"network-file-system"}
    if kind.startswith("fuse"):
        return {"broken"}
    room = os.statvfs(work)
    if "noexec" in printed_by("findmnt", "--noheadings", "--output", "OPTIONS", "--target", "/tmp").split(","):
        return {"noexec-tmp"}
    if room.f_bavail * 10 < room.f_bavail + room.f_blocks - room.f_bfree:
        return {"space-low"}
    return {"inodes-low"} if room.f_favail * 10 < room.f_files else {"pass"}


def expected_user() -> set[str]:
    """Of whom the data directories are, by the password database."""
    if os.geteuid() == 0:
        return {"root"}
    try:
        home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError:
        return {"home-missing"}
    return {"pass" if home.is_dir() else "home-missing"}


def expected_driver() -> set[str]:
    """What this host makes of the name that the settings of DSS give to Spark's executors."""
    try:
        socket.getaddrinfo("dss.lab.internal", None)
    except OSError:
        return {"unresolvable"}
    return {"pass", "loopback", "not-own-address"}


def expected_of_this_host(work: Path) -> dict[str, set[str]]:
    return {
        # No backend runs.
        # In a container not every process is seen.
        "dss-running": {"down", "broken"},
        "ext-host-live": {"not-applicable"},
        "hadoop-jars-loaded": {"not-applicable"},
        "host-disk": expected_disk(work),
        "host-docker": expected_docker(),
        "host-java": expected_java(),
        "host-limits": expected_limits(),
        "host-memory": expected_memory(),
        "host-name": expected_host_name(),
        "host-python": expected_python(),
        "host-user": expected_user(),
        "spark-driver-host": expected_driver(),
    }


def environment(work: Path) -> dict[str, str]:
    """Folders of the runs' own, and nothing else of this shell."""
    folders = {"TMPDIR": work / "tmp", "HOME": work / "home"}
    for folder in folders.values():
        folder.mkdir()
    return {"PATH": os.environ["PATH"]} | {name: str(folder) for name, folder in folders.items()}
