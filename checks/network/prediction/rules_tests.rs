//! Each rule of Alibaba's semantics by itself, then all of them against a naive count of single packets.

use proptest::prelude::*;

use super::*;

fn rule(id: &str, direction: Direction, accept: bool, priority: u32, ports: Ports, peer: Peer) -> Rule {
    Rule {
        id: id.to_owned(),
        ingress: direction == Direction::Ingress,
        accept,
        priority,
        protocol: "TCP".to_owned(),
        ports: vec![ports],
        peer,
        own: None,
        source_ports: None,
        unread: None,
    }
}

fn ports(text: &str) -> Ports {
    text.parse().unwrap()
}

fn accept(priority: u32, ports: Ports, range: &str) -> Rule {
    rule("accept", Direction::Ingress, true, priority, ports, Peer::Range(range.parse().unwrap()))
}

fn drop(priority: u32, ports: Ports, range: &str) -> Rule {
    rule("drop", Direction::Ingress, false, priority, ports, Peer::Range(range.parse().unwrap()))
}

fn group(id: &str, kind: GroupKind, inner_accept: bool, rules: Vec<Rule>) -> SecurityGroup {
    SecurityGroup { id: id.to_owned(), name: id.to_owned(), vpc: "vpc-1".to_owned(), kind, inner_accept, rules }
}

fn basic(rules: Vec<Rule>) -> SecurityGroup {
    group("sg-own", GroupKind::Basic, true, rules)
}

/// The closed ports from one address or range that is in no group, and whether a rule closes them.
fn seen(groups: &[SecurityGroup], range: &str) -> Vec<(Ports, Option<String>)> {
    seen_by(Direction::Ingress, groups, range, &[])
}

fn seen_by(direction: Direction, groups: &[SecurityGroup], range: &str, of: &[String]) -> Vec<(Ports, Option<String>)> {
    let own: Vec<&SecurityGroup> = groups.iter().collect();
    let other = Other { range: range.parse().unwrap(), groups: of };
    blocked(direction, (&own, HOST.parse().unwrap()), other, Taken::ForOpen)
        .into_iter()
        .map(|blocked| match blocked.by {
            By::Rule(_, rule) => (blocked.ports, Some(rule.id.clone())),
            By::Default => (blocked.ports, None),
        })
        .collect()
}

const ALL_CLOSED: [(Ports, Option<String>); 1] = [(Ports::ALL, None)];
const HOST: &str = "10.0.0.20/32";
const FROM: &str = "10.0.1.11/32";

#[test]
fn ingress_is_closed_by_default_and_open_where_a_rule_accepts() {
    assert_eq!(seen(&[basic(vec![])], FROM), ALL_CLOSED);
    assert_eq!(seen(&[basic(vec![accept(1, Ports::ALL, "10.0.1.0/24")])], FROM), []);
    let partly = [basic(vec![accept(1, ports("1-79"), "10.0.0.0/16"), accept(1, ports("81-65535"), "10.0.0.0/16")])];
    assert_eq!(seen(&partly, FROM), [(ports("80"), None)]);
    assert_eq!(seen(&[], FROM), ALL_CLOSED);
}

#[test]
fn priority_is_a_number_and_legacy_110_is_the_weakest() {
    let ten_against_two = [basic(vec![accept(10, Ports::ALL, FROM), drop(2, ports("22"), FROM)])];
    assert_eq!(seen(&ten_against_two, FROM), [(ports("22"), Some("drop".to_owned()))]);
    let legacy_drop = [basic(vec![accept(100, Ports::ALL, FROM), drop(110, Ports::ALL, "0.0.0.0/0")])];
    assert_eq!(seen(&legacy_drop, FROM), []);
}

#[test]
fn drop_beats_accept_at_the_same_priority_however_wide_it_is() {
    let groups = [basic(vec![accept(1, Ports::ALL, FROM), drop(1, ports("25"), "0.0.0.0/0")])];
    assert_eq!(seen(&groups, FROM), [(ports("25"), Some("drop".to_owned()))]);
}

#[test]
fn rules_of_all_groups_are_pooled() {
    let groups = [
        basic(vec![accept(5, Ports::ALL, "10.0.0.0/8")]),
        group("sg-second", GroupKind::Basic, true, vec![drop(4, ports("8080-8089"), "10.0.1.0/24")]),
    ];
    assert_eq!(seen(&groups, FROM), [(ports("8080-8089"), Some("drop".to_owned()))]);
}

#[test]
fn members_of_a_shared_basic_group_reach_each_other_whatever_the_rules_say() {
    let shared = ["sg-own".to_owned()];
    let closed = vec![drop(1, Ports::ALL, "0.0.0.0/0")];
    assert_eq!(seen_by(Direction::Ingress, &[basic(closed.clone())], FROM, &shared), []);
    let isolated = group("sg-own", GroupKind::Basic, false, closed.clone());
    assert_eq!(seen_by(Direction::Ingress, std::slice::from_ref(&isolated), FROM, &shared).len(), 1);
    let second = group("sg-second", GroupKind::Basic, true, vec![]);
    let both = ["sg-own".to_owned(), "sg-second".to_owned()];
    assert_eq!(seen_by(Direction::Ingress, &[isolated, second], FROM, &both), []);
    let advanced = group("sg-own", GroupKind::Advanced, true, closed);
    assert_eq!(seen_by(Direction::Ingress, &[advanced], FROM, &shared).len(), 1);
}

#[test]
fn an_isolated_group_is_opened_by_its_rules() {
    let isolated = group("sg-own", GroupKind::Basic, false, vec![accept(100, Ports::ALL, "10.0.1.0/24")]);
    assert_eq!(seen_by(Direction::Ingress, &[isolated], FROM, &["sg-own".to_owned()]), []);
}

#[test]
fn a_group_peer_matches_enis_of_that_group_only() {
    let peer = rule("by-group", Direction::Ingress, true, 1, Ports::ALL, Peer::Group("sg-cluster".to_owned()));
    let groups = [basic(vec![peer])];
    assert_eq!(seen_by(Direction::Ingress, &groups, FROM, &["sg-cluster".to_owned()]), []);
    // The pod range of Flannel: its addresses are on no ENI.
    assert_eq!(seen(&groups, "172.20.0.0/16"), ALL_CLOSED);
}

#[test]
fn prefix_lists_and_port_lists_are_all_of_their_entries() {
    let list = Peer::PrefixList {
        id: "pl-1".to_owned(),
        ranges: vec!["10.0.1.0/24".parse().unwrap(), "10.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
    };
    let mut by_list = rule("by-list", Direction::Ingress, true, 1, Ports::ALL, list);
    assert_eq!(seen(&[basic(vec![by_list.clone()])], "10.0.2.9/32"), []);
    assert_eq!(seen(&[basic(vec![by_list.clone()])], "10.0.3.9/32"), ALL_CLOSED);
    by_list.ports = vec![ports("1-1023"), ports("1025-65535")];
    assert_eq!(seen(&[basic(vec![by_list])], "10.0.2.9/32"), [(ports("1024"), None)]);
}

/// What is closed from one address where undecided rules are taken for either.
fn either(rules: Vec<Rule>) -> (Vec<Ports>, Vec<Ports>) {
    let groups = [basic(rules)];
    let own: Vec<&SecurityGroup> = groups.iter().collect();
    let other = Other { range: FROM.parse().unwrap(), groups: &[] };
    let closed = |taken| {
        let blocked = blocked(Direction::Ingress, (&own, HOST.parse().unwrap()), other, taken);
        let mut ports: Vec<Ports> = blocked.iter().map(|blocked| blocked.ports).collect();
        // Once for each part of the source ports.
        ports.dedup();
        ports
    };
    (closed(Taken::ForOpen), closed(Taken::ForClosed))
}

#[test]
fn source_ports_count_where_connections_come_from_them() {
    let (open, closed) = (Vec::new, || vec![Ports::ALL]);
    for (text, accepts, drops) in [
        ("1-65535", (open(), open()), (closed(), closed())),
        ("1024-65535", (open(), open()), (closed(), closed())),
        // It depends on the nodes' own setting.
        ("30000-61000", (open(), closed()), (closed(), closed())),
        ("1024-9999", (closed(), closed()), (open(), closed())),
        ("40000-50000", (closed(), closed()), (closed(), closed())),
        ("1-1023", (closed(), closed()), (open(), open())),
    ] {
        let of_ports = |rule: Rule| Rule { source_ports: Some(ports(text)), ..rule };
        assert_eq!(either(vec![of_ports(accept(1, Ports::ALL, FROM))]), accepts, "accept {text}");
        let all = accept(2, Ports::ALL, FROM);
        assert_eq!(either(vec![of_ports(drop(1, Ports::ALL, FROM)), all]), drops, "drop {text}");
    }
}

#[test]
fn rules_for_source_ports_are_for_all_of_them_together() {
    let from = |text: &str, rule: Rule| Rule { source_ports: Some(ports(text)), ..rule };
    let all = |text| from(text, accept(1, Ports::ALL, FROM));
    assert_eq!(either(vec![all("1024-39999"), all("40000-65535")]), (vec![], vec![]));
    assert_eq!(either(vec![all("1024-39999"), all("40001-65535")]), (vec![Ports::ALL], vec![Ports::ALL]));
    // A drop of a stronger priority for the rest.
    let dropped = [from("1024-32767", drop(1, ports("80"), FROM)), accept(2, Ports::ALL, FROM)];
    assert_eq!(either(dropped.to_vec()), (vec![], vec![ports("80")]));
}

#[test]
fn a_rule_for_the_own_sides_addresses_is_for_the_host_or_not() {
    let to = |own: &str, rule: Rule| Rule { own: Some(own.parse().unwrap()), ..rule };
    for (own, of_host) in
        [("10.0.0.20/32", true), ("10.0.0.0/8", true), ("10.0.0.21/32", false), ("::/0", false), ("0.0.0.0/0", true)]
    {
        let groups = [basic(vec![to(own, accept(1, Ports::ALL, FROM))])];
        assert_eq!(seen(&groups, FROM).is_empty(), of_host, "accept {own}");
        let groups = [basic(vec![to(own, drop(1, ports("443"), FROM)), accept(1, Ports::ALL, FROM)])];
        assert_eq!(seen(&groups, FROM).is_empty(), !of_host, "drop {own}");
    }
}

#[test]
fn of_senders_that_a_rule_is_for_in_part_each_part_is_judged() {
    let towards = Other { range: HOST.parse().unwrap(), groups: &[] };
    let out = |accept, own: &str| Rule {
        own: Some(own.parse().unwrap()),
        ..rule("out", Direction::Egress, accept, 1, Ports::ALL, Peer::Range("0.0.0.0/0".parse().unwrap()))
    };
    let closed = |rules| {
        let groups = [group("sg-own", GroupKind::Advanced, false, rules)];
        let own: Vec<&SecurityGroup> = groups.iter().collect();
        blocked(Direction::Egress, (&own, "10.0.128.0/17".parse().unwrap()), towards, Taken::ForOpen).len()
    };
    assert_eq!(closed(vec![out(true, "10.0.128.0/18")]), 1);
    assert_eq!(closed(vec![out(true, "10.0.128.0/18"), out(true, "10.0.192.0/18")]), 0);
    assert_eq!(closed(vec![out(true, "10.0.0.0/8"), out(false, "10.0.255.0/24")]), 1);
}

#[test]
fn what_cannot_be_read_is_taken_for_either() {
    let unread = |rule: Rule| Rule { unread: Some("its ports are \"x\"".to_owned()), ..rule };
    assert_eq!(either(vec![unread(accept(1, Ports::ALL, FROM))]), (vec![], vec![Ports::ALL]));
    let all = accept(2, Ports::ALL, FROM);
    assert_eq!(either(vec![unread(drop(1, Ports::ALL, FROM)), all.clone()]), (vec![], vec![Ports::ALL]));
    // Behind one that decides it does not matter.
    assert_eq!(either(vec![all, unread(drop(3, Ports::ALL, FROM))]), (vec![], vec![]));
}

#[test]
fn ipv6_ranges_match_no_ipv4_address() {
    assert_eq!(seen(&[basic(vec![accept(1, Ports::ALL, "::/0")])], FROM), ALL_CLOSED);
    assert_eq!(seen(&[basic(vec![drop(1, Ports::ALL, "::/0"), accept(2, Ports::ALL, FROM)])], FROM), []);
}

#[test]
fn egress_is_open_for_basic_groups_and_closed_for_advanced_ones() {
    let rules =
        || vec![rule("out", Direction::Egress, false, 1, ports("11200-11210"), Peer::Range(FROM.parse().unwrap()))];
    assert_eq!(seen_by(Direction::Egress, &[basic(vec![])], FROM, &[]), []);
    assert_eq!(
        seen_by(Direction::Egress, &[basic(rules())], FROM, &[]),
        [(ports("11200-11210"), Some("out".to_owned()))]
    );
    let advanced = |rules| group("sg-own", GroupKind::Advanced, false, rules);
    assert_eq!(seen_by(Direction::Egress, &[advanced(vec![])], FROM, &[]), ALL_CLOSED);
    let open = rule("out", Direction::Egress, true, 1, Ports::ALL, Peer::Range("0.0.0.0/0".parse().unwrap()));
    assert_eq!(seen_by(Direction::Egress, &[advanced(vec![open])], FROM, &[]), []);
    // Ingress rules say nothing of egress.
    assert_eq!(seen_by(Direction::Egress, &[advanced(vec![accept(1, Ports::ALL, FROM)])], FROM, &[]), ALL_CLOSED);
}

#[test]
fn a_range_that_is_covered_in_part_is_cut_where_the_rules_change() {
    let groups = [basic(vec![accept(1, Ports::ALL, "10.0.128.0/18")])];
    let own: Vec<&SecurityGroup> = groups.iter().collect();
    let other = Other { range: "10.0.128.0/17".parse().unwrap(), groups: &[] };
    let blocked = blocked(Direction::Ingress, (&own, HOST.parse().unwrap()), other, Taken::ForOpen);
    assert_eq!(blocked.len(), 1);
    assert_eq!((blocked[0].from, blocked[0].to), ("10.0.192.0".parse().unwrap(), "10.0.255.255".parse().unwrap()));
    // Two halves accepted by two rules are one open whole.
    let halves = [basic(vec![accept(1, Ports::ALL, "10.0.128.0/18"), accept(7, Ports::ALL, "10.0.192.0/18")])];
    assert_eq!(seen(&halves, "10.0.128.0/17"), []);
}

/// One packet, judged with no intervals: the strongest priority that matches; Drop where any of that priority drops.
fn naive(
    direction: Direction,
    own: &[&SecurityGroup],
    from: Ipv4Addr,
    groups: &[String],
    port: u16,
    taken: Taken,
) -> bool {
    let shares = |group: &&&SecurityGroup| groups.contains(&group.id);
    if own.iter().filter(shares).any(|group| group.kind == GroupKind::Basic && group.inner_accept) {
        return true;
    }
    let mut strongest: Option<(u32, bool)> = None;
    for rule in own.iter().flat_map(|group| &group.rules) {
        let of_direction = rule.ingress == (direction == Direction::Ingress);
        let of_own = rule.own.is_none_or(|own| own.contains(&"10.0.0.20".parse::<std::net::IpAddr>().unwrap()));
        let taken_for = rule.unread.is_none() || rule.accept == (taken == Taken::ForOpen);
        let of_port = rule.ports.iter().any(|ports| ports.contains(port));
        let of_peer = match &rule.peer {
            Peer::Range(range) => range.contains(&std::net::IpAddr::V4(from)),
            Peer::Group(id) => groups.contains(id),
            Peer::PrefixList { ranges, .. } => ranges.iter().any(|range| range.contains(&std::net::IpAddr::V4(from))),
        };
        if !(of_direction && of_own && of_port && of_peer && taken_for) {
            continue;
        }
        strongest = match strongest {
            Some((priority, open)) if priority < rule.priority => Some((priority, open)),
            Some((priority, open)) if priority == rule.priority => Some((priority, open && rule.accept)),
            _ => Some((rule.priority, rule.accept)),
        };
    }
    match (strongest, direction) {
        (Some((_, open)), _) => open,
        (None, Direction::Ingress) => false,
        (None, Direction::Egress) => own.iter().all(|group| group.kind == GroupKind::Basic),
    }
}

fn any_peer() -> impl Strategy<Value = Peer> {
    let range = || {
        (0u8..16, 28u8..=32)
            .prop_map(|(last, length)| IpNet::V4(Ipv4Net::new(Ipv4Addr::new(10, 0, 0, last), length).unwrap()))
    };
    prop_oneof![
        4 => range().prop_map(Peer::Range),
        1 => Just(Peer::Range("0.0.0.0/0".parse().unwrap())),
        1 => Just(Peer::Range("::/0".parse().unwrap())),
        2 => prop::sample::select(vec!["sg-a", "sg-b", "sg-c"]).prop_map(|id| Peer::Group(id.to_owned())),
        1 => prop::collection::vec(range(), 0..3).prop_map(|ranges| Peer::PrefixList { id: "pl".to_owned(), ranges }),
    ]
}

fn any_ports() -> impl Strategy<Value = Vec<Ports>> {
    let one = prop_oneof![
        3 => (1u16..40, 0u16..20).prop_map(|(from, more)| Ports::new(from, from + more).unwrap()),
        1 => Just(Ports::ALL),
        1 => (1u16..40).prop_map(|from| Ports::new(from, 65535).unwrap()),
    ];
    prop::collection::vec(one, 1..3)
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let own = prop::sample::select(vec![None, None, Some("10.0.0.20/32"), Some("10.0.0.0/27"), Some("10.0.1.0/24")]);
    let priority = prop::sample::select(vec![1u32, 2, 10, 100, 110]);
    let flags = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.1));
    (flags, priority, own, any_ports(), any_peer()).prop_map(
        |((ingress, accept, unread), priority, own, ports, peer)| Rule {
            id: "any".to_owned(),
            ingress,
            accept,
            priority,
            protocol: "TCP".to_owned(),
            ports,
            peer,
            own: own.map(|own| own.parse().unwrap()),
            source_ports: None,
            unread: unread.then(|| "its policy is odd".to_owned()),
        },
    )
}

fn any_group(id: &'static str) -> impl Strategy<Value = SecurityGroup> {
    let kind = prop::sample::select(vec![GroupKind::Basic, GroupKind::Advanced]);
    (kind, any::<bool>(), prop::collection::vec(any_rule(), 0..8))
        .prop_map(move |(kind, inner, rules)| group(id, kind, inner, rules))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]
    #[test]
    fn intervals_say_of_every_packet_what_the_rules_say(
        groups in (any_group("sg-a"), any_group("sg-b")),
        both in any::<bool>(),
        ingress in any::<bool>(),
        for_open in any::<bool>(),
        of in prop::sample::subsequence(vec!["sg-a", "sg-b", "sg-c"], 0..=2),
        length in 28u8..=32,
    ) {
        let own: Vec<&SecurityGroup> = if both { vec![&groups.0, &groups.1] } else { vec![&groups.0] };
        let taken = if for_open { Taken::ForOpen } else { Taken::ForClosed };
        let of: Vec<String> = of.into_iter().map(str::to_owned).collect();
        let direction = if ingress { Direction::Ingress } else { Direction::Egress };
        let range = Ipv4Net::new(Ipv4Addr::new(10, 0, 0, 0), length).unwrap();
        let blocked = blocked(direction, (&own, HOST.parse().unwrap()), Other { range, groups: &of }, taken);
        let (first, last) = ends(range);
        for address in first..=last {
            let address = Ipv4Addr::from(address);
            for port in (1..=62).chain([1000, 65534, 65535]) {
                let closings = blocked
                    .iter()
                    .filter(|b| (b.from..=b.to).contains(&address) && b.ports.contains(port))
                    .count();
                prop_assert!(closings <= 1, "{address}:{port} is closed twice");
                prop_assert_eq!(closings == 0, naive(direction, &own, address, &of, port, taken), "{}:{}", address, port);
            }
        }
    }
}
