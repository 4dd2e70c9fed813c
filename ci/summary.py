"""Judges what the suites of `.ci/run` printed: what passed, what failed, what was skipped and whether it may be.

Usage: summary.py FOLDER: FOLDER/suites has a line for each suite that ran, `NAME<tab>EXIT CODE<tab>SECONDS`, and
FOLDER/NAME.log is what it printed.

A suite may end in `N passed, N failed[, N skipped]`; without such a line it counts as one. What it skipped it names in
lines of its own, `SKIPPED SUITE/NAME: REASON`. ci/suites lists the suites that must run, and ci/may-skip what may be
skipped, so that nothing vanishes without an edit that a reviewer sees.
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

HERE = Path(__file__).parent
TALLY = re.compile(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?")
SKIPPED = re.compile(r"SKIPPED (\S+/\S+): (.+)")


@dataclass
class Suite:
    """What one suite came to."""

    name: str
    seconds: int
    passed: int
    failed: int
    # Reasons by name.
    skipped: dict[str, str]
    complaints: list[str] = field(default_factory=list)

    def line(self) -> str:
        counts = f"{self.passed:5} passed {self.failed:3} failed {len(self.skipped):3} skipped"
        return f"{self.name:24} {counts} {self.seconds:5} s"


def read_suite(name: str, code: int, seconds: int, printed: str) -> Suite:
    """Counts what a suite printed. What it cannot account for is a complaint."""
    lines = [line.strip() for line in printed.splitlines()]
    tallies = [found for found in map(TALLY.fullmatch, lines) if found]
    skipped = {found[1]: found[2] for found in map(SKIPPED.fullmatch, lines) if found}
    if tallies:
        passed, failed, counted = (int(number or 0) for number in tallies[-1].groups())
    else:
        passed, failed, counted = int(code == 0), int(code != 0), len(skipped)
    suite = Suite(name, seconds, passed, failed, skipped)
    if code != 0 and failed == 0:
        suite.complaints.append(f"ended with {code}, and says of nothing that it failed")
    if counted > len(skipped):
        suite.complaints.append(f"skipped {counted}, and names {len(skipped)} of them")
    if passed == failed == counted == 0:
        suite.complaints.append("tested nothing and skipped nothing")
    return suite


def read_allowed(text: str) -> dict[str, str]:
    """ci/may-skip: in each line the pattern of a name, then why it may be skipped. Others are comments."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {pattern: why.strip() for pattern, why in (line.split(maxsplit=1) for line in lines)}


def allowed_because(name: str, allowed: dict[str, str]) -> str | None:
    """Why this may be skipped; nothing where it may not."""
    return next((why for pattern, why in allowed.items() if fnmatchcase(name, pattern)), None)


def complaints(suites: list[Suite], expected: Iterable[str], allowed: dict[str, str]) -> list[str]:
    """What fails the run besides the failures that suites counted."""
    ran = [suite.name for suite in suites]
    listed = list(expected)
    found = [f"{suite.name}: {complaint}" for suite in suites for complaint in suite.complaints]
    found += [f"{name}: it is on ci/suites and did not run" for name in listed if name not in ran]
    found += [f"{name}: it is not on ci/suites" for name in ran if name not in listed]
    found += [
        f"{name}: skipped, and not on ci/may-skip"
        for suite in suites
        for name in suite.skipped
        if allowed_because(name, allowed) is None
    ]
    return found


def summarise(suites: list[Suite], expected: Iterable[str], allowed: dict[str, str]) -> tuple[list[str], bool]:
    """The lines to print, of which the last counts everything, and whether the run passed."""
    wrong = complaints(suites, expected, allowed)
    lines = [suite.line() for suite in suites]
    skips = [(name, reason) for suite in suites for name, reason in suite.skipped.items()]
    if skips:
        lines += ["", "skipped:"]
    for name, reason in skips:
        why = allowed_because(name, allowed)
        lines += [f"  {name}: {reason}", f"    {'NOT ALLOWED' if why is None else f'allowed: {why}'}"]
    if wrong:
        lines += ["", "wrong besides what the suites counted:", *(f"  {sentence}" for sentence in wrong)]
    failed = sum(suite.failed for suite in suites) + len(wrong)
    passed = sum(suite.passed for suite in suites)
    lines += ["", f"{passed} passed, {failed} failed, {len(skips)} skipped"]
    return lines, failed == 0


def main(folder: Path) -> int:
    suites = []
    for line in (folder / "suites").read_text().splitlines():
        name, code, seconds = line.split("\t")
        printed = (folder / f"{name}.log").read_text(errors="replace")
        suites.append(read_suite(name, int(code), int(seconds), printed))
    expected = (HERE / "suites").read_text().split()
    lines, passed = summarise(suites, expected, read_allowed((HERE / "may-skip").read_text()))
    print("\n".join(lines))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
