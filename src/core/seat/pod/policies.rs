//! The network policies that a pod is selected by, as far as they are about TCP connections that it opens to addresses
//! outside of the cluster.
//!
//! Kubernetes has one kind of them; Cilium and Calico have kinds of their own besides, which say more: rules that deny, an
//! order, whole clusters. What a rule says is decided when it is read, as far as it can be: the rest of it is
//! [`Condition::Perhaps`].

use std::fmt;

use super::super::host::firewall::Condition;

/// The most objects of one kind that are read: where there are more, none of them is.
pub const MOST_POLICIES: usize = 500;

/// Every policy that selects the pod for what it sends, or perhaps does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EgressPolicies {
    pub policies: Vec<EgressPolicy>,
    /// Calico's tiers in the order in which they are asked.
    pub tiers: Vec<Tier>,
    /// Whose policies there are, whether they select the pod or not. Kubernetes' own are read by every engine.
    pub engines: Vec<Engine>,
    /// What was not read, or not understood, so that there may be more policies than these.
    pub unread: Vec<Unread>,
    /// What rules refer to and was not read, with why: such rules decide nothing.
    pub vague: Vec<String>,
}

/// Who defines a kind of policies, and enforces it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    Kubernetes,
    Cilium,
    Calico,
}

/// Policies that were not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    pub of: Engine,
    /// Which, and why: `list ciliumnetworkpolicies.cilium.io in dss: 403 …`.
    pub why: String,
}

/// A kind of policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyKind {
    /// `networking.k8s.io/v1`.
    Kubernetes,
    /// `cilium.io/v2`, in a namespace.
    Cilium,
    /// `cilium.io/v2`, of the whole cluster.
    CiliumClusterwide,
    /// `crd.projectcalico.org/v1` or `projectcalico.org/v3`, in a namespace.
    Calico,
    /// The same, of the whole cluster.
    CalicoGlobal,
}

/// A policy for egress.
#[derive(Debug, Clone, PartialEq)]
pub struct EgressPolicy {
    pub kind: PolicyKind,
    /// The version of the API that it was read from: `cilium.io/v2`.
    pub api_version: &'static str,
    pub name: String,
    /// The selector of the pods that it is for: JSON, or a text in Calico's language.
    pub pods: String,
    /// It selects the pod. Where not, it may or may not: its labels alone do not decide it.
    pub surely: bool,
    /// What no rule allows is dropped.
    pub isolates: bool,
    /// Calico's tier; empty for other kinds.
    pub tier: String,
    /// Within its tier the lowest is asked first, and those without at last.
    pub order: Option<f64>,
    /// In the order in which they are asked, where there is one.
    pub rules: Vec<EgressRule>,
}

/// One rule: what becomes of connections for which all conditions hold. What it says of other pods is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EgressRule {
    /// Where it stands in its policy: `egressDeny[0]`.
    pub place: String,
    pub conditions: Vec<Condition>,
    pub does: RuleAction,
}

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleAction {
    Allow,
    Deny,
    /// Calico's: the next tier decides.
    Pass,
}

/// A tier of Calico's policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    pub name: String,
    /// What none of its rules decides is for the next tier to decide; else it is dropped.
    pub passes: bool,
}

/// The tier that Calico has from the start, and that Kubernetes' policies are in.
pub const DEFAULT_TIER: &str = "default";
/// The order that Kubernetes' policies have in it.
pub const KUBERNETES_ORDER: f64 = 1000.0;

impl PolicyKind {
    /// Who enforces it, besides whoever enforces those of Kubernetes.
    pub fn engine(self) -> Engine {
        match self {
            PolicyKind::Kubernetes => Engine::Kubernetes,
            PolicyKind::Cilium | PolicyKind::CiliumClusterwide => Engine::Cilium,
            PolicyKind::Calico | PolicyKind::CalicoGlobal => Engine::Calico,
        }
    }

    /// What kubectl calls objects of the kind, with the group, since two kinds have the same name.
    pub fn resource(self, api_version: &str) -> String {
        let group = api_version.split('/').next().unwrap_or_default();
        let plural = match self {
            PolicyKind::Kubernetes | PolicyKind::Calico => "networkpolicies",
            PolicyKind::Cilium => "ciliumnetworkpolicies",
            PolicyKind::CiliumClusterwide => "ciliumclusterwidenetworkpolicies",
            PolicyKind::CalicoGlobal => "globalnetworkpolicies",
        };
        format!("{plural}.{group}")
    }
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PolicyKind::Kubernetes => "NetworkPolicy",
            PolicyKind::Cilium => "CiliumNetworkPolicy",
            PolicyKind::CiliumClusterwide => "CiliumClusterwideNetworkPolicy",
            PolicyKind::Calico => "Calico NetworkPolicy",
            PolicyKind::CalicoGlobal => "Calico GlobalNetworkPolicy",
        })
    }
}

impl EgressPolicies {
    /// Notes that a kind was not read, or not understood.
    pub fn not_read(&mut self, of: Engine, why: impl Into<String>) {
        self.unread.push(Unread { of, why: why.into() });
    }

    /// Notes that there are policies of an engine.
    pub fn has(&mut self, engine: Engine) {
        if !self.engines.contains(&engine) {
            self.engines.push(engine);
        }
    }
}
