"""Stands before the registry and lets nobody push to a repository that is not there, as registries do in which each
has to be made first: Debian's makes them itself. usage: keeper.py ADDRESS CERTIFICATE KEY"""

import http.client
import json
import ssl
import sys
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

UNKNOWN = {"errors": [{"code": "NAME_UNKNOWN", "message": "repository name not known to registry"}]}
OWN_HEADERS = ("content-length", "connection", "date", "transfer-encoding")


class Keeper(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        registry = http.client.HTTPConnection("127.0.0.1", 5000, timeout=60)
        registry.request(self.command, self.path, headers=dict(self.headers))
        answer = registry.getresponse()
        self.give(answer.status, answer.getheaders(), answer.read())

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.give(404, [("Content-Type", "application/json")], json.dumps(UNKNOWN).encode())

    def give(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in OWN_HEADERS:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def main(address: str, certificate: str, key: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer((address, 443), Keeper)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
