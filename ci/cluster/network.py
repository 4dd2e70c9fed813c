"""The VPC: one switch that every machine hangs on. Its filters are the security groups; a host's own firewall is on the
host.

Addresses and names are those of the lab's world (fixtures/lab/deployment.json), so that what the lab's OpenAPI tells of
the deployment is true of this one."""

import subprocess

from machine import Machine

GATEWAY = "10.0.0.1"
CONTROL_PLANE = "10.0.0.10"
DSS_HOST = "10.0.0.20"
REGISTRY = "10.0.0.40"
VPC_DNS = "100.100.2.136"
SERVICES = "172.21.0.0/20"
FIRST_SERVICE = "172.21.0.1"
PODS = "172.20.0.0/16"

DSS_NAME = "dss.lab.internal"
REGISTRY_NAME = "lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com"


def node_address(number: int) -> str:
    return f"10.0.1.{10 + number}" if number < 3 else f"10.0.2.{10 + number}"


def node_name(number: int) -> str:
    """As ACK names nodes."""
    return f"cn-hangzhou.{node_address(number)}"


def instance(number: int) -> str:
    """The ECS instance that a node is."""
    return f"i-bp1labnode{10 + number:011}"


def pod_range(number: int) -> str:
    return f"172.20.{number - 1}.0/24"


class Switch:
    """The machine that is the VPC's switch."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def create(self) -> None:
        self.machine.shell("ip link add vpc0 type bridge\nip link set vpc0 up")

    def connect(self, machine: Machine, address: str) -> None:
        """Gives a machine an interface with this address."""
        port = f"to-{machine.name}"
        subprocess.run(
            [
                "ip",
                "link",
                "add",
                port,
                "netns",
                str(self.machine.pid),
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                str(machine.pid),
            ],
            check=True,
            timeout=60,
        )
        self.machine.shell(f"ip link set {port} master vpc0 up")
        machine.shell(f"ip address add {address}/16 dev eth0\nip link set eth0 up\nsysctl -qw net.ipv4.ip_forward=1")

    def deny(self, *conditions: str) -> None:
        """A rule of a security group each: packets that match one are dropped."""
        rules = "\n".join(f"{condition} drop" for condition in conditions)
        self.machine.run(
            "nft",
            "-f",
            "-",
            text=f"""table bridge security_group {{
chain passing {{
type filter hook forward priority 0
policy accept
{rules}
}}
}}
""",
        )

    def allow(self) -> None:
        """Takes every rule back."""
        self.machine.run("nft", "delete", "table", "bridge", "security_group")
