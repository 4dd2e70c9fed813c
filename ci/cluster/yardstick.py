"""What kubectl takes for the least that ackcheck does on each node: a pod of the probe's image, and one question to it.

A time alone says nothing on a machine that others load; beside this one, of the same minute, it does."""

import time

from cluster import Cluster
from machine import TroubleError
from rights import NAMESPACE

NAME = "yardstick"
# In seconds, and far above what it takes.
BOUND = 300


def by_kubectl(cluster: Cluster) -> float:
    """The seconds of `kubectl run`, `wait` and `exec`. The pod is gone afterwards."""
    images = cluster.registry.probe_images()
    if not images:
        raise TroubleError("the registry has no image of the probe to compare with")
    began = time.monotonic()
    try:
        kubectl(cluster, "run", NAME, f"--image={images[0]}", "--restart=Never", "--", "hold")
        kubectl(cluster, "wait", f"pod/{NAME}", "--for=condition=Ready", f"--timeout={BOUND}s")
        kubectl(cluster, "exec", NAME, "--", "/ackcheck-probe", "resolve", "dss.lab.internal")
        return time.monotonic() - began
    finally:
        kubectl(cluster, "delete", "pod", NAME, "--now", "--ignore-not-found", f"--timeout={BOUND}s")


def kubectl(cluster: Cluster, *words: str) -> str:
    command = cluster.kubectl("--namespace", NAMESPACE, *words)
    return cluster.control_plane.machine.run(*command, seconds=2 * BOUND)
