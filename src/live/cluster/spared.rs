//! Nodes that are given no probe pod: whatever they are like, no pod of DSS comes there.

use async_trait::async_trait;

use ackcheck_core::config::{self, VIRTUAL_NODE, asks_virtual_nodes};
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::cluster::Node;
use ackcheck_core::seat::dss::pods::{PodOfDss, tolerated};

/// Who knows which pods DSS starts.
#[async_trait]
pub trait PodsOfDss: Send + Sync {
    async fn pods(&self, journal: &Journal) -> Seen<Vec<PodOfDss>>;
}

/// Says of each node why it is spared, where it is. Where the pods of DSS could go to none of the nodes, all of them are
/// asked: that is a finding of its own, and what else is wrong with them is not held back by it.
pub(super) fn spare(nodes: &mut [Node], pods: &[PodOfDss], of_site: &[config::Toleration]) {
    for node in nodes.iter_mut() {
        node.spared = taken_out(node, of_site);
    }
    let mut pods = pods.to_vec();
    pods.iter_mut().for_each(|pod| pod.settings.placement.tolerations.extend(of_site.iter().map(tolerated)));
    let closed: Vec<Option<String>> = nodes.iter().map(|node| closed(node, &pods)).collect();
    if nodes.iter().zip(&closed).all(|(node, closed)| node.spared.is_some() || closed.is_some()) {
        return;
    }
    for (node, closed) in nodes.iter_mut().zip(closed) {
        node.spared = node.spared.take().or(closed);
    }
}

/// Who runs the cluster keeps pods away, whatever they tolerate.
fn taken_out(node: &Node, of_site: &[config::Toleration]) -> Option<String> {
    if node.cordoned {
        return Some(format!("{} is cordoned: it takes no new pod", node.name));
    }
    (node.has_taint(VIRTUAL_NODE) && !asks_virtual_nodes(of_site)).then(|| {
        format!(
            "{} is a virtual node: a pod there is an instance that is started and paid for. \
             `tolerations = [\"{VIRTUAL_NODE}\"]` in [cluster] has it asked all the same",
            node.name
        )
    })
}

/// Why none of the pods can be scheduled there. A taint that tells a state of the node passes, and is not counted; nor is
/// room.
fn closed(node: &Node, pods: &[PodOfDss]) -> Option<String> {
    let mut lasting = node.clone();
    lasting.taints.retain(|taint| !taint.is_of_a_state());
    let mut why = None;
    for pod in pods {
        let placement = &pod.settings.placement;
        // It may select or tolerate what is not seen.
        if !pod.settings.unclear.is_empty() {
            return None;
        }
        match (placement.selects(&lasting), placement.untolerated(&lasting)) {
            (true, None) => return None,
            (_, Some(taint)) => why = Some(format!("they do not tolerate its taint {taint}")),
            (false, None) => {
                why.get_or_insert_with(|| "their node selectors do not match it".to_owned());
            }
        }
    }
    why.map(|why| format!("no pod of DSS is scheduled on {}: {why}", node.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::seat::cluster::scheduling::Taint;
    use ackcheck_core::seat::dss::containers::ConfigurationKind;

    fn node(name: &str, taints: &[(&str, &str)]) -> Node {
        let taint = |(key, effect): &(&str, &str)| Taint {
            key: (*key).to_owned(),
            value: String::new(),
            effect: (*effect).to_owned(),
        };
        Node { name: name.to_owned(), taints: taints.iter().map(taint).collect(), ..Node::default() }
    }

    fn spared(mut nodes: Vec<Node>, pods: &[PodOfDss], of_site: &[config::Toleration]) -> Vec<bool> {
        spare(&mut nodes, pods, of_site);
        nodes.iter().map(|node| node.spared.is_some()).collect()
    }

    #[test]
    fn a_pool_that_no_pod_of_dss_tolerates_is_spared_while_another_takes_them() {
        let pod = PodOfDss::unset(ConfigurationKind::Container);
        let (plain, windows) = (node("a", &[]), node("b", &[("os", "NoSchedule")]));
        let both = vec![plain.clone(), windows.clone()];
        assert_eq!(spared(both.clone(), std::slice::from_ref(&pod), &[]), [false, true]);
        assert_eq!(spared(vec![windows.clone(), windows.clone()], std::slice::from_ref(&pod), &[]), [false, false]);
        let site = config::Toleration { key: "os".to_owned(), value: None, effect: None };
        assert_eq!(spared(both.clone(), std::slice::from_ref(&pod), &[site]), [false, false], "the site has it asked");
        let mut tolerant = pod.clone();
        tolerant.settings.placement.tolerations = vec![tolerated(&config::Toleration {
            key: "os".to_owned(),
            value: None,
            effect: Some("NoSchedule".to_owned()),
        })];
        assert_eq!(spared(both.clone(), &[pod.clone(), tolerant], &[]), [false, false], "one kind of pod is enough");
        let mut unclear = pod.clone();
        unclear.settings.unclear.push("tolerations has variables".to_owned());
        assert_eq!(spared(both, &[unclear], &[]), [false, false], "what is not known spares nothing");
        let soft = node("c", &[("spot", "PreferNoSchedule")]);
        let unwell = node("d", &[("node.kubernetes.io/not-ready", "NoExecute")]);
        assert_eq!(spared(vec![plain, soft, unwell], &[pod], &[]), [false; 3]);
    }

    #[test]
    fn nodes_beside_a_selected_pool_are_spared() {
        let mut pod = PodOfDss::unset(ConfigurationKind::Container);
        pod.settings.placement.node_selector = [("pool".to_owned(), "dss".to_owned())].into();
        let mut own = node("a", &[]);
        own.labels = pod.settings.placement.node_selector.clone();
        assert_eq!(spared(vec![own, node("b", &[])], &[pod.clone()], &[]), [false, true]);
        assert_eq!(spared(vec![node("a", &[]), node("b", &[])], &[pod], &[]), [false, false]);
    }
}
