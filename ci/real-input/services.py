"""What the runs look at: a registry, a name server, certificates and a data directory, all real and all on loopback."""

import hashlib
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

REGISTRY = "registry.example.test"
OTHER_NAME = "other.example.test"
HOST = "dss.example.test"
USER = "robot"

# A certificate and its key.
Pair = tuple[Path, Path]


# How often a service is started on another port, where somebody else was faster to take the free one.
TRIES = 5


def free_port() -> int:
    """A port that nobody has, over TCP and UDP: name servers take both."""
    while True:
        with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            stream.bind(("127.0.0.1", 0))
            port: int = stream.getsockname()[1]
            try:
                datagrams.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def own_address() -> str:
    """The address this host would speak to the world from; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            address: str = probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"
        return address


def quiet(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def authority(folder: Path, name: str) -> Pair:
    """A certificate authority: its certificate and its key."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    quiet(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "30",
        "-subj",
        f"/CN={name}",
        "-keyout",
        key,
        "-out",
        certificate,
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign",
    )
    return certificate, key


def server_certificate(folder: Path, issuer: Pair, name: str) -> Pair:
    certificate, key = folder / "server.pem", folder / "server.key"
    request, extensions = folder / "server.csr", folder / "server.ext"
    extensions.write_text(f"subjectAltName=DNS:{name}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n")
    quiet(
        "openssl",
        "req",
        "-new",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        f"/CN={name}",
        "-keyout",
        key,
        "-out",
        request,
    )
    quiet(
        "openssl",
        "x509",
        "-req",
        "-in",
        request,
        "-CA",
        issuer[0],
        "-CAkey",
        issuer[1],
        "-CAcreateserial",
        "-days",
        "30",
        "-extfile",
        extensions,
        "-out",
        certificate,
    )
    return certificate, key


class Started:
    """A process that this script started, and the only kind it stops."""

    def __init__(self, command: Sequence[str | Path], log: Path, answers: Callable[[], bool]) -> None:
        self.log: BinaryIO = log.open("ab")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        # A bound, far above what it takes.
        until = time.monotonic() + 120
        while not answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"{command[0]} does not start: {log.read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


class Registry:
    """Debian's docker-registry, with TLS and htpasswd."""

    def __init__(self, folder: Path, certificate: Pair, password: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.running: Started | None = None
        self.storage = folder / "registry"
        users = folder / "htpasswd"
        with users.open("wb") as out:
            command = ["htpasswd", "-niB", USER]
            subprocess.run(command, input=password.encode(), stdout=out, check=True, timeout=60)
        self.config = folder / "registry.yml"
        self.config.write_text(f"""version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: "{self.storage}"}}}}
http:
  addr: 127.0.0.1:{self.port}
  tls: {{certificate: "{certificate[0]}", key: "{certificate[1]}"}}
auth: {{htpasswd: {{realm: real-input, path: "{users}"}}}}
""")

    def start(self) -> None:
        command: list[str | Path] = ["docker-registry", "serve", self.config]
        self.running = Started(command, self.folder / "registry.log", lambda: accepts(self.port))

    def stop(self) -> None:
        if self.running:
            self.running.stop()
            self.running = None

    def contents(self) -> tuple[dict[str, list[str]], int, int]:
        """Its repositories with their tags, how many blobs it holds, and how many uploads were left open."""
        root = self.storage / "docker/registry/v2"
        tags: dict[str, list[str]] = {}
        for found in root.glob("repositories/**/_manifests"):
            repository = str(found.parent.relative_to(root / "repositories"))
            tags[repository] = sorted(tag.name for tag in (found / "tags").glob("*"))
        uploads = list(root.glob("repositories/**/_uploads/*"))
        return tags, len(list(root.glob("blobs/sha256/*/*/data"))), len(uploads)


class NameServer:
    """dnsmasq, answering for the names above and refusing to ask anyone else."""

    def __init__(self, folder: Path) -> None:
        for tries_left in reversed(range(TRIES)):
            self.port = free_port()
            try:
                self.running = Started(self.command(folder), folder / "dnsmasq.log", lambda: accepts(self.port))
            except SystemExit:
                if not tries_left:
                    raise
            else:
                break

    def command(self, folder: Path) -> list[str]:
        return [
            "dnsmasq",
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            "--no-resolv",
            "--no-hosts",
            "--listen-address=127.0.0.1",
            "--bind-interfaces",
            f"--port={self.port}",
            "--user=",
            "--group=",
            f"--pid-file={folder / 'dnsmasq.pid'}",
            "--local=/test/",
            f"--host-record={REGISTRY},127.0.0.1",
            f"--host-record={OTHER_NAME},127.0.0.1",
            f"--host-record={HOST},{own_address()}",
        ]

    def stop(self) -> None:
        self.running.stop()


class Deployment:
    """A data directory and its install directory, as the lab writes them, in a place of their own."""

    def __init__(self, folder: Path, data: Path, install: Path, secrets: list[str]) -> None:
        """`data` and `install` are below `folder`."""
        self.folder = folder
        self.data = data
        self.install = install
        self.secrets = secrets

    @classmethod
    def of_lab(cls, program: str, folder: Path, environment: dict[str, str]) -> "Deployment":
        """Takes what a lab has on disk while it runs."""
        with subprocess.Popen([program, "lab"], stdout=subprocess.PIPE, text=True, env=environment) as lab:
            try:
                site_file = told(lab.stdout or (), r"--site (\S+)")
                root = Path(site_file).parent
                site = Path(site_file).read_text().splitlines()
                data = Path(told(site, r'^data_dir = "(.+)"')).relative_to(root)
                install = Path(told(site, r'^install_dir = "(.+)"')).relative_to(root)
                secrets = [secret.read_text().strip() for secret in (root / "secrets").iterdir()]
                deployment = cls(folder, data, install, secrets)
                deployment.take(root)
            finally:
                lab.send_signal(signal.SIGINT)
        return deployment

    def take(self, root: Path) -> None:
        """Copies the directories of another place; paths and the host's name are in files of the data directory."""
        for part in (self.data, self.install):
            shutil.copytree(root / part, self.folder / part, symlinks=True)
        for file in (self.folder / self.data).rglob("*"):
            if file.is_file() and not file.is_symlink():
                text = file.read_bytes()
                moved = text.replace(str(root).encode(), str(self.folder).encode())
                moved = moved.replace(b"dss.lab.internal", HOST.encode())
                if moved != text:
                    file.write_bytes(moved)

    def copy(self, folder: Path) -> "Deployment":
        """The same deployment in another place, to be broken."""
        other = Deployment(folder, self.data, self.install, self.secrets)
        other.take(self.folder)
        return other

    def fingerprint(self) -> dict[str, tuple[int, int, bytes]]:
        """Every file with its mode, time and content: a run must change none."""
        found = {}
        for file in sorted(self.folder.rglob("*")):
            status = file.lstat()
            content = file.read_bytes() if file.is_file() and not file.is_symlink() else b""
            found[str(file)] = (status.st_mode, status.st_mtime_ns, hashlib.sha256(content).digest())
        return found


def told(lines: Iterable[str], pattern: str) -> str:
    """What the first line has that the pattern matches."""
    for line in lines:
        found = re.search(pattern, line)
        if found:
            return found[1]
    raise SystemExit(f"the lab tells nothing like {pattern}")


def site_file(
    path: Path, deployment: Deployment, port: int, dns_port: int, ca_file: Path, password_file: Path, host: str
) -> Path:
    path.write_text(f"""[host]
name = "{HOST}"

[dss]
data_dir = "{deployment.folder / deployment.data}"

[registry]
url = "{host}:{port}/dss"
username = "{USER}"
password = {{ file = "{password_file}" }}

[network]
ca_file = "{ca_file}"
dns_servers = ["127.0.0.1:{dns_port}"]

[limits]
connect = "20s"
request = "60s"
""")
    return path


def secret_file(path: Path, value: str) -> Path:
    path.touch(0o600)
    path.write_text(value)
    return path
