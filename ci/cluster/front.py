"""Stands before the registry, or in its place, and answers some with a status: those who ask too often, or everybody.
usage: front.py ADDRESS PORT CERTIFICATE KEY STATUS CLIENT...
Whoever is no CLIENT is let through to the registry; where none is named nobody is."""

import http.client
import json
import ssl
import sys
from collections.abc import Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CODES = {429: "TOOMANYREQUESTS", 403: "DENIED"}
OWN_HEADERS = ("content-length", "connection", "date", "transfer-encoding")
# Of what is pushed the layer of the probe is the largest.
LARGEST = 64 << 20


class Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    status = HTTPStatus.FORBIDDEN
    clients: tuple[str, ...] = ()

    def do_GET(self) -> None:
        body = self.body()
        if not self.clients or self.client_address[0] in self.clients:
            error = {"code": CODES[self.status], "message": self.status.phrase}
            self.give(self.status, [("Content-Type", "application/json")], json.dumps({"errors": [error]}).encode())
            return
        registry = http.client.HTTPConnection("127.0.0.1", 5000, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "transfer-encoding"}
        registry.request(self.command, self.path, body or None, headers)
        answer = registry.getresponse()
        self.give(answer.status, answer.getheaders(), answer.read())

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(min(int(self.headers.get("Content-Length", 0)), LARGEST))
        read = b""
        while (length := int(self.rfile.readline(64).split(b";")[0], 16)) and len(read) < LARGEST:
            read += self.rfile.read(length)
            self.rfile.readline(64)
        self.rfile.readline(64)
        return read

    def give(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        length = str(len(body))
        for name, value in headers:
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            if name.lower() not in OWN_HEADERS:
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def main(address: str, port: str, certificate: str, key: str, status: str, *clients: str) -> None:
    Front.status, Front.clients = HTTPStatus(int(status)), clients
    for method in ("HEAD", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Front, f"do_{method}", Front.do_GET)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer((address, int(port)), Front)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
