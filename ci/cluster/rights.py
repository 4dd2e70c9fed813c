"""The rights of the account that DSS and ackcheck work with: what DSS needs, and what `ackcheck rights` prints."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from api import Item

if TYPE_CHECKING:
    from cluster import Cluster

ACCOUNT = "dss"
NAMESPACE = "dss"
GROUP = "rbac.authorization.k8s.io"


def role(kind: str, name: str, rules: Sequence[str], namespace: str | None = None) -> list[Item]:
    """A role and its binding to the account; a rule is `group/resource: verbs`."""
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    subject = {"apiGroup": GROUP, "kind": "User", "name": ACCOUNT}
    reference = {"apiGroup": GROUP, "kind": kind, "name": name}
    return [
        {"kind": kind, "metadata": metadata, "rules": [rbac_rule(rule) for rule in rules]},
        {"kind": f"{kind}Binding", "metadata": metadata, "roleRef": reference, "subjects": [subject]},
    ]


def rbac_rule(rule: str) -> Item:
    """As Kubernetes writes `group/resource: verbs`; the resource may have a `/` itself."""
    what, _, verbs = rule.partition(": ")
    group, _, resource = what.partition("/")
    return {"apiGroups": [group], "resources": [resource], "verbs": verbs.split()}


# What DSS does there: cluster-rights asks for it.
IN_NAMESPACE = [
    "/pods: create get list watch delete",
    "/pods/log: get",
    "/secrets: create get delete",
    "/configmaps: create get list delete",
    "/services: create get list delete",
    "/serviceaccounts: create get delete",
    "batch/jobs: create get list watch delete",
    "apps/deployments: create get list watch patch delete",
    f"{GROUP}/roles: create get delete",
    f"{GROUP}/rolebindings: create get delete",
]
OF_DSS = role("Role", "dss", IN_NAMESPACE, NAMESPACE) + role("ClusterRole", "dss-namespaces", ["/namespaces: create"])


def of_ackcheck(cluster: "Cluster", *options: str) -> list[Item]:
    """What `ackcheck rights` says that ackcheck needs for the site."""
    site = cluster.dss.folder / "ackcheck.toml"
    command = ("rights", "--site", str(site), "--format", "json", "--user", ACCOUNT, *options)
    printed = cluster.dss.machine.run(cluster.program, *command)
    items: list[Item] = json.loads(printed)["kubernetes"]["items"]
    return items


def all_rights(cluster: "Cluster", *options: str) -> list[Item]:
    return OF_DSS + of_ackcheck(cluster, "--optional", *options)


def grant(cluster: "Cluster", items: list[Item]) -> None:
    """Gives the account these rights, and no others: what was granted before is taken back."""
    granted = cluster.folder / "granted.json"
    for item in json.loads(granted.read_text()) if granted.exists() else []:
        cluster.api.delete(f"{place(item)}/{item['metadata']['name']}")
    for item in items:
        cluster.api.create(place(item), item)
    granted.write_text(json.dumps(items))


def everywhere(items: Sequence[Item]) -> list[Item]:
    """The same rights in every namespace, also in those that are not there."""
    found: list[Item] = []
    for item in items:
        metadata = {"name": f"{item['metadata']['name']}-of-{item['metadata'].get('namespace', 'cluster')}"}
        kind = item["kind"] if item["kind"].startswith("Cluster") else f"Cluster{item['kind']}"
        changed = {**item, "kind": kind, "metadata": metadata}
        if "roleRef" in item:
            changed["roleRef"] = {**item["roleRef"], "kind": "ClusterRole", "name": metadata["name"]}
        found.append(changed)
    return found


def place(item: Item) -> str:
    """Where objects of its kind and namespace are."""
    namespace = item["metadata"].get("namespace")
    within = f"namespaces/{namespace}/" if namespace else ""
    return f"/apis/{GROUP}/v1/{within}{item['kind'].lower()}s"
