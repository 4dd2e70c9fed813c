"""A whole deployment on one machine, in namespaces: a VPC with a real Kubernetes, a real registry, real name servers
and the DSS host. README.md tells how it is laid out."""

import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import cgroups
from certificates import Authority
from control_plane import ControlPlane
from deployment import Cloud, DssHost
from machine import Machine, SkipError, TroubleError, until
from network import CONTROL_PLANE, DSS_HOST, GATEWAY, REGISTRY, REGISTRY_NAME, Switch, pod_range
from node import PAUSE, Node, minor
from registry import Registry
from rights import ACCOUNT, NAMESPACE, all_rights, grant

VERSION = os.environ.get("ACKCHECK_KUBERNETES", "v1.20.2")
PULL_SECRET = "acr-login"
USER = "dssuser@lab"


def binaries() -> Path:
    """Where ci/cluster/build leaves them."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "ackcheck-cluster" / VERSION


def scratch() -> Path:
    """Where the cluster's files are while it is up."""
    return Path(os.environ.get("ACKCHECK_CLUSTER") or Path(tempfile.gettempdir()) / "ackcheck-cluster").resolve()


class Cluster:
    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or scratch()
        self.binaries = binaries()
        self.authority = Authority(self.folder / "authority")
        self.switch = Switch(self.machine("vpc"))
        self.control_plane = ControlPlane(self.machine("control"), self.authority, self.binaries)
        self.api = self.control_plane.api
        self.registry = Registry(self.machine("registry"), self.authority)
        facts: dict[str, Any] = {"program": "ackcheck", "nodes": 0}
        if self.facts.exists():
            facts = json.loads(self.facts.read_text())
        self.program: str = facts["program"]
        # The lab's world has one node more than the cluster starts with, for the one that is added during a run.
        self.cloud = Cloud(self.machine("cloud"), self.program, 3)
        self.dss = DssHost(self.machine("dss"), self.cloud)
        self.nodes = [self.node(number) for number in range(1, facts["nodes"] + 1)]

    def machine(self, name: str) -> Machine:
        return Machine(self.folder, name)

    @property
    def facts(self) -> Path:
        """The file that tells a later command what is up."""
        return self.folder / "cluster.json"

    def node(self, number: int) -> Node:
        return Node(self.folder, number, self.binaries, self.authority)

    def remember(self) -> None:
        self.facts.write_text(json.dumps({"program": self.program, "nodes": len(self.nodes)}))

    def up(self, program: Path, nodes: int = 2) -> None:
        if (self.folder / "processes").exists():
            raise TroubleError(f"{self.folder} has a cluster already: ci/cluster/down ends it")
        if not (self.binaries / "pause").exists():
            raise TroubleError(f"{self.binaries} has no Kubernetes: ci/cluster/build makes it")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.program = str(program)
        self.remember()
        idle = self.binaries / "pause"
        self.authority.create()
        self.switch.machine.boot(idle)
        self.switch.create()
        self.connect(self.cloud.machine, GATEWAY, idle)
        self.connect(self.control_plane.machine, CONTROL_PLANE, idle, "mount -t tmpfs tmpfs /var/lib")
        self.connect(self.registry.machine, REGISTRY, idle)
        self.cloud.start(self.program)
        self.control_plane.start()
        self.registry.create(USER, self.dss.secret("registry-password"))
        self.registry.start()
        self.dss.boot(idle)
        self.join(self.dss.machine, DSS_HOST)
        self.dss.start(self.control_plane.account(ACCOUNT, f"/CN={ACCOUNT}"), [self.authority.certificate])
        self.give_kubectl()
        self.dss.site()
        self.prepare_namespace()
        for _ in range(nodes):
            self.prepare_node().kubelet.start()
        self.await_nodes()

    def connect(self, machine: Machine, address: str, idle: Path, prepare: str = "") -> None:
        machine.boot(idle, prepare)
        self.join(machine, address)

    def join(self, machine: Machine, address: str) -> None:
        """Puts a machine on the network, with the ways to every pod there is and out of the VPC."""
        self.switch.connect(machine, address)
        ways = [f"ip route add {pod_range(node.number)} via {node.address}" for node in self.nodes]
        if address != GATEWAY:
            ways.append(f"ip route add default via {GATEWAY}")
        machine.shell("\n".join(ways) or ":")

    def give_kubectl(self) -> None:
        """The DSS host gets the kubectl of this Kubernetes."""
        (self.dss.folder / "bin/kubectl").symlink_to(self.binaries / "kubectl")

    def take_kubectl(self) -> None:
        (self.dss.folder / "bin/kubectl").unlink()

    def prepare_namespace(self) -> None:
        """What an administrator prepares for DSS: a namespace, a pull secret in it, and the account's rights."""
        self.api.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        grant(self, all_rights(self))
        self.write_pull_secret(self.dss.secret("registry-password"))
        account = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/default"
        until(lambda: self.api.exists(account), 120, "the namespace gets no service account")
        self.give_pull_secret(True)

    def write_pull_secret(self, password: str) -> None:
        """The secret that nodes pull with."""
        self.write_logins({REGISTRY_NAME: {"username": USER, "password": password}})

    def remove_pull_secret(self) -> None:
        self.api.delete(f"/api/v1/namespaces/{NAMESPACE}/secrets/{PULL_SECRET}")

    def write_logins(self, logins: Mapping[str, Mapping[str, str]]) -> None:
        """The secret that nodes pull with, with these logins by their location."""
        self.remove_pull_secret()
        secrets = f"/api/v1/namespaces/{NAMESPACE}/secrets"
        login = {"auths": logins}
        self.api.create(
            secrets,
            {
                "metadata": {"name": PULL_SECRET},
                "type": "kubernetes.io/dockerconfigjson",
                "stringData": {".dockerconfigjson": json.dumps(login)},
            },
        )

    def give_pull_secret(self, given: bool) -> None:
        """Whether pods of the namespace are given the pull secret."""
        self.api.patch(
            f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/default",
            {"imagePullSecrets": [{"name": PULL_SECRET}] if given else None},
        )

    def prepare_node(self) -> Node:
        """Adds the next node, all but its kubelet: once that is started it joins the cluster."""
        node = self.node(len(self.nodes) + 1)
        node.boot()
        self.join(node.machine, node.address)
        for other in self.machines():
            if other.first.pid and other is not self.switch.machine:
                other.shell(f"ip route replace {pod_range(node.number)} via {node.address}")
        node.prepare(self.control_plane, self.pause_image())
        self.nodes.append(node)
        self.remember()
        return node

    def remove_last_node(self) -> None:
        node = self.nodes.pop()
        node.machine.halt()
        node.remove()
        self.api.delete(f"/api/v1/nodes/{node.name}")
        self.remember()

    def ready_nodes(self) -> set[str]:
        """The names of the nodes that are Ready."""
        return {
            node["metadata"]["name"]
            for node in self.api.items("/api/v1/nodes")
            for condition in node["status"].get("conditions", [])
            if (condition["type"], condition["status"]) == ("Ready", "True")
        }

    def await_nodes(self) -> None:
        until(lambda: len(self.ready_nodes()) == len(self.nodes), 300, self.why_not_ready)
        self.give_pod_ranges()

    def give_pod_ranges(self) -> None:
        """To nodes that have none yet, as ACK's controller does. It can be given once."""
        ranges = {node.name: pod_range(node.number) for node in self.nodes}
        for node in self.api.items("/api/v1/nodes"):
            name = node["metadata"]["name"]
            if name in ranges and not node["spec"].get("podCIDR"):
                given = {"podCIDR": ranges[name], "podCIDRs": [ranges[name]]}
                self.api.patch(f"/api/v1/nodes/{name}", {"spec": given})

    def forget_images(self) -> None:
        """No node has the probe's image any more, so that each has to be given it."""
        for node in self.nodes:
            node.forget_images()

    def needs(self, least: int, why: str) -> None:
        """Says that a case cannot be asked of Kubernetes before 1.`least`."""
        if minor(self.binaries) < least:
            raise SkipError(f"Kubernetes {VERSION}: {why}")

    def needs_at_most(self, most: int, why: str) -> None:
        """Says that a case cannot be asked of Kubernetes after 1.`most`."""
        if minor(self.binaries) > most:
            raise SkipError(f"Kubernetes {VERSION}: {why}")

    def restart_api_server(self, *flags: str) -> None:
        """Starts it again, with these flags besides its own, and waits until no node is taken for lost any more."""
        self.control_plane.restart_api_server(*flags)
        # A node that has renewed its lease for 3 s has been seen by the controllers.
        since = datetime.now(UTC) + timedelta(seconds=3)
        leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"
        # From a modern API server on Debian's etcd watchers hear nothing for the first minute.
        until(lambda: all(renewed(lease) > since for lease in self.api.items(leases)), 300, self.why_not_ready)
        self.await_nodes()

    def why_not_ready(self) -> str:
        return self.nodes[-1].kubelet.last_words()

    def kubectl(self, *words: str) -> list[str]:
        """kubectl as the administrator: a command for the control plane's machine."""
        return [str(self.binaries / "kubectl"), "--kubeconfig", f"{self.authority.folder}/admin.conf", *words]

    def machines(self) -> list[Machine]:
        """All of them, the last booted first."""
        return [
            *(node.machine for node in reversed(self.nodes)),
            self.dss.machine,
            self.registry.machine,
            self.control_plane.machine,
            self.cloud.machine,
            self.switch.machine,
        ]

    def pause_image(self) -> Path:
        """The image of pods' sandboxes, as `docker save` would write it."""
        archive = self.folder / "pause.tar"
        if not archive.exists():
            layer = tar({"pause": ((self.binaries / "pause").read_bytes(), 0o755)})
            config = {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Entrypoint": ["/pause"]},
                "rootfs": {"type": "layers", "diff_ids": ["sha256:" + sha256(layer).hexdigest()]},
            }
            manifest = [{"Config": "config.json", "RepoTags": [PAUSE], "Layers": ["layer.tar"]}]
            archive.write_bytes(
                tar(
                    {
                        "layer.tar": (layer, 0o644),
                        "config.json": (json.dumps(config).encode(), 0o644),
                        "manifest.json": (json.dumps(manifest).encode(), 0o644),
                    }
                )
            )
        return archive

    def down(self) -> None:
        """Ends what `up` started and removes what it made; what was started by others is not touched."""
        # Every machine ever booted here, those of a cluster that came up by half included.
        for file in sorted((self.folder / "processes").glob("*")):
            if "." not in file.name:
                Machine(self.folder, file.name).halt()
        cgroups.remove_all(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def renewed(lease: dict[str, Any]) -> datetime:
    """When a node last said that it is there."""
    return datetime.fromisoformat(lease["spec"]["renewTime"])


def tar(files: Mapping[str, tuple[bytes, int]]) -> bytes:
    """An archive of files: name to content and mode."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()
