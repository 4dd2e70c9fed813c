"""The acceptance cases. Each breaks the cluster in one way, says what ackcheck must tell of it, and mends it.

A case is a generator: what stands before its `yield` breaks, what stands after it mends; it may yield arguments for
`ackcheck run`. Its decorator says what is expected: the exit code, and every case of the report that does not pass, by
name (`registry-pull[node1]`) with its word: the code of its finding, or its outcome where that is no finding. All others
must pass. A case that is no generator runs ackcheck itself and gives what it found wrong, a list of sentences."""

import inspect
from dataclasses import dataclass, field
from typing import Callable

CASES = []
NODES = ("node1", "node2")


@dataclass
class Case:
    title: str
    act: Callable
    exit: int = 0
    expected: dict = field(default_factory=dict)

    @property
    def acts_alone(self):
        return not inspect.isgeneratorfunction(self.act)


def case(title, exit=0, **expected):
    """Registers a case. `expected` is by check, with `_` for `-`; of each node where it is a dictionary of nodes."""
    whole = {}
    for check, word in expected.items():
        name = check.replace("_", "-")
        whole |= {f"{name}[{node}]": said for node, said in word.items()} if isinstance(word, dict) else {name: word}

    def register(act):
        CASES.append(Case(title, act, exit, whole))
        return act
    return register


def on(nodes, word):
    """The same word on these nodes."""
    return {node: word for node in ([nodes] if isinstance(nodes, str) else nodes)}


def each(word):
    """The same word on every node."""
    return on(NODES, word)


# What is asked from pods, and stands on the pod that the check before could not have.
FROM_PODS = ("cluster_dns", "dss_name_resolves", "dss_ports_reachable", "backend_answers", "oss_from_nodes")


def blocked(*checks, nodes=NODES):
    """These checks, and all that are asked from pods, are blocked on these nodes."""
    return {check: on(nodes, "blocked") for check in (*checks, *FROM_PODS)}
