//! Policies of RAM, as the lab's services read and apply them: what is not allowed is denied, and a `Deny` wins
//! (<https://www.alibabacloud.com/help/en/ram/policy-structure-and-syntax>).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

/// One policy document.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Policy {
    #[serde(rename = "Version")]
    _version: Version,
    statement: Vec<Statement>,
}

/// There is one version of the language.
#[derive(Debug, Clone, Copy, Deserialize)]
enum Version {
    #[serde(rename = "1")]
    One,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    effect: Effect,
    #[serde(deserialize_with = "one_or_more")]
    action: Vec<String>,
    #[serde(deserialize_with = "one_or_more")]
    resource: Vec<String>,
    #[serde(default)]
    condition: BTreeMap<Operator, BTreeMap<String, OneOrMore>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

/// The condition operators that the lab knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
enum Operator {
    StringEquals,
    StringLike,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn into_list(self) -> Vec<String> {
        match self {
            OneOrMore::One(text) => vec![text],
            OneOrMore::More(list) => list,
        }
    }
}

fn one_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let list = OneOrMore::deserialize(from)?.into_list();
    // `ecs:Describe*`, `acs:oss:*:*:bucket/*`, or a star for all.
    match list.iter().find(|entry| *entry != "*" && !entry.contains(':')) {
        Some(odd) => Err(serde::de::Error::custom(format!("{odd:?} is neither an action nor a resource"))),
        None => Ok(list),
    }
}

/// What policies say of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Allowed,
    /// No policy allows it.
    NotAllowed,
    /// A policy forbids it.
    Forbidden,
}

/// Decides a request for an action on a resource; `context` gives the values of condition keys.
pub(crate) fn decide(
    policies: &[Policy],
    action: &str,
    resource: &str,
    context: &dyn Fn(&str) -> Option<String>,
) -> Decision {
    let mut decision = Decision::NotAllowed;
    for statement in policies.iter().flat_map(|policy| &policy.statement) {
        let acts =
            statement.action.iter().any(|pattern| like(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase()));
        let on = statement.resource.iter().any(|pattern| like(pattern, resource));
        let holds = statement.condition.iter().all(|(operator, keys)| {
            keys.iter().all(|(key, values)| {
                context(key).is_some_and(|value| {
                    values.clone().into_list().iter().any(|wanted| match operator {
                        Operator::StringEquals => *wanted == value,
                        Operator::StringLike => like(wanted, &value),
                    })
                })
            })
        });
        match statement.effect {
            Effect::Deny if acts && on && holds => return Decision::Forbidden,
            Effect::Allow if acts && on && holds => decision = Decision::Allowed,
            _ => {}
        }
    }
    decision
}

/// True when `text` is of the form `pattern`, in which `*` stands for any characters and `?` for one.
fn like(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        (Some('*'), _) if like(&pattern[1..], text) => true,
        (Some('*'), Some(first)) => like(pattern, &text[first.len_utf8()..]),
        (Some(wanted), Some(first)) if wanted == '?' || wanted == first => {
            like(&pattern[wanted.len_utf8()..], &text[first.len_utf8()..])
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decides_as_documented() {
        let policy = |text: &str| serde_json::from_str::<Policy>(text);
        let read = policy(
            r#"{"Version": "1", "Statement": [
                {"Effect": "Allow", "Action": "oss:Get*", "Resource": ["acs:oss:*:*:b/dss/*"]},
                {"Effect": "Allow", "Action": ["oss:ListObjects"], "Resource": "acs:oss:*:*:b",
                 "Condition": {"StringLike": {"oss:Prefix": ["dss/*"]}}},
                {"Effect": "Deny", "Action": "*", "Resource": "acs:oss:*:*:b/dss/secret"}]}"#,
        )
        .unwrap();
        let policies = [read];
        let of = |action: &str, resource: &str, prefix: &'static str| {
            decide(&policies, action, resource, &|key| (key == "oss:Prefix").then(|| prefix.to_owned()))
        };
        assert_eq!(of("oss:GetObject", "acs:oss:oss-cn-hangzhou:1:b/dss/x", ""), Decision::Allowed);
        assert_eq!(of("oss:GetObject", "acs:oss:oss-cn-hangzhou:1:b/other", ""), Decision::NotAllowed);
        assert_eq!(of("oss:GetObject", "acs:oss:oss-cn-hangzhou:1:b/dss/secret", ""), Decision::Forbidden);
        assert_eq!(of("oss:ListObjects", "acs:oss:oss-cn-hangzhou:1:b", "dss/"), Decision::Allowed);
        assert_eq!(of("oss:ListObjects", "acs:oss:oss-cn-hangzhou:1:b", ""), Decision::NotAllowed);
        assert_eq!(of("oss:PutObject", "acs:oss:oss-cn-hangzhou:1:b/dss/x", ""), Decision::NotAllowed);
        for wrong in [
            r#"{"Version": "2012-10-17", "Statement": []}"#,
            r#"{"Version": "1", "Statement": [{"Sid": "x", "Effect": "Allow", "Action": "*", "Resource": "*"}]}"#,
            r#"{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "GetObject", "Resource": "*"}]}"#,
            r#"{"Version": "1", "Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]}"#,
        ] {
            assert!(policy(wrong).is_err(), "{wrong}");
        }
    }
}
