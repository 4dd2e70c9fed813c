"""What Spark's executors are given for the driver."""

from api import Item
from cluster import Cluster
from network import DSS_HOST

from cases.case import Breaking, breaks, each
from cases.pods import settings_of_dss

# Nobody's, unless it is translated.
IN_FRONT = "10.99.99.99"
TABLE = "in_front"


def driver(host: str, settings: Item) -> None:
    """The driver listens on every address, and executors are given this one."""
    conf = settings["sparkSettings"]["executionConfigs"][0]["conf"]
    conf += [{"key": "spark.driver.bindAddress", "value": "0.0.0.0"}, {"key": "spark.driver.host", "value": host}]


@breaks("Spark's driver has a name that pods do not resolve", exit=1, spark_driver_reached=each("unresolvable"))
def unknown_name(cluster: Cluster) -> Breaking:
    with settings_of_dss(cluster, lambda settings: driver("spark.lab.internal", settings)):
        yield None


@breaks("Spark's driver is given an address that leads nowhere", exit=1, spark_driver_reached=each("wrong-address"))
def nobodys_address(cluster: Cluster) -> Breaking:
    with settings_of_dss(cluster, lambda settings: driver(IN_FRONT, settings)):
        yield None


# As an elastic IP address is, before packets come to the host.
@breaks("Spark's driver is given an address that is translated to the DSS host", exit=0)
def translated(cluster: Cluster) -> Breaking:
    for node in cluster.nodes:
        rules = f"""table ip {TABLE} {{
chain arriving {{
type nat hook prerouting priority -150
ip daddr {IN_FRONT} dnat to {DSS_HOST}
}}
}}
"""
        node.machine.run("nft", "-f", "-", text=rules)
    with settings_of_dss(cluster, lambda settings: driver(IN_FRONT, settings)):
        yield None
    for node in cluster.nodes:
        node.machine.run("nft", "delete", "table", "ip", TABLE)


CASES = [unknown_name, nobodys_address, translated]
