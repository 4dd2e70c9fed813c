"""What happens while a run goes on."""

import random
import signal

from cases import case
from machine import until
from run import Run, objects

MOMENTS = 20


def clean_up(cluster):
    """`ackcheck cleanup`, which must succeed, and what is there after it."""
    done = Run(cluster, command="cleanup").wait()
    wrong = [] if done.code == 0 else [f"cleanup ended with {done.code}: {done.output()[-300:]}"]
    return wrong + [f"cleanup left {thing}" for thing in objects(cluster)]


@case("API server stopped during the run, started again, then cleanup", exit=2)
def api_server_stops(cluster, row):
    run = Run(cluster)
    until(lambda: run.says("pass node-takes-pods"), 60, "no pod started")
    cluster.control_plane.api_server.signal(signal.SIGKILL)
    run.wait()
    cluster.control_plane.start_api_server()
    told = run.told()
    row.tell(run)
    wrong = [] if run.code == 2 else [f"the exit code is {run.code}, not 2"]
    # Nothing of the deployment failed: what could not be asked any more is not said to hold, nor to fail.
    wrong += [f"{name} is said to be {word}" for name, word in told.items() if word not in ("broken", "timed-out", "blocked")]
    wrong += [] if run.report["left_behind"] else ["the report names nothing that was left behind"]
    return wrong + clean_up(cluster)


def interrupted(cluster, row, number, codes):
    """Runs that get a signal at random moments of their time; `cleanup` after each."""
    whole = Run(cluster).wait()
    moments = random.Random(number)
    wrong, ended, left = [], {}, 0
    for _ in range(MOMENTS):
        moment = moments.uniform(0, whole.verdicts_after * 1.2)
        run = Run(cluster)
        run.outlast(moment)
        run.signal(number)
        run.wait()
        ended[run.code] = ended.get(run.code, 0) + 1
        found = objects(cluster)
        left += len(found)
        if run.code not in codes:
            wrong.append(f"after {moment:.2f} s the run ended with {run.code}")
        if number == signal.SIGINT:
            wrong += [f"stopped after {moment:.2f} s the run left {thing}" for thing in found]
        wrong += [f"stopped after {moment:.2f} s: {sentence}" for sentence in clean_up(cluster)]
    codes = ", ".join(f"{code} {times} times" for code, times in sorted(ended.items()))
    row.got, row.code = f"{MOMENTS} runs; {left} objects there before cleanup, 0 after", codes
    return wrong


@case("SIGINT at 20 random moments, cleanup after each", exit="130, or 0 where all was judged")
def sigint(cluster, row):
    return interrupted(cluster, row, signal.SIGINT, {130, 0})


@case("SIGKILL at 20 random moments, cleanup after each", exit="137, or 0 where it had ended")
def sigkill(cluster, row):
    return interrupted(cluster, row, signal.SIGKILL, {137, -9, 0})


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
