"""A case's line of the acceptance table, as it comes to be."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from cluster import Cluster
from run import Run, Told

# Of what a run saw and nobody expected, in characters.
LONGEST_LINE = 400
COLUMNS = "{:7} {:67} {:>8} {:>8} {:>5}  {}"
HEADER = COLUMNS.format("", "case", "exit", "seconds", "left", "what does not pass")


class Row:
    """What a case expects, and what came of it. Seconds are only shown: nothing fails on a time."""

    def __init__(self, cluster: Cluster, title: str, code: int, expected: Mapping[str, str]) -> None:
        self.cluster = cluster
        self.title = title
        self.expected_code = code
        self.expected = dict(expected)
        self.got = ""
        self.code = ""
        self.wrong: list[str] = []
        self.left: list[str] = []
        self.began = time.monotonic()

    def run(self, site: Path | None = None) -> Run:
        """Runs ackcheck to its end and compares what it tells with what the case expects."""
        return self.judge(Run(self.cluster, site=site).wait())

    def judge(self, run: Run) -> Run:
        self.tell(run)
        told = run.told()
        if run.code != self.expected_code:
            self.wrong.append(f"the exit code is {run.code}, not {self.expected_code}")
        for name in sorted(told.keys() | self.expected.keys()):
            got, expected = told.get(name, "pass"), self.expected.get(name, "pass")
            if got != expected:
                self.wrong.append(f"{name}: {got}, not {expected}")
                self.wrong += [f"  {line[:LONGEST_LINE]}" for line in run.story(name)]
        return run

    def tell(self, run: Run) -> None:
        """Shows what a run told, without judging it."""
        self.code = str(run.code)
        self.got = words(run.told())

    def lines(self) -> Iterator[str]:
        mark = "FAILED" if self.wrong else "ok"
        seconds = f"{time.monotonic() - self.began:.1f}"
        expected = words(self.expected) if self.expected or not self.got else self.got
        shown = self.got if self.wrong or self.got == expected else f"{expected}; got: {self.got}"
        yield COLUMNS.format(mark, self.title, self.code, seconds, str(len(self.left)), shown or "all pass")
        for sentence in self.wrong:
            yield f"        {sentence}"


def words(told: Told) -> str:
    """What does not pass, in a line: nodes of a check joined."""
    joined: dict[tuple[str, str], list[str]] = {}
    for name, said in sorted(told.items()):
        check, _, node = name.partition("[")
        joined.setdefault((check, said), []).append(node.rstrip("]"))
    findings = [
        f"{check}/{said}" + (f"[{' '.join(nodes)}]" if nodes[0] else "")
        for (check, said), nodes in joined.items()
        if said != "blocked"
    ]
    blocked = sum(len(nodes) for (_, said), nodes in joined.items() if said == "blocked")
    return ", ".join(findings + [f"{blocked} blocked"] * bool(blocked)) or "all pass"
