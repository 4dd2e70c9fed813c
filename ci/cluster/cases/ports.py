"""What is between pods and the ports of the DSS host."""

from api import Item
from cluster import Cluster
from deployment import EVERY_PORT
from machine import Service, until
from network import DSS_HOST, PODS, pod_range
from rights import NAMESPACE

from cases.case import Breaking, breaks, each, on

# The first packet of a connection; what knows connections lets their answers through.
BEGINS = "tcp flags & (syn | ack) == syn"


@breaks(
    "ports 20000-59999 are dropped from one node",
    exit=1,
    prediction_agrees=on("node2", "unknown-hop"),
    dss_ports_reachable=on("node2", "ports-filtered"),
    dss_ports_own=on("node2", "blocked"),
    spark_driver_reached=on("node2", "blocked"),
    backend_answers=on("node2", "blocked"),
)
def some_dropped(cluster: Cluster) -> Breaking:
    cluster.switch.deny(f"ip saddr {pod_range(2)} ip daddr {DSS_HOST} tcp dport 20000-59999 {BEGINS}")
    yield None
    cluster.switch.allow()


@breaks(
    "all ports are dropped",
    exit=1,
    prediction_agrees=each("unknown-hop"),
    dss_ports_reachable=each("host-unreachable"),
    dss_ports_own=each("blocked"),
    spark_driver_reached=each("blocked"),
    backend_answers=each("blocked"),
    pods_reachable=each("filtered"),
)
def all_dropped(cluster: Cluster) -> Breaking:
    cluster.switch.deny(f"ip saddr 172.20.0.0/16 ip daddr {DSS_HOST}")
    yield None
    cluster.switch.allow()


POLICIES = f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/networkpolicies"


@breaks(
    "a network policy keeps pods from the DSS host",
    exit=1,
    prediction_agrees=each("network-policy"),
    dss_ports_reachable=each("host-unreachable"),
    dss_ports_own=each("blocked"),
    spark_driver_reached=each("blocked"),
    backend_answers=each("blocked"),
)
def by_policy(cluster: Cluster) -> Breaking:
    elsewhere = {"ipBlock": {"cidr": "0.0.0.0/0", "except": [f"{DSS_HOST}/32"]}}
    rules = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [elsewhere]}]}
    cluster.api.create(POLICIES, {"metadata": {"name": "not-to-dss"}, "spec": rules})
    # The plug-in of this cluster's network does not do what policies say.
    cluster.switch.deny(f"ip saddr {PODS} ip daddr {DSS_HOST} {BEGINS}")
    yield None
    cluster.switch.allow()
    cluster.api.delete(f"{POLICIES}/not-to-dss")


DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
CILIUM = "/apis/cilium.io/v2"


def definition(kind: str, scope: str) -> Item:
    """A kind of Cilium's group, whose objects can be anything."""
    plural = kind.lower().removesuffix("y") + "ies"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v2", "served": True, "storage": True, "schema": schema}
    names = {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()}
    spec = {"group": "cilium.io", "names": names, "scope": scope, "versions": [version]}
    return {"metadata": {"name": f"{plural}.cilium.io"}, "spec": spec}


def serves_cilium(cluster: Cluster, defined: list[Item]) -> bool:
    groups = [group["name"] for group in cluster.api.get("/apis")["groups"]]
    paths = [f"{CILIUM}/{one['spec']['names']['plural']}" for one in defined]
    return "cilium.io" in groups and all(cluster.api.exists(path) for path in paths)


@breaks(
    "a rule of Cilium denies pods the DSS host, and a policy of Kubernetes allows it",
    exit=1,
    prediction_agrees=each("policy-denies"),
    dss_ports_reachable=each("host-unreachable"),
    dss_ports_own=each("blocked"),
    spark_driver_reached=each("blocked"),
    backend_answers=each("blocked"),
)
def by_cilium(cluster: Cluster) -> Breaking:
    defined = [
        definition("CiliumNetworkPolicy", "Namespaced"),
        definition("CiliumClusterwideNetworkPolicy", "Cluster"),
    ]
    for one in defined:
        cluster.api.create(DEFINITIONS, one)
    # The API serves a kind, and lists its group, some time after it is defined.
    until(lambda: serves_cilium(cluster, defined), 120, "the kinds of Cilium are not served")
    cluster.api.create(POLICIES, {"metadata": {"name": "all"}, "spec": {"podSelector": {}, "egress": [{}]}})
    name = "ciliumclusterwidenetworkpolicies"
    of_dss = {"matchLabels": {"k8s:io.kubernetes.pod.namespace": NAMESPACE}}
    rules = {"endpointSelector": of_dss, "egressDeny": [{"toCIDR": [f"{DSS_HOST}/32"]}]}
    policy = {"apiVersion": "cilium.io/v2", "kind": "CiliumClusterwideNetworkPolicy"}
    cluster.api.create(f"{CILIUM}/{name}", {**policy, "metadata": {"name": "not-to-dss"}, "spec": rules})
    # The plug-in of this cluster's network does not do what policies say.
    cluster.switch.deny(f"ip saddr {PODS} ip daddr {DSS_HOST} {BEGINS}")
    yield None
    cluster.switch.allow()
    cluster.api.delete(f"{POLICIES}/all")
    for one in defined:
        cluster.api.delete(f"{DEFINITIONS}/{one['metadata']['name']}")


@breaks(
    "the DSS host rejects with ICMP",
    exit=1,
    prediction_agrees=each("host-firewall"),
    dss_ports_reachable=each("rejected-by-host"),
    dss_ports_own=each("blocked"),
    spark_driver_reached=each("blocked"),
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


@breaks(
    "the firewall of the DSS host answers with resets for ports 20000-59999",
    exit=1,
    dss_ports_own=each("rejected-by-middlebox"),
)
def reset(cluster: Cluster) -> Breaking:
    cluster.dss.machine.run(
        "nft",
        "-f",
        "-",
        text=f"""table inet firewall {{
chain arriving {{
type filter hook input priority 0
ct state established,related accept
ip saddr {PODS} tcp dport 20000-59999 reject with tcp reset
}}
}}
""",
    )
    yield cluster.dss.site("every-port", EVERY_PORT)
    cluster.dss.machine.run("nft", "delete", "table", "inet", "firewall")


# It accepts whatever is redirected to it, and hears nothing.
PROXY = """
import socket
listener = socket.create_server(("0.0.0.0", 9999), backlog=4096)
while True:
    listener.accept()[0].close()
"""


@breaks(
    "a transparent proxy accepts ports 20000-59999 in place of the DSS host",
    exit=1,
    dss_ports_own=each("accepted-by-proxy"),
)
def proxied(cluster: Cluster) -> Breaking:
    proxy = Service(cluster.dss.machine, "proxy", ["python3", "-c", PROXY])
    proxy.start(lambda: ":9999" in cluster.dss.machine.run("ss", "-Hltn"))
    cluster.dss.machine.run(
        "nft",
        "-f",
        "-",
        text=f"""table ip proxy {{
chain arriving {{
type nat hook prerouting priority dstnat
ip saddr {PODS} tcp dport 20000-59999 redirect to :9999
}}
}}
""",
    )
    yield None
    cluster.dss.machine.run("nft", "delete", "table", "ip", "proxy")
    proxy.stop()


# A connection from the DSS host to a pod.
CALL = f"ip saddr {DSS_HOST} ip daddr {pod_range(2)} {BEGINS}"


@breaks(
    "the DSS host's connections to the pods of one node are dropped", exit=1, pods_reachable=on("node2", "filtered")
)
def calls_dropped(cluster: Cluster) -> Breaking:
    cluster.switch.deny(CALL)
    yield None
    cluster.switch.allow()


@breaks("one node rejects the DSS host's connections by ICMP", exit=1, pods_reachable=on("node2", "no-route"))
def calls_rejected(cluster: Cluster) -> Breaking:
    node = cluster.nodes[1].machine
    node.run(
        "nft",
        "-f",
        "-",
        text=f"""table inet firewall {{
chain passing {{
type filter hook forward priority 0
{CALL} reject with icmpx type no-route
}}
}}
""",
    )
    yield None
    node.run("nft", "delete", "table", "inet", "firewall")


@breaks(
    "another network of the DSS host has the addresses of pods", exit=1, pods_reachable=on("node2", "answered-by-other")
)
def calls_answered(cluster: Cluster) -> Breaking:
    # As a bridge of Docker whose range overlaps that of the pods; what pods begin goes its usual way.
    cluster.dss.machine.run(
        "nft",
        "-f",
        "-",
        text=f"""table ip overlap {{
chain leaving {{
type nat hook output priority -100
ip daddr {pod_range(2)} dnat to 127.0.0.1
}}
}}
""",
    )
    yield None
    cluster.dss.machine.run("nft", "delete", "table", "ip", "overlap")


CASES = [
    some_dropped,
    all_dropped,
    by_policy,
    by_cilium,
    rejected,
    reset,
    proxied,
    calls_dropped,
    calls_rejected,
    calls_answered,
]
