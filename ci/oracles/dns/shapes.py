"""resolv.conf files, zones and names, from a grammar; the same ones each time."""

import random
from dataclasses import dataclass
from itertools import pairwise

from zone_server import NO_SUCH_NAME, SERVER_FAILURE, Record

SERVERS = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "::1"]
# Nobody listens there: an ICMP message comes back.
CLOSED = "127.0.0.9"
DOMAINS = ["dss.svc.cluster.local", "svc.cluster.local", "cluster.local", "corp.example", "a.b.c.d.example", "x"]
NAMES = [
    "dss",
    "dss.lab",
    "dss.lab.internal",
    "my-bucket.oss-cn-hangzhou-internal.aliyuncs.com",
    "under_score.example",
    "a.b.c.d.e.f",
]
OPTIONS = [
    "rotate",
    "edns0",
    "single-request",
    "single-request-reopen",
    "no-check-names",
    "trust-ad",
    "debug",
    "unknown:3",
]


@dataclass(frozen=True)
class Shape:
    """One case."""

    resolv_conf: str
    name: str
    records: dict[str, Record]
    manners: dict[str, str]
    servers: list[str]
    search: list[str]
    ndots: int


def chain_to(pick: random.Random, end: Record, records: dict[str, Record]) -> Record:
    """An alias that leads to a record over up to four others."""
    names = [f"alias{at}.example" for at in range(pick.randint(1, 4))]
    for alias, after in pairwise(names):
        records[alias] = Record(alias=after)
    records[names[-1]] = end
    return Record(alias=names[0])


def record(pick: random.Random, name: str, records: dict[str, Record]) -> Record | None:
    """What is under a name, if anything."""
    fourth, sixth = [f"10.0.0.{pick.randint(1, 250)}"], [f"fd00::{pick.randint(1, 250):x}"]
    records["round.example"] = Record(alias=name)
    kinds = [
        Record(fourth),
        Record(fourth),
        Record(fourth, sixth),
        Record(None, sixth),
        Record([f"10.1.0.{last}" for last in range(1, 9)]),
        Record(),
        None,
        None,
        None,
        Record(code=SERVER_FAILURE),
        chain_to(pick, Record(fourth, pick.choice([None, sixth])), records),
        Record(alias="nothing.example"),
        Record(alias="round.example"),
        Record([f"10.2.{at}.1" for at in range(60)], truncated=True),
        # Servers with a wildcard for IPv4 say of IPv6 that there is no such name.
        Record(fourth, sixth_code=NO_SUCH_NAME),
    ]
    return pick.choice(kinds)


def reached(names: list[str], records: dict[str, Record]) -> dict[str, Record]:
    """Of all that was made, what these names lead to."""
    left, kept = [*names], {}
    while left:
        name = left.pop()
        found = records.get(name)
        if found is not None and name not in kept:
            kept[name] = found
            left += [found.alias] if found.alias else []
    return kept


def file_of(pick: random.Random, servers: list[str], search: list[str], options: list[str]) -> str:
    lines = [
        f"nameserver{pick.choice([' ', chr(9), '   '])}{server}{pick.choice(['', '', ' ', ' # ours'])}"
        for server in servers
    ]
    if pick.random() < 0.2:
        # The last of them counts.
        lines.append("search not.this.example")
    if search:
        lines.append(f"search {pick.choice([' ', chr(9)]).join(search)}")
    if options:
        lines.append("options " + " ".join(options))
    lines.insert(
        0, pick.choice(["# made by the kubelet", "; a comment", "", " nameserver 127.0.0.8", "sortlist 10.0.0.0"])
    )
    pick.shuffle(lines[: len(servers)])
    return "\n".join(lines) + pick.choice(["\n", "", "\n\n"])


def shape(pick: random.Random) -> Shape:
    servers = pick.sample(SERVERS, pick.choice([1, 1, 2, 3, 4]))
    manners: dict[str, str] = {}
    options = [f"ndots:{(ndots := pick.choice([1, 1, 2, 5, 5, 0, 15]))}"] if pick.random() < 0.8 else []
    ndots = ndots if options else 1
    match pick.choice(["well"] * 8 + ["closed", "servfail", "refused", "silent"]):
        case "closed":
            servers = [CLOSED, *servers[:2]]
        case "silent":
            manners[servers[0]] = "silent"
        case ("servfail" | "refused") as manner:
            manners[servers[0]] = manner
    # With the usual five seconds the silence of a few servers would take minutes.
    options += ["timeout:1", "attempts:1"]
    options += pick.sample(OPTIONS, pick.choice([0, 0, 1, 2]))
    search = pick.sample(DOMAINS, pick.choice([0, 1, 3, 3, 6]))
    name = pick.choice(NAMES)
    records: dict[str, Record] = {}
    names = [name, *(f"{name}.{domain}" for domain in search)]
    for tried in names:
        found = record(pick, tried, records)
        if found:
            records[tried] = found
    text = file_of(pick, servers, search, options)
    if not search and "not.this.example" in text:
        search = ["not.this.example"]
    written = {1: name.upper(), 2: name + "."}.get(pick.randint(0, 9), name)
    return Shape(text, written, reached(names, records), manners, servers, search, ndots)


def shapes(count: int) -> list[Shape]:
    pick = random.Random("names")
    plain = {"dss.lab.internal": Record(["10.0.0.20"])}
    first = [
        Shape("", "dss.lab.internal", plain, {}, ["127.0.0.1"], [], 1),
        Shape("nameserver 127.0.0.1\n" * 5, "dss.lab.internal", plain, {}, ["127.0.0.1"], [], 1),
        Shape("nameserver none\nnameserver 127.0.0.2\n", "dss.lab.internal", plain, {}, ["127.0.0.2"], [], 1),
        Shape(
            "nameserver 127.0.0.1\n#" + "x" * 5000 + "\noptions ndots:2\n",
            "dss.lab.internal",
            plain,
            {},
            ["127.0.0.1"],
            [],
            2,
        ),
        Shape(
            "nameserver 127.0.0.1\nsearch " + " ".join(f"d{at}.example" for at in range(20)) + "\n",
            "dss",
            {"dss.d19.example": Record(["10.0.0.19"])},
            {},
            ["127.0.0.1"],
            [f"d{at}.example" for at in range(20)],
            1,
        ),
        Shape("nameserver ::1%lo\n", "dss.lab.internal", plain, {}, ["::1"], [], 1),
        Shape("nameserver 127.0.0.1\ndomain lab.internal\n", "dss", plain, {}, ["127.0.0.1"], ["lab.internal"], 1),
        Shape(
            "nameserver 127.0.0.1\n",
            f"{'a' * 63}.example",
            {f"{'a' * 63}.example": Record(["10.0.0.63"])},
            {},
            ["127.0.0.1"],
            [],
            1,
        ),
        Shape("nameserver 127.0.0.1\n", f"{'a' * 64}.example", {}, {}, ["127.0.0.1"], [], 1),
        Shape("nameserver 127.0.0.1\n", "10.0.0.7", {}, {}, ["127.0.0.1"], [], 1),
        Shape("nameserver 127.0.0.1\n", "fd00::7", {}, {}, ["127.0.0.1"], [], 1),
        Shape("nameserver 127.0.0.1\n", "localhost", {}, {}, ["127.0.0.1"], [], 1),
    ]
    return first + [shape(pick) for _ in range(count)]
