"""A mutating webhook that adds a container to every pod, as meshes do. usage: webhook.py ADDRESS PORT CERTIFICATE KEY
IMAGE"""

import base64
import json
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# The API server sends pods, which are smaller.
LARGEST = 4 << 20


class Webhook(BaseHTTPRequestHandler):
    image = ""

    def do_GET(self) -> None:
        self.give(b"{}")

    def do_POST(self) -> None:
        review = json.loads(self.rfile.read(min(int(self.headers.get("Content-Length", 0)), LARGEST)))
        added = [{"op": "add", "path": "/spec/containers/-", "value": {"name": "mesh", "image": self.image}}]
        response = {
            "uid": review["request"]["uid"],
            "allowed": True,
            "patchType": "JSONPatch",
            "patch": base64.b64encode(json.dumps(added).encode()).decode(),
        }
        kind = {"apiVersion": review["apiVersion"], "kind": "AdmissionReview"}
        self.give(json.dumps({**kind, "response": response}).encode())

    def give(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(address: str, port: str, certificate: str, key: str, image: str) -> None:
    Webhook.image = image
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer((address, int(port)), Webhook)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print("listening", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
