"""The manifests of ci/templates, as this Kubernetes takes them."""

from pathlib import Path

from cluster import Cluster
from machine import until
from rights import all_rights, grant
from row import Row

from cases.case import acts

FOLDER = Path(__file__).parents[2] / "templates"
# What pods are admitted by is told at once; in seconds, and far above it.
BOUND = 120
NAMESPACES = {"ackcheck": {"pod-security.kubernetes.io/enforce": "restricted"}, "dataiku": {}}


@acts("the manifests of ci/templates, their pods under Pod Security restricted")
def manifests(cluster: Cluster, row: Row) -> list[str]:
    cluster.needs(23, "Pod Security is not in it")
    # The roles of the template have the names of those that the account of DSS has here.
    grant(cluster, [])
    for name, labels in NAMESPACES.items():
        cluster.api.create("/api/v1/namespaces", {"metadata": {"name": name, "labels": labels}})
    try:
        for file in ("kubernetes-cronjob.yaml", "argo-cd-post-sync.yaml"):
            kubectl(cluster, "apply", "--validate=strict", "--filename", str(FOLDER / file))
        kubectl(cluster, "--namespace", "ackcheck", "create", "job", "--from=cronjob/ackcheck", "ackcheck-now")
        for job in ("ackcheck-now", "ackcheck-post-sync"):
            await_pod(cluster, job)
        row.got = "both jobs have their pods"
        return (
            []
            if may_ask_pods(cluster)
            else ["the account of the pods is not allowed to exec into pods of DSS's namespace"]
        )
    finally:
        kubectl(cluster, "delete", "--ignore-not-found", "--filename", str(FOLDER / "kubernetes-cronjob.yaml"))
        kubectl(cluster, "delete", "namespace", *NAMESPACES, "--ignore-not-found", f"--timeout={BOUND}s")
        grant(cluster, all_rights(cluster))


def kubectl(cluster: Cluster, *words: str) -> str:
    command = cluster.kubectl(*words)
    return cluster.control_plane.machine.run(*command, seconds=2 * BOUND)


def await_pod(cluster: Cluster, job: str) -> None:
    """Until the job has a pod, which no job has whose pods are not admitted. Its image is nowhere."""
    pods = f"/api/v1/namespaces/ackcheck/pods?labelSelector=job-name%3D{job}"

    def events() -> str:
        return f"{job} gets no pod: {kubectl(cluster, '--namespace', 'ackcheck', 'events', '--for', f'job/{job}')}"

    until(lambda: cluster.api.items(pods), BOUND, events)


def may_ask_pods(cluster: Cluster) -> bool:
    account = "system:serviceaccount:ackcheck:ackcheck"
    asked = kubectl(cluster, "auth", "can-i", "create", "pods/exec", "--namespace", "dataiku", "--as", account)
    return asked.strip() == "yes"


CASES = [manifests]
