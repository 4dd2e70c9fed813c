"""What pods are told when they ask for the DSS host."""

from cluster import Cluster
from name_servers import VpcNames
from network import DSS_NAME

from cases.case import Breaking, breaks, each, on


@breaks(
    "the name is not in cluster DNS",
    exit=1,
    dss_name_resolves=each("unresolvable"),
    prediction_agrees=each("blocked"),
    dss_ports_reachable=each("blocked"),
    dss_ports_own=each("blocked"),
    spark_driver_reached=each("blocked"),
    backend_answers=each("blocked"),
)
def no_such_name(cluster: Cluster) -> Breaking:
    cluster.cloud.names.know({})
    yield None
    cluster.cloud.names.know(VpcNames.ZONE)


@breaks(
    "the name resolves to another address",
    exit=1,
    dss_name_resolves=each("wrong-address"),
    prediction_agrees=each("blocked"),
    dss_ports_reachable=each("blocked"),
    dss_ports_own=each("blocked"),
    spark_driver_reached=each("blocked"),
    backend_answers=each("blocked"),
)
def another_address(cluster: Cluster) -> Breaking:
    cluster.cloud.names.know({DSS_NAME: "10.0.0.99"})
    yield None
    cluster.cloud.names.know(VpcNames.ZONE)


@breaks(
    "two nodes get different answers",
    exit=1,
    dss_name_resolves=on("node2", "wrong-address"),
    prediction_agrees=on("node2", "blocked"),
    dss_ports_reachable=on("node2", "blocked"),
    dss_ports_own=on("node2", "blocked"),
    spark_driver_reached=on("node2", "blocked"),
    backend_answers=on("node2", "blocked"),
)
def different_answers(cluster: Cluster) -> Breaking:
    cluster.nodes[1].names.know({DSS_NAME: "10.0.0.99"})
    yield None
    cluster.nodes[1].names.know({})


@breaks(
    "cluster DNS is silent on one node",
    exit=1,
    cluster_dns=on("node2", "no-answer"),
    dns_quality=on("node2", "blocked"),
    path_mtu=on("node2", "blocked"),
    dss_name_resolves=on("node2", "blocked"),
    prediction_agrees=on("node2", "blocked"),
    dss_ports_reachable=on("node2", "blocked"),
    dss_ports_own=on("node2", "blocked"),
    spark_driver_reached=on("node2", "blocked"),
    backend_answers=on("node2", "blocked"),
    oss_path=on("node2", "blocked"),
    oss_from_nodes=on("node2", "blocked"),
)
def silent_dns(cluster: Cluster) -> Breaking:
    cluster.nodes[1].names.service.stop()
    yield None
    cluster.nodes[1].names.start({})


CASES = [
    no_such_name,
    another_address,
    different_answers,
    silent_dns,
]
