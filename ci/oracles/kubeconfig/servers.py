"""Certificates that servers present, judged by ackcheck and by kubectl: which of them each takes for what is trusted.

Usage: servers.py PROGRAM KUBECTL...

The servers answer 401 to whatever is asked, so that whoever hears it has taken the certificate."""

import shutil
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kubeconfigs import OWN_LIMITS, by_ackcheck, by_kubectl

NAMED = "subjectAltName=DNS:localhost"
AUTHORITY = "basicConstraints=critical,CA:TRUE"
# Name, who signs it (itself where it is its own), its extensions (none makes version 1), and its key.
CERTIFICATES = [
    ("ca", "ca", AUTHORITY, "prime256v1"),
    ("old-ca", "old-ca", "", "prime256v1"),
    ("no-ca", "no-ca", "basicConstraints=CA:FALSE", "prime256v1"),
    ("limited-ca", "limited-ca", f"{AUTHORITY}\nkeyUsage=digitalSignature", "prime256v1"),
    ("own", "own", f"{AUTHORITY}\n{NAMED}", "prime256v1"),
    ("own-plain", "own-plain", NAMED, "prime256v1"),
    ("own-nameless", "own-nameless", AUTHORITY, "prime256v1"),
    ("own-other", "own-other", "subjectAltName=DNS:elsewhere.example", "prime256v1"),
    ("own-client", "own-client", f"{NAMED}\nextendedKeyUsage=clientAuth", "prime256v1"),
    ("own-short", "own-short", NAMED, "rsa:1024"),
    ("own-p521", "own-p521", NAMED, "secp521r1"),
    ("plain", "ca", NAMED, "prime256v1"),
    ("authority", "ca", f"basicConstraints=CA:TRUE\n{NAMED}", "prime256v1"),
    ("authority-nameless", "ca", "basicConstraints=CA:TRUE", "prime256v1"),
    ("old", "ca", "", "prime256v1"),
    ("of-old", "old-ca", NAMED, "prime256v1"),
    ("of-no", "no-ca", NAMED, "prime256v1"),
    ("of-limited", "limited-ca", NAMED, "prime256v1"),
]
# Besides each with its signer and each with itself.
MORE = [("plain", "own"), ("own", "ca"), ("authority", "own"), ("own", "own-plain"), ("old", "own")]


def make(folder: Path, name: str, signer: str, extensions: str, key: str) -> None:
    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    (folder / f"{name}.ext").write_text(extensions)
    kind = ["-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{key[4:]}"]
    curve = ["-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{key}"]
    openssl("genpkey", *(kind if key.startswith("rsa:") else curve), "-out", f"{name}.key")
    openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}", "-out", f"{name}.csr")
    by = ["-signkey", f"{name}.key"] if signer == name else ["-CA", f"{signer}.crt", "-CAkey", f"{signer}.key"]
    more = ["-extfile", f"{name}.ext"] if extensions else []
    serial = str(1 + [row[0] for row in CERTIFICATES].index(name))
    request = ["-req", "-in", f"{name}.csr", "-days", "30", "-set_serial", serial]
    openssl("x509", *request, *by, *more, "-out", f"{name}.crt")


class Refuse(socketserver.StreamRequestHandler):
    """Answers whatever is asked as an API server answers who is not logged in."""

    timeout = 30

    def handle(self) -> None:
        body = b'{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","code":401}'
        head = f"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        while self.rfile.readline(65536).strip():
            pass
        self.wfile.write(head.encode() + b"Connection: close\r\n\r\n" + body)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that refuses the certificate is what this is about."""


@contextmanager
def serving(folder: Path, name: str) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(folder / f"{name}.crt", folder / f"{name}.key")
    with Server(("127.0.0.1", 0), Refuse) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def agrees(takes: bool, outcome: str, words: str) -> bool:
    if outcome == "broken":
        return any(limit in words for limit in OWN_LIMITS)
    return outcome == "fail" and takes == ("answered 401" in words)


def compare(program: str, kubectls: list[str], work: Path) -> tuple[int, int]:
    """How many verdicts agree, and how many differ."""
    for row in CERTIFICATES:
        make(work, *row)
    pairs = [
        *((name, signer) for name, signer, *_ in CERTIFICATES),
        *((name, name) for name, *_ in CERTIFICATES),
        *MORE,
    ]
    passed = failed = 0
    for name, trusted in dict.fromkeys(pairs):
        with serving(work, name) as port:
            config = work / "config"
            config.write_text(
                "current-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"
                "users: [{name: u, user: {token: CANARY-unknown}}]\n"
                f"clusters: [{{name: c, cluster: {{server: 'https://localhost:{port}',"
                f" certificate-authority: {trusted}.crt}}}}]\n"
            )
            outcome, words = by_ackcheck(program, str(config), work)
            for kubectl in kubectls:
                _, said = by_kubectl(kubectl, str(config), work)
                if agrees("x509:" not in said, outcome, words):
                    passed += 1
                    continue
                failed += 1
                print(f"FAILED  {name} presented, {trusted} trusted\n  {Path(kubectl).name}: {said}")
                print(f"  ackcheck: {outcome} {words}")
    return passed, failed


def main() -> int:
    program, *kubectls = sys.argv[1:]
    work = Path(tempfile.mkdtemp(prefix="certificates-oracle-"))
    try:
        passed, failed = compare(program, kubectls, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
