//! Which nodes a pod can be scheduled on, by the scheduler's own rules: what stands in the pod, and what in the node.
//! What other pods take of a node changes from minute to minute, and is not looked at.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter, Result};

use super::Node;
use super::quantity::thousandths;
use crate::config::VIRTUAL_NODE;

/// Names of resources with their quantities: `memory` and `1408Mi`.
pub type Resources = BTreeMap<String, String>;

/// What keeps pods from a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taint {
    pub key: String,
    pub value: String,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: String,
}

impl Taint {
    /// The scheduler obeys it; of the others it only makes the best.
    pub fn is_strict(&self) -> bool {
        self.effect == "NoSchedule" || self.effect == "NoExecute"
    }

    /// The node's kubelet runs short of something and asks for it.
    pub fn is_pressure(&self) -> bool {
        matches!(
            self.key.as_str(),
            "node.kubernetes.io/memory-pressure"
                | "node.kubernetes.io/disk-pressure"
                | "node.kubernetes.io/pid-pressure"
        )
    }

    /// Kubernetes itself sets it for as long as the node is in some state.
    pub fn is_of_a_state(&self) -> bool {
        self.key.starts_with("node.kubernetes.io/") || self.key.starts_with("node.cloudprovider.kubernetes.io/")
    }

    /// It marks what is no pool of anybody's: the control plane, and virtual nodes.
    pub fn is_of_the_cluster(&self) -> bool {
        self.key.starts_with("node-role.kubernetes.io/") || self.key == VIRTUAL_NODE
    }
}

impl Display for Taint {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.key)?;
        if !self.value.is_empty() {
            write!(f, "={}", self.value)?;
        }
        write!(f, ":{}", self.effect)
    }
}

/// A taint that a pod tolerates, as its specification has it. What is not given is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Toleration {
    pub key: String,
    /// `Equal`, also where it is empty, or `Exists`.
    pub operator: String,
    pub value: String,
    pub effect: String,
}

impl Toleration {
    fn covers(&self, taint: &Taint) -> bool {
        let effect = self.effect.is_empty() || self.effect == taint.effect;
        let key = self.key.is_empty() || self.key == taint.key;
        let value = match self.operator.as_str() {
            "" | "Equal" => self.value == taint.value,
            "Exists" => true,
            _ => false,
        };
        effect && key && value
    }
}

/// One condition on a label of the node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Requirement {
    pub key: String,
    /// `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt` or `Lt`.
    pub operator: String,
    pub values: Vec<String>,
}

impl Requirement {
    fn holds(&self, value: Option<&str>) -> bool {
        let among = || value.is_some_and(|value| self.values.iter().any(|wanted| wanted == value));
        let numbers = || Some((value?.parse::<i64>().ok()?, self.values.first()?.parse::<i64>().ok()?));
        match self.operator.as_str() {
            "In" => among(),
            "NotIn" => !among(),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            "Gt" => numbers().is_some_and(|(value, bound)| value > bound),
            "Lt" => numbers().is_some_and(|(value, bound)| value < bound),
            _ => false,
        }
    }
}

/// A term of a node affinity. All of it must hold; one without any condition is never met.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term {
    /// On the node's labels.
    pub expressions: Vec<Requirement>,
    /// On the node's name, the only field there is.
    pub fields: Vec<Requirement>,
}

impl Term {
    fn holds(&self, node: &Node) -> bool {
        let given = !self.expressions.is_empty() || !self.fields.is_empty();
        given
            && self.expressions.iter().all(|one| one.holds(node.labels.get(&one.key).map(String::as_str)))
            && self.fields.iter().all(|one| one.key == "metadata.name" && one.holds(Some(&node.name)))
    }
}

/// What of a pod decides where it is scheduled.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placement {
    pub node_selector: BTreeMap<String, String>,
    /// The required terms of its node affinity, one of which must hold; none where it has none.
    pub affinity: Option<Vec<Term>>,
    pub tolerations: Vec<Toleration>,
    pub requests: Resources,
}

/// Why a pod is not scheduled on a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// Its node selector or its node affinity does not match.
    Selector,
    /// The pod does not tolerate this taint.
    Taint(Taint),
    /// The node has less of a resource in all than the pod requests.
    TooBig { resource: String, requested: String, allocatable: String },
}

impl Display for Misfit {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Misfit::Selector => f.write_str("the node selector or node affinity does not match"),
            Misfit::Taint(taint) => write!(f, "the taint {taint} is not tolerated"),
            Misfit::TooBig { resource, requested, allocatable } => {
                write!(f, "it offers {allocatable} of {resource}, and {requested} is requested")
            }
        }
    }
}

impl Placement {
    /// Why the pod is not scheduled on this node, if it is not: the first reason that keeps it away for good, before
    /// those that pass. Whether the node is ready or cordoned is left to the caller.
    pub fn misfit(&self, node: &Node) -> Option<Misfit> {
        if !self.selects(node) {
            return Some(Misfit::Selector);
        }
        if let Some(taint) = self.untolerated(node) {
            return Some(Misfit::Taint(taint.clone()));
        }
        self.requests.iter().find_map(|(resource, requested)| {
            let none = "0".to_owned();
            let offered = node.allocatable.get(resource).unwrap_or(&none);
            let (wanted, there) = (thousandths(requested)?, thousandths(offered)?);
            let (resource, allocatable) = (resource.clone(), offered.clone());
            (wanted > there).then(|| Misfit::TooBig { resource, requested: requested.clone(), allocatable })
        })
    }

    /// Whether the labels of a node are what the pod asks for.
    pub fn selects(&self, node: &Node) -> bool {
        self.node_selector.iter().all(|(key, value)| node.labels.get(key) == Some(value))
            && self.affinity.as_ref().is_none_or(|terms| terms.iter().any(|term| term.holds(node)))
    }

    /// The taint that keeps the pod away: one of a pool before one that tells a state of the node.
    pub fn untolerated<'n>(&self, node: &'n Node) -> Option<&'n Taint> {
        let kept_away =
            |taint: &&Taint| taint.is_strict() && !self.tolerations.iter().any(|toleration| toleration.covers(taint));
        let all = || node.taints.iter().filter(kept_away);
        all()
            .find(|taint| !taint.is_of_a_state())
            .or_else(|| all().find(|taint| !taint.is_pressure()))
            .or_else(|| all().next())
    }
}

/// What several request together.
pub fn sum(all: impl IntoIterator<Item = Resources>) -> Resources {
    joined(all, |one, other| one + other)
}

/// The most that one of several requests, resource by resource.
pub fn largest(all: impl IntoIterator<Item = Resources>) -> Resources {
    joined(all, f64::max)
}

fn joined(all: impl IntoIterator<Item = Resources>, join: fn(f64, f64) -> f64) -> Resources {
    let mut whole = Resources::new();
    for (resource, quantity) in all.into_iter().flatten() {
        let joined = match whole.get(&resource) {
            // As it is written, where there is one alone.
            None => quantity,
            Some(before) => match (thousandths(before), thousandths(&quantity)) {
                (Some(one), Some(other)) => written(join(one, other)),
                _ => quantity,
            },
        };
        whole.insert(resource, joined);
    }
    whole
}

/// Thousandths as a quantity.
fn written(thousandths: f64) -> String {
    match thousandths % 1000.0 == 0.0 {
        true => format!("{}", thousandths / 1000.0),
        false => format!("{thousandths}m"),
    }
}

#[cfg(test)]
#[path = "scheduling_tests.rs"]
mod tests;
