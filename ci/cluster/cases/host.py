"""What DSS calls on its host."""

from cluster import Cluster

from cases.case import Breaking, breaks


def wrap_kubectl(cluster: Cluster, lines: str) -> None:
    """A script in kubectl's place: these lines, and then the real one."""
    cluster.take_kubectl()
    kubectl = cluster.dss.folder / "bin/kubectl"
    kubectl.write_text(f'#!/bin/sh\n{lines}\nexec {cluster.binaries}/kubectl "$@"\n')
    kubectl.chmod(0o755)


def unwrap_kubectl(cluster: Cluster) -> None:
    cluster.take_kubectl()
    cluster.give_kubectl()


@breaks("kubectl of the DSS host greets first", exit=1, host_kubectl="not-kubectl")
def greeting_kubectl(cluster: Cluster) -> Breaking:
    wrap_kubectl(cluster, "echo Welcome")
    yield None
    unwrap_kubectl(cluster)


@breaks("kubectl of the DSS host is sent to a proxy that does not answer", exit=1, host_kubectl="refused")
def proxied_kubectl(cluster: Cluster) -> Breaking:
    wrap_kubectl(cluster, "export HTTPS_PROXY=http://127.0.0.1:1")
    yield None
    unwrap_kubectl(cluster)


CASES = [greeting_kubectl, proxied_kubectl]
