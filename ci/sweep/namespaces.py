"""Two machines of this machine's own: network namespaces, one cable between them, and a firewall on one."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# What the sweep comes from, and what it is of: addresses of nobody else's.
FROM = "198.18.77.1"
HOST = "198.18.77.2"
LISTENING = (22, 443, 11200, 11201)

LISTEN = """
import select, socket, sys
listeners = [socket.create_server((sys.argv[1], int(port)), backlog=512) for port in sys.argv[2:]]
print("listening", flush=True)
while True:
    for listener in select.select(listeners, [], [])[0]:
        listener.accept()[0].close()
"""

FILL = """
import socket, sys
left = int(sys.argv[2])
while left > 0:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for port in range(1, min(left, 60000) + 1):
            try:
                sender.sendto(b"", (sys.argv[1], port))
            except OSError:
                pass
    left -= 60000
"""

# The size that the tables of all namespaces share.
SIZE = Path("/proc/sys/net/netfilter/nf_conntrack_max")


@contextmanager
def table_of(entries: int) -> Iterator[None]:
    """The tables of connections have this size for a while."""
    before = SIZE.read_text()
    SIZE.write_text(str(entries))
    try:
        yield
    finally:
        SIZE.write_text(before)


class Namespaces:
    """Made by `with`, and gone after it."""

    def __init__(self) -> None:
        self.names = [f"ackcheck-{os.getpid()}-{end}" for end in ("from", "host")]
        self.listener: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Namespaces":
        for name in self.names:
            ip("netns", "add", name)
        first, second = self.names
        ip("-n", first, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", second)
        for name, address in zip(self.names, (FROM, HOST), strict=True):
            ip("-n", name, "address", "add", f"{address}/30", "dev", "cable")
            ip("-n", name, "link", "set", "cable", "up")
            ip("-n", name, "link", "set", "lo", "up")
        ports = [str(port) for port in LISTENING]
        self.listener = subprocess.Popen(
            self.inside(second, ["python3", "-c", LISTEN, HOST, *ports]), stdout=subprocess.PIPE, text=True
        )
        assert self.listener.stdout is not None
        self.listener.stdout.readline()
        return self

    def __exit__(self, *_: object) -> None:
        if self.listener:
            self.listener.kill()
            self.listener.wait()
        for name in self.names:
            ip("netns", "delete", name)

    @staticmethod
    def inside(name: str, command: Sequence[str]) -> list[str]:
        return ["ip", "netns", "exec", name, *command]

    def filter(self, rules: Sequence[str]) -> None:
        """The host's firewall: these rules for what arrives, and no others."""
        lines = ["flush ruleset"]
        if rules:
            lines += [
                "table inet firewall {",
                "chain arriving {",
                "type filter hook input priority 0",
                *rules,
                "}",
                "}",
            ]
        self.rules(self.names[1], lines)

    def proxy(self, port: int, *others: int) -> None:
        """What arrives at the host is accepted on this port, whatever port it is for but these."""
        but = ", ".join(map(str, others or (port,)))
        lines = ["flush ruleset", "table inet proxy {", "chain arriving {", "type nat hook prerouting priority -100"]
        self.rules(self.names[1], [*lines, f"tcp dport != {{ {but} }} dnat ip to {HOST}:{port}", "}", "}"])

    def fill_table(self) -> None:
        """Takes every entry of the table of connections where the sweep comes from, for half a minute."""
        track = ["table inet tracked {", "chain leaving {", "type filter hook output priority 0", "ct state new accept"]
        self.rules(self.names[0], [*track, "}", "}"])
        subprocess.run(self.inside(self.names[0], ["python3", "-c", FILL, HOST, SIZE.read_text()]), check=True)

    @contextmanager
    def delayed(self, milliseconds: int) -> Iterator[None]:
        """Both ways together take so long, through a program in place of the cable."""
        command = ["python3", "-B", str(Path(__file__).parent / "delay.py"), *self.names, str(milliseconds)]
        forwarder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert forwarder.stdout is not None
            forwarder.stdout.readline()
            for name, own, other in zip(self.names, (FROM, HOST), (HOST, FROM), strict=True):
                ip("-n", name, "link", "set", "delay", "txqueuelen", "10000", "up")
                ip("-n", name, "route", "add", f"{other}/32", "dev", "delay", "src", own)
            yield
        finally:
            # Its devices and their routes go with it.
            forwarder.kill()
            forwarder.wait()

    def rules(self, name: str, lines: Sequence[str]) -> None:
        """Loads rules of nftables into one of the two."""
        nft = self.inside(name, ["nft", "-f", "-"])
        subprocess.run(nft, input="\n".join(lines) + "\n", text=True, check=True)

    def run(self, command: Sequence[str]) -> str:
        """What a command prints where the sweep comes from."""
        done = subprocess.run(
            self.inside(self.names[0], command), capture_output=True, text=True, timeout=600, check=False
        )
        return done.stdout or done.stderr


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
