"""Runs every acceptance case on a real cluster, each from breaking to counting what is left, and prints a table.

usage: acceptance.py PROGRAM [--here] [WORD...]
WORDs choose the cases whose title has one of them. --here uses the cluster that ci/cluster/up brought up, and leaves it."""

import contextlib
import importlib
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from cases import CASES  # noqa: E402
from cluster import VERSION, Cluster  # noqa: E402
from machine import Skip, Trouble, until  # noqa: E402
from run import Run, objects, unaccounted  # noqa: E402

# In the order in which they are run.
FILES = ("healthy", "dns", "ports", "images", "nodes", "account", "interruptions")
# A run that has ended has removed its objects; the API server may still be writing that down.
GRACE = 2
# Of what a run saw and nobody expected, in characters.
LONGEST_LINE = 400
COLUMNS = "{:7} {:67} {:>8} {:>8} {:>5}  {}"


class Row:
    """A case's line of the table, as it comes to be."""

    def __init__(self, case, cluster):
        self.case, self.cluster = case, cluster
        self.got, self.code, self.wrong, self.left = "", "", [], []
        self.began = time.monotonic()

    def run(self, **how):
        """Runs ackcheck to its end and compares what it tells with what the case expects."""
        return self.judge(Run(self.cluster, **how).wait())

    def judge(self, run):
        self.tell(run)
        told = run.told()
        if run.code != self.case.exit:
            self.wrong.append(f"the exit code is {run.code}, not {self.case.exit}")
        for name in sorted(told.keys() | self.case.expected.keys()):
            if told.get(name, "pass") != self.case.expected.get(name, "pass"):
                self.wrong.append(f"{name}: {told.get(name, 'pass')}, not {self.case.expected.get(name, 'pass')}")
                self.wrong += [f"  {line[:LONGEST_LINE]}" for line in run.story(name)]
        return run

    def tell(self, run):
        """Shows what a run told, without judging it."""
        self.code, self.got = run.code, words(run.told())

    def lines(self):
        word = "FAILED" if self.wrong else "ok"
        seconds = f"{time.monotonic() - self.began:.1f}"
        expected = words(self.case.expected) if self.case.expected or not self.got else self.got
        shown = self.got if self.wrong or self.got == expected else f"{expected}; got: {self.got}"
        yield COLUMNS.format(word, self.case.title, str(self.code), seconds, str(len(self.left)), shown or "all pass")
        for sentence in self.wrong:
            yield f"        {sentence}"


def words(told):
    """What does not pass, in a line: nodes of a check joined."""
    joined = {}
    for name, word in sorted(told.items()):
        check, _, node = name.partition("[")
        joined.setdefault((check, word), []).append(node.rstrip("]"))
    findings = [f"{check}/{word}" + (f"[{' '.join(nodes)}]" if nodes[0] else "")
                for (check, word), nodes in joined.items() if word != "blocked"]
    blocked = sum(len(nodes) for (_, word), nodes in joined.items() if word == "blocked")
    return ", ".join(findings + [f"{blocked} blocked"] * bool(blocked)) or "all pass"


def perform(case, cluster):
    row = Row(case, cluster)
    try:
        if case.acts_alone:
            row.wrong += case.act(cluster, row) or []
        else:
            breaking = case.act(cluster)
            how = next(breaking)
            try:
                row.run(**(how or {}))
            finally:
                # Whatever became of the run: the next case needs a whole cluster.
                next(breaking, None)
        with contextlib.suppress(Trouble):
            until(lambda: not objects(cluster), GRACE, "")
        row.left = objects(cluster) + unaccounted(cluster.registry)
        row.wrong += [f"left behind: {thing}" for thing in row.left]
    except Skip:
        raise
    except Exception as trouble:  # One case must not keep the others from being asked.
        row.wrong.append(str(trouble) if isinstance(trouble, Trouble) else traceback.format_exc())
    return row


def leaks(cluster):
    """How many texts that ackcheck wrote hold a secret of the deployment: each has this word in it."""
    return sum("CANARY".lower() in text.lower() for text in Run.printed)


def main(program, *words_wanted):
    here = "--here" in words_wanted
    wanted = [word for word in words_wanted if word != "--here"]
    for name in FILES:
        importlib.import_module(f"cases.{name}")
    cluster = Cluster() if here else Cluster(Path(tempfile.mkdtemp(prefix="ackcheck-acceptance-")).resolve())
    # To be ended is to take the cluster down first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if here and not cluster.facts.exists():
        sys.exit("no cluster is up: ci/cluster/up brings one up")
    tally = {"passed": 0, "failed": 0, "skipped": 0}
    try:
        if not here:
            began = time.monotonic()
            cluster.up(Path(program).resolve())
            print(f"Kubernetes {VERSION}, {len(cluster.nodes)} nodes: up after {time.monotonic() - began:.0f} s")
        cluster.program = program
        print(COLUMNS.format("", "case", "exit", "seconds", "left", "what does not pass"), flush=True)
        for case in CASES:
            if wanted and not any(word in case.title for word in wanted):
                continue
            try:
                row = perform(case, cluster)
            except Skip as why:
                tally["skipped"] += 1
                print(COLUMNS.format("skipped", case.title, "", "", "", why), flush=True)
                continue
            tally["failed" if row.wrong else "passed"] += 1
            print("\n".join(row.lines()), flush=True)
        found = leaks(cluster)
        tally["failed" if found else "passed"] += 1
        print(COLUMNS.format("FAILED" if found else "ok", "no secret in what ackcheck wrote", "", "", str(found), ""))
    finally:
        if not here:
            cluster.down()
    print(", ".join(f"{count} {what}" for what, count in tally.items()))
    return 1 if tally["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
