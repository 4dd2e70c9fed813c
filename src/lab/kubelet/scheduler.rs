//! The scheduler: node selectors, affinity to nodes, distance from other pods, taints, cordons and room.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use k8s_openapi::api::core::v1 as core;
use tokio::sync::watch;

use super::apart::{Apart, Placed, Term};
use crate::kubernetes::kinds::Kind;
use crate::kubernetes::objects::{Object, Objects};
use crate::kubernetes::quantity::milli;
use ackcheck_core::sync::locked;

/// A pod without a node.
#[derive(Debug)]
pub(super) struct PendingPod<'a> {
    uid: &'a str,
    pub(super) spec: &'a core::PodSpec,
    /// cpu, memory, one pod; in thousandths.
    room: [i64; 3],
    placed: Placed,
}

impl<'a> PendingPod<'a> {
    /// A pod as it stands in the API, with its specification.
    pub(super) fn new(uid: &'a str, namespace: &str, pod: &Object, spec: &'a core::PodSpec) -> PendingPod<'a> {
        let placed = Placed {
            namespace: namespace.to_owned(),
            labels: pod.labels.clone(),
            avoids: Term::all_of(spec, namespace),
        };
        PendingPod { uid, spec, room: requested(spec), placed }
    }
}

/// Why a pod does not fit a node, and whether the removal of other pods could change that.
type Misfit = (String, bool);

/// What a node offers, read once for each of its versions.
#[derive(Debug)]
struct Offer {
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
    nodes: Vec<Offer>,
    by_name: HashMap<String, usize>,
    used: HashMap<String, [i64; 3]>,
    bound: HashMap<String, Bound>,
    apart: Apart,
}

/// A pod on a node.
struct Bound {
    node: String,
    room: [i64; 3],
    placed: Placed,
}

/// Which pods are where.
#[derive(Default)]
pub(super) struct Scheduler {
    inner: Mutex<Inner>,
    freed: watch::Sender<u64>,
}

impl Scheduler {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        locked(&self.inner)
    }

    /// A pod that names its node itself.
    pub(super) fn bind(&self, node: &str, pending: &PendingPod<'_>) {
        self.lock().bind(node, pending);
    }

    /// Finds a node and binds the pod to it; otherwise says why there is none, in the scheduler's words.
    pub(super) fn place(&self, objects: &Objects, pending: &PendingPod<'_>) -> Result<String, String> {
        let mut inner = self.lock();
        inner.read(objects);
        inner.learn(pending);
        let pinned = pinned(pending.spec).and_then(|name| inner.by_name.get(name).copied());
        let mut reasons: Vec<(Misfit, usize)> = Vec::new();
        let mut best: Option<(i64, usize)> = None;
        // A pod pinned to a host that has room need not be compared with every node.
        let range = pinned.filter(|at| inner.fits(*at, pending).is_ok()).map_or(0..inner.nodes.len(), |at| at..at + 1);
        for at in range {
            match inner.fits(at, pending) {
                Ok(pods) if best.is_none_or(|(fewest, _)| pods < fewest) => best = Some((pods, at)),
                Ok(_) => {}
                Err(why) => match reasons.iter_mut().find(|(reason, _)| *reason == why) {
                    Some((_, count)) => *count += 1,
                    None => reasons.push((why, 1)),
                },
            }
        }
        if let Some((_, at)) = best {
            let name = inner.nodes[at].name.clone();
            inner.bind(&name, pending);
            return Ok(name);
        }
        Err(no_place(inner.nodes.len(), reasons))
    }

    /// A pod is gone, or has ended for good.
    pub(super) fn release(&self, uid: &str) {
        let mut inner = self.lock();
        if let Some(bound) = inner.bound.remove(uid) {
            if let Some(used) = inner.used.get_mut(&bound.node) {
                used.iter_mut().zip(bound.room).for_each(|(used, less)| *used -= less);
            }
            inner.apart.count(&bound.node, &bound.placed, false);
            self.freed.send_modify(|count| *count += 1);
        }
    }

    /// Wakes at each place that is freed.
    pub(super) fn freed(&self) -> watch::Receiver<u64> {
        self.freed.subscribe()
    }
}

/// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. preemption: …`
fn no_place(all: usize, mut reasons: Vec<(Misfit, usize)>) -> String {
    reasons.sort();
    let said: Vec<String> = reasons.iter().map(|((why, _), count)| format!("{count} {why}")).collect();
    let helpful: usize = reasons.iter().filter(|((_, helps), _)| *helps).map(|(_, count)| count).sum();
    let preemption: Vec<String> = [
        (helpful, "No preemption victims found for incoming pod"),
        (all - helpful, "Preemption is not helpful for scheduling"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, why)| format!("{count} {why}"))
    .collect();
    let (said, preemption) = (said.join(", "), preemption.join(", "));
    format!("0/{all} nodes are available: {said}. preemption: 0/{all} nodes are available: {preemption}.")
}

impl Inner {
    fn learn(&mut self, pending: &PendingPod<'_>) {
        let placed = self.bound.values().map(|bound| (bound.node.as_str(), &bound.placed));
        self.apart.learn(&pending.placed, placed);
    }

    fn bind(&mut self, node: &str, pending: &PendingPod<'_>) {
        if self.bound.contains_key(pending.uid) {
            return;
        }
        self.learn(pending);
        let used = self.used.entry(node.to_owned()).or_default();
        used.iter_mut().zip(pending.room).for_each(|(used, more)| *used += more);
        self.apart.count(node, &pending.placed, true);
        let bound = Bound { node: node.to_owned(), room: pending.room, placed: pending.placed.clone() };
        self.bound.insert(pending.uid.to_owned(), bound);
    }

    /// Reads the nodes, unless they are unchanged.
    fn read(&mut self, objects: &Objects) {
        let (list, _) = objects.list(Kind::Node, "");
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
                Some(Offer {
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

    /// How many pods are on a node that this one fits; else why it does not.
    fn fits(&self, at: usize, pending: &PendingPod<'_>) -> Result<i64, Misfit> {
        let (node, spec) = (&self.nodes[at], pending.spec);
        let tolerations = spec.tolerations.as_deref().unwrap_or_default();
        let cordon = core::Taint {
            key: "node.kubernetes.io/unschedulable".to_owned(),
            effect: "NoSchedule".to_owned(),
            ..core::Taint::default()
        };
        if node.unschedulable && !tolerated(tolerations, &cordon) {
            return Err(("node(s) were unschedulable".to_owned(), false));
        }
        if !selected(spec, node) {
            return Err(("node(s) didn't match Pod's node affinity/selector".to_owned(), false));
        }
        let refused =
            node.taints.iter().find(|taint| taint.effect != "PreferNoSchedule" && !tolerated(tolerations, taint));
        if let Some(taint) = refused {
            let (key, value) = (&taint.key, taint.value.as_deref().unwrap_or_default());
            return Err((format!("node(s) had untolerated taint {{{key}: {value}}}"), false));
        }
        let used = self.used.get(&node.name).copied().unwrap_or_default();
        for (number, why) in ["Insufficient cpu", "Insufficient memory", "Too many pods"].into_iter().enumerate() {
            if used[number] + pending.room[number] > node.room[number] {
                return Err((why.to_owned(), true));
            }
        }
        if let Some(why) = self.apart.parts(&node.name, &pending.placed) {
            return Err((why.to_owned(), true));
        }
        Ok(used[2])
    }
}

/// What a pod requests of a node: cpu, memory, one pod; in thousandths.
fn requested(spec: &core::PodSpec) -> [i64; 3] {
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

fn selected(spec: &core::PodSpec, node: &Offer) -> bool {
    let selector = spec.node_selector.iter().flatten().all(|(key, value)| node.labels.get(key) == Some(value));
    let required = spec
        .affinity
        .as_ref()
        .and_then(|affinity| affinity.node_affinity.as_ref())
        .and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_ref());
    selector && required.is_none_or(|required| required.node_selector_terms.iter().any(|term| matches(term, node)))
}

fn matches(term: &core::NodeSelectorTerm, node: &Offer) -> bool {
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
    let Ok(object) = objects.get(Kind::Node, "", node) else { return false };
    let Ok(node) = serde_json::from_slice::<core::Node>(&object.body) else { return false };
    let taints = node.spec.and_then(|spec| spec.taints).unwrap_or_default();
    let tolerations = spec.tolerations.as_deref().unwrap_or_default();
    taints.iter().any(|taint| taint.effect == "NoExecute" && !tolerated(tolerations, taint))
}

#[cfg(test)]
#[path = "scheduler_tests.rs"]
mod tests;
