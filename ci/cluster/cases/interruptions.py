"""What happens while a run goes on."""

import random
import signal
from collections import Counter
from dataclasses import dataclass, field

from cluster import Cluster
from machine import until
from row import Row
from run import Run, labelled, objects

from cases.case import acts

MOMENTS = 20
# Runs at once: what takes long is the kubelet's removing of pods, and that goes side by side.
AT_ONCE = 2
# A run may end before its moment comes; another is started then, so many at the most.
MOST_RUNS = 3 * MOMENTS


def clean_up(cluster: Cluster, *arguments: str) -> list[str]:
    """`ackcheck cleanup`, which must succeed."""
    done = Run(cluster, "cleanup", arguments).wait()
    return [] if done.code == 0 else [f"cleanup ended with {done.code}: {done.output()[-300:]}"]


def clean_up_all(cluster: Cluster) -> list[str]:
    """`ackcheck cleanup`, and what is there after it."""
    return clean_up(cluster) + [f"cleanup left {thing}" for thing in objects(cluster)]


def runs_with_leftovers(cluster: Cluster) -> set[str]:
    return {item["metadata"]["labels"]["ackcheck-run"] for item in labelled(cluster)}


def clean_up_each(cluster: Cluster) -> list[str]:
    """`ackcheck cleanup --run ID` for one run that left something: what another left stays."""
    runs = runs_with_leftovers(cluster)
    wrong = []
    if len(runs) > 1:
        first, *others = sorted(runs)
        wrong += clean_up(cluster, "--run", first)
        left = runs_with_leftovers(cluster)
        wrong += [] if left == set(others) else [f"cleanup --run {first} left those of {left}, not of {others}"]
    return wrong + clean_up_all(cluster)


@acts("API server stopped during the run, started again, then cleanup", exit=2)
def api_server_stops(cluster: Cluster, row: Row) -> list[str]:
    run = Run(cluster)
    until(lambda: run.says("pass node-takes-pods"), 300, "no pod started")
    cluster.control_plane.api_server.signal(signal.SIGKILL)
    run.wait()
    cluster.restart_api_server()
    told = run.told()
    row.tell(run)
    wrong = [] if run.code == 2 else [f"the exit code is {run.code}, not 2"]
    # Nothing of the deployment failed: what could not be asked any more is not said to hold, nor to fail.
    unjudged = ("broken", "timed-out", "blocked")
    wrong += [f"{name} is said to be {word}" for name, word in told.items() if word not in unjudged]
    wrong += [] if run.report and run.report["left_behind"] else ["the report names nothing that was left behind"]
    return wrong + clean_up_all(cluster)


@dataclass
class Interruptions:
    """Runs that get a signal at random moments of their time; `cleanup` after them."""

    cluster: Cluster
    number: int
    codes: set[int]
    # Seconds of the quickest run seen: moments beyond it would miss every run.
    whole: float
    ended: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    left: int = 0

    def stop_some(self, moments: random.Random) -> None:
        """Starts runs together and signals each at a moment of its own."""
        runs = [Run(self.cluster) for _ in range(AT_ONCE)]
        chosen = sorted(moments.uniform(0, self.whole) for _ in runs)
        for run, moment in zip(runs, chosen, strict=True):
            run.outlast(moment)
            run.signal(self.number)
        for run, moment in zip(runs, chosen, strict=True):
            self.note(run.wait(), moment)
        found = objects(self.cluster)
        self.left += len(found)
        after = " and ".join(f"{moment:.2f} s" for moment in chosen)
        if self.number == signal.SIGINT:
            self.wrong += [f"stopped after {after}, the runs left {thing}" for thing in found]
        self.wrong += [f"stopped after {after}: {sentence}" for sentence in clean_up_each(self.cluster)]

    def note(self, run: Run, moment: float) -> None:
        self.ended[run.code] += 1
        if run.code == 0:
            self.whole = min(self.whole, run.verdicts_after)
        elif run.code not in self.codes:
            failed = {name: case["finding"]["seen"] for name, case in run.cases().items() if case.get("finding")}
            self.wrong.append(f"stopped after {moment:.2f} s, it ended with {run.code}: {failed}")

    @property
    def stopped(self) -> int:
        """Runs that a signal ended."""
        return self.ended.total() - self.ended[0]


def interrupted(cluster: Cluster, row: Row, number: int, code: int) -> list[str]:
    """Interrupts runs until `MOMENTS` of them were stopped by the signal."""
    together = [Run(cluster) for _ in range(AT_ONCE)]
    whole = min(run.wait().verdicts_after for run in together)
    runs = Interruptions(cluster, number, {code}, whole)
    moments = random.Random(number)
    while runs.stopped < MOMENTS and runs.ended.total() < MOST_RUNS:
        runs.stop_some(moments)
    if not runs.stopped:
        runs.wrong.append(f"none of {MOST_RUNS} runs was stopped")
    row.code = " ".join(f"{code}:{times}" for code, times in sorted(runs.ended.items()))
    row.got = f"{runs.stopped} runs stopped; {runs.left} objects before cleanup, 0 after"
    return runs.wrong


@acts("SIGINT at 20 random moments, cleanup after each", exit=130)
def sigint(cluster: Cluster, row: Row) -> list[str]:
    return interrupted(cluster, row, signal.SIGINT, 130)


@acts("SIGKILL at 20 random moments, cleanup after each", exit=137)
def sigkill(cluster: Cluster, row: Row) -> list[str]:
    wrong = interrupted(cluster, row, signal.SIGKILL, 137)
    cluster.registry.purge_uploads()
    return wrong


@acts("two runs at once")
def two_runs(cluster: Cluster, row: Row) -> list[str]:
    for run in [Run(cluster), Run(cluster)]:
        row.judge(run.wait())
    return []


@acts("a node added during the run")
def node_added(cluster: Cluster, row: Row) -> list[str]:
    node = cluster.prepare_node()
    try:
        run = Run(cluster)
        until(lambda: run.says("pass cluster-answers"), 300, "the run does not begin")
        node.kubelet.start()
        row.judge(run.wait())
        cluster.await_nodes()
    finally:
        cluster.remove_last_node()
    return []


CASES = [api_server_stops, sigint, sigkill, two_runs, node_added]
