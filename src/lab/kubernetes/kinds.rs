//! The resources the API serves, and the discovery documents that list them.

use serde_json::{Value, json};

/// A kind of object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Empty for core.
    pub(crate) group: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) singular: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) namespaced: bool,
    short: &'static [&'static str],
    /// What hangs below an object: name, kind, verbs.
    below: &'static [(&'static str, &'static str, &'static [&'static str])],
    /// Only ever created, and answered at once: reviews.
    pub(crate) review: bool,
}

impl Kind {
    /// `pods`, `jobs.batch`.
    pub(crate) fn qualified(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// `v1`, `batch/v1`.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() { "v1".to_owned() } else { format!("{}/v1", self.group) }
    }

    /// Whether something of this name hangs below its objects.
    pub(crate) fn has_below(&self, name: &str) -> bool {
        self.below.iter().any(|(below, _, _)| *below == name)
    }
}

const EVERYTHING: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const STATUS: &[&str] = &["get", "patch", "update"];

macro_rules! kind {
    ($group:literal, $plural:literal, $singular:literal, $kind:literal, $namespaced:literal, [$($short:literal),*], $below:expr) => {
        Kind { group: $group, plural: $plural, singular: $singular, kind: $kind, namespaced: $namespaced,
               short: &[$($short),*], below: $below, review: false }
    };
    (review $group:literal, $plural:literal, $singular:literal, $kind:literal, $namespaced:literal) => {
        Kind { group: $group, plural: $plural, singular: $singular, kind: $kind, namespaced: $namespaced, short: &[], below: &[], review: true }
    };
}

/// Where pods are in [`KINDS`].
pub(crate) const PODS: usize = 0;
/// Where events are.
pub(crate) const EVENTS: usize = 1;
/// Where nodes are.
pub(crate) const NODES: usize = 2;
/// Where namespaces are.
pub(crate) const NAMESPACES: usize = 3;
/// Where secrets are.
pub(crate) const SECRETS: usize = 4;
/// Where service accounts are.
pub(crate) const SERVICE_ACCOUNTS: usize = 5;
/// Where resource quotas are.
pub(crate) const QUOTAS: usize = 6;
/// Where config maps are.
pub(crate) const CONFIG_MAPS: usize = 7;
/// Where jobs are.
pub(crate) const JOBS: usize = 8;

/// Every kind. The first nine are named by the constants above.
pub(crate) static KINDS: &[Kind] = &[
    kind!(
        "",
        "pods",
        "pod",
        "Pod",
        true,
        ["po"],
        &[("exec", "PodExecOptions", &["create", "get"]), ("log", "Pod", &["get"]), ("status", "Pod", STATUS),]
    ),
    kind!("", "events", "event", "Event", true, ["ev"], &[]),
    kind!("", "nodes", "node", "Node", false, ["no"], &[("status", "Node", STATUS)]),
    kind!("", "namespaces", "namespace", "Namespace", false, ["ns"], &[("status", "Namespace", STATUS)]),
    kind!("", "secrets", "secret", "Secret", true, [], &[]),
    kind!("", "serviceaccounts", "serviceaccount", "ServiceAccount", true, ["sa"], &[]),
    kind!(
        "",
        "resourcequotas",
        "resourcequota",
        "ResourceQuota",
        true,
        ["quota"],
        &[("status", "ResourceQuota", STATUS)]
    ),
    kind!("", "configmaps", "configmap", "ConfigMap", true, ["cm"], &[]),
    kind!("batch", "jobs", "job", "Job", true, [], &[("status", "Job", STATUS)]),
    kind!("", "services", "service", "Service", true, ["svc"], &[("status", "Service", STATUS)]),
    kind!("", "endpoints", "endpoints", "Endpoints", true, ["ep"], &[]),
    kind!("", "limitranges", "limitrange", "LimitRange", true, ["limits"], &[]),
    kind!("", "persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim", true, ["pvc"], &[]),
    kind!("apps", "daemonsets", "daemonset", "DaemonSet", true, ["ds"], &[("status", "DaemonSet", STATUS)]),
    kind!("apps", "deployments", "deployment", "Deployment", true, ["deploy"], &[("status", "Deployment", STATUS)]),
    kind!("apps", "replicasets", "replicaset", "ReplicaSet", true, ["rs"], &[("status", "ReplicaSet", STATUS)]),
    kind!("apps", "statefulsets", "statefulset", "StatefulSet", true, ["sts"], &[("status", "StatefulSet", STATUS)]),
    kind!("batch", "cronjobs", "cronjob", "CronJob", true, ["cj"], &[("status", "CronJob", STATUS)]),
    kind!(
        "rbac.authorization.k8s.io",
        "clusterrolebindings",
        "clusterrolebinding",
        "ClusterRoleBinding",
        false,
        [],
        &[]
    ),
    kind!("rbac.authorization.k8s.io", "clusterroles", "clusterrole", "ClusterRole", false, [], &[]),
    kind!("rbac.authorization.k8s.io", "rolebindings", "rolebinding", "RoleBinding", true, [], &[]),
    kind!("rbac.authorization.k8s.io", "roles", "role", "Role", true, [], &[]),
    kind!(review "authorization.k8s.io", "selfsubjectaccessreviews", "selfsubjectaccessreview", "SelfSubjectAccessReview", false),
    kind!(review "authorization.k8s.io", "selfsubjectrulesreviews", "selfsubjectrulesreview", "SelfSubjectRulesReview", false),
    kind!(review "authentication.k8s.io", "selfsubjectreviews", "selfsubjectreview", "SelfSubjectReview", false),
];

/// The groups besides core, in the order `/apis` lists them.
const GROUPS: &[&str] =
    &["apps", "authentication.k8s.io", "authorization.k8s.io", "batch", "rbac.authorization.k8s.io"];

/// The place in [`KINDS`] of a group's plural.
pub(crate) fn find(group: &str, plural: &str) -> Option<usize> {
    KINDS.iter().position(|kind| kind.group == group && kind.plural == plural)
}

/// Whether there is such a group (in version `v1`).
pub(crate) fn has_group(group: &str) -> bool {
    group.is_empty() || GROUPS.contains(&group)
}

/// `GET /api`.
pub(crate) fn core_versions(server: &str) -> Value {
    let server = json!([{"clientCIDR": "0.0.0.0/0", "serverAddress": server}]);
    json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": server})
}

/// `GET /apis`.
pub(crate) fn groups() -> Value {
    let groups: Vec<Value> = GROUPS.iter().map(|name| group(name)).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `GET /apis/GROUP`, without its own kind and version.
pub(crate) fn group(name: &str) -> Value {
    let version = json!({"groupVersion": format!("{name}/v1"), "version": "v1"});
    json!({"name": name, "versions": [version], "preferredVersion": version})
}

/// `GET /api/v1` and `GET /apis/GROUP/v1`.
pub(crate) fn resources(group: &str) -> Value {
    let mut resources = Vec::new();
    for kind in KINDS.iter().filter(|kind| kind.group == group) {
        let verbs: &[&str] = if kind.review { &["create"] } else { EVERYTHING };
        let mut resource = json!({
            "name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced, "kind": kind.kind,
            "verbs": verbs,
        });
        if !kind.short.is_empty() {
            resource["shortNames"] = json!(kind.short);
        }
        resources.push(resource);
        for (name, of, verbs) in kind.below {
            resources.push(json!({
                "name": format!("{}/{name}", kind.plural), "singularName": "", "namespaced": kind.namespaced,
                "kind": of, "verbs": verbs,
            }));
        }
    }
    let version = if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") };
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources})
}

/// `GET /openapi/v3`: where the document of each group is.
pub(crate) fn openapi_index() -> Value {
    let mut paths = serde_json::Map::new();
    for group in [""].iter().chain(GROUPS) {
        let path = if group.is_empty() { "api/v1".to_owned() } else { format!("apis/{group}/v1") };
        let at = format!("/openapi/v3/{path}?hash=1AB");
        paths.insert(path, json!({"serverRelativeURL": at}));
    }
    json!({"paths": paths})
}

/// `GET /openapi/v3/...`: one group's paths. It says of each kind that the server itself validates the fields of what is
/// sent (`fieldValidation`), which is what makes clients leave the validation to it.
pub(crate) fn openapi(group: &str, version: &str) -> Value {
    let root = if group.is_empty() { "/api/v1".to_owned() } else { format!("/apis/{group}/v1") };
    let mut paths = serde_json::Map::new();
    for kind in KINDS.iter().filter(|kind| kind.group == group && !kind.review) {
        let namespace = if kind.namespaced { "/namespaces/{namespace}" } else { "" };
        let of = json!({"group": group, "version": "v1", "kind": kind.kind});
        let parameter =
            |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}});
        let operation = |verb: &str| {
            json!({
                "operationId": format!("{verb}{}", kind.kind), "x-kubernetes-action": verb,
                "x-kubernetes-group-version-kind": of, "responses": {"200": {"description": "OK"}},
                "parameters": [parameter("dryRun"), parameter("fieldManager"), parameter("fieldValidation")],
            })
        };
        paths.insert(format!("{root}{namespace}/{}", kind.plural), json!({"post": operation("post")}));
        let one = json!({"patch": operation("patch"), "put": operation("put")});
        paths.insert(format!("{root}{namespace}/{}/{{name}}", kind.plural), one);
    }
    json!({"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": version}, "paths": paths, "components": {"schemas": {}}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_name_their_kinds() {
        let named = [PODS, EVENTS, NODES, NAMESPACES, SECRETS, SERVICE_ACCOUNTS, QUOTAS, CONFIG_MAPS, JOBS];
        let plurals: Vec<&str> = named.iter().map(|at| KINDS[*at].plural).collect();
        let expected = [
            "pods",
            "events",
            "nodes",
            "namespaces",
            "secrets",
            "serviceaccounts",
            "resourcequotas",
            "configmaps",
            "jobs",
        ];
        assert_eq!(plurals, expected);
        assert!(KINDS.iter().all(|kind| has_group(kind.group)));
    }
}
