"""Runs `ackcheck run --lab` many times: wall time and peak memory (median, worst), and how many runs raised an alarm."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

# What the project promises on two shared cores; the median is held to it, since a neighbour's burst is not ours.
WALL_SECONDS = 1.5
PEAK_MIB = 80


def one(binary, report):
    """Runs once; returns wall seconds, peak MiB, exit code, and the cases that did not pass."""
    arguments = [binary, "run", "--lab", "--quiet", "--report", f"json={report}"]
    began = time.monotonic()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    with open(report, encoding="utf-8") as file:
        cases = json.load(file)["cases"]
    bad = [f"{case['check']} {case['node'] or ''}: {case['outcome']}" for case in cases if case["outcome"] != "pass"]
    return wall, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status), bad, len(cases), said


def main():
    binary, runs = sys.argv[1], int(sys.argv[2])
    walls, peaks, alarms, cases = [], [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        for at in range(runs):
            wall, peak, code, bad, cases, said = one(binary, os.path.join(folder, "run.json"))
            walls.append(wall)
            peaks.append(peak)
            if code != 0 or bad:
                alarms.append((at, code, bad, said))
    for at, code, bad, said in alarms:
        print(f"run {at + 1}: exit {code}: {'; '.join(bad)} {said.strip()[-500:]}")
    print(f"wall   median {statistics.median(walls):.2f} s, worst {max(walls):.2f} s, promised {WALL_SECONDS} s")
    print(f"peak   median {statistics.median(peaks):.0f} MiB, worst {max(peaks):.0f} MiB, promised {PEAK_MIB} MiB")
    print(f"alarms {len(alarms)} in {runs} healthy runs of {cases} cases, promised 0")
    held = [statistics.median(walls) <= WALL_SECONDS, max(peaks) <= PEAK_MIB, not alarms]
    print(f"{sum(held)} passed, {len(held) - sum(held)} failed")
    sys.exit(0 if all(held) else 1)


main()
