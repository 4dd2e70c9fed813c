"""The registry, and what nodes pull with."""

from cluster import USER, Cluster
from network import REGISTRY_NAME
from rights import NAMESPACE

from cases.case import Breaking, Word, blocked, breaks, each, on

NO_IMAGE: dict[str, Word] = {
    "base_images": "blocked",
    "registry_takes_builds": "blocked",
    **blocked("node_takes_pods", "registry_path", "registry_pull"),
}
# What waits for a login to the registry.
NO_LOGIN = {"registry_push": "blocked", "host_docker_login": "blocked", **NO_IMAGE}


@breaks("wrong registry password", exit=1, registry_login="unauthorized", **NO_LOGIN)
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


@breaks("registry down", exit=1, registry_login="unreachable", **NO_LOGIN)
def down(cluster: Cluster) -> Breaking:
    cluster.registry.service.stop()
    yield None
    cluster.registry.start()


@breaks(
    "registry refused to one node",
    exit=1,
    registry_path=on("node2", "filtered"),
    **blocked("registry_pull", nodes=["node2"]),
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


@breaks("pull secret missing", exit=1, registry_pull=each("secret-missing"), **blocked())
def missing_pull_secret(cluster: Cluster) -> Breaking:
    cluster.forget_images()
    cluster.remove_pull_secret()
    yield None
    cluster.write_pull_secret(cluster.dss.secret("registry-password"))


@breaks("pull secret without the registry's host", exit=1, registry_pull=each("secret-without-host"), **blocked())
def pull_secret_without_host(cluster: Cluster) -> Breaking:
    cluster.forget_images()
    password = cluster.dss.secret("registry-password")
    # The kubelet takes a port for part of the name.
    locations = ("registry.corp.example", f"{REGISTRY_NAME}:443")
    cluster.write_logins({location: {"username": USER, "password": password} for location in locations})
    yield None
    cluster.write_pull_secret(password)


@breaks("pull secret malformed", exit=1, registry_pull=each("secret-malformed"), **blocked())
def malformed_pull_secret(cluster: Cluster) -> Breaking:
    cluster.forget_images()
    password = cluster.dss.secret("registry-password")
    # Of another registry: the kubelet then uses none of them.
    logins = {"registry.corp.example": {"auth": "not base64"}, REGISTRY_NAME: {"username": USER, "password": password}}
    cluster.write_logins(logins)
    yield None
    cluster.write_pull_secret(password)


@breaks(
    "registry throttles one node",
    exit=1,
    registry_pull=on("node2", "throttled"),
    **blocked(nodes=["node2"]),
)
def throttled(cluster: Cluster) -> Breaking:
    cluster.forget_images()
    front = cluster.registry.throttle(cluster.nodes[1].address)
    # It could pass, and is given time for that.
    yield cluster.dss.site("short", (r"\Z", '\n[limits]\nstart = "25s"\npull = "25s"\n'))
    front.stop()
    cluster.registry.stand_alone()


@breaks(
    "containerd's mirror of one node refuses",
    exit=1,
    registry_pull=on("node2", "mirror-refuses"),
    **blocked(nodes=["node2"]),
)
def mirror_refuses(cluster: Cluster) -> Breaking:
    cluster.forget_images()
    front = cluster.registry.front(8443, 403)
    front.start(lambda: cluster.registry.answers(8443))
    cluster.nodes[1].ask_images_of(f"{REGISTRY_NAME}:8443")
    yield None
    cluster.nodes[1].ask_images_of(REGISTRY_NAME)
    front.stop()


# The words of containerd's TLS; the node's clock is right, so it is not what is blamed.
@breaks(
    "containerd's mirror of one node has a certificate that expired",
    exit=1,
    registry_pull=on("node2", "mirror-refuses"),
    **blocked(nodes=["node2"]),
)
def mirror_expired(cluster: Cluster) -> Breaking:
    cluster.forget_images()
    cluster.authority.certify("expired", f"/CN={REGISTRY_NAME}", f"DNS:{REGISTRY_NAME}", days=0)
    front = cluster.registry.front(8443, 403, certified="expired")
    front.start(lambda: ":8443" in cluster.registry.machine.run("ss", "-Hltn"))
    cluster.nodes[1].ask_images_of(f"{REGISTRY_NAME}:8443")
    yield None
    cluster.nodes[1].ask_images_of(REGISTRY_NAME)
    front.stop()


# Pods that request nothing, as those of DSS, are given the minimum; the probe requests less.
@breaks("LimitRange that wants more than the probe asks for")
def limit_range(cluster: Cluster) -> Breaking:
    ranges = f"/api/v1/namespaces/{NAMESPACE}/limitranges"
    wants = {"type": "Container", "min": {"cpu": "100m", "memory": "64Mi"}}
    cluster.api.create(ranges, {"metadata": {"name": "small"}, "spec": {"limits": [wants]}})
    yield None
    cluster.api.delete(f"{ranges}/small")


CASES = [
    wrong_password,
    wrong_pull_secret,
    no_pull_secret,
    no_repository,
    read_only,
    down,
    refused_to_node,
    missing_pull_secret,
    pull_secret_without_host,
    malformed_pull_secret,
    throttled,
    mirror_refuses,
    mirror_expired,
    limit_range,
]
