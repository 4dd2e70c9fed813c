"""Runs `ackcheck run --lab --nodes N` for growing N: time and memory, whole and for each node.

Times are shown, and what one more node takes among many beside what it takes among few; nothing fails on them.

Usage: scale.py PROGRAM
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass

# What the project promises of the lab, the run and the report in one process; the time on two idle cores.
NODES = 5000
WALL_SECONDS = 60
PEAK_MIB = 300
# How much more memory one more node may cost in the larger half of the curve than in the smaller.
FLAT = 1.5
CURVE = [3, 100, 1000, NODES]


@dataclass
class Point:
    """One run: seconds of the wall's clock and of the processor, peak memory in MiB, and the exit code."""

    wall: float
    processor: float
    peak: float
    code: int


def one(program: str, nodes: int) -> Point:
    arguments = [program, "run", "--lab", "--nodes", str(nodes)]
    began = time.monotonic()
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    return Point(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode)


def growth(few: float, some: float, many: float) -> float:
    """How many times as much one more node costs from 1,000 to `NODES` as from 100 to 1,000."""
    return ((many - some) / (NODES - 1000)) / max((some - few) / 900, 1e-9)


def main(program: str) -> int:
    curve = {nodes: one(program, nodes) for nodes in CURVE}
    base = curve[CURVE[0]]
    print(f"{'nodes':>6} {'wall s':>8} {'cpu s':>8} {'peak MiB':>9} {'cpu ms a node':>14} {'KiB a node':>11}")
    for nodes, point in curve.items():
        line = f"{nodes:6} {point.wall:8.2f} {point.processor:8.2f} {point.peak:9.1f}"
        if nodes > CURVE[0]:
            more = nodes - CURVE[0]
            each = (point.processor - base.processor) / more * 1000, (point.peak - base.peak) / more * 1024
            line += f" {each[0]:14.2f} {each[1]:11.1f}"
        print(line)
    few, some, many = (curve[nodes] for nodes in (100, 1000, NODES))
    time_growth = growth(few.processor, some.processor, many.processor)
    memory_growth = growth(few.peak, some.peak, many.peak)
    print(f"shown  {NODES} nodes in {many.wall:.1f} s; {WALL_SECONDS} s on idle cores")
    print(f"shown  one more node among many takes {time_growth:.2f} times the processor's time of one among few")
    promises = {
        f"{NODES} nodes in {many.peak:.0f} MiB, promised {PEAK_MIB} MiB": many.peak <= PEAK_MIB,
        f"one more node costs {memory_growth:.2f} times the memory, promised {FLAT}": memory_growth <= FLAT,
        "every run ended with 0": all(point.code == 0 for point in curve.values()),
    }
    for promise, holds in promises.items():
        print(f"{'held  ' if holds else 'BROKEN'} {promise}")
    print(f"{sum(promises.values())} passed, {len(promises) - sum(promises.values())} failed")
    return 0 if all(promises.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
