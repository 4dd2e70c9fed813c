//! The scheduler: node selectors, affinity, taints, cordons and room.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use k8s_openapi::api::core::v1 as core;

use crate::lab::kubernetes::kinds::NODES;
use crate::lab::kubernetes::objects::Objects;
use crate::lab::kubernetes::quantity::milli;

/// What a node offers, read once for each of its versions.
#[derive(Debug)]
struct Node {
    name: String,
    labels: HashMap<String, String>,
    taints: Vec<core::Taint>,
    unschedulable: bool,
    /// cpu, memory, pods; in thousandths.
    room: [i64; 3],
}

#[derive(Default)]
struct Inner {
    version: Option<u64>,
    nodes: Vec<Node>,
    by_name: HashMap<String, usize>,
    used: HashMap<String, [i64; 3]>,
    bound: HashMap<String, (String, [i64; 3])>,
    freed: u64,
}

/// Which pods are where.
#[derive(Default)]
pub(super) struct Scheduler(Mutex<Inner>);

impl Scheduler {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A pod that names its node itself.
    pub(super) fn bind(&self, uid: &str, node: &str, spec: &core::PodSpec) {
        self.lock().bind(uid, node, asked(spec));
    }

    /// Finds a node and binds the pod to it; else says why there is none, in the scheduler's words.
    pub(super) fn place(&self, objects: &Objects, uid: &str, spec: &core::PodSpec) -> Result<String, String> {
        let mut inner = self.lock();
        inner.read(objects);
        let asked = asked(spec);
        let pinned = pinned(spec).and_then(|name| inner.by_name.get(name).copied());
        let mut reasons: Vec<(String, usize)> = Vec::new();
        let mut best: Option<(i64, String)> = None;
        // A pod pinned to a host that has room need not be held against every node.
        let range =
            pinned.filter(|at| inner.fits(*at, spec, asked).is_ok()).map_or(0..inner.nodes.len(), |at| at..at + 1);
        for at in range {
            match inner.fits(at, spec, asked) {
                Ok(pods) if best.as_ref().is_none_or(|(fewest, _)| pods < *fewest) => {
                    best = Some((pods, inner.nodes[at].name.clone()));
                }
                Ok(_) => {}
                Err(why) => match reasons.iter_mut().find(|(reason, _)| *reason == why) {
                    Some((_, count)) => *count += 1,
                    None => reasons.push((why, 1)),
                },
            }
        }
        if let Some((_, name)) = best {
            inner.bind(uid, &name, asked);
            return Ok(name);
        }
        let all = inner.nodes.len();
        reasons.sort();
        let said: Vec<String> = reasons.iter().map(|(why, count)| format!("{count} {why}")).collect();
        Err(format!(
            "0/{all} nodes are available: {}. preemption: 0/{all} nodes are available: {all} Preemption is not helpful for scheduling.",
            said.join(", ")
        ))
    }

    /// A pod is gone.
    pub(super) fn release(&self, uid: &str) {
        let mut inner = self.lock();
        if let Some((node, asked)) = inner.bound.remove(uid) {
            if let Some(used) = inner.used.get_mut(&node) {
                used.iter_mut().zip(asked).for_each(|(used, asked)| *used -= asked);
            }
            inner.freed += 1;
        }
    }

    /// How many places were freed so far.
    pub(super) fn freed(&self) -> u64 {
        self.lock().freed
    }
}

impl Inner {
    fn bind(&mut self, uid: &str, node: &str, asked: [i64; 3]) {
        if self.bound.contains_key(uid) {
            return;
        }
        let used = self.used.entry(node.to_owned()).or_default();
        used.iter_mut().zip(asked).for_each(|(used, asked)| *used += asked);
        self.bound.insert(uid.to_owned(), (node.to_owned(), asked));
    }

    /// Reads the nodes, unless they are as they were.
    fn read(&mut self, objects: &Objects) {
        let (list, _) = objects.list(NODES, "");
        let version = list.iter().map(|node| node.version).max();
        if version == self.version && list.len() == self.nodes.len() {
            return;
        }
        self.version = version;
        self.nodes = list
            .iter()
            .filter_map(|object| {
                let node: core::Node = serde_json::from_slice(&object.body).ok()?;
                let spec = node.spec.unwrap_or_default();
                let room = node.status.and_then(|status| status.allocatable).unwrap_or_default();
                let room = ["cpu", "memory", "pods"]
                    .map(|name| room.get(name).and_then(|quantity| milli(&quantity.0)).unwrap_or_default());
                Some(Node {
                    name: object.name.clone(),
                    labels: object.labels.iter().cloned().collect(),
                    taints: spec.taints.unwrap_or_default(),
                    unschedulable: spec.unschedulable == Some(true),
                    room,
                })
            })
            .collect();
        self.by_name = self.nodes.iter().enumerate().map(|(at, node)| (node.name.clone(), at)).collect();
    }

    /// How many pods are on a node that would take this one; else why it would not.
    fn fits(&self, at: usize, spec: &core::PodSpec, asked: [i64; 3]) -> Result<i64, String> {
        let node = &self.nodes[at];
        let tolerations = spec.tolerations.as_deref().unwrap_or_default();
        let cordon = core::Taint {
            key: "node.kubernetes.io/unschedulable".to_owned(),
            effect: "NoSchedule".to_owned(),
            ..core::Taint::default()
        };
        if node.unschedulable && !tolerated(tolerations, &cordon) {
            return Err("node(s) were unschedulable".to_owned());
        }
        if !selected(spec, node) {
            return Err("node(s) didn't match Pod's node affinity/selector".to_owned());
        }
        let refused =
            node.taints.iter().find(|taint| taint.effect != "PreferNoSchedule" && !tolerated(tolerations, taint));
        if let Some(taint) = refused {
            return Err(format!(
                "node(s) had untolerated taint {{{}: {}}}",
                taint.key,
                taint.value.as_deref().unwrap_or_default()
            ));
        }
        let used = self.used.get(&node.name).copied().unwrap_or_default();
        for (number, why) in ["Insufficient cpu", "Insufficient memory", "Too many pods"].into_iter().enumerate() {
            if used[number] + asked[number] > node.room[number] {
                return Err(why.to_owned());
            }
        }
        Ok(used[2])
    }
}

/// What a pod asks of a node: cpu, memory, one pod; in thousandths.
fn asked(spec: &core::PodSpec) -> [i64; 3] {
    let mut total = [0, 0, 1000];
    for container in &spec.containers {
        let resources = container.resources.clone().unwrap_or_default();
        let requests = resources.requests.or(resources.limits).unwrap_or_default();
        for (number, name) in ["cpu", "memory"].into_iter().enumerate() {
            total[number] += requests.get(name).and_then(|quantity| milli(&quantity.0)).unwrap_or_default();
        }
    }
    total
}

/// The host a node selector or a single affinity term pins a pod to.
fn pinned(spec: &core::PodSpec) -> Option<&str> {
    if let Some(host) = spec.node_selector.as_ref().and_then(|selector| selector.get("kubernetes.io/hostname")) {
        return Some(host);
    }
    let terms = &spec
        .affinity
        .as_ref()?
        .node_affinity
        .as_ref()?
        .required_during_scheduling_ignored_during_execution
        .as_ref()?
        .node_selector_terms;
    let [term] = terms.as_slice() else { return None };
    let all = term.match_expressions.iter().flatten().chain(term.match_fields.iter().flatten());
    let one = all
        .filter(|one| matches!(one.key.as_str(), "kubernetes.io/hostname" | "metadata.name") && one.operator == "In");
    one.filter_map(|one| one.values.as_ref()?.first()).next().map(String::as_str)
}

fn selected(spec: &core::PodSpec, node: &Node) -> bool {
    let selector = spec.node_selector.iter().flatten().all(|(key, value)| node.labels.get(key) == Some(value));
    let required = spec
        .affinity
        .as_ref()
        .and_then(|affinity| affinity.node_affinity.as_ref())
        .and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_ref());
    selector && required.is_none_or(|required| required.node_selector_terms.iter().any(|term| matches(term, node)))
}

fn matches(term: &core::NodeSelectorTerm, node: &Node) -> bool {
    let holds = |requirement: &core::NodeSelectorRequirement, value: Option<&String>| {
        let among = || value.is_some_and(|value| requirement.values.iter().flatten().any(|wanted| wanted == value));
        match requirement.operator.as_str() {
            "In" => among(),
            "NotIn" => !among(),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    };
    term.match_expressions.iter().flatten().all(|one| holds(one, node.labels.get(&one.key)))
        && term.match_fields.iter().flatten().all(|one| one.key == "metadata.name" && holds(one, Some(&node.name)))
}

/// Whether a taint is tolerated.
pub(super) fn tolerated(tolerations: &[core::Toleration], taint: &core::Taint) -> bool {
    tolerations.iter().any(|toleration| {
        let effect = toleration.effect.as_deref().is_none_or(|effect| effect.is_empty() || effect == taint.effect);
        let key = toleration.key.as_deref().unwrap_or_default();
        let exists = toleration.operator.as_deref() == Some("Exists");
        let value = toleration.value.as_deref().unwrap_or_default() == taint.value.as_deref().unwrap_or_default();
        effect && ((key.is_empty() && exists) || (key == taint.key && (exists || value)))
    })
}

/// Whether a node's `NoExecute` taints drive this pod away at once.
pub(super) fn evicts(objects: &Objects, node: &str, spec: &core::PodSpec) -> bool {
    let Ok(object) = objects.get(NODES, "", node) else { return false };
    let Ok(node) = serde_json::from_slice::<core::Node>(&object.body) else { return false };
    let taints = node.spec.and_then(|spec| spec.taints).unwrap_or_default();
    let tolerations = spec.tolerations.as_deref().unwrap_or_default();
    taints.iter().any(|taint| taint.effect == "NoExecute" && !tolerated(tolerations, taint))
}
