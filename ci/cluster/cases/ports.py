"""What is between pods and the ports of the DSS host."""

from cluster import Cluster
from network import DSS_HOST, pod_range

from cases.case import Breaking, breaks, each, on


@breaks(
    "ports 20000-59999 are dropped from one node",
    exit=1,
    dss_ports_reachable=on("node2", "ports-filtered"),
    backend_answers=on("node2", "blocked"),
)
def some_dropped(cluster: Cluster) -> Breaking:
    cluster.switch.deny(f"ip saddr {pod_range(2)} ip daddr {DSS_HOST} tcp dport 20000-59999")
    yield None
    cluster.switch.allow()


@breaks("all ports are dropped", exit=1, dss_ports_reachable=each("host-unreachable"), backend_answers=each("blocked"))
def all_dropped(cluster: Cluster) -> Breaking:
    cluster.switch.deny(f"ip saddr 172.20.0.0/16 ip daddr {DSS_HOST}")
    yield None
    cluster.switch.allow()


@breaks(
    "the DSS host rejects with ICMP",
    exit=1,
    dss_ports_reachable=each("rejected-by-host"),
    backend_answers=each("blocked"),
)
def rejected(cluster: Cluster) -> Breaking:
    # As firewalld does: what is open stays open, all else is answered by ICMP.
    cluster.dss.machine.run(
        "nft",
        "-f",
        "-",
        text="""table inet firewall {
chain arriving {
type filter hook input priority 0
ct state established,related accept
iif lo accept
tcp dport { 22, 11200 } accept
meta l4proto tcp reject with icmpx type admin-prohibited
}
}
""",
    )
    yield None
    cluster.dss.machine.run("nft", "delete", "table", "inet", "firewall")


CASES = [
    some_dropped,
    all_dropped,
    rejected,
]
