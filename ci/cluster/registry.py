"""The image registry: Debian's docker-registry with TLS and htpasswd, under the name of the lab's ACR instance."""

import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path

from machine import Service
from network import REGISTRY, REGISTRY_NAME


class Registry:
    def __init__(self, machine, authority):
        self.machine, self.authority = machine, authority
        self.folder = machine.folder / "registry"
        self.service = Service(machine, "docker-registry", ["docker-registry", "serve", self.folder / "config.yml"])
        certificate, key = (authority.folder / f"registry.{ending}" for ending in ("crt", "key"))
        keeper = Path(__file__).parent / "keeper.py"
        self.keeper = Service(machine, "keeper", [sys.executable, keeper, REGISTRY, certificate, key])

    def create(self, user, password):
        self.folder.mkdir()
        self.authority.certify("registry", f"/CN={REGISTRY_NAME}", f"DNS:{REGISTRY_NAME}")
        # Each request is hashed anew: at the usual cost that would be most of what a run takes.
        hashed = subprocess.run(["htpasswd", "-niB", "-C", "4", user], input=password, capture_output=True, text=True,
                                check=True)
        (self.folder / "users").write_text(hashed.stdout)
        self.configure()

    def configure(self, read_only="false", address=f"{REGISTRY}:443", tls=True):
        certificate = self.authority.folder / "registry"
        tls = f'tls: {{certificate: "{certificate}.crt", key: "{certificate}.key"}}' if tls else ""
        (self.folder / "config.yml").write_text(f"""version: 0.1
log: {{level: info}}
storage:
  filesystem: {{rootdirectory: "{self.folder}/data"}}
  maintenance: {{readonly: {{enabled: {read_only}}}}}
http:
  addr: "{address}"
  relativeurls: true
  {tls}
auth: {{htpasswd: {{realm: cluster, path: "{self.folder}/users"}}}}
""")

    def start(self):
        self.service.start(self.answers)

    def answers(self):
        context = ssl.create_default_context(cafile=self.authority.certificate)
        try:
            with self.machine.network():
                plain = socket.create_connection((REGISTRY, 443), 2)
            with context.wrap_socket(plain, server_hostname=REGISTRY_NAME):
                return True
        except OSError:
            return False

    def empty(self):
        """Holds nothing any more."""
        self.service.stop()
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        self.start()

    def make_read_only(self, so):
        self.service.stop()
        self.configure(read_only=str(so).lower())
        self.start()

    def stand_behind_keeper(self):
        """Makes no repositories any more: see keeper.py."""
        self.service.stop()
        self.configure(address="127.0.0.1:5000", tls=False)
        self.service.start()
        self.keeper.start(self.answers)

    def stand_alone(self):
        self.keeper.stop()
        self.service.stop()
        self.configure()
        self.start()

    def purge_uploads(self):
        """What the registry does by itself after a week, and nobody else can: it lists its open uploads to no client."""
        for upload in self.folder.glob("data/docker/registry/v2/repositories/**/_uploads/*"):
            shutil.rmtree(upload)

    def contents(self):
        """Its repositories with their tags, how many blobs it holds, and how many uploads were left open."""
        root = self.folder / "data/docker/registry/v2"
        tags = {}
        for found in root.glob("repositories/**/_manifests"):
            repository = str(found.parent.relative_to(root / "repositories"))
            tags[repository] = sorted(tag.name for tag in (found / "tags").glob("*"))
        return tags, len(list(root.glob("blobs/sha256/*/*/data"))), len(list(root.glob("repositories/**/_uploads/*")))
