//! Nodes as a network answers them that is written down here: the sweeps and dials that it takes, and whose answer each
//! node is told.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::super::sample::edges_of;
use super::*;
use ackcheck_core::seat::{Basis, PortState, Ports, SweptPorts};
use ackcheck_core::verdict::Unseen;

/// What is dropped, by node; every other port is closed.
#[derive(Default)]
struct Network {
    dropped: BTreeMap<String, Vec<Ports>>,
    /// Nodes whose probe cannot sweep, and those whose probe answers nothing.
    unable: Vec<&'static str>,
    deaf: Vec<&'static str>,
    /// The first silence of these is a packet that got lost.
    lossy: Vec<&'static str>,
    /// Nodes that were asked for a whole sweep.
    swept: Mutex<Vec<String>>,
    dialled: Mutex<BTreeMap<String, usize>>,
}

impl Network {
    fn state(&self, node: &str, port: u16) -> PortState {
        let dropped = self.dropped.get(node).is_some_and(|ranges| ranges.iter().any(|range| range.contains(port)));
        if dropped { PortState::Filtered } else { PortState::Closed }
    }

    fn swept(&self) -> Vec<String> {
        let mut swept = self.swept.lock().unwrap().clone();
        swept.sort();
        swept
    }

    async fn told(&self, nodes: BTreeMap<String, Vec<String>>) -> BTreeMap<String, NodeSweep> {
        sweep(self, nodes, BTreeSet::new()).await
    }
}

#[async_trait]
impl Dials for Network {
    async fn all(&self, node: &str) -> Seen<Arc<Swept>> {
        self.swept.lock().unwrap().push(node.to_owned());
        if self.unable.contains(&node) || self.deaf.contains(&node) {
            return Err(Unseen::unreadable("the probe", "gone"));
        }
        let one = |port| SweptPorts { ports: Ports::one(port).unwrap(), state: self.state(node, port) };
        Ok(Arc::new(Swept::of(Ports::ALL.each().map(one))))
    }

    async fn some(&self, node: &str, ports: &[u16], again: bool) -> Seen<Vec<Answer>> {
        if self.deaf.contains(&node) {
            return Err(Unseen::unreadable("the probe", "gone"));
        }
        *self.dialled.lock().unwrap().entry(node.to_owned()).or_default() += ports.len();
        let lost = |port| self.lossy.contains(&node) && !again && port % 1000 == 0;
        let state = |port: u16| if lost(port) { PortState::Filtered } else { self.state(node, port) };
        Ok(ports.iter().map(|port| (*port, state(*port))).collect())
    }
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("node-{at:03}")).collect()
}

fn together(count: usize) -> BTreeMap<String, Vec<String>> {
    BTreeMap::from([(String::new(), names(count))])
}

fn ports(text: &str) -> Ports {
    text.parse().unwrap()
}

/// What a node is told is what it would have heard itself.
fn right(network: &Network, told: &BTreeMap<String, NodeSweep>) {
    for (node, swept) in told {
        for range in &swept.ranges {
            for port in [range.ports.first(), range.ports.last()] {
                assert_eq!(range.state, network.state(node, port), "{node} {port}");
            }
        }
    }
}

#[tokio::test]
async fn of_500_nodes_of_three_classes_three_sweep() {
    let mut network = Network::default();
    for (at, node) in names(500).into_iter().enumerate() {
        match at % 3 {
            0 => {}
            1 => drop(network.dropped.insert(node, vec![ports("20000-59999")])),
            _ => drop(network.dropped.insert(node, vec![ports("40000-40300")])),
        }
    }
    let told = network.told(together(500)).await;
    assert_eq!(network.swept(), ["node-000", "node-001", "node-002"]);
    assert_eq!(told.len(), 500);
    right(&network, &told);
    let Basis::Class { dialled, by } = &told["node-499"].basis else { panic!("{}", told["node-499"]) };
    // The sample, and both sides of four edges, one of which is in the sample.
    assert_eq!((*dialled, &**by), (512 + 7, "node-001"));
    assert_eq!(told["node-001"].basis, Basis::Dialled);
    let most = network.dialled.lock().unwrap().values().copied().max();
    assert!(most < Some(2_000), "{most:?}");
}

#[tokio::test]
async fn nodes_that_rules_tell_apart_do_not_sweep_for_each_other() {
    let network = Network::default();
    let halves = names(10);
    let nodes = BTreeMap::from([("a".to_owned(), halves[..5].to_vec()), ("b".to_owned(), halves[5..].to_vec())]);
    let told = network.told(nodes).await;
    assert_eq!(network.swept(), ["node-000", "node-005"]);
    let by = |node: &str| match &told[node].basis {
        Basis::Class { by, .. } => by.to_string(),
        Basis::Dialled => node.to_owned(),
    };
    assert_eq!((by("node-004"), by("node-009")), ("node-000".to_owned(), "node-005".to_owned()));
}

#[tokio::test]
async fn an_edge_that_one_node_finds_is_asked_of_those_that_were_sampled_before() {
    let mut network = Network::default();
    // Too short for the sample: 30000 to 30003. Only the node that also lacks a long range is found by it.
    network.dropped.insert("node-007".to_owned(), vec![ports("1000-1500"), ports("30001-30004")]);
    network.dropped.insert("node-003".to_owned(), vec![ports("30001-30004")]);
    let told = network.told(together(12)).await;
    assert_eq!(network.swept(), ["node-000", "node-003", "node-007"]);
    assert_eq!(told["node-003"].basis, Basis::Dialled);
    right(&network, &told);
}

#[tokio::test]
async fn a_port_at_which_a_rule_begins_is_dialled_from_every_node() {
    let mut network = Network::default();
    network.dropped.insert("node-005".to_owned(), vec![ports("40404")]);
    let told = network.told(together(12)).await;
    assert!(matches!(told["node-005"].basis, Basis::Class { .. }), "the sample does not find it");
    let told = sweep(&network, together(12), edges_of([ports("40404")])).await;
    assert_eq!(told["node-005"].basis, Basis::Dialled);
    right(&network, &told);
}

#[tokio::test]
async fn another_node_sweeps_where_one_cannot() {
    let network = Network { unable: vec!["node-000"], deaf: vec!["node-001", "node-004"], ..Network::default() };
    let told = network.told(together(6)).await;
    assert_eq!(network.swept(), ["node-000", "node-001", "node-002"]);
    let known: Vec<&str> = told.keys().map(String::as_str).collect();
    // The others ask for themselves, and say what is in their way.
    assert_eq!(known, ["node-002", "node-003", "node-005"]);
    let nobody = Network { unable: vec!["node-000", "node-001", "node-002", "node-003"], ..Network::default() };
    assert!(nobody.told(together(6)).await.is_empty());
    assert_eq!(nobody.swept().len(), MOST_LEADERS);
}

#[tokio::test]
async fn a_packet_that_got_lost_makes_no_class() {
    let network = Network { lossy: vec!["node-001"], ..Network::default() };
    let told = sweep(&network, together(2), edges_of([ports("8000"), ports("16000")])).await;
    assert_eq!(network.swept(), ["node-000"]);
    assert!(matches!(told["node-001"].basis, Basis::Class { .. }));
}

#[tokio::test]
async fn where_there_are_more_edges_than_ports_are_worth_each_node_sweeps_for_itself() {
    let mut network = Network::default();
    let ragged: Vec<Ports> = (1..=3_000_u16).map(|at| Ports::one(at * 20).unwrap()).collect();
    network.dropped.insert("node-000".to_owned(), ragged);
    let told = network.told(together(3)).await;
    assert_eq!(told.keys().collect::<Vec<_>>(), ["node-000"]);
}
