"""What the account is not allowed to do."""

from api import Item
from cluster import Cluster
from rights import all_rights, grant, of_ackcheck

from cases.case import Breaking, breaks, each


@breaks("no rights but those that `ackcheck rights` prints: too few for DSS", exit=1, cluster_rights="missing-right")
def printed_rights(cluster: Cluster) -> Breaking:
    grant(cluster, of_ackcheck(cluster))
    yield None
    grant(cluster, all_rights(cluster))


# A pod can listen only while it is asked by exec.
@breaks("no exec right: pods that run once are asked instead", exit=2, pods_reachable=each("broken"))
def no_exec(cluster: Cluster) -> Breaking:
    grant(cluster, all_rights(cluster, "--no-exec"))
    yield None
    grant(cluster, all_rights(cluster))


def names_nodes(item: Item) -> bool:
    """Whether a role grants anything on nodes."""
    return any("nodes" in rule["resources"] for rule in item.get("rules", []))


@breaks(
    "no right to list nodes: an account of the namespace only",
    exit=2,
    nodes_ready=each("broken"),
    dss_pods_schedulable="broken",
    # For which processors.
    base_images="broken",
    # Which node a range of pods belongs to is the node's to say.
    pod_routes="broken",
    prediction_agrees=each("broken"),
)
def no_nodes(cluster: Cluster) -> Breaking:
    grant(cluster, [item for item in all_rights(cluster) if not names_nodes(item)])
    yield None
    grant(cluster, all_rights(cluster))


CASES = [printed_rights, no_exec, no_nodes]
