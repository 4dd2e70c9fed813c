//! What a user is allowed to do: RBAC, and the reviews of one's own permissions.

use serde_json::{Value, json};

use super::kinds::{Kind, Verb};
use super::words::Status;
use super::world::{DeniedRule, Identity, RbacRule, about};

/// What a request is about, as RBAC sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attributes<'a> {
    /// One of [`Verb`]; a review can ask about any other as well.
    pub(crate) verb: &'a str,
    pub(crate) group: &'a str,
    /// `pods`, `pods/exec`.
    pub(crate) resource: &'a str,
    /// Empty for the whole cluster.
    pub(crate) namespace: &'a str,
    /// The object; empty if the request names none.
    pub(crate) name: &'a str,
}

/// The rules of the cluster. There is one account; members of `system:masters` are allowed everything.
#[derive(Debug)]
pub(crate) struct Access {
    account: String,
    rules: Vec<RbacRule>,
    denied: Vec<DeniedRule>,
}

impl Access {
    /// The rules of an account, less what is denied to it.
    pub(crate) fn new(account: &str, rules: Vec<RbacRule>, denied: Vec<DeniedRule>) -> Access {
        Access { account: account.to_owned(), rules, denied }
    }

    /// Whether a user is allowed something.
    pub(crate) fn allows(&self, who: &Identity, what: Attributes<'_>) -> bool {
        if who.groups.iter().any(|group| group == "system:masters") {
            return true;
        }
        // Every authenticated user is allowed to ask about itself.
        if what.verb == Verb::Create.name() && Kind::of_plural(what.group, what.resource).is_some_and(Kind::is_review) {
            return true;
        }
        let denied = self.denied.iter().any(|denial| {
            about(&denial.verb, what.verb)
                && about(&denial.group, what.group)
                && about(&denial.resource, what.resource)
                && about(&denial.namespace, what.namespace)
        });
        who.name == self.account && !denied && self.rules.iter().any(|rule| grants(rule, what))
    }

    /// Refuses as the API server does.
    pub(crate) fn check(&self, who: &Identity, kind: Kind, what: Attributes<'_>) -> Result<(), Status> {
        if self.allows(who, what) {
            return Ok(());
        }
        let scope = match what.namespace {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace \"{namespace}\""),
        };
        let why = format!(
            "User \"{}\" cannot {} resource \"{}\" in API group \"{}\" {scope}",
            who.name, what.verb, what.resource, what.group
        );
        Err(Status::forbidden(kind, Some(what.name).filter(|name| !name.is_empty()), &why))
    }

    /// Answers a review that a user makes about itself.
    pub(crate) fn review(&self, who: &Identity, kind: Kind, mut review: Value) -> Result<Value, Status> {
        let text = |pointer: &str| review.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let status = match kind {
            Kind::SelfSubjectReview => {
                let mut groups = who.groups.clone();
                groups.push("system:authenticated".to_owned());
                json!({"userInfo": {"username": who.name, "groups": groups}})
            }
            Kind::SelfSubjectRulesReview => self.rules_of(who, text("/spec/namespace")),
            _ if review.pointer("/spec/resourceAttributes").is_some_and(Value::is_object) => {
                let (resource, below) =
                    (text("/spec/resourceAttributes/resource"), text("/spec/resourceAttributes/subresource"));
                let resource = if below.is_empty() { resource.to_owned() } else { format!("{resource}/{below}") };
                let allowed = self.allows(
                    who,
                    Attributes {
                        verb: text("/spec/resourceAttributes/verb"),
                        group: text("/spec/resourceAttributes/group"),
                        resource: &resource,
                        namespace: text("/spec/resourceAttributes/namespace"),
                        name: text("/spec/resourceAttributes/name"),
                    },
                );
                let reason = format!("RBAC: allowed by the lab's rules for \"{}\"", who.name);
                if allowed { json!({"allowed": true, "reason": reason}) } else { json!({"allowed": false}) }
            }
            _ if review.pointer("/spec/nonResourceAttributes").is_some_and(Value::is_object) => {
                let masters = who.groups.iter().any(|group| group == "system:masters");
                json!({"allowed": masters || open_to_all(text("/spec/nonResourceAttributes/path"))})
            }
            _ => {
                let causes = [(
                    "spec.resourceAttributes".to_owned(),
                    "FieldValueInvalid",
                    "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"
                        .to_owned(),
                )];
                return Err(Status::invalid(kind, "", &causes));
            }
        };
        review["kind"] = json!(kind.name());
        review["apiVersion"] = json!(kind.api_version());
        review["status"] = status;
        Ok(review)
    }

    /// The answer to a `SelfSubjectRulesReview`, which `kubectl auth can-i --list` asks for.
    fn rules_of(&self, who: &Identity, namespace: &str) -> Value {
        let mut rules = vec![json!({
            "verbs": ["create"], "apiGroups": ["authorization.k8s.io"],
            "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
        })];
        for rule in self.rules.iter().filter(|_| who.name == self.account) {
            if rule.namespace.as_deref().is_none_or(|at| at == namespace) {
                let mut one = json!({"verbs": rule.verbs, "apiGroups": [rule.group], "resources": rule.resources});
                if !rule.names.is_empty() {
                    one["resourceNames"] = json!(rule.names);
                }
                rules.push(one);
            }
        }
        let open = json!([{"verbs": ["get"], "nonResourceURLs": ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/version"]}]);
        // RBAC cannot express a denial, so with one the list is not exact.
        json!({"resourceRules": rules, "nonResourceRules": open, "incomplete": !self.denied.is_empty()})
    }
}

fn grants(rule: &RbacRule, what: Attributes<'_>) -> bool {
    let one = |list: &[String], wanted: &str| list.iter().any(|entry| about(entry, wanted));
    one(&rule.verbs, what.verb)
        && about(&rule.group, what.group)
        && one(&rule.resources, what.resource)
        && rule.namespace.as_deref().is_none_or(|at| at == what.namespace)
        && (rule.names.is_empty() || rule.names.iter().any(|name| name == what.name))
}

/// The paths that `system:discovery` and `system:public-info-viewer` open to every authenticated user.
pub(crate) fn open_to_all(path: &str) -> bool {
    let prefixes = ["/api", "/apis", "/openapi", "/healthz", "/livez", "/readyz", "/version"];
    prefixes.iter().any(|prefix| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}
