"""Name servers: dnsmasq, the VPC's and one on each node, each with a file of names that can change while it runs."""

import json
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from machine import Machine, Service, until
from network import DSS_HOST, DSS_NAME, FIRST_SERVICE, VPC_DNS

LAB_NAMES = Path(__file__).resolve().parents[2] / "fixtures/lab/dns.json"


class NameServer:
    """dnsmasq on a machine. It answers from its names, from what is `fixed`, then from `upstream`."""

    def __init__(self, machine: Machine, address: str, fixed: Sequence[str], upstream: str | None = None) -> None:
        self.address = address
        self.names = machine.folder / "names" / machine.name
        rest = f"--server={upstream}" if upstream else "--address=/#/"
        self.service = Service(
            machine,
            "dnsmasq",
            [
                "dnsmasq",
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--no-resolv",
                "--no-hosts",
                "--cache-size=0",
                "--bind-interfaces",
                f"--listen-address={address}",
                "--user=root",
                "--pid-file=",
                "--log-facility=-",
                f"--addn-hosts={self.names}",
                *fixed,
                rest,
            ],
        )

    def start(self, names: Mapping[str, str]) -> None:
        self.write(names)
        self.service.start(self.readings)

    def know(self, names: Mapping[str, str]) -> None:
        """Knows exactly these names from now on, besides what is fixed."""
        self.write(names)
        before = self.readings()
        self.service.signal(signal.SIGHUP)
        until(lambda: self.readings() > before, 60, f"dnsmasq does not read {self.names}")

    def write(self, names: Mapping[str, str]) -> None:
        self.names.parent.mkdir(parents=True, exist_ok=True)
        self.names.write_text("".join(f"{address} {name}\n" for name, address in names.items()))

    def readings(self) -> int:
        """How often it has read its names."""
        return self.service.log.read_text().count(f"read {self.names}")


class VpcNames(NameServer):
    """What Alibaba's name server answers in a VPC; the DSS host's name is of a private zone, and can change."""

    ZONE: ClassVar[Mapping[str, str]] = {DSS_NAME: DSS_HOST}

    def __init__(self, machine: Machine) -> None:
        records = json.loads(LAB_NAMES.read_text())["records"]
        fixed = [f"--address=/{name[2:]}/{address}" for name, (address, *_) in records.items() if name.startswith("*.")]
        fixed += [
            f"--host-record={name},{address}"
            for name, (address, *_) in records.items()
            if name not in self.ZONE and not name.startswith("*.")
        ]
        super().__init__(machine, VPC_DNS, fixed)


class NodeNames(NameServer):
    """Cluster DNS on a node, as NodeLocal DNSCache is: the cluster's own names, and the VPC's for all others."""

    def __init__(self, machine: Machine, address: str) -> None:
        own = ["--local=/cluster.local/", f"--host-record=kubernetes.default.svc.cluster.local,{FIRST_SERVICE}"]
        super().__init__(machine, address, own, VPC_DNS)
