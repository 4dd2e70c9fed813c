"""Nodes that take no pods, and namespaces that let none in."""

from api import Item
from cluster import Cluster
from machine import until
from node import Node
from rights import NAMESPACE, all_rights, grant, role

from cases.case import WAITING, Breaking, Word, blocked, breaks, in_namespace, on


def change(cluster: Cluster, node: Node, spec: Item) -> None:
    cluster.api.patch(f"/api/v1/nodes/{node.name}", {"spec": spec})


# Whoever cordons a node has taken it out on purpose: nothing is asked of it, and the report says so.
@breaks(
    "one node cordoned",
    exit=0,
    **dict.fromkeys(
        (*blocked(), "nodes_ready", "node_takes_pods", "registry_path", "registry_pull"), on("node2", "not-applicable")
    ),
)
def cordoned(cluster: Cluster) -> Breaking:
    change(cluster, cluster.nodes[1], {"unschedulable": True})
    yield None
    change(cluster, cluster.nodes[1], {"unschedulable": None})


# Whoever taints a pool has given it to others than DSS, whose pods do not tolerate that.
OF_OTHERS: dict[str, Word] = {
    "dss_pods_schedulable": "tainted",
    **dict.fromkeys(
        (*blocked(), "nodes_ready", "node_takes_pods", "registry_path", "registry_pull"), on("node2", "not-applicable")
    ),
}


@breaks("one node tainted NoSchedule: a pool of others is not asked", exit=0, **OF_OTHERS)
def tainted_no_schedule(cluster: Cluster) -> Breaking:
    change(cluster, cluster.nodes[1], {"taints": [{"key": "pool", "value": "spark", "effect": "NoSchedule"}]})
    yield None
    change(cluster, cluster.nodes[1], {"taints": None})


@breaks("one node tainted NoExecute", exit=0, **OF_OTHERS)
def tainted_no_execute(cluster: Cluster) -> Breaking:
    change(cluster, cluster.nodes[1], {"taints": [{"key": "maintenance", "value": "now", "effect": "NoExecute"}]})
    yield None
    change(cluster, cluster.nodes[1], {"taints": None})


@breaks(
    "one kubelet stopped",
    exit=1,
    nodes_ready=on("node2", "not-ready"),
    **blocked("node_takes_pods", "registry_path", "registry_pull", nodes=["node2"]),
)
def kubelet_stopped(cluster: Cluster) -> Breaking:
    node = cluster.nodes[1]
    node.kubelet.stop()
    until(lambda: node.name not in cluster.ready_nodes(), 300, "the controllers do not notice that a kubelet stopped")
    yield None
    node.kubelet.start()
    cluster.await_nodes()


@breaks(
    "one kubelet stopped a moment ago",
    exit=1,
    node_takes_pods=on("node2", "not-started"),
    **blocked("registry_path", "registry_pull", nodes=["node2"]),
)
def kubelet_just_stopped(cluster: Cluster) -> Breaking:
    # The cluster still takes the node for ready: only the pod shows that it is not.
    node = cluster.nodes[1]
    site = cluster.dss.site("short", (r"\Z", '\n[limits]\nstart = "25s"\n'))
    node.kubelet.stop()
    yield site
    node.kubelet.start()
    cluster.await_nodes()


@breaks("namespace quota of no pods", exit=1, dss_pod_admitted=in_namespace("quota"), **WAITING)
def quota(cluster: Cluster) -> Breaking:
    quotas = f"/api/v1/namespaces/{NAMESPACE}/resourcequotas"
    cluster.api.create(quotas, {"metadata": {"name": "none"}, "spec": {"hard": {"pods": "0"}}})
    until(lambda: cluster.api.get(f"{quotas}/none").get("status", {}).get("hard"), 120, "the quota is not counted")
    yield None
    cluster.api.delete(f"{quotas}/none")


# Whether DSS gives its pods the security context that both of these want is not known.
@breaks("Pod Security restricted", dss_pod_admitted=in_namespace("security-context"))
def restricted(cluster: Cluster) -> Breaking:
    cluster.needs(23, "Pod Security is not in it")
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.api.patch(f"/api/v1/namespaces/{NAMESPACE}", {"metadata": {"labels": labels}})
    yield None
    cluster.api.patch(f"/api/v1/namespaces/{NAMESPACE}", {"metadata": {"labels": dict.fromkeys(labels)}})


@breaks("Pod Security Policy restricted", dss_pod_admitted=in_namespace("security-context"))
def restricted_by_policy(cluster: Cluster) -> Breaking:
    cluster.needs_at_most(24, "Pod Security Policy is not in it any more")
    policies = "/apis/policy/v1beta1/podsecuritypolicies"
    cluster.api.create(policies, RESTRICTED)
    use = role("Role", "restricted", ["policy/podsecuritypolicies: use"], NAMESPACE)
    grant(cluster, all_rights(cluster) + use)
    cluster.restart_api_server("--enable-admission-plugins=PodSecurityPolicy")
    yield None
    cluster.restart_api_server()
    grant(cluster, all_rights(cluster))
    cluster.api.delete(f"{policies}/restricted")


# As Kubernetes' own documentation has it, but that it changes no pod.
RESTRICTED = {
    "metadata": {
        "name": "restricted",
        "annotations": {"seccomp.security.alpha.kubernetes.io/allowedProfileNames": "runtime/default"},
    },
    "spec": {
        "privileged": False,
        "allowPrivilegeEscalation": False,
        "requiredDropCapabilities": ["ALL"],
        "hostNetwork": False,
        "hostIPC": False,
        "hostPID": False,
        "readOnlyRootFilesystem": True,
        "volumes": ["configMap", "emptyDir", "projected", "secret", "downwardAPI", "persistentVolumeClaim"],
        "runAsUser": {"rule": "MustRunAsNonRoot"},
        "seLinux": {"rule": "RunAsAny"},
        "supplementalGroups": {"rule": "MayRunAs", "ranges": [{"min": 1, "max": 65535}]},
        "fsGroup": {"rule": "MayRunAs", "ranges": [{"min": 1, "max": 65535}]},
    },
}


CASES = [
    cordoned,
    tainted_no_schedule,
    tainted_no_execute,
    kubelet_stopped,
    kubelet_just_stopped,
    quota,
    restricted,
    restricted_by_policy,
]
