"""A node: containerd, its pod network, cluster DNS, and the kubelet."""

import json
import shutil
from pathlib import Path
from typing import Any

from certificates import Authority
from cgroups import Cgroups
from control_plane import ControlPlane
from machine import Machine, Service, TroubleError
from name_servers import NodeNames
from network import REGISTRY_NAME, VPC_DNS, instance, node_address, node_name, pod_range

SOCKET = "/run/containerd/containerd.sock"
PAUSE = "localhost/pause:1"


class Node:
    def __init__(self, folder: Path, number: int, binaries: Path, authority: Authority) -> None:
        self.number = number
        self.name = node_name(number)
        self.address = node_address(number)
        self.binaries = binaries
        self.authority = authority
        self.machine = Machine(folder, f"node{number}")
        self.folder = folder / "nodes" / self.machine.name
        self.cgroups = Cgroups(folder, self.machine.name)
        self.names = NodeNames(self.machine, self.address)
        containerd: list[str | Path] = ["containerd", "--config", self.folder / "containerd.toml"]
        self.containerd = Service(self.machine, "containerd", containerd)
        self.kubelet = Service(self.machine, "kubelet", [binaries / "kubelet", *self.kubelet_flags()])

    def boot(self) -> None:
        """Before it is on the network. What containerd, the kubelet and the pod network keep is in memory and ends with
        it."""
        self.folder.mkdir(parents=True)
        (self.folder / "resolv.conf").write_text(f"nameserver {VPC_DNS}\n")
        prepare = f"""
            mount -t tmpfs tmpfs /run
            mount -t tmpfs tmpfs /var/lib
            # A kubelet removes the logs of pods that are not its own.
            mount -t tmpfs tmpfs /var/log
            mount --make-rshared /
            mount --bind {self.folder}/resolv.conf {Path("/etc/resolv.conf").resolve()}"""
        self.machine.boot(self.binaries / "pause", prepare)

    def prepare(self, control_plane: ControlPlane, image: Path) -> None:
        """Starts everything but the kubelet; `image` is an archive with the pause image."""
        control_plane.account(self.name, f"/O=system:nodes/CN=system:node:{self.name}")
        self.authority.certify(f"{self.name}-server", f"/CN={self.name}", f"DNS:{self.name}", f"IP:{self.address}")
        self.cgroups.create()
        self.write_pod_network()
        self.write_containerd()
        (self.folder / "kubelet.json").write_text(json.dumps(self.kubelet_settings()))
        self.names.start({})
        self.containerd.start(lambda: self.machine.run("ctr", "--address", SOCKET, "version", check=False))
        self.images("import", str(image))

    def write_pod_network(self) -> None:
        addresses = {
            "type": "host-local",
            "ranges": [[{"subnet": pod_range(self.number)}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        }
        bridge = {"type": "bridge", "bridge": "cni0", "isGateway": True, "ipMasq": False, "hairpinMode": True}
        network = {"cniVersion": "0.4.0", "name": "pods", "plugins": [bridge | {"ipam": addresses}]}
        (self.folder / "cni").mkdir()
        (self.folder / "cni/10-pods.conflist").write_text(json.dumps(network))

    def write_containerd(self) -> None:
        self.ask_images_of(REGISTRY_NAME)
        # Without CAP_SYS_RESOURCE a container's OOM score cannot go below containerd's own: runc would fail.
        (self.folder / "containerd.toml").write_text(f"""version = 2
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{PAUSE}"
stream_server_address = "{self.address}"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "{self.folder}/cni"
[plugins."io.containerd.grpc.v1.cri".registry]
config_path = "{self.folder}/registries"
""")

    def ask_images_of(self, host: str) -> None:
        """Has containerd ask this host for what is in the registry. It reads that at each pull."""
        hosts = self.folder / "registries" / REGISTRY_NAME
        hosts.mkdir(parents=True, exist_ok=True)
        (hosts / "hosts.toml").write_text(f"""server = "https://{host}"
[host."https://{host}"]
ca = "{self.authority.certificate}"
""")

    def kubelet_flags(self) -> list[str]:
        runtime = [] if minor(self.binaries) >= 24 else ["--container-runtime=remote"]
        return [
            f"--config={self.folder}/kubelet.json",
            f"--kubeconfig={self.authority.folder}/{self.name}.conf",
            f"--hostname-override={self.name}",
            f"--node-ip={self.address}",
            *runtime,
            f"--container-runtime-endpoint=unix://{SOCKET}",
        ]

    def kubelet_settings(self) -> dict[str, Any]:
        server = f"{self.authority.folder}/{self.name}-server"
        settings = {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": self.address,
            "healthzBindAddress": self.address,
            "clusterDNS": [self.address],
            "clusterDomain": "cluster.local",
            "resolvConf": f"{self.folder}/resolv.conf",
            # Several kubelets share this kernel, each with a corner of the cgroups of its own.
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": self.cgroups.path,
            "cgroupsPerQOS": False,
            "enforceNodeAllocatable": [],
            "failSwapOn": False,
            "providerID": f"cn-hangzhou.{instance(self.number)}",
            "evictionHard": {"memory.available": "50Mi"},
            "imageGCHighThresholdPercent": 100,
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": str(self.authority.certificate)},
            },
            "authorization": {"mode": "Webhook"},
            "tlsCertFile": f"{server}.crt",
            "tlsPrivateKeyFile": f"{server}.key",
            # That it fell silent is noticed after 6 s: see the controllers.
            "nodeStatusUpdateFrequency": "2s",
            "nodeLeaseDurationSeconds": 4,
        }
        if minor(self.binaries) >= 31:
            settings["failCgroupV1"] = False
        return settings

    def images(self, *words: str) -> str:
        return self.machine.run("ctr", "--address", SOCKET, "--namespace", "k8s.io", "images", *words)

    def forget_images(self) -> None:
        """Has no image any more but the sandbox's own."""
        held = [name for name in self.images("list", "--quiet").split() if name != PAUSE and "pause" not in name]
        if held:
            self.images("remove", "--sync", *held)

    def remove(self) -> None:
        """Removes what a node that was halted leaves."""
        self.cgroups.remove()
        shutil.rmtree(self.folder)


def minor(binaries: Path) -> int:
    """The minor version of Kubernetes, from the folder its binaries are in: v1.20.2."""
    try:
        return int(binaries.name.split(".")[1])
    except (IndexError, ValueError):
        raise TroubleError(f"{binaries} is not named after a version of Kubernetes") from None
