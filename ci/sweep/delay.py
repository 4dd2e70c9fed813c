"""A long way between two network namespaces: packets go through this program, which holds each of them for a while.

Usage: delay.py FROM HOST MILLISECONDS: the names of the namespaces; each gets a device `delay`, and both ways together
take so long. It says "ready" once the devices are there, and ends with them when it is killed.
"""

import ctypes
import fcntl
import os
import select
import struct
import sys
import time
from collections import deque
from pathlib import Path

TUNSETIFF = 0x400454CA
TUN_WITHOUT_HEADER = 0x0001 | 0x1000
CLONE_NEWNET = 0x40000000
# Packets of one read of a device, before the other is looked at.
BATCH = 256


def device(namespace: str) -> int:
    """Enters a namespace and makes the device there."""
    with Path("/run/netns", namespace).open("rb") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"namespace {namespace}")
    made = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(made, TUNSETIFF, struct.pack("16sH22x", b"delay", TUN_WITHOUT_HEADER))
    return made


def forward(first: int, second: int, held_for: float) -> None:
    """Without end."""
    held: deque[tuple[float, int, bytes]] = deque()
    while True:
        wait = max(0.0, held[0][0] - time.monotonic()) if held else 1.0
        for readable in select.select([first, second], [], [], wait)[0]:
            other = second if readable == first else first
            due = time.monotonic() + held_for
            for _ in range(BATCH):
                try:
                    held.append((due, other, os.read(readable, 2048)))
                except BlockingIOError:
                    break
        now = time.monotonic()
        while held and held[0][0] <= now:
            _, other, packet = held.popleft()
            try:
                os.write(other, packet)
            except OSError:
                # The device is not up yet, or has no room: lost on the way.
                continue


if __name__ == "__main__":
    ends = [device(namespace) for namespace in sys.argv[1:3]]
    print("ready", flush=True)
    forward(ends[0], ends[1], float(sys.argv[3]) / 2000)
