//! The smallest rights with which the selected checks can be asked, and the documents that grant them.
//!
//! What is needed follows from the operations that the checks name and from what the site file describes; nothing is
//! contacted. Rights that DSS needs for its own work are for checks to judge, and are not in here.

mod page;
mod ram;
mod rbac;

use std::collections::BTreeMap;

use crate::catalogue::Plan;
use crate::config::Config;
use crate::seat::needs::{Operation, Right, Scope, Without};
use crate::seat::store::StoreTarget;

pub use page::{json, table, text};
pub use ram::{Grant, LONGEST_POLICY, grants, policy};
pub use rbac::{Subject, yaml};

/// What of a deployment the rights are on. A part that the site does not describe is none.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// What it is called in documents: the site file.
    pub name: String,
    /// The namespace of the probe pods.
    pub namespace: Option<String>,
    /// The ACK cluster id.
    pub cluster: Option<String>,
    /// Whom the OpenAPI is asked as.
    pub cloud: Option<Holder>,
    /// The buckets, with the prefix that DSS works below, and the id of the key.
    pub roots: Option<Vec<Root>>,
    /// The repository's user, where there is one, and its host and namespace.
    pub registry: Option<(Option<String>, String)>,
    /// ackcheck runs on another machine than the DSS host.
    pub elsewhere: bool,
    /// `pods/exec` is to be granted; else the probe is asked by pods of their own.
    pub exec: bool,
}

/// Who holds rights of RAM.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// The RAM role of the ECS instance under DSS.
    InstanceRole,
    /// The RAM user of this AccessKey, or the role that this temporary key was taken of.
    Key(String),
}

/// A place in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Root {
    pub bucket: String,
    /// Without slashes at its ends; may be empty.
    pub prefix: String,
    pub key: String,
}

impl Deployment {
    /// As its owner describes it; `targets` are its buckets, those of DSS's connections included.
    pub fn of(config: &Config, targets: &[StoreTarget]) -> Deployment {
        let namespace = |namespaces: &[String]| namespaces.first().map_or("default", String::as_str).to_owned();
        let root = |target: &StoreTarget| Root {
            bucket: target.bucket.clone(),
            prefix: target.prefix.clone(),
            key: match target.access_key_id.as_str() {
                "" => KEY.to_owned(),
                id => id.to_owned(),
            },
        };
        let mut roots: Vec<Root> = targets.iter().map(root).collect();
        roots.sort();
        roots.dedup();
        let key = |cloud: &crate::config::CloudConfig| match &cloud.access_key {
            Some(key) => Holder::Key(key.id.clone()),
            None => Holder::InstanceRole,
        };
        Deployment {
            name: config.file.display().to_string(),
            namespace: config.cluster.as_ref().map(|cluster| namespace(&cluster.namespaces)),
            cluster: config.cluster.as_ref().and_then(|cluster| cluster.id.clone()),
            cloud: config.cloud.as_ref().map(key),
            roots: config.storage.as_ref().map(|_| roots),
            registry: config.registry.as_ref().map(|registry| (registry.username.clone(), registry.url.clone())),
            elsewhere: !config.host.local && config.host.metadata.is_none(),
            exec: true,
        }
    }

    /// One that nobody described yet. Its names are to be replaced, and grant nothing until they are: no namespace, no
    /// bucket and no key can have them.
    pub fn undescribed() -> Deployment {
        Deployment {
            name: "a deployment that no site file describes yet".to_owned(),
            namespace: Some("NAMESPACE".to_owned()),
            cluster: Some("CLUSTER_ID".to_owned()),
            cloud: Some(Holder::InstanceRole),
            roots: Some(vec![Deployment::undescribed_root()]),
            registry: Some((None, "REGISTRY/NAMESPACE".to_owned())),
            elsewhere: false,
            exec: true,
        }
    }

    /// A bucket that is there, and whose name is not known.
    pub fn undescribed_root() -> Root {
        Root { bucket: "BUCKET".to_owned(), prefix: "PREFIX".to_owned(), key: KEY.to_owned() }
    }

    /// False where the operation cannot be asked of it, so that checks that use it do not apply.
    fn describes(&self, operation: Operation) -> bool {
        match operation {
            Operation::ListNodes
            | Operation::FindNodes
            | Operation::CreatePod
            | Operation::StartPod
            | Operation::AskPod
            | Operation::AskByPods
            | Operation::CredentialHelper => self.namespace.is_some(),
            Operation::ClusterNetwork => self.cloud.is_some() && self.cluster.is_some(),
            Operation::HostInstance | Operation::SecurityGroups | Operation::Joined => self.cloud.is_some(),
            Operation::ListObjects
            | Operation::PutObject
            | Operation::GetObject
            | Operation::LookForObject
            | Operation::DeleteObject => self.roots.is_some(),
        }
    }

    /// A right in words: `create pods in dss`, `ecs:DescribeInstances`.
    pub fn words(&self, right: Right) -> String {
        match right {
            Right::OpenApi(action) | Right::Bucket(action) | Right::Objects(action) => action.to_owned(),
            Right::Kubernetes { scope, group, resource, name, verb } => {
                let group = if group.is_empty() { String::new() } else { format!(".{group}") };
                let name = name.map(|name| format!(" {name}")).unwrap_or_default();
                let place = self.place(scope).map(|namespace| format!(" in {namespace}")).unwrap_or_default();
                format!("{verb} {resource}{group}{name}{place}")
            }
        }
    }

    /// The namespace of a scope; none for the whole cluster.
    fn place(&self, scope: Scope) -> Option<&str> {
        match scope {
            Scope::Cluster => None,
            Scope::ProbeNamespace => Some(self.namespace.as_deref().unwrap_or("default")),
            Scope::Namespace(namespace) => Some(namespace),
        }
    }
}

/// For an AccessKey id that is not known.
const KEY: &str = "ACCESS_KEY_ID";

/// A right that the selected checks need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    pub right: Right,
    /// What becomes of the run without it, at the worst.
    pub without: Without,
    /// The checks that need it, in the catalogue's order.
    pub checks: Vec<&'static str>,
}

impl Needed {
    /// True where everything can be judged, and tidied up, without it.
    pub fn optional(&self) -> bool {
        matches!(self.without, Without::Less(_))
    }
}

/// What the checks of a plan need on a deployment, sorted by right.
pub fn needed(plan: &Plan, deployment: &Deployment) -> Vec<Needed> {
    let mut all: BTreeMap<Right, Needed> = BTreeMap::new();
    for chosen in plan.checks.iter().filter(|chosen| chosen.waived.is_none()) {
        if !chosen.check.operations().all(|operation| deployment.describes(operation)) {
            continue;
        }
        let asked = |operation| match operation {
            Operation::AskPod if !deployment.exec => Operation::AskByPods,
            other => other,
        };
        for need in chosen.check.operations().map(asked).flat_map(Operation::needs) {
            let without = match need.without {
                Without::UnjudgedElsewhere(_) if deployment.elsewhere => Without::Unjudged,
                Without::UnjudgedElsewhere(lost) => Without::Less(lost),
                other => other,
            };
            let right = need.right;
            let needed = all.entry(right).or_insert(Needed { right, without, checks: Vec::new() });
            needed.without = needed.without.max(without);
            if needed.checks.last() != Some(&chosen.check.id) {
                needed.checks.push(chosen.check.id);
            }
        }
    }
    all.into_values().collect()
}
