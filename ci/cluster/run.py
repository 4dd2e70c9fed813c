"""One run of ackcheck on the DSS host, and what it leaves."""

import json
import threading
import time
from pathlib import Path

from machine import Process, Trouble
from network import node_name


class Run:
    """ackcheck, started on the DSS host. Its output and report are kept below the cluster's folder."""

    printed = []

    def __init__(self, cluster, command="run", arguments=(), site=None):
        self.cluster = cluster
        runs = cluster.folder / "runs"
        runs.mkdir(exist_ok=True)
        number = 1 + len(list(runs.iterdir()))
        folder = runs / str(number)
        folder.mkdir()
        self.report_file, self.log = folder / "report.json", folder / "output"
        words = [cluster.program, command, "--site", site or cluster.dss.folder / "ackcheck.toml", *arguments]
        if command == "run":
            words += ["--report", f"json={self.report_file}", "--report", f"junit={folder}/report.xml",
                      "--report", f"terminal={folder}/report.txt"]
        self.began = time.monotonic()
        self.outside = cluster.dss.machine.spawn(words, self.log)
        self.process = Process(cluster.folder / "processes" / f"dss.ackcheck-{number}")
        self.process.adopt(self.outside)
        self.verdicts_after = 0
        self.watcher = threading.Thread(target=self.watch)
        self.watcher.start()

    def watch(self):
        """Notes when the verdicts were all there: what follows is only removing."""
        while self.outside.poll() is None:
            if not self.verdicts_after and "removing what this run created" in self.output():
                self.verdicts_after = time.monotonic() - self.began
            time.sleep(0.02)
        self.seconds = time.monotonic() - self.began

    def output(self):
        return self.log.read_text(errors="replace")

    def outlast(self, seconds):
        """Waits until it has run for this long, or has ended."""
        self.watcher.join(max(0, self.began + seconds - time.monotonic()))

    def says(self, text):
        return text in self.output()

    def signal(self, number):
        self.process.signal(number)

    def wait(self, seconds=300):
        self.watcher.join(seconds)
        if self.watcher.is_alive():
            self.process.stop()
            raise Trouble(f"ackcheck did not end within {seconds} s; it was killed")
        self.process.file.unlink(missing_ok=True)
        # As a shell tells it.
        self.code = self.outside.returncode if self.outside.returncode >= 0 else 128 - self.outside.returncode
        for file in self.log.parent.iterdir():
            Run.printed.append(file.read_text(errors="replace"))
        self.report = json.loads(self.report_file.read_text()) if self.report_file.exists() else None
        return self

    def told(self):
        """Every case that does not pass, with its word."""
        if self.report is None:
            return {"report": "none"}
        return {name: (case.get("finding") or {}).get("code") or case["outcome"]
                for name, case in self.cases().items() if case["outcome"] != "pass"}

    def cases(self):
        """The report's cases, by check and node."""
        aliases = {node_name(number): f"node{number}" for number in range(1, 10)}
        named = lambda case: case["check"] + (f"[{aliases.get(case['node'], case['node'])}]" if case["node"] else "")
        return {named(case): case for case in self.report["cases"]} if self.report else {}

    def story(self, name):
        """What a case saw and how it came to it, in lines: for a verdict that nobody expected."""
        case = self.cases().get(name)
        if not case or case["outcome"] == "blocked":
            return
        yield (case.get("finding") or {}).get("seen") or case.get("reason") or case["outcome"]
        for evidence in case["evidence"]:
            yield f"{evidence['seat']}: {evidence['asked']} -> {evidence['answered']} ({evidence['took_ms']:.0f} ms)"


KINDS = ("/api/v1/pods", "/api/v1/configmaps", "/api/v1/secrets", "/api/v1/services", "/api/v1/serviceaccounts",
         "/apis/batch/v1/jobs", "/apis/apps/v1/deployments", "/apis/apps/v1/daemonsets",
         "/apis/rbac.authorization.k8s.io/v1/roles", "/apis/rbac.authorization.k8s.io/v1/rolebindings",
         "/apis/coordination.k8s.io/v1/leases", "/api/v1/namespaces")


def labelled(cluster):
    """The objects of ackcheck in the cluster."""
    found = []
    for path in KINDS:
        for item in cluster.api.get(f"{path}?labelSelector=app.kubernetes.io/managed-by%3Dackcheck")["items"]:
            found.append({"kind": path.rpartition("/")[2], **item})
    return found


def objects(cluster):
    """What they are called."""
    return [f"{item['kind']}/{item['metadata']['name']}" for item in labelled(cluster)]


def unaccounted(registry):
    """What the registry holds that is not the probe's image: one repository, one tag, and the blobs that it names."""
    root = registry.folder / "data/docker/registry/v2"
    tags, blobs, uploads = registry.contents()
    found = [f"repository {name}" for name in tags if name != "dss/ackcheck-probe"]
    names = tags.get("dss/ackcheck-probe", [])
    found += [f"tag {name}" for name in names if not name.startswith("ackcheck-")] + [f"tag {name}" for name in names[1:]]
    found += [f"{uploads} open uploads"] if uploads else []
    accounted = set()
    reach = [link.read_text() for link in root.glob("repositories/dss/ackcheck-probe/_manifests/tags/*/current/link")]
    while reach:
        digest = reach.pop()
        accounted.add(digest)
        blob = Path(root, "blobs/sha256", digest[7:9], digest[7:], "data")
        if blob.stat().st_size < 64 << 10:
            content = json.loads(blob.read_text())
            reach += [entry["digest"] for entry in content.get("manifests", []) + content.get("layers", [])]
            reach += [content["config"]["digest"]] if "digest" in content.get("config", {}) else []
    more = blobs - len(accounted)
    return found + ([f"{more} blobs"] if more else [])
