"""The registry, and what nodes pull with."""

from cluster import Cluster

from cases.case import Breaking, blocked, breaks, each, on

NO_IMAGE = {"registry_takes_builds": "blocked", **blocked("node_takes_pods", "registry_pull")}


@breaks("wrong registry password", exit=1, registry_login="unauthorized", registry_push="blocked", **NO_IMAGE)
def wrong_password(cluster: Cluster) -> Breaking:
    wrong = cluster.dss.folder / "wrong-password"
    wrong.touch(0o600)
    wrong.write_text("CANARY-wrong")
    yield cluster.dss.site("wrong-password", (r'"secrets/registry-password"', f'"{wrong}"'))


@breaks("wrong password in the pull secret", exit=1, registry_pull=each("unauthorized"), **blocked())
def wrong_pull_secret(cluster: Cluster) -> Breaking:
    cluster.write_pull_secret("CANARY-wrong")
    yield None
    cluster.write_pull_secret(cluster.dss.secret("registry-password"))


@breaks("no pull secret in the namespace", exit=1, registry_pull=each("no-pull-secret"), **blocked())
def no_pull_secret(cluster: Cluster) -> Breaking:
    cluster.give_pull_secret(False)
    yield None
    cluster.give_pull_secret(True)


@breaks("repository missing, in a registry that makes none", exit=1, registry_push="not-created", **NO_IMAGE)
def no_repository(cluster: Cluster) -> Breaking:
    cluster.registry.empty()
    cluster.registry.stand_behind_keeper()
    yield None
    cluster.registry.stand_alone()


@breaks("registry read-only", exit=1, registry_push="read-only", **NO_IMAGE)
def read_only(cluster: Cluster) -> Breaking:
    cluster.registry.make_read_only(True)
    yield None
    cluster.registry.make_read_only(False)


@breaks("registry down", exit=1, registry_login="unreachable", registry_push="blocked", **NO_IMAGE)
def down(cluster: Cluster) -> Breaking:
    cluster.registry.service.stop()
    yield None
    cluster.registry.start()


@breaks(
    "registry refused to one node",
    exit=1,
    registry_pull=on("node2", "unreachable-from-node"),
    **blocked(nodes=["node2"]),
)
def refused_to_node(cluster: Cluster) -> Breaking:
    cluster.forget_images()
    cluster.registry.machine.run(
        "nft",
        "-f",
        "-",
        text=f"""table inet firewall {{
chain arriving {{
type filter hook input priority 0
ip saddr {cluster.nodes[1].address} tcp dport 443 reject with tcp reset
}}
}}
""",
    )
    # The kubelet tries again, and is given some time for it: far more than a node takes that is let in.
    yield cluster.dss.site("short", (r"\Z", '\n[limits]\nstart = "25s"\npull = "25s"\n'))
    cluster.registry.machine.run("nft", "delete", "table", "inet", "firewall")


CASES = [
    wrong_password,
    wrong_pull_secret,
    no_pull_secret,
    no_repository,
    read_only,
    down,
    refused_to_node,
]
