//! The Kubernetes API.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::operation::{Need, Operation};
use super::{Heard, Seen};
use crate::place::Vantage;
use crate::right::{KubernetesRight, Right};

pub mod admission;
mod lifetime;
pub mod pull_secrets;
pub mod quantity;
pub mod scheduling;

pub use lifetime::{Ending, Lifetime, Lifetimes};

use admission::{Admission, Trial};
use pull_secrets::{AskedSecrets, PullSecrets};
use scheduling::{Resources, Taint};

/// How the API answered this kubeconfig.
#[derive(Debug, Clone)]
pub enum ApiAnswer {
    /// With its version: `v1.20.11-aliyun.1`.
    Version(String),
    /// It knows nobody by these credentials (401), or refuses even `/version` (403).
    Unauthorized { status: u16, said: String },
    /// The kubeconfig has no such context; the ones it has.
    ContextMissing { wanted: String, have: Vec<String> },
    /// The kubeconfig cannot be used: not YAML, no user, an exec plugin that fails or hangs.
    KubeconfigUnusable { why: String },
    /// Another status.
    Other { status: u16, said: String },
}

/// A node as the API has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    pub name: String,
    /// The `Ready` condition is `True`.
    pub ready: bool,
    /// The reason and message of the `Ready` condition.
    pub condition: String,
    /// `spec.unschedulable`.
    pub cordoned: bool,
    pub labels: BTreeMap<String, String>,
    pub taints: Vec<Taint>,
    /// What it offers to pods in all (`status.allocatable`).
    pub allocatable: Resources,
    /// `InternalIP` addresses.
    pub addresses: Vec<String>,
    /// `spec.providerID`.
    pub provider_id: String,
    /// Its pods' ranges (`spec.podCIDRs`, or else `spec.podCIDR`), where the cluster gives nodes ranges.
    pub pod_ranges: Vec<ipnet::IpNet>,
    /// Why it is given no probe pod, where it is not: it is cordoned, or DSS starts no pod there.
    pub spared: Option<String>,
}

impl Node {
    /// Whether it has a taint of this key.
    pub fn has_taint(&self, key: &str) -> bool {
        self.taints.iter().any(|taint| taint.key == key)
    }
}

/// To list the nodes.
pub const NODES: Right = Right::Kubernetes(KubernetesRight::cluster_wide("list", "", "nodes"));
/// To create pods where the probes run.
pub const CREATE_POD: Right = Right::of_probes("create", "", "pods");

/// [`Cluster::nodes`].
pub static LIST_NODES: Operation =
    Operation { needs: &[Need::of(NODES)], ..Operation::on(Vantage::Cluster, "Cluster::nodes") };
/// [`Cluster::may`], of what the probes' pods take: the account is asked whether it has the right, and needs it.
pub static CREATE_PODS: Operation =
    Operation { needs: &[Need::of(CREATE_POD)], ..Operation::on(Vantage::Cluster, "Cluster::may create pods") };
/// [`Cluster::dry_run`], in every namespace that DSS works in.
pub static DRY_RUN: Operation = Operation {
    needs: &[Need::of(Right::of_namespaces("create", "", "pods"))],
    ..Operation::on(Vantage::Cluster, "Cluster::dry_run")
};

/// What of it others must allow.
pub static OPERATIONS: &[&Operation] = &[&LIST_NODES, &CREATE_PODS, &DRY_RUN, &pull_secrets::PULL_SECRETS];

/// The Kubernetes API.
#[async_trait]
pub trait Cluster: Send + Sync {
    /// The server, for messages: `https://10.0.0.251:6443`.
    fn server(&self) -> String;
    /// `GET /version` and a self subject review with the kubeconfig's credentials.
    async fn version(&self) -> Seen<Heard<ApiAnswer>>;
    /// Until when the kubeconfig's own credentials and authority count, and the time, which is the server's where it tells
    /// it. What a plugin or a token file gives is renewed, and not among them.
    async fn lifetimes(&self) -> Seen<Lifetimes>;
    /// The namespaces DSS works in, as configured: one at least. Probe pods run in the first.
    fn namespaces(&self) -> Vec<String>;
    /// Which of these rights the account has (`SelfSubjectAccessReview`), in the same order.
    async fn may(&self, rights: &[KubernetesRight]) -> Seen<Vec<bool>>;
    /// The account's name as the API knows it, where it tells.
    async fn account(&self) -> Seen<String>;
    /// Every node; asked once a run, and shared by the cases of thousands.
    async fn nodes(&self) -> Seen<Arc<Vec<Node>>>;
    /// The pull secrets that pods of a namespace have, with their logins.
    async fn pull_secrets(&self, asked: AskedSecrets<'_>) -> Seen<PullSecrets>;
    /// Asks to create a pod as DSS would, without creating it (`dryRun=All`): what admission makes of it.
    async fn dry_run(&self, trial: Trial<'_>) -> Seen<Admission>;
}
