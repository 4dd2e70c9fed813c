"""Two machines of this machine's own: network namespaces, one cable between them, and a firewall on one."""

import os
import subprocess
from collections.abc import Sequence

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
        nft = self.inside(self.names[1], ["nft", "-f", "-"])
        subprocess.run(nft, input="\n".join(lines) + "\n", text=True, check=True)

    def run(self, command: Sequence[str]) -> str:
        """What a command prints where the sweep comes from."""
        done = subprocess.run(
            self.inside(self.names[0], command), capture_output=True, text=True, timeout=600, check=False
        )
        return done.stdout or done.stderr


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
