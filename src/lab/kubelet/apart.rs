//! Pods that keep apart: required anti-affinity over hosts.

use std::collections::HashMap;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

/// The only topology key that counts: others would need regions and zones to be counted.
const HOST: &str = "kubernetes.io/hostname";

/// One term of a pod's anti-affinity: the pods of these namespaces with these labels are on other hosts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    namespaces: Vec<String>,
    /// Without one no pod is meant.
    selector: Option<LabelSelector>,
}

impl Term {
    /// The terms that a pod of a namespace requires.
    pub(super) fn all_of(spec: &core::PodSpec, namespace: &str) -> Vec<Term> {
        let required = spec
            .affinity
            .as_ref()
            .and_then(|affinity| affinity.pod_anti_affinity.as_ref())
            .and_then(|apart| apart.required_during_scheduling_ignored_during_execution.as_ref());
        let terms = required.into_iter().flatten().filter(|term| term.topology_key == HOST);
        terms
            .map(|term| Term {
                namespaces: term
                    .namespaces
                    .clone()
                    .filter(|named| !named.is_empty())
                    .unwrap_or_else(|| vec![namespace.to_owned()]),
                selector: term.label_selector.clone(),
            })
            .collect()
    }

    fn covers(&self, pod: &Placed) -> bool {
        let Some(selector) = &self.selector else { return false };
        let label = |key: &str| pod.labels.iter().find(|(name, _)| name == key).map(|(_, value)| value);
        let equal = selector.match_labels.iter().flatten().all(|(key, value)| label(key) == Some(value));
        let expressed = selector.match_expressions.iter().flatten().all(|one| {
            let among =
                || label(&one.key).is_some_and(|value| one.values.iter().flatten().any(|wanted| wanted == value));
            match one.operator.as_str() {
                "In" => among(),
                "NotIn" => !among(),
                "Exists" => label(&one.key).is_some(),
                "DoesNotExist" => label(&one.key).is_none(),
                _ => false,
            }
        });
        equal && expressed && self.namespaces.contains(&pod.namespace)
    }
}

/// What is remembered of a pod to judge those that come after it.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) namespace: String,
    pub(super) labels: Vec<(String, String)>,
    /// The pods it does not share its host with.
    pub(super) avoids: Vec<Term>,
}

/// For one term, how many pods on each node it is about, and how many there hold it.
struct Counts {
    term: Term,
    about: HashMap<String, usize>,
    held: HashMap<String, usize>,
}

/// Counted for each term that some pod ever had: thousands of pods of one kind have one term.
#[derive(Default)]
pub(super) struct Apart(Vec<Counts>);

impl Apart {
    /// Begins to count for the terms of a pod, over what is placed already.
    pub(super) fn learn<'p>(&mut self, pod: &Placed, placed: impl Iterator<Item = (&'p str, &'p Placed)> + Clone) {
        for term in &pod.avoids {
            if self.0.iter().all(|counts| counts.term != *term) {
                let mut counts = Counts { term: term.clone(), about: HashMap::new(), held: HashMap::new() };
                placed.clone().for_each(|(node, other)| counts.count(node, other, true));
                self.0.push(counts);
            }
        }
    }

    /// A pod came to a node, or left it.
    pub(super) fn count(&mut self, node: &str, pod: &Placed, came: bool) {
        self.0.iter_mut().for_each(|counts| counts.count(node, pod, came));
    }

    /// Why a pod and those on a node do not go together.
    pub(super) fn parts(&self, node: &str, pod: &Placed) -> Option<&'static str> {
        let own = |counts: &Counts| counts.about.contains_key(node) && pod.avoids.contains(&counts.term);
        let theirs = |counts: &Counts| counts.held.contains_key(node) && counts.term.covers(pod);
        if self.0.iter().any(own) {
            Some("node(s) didn't match pod anti-affinity rules")
        } else if self.0.iter().any(theirs) {
            Some("node(s) didn't satisfy existing pods anti-affinity rules")
        } else {
            None
        }
    }
}

impl Counts {
    fn count(&mut self, node: &str, pod: &Placed, came: bool) {
        let change = |counts: &mut HashMap<String, usize>| {
            let count = counts.entry(node.to_owned()).or_default();
            *count = if came { *count + 1 } else { count.saturating_sub(1) };
            if *count == 0 {
                counts.remove(node);
            }
        };
        if self.term.covers(pod) {
            change(&mut self.about);
        }
        if pod.avoids.contains(&self.term) {
            change(&mut self.held);
        }
    }
}
