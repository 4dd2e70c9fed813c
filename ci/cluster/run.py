"""One run of ackcheck on the DSS host, and what it leaves."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from api import Item
from cluster import Cluster
from machine import Process, TroubleError
from network import node_name

# The word of each case that does not pass, by its name.
Told = dict[str, str]

# ackcheck is root here and DSS is not, in whose place alone it starts Hadoop.
NEVER_ASKED = {f"hadoop-read-write[bucket {bucket}]" for bucket in ("lab-dss-data", "lab-dss-exchange")}

NODE_ALIASES = {node_name(number): f"node{number}" for number in range(1, 10)}


class Run:
    """ackcheck, started on the DSS host. Its output and reports are kept below the cluster's folder."""

    def __init__(
        self, cluster: Cluster, command: str = "run", arguments: Sequence[str] = (), site: Path | None = None
    ) -> None:
        folder = new_folder(cluster)
        self.report_file = folder / "report.json"
        self.log = folder / "output"
        words: list[str | Path] = [
            cluster.program,
            command,
            "--site",
            site or cluster.dss.folder / "ackcheck.toml",
            *arguments,
        ]
        if command == "run":
            kept = {"json": self.report_file, "junit": folder / "report.xml", "terminal": folder / "report.txt"}
            words += [word for kind, file in kept.items() for word in ("--report", f"{kind}={file}")]
        self.began = time.monotonic()
        self.outside = cluster.dss.machine.spawn(words, self.log)
        self.process = Process(cluster.folder / "processes" / f"dss.ackcheck-{folder.name}")
        self.process.adopt(self.outside)
        self.code = 0
        self.report: dict[str, Any] | None = None
        # Seconds.
        self.verdicts_after = 0.0
        self.watcher = threading.Thread(target=self.watch)
        self.watcher.start()

    def watch(self) -> None:
        """Notes when the verdicts were all there: what follows is only removing."""
        while self.outside.poll() is None:
            if not self.verdicts_after and self.says("removing what this run created"):
                self.verdicts_after = time.monotonic() - self.began
            time.sleep(0.02)

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def outlast(self, seconds: float) -> None:
        """Waits until it has run for this long, or has ended."""
        self.watcher.join(max(0, self.began + seconds - time.monotonic()))

    def says(self, text: str) -> bool:
        return text in self.output()

    def signal(self, number: int) -> None:
        self.process.signal(number)

    def wait(self, seconds: float = 900) -> "Run":
        self.watcher.join(seconds)
        if self.watcher.is_alive():
            self.process.stop()
            raise TroubleError(f"ackcheck did not end within {seconds} s; it was killed")
        self.process.file.unlink(missing_ok=True)
        # As a shell tells it.
        self.code = self.outside.returncode if self.outside.returncode >= 0 else 128 - self.outside.returncode
        self.report = json.loads(self.report_file.read_text()) if self.report_file.exists() else None
        return self

    def told(self) -> Told:
        """Every case that does not pass, with its word; without those that this cluster can never have asked."""
        if self.report is None:
            return {"report": "none"}
        told = {name: word(case) for name, case in self.cases().items() if case["outcome"] != "pass"}
        return {name: said for name, said in told.items() if (name in NEVER_ASKED, said) != (True, "not-applicable")}

    def cases(self) -> dict[str, Item]:
        """The report's cases, by check and node."""
        return {name_of(case): case for case in self.report["cases"]} if self.report else {}

    def story(self, name: str) -> Iterator[str]:
        """What a case saw and how it came to it, in lines: for a verdict that nobody expected."""
        case = self.cases().get(name)
        if not case or case["outcome"] == "blocked":
            return
        yield (case.get("finding") or {}).get("seen") or case.get("reason") or case["outcome"]
        for evidence in case["evidence"]:
            yield f"{evidence['vantage']}: {evidence['asked']} -> {evidence['answered']} ({evidence['took_ms']:.0f} ms)"


def new_folder(cluster: Cluster) -> Path:
    """A folder for the files of one more run."""
    runs = cluster.folder / "runs"
    runs.mkdir(exist_ok=True)
    folder = runs / str(1 + len(list(runs.iterdir())))
    folder.mkdir()
    return folder


def texts(cluster: Cluster) -> Iterator[str]:
    """Everything that ackcheck wrote there, in all its runs."""
    for file in (cluster.folder / "runs").glob("*/*"):
        yield file.read_text(errors="replace")


def word(case: Item) -> str:
    """The code of a case's finding, or its outcome where that is not a finding."""
    said: str = (case.get("finding") or {}).get("code") or case["outcome"]
    return said


def name_of(case: Item) -> str:
    """`registry-pull[node1]`, `oss-write[bucket lab-dss-data]`, or the check alone."""
    check: str = case["check"]
    subject = case["subject"]
    if subject is None:
        return check
    name = NODE_ALIASES.get(subject["name"], subject["name"])
    return f"{check}[{name}]" if subject["kind"] == "node" else f"{check}[{subject['kind']} {name}]"


KINDS = (
    "/api/v1/pods",
    "/api/v1/configmaps",
    "/api/v1/secrets",
    "/api/v1/services",
    "/api/v1/serviceaccounts",
    "/apis/batch/v1/jobs",
    "/apis/apps/v1/deployments",
    "/apis/apps/v1/daemonsets",
    "/apis/rbac.authorization.k8s.io/v1/roles",
    "/apis/rbac.authorization.k8s.io/v1/rolebindings",
    "/apis/coordination.k8s.io/v1/leases",
    "/api/v1/namespaces",
)


def labelled(cluster: Cluster) -> list[Item]:
    """The objects of ackcheck in the cluster."""
    chosen = "labelSelector=app.kubernetes.io/managed-by%3Dackcheck"
    return [
        {"kind": path.rpartition("/")[2], **item} for path in KINDS for item in cluster.api.items(f"{path}?{chosen}")
    ]


def objects(cluster: Cluster) -> list[str]:
    """What they are called."""
    return [f"{item['kind']}/{item['metadata']['name']}" for item in labelled(cluster)]
