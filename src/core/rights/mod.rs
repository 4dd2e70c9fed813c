//! The smallest rights with which the selected checks can be asked, and the documents that grant rights.
//!
//! What is needed follows from the operations that the checks name and from what the site file describes; nothing is
//! contacted. Rights that DSS needs for its own work are for checks to judge, and are not in here.

mod page;
mod ram;
mod rbac;

use std::collections::BTreeMap;

use crate::catalogue::Plan;
use crate::config::Config;
use crate::place::Vantage;
use crate::right::{KubernetesRight, Right, Scope};
use crate::seat::operation::{Need, Operation, Part, When, Without};
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
    /// The namespaces that DSS works in besides.
    pub other_namespaces: Vec<String>,
    /// The ACK cluster id.
    pub cluster: Option<String>,
    /// Whom the OpenAPI is asked as.
    pub cloud: Option<Holder>,
    /// The buckets, with the prefix that DSS works below, and the id of the key.
    pub roots: Option<Vec<Root>>,
    /// The repository's user, if there is one, and its host and namespace.
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
            other_namespaces: config
                .cluster
                .iter()
                .flat_map(|cluster| cluster.namespaces.iter().skip(1).cloned())
                .collect(),
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
            other_namespaces: Vec::new(),
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

    /// False if the operation cannot be asked of it, so that checks that use it do not apply.
    fn describes(&self, operation: &Operation) -> bool {
        let seat = match operation.seat {
            Vantage::Cluster | Vantage::Node => self.namespace.is_some(),
            Vantage::Cloud => self.cloud.is_some(),
            Vantage::Store => self.roots.is_some(),
            Vantage::Registry => self.registry.is_some(),
            // What is asked on the DSS host needs nothing that others grant by RBAC or RAM.
            Vantage::Host | Vantage::Dss => true,
        };
        seat && match operation.also {
            Some(Part::ClusterId) => self.cluster.is_some(),
            None => true,
        }
    }

    /// Whether a run on it needs the right.
    fn asks_for(&self, need: &Need) -> bool {
        match need.when {
            When::Always => true,
            When::ByExec => self.exec,
            When::ByLogs => !self.exec,
        }
    }

    /// A right on it, whose namespaces are known here; it may take one in several of them.
    fn placed(&self, right: &Right) -> Vec<Right> {
        let others = match right {
            Right::Kubernetes(KubernetesRight { scope: Scope::EachNamespace, .. }) => &*self.other_namespaces,
            _ => &[],
        };
        let first = self.namespace.as_deref().unwrap_or("default");
        std::iter::once(first).chain(others.iter().map(String::as_str)).map(|at| right.in_namespace(at)).collect()
    }
}

/// The name of every role and binding that ackcheck's own rights are granted by.
pub const NAME: &str = "ackcheck";
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
    for chosen in plan.checks.iter().filter(|chosen| chosen.skipped.is_none()) {
        if !chosen.check.operations().all(|operation| deployment.describes(operation)) {
            continue;
        }
        for need in chosen.check.operations().flat_map(|operation| operation.needs) {
            if !deployment.asks_for(need) {
                continue;
            }
            let without = match need.without {
                Without::UnjudgedElsewhere(_) if deployment.elsewhere => Without::Unjudged,
                Without::UnjudgedElsewhere(lost) => Without::Less(lost),
                other => other,
            };
            for right in deployment.placed(&need.right) {
                let needed = all.entry(right.clone()).or_insert(Needed { right, without, checks: Vec::new() });
                needed.without = needed.without.max(without);
                if needed.checks.last() != Some(&chosen.check.id) {
                    needed.checks.push(chosen.check.id);
                }
            }
        }
    }
    all.into_values().collect()
}
