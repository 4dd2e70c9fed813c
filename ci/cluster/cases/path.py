"""What passes between pods and the DSS host in one packet."""

from cluster import Cluster
from network import DSS_HOST, PODS

from cases.case import Breaking, breaks, each

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


CASES = [
    there,
    both_ways,
]
