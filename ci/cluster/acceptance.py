"""Runs every acceptance case on a real cluster, each from breaking to counting what is left, and prints a table.

usage: acceptance.py PROGRAM [--here] [WORD...]
WORDs choose the cases whose title has one of them. --here uses the cluster that ci/cluster/up brought up, and leaves
it."""

import contextlib
import re
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from cases import CASES
from cases.case import Case
from cluster import VERSION, Cluster
from machine import SkipError, TroubleError, until
from row import COLUMNS, HEADER, Row
from run import objects, texts

# A run that has ended has removed its objects; the API server may still be writing that down. In seconds, and far above
# what it takes.
GRACE = 30


def perform(case: Case, cluster: Cluster) -> Row:
    row = Row(cluster, case.title, case.exit, case.expected)
    try:
        case.perform(cluster, row)
        with contextlib.suppress(TroubleError):
            until(lambda: not objects(cluster), GRACE, "")
        row.left = objects(cluster) + cluster.registry.unaccounted()
        row.wrong += [f"left behind: {thing}" for thing in row.left]
    except SkipError:
        raise
    except TroubleError as trouble:
        row.wrong.append(str(trouble))
    except Exception:  # One case must not keep the others from being asked.
        row.wrong.append(traceback.format_exc())
    return row


def skipped(title: str, why: SkipError) -> str:
    """As .ci/run collects it: see ci/summary.py."""
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return f"SKIPPED acceptance-{VERSION}/{name}: {why}"


def leaks(cluster: Cluster) -> int:
    """How many texts that ackcheck wrote hold a secret of the deployment: each has this word in it."""
    return sum("canary" in text.lower() for text in texts(cluster))


def ask_all(cluster: Cluster, wanted: list[str]) -> Counter[str]:
    """Asks the cases one after the other and prints a line of each; how many passed, failed and were skipped."""
    tally: Counter[str] = Counter()
    print(HEADER, flush=True)
    for case in CASES:
        if wanted and not any(word in case.title for word in wanted):
            continue
        try:
            row = perform(case, cluster)
        except SkipError as why:
            tally["skipped"] += 1
            print(skipped(case.title, why), flush=True)
            continue
        tally["failed" if row.wrong else "passed"] += 1
        print("\n".join(row.lines()), flush=True)
    found = leaks(cluster)
    tally["failed" if found else "passed"] += 1
    print(COLUMNS.format("FAILED" if found else "ok", "no secret in what ackcheck wrote", "", "", str(found), ""))
    return tally


def end_by_signal(number: int, _frame: object) -> None:
    """To be ended is to take the cluster down first."""
    sys.exit(128 + number)


def main(program: str, *arguments: str) -> int:
    here = "--here" in arguments
    wanted = [word for word in arguments if word != "--here"]
    cluster = Cluster() if here else Cluster(Path(tempfile.mkdtemp(prefix="ackcheck-acceptance-")).resolve())
    signal.signal(signal.SIGTERM, end_by_signal)
    if here and not cluster.facts.exists():
        sys.exit("no cluster is up: ci/cluster/up brings one up")
    try:
        if not here:
            began = time.monotonic()
            cluster.up(Path(program).resolve())
            print(f"Kubernetes {VERSION}, {len(cluster.nodes)} nodes: up after {time.monotonic() - began:.0f} s")
        cluster.program = str(Path(program).resolve())
        tally = ask_all(cluster, wanted)
    finally:
        if not here:
            cluster.down()
    print(", ".join(f"{tally[what]} {what}" for what in ("passed", "failed", "skipped")))
    return 1 if tally["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
