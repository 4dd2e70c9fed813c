"""What happens while a run goes on."""

import random
import signal
from collections import Counter

from cases import case
from machine import until
from run import Run, labelled, objects

MOMENTS = 20
# Runs at once: what takes long is the kubelet's removing of pods, and that goes side by side.
AT_ONCE = 2


def clean_up(cluster, *arguments):
    """`ackcheck cleanup`, which must succeed."""
    done = Run(cluster, "cleanup", arguments).wait()
    return [] if done.code == 0 else [f"cleanup ended with {done.code}: {done.output()[-300:]}"]


def clean_up_all(cluster):
    """`ackcheck cleanup`, and what is there after it."""
    return clean_up(cluster) + [f"cleanup left {thing}" for thing in objects(cluster)]


def clean_up_each(cluster):
    """`ackcheck cleanup --run ID` for one run that left something: what another left stays."""
    runs = {item["metadata"]["labels"]["ackcheck-run"] for item in labelled(cluster)}
    wrong = []
    if len(runs) > 1:
        first, *others = sorted(runs)
        wrong += clean_up(cluster, "--run", first)
        left = {item["metadata"]["labels"]["ackcheck-run"] for item in labelled(cluster)}
        wrong += [] if left == set(others) else [f"cleanup --run {first} left those of {left}, not of {others}"]
    return wrong + clean_up_all(cluster)


@case("API server stopped during the run, started again, then cleanup", exit=2)
def api_server_stops(cluster, row):
    run = Run(cluster)
    until(lambda: run.says("pass node-takes-pods"), 60, "no pod started")
    cluster.control_plane.api_server.signal(signal.SIGKILL)
    run.wait()
    cluster.restart_api_server()
    told = run.told()
    row.tell(run)
    wrong = [] if run.code == 2 else [f"the exit code is {run.code}, not 2"]
    # Nothing of the deployment failed: what could not be asked any more is not said to hold, nor to fail.
    wrong += [f"{name} is said to be {word}" for name, word in told.items() if word not in ("broken", "timed-out", "blocked")]
    wrong += [] if run.report["left_behind"] else ["the report names nothing that was left behind"]
    return wrong + clean_up_all(cluster)


def interrupted(cluster, row, number, codes):
    """Runs that get a signal at random moments of their time; `cleanup` after them."""
    together = [Run(cluster) for _ in range(AT_ONCE)]
    whole = min(run.wait().verdicts_after for run in together)
    moments = random.Random(number)
    wrong, ended, left = [], Counter(), 0
    for _ in range(0, MOMENTS, AT_ONCE):
        runs = [Run(cluster) for _ in range(AT_ONCE)]
        chosen = sorted(moments.uniform(0, whole) for _ in runs)
        for run, moment in zip(runs, chosen):
            run.outlast(moment)
            run.signal(number)
        for run, moment in zip(runs, chosen):
            run.wait()
            ended[run.code] += 1
            # The first runs may have been slower than most: later moments are not to miss every run.
            if run.code == 0:
                whole = min(whole, run.verdicts_after)
            if run.code not in codes:
                wrong.append(f"stopped after {moment:.2f} s, it ended with {run.code}")
        found = objects(cluster)
        left += len(found)
        after = " and ".join(f"{moment:.2f} s" for moment in chosen)
        if number == signal.SIGINT:
            wrong += [f"stopped after {after}, the runs left {thing}" for thing in found]
        wrong += [f"stopped after {after}: {sentence}" for sentence in clean_up_each(cluster)]
    if ended[0] > MOMENTS / 2:
        wrong.append(f"{ended[0]} of the runs had ended before they could be stopped")
    row.code = " ".join(f"{code}:{times}" for code, times in sorted(ended.items()))
    row.got = f"{MOMENTS} runs stopped; {left} objects before cleanup, 0 after"
    return wrong


@case("SIGINT at 20 random moments, cleanup after each", exit="130")
def sigint(cluster, row):
    return interrupted(cluster, row, signal.SIGINT, {130, 0})


@case("SIGKILL at 20 random moments, cleanup after each", exit="137")
def sigkill(cluster, row):
    wrong = interrupted(cluster, row, signal.SIGKILL, {137, 0})
    cluster.registry.purge_uploads()
    return wrong


@case("two runs at once")
def two_runs(cluster, row):
    runs = [Run(cluster), Run(cluster)]
    for run in runs:
        row.judge(run.wait())


@case("a node added during the run")
def node_added(cluster, row):
    node = cluster.prepare_node()
    try:
        run = Run(cluster)
        until(lambda: run.says("pass cluster-answers"), 30, "the run does not begin")
        node.kubelet.start()
        row.judge(run.wait())
        cluster.await_nodes()
    finally:
        cluster.remove_last_node()
