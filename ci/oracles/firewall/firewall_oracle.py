"""The firewall of a host as ackcheck reads it, beside what becomes of packets that really meet it.

The lab serves a deployment in which all packets from one node are lost, and its DSS host lists the rules of a namespace
of ours: what ackcheck says that the host closes must be closed to packets, and what the rules close without a doubt it
must say.
"""

import json
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

NODE = "cn-hangzhou.10.0.2.13"
POD = "10.0.192.13"
HOST = "10.0.0.20"
# Of a port that nothing answers: longer than the kernel takes to send it once more.
PATIENCE = 1.4
EDGES = [1, 21, 22, 23, 80, 443, 1023, 1024, 8080, 8099, 11200, 19999, 20000, 20001, 30000, 59999, 60000, 65535]

DIAL = """
import errno, select, socket, sys
address, patience, arrived, out = sys.argv[1], float(sys.argv[2]), [], {}
poll = select.poll()
for port in map(int, sys.argv[3:]):
    one = socket.socket()
    one.setblocking(False)
    code = one.connect_ex((address, port))
    if code in (0, errno.ECONNREFUSED):
        arrived.append(port)
    elif code == errno.EINPROGRESS:
        out[one.fileno()] = (one, port)
        poll.register(one, select.POLLOUT)
while out:
    ready = poll.poll(patience * 1000)
    if not ready:
        break
    for fileno, _ in ready:
        one, port = out.pop(fileno)
        poll.unregister(one)
        if one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) in (0, errno.ECONNREFUSED):
            arrived.append(port)
print(*arrived)
"""


@dataclass(frozen=True)
class Rules:
    """A ruleset in the words of one tool, and whether what it drops can be known without a doubt."""

    tool: str
    text: str
    decided: bool


def ports(rng: random.Random) -> tuple[int, int]:
    first = rng.choice(EDGES)
    return first, min(65535, first + rng.choice([0, 0, 1, 80, 9999, 40000]))


def nft(rng: random.Random) -> Rules:
    """Chains of a table, of which the first two are asked by the kernel."""
    decided = True
    names = ["arriving", "second", "one", "two"]
    lines = ["table inet filter {", "set blocked { type inet_service; flags interval; elements = { 80, 8080-8099 } }"]
    for at, name in enumerate(names):
        lines.append(f"chain {name} {{")
        if at < 2:
            policy = rng.choice(["accept", "accept", "drop"])
            lines.append(f"type filter hook input priority {at * 10}; policy {policy};")
        for _ in range(rng.randrange(1, 5)):
            first, last = ports(rng)
            conditions = rng.sample(
                [
                    f"tcp dport {first}-{last}" if last > first else f"tcp dport {first}",
                    f"tcp dport != {first}-{last}" if last > first else f"tcp dport != {first}",
                    "tcp dport @blocked",
                    f"tcp dport {{ {first}, 443 }}" if first != 443 else "tcp dport 443",
                    "ip saddr 10.0.192.0/18",
                    "ip saddr != 10.0.0.0/8",
                    "ip saddr { 192.168.0.0/16, 10.0.192.0-10.0.255.255 }",
                    "ip daddr 10.0.0.20",
                    "ct state new",
                    "ct state { established, related }",
                    "iifname lo",
                    "meta l4proto udp",
                    "meta l4proto { tcp, udp }",
                    "meta mark 7",
                ],
                rng.randrange(1, 3),
            )
            # nft refuses a port of TCP beside another protocol.
            conditions = next(([one] for one in conditions if "l4proto" in one), conditions)
            verdicts = ["accept", "drop", "drop", "reject with icmpx admin-prohibited", "return", "counter"]
            verdicts += [f"jump {later}" for later in names[max(2, at + 1) :]]
            verdicts += [f"goto {later}" for later in names[max(2, at + 1) :]]
            verdict = rng.choice(verdicts)
            decided = decided and "meta mark 7" not in conditions
            lines.append(" ".join([*conditions, verdict]))
        if rng.random() < 0.3:
            lines.append("tcp dport vmap { 22 : accept, 30000-30010 : drop }")
        lines.append("}")
    # Chains are named before they are jumped to.
    declared = [f"add chain inet filter {name}" for name in names[2:]]
    return Rules("nft", "\n".join(["add table inet filter", *declared, *lines, "}"]) + "\n", decided)


def iptables(rng: random.Random) -> Rules:
    """The same for iptables-restore."""
    decided = True
    lines = ["*filter", f":INPUT {rng.choice(['ACCEPT', 'DROP'])} [0:0]", ":one - [0:0]", ":two - [0:0]"]
    for at, name in enumerate(["INPUT", "one", "two"]):
        for _ in range(rng.randrange(1, 6)):
            first, last = ports(rng)
            condition = rng.choice(
                [
                    f"-p tcp -m tcp --dport {first}:{last}",
                    f"-p tcp -m tcp ! --dport {first}:{last}",
                    f"-p tcp -m multiport --dports 22,{first if first == last else f'{first}:{last}'}",
                    "-s 10.0.192.0/18 -p tcp",
                    "! -s 10.0.192.0/18",
                    f"-d {HOST}/32 -p tcp -m tcp --dport {first}",
                    "-m conntrack --ctstate NEW -p tcp -m tcp --dport 20000:59999",
                    "-m conntrack --ctstate RELATED,ESTABLISHED",
                    "-i lo",
                    "-p udp",
                    "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m tcp --dport 1024:65535",
                    "-m mark --mark 7",
                ]
            )
            targets = ["-j ACCEPT", "-j DROP", "-j REJECT --reject-with icmp-admin-prohibited", "-j RETURN"]
            targets += [f"{way} {later}" for way in ("-j", "-g") for later in ["one", "two"][at:]]
            decided = decided and "--mark" not in condition
            lines.append(f"-A {name} {condition} {rng.choice(targets)}")
    return Rules("iptables-restore", "\n".join([*lines, "COMMIT", ""]), decided)


class Machines:
    """A pod and the DSS host: two namespaces with a cable between them."""

    def __init__(self) -> None:
        self.pod, self.host = (f"ackcheck-{os.getpid()}-{end}" for end in ("pod", "host"))

    def __enter__(self) -> "Machines":
        for name in (self.pod, self.host):
            ip("netns", "add", name)
        ip("-n", self.pod, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", self.host)
        for name, address, other in ((self.pod, POD, HOST), (self.host, HOST, POD)):
            ip("-n", name, "address", "add", f"{address}/32", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "route", "add", other, "dev", "eth0")
        return self

    def __exit__(self, *_: object) -> None:
        for name in (self.pod, self.host):
            ip("netns", "delete", name)

    def load(self, rules: Rules) -> None:
        subprocess.run(inside(self.host, "nft", "flush", "ruleset"), check=True)
        command = [rules.tool] if rules.tool != "nft" else ["nft", "-f", "-"]
        subprocess.run(inside(self.host, *command), input=rules.text, text=True, check=True)

    def arrived(self, dialled: list[int]) -> set[int]:
        """The ports of the host that answer the pod, be it by a reset."""
        command = inside(self.pod, "python3", "-c", DIAL, HOST, str(PATIENCE), *map(str, dialled))
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
        return set(map(int, said.split()))


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


def inside(name: str, *command: str) -> list[str]:
    return ["ip", "netns", "exec", name, *command]


def ranges(text: str) -> list[range]:
    found = [part.strip().split("-") for part in text.split(",") if re.fullmatch(r"\s*\d+(-\d+)?\s*", part)]
    return [range(int(one[0]), int(one[-1]) + 1) for one in found]


def said_closed(program: str, site: str, scratch: Path) -> tuple[list[range], bool]:
    """What ackcheck says that the host closes, and whether it names all of it."""
    report = scratch / "report.json"
    command = [program, "run", "--site", site, "--only", "prediction-agrees", "--report", f"json={report}"]
    subprocess.run(command, capture_output=True, timeout=120, check=False)
    for case in json.loads(report.read_text())["cases"]:
        if case["check"] == "prediction-agrees" and case["subject"]["name"] == NODE:
            finding = case.get("finding")
            if not finding:
                raise ValueError(f"no finding: {case}")
            if finding["code"] != "host-firewall":
                return [], True
            text = finding["remedy"][0]["text"]
            named = re.search(r"closed by the DSS host itself: (.*?)\. The first rule", text, re.DOTALL)
            if not named:
                raise ValueError(f"no ports: {text}")
            last = re.sub(r" and \d+ more$", "", named[1])
            return ranges(last), last == named[1]
    raise ValueError("no case of the node")


def main(program: str, count: int) -> int:
    rng = random.Random(10)
    passed = failed = 0
    closed = 0
    with Machines() as machines, tempfile.TemporaryDirectory() as folder, served(program) as lab:
        site = str(lab.root / "ackcheck.toml")
        lab.lists("nft", inside(machines.host, "nft"))
        lab.lists("iptables-save", inside(machines.host, "iptables-save"))
        for number in range(count):
            rules = rng.choice([nft, iptables])(rng)
            machines.load(rules)
            dialled = sorted({*EDGES, *(rng.randrange(1, 65536) for _ in range(20))})
            lost = set(dialled) - machines.arrived(dialled)
            named, whole = said_closed(program, site, Path(folder))
            told = {port for port in dialled if any(port in one for one in named)}
            closed += len(told)
            wrong = sorted(told - lost)
            missed = sorted(lost - told) if whole and rules.decided else []
            if wrong or missed:
                failed += 1
                print(
                    f"FAIL case {number}: said closed and is not: {wrong}; closed and not said: {missed}\n{rules.text}"
                )
            else:
                passed += 1
    print(f"{closed} ports that ackcheck named were closed to packets")
    failed += closed == 0
    print(f"{passed} passed, {failed} failed")
    return int(failed != 0)


class served:  # noqa: N801
    """The lab, until the end."""

    def __init__(self, program: str) -> None:
        self.program = program

    def __enter__(self) -> "served":
        command = [self.program, "lab", "--fault", "dss-ports-reachable/host-unreachable"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found = re.search(r"run --site (\S+)/ackcheck\.toml", line)
            if found:
                self.root = Path(found[1])
                return self
        raise ValueError("the lab did not say where its site file is")

    def lists(self, name: str, command: list[str]) -> None:
        """A program of the lab's host that does what it does in a namespace."""
        file = self.root / "commands" / name
        file.write_text(f'#!/bin/sh\nexec env PATH="{os.environ["PATH"]}" {shlex.join(command)} "$@"\n')

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
