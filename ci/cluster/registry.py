"""The image registry: Debian's docker-registry with TLS and htpasswd, under the name of the lab's ACR instance."""

import json
import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import base_images
from certificates import Authority
from machine import Machine, Service
from network import REGISTRY, REGISTRY_NAME

PROBE = "dss/ackcheck-probe"
# Manifests and configurations are smaller, layers larger.
LARGEST_MANIFEST = 64 << 10
# Of the probe's image: one of its platform, and the list that its tag names. A push writes both under the tag. Of what
# current builders push: an OCI image, two kinds of attestation with an index each, and an image with a zstd layer. This
# registry lets nobody delete.
MANIFESTS = 2 + 6


class Registry:
    def __init__(self, machine: Machine, authority: Authority) -> None:
        self.machine = machine
        self.authority = authority
        self.folder = machine.folder / "registry"
        self.service = Service(machine, "docker-registry", ["docker-registry", "serve", self.folder / "config.yml"])
        certificate, key = (authority.folder / f"registry.{ending}" for ending in ("crt", "key"))
        keeper = Path(__file__).parent / "keeper.py"
        self.keeper = Service(machine, "keeper", [sys.executable, keeper, REGISTRY, certificate, key])

    @property
    def data(self) -> Path:
        """Where it keeps what was pushed."""
        return self.folder / "data/docker/registry/v2"

    def create(self, user: str, password: str) -> None:
        self.folder.mkdir()
        self.authority.certify("registry", f"/CN={REGISTRY_NAME}", f"DNS:{REGISTRY_NAME}")
        # Each request is hashed anew: at the usual cost that would be most of what a run takes.
        command = ["htpasswd", "-niB", "-C", "4", user]
        hashed = subprocess.run(command, input=password, capture_output=True, text=True, check=True, timeout=60)
        (self.folder / "users").write_text(hashed.stdout)
        self.configure()

    def configure(self, *, read_only: bool = False, address: str = f"{REGISTRY}:443", tls: bool = True) -> None:
        certificate = self.authority.folder / "registry"
        tls_lines = f'tls: {{certificate: "{certificate}.crt", key: "{certificate}.key"}}' if tls else ""
        (self.folder / "config.yml").write_text(f"""version: 0.1
log: {{level: info}}
storage:
  filesystem: {{rootdirectory: "{self.folder}/data"}}
  maintenance: {{readonly: {{enabled: {str(read_only).lower()}}}}}
http:
  addr: "{address}"
  relativeurls: true
  {tls_lines}
auth: {{htpasswd: {{realm: cluster, path: "{self.folder}/users"}}}}
""")

    def start(self) -> None:
        base_images.push(self.data)
        self.service.start(self.answers)

    def answers(self, port: int = 443) -> bool:
        context = ssl.create_default_context(cafile=self.authority.certificate)
        try:
            with self.machine.network():
                plain = socket.create_connection((REGISTRY, port), 2)
            with context.wrap_socket(plain, server_hostname=REGISTRY_NAME):
                return True
        except OSError:
            return False

    def empty(self) -> None:
        """Holds nothing any more."""
        self.service.stop()
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        self.start()

    def make_read_only(self, read_only: bool) -> None:
        self.service.stop()
        self.configure(read_only=read_only)
        self.start()

    def stand_behind_keeper(self) -> None:
        """Makes no repositories any more: see keeper.py."""
        self.service.stop()
        self.configure(address="127.0.0.1:5000", tls=False)
        self.service.start()
        self.keeper.start(self.answers)

    def front(self, port: int, status: int, *clients: str, certified: str = "registry") -> Service:
        """What answers these clients, or everybody, with a status: see front.py."""
        certificate, key = (self.authority.folder / f"{certified}.{ending}" for ending in ("crt", "key"))
        program = Path(__file__).parent / "front.py"
        words: list[str | Path] = [
            sys.executable,
            program,
            REGISTRY,
            str(port),
            certificate,
            key,
            str(status),
            *clients,
        ]
        return Service(self.machine, f"front-{port}", words)

    def throttle(self, *clients: str) -> Service:
        """Answers these clients that they ask too often. `stand_alone` ends it once it is stopped."""
        self.service.stop()
        self.configure(address="127.0.0.1:5000", tls=False)
        self.service.start()
        front = self.front(443, 429, *clients)
        front.start(self.answers)
        return front

    def stand_alone(self) -> None:
        self.keeper.stop()
        self.service.stop()
        self.configure()
        self.start()

    def purge_uploads(self) -> None:
        """What the registry does by itself after a week, and nobody else can: it lists its open uploads to no
        client."""
        for upload in self.uploads():
            shutil.rmtree(upload)

    def uploads(self) -> list[Path]:
        """Uploads that were left open. Of one that was canceled the state of its checksum stays, which the registry
        writes once more after it removed all."""
        return [found.parent for found in self.data.glob("repositories/**/_uploads/*/startedat")]

    def tags(self) -> dict[str, list[str]]:
        """Its repositories with their tags."""
        root = self.data / "repositories"
        found = root.glob("**/_manifests")
        return {str(at.parent.relative_to(root)): sorted(tag.name for tag in (at / "tags").glob("*")) for at in found}

    def probe_images(self) -> list[str]:
        """The probe's image by each of its tags, as nodes pull it."""
        return [f"{REGISTRY_NAME}/{PROBE}:{tag}" for tag in self.tags().get(PROBE, [])]

    def unaccounted(self) -> list[str]:
        """What it holds besides DSS's base images and is not the probe's image: one repository, one tag, its manifests,
        and what they name."""
        tags = self.tags()
        names = tags.get(PROBE, [])
        found = [f"repository {name}" for name in tags if name not in (PROBE, *base_images.tags())]
        found += [f"tag {name}" for name in names if not name.startswith("ackcheck-")]
        found += [f"tag {name}" for name in names[1:]]
        manifests = len(self.revisions())
        found += [f"{manifests} manifests, more than {MANIFESTS}"] if manifests > MANIFESTS else []
        uploads = len(self.uploads())
        found += [f"{uploads} open uploads"] if uploads else []
        accounted = self.named_by_probe() | dict(base_images.blobs()).keys()
        more = len(list(self.data.glob("blobs/sha256/*/*/data"))) - len(accounted)
        return found + ([f"{more} blobs"] if more else [])

    def revisions(self) -> list[str]:
        """The digests of the probe's manifests, with a tag or without: a killed run leaves the tag on either."""
        links = self.data.glob(f"repositories/{PROBE}/_manifests/revisions/sha256/*/link")
        return [link.read_text() for link in links]

    def named_by_probe(self) -> set[str]:
        """The digests of every blob that the probe's manifests lead to."""
        reach = self.revisions()
        accounted: set[str] = set()
        while reach:
            digest = reach.pop()
            accounted.add(digest)
            blob = self.data / "blobs/sha256" / digest[7:9] / digest[7:] / "data"
            if blob.stat().st_size < LARGEST_MANIFEST and blob.read_bytes().startswith(b"{"):
                content = json.loads(blob.read_text())
                reach += [entry["digest"] for entry in content.get("manifests", []) + content.get("layers", [])]
                reach += [content["config"]["digest"]] if "digest" in content.get("config", {}) else []
        return accounted
