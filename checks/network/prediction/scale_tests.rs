//! A large cluster: 50 groups of 200 rules, and as many nodes as `ACKCHECK_NODES` was when this was compiled.

use std::net::{IpAddr, Ipv4Addr};

use ackcheck_core::seat::Ports;
use ackcheck_core::seat::cloud::{
    AclEntry, ClusterNetwork, Eni, GroupKind, Hop, Instance, NetworkAcl, Peer, PodNetwork, PodSource, Route,
    RouteTable, Rule, SecurityGroup, VSwitchAcl,
};

use super::routes::{At, Goal};
use super::rules::Taken;
use super::{Answers, Link, sources, ways};

const HOST: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 20);
/// How many nodes where nothing else is said.
const NODES: u32 = 20;
const GROUPS: u16 = 50;
const RULES: u16 = 200;

fn rule(number: u16, group: u16, ingress: bool) -> Rule {
    let address = Ipv4Addr::from(u32::from(Ipv4Addr::new(10, 1, 0, 0)) + u32::from(number) * 7 + u32::from(group));
    let port = 1 + (number * 113 + group * 7) % 60_000;
    Rule {
        id: format!("sgr-{group}-{number}"),
        ingress,
        accept: !number.is_multiple_of(3),
        priority: u32::from(1 + number % 100),
        protocol: "TCP".to_owned(),
        ports: vec![Ports::new(port, port + 20).unwrap()],
        peer: Peer::Range(IpAddr::V4(address).into()),
        own: None,
        source_ports: None,
        unread: None,
    }
}

/// Everything is open but for what one rule drops.
fn group(group: u16) -> SecurityGroup {
    let mut rules: Vec<Rule> = (0..RULES - 2).map(|number| rule(number, group, number.is_multiple_of(2))).collect();
    let everywhere = || Peer::Range("0.0.0.0/0".parse().unwrap());
    let all = Rule { ports: vec![Ports::ALL], accept: true, priority: 100, peer: everywhere(), ..rule(0, group, true) };
    rules.push(all);
    let one = vec!["12345".parse().unwrap()];
    rules.push(Rule { ports: one, accept: false, priority: 1, peer: everywhere(), ..rule(1, group, true) });
    let (id, vpc) = (format!("sg-{group}"), "vpc".to_owned());
    SecurityGroup { name: id.clone(), id, vpc, kind: GroupKind::Basic, inner_accept: false, rules }
}

fn open(vswitch: &str) -> VSwitchAcl {
    let ranges = vec!["0.0.0.0/0".parse().unwrap()];
    let entry =
        AclEntry { id: "all".to_owned(), accept: true, ranges, ports: Ports::ALL, of_system: false, unread: None };
    let (ingress, egress) = (vec![entry.clone()], vec![entry]);
    VSwitchAcl { vswitch: vswitch.to_owned(), acl: Some(NetworkAcl { id: vswitch.to_owned(), ingress, egress }) }
}

fn eni(id: &str, address: Ipv4Addr, groups: std::ops::Range<u16>) -> Eni {
    Eni {
        id: id.to_owned(),
        vswitch: format!("vsw-{id}"),
        vswitch_range: None,
        addresses: vec![IpAddr::V4(address)],
        security_groups: groups.map(|group| format!("sg-{group}")).collect(),
    }
}

/// The DSS host is in half of the groups, the nodes and their pods in the others.
fn cluster(nodes: u32) -> Answers {
    let text = str::to_owned;
    let address = |node: u32| Ipv4Addr::from(u32::from(Ipv4Addr::new(10, 1, 0, 0)) + node);
    let names: Vec<String> = (0..nodes).map(|node| format!("node-{node}")).collect();
    let node = |(at, name): (u32, &String)| {
        (name.clone(), Eni { vswitch: text("vsw-nodes"), ..eni(name, address(at), 25..50) })
    };
    let pods = PodSource {
        what: text("pods"),
        range: "10.1.0.0/18".parse().unwrap(),
        vswitches: vec![text("vsw-pods")],
        security_groups: (25..GROUPS).map(|group| format!("sg-{group}")).collect(),
        nodes: names.clone(),
    };
    let hops = vec![Hop { kind: text("local"), id: String::new() }];
    let routes = vec![Route { range: "10.0.0.0/8".parse().unwrap(), unavailable: None, hops }];
    Answers {
        host: Instance {
            id: text("i-host"),
            region: text("cn"),
            vpc: text("vpc"),
            enis: vec![eni("host", HOST, 0..25)],
        },
        network: ClusterNetwork {
            id: text("c"),
            name: text("c"),
            region: text("cn"),
            vpc: text("vpc"),
            plugin: PodNetwork::Terway,
            pods: vec![pods],
            nodes: (0..).zip(&names).map(node).collect(),
        },
        groups: (0..GROUPS).map(group).collect(),
        acls: ["vsw-host", "vsw-nodes", "vsw-pods"].map(open).to_vec(),
        tables: vec![(text("vsw-host"), RouteTable { id: text("vtb"), custom: false, routes })],
        goals: vec![Goal { what: text("pods"), range: "10.1.0.0/18".parse().unwrap(), at: At::Local }],
    }
}

#[test]
fn every_source_of_a_large_cluster_is_judged() {
    let nodes = option_env!("ACKCHECK_NODES").map_or(NODES, |nodes| nodes.parse().expect("a number"));
    let answers = cluster(nodes);
    let sources = sources::of(&answers.network).unwrap();
    let target = &answers.host.enis[0];
    let guarding = ways::pick(&answers.groups, &target.security_groups).unwrap();
    let door = ways::Door { target, addresses: vec![HOST] };
    let closed = ways::ingress(&door, &sources, &guarding, Taken::ForOpen);
    let out = ways::egress(&door, &sources, &answers.groups, Taken::ForOpen).unwrap();
    assert_eq!((closed.len(), out.len()), (sources.len(), 0));
    // One rule closes one port for all; a node that has a rule of its own has ports of its own besides.
    for closed in &closed {
        let one = closed.blocked.iter().filter(|blocked| blocked.ports.contains(12345)).count();
        assert!(one >= 1, "{}", closed.source.what);
    }
    let predicted = answers.of_node("node-0", IpAddr::V4(HOST)).unwrap();
    let surely: Vec<(Ports, Link)> = predicted.closed.iter().map(|closing| (closing.ports, closing.link)).collect();
    assert_eq!(surely, [("12345".parse().unwrap(), Link::HostGroups)]);
}
