//! The prediction against a judgement of single packets, which is written apart: no intervals, no pools, no order but
//! that of the rules; on small worlds made at random. `ACKCHECK_WORLDS` is how many,
//! when this is compiled.

use std::net::{IpAddr, Ipv4Addr};

use ackcheck_core::seat::Ports;
use ackcheck_core::seat::cloud::{
    AclEntry, ClusterNetwork, Eni, GroupKind, Hop, Instance, NetworkAcl, Peer, PodNetwork, PodSource, Route,
    RouteTable, Rule, SecurityGroup, VSwitchAcl,
};
use ipnet::{IpNet, Ipv4Net};

use super::closings::Closing;
use super::goals::pods_of;
use super::routes::{At, Goal};
use super::{Answers, Link, Predicted};

/// How many worlds where nothing else is said.
const WORLDS: u64 = 2_000;
const NODE: &str = "one";
const HOST: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 20);
/// The ports that are asked for: rules start and end among them.
const PORTS: [u16; 8] = [1, 79, 80, 90, 91, 443, 40_000, 65_535];
/// Ports that connections come from: those of Linux's usual range, and others that a node can be set to use.
const USUAL: [u16; 4] = [32_768, 40_000, 40_001, 60_999];
const UNUSUAL: [u16; 4] = [1024, 32_767, 61_000, 65_535];

/// Numbers that look random and are the same each time (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap()
    }

    /// True once in so many times.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    fn some<T>(&mut self, most: usize, make: fn(&mut Dice) -> T) -> Vec<T> {
        (0..self.below(most + 1)).map(|_| make(self)).collect()
    }
}

fn net(text: &str) -> Ipv4Net {
    text.parse().unwrap()
}

fn any_range(dice: &mut Dice) -> IpNet {
    let texts = [
        "0.0.0.0/0",
        "0.0.0.0/0",
        "::/0",
        "10.0.0.0/16",
        "10.0.0.20/32",
        "10.0.1.0/24",
        "10.0.1.11/32",
        "10.0.128.0/30",
        "10.0.128.0/31",
        "10.0.128.2/32",
        "172.20.0.0/16",
        "172.20.1.0/30",
        "172.20.1.2/31",
    ];
    dice.of(&texts).parse().unwrap()
}

fn any_ports(dice: &mut Dice) -> Ports {
    match dice.below(4) {
        0 | 1 => Ports::ALL,
        2 => dice.of(&["1-79", "80-90", "80-65535", "443"]).parse().unwrap(),
        _ => dice.of(&["1024-65535", "32768-60999", "32768-40000", "40001-65535", "1-32767"]).parse().unwrap(),
    }
}

fn any_rule(dice: &mut Dice) -> Rule {
    let peer = match dice.below(6) {
        0 => Peer::Group(dice.of(&["sg-a", "sg-b", "sg-c"]).to_owned()),
        1 => Peer::PrefixList { id: "pl".to_owned(), ranges: dice.some(3, any_range) },
        _ => Peer::Range(any_range(dice)),
    };
    let own = match dice.below(4) {
        0 => Some(any_range(dice)),
        _ => None,
    };
    let source_ports = match dice.below(5) {
        0 => Some(any_ports(dice)).filter(|ports| *ports != Ports::ALL),
        _ => None,
    };
    Rule {
        id: "any".to_owned(),
        ingress: dice.once_in(2),
        accept: !dice.once_in(3),
        priority: dice.of(&[1, 1, 2, 10, 110]),
        protocol: "TCP".to_owned(),
        ports: if dice.once_in(6) { vec![any_ports(dice), any_ports(dice)] } else { vec![any_ports(dice)] },
        peer,
        own,
        source_ports,
        unread: dice.once_in(15).then(|| "odd".to_owned()),
    }
}

fn any_entry(dice: &mut Dice) -> AclEntry {
    AclEntry {
        id: "any".to_owned(),
        accept: !dice.once_in(3),
        ranges: if dice.once_in(6) { dice.some(2, any_range) } else { vec![any_range(dice)] },
        ports: any_ports(dice),
        of_system: dice.once_in(4),
        unread: dice.once_in(15).then(|| "odd".to_owned()),
    }
}

/// Often one that lets all through, so that other links matter.
fn any_acl(dice: &mut Dice, vswitch: &str) -> VSwitchAcl {
    let list = |dice: &mut Dice| {
        let mut list = dice.some(3, any_entry);
        if !dice.once_in(3) {
            let ranges = vec![IpNet::V4(Ipv4Net::default())];
            let (id, ports) = ("all".to_owned(), Ports::ALL);
            list.push(AclEntry { id, accept: true, ranges, ports, of_system: false, unread: None });
        }
        list
    };
    let acl = (!dice.once_in(2)).then(|| NetworkAcl {
        id: format!("nacl-{vswitch}"),
        ingress: list(dice),
        egress: list(dice),
    });
    VSwitchAcl { vswitch: vswitch.to_owned(), acl }
}

fn any_group(dice: &mut Dice, id: &str) -> SecurityGroup {
    let kind = dice.of(&[GroupKind::Basic, GroupKind::Basic, GroupKind::Advanced]);
    let mut rules = dice.some(5, any_rule);
    for ingress in [true, false] {
        if !dice.once_in(3) {
            let everywhere = Peer::Range(IpNet::V4(Ipv4Net::default()));
            let all = Rule { ports: vec![Ports::ALL], own: None, source_ports: None, unread: None, ..any_rule(dice) };
            rules.push(Rule { ingress, accept: true, priority: 100, peer: everywhere, ..all });
        }
    }
    let (id, inner_accept) = (id.to_owned(), dice.once_in(2));
    SecurityGroup { name: id.clone(), id, vpc: "vpc".to_owned(), kind, inner_accept, rules }
}

fn any_route(dice: &mut Dice) -> Route {
    let hop = |dice: &mut Dice| {
        let (kind, id) = dice.of(&[
            ("Instance", "i-one"),
            ("Instance", "i-two"),
            ("NetworkInterface", "eni-one"),
            ("HaVip", "havip"),
            ("NatGateway", "ngw"),
            ("local", ""),
        ]);
        Hop { kind: kind.to_owned(), id: id.to_owned() }
    };
    Route {
        range: any_range(dice),
        unavailable: dice.once_in(6).then(|| "Pending".to_owned()),
        hops: if dice.once_in(6) { dice.some(2, hop) } else { vec![hop(dice)] },
    }
}

/// Often with the entries that lead right, and one entry for a range.
fn any_routes(dice: &mut Dice) -> Vec<Route> {
    let mut routes = dice.some(3, any_route);
    for (range, kind, id) in
        [("10.0.0.0/16", "local", ""), ("172.20.1.0/30", "Instance", "i-one"), ("0.0.0.0/0", "NatGateway", "ngw")]
    {
        if !dice.once_in(4) {
            let hops = vec![Hop { kind: kind.to_owned(), id: id.to_owned() }];
            routes.retain(|route| route.range != IpNet::V4(net(range)));
            routes.push(Route { range: IpNet::V4(net(range)), unavailable: None, hops });
        }
    }
    let mut once: Vec<Route> = Vec::new();
    for route in routes {
        if !once.iter().any(|known| known.range == route.range) {
            once.push(route);
        }
    }
    once
}

/// A host, one node and its pods: of Terway on a vSwitch, of Flannel in a range of the node's own.
fn any_world(dice: &mut Dice) -> Answers {
    let plugin = dice.of(&PodNetwork::ALL);
    let groups_of = |dice: &mut Dice| {
        let groups: [&[&str]; 4] = [&["sg-a"], &["sg-b"], &["sg-a", "sg-b"], &["sg-c"]];
        dice.of(&groups).iter().map(|id| (*id).to_owned()).collect::<Vec<String>>()
    };
    let vswitch = |dice: &mut Dice| dice.of(&["vsw-host", "vsw-nodes", "vsw-pods"]).to_owned();
    let eni = |id: &str, address: Ipv4Addr, vswitch: &str, security_groups| Eni {
        id: id.to_owned(),
        vswitch: vswitch.to_owned(),
        vswitch_range: None,
        addresses: vec![IpAddr::V4(address)],
        security_groups,
    };
    let node_vswitch = vswitch(dice);
    let node = eni("eni-one", Ipv4Addr::new(10, 0, 1, 11), &node_vswitch, groups_of(dice));
    let host = eni("eni-host", HOST, "vsw-host", groups_of(dice));
    let (range, pod_vswitch, security_groups) = match plugin {
        PodNetwork::Flannel => (net("172.20.0.0/16"), node_vswitch, Vec::new()),
        PodNetwork::Terway => (net("10.0.128.0/30"), vswitch(dice), groups_of(dice)),
    };
    let mut goals = vec![
        Goal { what: "node".to_owned(), range: net("10.0.1.11/32"), at: At::Local },
        Goal { what: "pods".to_owned(), range: net("10.0.128.0/30"), at: At::Local },
    ];
    if plugin == PodNetwork::Flannel {
        let at = At::Node { instance: "i-one".to_owned(), interface: "eni-one".to_owned() };
        goals[1] = Goal { what: pods_of(NODE), range: net("172.20.1.0/30"), at };
    }
    let pods = PodSource {
        what: "pods".to_owned(),
        range: IpNet::V4(range),
        vswitches: vec![pod_vswitch],
        security_groups,
        nodes: vec![NODE.to_owned()],
    };
    let text = str::to_owned;
    Answers {
        host: Instance { id: text("i-host"), region: text("cn"), vpc: text("vpc"), enis: vec![host] },
        network: ClusterNetwork {
            id: text("c"),
            name: text("c"),
            region: text("cn"),
            vpc: text("vpc"),
            plugin,
            pods: vec![pods],
            nodes: vec![(text(NODE), node)],
        },
        groups: ["sg-a", "sg-b", "sg-c"].map(|id| any_group(dice, id)).to_vec(),
        acls: ["vsw-host", "vsw-nodes", "vsw-pods"].map(|id| any_acl(dice, id)).to_vec(),
        tables: vec![(text("vsw-host"), RouteTable { id: text("vtb"), custom: false, routes: any_routes(dice) })],
        goals,
    }
}

/// One connection of a pod: its addresses and ports, and what it comes out of.
#[derive(Clone, Copy)]
struct Packet<'a> {
    from: Ipv4Addr,
    from_port: u16,
    port: u16,
    vswitch: &'a str,
    groups: &'a [String],
}

/// As which a pod of the node may send, address by address.
fn senders(world: &Answers) -> Vec<(Vec<Ipv4Addr>, &str, &[String])> {
    let (pods, node) = (&world.network.pods[0], &world.network.nodes[0].1);
    let last = |at: u8| match world.network.plugin {
        PodNetwork::Flannel => Ipv4Addr::new(172, 20, 1, at),
        PodNetwork::Terway => Ipv4Addr::new(10, 0, 128, at),
    };
    let pods = ((0..4).map(last).collect(), pods.vswitches[0].as_str(), pods.security_groups.as_slice());
    let own = (vec![Ipv4Addr::new(10, 0, 1, 11)], node.vswitch.as_str(), node.security_groups.as_slice());
    match world.network.plugin {
        PodNetwork::Flannel => vec![pods, own],
        PodNetwork::Terway => vec![pods],
    }
}

fn holds(range: &IpNet, address: Ipv4Addr) -> bool {
    range.contains(&IpAddr::V4(address))
}

/// Whether what cannot be read is so as to let the packet through.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Luck {
    Good,
    Bad,
}

impl Luck {
    fn counts(self, unread: Option<&String>, accept: bool) -> bool {
        unread.is_none() || accept == (self == Luck::Good)
    }
}

/// Groups of one side let it through: `own` and `far` are the ends as that side sees them.
fn groups_pass(
    world: &Answers,
    (ids, own): (&[String], Ipv4Addr),
    (far_ids, far): (&[String], Ipv4Addr),
    packet: Packet<'_>,
    (ingress, luck): (bool, Luck),
) -> bool {
    let own_groups: Vec<&SecurityGroup> = world.groups.iter().filter(|group| ids.contains(&group.id)).collect();
    let friends = |group: &&SecurityGroup| group.kind == GroupKind::Basic && group.inner_accept;
    if own_groups.iter().filter(|group| friends(group)).any(|group| far_ids.contains(&group.id)) {
        return true;
    }
    for priority in [1, 2, 10, 100, 110] {
        let (mut accepted, mut dropped) = (false, false);
        for rule in own_groups.iter().flat_map(|group| &group.rules) {
            let for_far = match &rule.peer {
                Peer::Range(range) => holds(range, far),
                Peer::Group(id) => far_ids.contains(id),
                Peer::PrefixList { ranges, .. } => ranges.iter().any(|range| holds(range, far)),
            };
            let matches = rule.ingress == ingress
                && rule.priority == priority
                && for_far
                && rule.own.is_none_or(|range| holds(&range, own))
                && rule.ports.iter().any(|ports| ports.contains(packet.port))
                && rule.source_ports.is_none_or(|ports| ports.contains(packet.from_port))
                && luck.counts(rule.unread.as_ref(), rule.accept);
            accepted |= matches && rule.accept;
            dropped |= matches && !rule.accept;
        }
        if dropped {
            return false;
        }
        if accepted {
            return true;
        }
    }
    !ingress && own_groups.iter().all(|group| group.kind == GroupKind::Basic)
}

fn acl_passes(world: &Answers, vswitch: &str, inward: bool, far: Ipv4Addr, port: u16, luck: Luck) -> bool {
    let Some(acl) = &world.acls.iter().find(|acl| acl.vswitch == vswitch).unwrap().acl else { return true };
    for entry in if inward { &acl.ingress } else { &acl.egress } {
        let matches = entry.ranges.iter().any(|range| holds(range, far)) && entry.ports.contains(port);
        if matches && luck.counts(entry.unread.as_ref(), entry.accept) {
            return entry.accept;
        }
    }
    false
}

/// The answer to this address arrives; what a next hop that is not known does is a matter of luck.
fn routed(world: &Answers, to: Ipv4Addr, luck: Luck) -> bool {
    let goal = world.goals.iter().find(|goal| goal.range.contains(&to)).unwrap();
    let usable = world.tables[0].1.routes.iter().filter(|route| route.unavailable.is_none() && holds(&route.range, to));
    let Some(route) = usable.max_by_key(|route| route.range.prefix_len()) else { return false };
    let made_for_it = route.range.prefix_len() >= goal.range.prefix_len();
    let arrives = |hop: &Hop| match (hop.kind.as_str(), &goal.at) {
        ("NatGateway", _) => false,
        ("local", at) => *at == At::Local,
        ("Instance", At::Node { .. }) if hop.id == "i-one" => true,
        ("NetworkInterface", At::Node { .. }) if hop.id == "eni-one" => true,
        ("Instance", At::Node { .. }) if made_for_it => false,
        _ => luck == Luck::Good,
    };
    !route.hops.is_empty() && route.hops.iter().all(arrives)
}

fn link_passes(world: &Answers, link: Link, packet: Packet<'_>, luck: Luck) -> bool {
    let host = &world.host.enis[0];
    let within = packet.vswitch == host.vswitch;
    match link {
        Link::Routes => routed(world, packet.from, luck),
        Link::AclForward if within => true,
        Link::AclForward => {
            acl_passes(world, packet.vswitch, false, HOST, packet.port, luck)
                && acl_passes(world, &host.vswitch, true, packet.from, packet.port, luck)
        }
        Link::AclReturn if within || UNUSUAL.contains(&packet.from_port) => true,
        Link::AclReturn => {
            acl_passes(world, &host.vswitch, false, packet.from, packet.from_port, luck)
                && acl_passes(world, packet.vswitch, true, HOST, packet.from_port, luck)
        }
        Link::SenderGroups if packet.groups.is_empty() => true,
        Link::SenderGroups => {
            let (own, far) = ((packet.groups, packet.from), (host.security_groups.as_slice(), HOST));
            groups_pass(world, own, far, packet, (false, luck))
        }
        Link::HostGroups => {
            let (own, far) = ((host.security_groups.as_slice(), HOST), (packet.groups, packet.from));
            groups_pass(world, own, far, packet, (true, luck))
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Open,
    Uncertain,
    Closed,
}

const LINKS: [Link; 5] = [Link::Routes, Link::AclForward, Link::AclReturn, Link::SenderGroups, Link::HostGroups];

/// What one link does to all the packets that one sender may send to a port.
fn of_link(world: &Answers, link: Link, sender: &(Vec<Ipv4Addr>, &str, &[String]), port: u16) -> Said {
    let (mut some_lost, mut all_lost) = (false, true);
    for from in &sender.0 {
        for from_port in USUAL.into_iter().chain(UNUSUAL) {
            let packet = Packet { from: *from, from_port, port, vswitch: sender.1, groups: sender.2 };
            some_lost |= !link_passes(world, link, packet, Luck::Bad);
            all_lost &= UNUSUAL.contains(&from_port) || !link_passes(world, link, packet, Luck::Good);
        }
    }
    match (all_lost, some_lost) {
        (true, _) => Said::Closed,
        (_, true) => Said::Uncertain,
        _ => Said::Open,
    }
}

/// What becomes of a port, and the link to name for the first sender that says so.
fn naive(world: &Answers, port: u16) -> (Said, Option<Link>) {
    let mut of_senders = Vec::new();
    for sender in &senders(world) {
        let said = LINKS.map(|link| (of_link(world, link, sender, port), link));
        let first = |wanted: Said| said.iter().find(|(said, _)| *said == wanted);
        of_senders.push(first(Said::Closed).or(first(Said::Uncertain)).copied());
    }
    let link = of_senders.iter().flatten().next().map(|(_, link)| *link);
    let closed = |said: &Option<(Said, Link)>| matches!(said, Some((Said::Closed, _)));
    match (of_senders.iter().all(closed), link) {
        (true, _) => (Said::Closed, link),
        (false, Some(_)) => (Said::Uncertain, link),
        (false, None) => (Said::Open, None),
    }
}

fn predicted(told: &Predicted, port: u16) -> (Said, Option<Link>) {
    let of = |list: &[Closing]| {
        let found: Vec<Link> =
            list.iter().filter(|closing| closing.ports.contains(port)).map(|closing| closing.link).collect();
        assert!(found.len() <= 1, "port {port} is told twice");
        found.first().copied()
    };
    match (of(&told.closed), of(&told.uncertain)) {
        (Some(link), None) => (Said::Closed, Some(link)),
        (None, Some(link)) => (Said::Uncertain, Some(link)),
        (None, None) => (Said::Open, None),
        both => panic!("port {port} is told as both: {both:?}"),
    }
}

#[test]
fn the_prediction_says_of_every_packet_what_its_links_do() {
    let worlds = option_env!("ACKCHECK_WORLDS").map_or(WORLDS, |worlds| worlds.parse().expect("a number"));
    let mut seen: Vec<(Said, Option<Link>)> = Vec::new();
    for seed in 0..worlds {
        let world = any_world(&mut Dice(seed));
        let told = world.of_node(NODE, IpAddr::V4(HOST)).unwrap();
        for port in PORTS {
            let expected = naive(&world, port);
            assert_eq!(predicted(&told, port), expected, "world {seed}, port {port}: {told:#?}\n{world:#?}");
            if !seen.contains(&expected) {
                seen.push(expected);
            }
        }
    }
    // The worlds are not all alike: each link is seen to close surely and perhaps, and ports are open.
    assert_eq!(seen.len(), 2 * LINKS.len() + 1, "{seen:?}");
}
