"""Four nodes sweep a host whose table of connections is small while a client keeps opening connections to it: none of
the client's fails, and the sweeps stay below a quarter of what was free.

Every port of the host is accepted by one listener, as by a transparent proxy: what is accepted stays in the table for
10 s after its reset, and what is refused leaves nothing there.
"""

import json
import subprocess
import time

from namespaces import LISTENING, Namespaces, ip, table_of

NODES = 4
ENTRIES = 65536
# From all nodes together more than a quarter of the table: as fast as can be they would be in it at the same time.
LAST = 6000
CLIENTS, PROXY = LISTENING[1], LISTENING[0]
# Connections of the client in a second: each stays in the table for two minutes after its end.
EACH_SECOND = 50

CLIENT = """
import socket, sys, time
host, port, each_second = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
print("connecting", flush=True)
failed = made = 0
try:
    while True:
        began = time.monotonic()
        try:
            # One second: a packet that is dropped is sent again after that.
            socket.create_connection((host, port), timeout=0.9).close()
        except OSError as error:
            failed += 1
            print(error, file=sys.stderr)
        made += 1
        time.sleep(max(0, 1 / each_second - (time.monotonic() - began)))
except KeyboardInterrupt:
    print(made, failed)
"""


class Star:
    """Nodes and a client, each with a cable to one host."""

    def __init__(self, namespaces: Namespaces) -> None:
        self.host = namespaces.names[1]
        self.names = [f"{self.host}-{number}" for number in range(NODES + 1)]

    def __enter__(self) -> "Star":
        for number, name in enumerate(self.names):
            ip("netns", "add", name)
            cable = f"cable{number}"
            ip("-n", self.host, "link", "add", cable, "type", "veth", "peer", "name", "cable", "netns", name)
            net = f"198.18.{78 + number}"
            for where, device, address in ((self.host, cable, f"{net}.2"), (name, "cable", f"{net}.1")):
                ip("-n", where, "address", "add", f"{address}/30", "dev", device)
                ip("-n", where, "link", "set", device, "up")
            ip("-n", name, "route", "add", "default", "via", f"{net}.2")
        return self

    def __exit__(self, *_: object) -> None:
        for name in self.names:
            ip("netns", "delete", name)


def prove(example: str, program: str, host: str) -> bool:
    """Prints what came of it."""
    with table_of(ENTRIES), Namespaces() as namespaces, Star(namespaces) as star:
        namespaces.proxy(PROXY, CLIENTS)
        *nodes, client = star.names
        words = ["python3", "-c", CLIENT, host, str(CLIENTS), str(EACH_SECOND)]
        connecting = subprocess.Popen(
            namespaces.inside(client, words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert connecting.stdout is not None
        connecting.stdout.readline()
        command = [example, program, host, f"1-{LAST}", *nodes]
        began = time.monotonic()
        done = subprocess.run(
            namespaces.inside(star.host, command), capture_output=True, text=True, timeout=900, check=False
        )
        took = time.monotonic() - began
        connecting.send_signal(2)
        said, complaints = connecting.communicate(timeout=30)
        return judge(done, said, complaints, took)


def judge(done: subprocess.CompletedProcess[str], said: str, complaints: str, took: float) -> bool:
    """Whether all sweeps were right, none of the client's connections failed, and the table kept its room."""
    lines = done.stdout.splitlines()
    if done.returncode != 0 or len(lines) != NODES + 1:
        print(f"        {(done.stdout + done.stderr)[:600]}")
        return False
    right = sum(answers_everywhere(line) for line in lines[:NODES])
    most = int(lines[-1])
    made, failed = map(int, said.split())
    # What the client has at most in the table by then.
    may = ENTRIES // 4 + int(EACH_SECOND * min(took, 130))
    print(
        f"{NODES} nodes sweep a host with room for {ENTRIES} connections: {right} right, at most {most} entries "
        f"(allowed: {may}), {took:.0f} s; of {made} connections of others {failed} failed"
    )
    if failed:
        print(f"        {complaints[:300]}")
    return right == NODES and most <= may and failed == 0 and made > 0


def answers_everywhere(line: str) -> bool:
    """Whether the answer covers all ports, and says of each that it is open."""
    ranges = json.loads(line).get("ranges", [])
    arrives = all(one["state"] == "open" for one in ranges)
    if not arrives:
        print(f"        {line[:300]}")
    return arrives and sum(one["last"] - one["first"] + 1 for one in ranges) == LAST
