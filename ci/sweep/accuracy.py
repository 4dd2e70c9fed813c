"""Every TCP port swept again and again, behind one firewall after the other: how many ports are told wrong."""

import json
import os
import random
import resource
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from namespaces import HOST, LISTENING, SIZE, Namespaces, table_of
from pace import ENTRIES, prove

RUNS = 5
ALL = range(1, 65536)
SOME = range(20000, 60000)
SCATTERED = sorted(random.Random(10).sample(ALL, 200))


def loses(percent: int) -> str:
    """What a bad line does."""
    return f"numgen random mod 100 < {percent} drop"


@dataclass(frozen=True)
class Case:
    title: str
    rules: Sequence[str]
    # The ports whose packets do not arrive.
    lost: Sequence[int]
    # What the sweep runs under.
    under: Sequence[str] = field(default_factory=tuple)
    # How long packets take to the host and back.
    milliseconds: int = 0


DROPPED = "tcp dport 20000-59999 drop"
CASES = [
    Case("nothing filtered", [], []),
    Case("20000-59999 dropped", [DROPPED], SOME),
    Case("20000-59999 dropped, and 2 % of all packets", [loses(2), DROPPED], SOME),
    Case("20000-59999 dropped, and 10 % of all packets", [loses(10), DROPPED], SOME),
    Case("all dropped", ["meta l4proto tcp drop"], ALL),
    Case("one port dropped", ["tcp dport 33333 drop"], [33333]),
    Case(
        "200 ports dropped, here and there",
        [f"tcp dport {{ {', '.join(map(str, SCATTERED))} }} drop"],
        SCATTERED,
    ),
    Case(
        "all but two rejected by ICMP, of which the kernel sends few",
        ["tcp dport { 22, 11200 } accept", "meta l4proto tcp reject with icmpx type admin-prohibited"],
        [port for port in ALL if port not in (22, 11200)],
    ),
    Case(
        "1000 rejected by ICMP",
        ["tcp dport 20000-20999 reject with icmpx type admin-prohibited"],
        range(20000, 21000),
    ),
    # What `iptables -j REJECT` says: to a program that asks no further, it looks like a reset.
    Case(
        "20000-59999 rejected as iptables does, by ICMP port-unreachable",
        ["tcp dport 20000-59999 reject with icmp type port-unreachable"],
        SOME,
    ),
    Case("one port rejected as iptables does", ["tcp dport 33333 reject with icmp type port-unreachable"], [33333]),
    Case(
        "20000-59999 rejected by ICMP, five a second",
        [
            "tcp dport 20000-59999 limit rate 5/second reject with icmpx type admin-prohibited",
            DROPPED,
        ],
        SOME,
    ),
    # Who sends a reset cannot be told from here.
    Case("10000-59999 reset by a firewall, listeners behind it", ["tcp dport 10000-59999 reject with tcp reset"], []),
    Case("20000-59999 dropped, 256 files may be open", [DROPPED], SOME, ["prlimit", "--nofile=256:256"]),
    Case(
        "20000-59999 dropped, swept without any capability",
        [DROPPED],
        SOME,
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all", "--no-new-privs"],
    ),
    Case("20000-59999 dropped, 50 ms to the host and back", [DROPPED], SOME, milliseconds=50),
    Case("20000-59999 dropped, 200 ms to the host and back", [DROPPED], SOME, milliseconds=200),
]


def wrong_ports(said: str, lost: frozenset[int]) -> int:
    """How many ports the answer tells wrong: that a packet arrives is one answer, that it does not another."""
    ranges = json.loads(said)["ranges"]
    arrives = {
        port for one in ranges if one["state"] in ("open", "closed") for port in range(one["first"], one["last"] + 1)
    }
    return sum((port in arrives) == (port in lost) for port in ALL)


def through_a_proxy(program: str, namespaces: Namespaces) -> bool:
    """A proxy that accepts for every port: they are all open, and nothing here tells who accepted."""
    namespaces.proxy(LISTENING[0])
    said = json.loads(namespaces.run([program, "probe", "sweep", HOST, "1-65535"]))
    return told(
        "all accepted by a transparent proxy", said.get("ranges"), [{"first": 1, "last": 65535, "state": "open"}]
    )


def with_a_full_table(program: str, namespaces: Namespaces) -> bool:
    """The node's own table is full: what it drops is no filter."""
    namespaces.filter([DROPPED])
    with table_of(ENTRIES):
        namespaces.fill_table()
        said = json.loads(namespaces.run([program, "probe", "sweep", HOST, "1-65535"]))
    broken = said.get("answer") == "broken" and "is full" in said.get("why", "")
    return told("the table of connections of the node is full", broken or said, True)


def told(title: str, answer: object, expected: object) -> bool:
    """Whether an answer is as expected."""
    print(f"{title:60} {'as expected' if answer == expected else str(answer)[:300]}", flush=True)
    return answer == expected


def wrong_in_all_runs(case: Case, program: str, namespaces: Namespaces) -> int:
    """How many ports are told wrong in all runs of a case together; and its line of the table."""
    lost = frozenset(case.lost)
    wrong, took = 0, []
    for _ in range(RUNS):
        began = time.monotonic()
        said = namespaces.run([*case.under, program, "probe", "sweep", HOST, "1-65535"])
        took.append(time.monotonic() - began)
        try:
            wrong += wrong_ports(said, lost)
        except (ValueError, KeyError):
            print(f"        {said[:300]}")
            wrong += len(ALL)
    print(f"{case.title:60} {RUNS:4} {wrong:11} {sorted(took)[RUNS // 2]:9.2f}", flush=True)
    return wrong


def main(program: str, example: str) -> int:
    print(f"{'case':60} {'runs':>4} {'wrong ports':>11} {'s, median':>9}")
    passed = failed = skipped = 0
    with Namespaces() as namespaces:
        for case in CASES:
            namespaces.filter(case.rules)
            if case.milliseconds and not Path("/dev/net/tun").exists():
                skipped += 1
                print(f"SKIPPED sweep/no-tun-{case.milliseconds}ms: packets are held up by a program with TUN devices")
                continue
            with namespaces.delayed(case.milliseconds) if case.milliseconds else nullcontext():
                wrong = wrong_in_all_runs(case, program, namespaces)
            passed += wrong == 0
            failed += wrong != 0
    with Namespaces() as namespaces:
        proofs = [through_a_proxy(program, namespaces)]
        tracks = SIZE.exists() and os.access(SIZE, os.W_OK)
        if tracks:
            proofs += [with_a_full_table(program, namespaces)]
        else:
            skipped += 1
            print("SKIPPED sweep/no-conntrack: this kernel tracks no connections, or lets nobody set for how many")
    if tracks:
        proofs.append(prove(example, program, HOST))
    passed += sum(proofs)
    failed += len(proofs) - sum(proofs)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return int(failed != 0)


if __name__ == "__main__":
    # Of this program; the sweep may raise its own.
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    sys.exit(main(sys.argv[1], sys.argv[2]))
