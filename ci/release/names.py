"""A name server on 127.0.0.1:53 that knows dss.corp.example alone."""

import socket
import struct

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
while True:
    query, asker = server.recvfrom(512)
    end = query.index(b"\0", 12) + 5
    question = query[12:end]
    known = question.startswith(b"\3dss\4corp\7example\0")
    is_address = question[-4:-2] == b"\0\1"
    answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\0\0\x14" if known and is_address else b""
    flags = 0x8180 if known else 0x8183
    counts = struct.pack(">HHHHH", flags, 1, 1 if answer else 0, 0, 0)
    server.sendto(query[:2] + counts + question + answer, asker)
