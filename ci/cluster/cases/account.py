"""What the account may not do."""

from cases import case, each
from cluster import NAMESPACE
from rights import EVERYTHING, EXEC, LIST_NODES, grant


def without(cluster, rights):
    grant(cluster.api, NAMESPACE, [right for right in EVERYTHING if right not in rights])


@case("no exec right: pods that run once are asked instead")
def no_exec(cluster):
    without(cluster, EXEC)
    yield
    grant(cluster.api, NAMESPACE, EVERYTHING)


@case("no right to list nodes: an account of the namespace only", exit=2, nodes_ready=each("broken"))
def no_nodes(cluster):
    without(cluster, LIST_NODES)
    yield
    grant(cluster.api, NAMESPACE, EVERYTHING)
