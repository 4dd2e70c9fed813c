"""A name server on 127.0.0.1:53 that knows two names. It prints a line when it listens."""

import socket
import struct

# The last byte of a name's address in 10.0.0.0/24, and whether the name is there for every type that is asked for. With
# a wildcard for IPv4 alone name servers deny the name itself when they are asked for its IPv6 address.
KNOWN = {b"\3dss\4corp\7example\0": (20, True), b"\4wild\4corp\7example\0": (21, False)}
ADDRESS = b"\0\1"


def answer(query: bytes) -> bytes:
    """The answer to a query of one question."""
    end = query.index(b"\0", 12) + 5
    question = query[12:end]
    host, there_for_all = KNOWN.get(question[:-4], (None, False))
    record = b""
    if host is not None and question[-4:-2] == ADDRESS:
        record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\0\0" + bytes([host])
    flags = 0x8180 if record or there_for_all else 0x8183
    counts = struct.pack(">HHHHH", flags, 1, 1 if record else 0, 0, 0)
    return query[:2] + counts + question + record


def main() -> None:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    print("listening", flush=True)
    while True:
        query, asker = server.recvfrom(512)
        server.sendto(answer(query), asker)


if __name__ == "__main__":
    main()
