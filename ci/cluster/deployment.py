"""The DSS host, and the cloud around the VPC: what cannot be had here is served by `ackcheck lab`."""

import base64
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from machine import Machine, Service, TroubleError
from name_servers import VpcNames
from network import DSS_HOST, DSS_NAME, GATEWAY, VPC_DNS

BASE_PORT = 11200

# What replaces something in a site file: a pattern, and the text instead of it.
Edit = tuple[str, str]

# The account of DSS: its number, which no account of this machine has.
DSS_ACCOUNT = 61001
AS_DSS = ("setpriv", f"--reuid={DSS_ACCOUNT}", f"--regid={DSS_ACCOUNT}", "--clear-groups")

# Where ackcheck listens on the DSS host. All ports would be half of a run, so that only the cases that are about them
# have it listen there.
SOME_PORTS = "30000-30511"
EVERY_PORT: Edit = (r"listen_ports = .*\n", "")


def leads_to_dss(port: int) -> list[str]:
    """What has a port of the DSS host lead to the lab's DSS."""
    return ["socat", f"TCP-LISTEN:{port},bind={DSS_HOST},reuseaddr,fork", f"TCP:{GATEWAY}:{BASE_PORT}"]


class Cloud:
    """The way out of the VPC. Whatever is asked there, OSS, the OpenAPI or the instance's metadata, is asked of the
    lab, which has ports of loopback and tells services apart by their names."""

    def __init__(self, machine: Machine, program: str, nodes: int) -> None:
        self.machine = machine
        self.names = VpcNames(machine)
        self.nodes = nodes
        self.scratch = machine.folder / "lab"
        self.lab = self.served_by(program)

    def served_by(self, program: str) -> Service:
        command = [program, "lab", "--pod-network", "flannel", "--nodes", str(self.nodes)]
        environment = {"TMPDIR": str(self.scratch), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        return Service(self.machine, "lab", command, environment)

    def start(self, program: str) -> None:
        self.lab = self.served_by(program)
        self.machine.shell(f"ip address add {VPC_DNS}/32 dev lo")
        self.names.start(VpcNames.ZONE)
        self.scratch.mkdir()
        self.lab.start(lambda: "Secrets" in self.lab.log.read_text())
        gateway = self.told(r"HTTPS_PROXY=http://127\.0\.0\.1:(\d+)")
        dss = self.told(r"http://127\.0\.0\.1:(\d+)/dip")
        rules = f"""table ip cloud {{
chain arriving {{
type nat hook prerouting priority dstnat
ip daddr {GATEWAY} tcp dport {BASE_PORT} dnat to 127.0.0.1:{dss}
ip daddr != 10.0.0.0/16 tcp dport {{ 80, 443 }} dnat to 127.0.0.1:{gateway}
}}
}}
"""
        self.machine.run("nft", "-f", "-", text=rules)
        # Without it the kernel drops what was sent to loopback from outside.
        self.machine.run("sysctl", "-qw", "net.ipv4.conf.eth0.route_localnet=1")

    def told(self, pattern: str) -> str:
        """What the lab printed."""
        found = re.search(pattern, self.lab.log.read_text())
        if not found:
            raise TroubleError(f"the lab prints nothing like {pattern}")
        return found[1]

    @property
    def folder(self) -> Path:
        """Where the lab keeps its files."""
        return Path(self.told(r"--site (\S+)")).parent


class DssHost:
    """The host under DSS, with the data directory of the lab and its backend's ports."""

    def __init__(self, machine: Machine, cloud: Cloud) -> None:
        self.machine = machine
        self.cloud = cloud
        self.folder = machine.folder / "dss"

    def forward(self, port: int) -> Service:
        """A port of the host that leads to the lab's DSS."""
        return Service(self.machine, f"port-{port}", [*AS_DSS, *leads_to_dss(port)])

    def backend(self, data: Path) -> Service:
        """The backend's port, held by a process with the command line and the environment that DSS's backend has."""
        port = BASE_PORT + 1
        name = f"java -Ddku.backend -cp {data}/bin:"
        command = [*AS_DSS, "bash", "-c", 'exec -a "$0" "$@"', name, *leads_to_dss(port)]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DKU_BACKEND_EXT_HOST": DSS_NAME}
        return Service(self.machine, f"port-{port}", command, environment)

    def boot(self, idle: Path) -> None:
        self.folder.mkdir()
        (self.folder / "hosts").write_text(f"127.0.0.1 localhost\n{DSS_HOST} {DSS_NAME} dss\n")
        (self.folder / "resolv.conf").write_text(f"nameserver {VPC_DNS}\n")
        account = f"dssuser:x:{DSS_ACCOUNT}:{DSS_ACCOUNT}::{self.folder}/home:/bin/bash\n"
        (self.folder / "passwd").write_text(Path("/etc/passwd").read_text() + account)
        names = ("hosts", "resolv.conf", "passwd")
        binds = [f"mount --bind {self.folder}/{name} {Path('/etc', name).resolve()}" for name in names]
        self.machine.boot(idle, "\n".join([*binds, "hostname dss"]))

    def start(self, kubeconfig: Path, authorities: Sequence[Path]) -> None:
        """Writes its files and serves its ports."""
        lab = self.cloud.folder
        # No Docker daemon can be had here: the lab's host has a `docker` that answers as one. What else stands in for
        # something says so; all other commands are real.
        (self.folder / "bin").mkdir()
        (self.folder / "bin/docker").symlink_to(lab_commands(lab / "ackcheck.toml") / "docker")
        self.grow()
        self.log_in_docker((lab / "ackcheck.toml").read_text())
        (self.folder / "secrets").symlink_to(lab / "secrets")
        (self.folder / "ca.pem").write_text("".join(file.read_text() for file in (lab / "ca.pem", *authorities)))
        (self.folder / "kubeconfig").symlink_to(kubeconfig)
        data = lab_commands(lab / "ackcheck.toml").parent / "dss_data"
        for path in (data, *data.rglob("*")):
            os.chown(path, DSS_ACCOUNT, DSS_ACCOUNT, follow_symlinks=False)
        for port in (self.forward(BASE_PORT), self.backend(data.resolve())):
            port.start()

    def grow(self) -> None:
        """Has `cat` show the limits and the memory that DSS asks for: the kernel's own are this machine's."""
        limits = self.folder / "limits"
        limits.write_text(
            "Limit                     Soft Limit           Hard Limit           Units     \n"
            "Max processes             65536                65536                processes \n"
            "Max open files            65536                65536                files     \n"
        )
        memory = self.folder / "memory"
        memory.write_text("MemTotal:       64852312 kB\nMemFree:          812345 kB\n")
        cat = self.folder / "bin/cat"
        cat.write_text(f"""#!/bin/sh
case "$2" in
/proc/*/limits) exec /bin/cat {limits} ;;
/proc/meminfo) exec /bin/cat {memory} ;;
esac
exec /bin/cat "$@"
""")
        cat.chmod(0o755)

    def log_in_docker(self, site: str) -> None:
        """Leaves what `docker login` would in a home of the DSS account's own: the machine's is not this host's."""
        user, repository = (re.search(rf'(?m)^{key} = "(.+?)"', site) for key in ("username", "url"))
        if not user or not repository:
            raise TroubleError("the lab's site file has no login for its registry")
        login = base64.b64encode(f"{user[1]}:{self.secret('registry-password')}".encode()).decode()
        settings = self.folder / "home/.docker/config.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps({"auths": {repository[1].split("/")[0]: {"auth": login}}}))
        printenv = self.folder / "bin/printenv"
        printenv.write_text(f'#!/bin/sh\n[ "$1" = HOME ] && echo {self.folder}/home\n')
        printenv.chmod(0o755)

    def site(self, name: str = "ackcheck", *edits: Edit) -> Path:
        """Writes a site file, the lab's own but for what is real here, and for the edits."""
        text = (self.cloud.folder / "ackcheck.toml").read_text()
        # Names are resolved and dialled as they are; limits are ackcheck's own.
        text = re.sub(r"(?s)\[network\].*", f'[network]\nca_file = "{self.folder}/ca.pem"\n', text)
        folders = (self.folder / "bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")
        commands = ", ".join(f'"{folder}"' for folder in folders)
        own: tuple[Edit, ...] = (
            (r"command_path = .*", f"command_path = [{commands}]"),
            (r"context = .*\n", ""),
            (r"# Ports of loopback.*\nlisten_ports = .*", f'listen_ports = ["{SOME_PORTS}"]'),
            (r"kubeconfig = .*", f'kubeconfig = "{self.folder}/kubeconfig"'),
        )
        for pattern, replacement in (*own, *edits):
            text, times = re.subn(pattern, replacement, text)
            if not times:
                raise TroubleError(f"the site file has nothing like {pattern}")
        file = self.folder / f"{name}.toml"
        file.write_text(text)
        return file

    def secret(self, name: str) -> str:
        return (self.cloud.folder / "secrets" / name).read_text().strip()


def lab_commands(site: Path) -> Path:
    """The folder of the lab's own commands."""
    found = re.search(r'command_path = \["(.+?)"\]', site.read_text())
    if not found:
        raise TroubleError(f"{site} has no command_path")
    return Path(found[1])
