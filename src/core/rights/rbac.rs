//! What Kubernetes grants, as roles and their bindings.

use serde_json::{Value, json};

use crate::right::{KubernetesRight, Right};

const GROUP: &str = "rbac.authorization.k8s.io";

/// Whom a role is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    User(String),
    Group(String),
    ServiceAccount {
        namespace: String,
        name: String,
    },
    /// Not known yet: the API refuses the binding until it is filled in.
    Unnamed,
}

/// One rule of a role.
struct Rule<'r> {
    group: &'r str,
    resource: &'r str,
    name: Option<&'r str>,
    verbs: Vec<&'r str>,
}

/// A role and where it is; a cluster role where that is nowhere.
struct Role<'r> {
    namespace: Option<&'r str>,
    rules: Vec<Rule<'r>>,
}

impl Role<'_> {
    fn kind(&self) -> &'static str {
        if self.namespace.is_some() { "Role" } else { "ClusterRole" }
    }
}

/// The roles of these rights; those that others than Kubernetes grant are left out.
fn roles<'r>(rights: impl IntoIterator<Item = &'r Right>) -> Vec<Role<'r>> {
    let mut roles: Vec<Role<'r>> = Vec::new();
    for right in rights {
        let Right::Kubernetes(right) = right else { continue };
        let KubernetesRight { group, resource, name, verb, .. } = right;
        let namespace = right.namespace();
        let at = roles.iter().position(|role| role.namespace == namespace).unwrap_or_else(|| {
            roles.push(Role { namespace, rules: Vec::new() });
            roles.len() - 1
        });
        let rules = &mut roles[at].rules;
        match rules.iter_mut().find(|rule| (rule.group, rule.resource, rule.name) == (group, resource, *name)) {
            Some(rule) => rule.verbs.push(verb),
            None => rules.push(Rule { group, resource, name: *name, verbs: vec![verb] }),
        }
    }
    roles
}

/// Roles of this name and their bindings, as `kubectl apply -f -` takes them; empty where none of the rights is for
/// Kubernetes to grant.
pub fn yaml<'r>(rights: impl IntoIterator<Item = &'r Right>, name: &str, subject: &Subject) -> String {
    let documents = roles(rights).into_iter().flat_map(|role| {
        let kind = role.kind();
        let place = role.namespace.map(|at| format!("\n  namespace: {}", scalar(at))).unwrap_or_default();
        let head = |kind: &str| format!("apiVersion: {GROUP}/v1\nkind: {kind}\nmetadata:\n  name: {name}{place}\n");
        let rules: String = role.rules.iter().map(rule).collect();
        [
            format!("{}rules:\n{rules}", head(kind)),
            format!(
                "{}roleRef:\n  apiGroup: {GROUP}\n  kind: {kind}\n  name: {name}\nsubjects:\n{}",
                head(&format!("{kind}Binding")),
                subject.yaml()
            ),
        ]
    });
    documents.collect::<Vec<_>>().join("---\n")
}

fn rule(rule: &Rule<'_>) -> String {
    let name = rule.name.map(|name| format!("  resourceNames: [{name}]\n")).unwrap_or_default();
    format!(
        "- apiGroups: [{}]\n  resources: [{}]\n{name}  verbs: [{}]\n",
        scalar(rule.group),
        rule.resource,
        rule.verbs.join(", ")
    )
}

/// The same as a `List`.
pub(super) fn list<'r>(rights: impl IntoIterator<Item = &'r Right>, name: &str, subject: &Subject) -> Value {
    let items: Vec<Value> = roles(rights)
        .into_iter()
        .flat_map(|role| {
            let mut metadata = json!({ "name": name });
            if let Some(namespace) = role.namespace {
                metadata["namespace"] = json!(namespace);
            }
            let rules = role.rules.iter().map(|rule| {
                let mut one = json!({ "apiGroups": [rule.group], "resources": [rule.resource] });
                if let Some(name) = rule.name {
                    one["resourceNames"] = json!([name]);
                }
                one["verbs"] = json!(rule.verbs);
                one
            });
            let (api, kind) = (format!("{GROUP}/v1"), role.kind());
            [
                json!({ "apiVersion": api, "kind": kind, "metadata": metadata, "rules": rules.collect::<Vec<_>>() }),
                json!({
                    "apiVersion": api, "kind": format!("{kind}Binding"), "metadata": metadata,
                    "roleRef": { "apiGroup": GROUP, "kind": kind, "name": name },
                    "subjects": [subject.json()],
                }),
            ]
        })
        .collect();
    json!({ "apiVersion": "v1", "kind": "List", "items": items })
}

impl Subject {
    fn parts(&self) -> [(&'static str, &str); 3] {
        match self {
            Subject::User(name) => [("apiGroup", GROUP), ("kind", "User"), ("name", name)],
            Subject::Group(name) => [("apiGroup", GROUP), ("kind", "Group"), ("name", name)],
            Subject::ServiceAccount { namespace, name } => {
                [("kind", "ServiceAccount"), ("namespace", namespace), ("name", name)]
            }
            Subject::Unnamed => [("apiGroup", GROUP), ("kind", "SUBJECT"), ("name", "NAME")],
        }
    }

    fn yaml(&self) -> String {
        let hint = match self {
            Subject::Unnamed => {
                "# To fill in: --user NAME, --group NAME or --service-account NAMESPACE/NAME does it.\n"
            }
            _ => "",
        };
        let lines = self.parts().map(|(key, value)| format!("{key}: {}\n", scalar(value)));
        format!("{hint}- {}", lines.join("  "))
    }

    fn json(&self) -> Value {
        Value::Object(self.parts().into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect())
    }
}

/// A text as YAML has it: plain where it can be nothing else.
fn scalar(text: &str) -> String {
    let other = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
        && !other.contains(&text.to_ascii_lowercase().as_str());
    if word { text.to_owned() } else { Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seat::cluster::LIST_NODES;
    use crate::seat::pod::{ASK, CREDENTIAL_HELPER};

    /// The YAML, read by another's parser, is what the JSON says.
    fn written(rights: &[Right], subject: &Subject) -> String {
        let text = yaml(rights, "ackcheck", subject);
        let documents: Vec<Value> =
            text.split("---\n").map(|document| serde_saphyr::from_str(document).unwrap()).collect();
        assert_eq!(Value::from(documents), list(rights, "ackcheck", subject)["items"], "{text}");
        text
    }

    #[test]
    fn the_yaml_and_the_json_say_the_same() {
        let operations = [&LIST_NODES, &ASK, &CREDENTIAL_HELPER].into_iter().flat_map(|operation| operation.whole());
        let needs = operations.flat_map(|operation| operation.needs);
        let rights: Vec<Right> = needs.map(|need| need.right.in_namespace("no")).collect();
        let account = Subject::ServiceAccount { namespace: "ops".to_owned(), name: "probe".to_owned() };
        for subject in
            [Subject::User("27-16\"00".to_owned()), Subject::Group("1".to_owned()), account, Subject::Unnamed]
        {
            written(&rights, &subject);
        }
    }

    #[test]
    fn no_name_of_an_account_breaks_the_document() {
        let rights = [Right::of_probes("create", "", "pods").in_namespace("a: b\n---\n")];
        for name in
            ["quo\"te", "line\nEND\n---\nkind: Role", "system:serviceaccount:dss:default", "# x", "a: b", "\\", "'"]
        {
            let text = written(&rights, &Subject::User(name.to_owned()));
            assert!(!text.contains("\nEND"), "{text}");
        }
    }
}
