"""The rights of the account that DSS and ackcheck work with: what DSS needs, and what `ackcheck rights` prints."""

import json

ACCOUNT = "dss"
NAMESPACE = "dss"
GROUP = "rbac.authorization.k8s.io"


def role(kind, name, rules, namespace=None):
    """A role and its binding to the account; a rule is `group/resource: verbs`."""
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    split = [(*what.split("/", 1), verbs.split()) for what, verbs in (rule.split(": ") for rule in rules)]
    return [
        {"kind": kind, "metadata": metadata,
         "rules": [{"apiGroups": [group], "resources": [resource], "verbs": verbs} for group, resource, verbs in split]},
        {"kind": f"{kind}Binding", "metadata": metadata, "roleRef": {"apiGroup": GROUP, "kind": kind, "name": name},
         "subjects": [{"apiGroup": GROUP, "kind": "User", "name": ACCOUNT}]},
    ]


# What DSS does there: cluster-rights asks for it.
OF_DSS = role("Role", "dss", [
    "/pods: create get list watch delete", "/pods/log: get", "/secrets: create get delete",
    "/configmaps: create get list delete", "/services: create get list delete", "/serviceaccounts: create get delete",
    "batch/jobs: create get list watch delete", "apps/deployments: create get list watch patch delete",
    f"{GROUP}/roles: create get delete", f"{GROUP}/rolebindings: create get delete",
], NAMESPACE) + role("ClusterRole", "dss-namespaces", ["/namespaces: create"])


def of_ackcheck(cluster, *options):
    """What `ackcheck rights` says that ackcheck needs for the site."""
    site = cluster.dss.folder / "ackcheck.toml"
    printed = cluster.dss.machine.run(cluster.program, "rights", "--site", site, "--format", "json", "--user", ACCOUNT,
                                      *options)
    return json.loads(printed)["kubernetes"]["items"]


def all_rights(cluster, *options):
    return OF_DSS + of_ackcheck(cluster, "--optional", *options)


def grant(cluster, items):
    """Gives the account these rights, and no others: what was granted before is taken back."""
    granted = cluster.folder / "granted.json"
    for item in json.loads(granted.read_text()) if granted.exists() else []:
        cluster.api.delete(f"{place(item)}/{item['metadata']['name']}")
    for item in items:
        cluster.api.create(place(item), item)
    granted.write_text(json.dumps(items))


def place(item):
    """Where objects of its kind and namespace are."""
    namespace = item["metadata"].get("namespace")
    return f"/apis/{GROUP}/v1/" + (f"namespaces/{namespace}/" if namespace else "") + item["kind"].lower() + "s"
