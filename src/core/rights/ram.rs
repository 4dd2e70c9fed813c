//! What RAM grants, as policies: one for each key or role that is asked with.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Deployment, Holder, Needed, Root};
use crate::right::{Action, Right};

/// The most characters that RAM takes as one custom policy, spaces left out.
pub const LONGEST_POLICY: usize = 6144;

/// The rights of one holder.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    pub holder: Holder,
    /// What it is asked for: `the OpenAPI`, `oss://bucket/prefix`.
    pub of: Vec<String>,
    pub statements: Vec<Value>,
}

/// A policy with these statements.
pub fn policy<'a>(statements: impl IntoIterator<Item = &'a Value>) -> Value {
    let mut once: Vec<&Value> = Vec::new();
    for statement in statements {
        if !once.contains(&statement) {
            once.push(statement);
        }
    }
    json!({ "Version": "1", "Statement": once })
}

/// Whom RAM is to grant what, the OpenAPI's first.
pub fn grants(needed: &[Needed], deployment: &Deployment) -> Vec<Grant> {
    let actions = |pick: fn(&Right) -> Option<&Action>| -> Vec<&str> {
        needed.iter().filter_map(|needed| pick(&needed.right)).map(AsRef::as_ref).collect()
    };
    let mut grants: Vec<Grant> = Vec::new();
    let openapi = actions(|right| if let Right::OpenApi(action) = right { Some(action) } else { None });
    if let Some(holder) = deployment.cloud.clone().filter(|_| !openapi.is_empty()) {
        let of = vec!["the OpenAPI".to_owned()];
        grants.push(Grant { holder, of, statements: cloud(&openapi, deployment.cluster.as_deref()) });
    }
    let buckets = actions(|right| if let Right::Bucket(action) = right { Some(action) } else { None });
    let objects = actions(|right| if let Right::Objects(action) = right { Some(action) } else { None });
    if buckets.is_empty() && objects.is_empty() {
        return grants;
    }
    let mut by_key: BTreeMap<&str, Vec<&Root>> = BTreeMap::new();
    for root in deployment.roots.iter().flatten() {
        by_key.entry(&root.key).or_default().push(root);
    }
    for (key, roots) in by_key {
        let holder = Holder::Key(key.to_owned());
        let of = roots.iter().map(|root| uri(root));
        let statements = oss(&buckets, &objects, &roots);
        match grants.iter_mut().find(|grant| grant.holder == holder) {
            Some(grant) => {
                grant.of.extend(of);
                grant.statements.extend(statements);
            }
            None => grants.push(Grant { holder, of: of.collect(), statements }),
        }
    }
    grants
}

/// `oss://bucket/prefix`.
fn uri(root: &Root) -> String {
    format!("oss://{}/{}", root.bucket, root.prefix).trim_end_matches('/').to_owned()
}

fn allow(actions: &[&str], resources: &[String]) -> Value {
    json!({ "Effect": "Allow", "Action": actions, "Resource": resources })
}

/// ACK's actions are granted on the one cluster
/// (<https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/create-a-custom-ram-policy>). Those
/// of ECS and VPC here only read, some on resources of the host's region and some on the cluster's, and not for all of
/// them a narrower resource is documented.
fn cloud(actions: &[&str], cluster: Option<&str>) -> Vec<Value> {
    let (on_cluster, elsewhere): (Vec<&str>, Vec<&str>) = actions.iter().partition(|action| action.starts_with("cs:"));
    let resource = cluster.map_or("*".to_owned(), |id| format!("acs:cs:*:*:cluster/{id}"));
    let mut statements = Vec::new();
    if !on_cluster.is_empty() {
        statements.push(allow(&on_cluster, &[resource]));
    }
    if !elsewhere.is_empty() {
        statements.push(allow(&elsewhere, &["*".to_owned()]));
    }
    statements
}

/// The whole prefix is granted, not ackcheck's folder below it alone: with less, the checks would pass where DSS fails.
fn oss(on_bucket: &[&str], on_objects: &[&str], roots: &[&Root]) -> Vec<Value> {
    let mut statements = Vec::new();
    // The condition is documented for listings of objects alone.
    let (listing, others): (Vec<&str>, Vec<&str>) = on_bucket.iter().partition(|action| **action == "oss:ListObjects");
    for root in roots.iter().filter(|_| !others.is_empty()) {
        statements.push(allow(&others, &[format!("acs:oss:*:*:{}", root.bucket)]));
    }
    for root in roots.iter().filter(|_| !listing.is_empty()) {
        let mut statement = allow(&listing, &[format!("acs:oss:*:*:{}", root.bucket)]);
        if !root.prefix.is_empty() {
            // Hadoop also looks for the folders above the root.
            let parents = root.prefix.match_indices('/').map(|(at, _)| root.prefix[..=at].to_owned());
            let listed: Vec<String> = parents.chain([format!("{}/*", root.prefix)]).collect();
            statement["Condition"] = json!({ "StringLike": { "oss:Prefix": listed } });
        }
        statements.push(statement);
    }
    if !on_objects.is_empty() {
        let below = |root: &&Root| match root.prefix.as_str() {
            "" => format!("acs:oss:*:*:{}/*", root.bucket),
            prefix => format!("acs:oss:*:*:{}/{prefix}/*", root.bucket),
        };
        statements.push(allow(on_objects, &roots.iter().map(below).collect::<Vec<_>>()));
    }
    statements
}

impl Holder {
    /// As the command line names it.
    pub fn name(&self) -> &str {
        match self {
            Holder::InstanceRole => "instance-role",
            Holder::Key(id) => id,
        }
    }

    /// Whom the policy is attached to.
    pub(super) fn attached_to(&self) -> String {
        match self {
            Holder::InstanceRole => "the RAM role of the ECS instance under DSS".to_owned(),
            Holder::Key(id) if id.starts_with("STS.") => format!(
                "the RAM role that the temporary key {id} is taken of; or given as `Policy` of the AssumeRole that takes it"
            ),
            Holder::Key(id) => format!("the RAM user of the AccessKey {id}"),
        }
    }
}
