"""What an acceptance case is. Each says what ackcheck must tell of a cluster that is broken in one way."""

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster import Cluster
from rights import NAMESPACE
from row import Row

NODES = ("node1", "node2")

# The word of a check, or its word on each node.
Word = str | Mapping[str, str]
# What stands before its `yield` breaks, what stands after it repairs; it may yield the site file to run with.
Breaking = Generator[Path | None, None, None]
Breaks = Callable[[Cluster], Breaking]
# Runs ackcheck itself, and gives what it found wrong.
Acts = Callable[[Cluster, Row], list[str]]


@dataclass(frozen=True)
class Case:
    """`exit` is the exit code; `expected` is every case of the report that does not pass, by name
    (`registry-pull[node1]`) with its word: the code of its finding, or its outcome where that is not a finding. All
    others must pass."""

    title: str
    exit: int
    expected: Mapping[str, str]
    perform: Callable[[Cluster, Row], None]


def breaks(title: str, exit: int = 0, **expected: Word) -> Callable[[Breaks], Case]:  # noqa: A002
    """A case that breaks the cluster and has ackcheck run once. `expected` is by check, with `_` for `-`."""

    def case(act: Breaks) -> Case:
        def perform(cluster: Cluster, row: Row) -> None:
            breaking = act(cluster)
            site = next(breaking)
            try:
                row.run(site)
            finally:
                # Whatever became of the run: the next case needs a whole cluster.
                next(breaking, None)

        return Case(title, exit, by_name(expected), perform)

    return case


def acts(title: str, exit: int = 0, **expected: Word) -> Callable[[Acts], Case]:  # noqa: A002
    """A case that runs ackcheck itself."""

    def case(act: Acts) -> Case:
        def perform(cluster: Cluster, row: Row) -> None:
            row.wrong += act(cluster, row)

        return Case(title, exit, by_name(expected), perform)

    return case


def by_name(expected: Mapping[str, Word]) -> dict[str, str]:
    """Words by the names that reports have."""
    found = {}
    for key, word in expected.items():
        check = key.replace("_", "-")
        if isinstance(word, str):
            found[check] = word
        else:
            found |= {f"{check}[{node}]": said for node, said in word.items()}
    return found


def on(nodes: str | Iterable[str], word: str) -> Mapping[str, str]:
    """The same word on these nodes."""
    return dict.fromkeys([nodes] if isinstance(nodes, str) else nodes, word)


def each(word: str) -> Mapping[str, str]:
    """The same word on every node."""
    return on(NODES, word)


def in_namespace(word: str) -> Mapping[str, str]:
    """The word of a check that has a case for each namespace that DSS works in."""
    return on(f"namespace {NAMESPACE}", word)


# What is asked from pods, and stands on the pod that the check before could not have.
FROM_PODS = (
    "cluster_dns",
    "dns_quality",
    "path_mtu",
    "dss_name_resolves",
    "prediction_agrees",
    "dss_ports_reachable",
    "dss_ports_own",
    "spark_driver_reached",
    "pods_reachable",
    "backend_answers",
    "oss_path",
    "oss_from_nodes",
)


def blocked(*checks: str, nodes: Iterable[str] = NODES) -> dict[str, Word]:
    """These checks, and all that are asked from pods, are blocked on these nodes."""
    return {check: on(nodes, "blocked") for check in (*checks, *FROM_PODS)}


# What waits for the pods of DSS to be admitted.
WAITING = {**blocked("node_takes_pods", "registry_path", "registry_pull"), "dss_pods_schedulable": "blocked"}
