"""A name server for one zone at a time, which can misbehave as real ones do. UDP and TCP, on addresses of loopback."""

import socket
import struct
import threading
from dataclasses import dataclass, field
from ipaddress import ip_address

A, CNAME, AAAA = 1, 5, 28
NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME, REFUSED = 0, 2, 3, 5
TRUNCATED = 0x0200


@dataclass(frozen=True)
class Record:
    """What is under a name. Where an address list is None, queries of that kind are answered with `code`."""

    fourth: list[str] | None = None
    sixth: list[str] | None = None
    alias: str | None = None
    code: int = NO_ERROR
    # Over UDP the answer is cut; it is whole over TCP.
    truncated: bool = False
    # Queries for IPv6 addresses have this code of their own.
    sixth_code: int | None = None


@dataclass
class Zone:
    """What the servers answer now, and which of them misbehave: `servfail`, `refused`, `silent`."""

    records: dict[str, Record] = field(default_factory=dict)
    manners: dict[str, str] = field(default_factory=dict)


def name_of(packet: bytes) -> tuple[str, int]:
    """The name that is asked for, and where its question ends."""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode("latin-1"))
        at += packet[at] + 1
    return ".".join(labels), at + 5


def encoded(name: str) -> bytes:
    labels = name.split(".") if name else []
    return b"".join(bytes([len(label)]) + label.encode("latin-1") for label in labels) + b"\0"


def answer(zone: Zone, packet: bytes, server: str, tcp: bool) -> bytes | None:
    """The answer of one server to one query; none where it is silent."""
    manner = zone.manners.get(server)
    if manner == "silent":
        return None
    name, end = name_of(packet)
    kind = struct.unpack_from(">H", packet, end - 4)[0]
    code = {"servfail": SERVER_FAILURE, "refused": REFUSED}.get(manner or "")
    records: list[bytes] = []
    flags = 0x8180
    if code is None:
        code, records, cut = looked_up(zone, name.lower(), kind)
        if cut and not tcp:
            flags, records = flags | TRUNCATED, []
    head = struct.pack(">HHHHHH", struct.unpack_from(">H", packet)[0], flags | code, 1, len(records), 0, 0)
    return head + packet[12:end] + b"".join(records)


def looked_up(zone: Zone, name: str, kind: int) -> tuple[int, list[bytes], bool]:
    """The code, the records with every alias on the way, and whether an answer over UDP is cut."""
    records: list[bytes] = []
    cut = False
    # The first owner is pointed to, in the question: written out, eight addresses would not fit into 512 bytes.
    owner = b"\xc0\x0c"
    for _ in range(8):
        record = zone.records.get(name)
        if record is None:
            return NO_SUCH_NAME, records, cut
        cut = cut or record.truncated
        if record.alias is not None:
            data = encoded(record.alias)
            records.append(owner + struct.pack(">HHIH", CNAME, 1, 60, len(data)) + data)
            name, owner = record.alias, encoded(record.alias)
            continue
        if kind == AAAA and record.sixth_code is not None:
            return record.sixth_code, records, cut
        found = {A: record.fourth, AAAA: record.sixth}.get(kind) or []
        for address in found:
            data = ip_address(address).packed
            records.append(owner + struct.pack(">HHIH", kind, 1, 60, len(data)) + data)
        return record.code, records, cut
    return SERVER_FAILURE, [], cut


def serve(zone: Zone, server: str) -> None:
    """Answers at port 53 of one address for as long as this process lives."""
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    udp = socket.socket(family, socket.SOCK_DGRAM)
    udp.bind((server, 53))
    tcp = socket.create_server((server, 53), family=family)

    def datagrams() -> None:
        while True:
            packet, peer = udp.recvfrom(4096)
            reply = answer(zone, packet, server, tcp=False)
            if reply is not None:
                udp.sendto(reply, peer)

    def streams() -> None:
        while True:
            stream, _ = tcp.accept()
            threading.Thread(target=conversation, args=(stream,), daemon=True).start()

    def conversation(stream: socket.socket) -> None:
        with stream, stream.makefile("rb") as questions:
            stream.settimeout(10)
            while len(length := questions.read(2)) == 2:
                packet = questions.read(struct.unpack(">H", length)[0])
                reply = answer(zone, packet, server, tcp=True)
                if reply is None:
                    return
                stream.sendall(struct.pack(">H", len(reply)) + reply)

    for work in (datagrams, streams):
        threading.Thread(target=work, daemon=True).start()
