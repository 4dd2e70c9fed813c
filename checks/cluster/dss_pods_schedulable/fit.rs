//! Why no node takes a pod, and which pools are closed to all of DSS's.

use ackcheck_core::seat::cluster::Node;
use ackcheck_core::seat::cluster::scheduling::{Misfit, Placement, Taint};
use ackcheck_core::seat::dss::pods::PodOfDss;
use ackcheck_core::verdict::Finding;

use super::{ALL_TAINTED, PRESSURE, SELECTOR_MATCHES_NONE, TAINTED, TOO_BIG, listed};

/// Why none of these nodes takes the pod, if none does: what is nearest to taking it decides.
pub(super) fn misfit(nodes: &[&Node], pod: &PodOfDss, placement: &Placement) -> Option<Finding> {
    let misfits: Vec<(&Node, Misfit)> =
        nodes.iter().map(|node| placement.misfit(node).map(|why| (*node, why))).collect::<Option<_>>()?;
    let taints: Vec<&Taint> = misfits.iter().filter_map(|(_, why)| taint(why)).collect();
    let bigs = misfits.iter().filter_map(|(_, why)| match why {
        Misfit::TooBig { resource, requested, allocatable } => Some((resource, requested, allocatable)),
        _ => None,
    });
    let each: Vec<String> = misfits.iter().take(5).map(|(node, why)| format!("{}: {why}", node.name)).collect();
    let seen = format!("no node takes a pod of {}; {}", pod.of, each.join("; "));
    let finding = if let Some((resource, requested, allocatable)) = bigs.into_iter().next() {
        TOO_BIG
            .found(seen)
            .with("resource", resource.as_str())
            .with("requested", requested.as_str())
            .with("allocatable", allocatable.as_str())
    } else if let Some(pressure) = taints.iter().find(|taint| taint.is_pressure()) {
        let node = misfits.iter().find(|(_, why)| taint(why) == Some(*pressure)).map(|(node, _)| node.name.as_str());
        PRESSURE.found(seen).with("taint", pressure.to_string()).with("node", node.unwrap_or_default())
    } else if let Some(first) = taints.first() {
        let names: Vec<String> = taints.iter().map(ToString::to_string).collect();
        ALL_TAINTED
            .found(seen)
            .with("taints", listed(names.iter().map(String::as_str)))
            .with("key", first.key.as_str())
            .with("value", first.value.as_str())
            .with("effect", first.effect.as_str())
    } else {
        let selector: Vec<String> =
            placement.node_selector.iter().map(|(label, value)| format!("{label}={value}")).collect();
        let selector = if selector.is_empty() { "its node affinity".to_owned() } else { selector.join(",") };
        SELECTOR_MATCHES_NONE.found(seen).with("selector", selector)
    };
    Some(finding.with("pod", pod.of.as_str()))
}

fn taint(why: &Misfit) -> Option<&Taint> {
    match why {
        Misfit::Taint(taint) => Some(taint),
        _ => None,
    }
}

/// Pools with a taint that none of the pods tolerates, besides those that are meant for nobody's pods.
pub(super) fn closed_pools(nodes: &[&Node], placements: &[&Placement]) -> Option<Finding> {
    let closed = |node: &&&Node| -> Option<(String, Taint)> {
        let linux = node.labels.get("kubernetes.io/os").is_none_or(|os| os == "linux");
        let mut taints = placements.iter().map(|placement| placement.untolerated(node));
        let first = taints.next()??;
        (linux && taints.all(|taint| taint.is_some()) && !first.is_of_a_state() && !first.is_of_the_cluster())
            .then(|| (node.name.clone(), first.clone()))
    };
    let closed: Vec<(String, Taint)> = nodes.iter().filter_map(|node| closed(&node)).collect();
    let (_, first) = closed.first()?;
    let taints: Vec<String> = closed.iter().map(|(_, taint)| taint.to_string()).collect();
    let taints = listed(taints.iter().map(String::as_str));
    let names = listed(closed.iter().map(|(node, _)| node.as_str()));
    let seen = format!("{} of {} nodes are not used by DSS: {names} ({taints})", closed.len(), nodes.len());
    Some(
        TAINTED
            .found(seen)
            .with("taints", taints)
            .with("nodes", names)
            .with("key", first.key.as_str())
            .with("value", first.value.as_str())
            .with("effect", first.effect.as_str()),
    )
}
