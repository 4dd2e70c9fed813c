"""Compares what the probe says of a name with what glibc and musl resolve, for each of many shapes.

Usage: dns_oracle.py PROBE GLIBC MUSL FOLDER COUNT, in namespaces of its own: it takes over /etc/resolv.conf and
/etc/hosts there. GLIBC and MUSL are lookup.c, built with either library.

DSS and what it starts in pods use glibc, which the probe has to agree with. Where musl comes to something else, that is
explained by what musl is documented to do otherwise; anything else is a failure too.
"""

import json
import subprocess
import sys
from pathlib import Path

from shapes import CLOSED, SERVERS, Shape, shapes
from zone_server import NO_SUCH_NAME, SERVER_FAILURE, Zone, serve

HOSTS = "127.0.0.1 localhost\n::1 localhost\n"
SWITCH = "hosts: files dns\n"
SHOWN = 20


def run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout


def of_library(program: str, name: str) -> str:
    """What a C library comes to: addresses, sorted, or why there are none."""
    return " ".join(sorted(set(run(program, name).split())))


def of_probe(program: str, name: str) -> str:
    """The same of the probe."""
    answer = json.loads(run(program, "resolve", name) or '{"answer": "crashed"}')
    if answer["answer"] == "addresses":
        return " ".join(sorted(answer["addresses"]))
    kind = str(answer["answer"])
    return {"broken": "refused"}.get(kind, kind)


def explained(shape: Shape) -> str | None:
    """What musl does otherwise than glibc that this shape may show; none where both must agree."""
    records = shape.records.values()
    dots = shape.name.rstrip(".").count(".")
    if shape.manners or CLOSED in shape.servers:
        return "asks all servers at once, and takes REFUSED for silence"
    if any(record.truncated for record in records):
        return "before 1.2.4 asks nobody over TCP"
    if any(record.code == SERVER_FAILURE for record in records):
        return "ends the search at a server's failure"
    if any(record.alias is not None for record in records):
        return "takes an alias that leads nowhere for no data"
    if any(record.sixth_code == NO_SUCH_NAME for record in records):
        return "believes NXDOMAIN of either kind"
    if any(not record.fourth and not record.sixth for record in records):
        return "ends the search where a name has no address"
    if dots >= shape.ndots and shape.search and not shape.name.endswith("."):
        return "never searches for names with as many dots as ndots"
    if len(" ".join(shape.search)) > 255:
        return "reads 255 bytes of the search list"
    if "no-aaaa" in shape.resolv_conf:
        return "knows no option no-aaaa"
    return None


def take_over(folder: Path) -> Path:
    """Binds files of ours over those of the machine, in this mount namespace alone; gives resolv.conf."""
    files = {"/etc/resolv.conf": "", "/etc/hosts": HOSTS, "/etc/nsswitch.conf": SWITCH}
    subprocess.run(["mount", "--make-rprivate", "/"], check=True, timeout=60)
    for place, text in files.items():
        ours = folder / Path(place).name
        ours.write_text(text)
        subprocess.run(["mount", "--bind", str(ours), str(Path(place).resolve())], check=True, timeout=60)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=60)
    return folder / "resolv.conf"


def main(probe: str, glibc: str, musl: str, folder: Path, count: int) -> int:
    resolv_conf = take_over(folder)
    zone = Zone()
    for server in SERVERS:
        serve(zone, server)
    passed = failed = 0
    otherwise: dict[str, int] = {}
    kinds: dict[str, int] = {}
    for one in shapes(count):
        zone.records, zone.manners = one.records, one.manners
        resolv_conf.write_text(one.resolv_conf)
        said, real, other = of_probe(probe, one.name), of_library(glibc, one.name), of_library(musl, one.name)
        kind = real if real in ("no-such-name", "no-server", "refused") else "addresses"
        kinds[kind] = kinds.get(kind, 0) + 1
        why = explained(one) if other != said else None
        if why:
            otherwise[why] = otherwise.get(why, 0) + 1
        if said == real and (other == said or why):
            passed += 1
            continue
        failed += 1
        if failed <= SHOWN:
            print(f"FAILED  {one.name}: the probe {said}; glibc {real}; musl {other}\n        {one}")
    print("glibc:", ", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items())))
    for why, number in sorted(otherwise.items()):
        print(f"musl {why}: {number} of them come out otherwise")
    # Each kind must have come, or nothing was compared.
    failed += sum(kind not in kinds for kind in ("addresses", "no-such-name", "no-server"))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]), int(sys.argv[5])))
