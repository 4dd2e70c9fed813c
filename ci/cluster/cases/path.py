"""What is on the way from pods and nodes to the DSS host, OSS and the registry."""

from cluster import Cluster
from network import CONTROL_PLANE, DSS_HOST, PODS, REGISTRY, pod_range

from cases.case import Breaking, Word, blocked, breaks, each, on

# A link of MTU 1280 on the way whose ICMP messages do not arrive: what is larger is lost, and nobody is told.
TOO_LARGE = "ip length > 1280"


@breaks("full packets to the DSS host are lost", exit=1, path_mtu=each("one-way"))
def there(cluster: Cluster) -> Breaking:
    cluster.switch.deny(f"ip saddr {PODS} ip daddr {DSS_HOST} {TOO_LARGE}")
    yield None
    cluster.switch.allow()


@breaks("full packets between pods and the DSS host are lost", exit=1, path_mtu=each("stalls-at-size"))
def both_ways(cluster: Cluster) -> Breaking:
    cluster.switch.deny(
        f"ip saddr {PODS} ip daddr {DSS_HOST} {TOO_LARGE}", f"ip saddr {DSS_HOST} ip daddr {PODS} {TOO_LARGE}"
    )
    yield None
    cluster.switch.allow()


# The address and the bucket of the lab's OSS, and its public address.
OSS = "100.118.28.10"
OSS_PUBLIC = "118.31.219.200"
BUCKET = "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com"
# What waits for the way to OSS.
BEHIND_OSS: dict[str, Word] = {check: on("node2", "blocked") for check in ("oss_from_nodes", "path_mtu")}


@breaks("OSS is dropped from the pods of one node", exit=1, oss_path=on("node2", "filtered"), **BEHIND_OSS)
def oss_dropped(cluster: Cluster) -> Breaking:
    cluster.switch.deny(f"ip saddr {pod_range(2)} ip daddr {OSS} tcp dport 443")
    yield None
    cluster.switch.allow()


@breaks("another server answers one node for a bucket", exit=1, oss_path=on("node2", "proxied"), **BEHIND_OSS)
def oss_proxied(cluster: Cluster) -> Breaking:
    cluster.nodes[1].names.know({BUCKET: REGISTRY})
    yield None
    cluster.nodes[1].names.know({})


@breaks("a bucket has a public address for one node", oss_path=on("node2", "public-instead-of-internal"))
def oss_public(cluster: Cluster) -> Breaking:
    cluster.nodes[1].names.know({BUCKET: OSS_PUBLIC})
    yield None
    cluster.nodes[1].names.know({})


# Pods ask cluster DNS, and containerd asks what its node is set to: that is what the pull shows.
@breaks(
    "one node does not find the registry's name",
    exit=1,
    registry_path=on("node2", "unresolvable"),
    **blocked("registry_pull", nodes=["node2"]),
)
def registry_unresolvable(cluster: Cluster) -> Breaking:
    cluster.forget_images()
    settings = cluster.nodes[1].folder / "resolv.conf"
    right = settings.read_text()
    # Nobody is asked there, and the kernel says so at once.
    settings.write_text(f"nameserver {CONTROL_PLANE}\n")
    yield cluster.dss.site("short", (r"\Z", '\n[limits]\nstart = "25s"\npull = "25s"\n'))
    settings.write_text(right)


CASES = [
    there,
    both_ways,
    oss_dropped,
    oss_proxied,
    oss_public,
    registry_unresolvable,
]
