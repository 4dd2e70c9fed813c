"""The control plane: etcd, the API server, the controllers and the scheduler, on one machine."""

import base64

from api import Api
from machine import Service
from network import CONTROL_PLANE, FIRST_SERVICE, SERVICES

ETCD = f"http://{CONTROL_PLANE}:2379"


class ControlPlane:
    def __init__(self, machine, authority, binaries):
        self.machine, self.authority = machine, authority
        self.api = Api(machine, authority)
        pki = authority.folder
        self.etcd = Service(machine, "etcd", [
            "etcd", "--data-dir=/var/lib/etcd", f"--listen-client-urls={ETCD}", f"--advertise-client-urls={ETCD}",
            f"--listen-peer-urls=http://{CONTROL_PLANE}:2380", f"--initial-advertise-peer-urls=http://{CONTROL_PLANE}:2380",
            f"--initial-cluster=default=http://{CONTROL_PLANE}:2380"])
        self.api_server = Service(machine, "kube-apiserver", [
            binaries / "kube-apiserver", f"--etcd-servers={ETCD}", f"--advertise-address={CONTROL_PLANE}",
            f"--bind-address={CONTROL_PLANE}", "--secure-port=6443", "--authorization-mode=Node,RBAC",
            f"--client-ca-file={authority.certificate}",
            f"--tls-cert-file={pki}/apiserver.crt", f"--tls-private-key-file={pki}/apiserver.key",
            f"--service-account-key-file={pki}/accounts.pub", f"--service-account-signing-key-file={pki}/accounts.key",
            "--service-account-issuer=https://kubernetes.default.svc", f"--service-cluster-ip-range={SERVICES}",
            f"--kubelet-client-certificate={pki}/admin.crt", f"--kubelet-client-key={pki}/admin.key",
            "--kubelet-preferred-address-types=InternalIP"])
        # A node that falls silent is noticed in seconds, not in Kubernetes' own 40 s: see also the kubelet's lease.
        self.controllers = Service(machine, "kube-controller-manager", [
            binaries / "kube-controller-manager", f"--kubeconfig={pki}/controllers.conf", "--leader-elect=false",
            f"--service-account-private-key-file={pki}/accounts.key", f"--root-ca-file={authority.certificate}",
            "--use-service-account-credentials=true", "--node-monitor-period=1s", "--node-monitor-grace-period=6s"])
        self.scheduler = Service(machine, "kube-scheduler", [
            binaries / "kube-scheduler", f"--kubeconfig={pki}/scheduler.conf", "--leader-elect=false"])

    def start(self):
        self.authority.certify("apiserver", "/CN=apiserver", f"IP:{CONTROL_PLANE}", f"IP:{FIRST_SERVICE}",
                               "DNS:kubernetes.default.svc")
        for name, subject in {"admin": "/O=system:masters/CN=admin", "controllers": "/CN=system:kube-controller-manager",
                              "scheduler": "/CN=system:kube-scheduler"}.items():
            self.account(name, subject)
        self.etcd.start()
        self.start_api_server()
        self.controllers.start()
        self.scheduler.start()

    def start_api_server(self):
        self.api_server.start(self.api.answers, 60)

    def restart_api_server(self, *flags):
        """With these flags besides its own."""
        self.api_server.stop()
        usual = self.api_server.command
        self.api_server.command = [*usual, *flags]
        self.start_api_server()
        self.api_server.command = usual

    def account(self, name, subject):
        """Certifies a user and writes the kubeconfig NAME.conf for it."""
        certificate, key = self.authority.certify(name, subject)
        text = lambda file: base64.b64encode(file.read_bytes()).decode()
        file = self.authority.folder / f"{name}.conf"
        file.touch(0o600)
        file.write_text(f"""apiVersion: v1
kind: Config
current-context: {name}
contexts: [{{name: {name}, context: {{cluster: cluster, user: {name}}}}}]
clusters: [{{name: cluster, cluster: {{server: "https://{CONTROL_PLANE}:6443",
  certificate-authority-data: {text(self.authority.certificate)}}}}}]
users: [{{name: {name}, user: {{client-certificate-data: {text(certificate)}, client-key-data: {text(key)}}}}}]
""")
        return file
