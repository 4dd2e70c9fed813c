//! What Kubernetes grants, as roles and their bindings.

use serde_json::{Value, json};

use super::{Deployment, Needed};
use crate::seat::needs::Right;

const GROUP: &str = "rbac.authorization.k8s.io";
/// The name of every role and binding.
const NAME: &str = "ackcheck";

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
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    group: &'static str,
    resource: &'static str,
    name: Option<&'static str>,
    verbs: Vec<&'static str>,
}

/// A role and where it is; a cluster role where that is nowhere.
struct Role {
    namespace: Option<String>,
    rules: Vec<Rule>,
}

impl Role {
    fn kind(&self) -> &'static str {
        if self.namespace.is_some() { "Role" } else { "ClusterRole" }
    }
}

fn roles(needed: &[Needed], deployment: &Deployment) -> Vec<Role> {
    let mut roles: Vec<Role> = Vec::new();
    for needed in needed {
        let Right::Kubernetes { scope, group, resource, name, verb } = needed.right else { continue };
        let namespace = deployment.place(scope).map(str::to_owned);
        let at = roles.iter().position(|role| role.namespace == namespace).unwrap_or_else(|| {
            roles.push(Role { namespace, rules: Vec::new() });
            roles.len() - 1
        });
        let rules = &mut roles[at].rules;
        match rules.iter_mut().find(|rule| (rule.group, rule.resource, rule.name) == (group, resource, name)) {
            Some(rule) => rule.verbs.push(verb),
            None => rules.push(Rule { group, resource, name, verbs: vec![verb] }),
        }
    }
    roles
}

/// Roles and bindings as `kubectl apply -f -` takes them; empty where nothing is needed of Kubernetes.
pub fn yaml(needed: &[Needed], deployment: &Deployment, subject: &Subject) -> String {
    let documents = roles(needed, deployment).into_iter().flat_map(|role| {
        let kind = role.kind();
        let place = role.namespace.as_deref().map(|at| format!("\n  namespace: {}", scalar(at))).unwrap_or_default();
        let head = |kind: &str| format!("apiVersion: {GROUP}/v1\nkind: {kind}\nmetadata:\n  name: {NAME}{place}\n");
        let rules: String = role.rules.iter().map(rule).collect();
        [
            format!("{}rules:\n{rules}", head(kind)),
            format!(
                "{}roleRef:\n  apiGroup: {GROUP}\n  kind: {kind}\n  name: {NAME}\nsubjects:\n{}",
                head(&format!("{kind}Binding")),
                subject.yaml()
            ),
        ]
    });
    documents.collect::<Vec<_>>().join("---\n")
}

fn rule(rule: &Rule) -> String {
    let name = rule.name.map(|name| format!("  resourceNames: [{name}]\n")).unwrap_or_default();
    format!(
        "- apiGroups: [{}]\n  resources: [{}]\n{name}  verbs: [{}]\n",
        scalar(rule.group),
        rule.resource,
        rule.verbs.join(", ")
    )
}

/// The same as a `List`.
pub(super) fn list(needed: &[Needed], deployment: &Deployment, subject: &Subject) -> Value {
    let items: Vec<Value> = roles(needed, deployment)
        .into_iter()
        .flat_map(|role| {
            let mut metadata = json!({ "name": NAME });
            if let Some(namespace) = &role.namespace {
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
                    "roleRef": { "apiGroup": GROUP, "kind": kind, "name": NAME },
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
    use crate::seat::needs::Operation;

    #[test]
    fn the_yaml_and_the_json_say_the_same() {
        let deployment = Deployment { namespace: Some("no".to_owned()), ..Deployment::undescribed() };
        let operations = [Operation::ListNodes, Operation::AskPod, Operation::CredentialHelper];
        let mut needed: Vec<Needed> = Vec::new();
        for need in operations.into_iter().flat_map(Operation::needs) {
            needed.push(Needed { right: need.right, without: need.without, checks: vec!["x"] });
        }
        let account = Subject::ServiceAccount { namespace: "ops".to_owned(), name: "probe".to_owned() };
        for subject in
            [Subject::User("27-16\"00".to_owned()), Subject::Group("1".to_owned()), account, Subject::Unnamed]
        {
            let text = yaml(&needed, &deployment, &subject);
            let documents: Vec<Value> =
                text.split("---\n").map(|document| serde_saphyr::from_str(document).unwrap()).collect();
            assert_eq!(Value::from(documents), list(&needed, &deployment, &subject)["items"], "{text}");
        }
    }
}
