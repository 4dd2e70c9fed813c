"""What the runs look at: a registry, a name server, certificates and a data directory, all real and all on loopback."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

REGISTRY = "registry.example.test"
OTHER_NAME = "other.example.test"
HOST = "dss.example.test"
USER = "robot"


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def own_address():
    """The address this host would speak to the world from; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"


def quiet(*command, **options):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)


def authority(folder, name):
    """A certificate authority: its certificate and its key."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    quiet("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
          "-days", "30", "-subj", f"/CN={name}", "-keyout", key, "-out", certificate,
          "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    return certificate, key


def server_certificate(folder, issuer, name):
    certificate, key = folder / "server.pem", folder / "server.key"
    request, extensions = folder / "server.csr", folder / "server.ext"
    extensions.write_text(f"subjectAltName=DNS:{name}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n")
    quiet("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
          "-subj", f"/CN={name}", "-keyout", key, "-out", request)
    quiet("openssl", "x509", "-req", "-in", request, "-CA", issuer[0], "-CAkey", issuer[1], "-CAcreateserial",
          "-days", "30", "-extfile", extensions, "-out", certificate)
    return certificate, key


class Started:
    """A process that this script started, and the only kind it stops."""

    def __init__(self, command, log, answers):
        self.log = open(log, "ab")
        self.process = subprocess.Popen([str(word) for word in command], stdout=self.log, stderr=self.log)
        until = time.monotonic() + 15
        while not answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"{command[0]} does not start: {Path(log).read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Registry:
    """Debian's docker-registry, with TLS and htpasswd."""

    def __init__(self, folder, certificate, password):
        self.folder, self.port, self.running = folder, free_port(), None
        self.storage = folder / "registry"
        users = folder / "htpasswd"
        with open(users, "wb") as out:
            subprocess.run(["htpasswd", "-niB", USER], input=password.encode(), stdout=out, check=True)
        self.config = folder / "registry.yml"
        self.config.write_text(f"""version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: "{self.storage}"}}}}
http:
  addr: 127.0.0.1:{self.port}
  tls: {{certificate: "{certificate[0]}", key: "{certificate[1]}"}}
auth: {{htpasswd: {{realm: real-input, path: "{users}"}}}}
""")

    def start(self):
        command = ["docker-registry", "serve", self.config]
        self.running = Started(command, self.folder / "registry.log", lambda: accepts(self.port))

    def stop(self):
        if self.running:
            self.running.stop()
            self.running = None

    def contents(self):
        """Its repositories with their tags, and how many blobs it holds."""
        root = self.storage / "docker/registry/v2"
        tags = {}
        for found in root.glob("repositories/**/_manifests"):
            repository = str(found.parent.relative_to(root / "repositories"))
            tags[repository] = sorted(tag.name for tag in (found / "tags").glob("*"))
        uploads = list(root.glob("repositories/**/_uploads/*"))
        return tags, len(list(root.glob("blobs/sha256/*/*/data"))), len(uploads)


class NameServer:
    """dnsmasq, answering for the names above and refusing to ask anyone else."""

    def __init__(self, folder):
        self.port = free_port(socket.SOCK_DGRAM)
        command = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                   "--listen-address=127.0.0.1", "--bind-interfaces", f"--port={self.port}", "--user=", "--group=",
                   f"--pid-file={folder / 'dnsmasq.pid'}", "--local=/test/",
                   f"--host-record={REGISTRY},127.0.0.1", f"--host-record={OTHER_NAME},127.0.0.1",
                   f"--host-record={HOST},{own_address()}"]
        self.running = Started(command, folder / "dnsmasq.log", lambda: accepts(self.port))

    def stop(self):
        self.running.stop()


class Deployment:
    """A data directory and its install directory, as the lab writes them, moved to a place of their own."""

    def __init__(self, program, folder, environment):
        self.folder = folder
        lab = subprocess.Popen([program, "lab"], stdout=subprocess.PIPE, text=True, env=environment)
        try:
            line = next(line for line in lab.stdout if "--site " in line)
            root = Path(re.search(r"--site (\S+)", line)[1]).parent
            site = (root / "ackcheck.toml").read_text()
            self.data = Path(re.search(r'^data_dir = "(.+)"', site, re.M)[1]).relative_to(root)
            self.install = Path(re.search(r'^install_dir = "(.+)"', site, re.M)[1]).relative_to(root)
            self.secrets = [secret.read_text().strip() for secret in (root / "secrets").iterdir()]
            folder.mkdir()
            for part in (self.data, self.install):
                shutil.copytree(root / part, folder / part, symlinks=True)
        finally:
            lab.send_signal(signal.SIGINT)
            lab.wait(30)
        self.moved(root, folder)

    def moved(self, old, new):
        """Paths and the host's name are written into files of the data directory."""
        for file in (self.folder / self.data).rglob("*"):
            if file.is_file() and not file.is_symlink():
                text = file.read_bytes()
                changed = text.replace(str(old).encode(), str(new).encode()).replace(b"dss.lab.internal", HOST.encode())
                if changed != text:
                    file.write_bytes(changed)

    def copy(self, folder):
        """The same deployment in another place, to be broken."""
        other = object.__new__(Deployment)
        other.folder, other.data, other.install, other.secrets = folder, self.data, self.install, self.secrets
        shutil.copytree(self.folder, folder, symlinks=True)
        other.moved(self.folder, folder)
        return other

    def fingerprint(self):
        """Every file with its content and time: a run must change none."""
        found = {}
        for file in sorted(self.folder.rglob("*")):
            status = file.lstat()
            content = file.read_bytes() if file.is_file() and not file.is_symlink() else b""
            found[str(file)] = (status.st_mode, status.st_mtime_ns, hash(content))
        return found


def site_file(path, deployment, registry, name_server, ca_file, password_file, host=REGISTRY):
    path.write_text(f"""[host]
name = "{HOST}"

[dss]
data_dir = "{deployment.folder / deployment.data}"

[registry]
url = "{host}:{registry.port}/dss"
username = "{USER}"
password = {{ file = "{password_file}" }}

[network]
ca_file = "{ca_file}"
dns_servers = ["127.0.0.1:{name_server.port}"]

[limits]
connect = "2s"
request = "5s"
""")
    return path


def secret_file(path, value):
    path.touch(0o600)
    path.write_text(value)
    return path
