//! What the checks of the account's rights share: what DSS does in its namespaces, as rights (jobs and their secrets for
//! containerized execution, pods, services and config maps for Spark executors in client mode, deployments for webapps
//! and API services), and what a finding says of those that are missing.

use ackcheck_core::right::{KubernetesRight, Right, Scope};
use ackcheck_core::rights::{Subject, yaml};
use ackcheck_core::seat::Cluster;
use ackcheck_core::verdict::{Code, Finding};

/// The name of the roles that remedies grant DSS.
const ROLE: &str = "dss";

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
pub(super) fn for_every_job(namespaces: &[String]) -> Vec<KubernetesRight> {
    rights(EVERY_JOB, namespaces)
}

/// The rights that managed service accounts need, in each namespace, and the one that makes namespaces.
pub(super) fn for_managed_accounts(namespaces: &[String]) -> Vec<KubernetesRight> {
    let mut rights = rights(MANAGED_ACCOUNTS, namespaces);
    rights.push(KubernetesRight::cluster_wide("create", "", "namespaces"));
    rights
}

fn rights(needs: &[Needs], namespaces: &[String]) -> Vec<KubernetesRight> {
    let mut rights = Vec::new();
    for namespace in namespaces {
        for Needs { group, resource, verbs } in needs {
            rights.extend(verbs.iter().map(|verb| {
                let scope = Scope::Namespace(namespace.clone().into());
                KubernetesRight { scope, group, resource, name: None, verb }
            }));
        }
    }
    rights
}

/// That `missing` of what is `wanted` is not granted, with the roles that would grant it. `missing` is never empty.
pub(super) async fn lacking(
    code: &'static Code,
    wanted: &[KubernetesRight],
    missing: &[KubernetesRight],
    cluster: &dyn Cluster,
) -> Finding {
    // Before Kubernetes 1.27 the API does not tell it; the role is then to be filled in by hand.
    let account = cluster.account().await.unwrap_or_else(|_| "NAME_OF_THE_ACCOUNT".to_owned());
    let words = missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let first = &missing[0];
    let scope = match first.namespace() {
        None => "--all-namespaces".to_owned(),
        Some(namespace) => format!("--namespace={namespace}"),
    };
    let (resource, below) = first.resource.split_once('/').unwrap_or((first.resource, ""));
    let group = if first.group.is_empty() { String::new() } else { format!(".{}", first.group) };
    code.found(format!("{account} is not allowed to {words}"))
        .with("roles", roles(wanted, missing, &account))
        .with("account", account)
        .with("missing", words)
        .with("verb", first.verb)
        .with("resource", format!("{resource}{group}"))
        .with("subresource", below)
        .with("scope", scope)
}

/// Roles with all that `wanted` names in the namespaces where something of it is missing, bound to the account, as YAML.
fn roles(wanted: &[KubernetesRight], missing: &[KubernetesRight], account: &str) -> String {
    let lacks = |right: &&KubernetesRight| missing.iter().any(|missing| missing.scope == right.scope);
    let granted: Vec<Right> = wanted.iter().filter(lacks).cloned().map(Right::from).collect();
    yaml(&granted, ROLE, &Subject::User(account.to_owned())).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_whole_roles_where_something_is_missing() {
        let wanted = for_every_job(&["dss".to_owned(), "other".to_owned()]);
        let missing: Vec<KubernetesRight> = wanted
            .iter()
            .filter(|right| right.namespace() == Some("dss") && right.resource == "secrets")
            .cloned()
            .collect();
        assert_eq!(missing[0].to_string(), "create secrets in dss");
        let yaml = roles(&wanted, &missing, "line\nEND\n\"quoted: 27-16000");
        assert!(yaml.contains("resources: [secrets]\n  verbs: [create, get, delete]"), "{yaml}");
        assert!(yaml.contains("resources: [jobs]") && !yaml.contains("namespace: other"), "{yaml}");
        // One name on one line: it ends neither the document nor the here-document of the remedy.
        assert!(yaml.contains(r#"  name: "line\nEND\n\"quoted: 27-16000""#), "{yaml}");
    }
}
