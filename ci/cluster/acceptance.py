"""Runs every acceptance case on a real cluster and prints a table.

usage: acceptance.py PROGRAM [WORD...]   the cases whose title has one of the words; all where none is given
A cluster that is up already is used, and stays."""

import contextlib
import importlib
import inspect
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from cases import CASES  # noqa: E402
from cluster import Cluster  # noqa: E402
from machine import Skip, Trouble, until  # noqa: E402
from run import Run, objects, unaccounted  # noqa: E402

# In the order in which they are run.
FILES = ("healthy", "dns", "ports", "images", "nodes", "account", "interruptions")
# A run that has ended has removed its objects; the API server may still be writing that down.
GRACE = 2


class Row:
    """A case's line of the table."""

    def __init__(self, case):
        self.case, self.got, self.code, self.wrong, self.left = case, "", "", [], []
        self.began = time.monotonic()

    def tell(self, run):
        self.code, self.got = run.code, words(run.told())

    def judge(self, run):
        """Compares a run with what the case expects."""
        self.tell(run)
        told = run.told()
        if run.code != self.case.exit:
            self.wrong.append(f"the exit code is {run.code}, not {self.case.exit}")
        for name in sorted(told.keys() | self.case.expected.keys()):
            if told.get(name, "pass") != self.case.expected.get(name, "pass"):
                self.wrong.append(f"{name}: {told.get(name, 'pass')}, not {self.case.expected.get(name, 'pass')}")

    def line(self, verdict):
        expected = words(self.case.expected)
        if self.case.act_alone:
            expected = inspect.getdoc(self.case.act) or expected
        return (f"{verdict:7} {self.case.title}\n        expected  exit {self.case.exit}: {expected}\n"
                f"        got       exit {self.code}: {self.got}; {time.monotonic() - self.began:.1f} s, "
                f"left: {', '.join(self.left) or 0}")


def words(told):
    """What does not pass, in a line: nodes of a check joined."""
    joined = {}
    for name, word in told.items():
        check, _, node = name.partition("[")
        joined.setdefault((check, word), []).append(node.rstrip("]"))
    if not joined:
        return "all pass"
    part = lambda key, nodes: f"{key[0]}/{key[1]}" + (f"[{' '.join(nodes)}]" if nodes[0] else "")
    findings = [part(key, nodes) for key, nodes in joined.items() if key[1] != "blocked"]
    blocked = sum(len(nodes) for key, nodes in joined.items() if key[1] == "blocked")
    return ", ".join(findings) + (f", {blocked} blocked" if blocked else "")


def perform(case, cluster):
    """One case from breaking to counting what is left."""
    row = Row(case)
    try:
        if case.act_alone:
            row.wrong += case.act(cluster, row) or []
        else:
            breaking = case.act(cluster)
            arguments = next(breaking)
            try:
                row.judge(Run(cluster, **(arguments or {})).wait())
            finally:
                next(breaking, None)
        with contextlib.suppress(Trouble):
            until(lambda: not objects(cluster), GRACE, "")
        row.left = objects(cluster) + unaccounted(cluster.registry)
        row.wrong += [f"left behind: {thing}" for thing in row.left]
    except Skip:
        raise
    except Exception as trouble:  # One case must not keep the others from being asked.
        row.wrong.append(f"{type(trouble).__name__}: {trouble}" if isinstance(trouble, Trouble) else traceback.format_exc())
    return row


def main(program, *wanted):
    for name in FILES:
        importlib.import_module(f"cases.{name}")
    cluster = Cluster()
    was_up = cluster.facts.exists()
    passed, failed, skipped, summary = 0, 0, 0, []
    try:
        if not was_up:
            began = time.monotonic()
            cluster.up(Path(program).resolve())
            print(f"the cluster is up after {time.monotonic() - began:.0f} s", flush=True)
        cluster.program = program
        for case in CASES:
            if wanted and not any(word in case.title for word in wanted):
                continue
            try:
                row = perform(case, cluster)
            except Skip as why:
                skipped += 1
                print(f"skipped {case.title}: {why}", flush=True)
                continue
            passed, failed = passed + (not row.wrong), failed + bool(row.wrong)
            print(row.line("FAILED" if row.wrong else "ok"), flush=True)
            for sentence in row.wrong:
                print(f"        WRONG     {sentence}", flush=True)
    finally:
        if not was_up:
            cluster.down()
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
