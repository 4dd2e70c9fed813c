"""The control plane: etcd, the API server, the controllers and the scheduler, on one machine."""

import base64
from pathlib import Path

from api import Api
from certificates import Authority
from machine import Machine, Service
from network import CONTROL_PLANE, FIRST_SERVICE, SERVICES

ETCD = f"http://{CONTROL_PLANE}:2379"
PEERS = f"http://{CONTROL_PLANE}:2380"
ACCOUNTS = {
    "admin": "/O=system:masters/CN=admin",
    "controllers": "/CN=system:kube-controller-manager",
    "scheduler": "/CN=system:kube-scheduler",
}


class ControlPlane:
    def __init__(self, machine: Machine, authority: Authority, binaries: Path) -> None:
        self.machine = machine
        self.authority = authority
        self.api = Api(machine, authority)
        self.etcd = Service(machine, "etcd", etcd())
        self.api_server = Service(
            machine, "kube-apiserver", [binaries / "kube-apiserver", *api_server_flags(authority)]
        )
        self.controllers = Service(
            machine, "kube-controller-manager", [binaries / "kube-controller-manager", *controllers_flags(authority)]
        )
        scheduler = ["--leader-elect=false", f"--kubeconfig={authority.folder}/scheduler.conf"]
        self.scheduler = Service(machine, "kube-scheduler", [binaries / "kube-scheduler", *scheduler])

    def start(self) -> None:
        names = (f"IP:{CONTROL_PLANE}", f"IP:{FIRST_SERVICE}", "DNS:kubernetes.default.svc")
        self.authority.certify("apiserver", "/CN=apiserver", *names)
        for name, subject in ACCOUNTS.items():
            self.account(name, subject)
        self.etcd.start()
        self.api_server.start(self.api.answers, 180)
        self.controllers.start()
        self.scheduler.start()

    def restart_api_server(self, *flags: str) -> None:
        """With these flags besides its own."""
        self.api_server.stop()
        self.api_server.start(self.api.answers, 180, flags)

    def account(self, name: str, subject: str) -> Path:
        """Certifies a user and writes the kubeconfig NAME.conf for it."""
        certificate, key = self.authority.certify(name, subject)
        file = self.authority.folder / f"{name}.conf"
        file.touch(0o600)
        file.write_text(f"""apiVersion: v1
kind: Config
current-context: {name}
contexts: [{{name: {name}, context: {{cluster: cluster, user: {name}}}}}]
clusters: [{{name: cluster, cluster: {{server: "https://{CONTROL_PLANE}:6443",
  certificate-authority-data: {in_base64(self.authority.certificate)}}}}}]
users: [{{name: {name}, user: {{client-certificate-data: {in_base64(certificate)},
  client-key-data: {in_base64(key)}}}}}]
""")
        return file


def in_base64(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def etcd() -> list[str]:
    return [
        "etcd",
        "--data-dir=/var/lib/etcd",
        f"--listen-client-urls={ETCD}",
        f"--advertise-client-urls={ETCD}",
        f"--listen-peer-urls={PEERS}",
        f"--initial-advertise-peer-urls={PEERS}",
        f"--initial-cluster=default={PEERS}",
    ]


def api_server_flags(authority: Authority) -> list[str]:
    pki = authority.folder
    return [
        f"--etcd-servers={ETCD}",
        f"--advertise-address={CONTROL_PLANE}",
        f"--bind-address={CONTROL_PLANE}",
        "--secure-port=6443",
        "--authorization-mode=Node,RBAC",
        f"--client-ca-file={authority.certificate}",
        f"--tls-cert-file={pki}/apiserver.crt",
        f"--tls-private-key-file={pki}/apiserver.key",
        f"--service-account-key-file={pki}/accounts.pub",
        f"--service-account-signing-key-file={pki}/accounts.key",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-cluster-ip-range={SERVICES}",
        f"--kubelet-client-certificate={pki}/admin.crt",
        f"--kubelet-client-key={pki}/admin.key",
        "--kubelet-preferred-address-types=InternalIP",
    ]


def controllers_flags(authority: Authority) -> list[str]:
    """A node that falls silent is noticed in seconds, not in Kubernetes' own 40 s: see also the kubelet's lease."""
    return [
        "--leader-elect=false",
        f"--kubeconfig={authority.folder}/controllers.conf",
        f"--service-account-private-key-file={authority.folder}/accounts.key",
        f"--root-ca-file={authority.certificate}",
        "--use-service-account-credentials=true",
        "--node-monitor-period=1s",
        "--node-monitor-grace-period=6s",
    ]
