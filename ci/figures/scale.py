"""Runs `ackcheck run --lab --nodes N` for growing N: time and memory, whole and for each node."""

import os
import subprocess
import sys
import time

# What the project promises on two shared cores, of the lab, the run and the report in one process.
NODES = 5000
WALL_SECONDS = 60
PEAK_MIB = 300
# How much more one more node may cost in the larger half of the curve than in the smaller.
FLAT = 1.5
CURVE = [3, 100, 500, 1000, 2000, 5000]
# A neighbour's burst is not ours: where a figure does not hold, it is measured again, this often in all.
TRIES = 3


def one(binary, nodes):
    """Runs once; returns wall seconds, seconds of processor, peak MiB, and the exit code."""
    arguments = [binary, "run", "--lab", "--nodes", str(nodes)]
    began = time.monotonic()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def least(before, now):
    """The least of each figure, and the worst exit code."""
    return (*map(min, before[:3], now[:3]), max(before[3], now[3]))


def slope(curve, column, first, last):
    """What one more node costs between two points of the curve."""
    return (curve[last][column] - curve[first][column]) / (last - first)


def growth(curve, column):
    """How many times as much one more node costs from 1,000 to 5,000 as from 100 to 1,000."""
    return slope(curve, column, 1000, 5000) / max(slope(curve, column, 100, 1000), 1e-9)


def held(curve):
    """Every promise, with whether it holds."""
    wall, _, peak, _ = curve[NODES]
    return {
        f"{NODES} nodes in {wall:.1f} s, promised {WALL_SECONDS} s": wall <= WALL_SECONDS,
        f"{NODES} nodes in {peak:.0f} MiB, promised {PEAK_MIB} MiB": peak <= PEAK_MIB,
        f"one more node costs {growth(curve, 1):.2f} times the time, promised {FLAT}": growth(curve, 1) <= FLAT,
        f"one more node costs {growth(curve, 2):.2f} times the memory, promised {FLAT}": growth(curve, 2) <= FLAT,
        "every run ended with 0": all(point[3] == 0 for point in curve.values()),
    }


def main():
    binary = sys.argv[1]
    curve = {nodes: one(binary, nodes) for nodes in CURVE}
    for _ in range(TRIES - 1):
        if all(held(curve).values()):
            break
        curve = {nodes: least(curve[nodes], one(binary, nodes)) for nodes in CURVE}
    print(f"{'nodes':>6} {'wall s':>8} {'cpu s':>8} {'peak MiB':>9} {'cpu ms a node':>14} {'KiB a node':>11}")
    _, base_cpu, base_peak, _ = curve[CURVE[0]]
    for nodes, (wall, cpu, peak, _) in curve.items():
        more = nodes - CURVE[0]
        each = f"{(cpu - base_cpu) / more * 1000:14.2f} {(peak - base_peak) / more * 1024:11.1f}" if more else ""
        print(f"{nodes:6} {wall:8.2f} {cpu:8.2f} {peak:9.1f} {each}")
    promises = held(curve)
    for promise, holds in promises.items():
        print(f"{'held  ' if holds else 'BROKEN'} {promise}")
    print(f"{sum(promises.values())} passed, {len(promises) - sum(promises.values())} failed")
    sys.exit(0 if all(promises.values()) else 1)


main()
