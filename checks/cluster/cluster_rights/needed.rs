//! What DSS does in its namespaces, as rights: jobs and their secrets for containerized execution, pods, services and
//! config maps for Spark executors (client mode), deployments for webapps and API services.

use ackcheck_core::seat::cluster::Right;

/// Verbs on one resource.
struct Needs {
    group: &'static str,
    resource: &'static str,
    verbs: &'static [&'static str],
}

const EVERY_JOB: &[Needs] = &[
    Needs { group: "", resource: "pods", verbs: &["create", "get", "list", "watch", "delete"] },
    Needs { group: "", resource: "pods/log", verbs: &["get"] },
    Needs { group: "", resource: "secrets", verbs: &["create", "get", "delete"] },
    Needs { group: "", resource: "configmaps", verbs: &["create", "get", "list", "delete"] },
    Needs { group: "", resource: "services", verbs: &["create", "get", "list", "delete"] },
    Needs { group: "batch", resource: "jobs", verbs: &["create", "get", "list", "watch", "delete"] },
    Needs { group: "apps", resource: "deployments", verbs: &["create", "get", "list", "watch", "patch", "delete"] },
];

/// What DSS needs besides where it manages a service account for each job (`DYNAMIC_SERVICE_ACCOUNT`).
const MANAGED_ACCOUNTS: &[Needs] = &[
    Needs { group: "", resource: "serviceaccounts", verbs: &["create", "get", "delete"] },
    Needs { group: "rbac.authorization.k8s.io", resource: "roles", verbs: &["create", "get", "delete"] },
    Needs { group: "rbac.authorization.k8s.io", resource: "rolebindings", verbs: &["create", "get", "delete"] },
];

/// The rights every job needs, in each namespace.
pub(in super::super) fn for_every_job(namespaces: &[String]) -> Vec<Right> {
    rights(EVERY_JOB, namespaces)
}

/// The rights that managed service accounts need, in each namespace, and the one that makes namespaces.
pub(super) fn for_managed_accounts(namespaces: &[String]) -> Vec<Right> {
    let mut rights = rights(MANAGED_ACCOUNTS, namespaces);
    rights.push(Right { verb: "create", group: "", resource: "namespaces", namespace: String::new() });
    rights
}

fn rights(needs: &[Needs], namespaces: &[String]) -> Vec<Right> {
    let one = |namespace: &String, needs: &Needs| {
        let (group, resource) = (needs.group, needs.resource);
        let namespace = namespace.clone();
        needs.verbs.iter().map(move |verb| Right { verb, group, resource, namespace: namespace.clone() }).collect()
    };
    namespaces
        .iter()
        .flat_map(|namespace| needs.iter().flat_map(move |need| -> Vec<Right> { one(namespace, need) }))
        .collect()
}

/// The missing rights in words: `create secrets in dss`.
pub(super) fn words(missing: &[Right]) -> String {
    let one = |right: &Right| {
        let group = if right.group.is_empty() { String::new() } else { format!(".{}", right.group) };
        let scope = if right.namespace.is_empty() { String::new() } else { format!(" in {}", right.namespace) };
        format!("{} {}{group}{scope}", right.verb, right.resource)
    };
    missing.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Roles with all that `wanted` names in the namespaces where something of it is missing, bound to the account, as YAML.
pub(super) fn roles(wanted: &[Right], missing: &[Right], account: &str) -> String {
    let mut namespaces: Vec<&str> = missing.iter().map(|right| right.namespace.as_str()).collect();
    namespaces.sort_unstable();
    namespaces.dedup();
    let documents = namespaces.into_iter().map(|namespace| {
        let (kind, scope) = match namespace {
            "" => ("ClusterRole", String::new()),
            namespace => ("Role", format!(", namespace: {namespace}")),
        };
        let rules = rules(wanted, namespace);
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{ name: dss{scope} }}\nrules:\n{rules}---\n\
             apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}Binding\nmetadata: {{ name: dss{scope} }}\n\
             roleRef: {{ apiGroup: rbac.authorization.k8s.io, kind: {kind}, name: dss }}\n\
             subjects: [{{ apiGroup: rbac.authorization.k8s.io, kind: User, name: \"{account}\" }}]"
        )
    });
    documents.collect::<Vec<_>>().join("\n---\n")
}

fn rules(wanted: &[Right], namespace: &str) -> String {
    let mut lines: Vec<(&Right, Vec<&str>)> = Vec::new();
    for right in wanted.iter().filter(|right| right.namespace == namespace) {
        match lines.iter_mut().find(|(other, _)| other.resource == right.resource && other.group == right.group) {
            Some((_, verbs)) => verbs.push(right.verb),
            None => lines.push((right, vec![right.verb])),
        }
    }
    let line = |(right, verbs): &(&Right, Vec<&str>)| {
        format!(
            "- {{ apiGroups: [\"{}\"], resources: [{}], verbs: [{}] }}\n",
            right.group,
            right.resource,
            verbs.join(", ")
        )
    };
    lines.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_whole_roles_where_something_is_missing() {
        let wanted = for_every_job(&["dss".to_owned(), "other".to_owned()]);
        let missing: Vec<Right> =
            wanted.iter().filter(|right| right.namespace == "dss" && right.resource == "secrets").cloned().collect();
        let yaml = roles(&wanted, &missing, "27-16000");
        assert!(yaml.contains("- { apiGroups: [\"\"], resources: [secrets], verbs: [create, get, delete] }"), "{yaml}");
        assert!(yaml.contains("resources: [jobs]") && !yaml.contains("namespace: other"), "{yaml}");
        assert!(yaml.contains("kind: User, name: \"27-16000\""), "{yaml}");
        assert_eq!(words(&missing[..1]), "create secrets in dss");
    }
}
