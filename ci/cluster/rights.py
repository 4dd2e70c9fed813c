"""The rights of the account that DSS and ackcheck work with."""

from dataclasses import dataclass

ACCOUNT = "dss"
RBAC = "/apis/rbac.authorization.k8s.io/v1"


@dataclass(frozen=True)
class Right:
    group: str
    resource: str
    verbs: tuple

    def rule(self):
        return {"apiGroups": [self.group], "resources": [self.resource], "verbs": list(self.verbs)}


def of(group, *lines):
    return tuple(Right(group, resource, tuple(verbs.split())) for resource, verbs in (line.split(": ") for line in lines))


# What DSS itself needs in its namespace: cluster-rights asks for it.
DSS = (
    *of("", "pods: create get list watch delete", "pods/log: get", "secrets: create get delete",
        "configmaps: create get list delete", "services: create get list delete", "serviceaccounts: create get delete"),
    *of("batch", "jobs: create get list watch delete"),
    *of("apps", "deployments: create get list watch patch delete"),
    *of("rbac.authorization.k8s.io", "roles: create get delete", "rolebindings: create get delete"),
)
# What ackcheck needs besides, there.
EXEC = of("", "pods/exec: get create")
EVENTS = of("", "events: list")
# Cluster-wide.
MAKE_NAMESPACES = of("", "namespaces: create")
LIST_NODES = of("", "nodes: list")
EVERYTHING = DSS + EXEC + EVENTS + MAKE_NAMESPACES + LIST_NODES


def grant(api, namespace, rights):
    """Gives the account exactly these rights."""
    whole = [right for right in rights if right.resource in ("namespaces", "nodes")]
    within = [right for right in rights if right not in whole]
    for kind, path, granted in (("ClusterRole", RBAC, whole), ("Role", f"{RBAC}/namespaces/{namespace}", within)):
        plural = kind.lower() + "s"
        api.delete(f"{path}/{plural}/{ACCOUNT}")
        api.create(f"{path}/{plural}", {"metadata": {"name": ACCOUNT}, "rules": [right.rule() for right in granted]})
        if not api.exists(f"{path}/{plural[:-1]}bindings/{ACCOUNT}"):
            api.create(f"{path}/{plural[:-1]}bindings", {
                "metadata": {"name": ACCOUNT},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": ACCOUNT},
                "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": ACCOUNT}]})
