"""The sweep beside nmap's scans: seconds, what each gets wrong, and the ratios."""

import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from accuracy import ALL, DROPPED, SOME, loses, wrong_ports
from namespaces import HOST, Namespaces

# nmap is not waited for longer.
AT_MOST = 300


@dataclass(frozen=True)
class Case:
    title: str
    rules: Sequence[str]
    lost: Sequence[int]


CASES = [
    Case("nothing filtered", [], []),
    Case("20000-59999 dropped", [DROPPED], SOME),
    Case("the same, and 2 % of all packets", [loses(2), DROPPED], SOME),
    Case("all dropped", ["meta l4proto tcp drop"], ALL),
]


def timed(namespaces: Namespaces, command: Sequence[str]) -> tuple[float, str]:
    """How long a command took where the sweep comes from, and what it printed; nothing where it took too long."""
    began = time.monotonic()
    try:
        inside = namespaces.inside(namespaces.names[0], command)
        said = subprocess.run(inside, capture_output=True, text=True, timeout=AT_MOST, check=False).stdout
    except subprocess.TimeoutExpired:
        said = ""
    return time.monotonic() - began, said


def nmap(namespaces: Namespaces, scan: str, lost: frozenset[int]) -> tuple[float, str]:
    """The seconds of a scan, and in words how many ports it calls filtered that are not, or the reverse."""
    took, said = timed(namespaces, ["nmap", "-n", "-Pn", scan, "-p-", "-T4", HOST])
    if not said:
        return took, f"not done after {AT_MOST} s"
    filtered = re.search(r"(\d+) filtered", said)
    listed = len(re.findall(r"^\d+/tcp +filtered", said, re.MULTILINE))
    count = (int(filtered[1]) if filtered else 0) + listed
    return took, f"{abs(count - len(lost))} wrong"


def main(program: str) -> int:
    print(f"{'case':36} {'sweep':>8} {'wrong':>6}   {'nmap -sS':28} {'nmap -sT':28}")
    with Namespaces() as namespaces:
        for case in CASES:
            namespaces.filter(case.rules)
            lost = frozenset(case.lost)
            took, said = timed(namespaces, [program, "probe", "sweep", HOST, "1-65535"])
            line = f"{case.title:36} {took:7.1f}s {wrong_ports(said, lost):6}  "
            for scan in ("-sS", "-sT"):
                theirs, words = nmap(namespaces, scan, lost)
                line += f" {f'{theirs:.1f} s ({took / theirs:.2f}), {words}':28}"
            print(line.rstrip(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
