"""Everything holds, and is said to; how soon is shown beside what kubectl takes for the same, and is not judged."""

from cluster import Cluster
from deployment import EVERY_PORT
from row import Row
from yardstick import by_kubectl

from cases.case import acts


def compare(row: Row, ours: float, theirs: float) -> None:
    """Shows the time of a run beside kubectl's."""
    row.got += (
        f"; every verdict after {ours:.1f} s; kubectl's run and exec of the same image took {theirs:.1f} s: "
        f"{ours / theirs:.1f} times that"
    )


@acts("healthy, the image not yet in the registry")
def empty_registry(cluster: Cluster, row: Row) -> list[str]:
    cluster.registry.empty()
    cluster.forget_images()
    ours = row.run().verdicts_after
    # kubectl pushes no image, but its node has to pull it as well.
    cluster.forget_images()
    compare(row, ours, by_kubectl(cluster))
    return []


@acts("healthy, the image there")
def healthy(cluster: Cluster, row: Row) -> list[str]:
    site = cluster.dss.site("every-port", EVERY_PORT)
    compare(row, row.run(site).verdicts_after, by_kubectl(cluster))
    return []


CASES = [empty_registry, healthy]
