"""Runs `ackcheck run --lab` many times: wall time and peak memory (median, worst), and how many runs raised an alarm.

Times are shown beside the processor's and beside what starting the program costs, for a loaded machine to be seen as
one; nothing fails on them.

Usage: measure.py PROGRAM RUNS
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

# What the project promises on two idle cores.
WALL_SECONDS = 1.5
PEAK_MIB = 80


@dataclass
class Measured:
    """One run. Seconds of the wall's clock and of the processor, peak memory in MiB, and what was alarming."""

    wall: float
    processor: float
    peak: float
    cases: int
    alarm: str


def one(program: str, report: Path) -> Measured:
    arguments = [program, "run", "--lab", "--quiet", "--report", f"json={report}"]
    began = time.monotonic()
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        said = process.stderr.read() if process.stderr else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    cases = json.loads(report.read_text())["cases"]
    bad = [f"{case['check']} {case['subject'] or ''}: {case['outcome']}" for case in cases if not as_promised(case)]
    alarm = ""
    if process.returncode != 0 or bad:
        alarm = f"exit {process.returncode}: {'; '.join(bad)} {said.strip()[-500:]}"
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, len(cases), alarm)


def as_promised(case: dict[str, object]) -> bool:
    """True for one that passes. In the lab's second bucket no connection of DSS works: Hadoop is not started there."""
    subject = case["subject"]
    bucket = subject.get("name") if isinstance(subject, dict) else None
    idle = (case["check"], bucket) == ("hadoop-read-write", "lab-dss-exchange")
    return case["outcome"] == ("not-applicable" if idle else "pass")


def start_seconds(program: str) -> float:
    """What it takes to start the program and print its list of checks."""
    began = time.monotonic()
    subprocess.run([program, "list"], check=True, stdout=subprocess.DEVNULL, timeout=60)
    return time.monotonic() - began


def main(program: str, runs: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        measured = [one(program, Path(folder, "run.json")) for _ in range(runs)]
    start = statistics.median(start_seconds(program) for _ in range(20))
    alarms = [(at, run.alarm) for at, run in enumerate(measured, 1) if run.alarm]
    for at, alarm in alarms:
        print(f"run {at}: {alarm}")
    wall = statistics.median(run.wall for run in measured)
    processor = statistics.median(run.processor for run in measured)
    peaks = [run.peak for run in measured]
    print(
        f"wall   median {wall:.2f} s, worst {max(run.wall for run in measured):.2f} s; {WALL_SECONDS} s on idle cores"
    )
    print(f"       {wall / processor:.1f} times the processor's {processor:.2f} s, {wall / start:.0f} times `list`")
    print(f"peak   median {statistics.median(peaks):.0f} MiB, worst {max(peaks):.0f} MiB, promised {PEAK_MIB} MiB")
    print(f"alarms {len(alarms)} in {runs} healthy runs of {measured[-1].cases} cases, promised 0")
    held = [max(peaks) <= PEAK_MIB, not alarms]
    print(f"{sum(held)} passed, {len(held) - sum(held)} failed")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
