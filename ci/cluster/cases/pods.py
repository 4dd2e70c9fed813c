"""Pods as DSS starts them: what the cluster refuses of them, and where it has no place for them."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from api import Item
from cluster import Cluster
from control_plane import in_base64
from machine import Service, until
from network import CONTROL_PLANE
from rights import NAMESPACE, all_rights, everywhere, grant

from cases.case import WAITING, Breaking, blocked, breaks, each, in_namespace, on


@breaks(
    "namespace quota that wants limits",
    exit=1,
    dss_pod_admitted=in_namespace("quota"),
    **WAITING,
)
def quota_of_limits(cluster: Cluster) -> Breaking:
    quotas = f"/api/v1/namespaces/{NAMESPACE}/resourcequotas"
    cluster.api.create(quotas, {"metadata": {"name": "limits"}, "spec": {"hard": {"limits.cpu": "64"}}})
    until(lambda: cluster.api.get(f"{quotas}/limits").get("status", {}).get("hard"), 120, "the quota is not counted")
    yield None
    cluster.api.delete(f"{quotas}/limits")


@breaks("validating webhook that is silent", exit=1, dss_pod_admitted=in_namespace("webhook-silent"), **WAITING)
def silent_webhook(cluster: Cluster) -> Breaking:
    place = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
    cluster.api.create(place, SILENT)
    yield None
    cluster.api.delete(f"{place}/silent")


# Nothing listens on that port.
SILENT: Item = {
    "metadata": {"name": "silent"},
    "webhooks": [
        {
            "name": "silent.example.com",
            "admissionReviewVersions": ["v1"],
            "clientConfig": {"url": f"https://{CONTROL_PLANE}:9/judge"},
            "failurePolicy": "Fail",
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
            "sideEffects": "None",
            "timeoutSeconds": 5,
        }
    ],
}


WEBHOOK_PORT = 9443
# Of a host that nobody knows.
SIDECAR = "sidecars.corp.example/mesh:1"


@breaks(
    "a webhook adds a sidecar whose image cannot be pulled",
    exit=1,
    dss_pod_admitted=in_namespace("sidecar-injected"),
    node_takes_pods=each("sidecar-not-pulled"),
    **blocked("registry_path", "registry_pull"),
)
def sidecar(cluster: Cluster) -> Breaking:
    certificate, key = cluster.authority.certify("webhook", "/CN=webhook", f"IP:{CONTROL_PLANE}")
    program = Path(__file__).parents[1] / "webhook.py"
    words: list[str | Path] = [sys.executable, program, CONTROL_PLANE, str(WEBHOOK_PORT), certificate, key, SIDECAR]
    server = Service(cluster.control_plane.machine, "webhook", words)
    server.start(lambda: "listening" in server.log.read_text())
    place = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
    configuration = json.loads(json.dumps(SILENT).replace("silent", "mesh"))
    configuration["webhooks"][0]["clientConfig"] = {
        "url": f"https://{CONTROL_PLANE}:{WEBHOOK_PORT}/add",
        "caBundle": in_base64(cluster.authority.certificate),
    }
    configuration["webhooks"][0]["namespaceSelector"] = {"matchLabels": {"mesh": "on"}}
    namespace = f"/api/v1/namespaces/{NAMESPACE}"
    cluster.api.patch(namespace, {"metadata": {"labels": {"mesh": "on"}}})
    cluster.api.create(place, configuration)
    yield None
    cluster.api.delete(f"{place}/mesh")
    cluster.api.patch(namespace, {"metadata": {"labels": {"mesh": None}}})
    server.stop()


@breaks("all nodes tainted", exit=1, dss_pods_schedulable="all-tainted")
def all_tainted(cluster: Cluster) -> Breaking:
    taint(cluster, [{"key": "pool", "value": "other", "effect": "NoSchedule"}])
    yield None
    taint(cluster, None)


def taint(cluster: Cluster, taints: list[Item] | None) -> None:
    for node in cluster.nodes:
        cluster.api.patch(f"/api/v1/nodes/{node.name}", {"spec": {"taints": taints}})


@breaks("node selector that matches no node", exit=1, dss_pods_schedulable="selector-matches-none")
def selector(cluster: Cluster) -> Breaking:
    def select(settings: Item) -> None:
        conf = settings["sparkSettings"]["executionConfigs"][0]["conf"]
        conf.append({"key": "spark.kubernetes.node.selector.pool", "value": "spark"})

    with settings_of_dss(cluster, select):
        yield None


@contextmanager
def settings_of_dss(cluster: Cluster, edit: Callable[[Item], None]) -> Iterator[None]:
    """The general settings of DSS, edited, and then as they were."""
    site = (cluster.dss.folder / "ackcheck.toml").read_text()
    found = re.search(r'data_dir = "(.+?)"', site)
    file = Path(found[1] if found else "") / "config/general-settings.json"
    before = file.read_text()
    settings = json.loads(before)
    edit(settings)
    file.write_text(json.dumps(settings))
    try:
        yield
    finally:
        file.write_text(before)


# Which DSS is to work in, and nobody has made yet.
ABSENT = "dss-spark"


@breaks(
    "namespace that does not exist, rights in every namespace",
    exit=1,
    dss_pod_admitted=on(f"namespace {ABSENT}", "namespace-missing"),
    **WAITING,
)
def missing_namespace(cluster: Cluster) -> Breaking:
    grant(cluster, everywhere(all_rights(cluster)))
    yield two_namespaces(cluster)
    grant(cluster, all_rights(cluster))


# The API answers as for a namespace that is there: whether it is, this account cannot find out. What is asked of the
# other namespace is still asked.
@breaks(
    "namespace that does not exist, no rights there",
    exit=1,
    cluster_rights="missing-right",
    dss_pod_admitted=on(f"namespace {ABSENT}", "broken"),
)
def missing_namespace_and_rights(cluster: Cluster) -> Breaking:
    yield two_namespaces(cluster)


def two_namespaces(cluster: Cluster) -> Path:
    """A site file with one namespace more."""
    return cluster.dss.site("two-namespaces", (r"namespaces = .*", f'namespaces = ["{NAMESPACE}", "{ABSENT}"]'))


CASES = [
    quota_of_limits,
    silent_webhook,
    sidecar,
    missing_namespace,
    missing_namespace_and_rights,
    all_tainted,
    selector,
]
