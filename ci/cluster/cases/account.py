"""What the account may not do."""

from cases import case, each
from rights import all_rights, grant, of_ackcheck


@case("no rights but those that `ackcheck rights` prints: too few for DSS", exit=1,
      cluster_rights="missing-right")
def printed_rights(cluster):
    grant(cluster, of_ackcheck(cluster))
    yield
    grant(cluster, all_rights(cluster))


@case("no exec right: pods that run once are asked instead")
def no_exec(cluster):
    grant(cluster, all_rights(cluster, "--no-exec"))
    yield
    grant(cluster, all_rights(cluster))


@case("no right to list nodes: an account of the namespace only", exit=2, nodes_ready=each("broken"))
def no_nodes(cluster):
    lists_nodes = lambda item: any("nodes" in rule["resources"] for rule in item.get("rules", []))
    grant(cluster, [item for item in all_rights(cluster) if not lists_nodes(item)])
    yield
    grant(cluster, all_rights(cluster))
