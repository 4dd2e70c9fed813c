//! Tables by hand, with what becomes of the packets for one node's pods.

use super::*;

fn table(routes: &[(&str, &str, &str)]) -> RouteTable {
    let route = |(range, kind, id): &(&str, &str, &str)| Route {
        range: range.parse().unwrap(),
        unavailable: None,
        hops: vec![Hop { kind: (*kind).to_owned(), id: (*id).to_owned() }],
    };
    RouteTable { id: "vtb".to_owned(), custom: false, routes: routes.iter().map(route).collect() }
}

fn pods() -> Goal {
    let at = At::Node { instance: "i-one".to_owned(), interface: "eni-one".to_owned() };
    Goal { what: "pods".to_owned(), range: "172.20.1.0/24".parse().unwrap(), at }
}

fn seen(table: &RouteTable, goal: &Goal) -> Vec<(String, Astray)> {
    astray(table, goal).iter().map(|leg| (format!("{}-{}", leg.first, leg.last), leg.astray)).collect()
}

const WHOLE: &str = "172.20.1.0-172.20.1.255";

#[test]
fn an_entry_for_the_nodes_range_leads_to_it() {
    let internet = ("0.0.0.0/0", "NatGateway", "ngw");
    for (routes, astray) in [
        (vec![], Some(Astray::Missing)),
        (vec![internet], Some(Astray::Missing)),
        (vec![internet, ("172.20.1.0/24", "Instance", "i-one")], None),
        (vec![("172.20.1.0/24", "instance", "i-one")], None),
        (vec![("172.20.1.0/24", "NetworkInterface", "eni-one")], None),
        (vec![("172.20.0.0/16", "Instance", "i-one")], None),
        (vec![("172.20.1.0/24", "Instance", "i-two")], Some(Astray::Elsewhere)),
        // A device that takes all packets may know the way.
        (vec![("0.0.0.0/0", "Instance", "i-firewall")], Some(Astray::Unknown)),
        (vec![("172.20.1.0/24", "NetworkInterface", "eni-two")], Some(Astray::Unknown)),
        (vec![("172.20.1.0/24", "HaVip", "havip-1")], Some(Astray::Unknown)),
        (vec![("172.16.0.0/12", "local", "")], Some(Astray::Missing)),
        (vec![("::/0", "Instance", "i-one")], Some(Astray::Missing)),
    ] {
        let expected: Vec<_> = astray.map(|astray| (WHOLE.to_owned(), astray)).into_iter().collect();
        assert_eq!(seen(&table(&routes), &pods()), expected, "{routes:?}");
    }
}

#[test]
fn the_longest_prefix_decides_for_each_address() {
    let half = ("172.20.1.128/25", "Instance", "i-two");
    let upper = "172.20.1.128-172.20.1.255".to_owned();
    let both = table(&[half, ("172.20.1.0/24", "Instance", "i-one")]);
    // The entry is for a half of the range, and was made for pods.
    assert_eq!(seen(&both, &pods()), [(upper.clone(), Astray::Elsewhere)]);
    let lower = ("172.20.1.0/25", "Instance", "i-one");
    assert_eq!(seen(&table(&[lower]), &pods()), [(upper, Astray::Missing)]);
}

#[test]
fn an_entry_counts_where_it_is_available_and_all_its_hops_are_right() {
    let mut routes = table(&[("172.20.1.0/24", "Instance", "i-one")]);
    routes.routes[0].hops.push(Hop { kind: "Instance".to_owned(), id: "i-two".to_owned() });
    assert_eq!(seen(&routes, &pods()), [(WHOLE.to_owned(), Astray::Elsewhere)]);
    routes.routes[0].hops.clear();
    assert_eq!(seen(&routes, &pods()), [(WHOLE.to_owned(), Astray::Missing)]);
    let mut routes = table(&[("172.20.1.0/24", "Instance", "i-one")]);
    routes.routes[0].unavailable = Some("Pending".to_owned());
    assert_eq!(seen(&routes, &pods()), [(WHOLE.to_owned(), Astray::Missing)]);
}

#[test]
fn addresses_of_the_vpc_are_delivered_by_it_and_those_of_another_leave_it() {
    let goal = |at| Goal { what: "node".to_owned(), range: "10.0.1.11/32".parse().unwrap(), at };
    let local = table(&[("10.0.1.0/24", "local", ""), ("0.0.0.0/0", "NatGateway", "ngw")]);
    let diverted = table(&[("10.0.1.0/24", "local", ""), ("10.0.1.11/32", "Instance", "i-firewall")]);
    let attached = table(&[("10.0.1.0/24", "Attachment", "tr-attach")]);
    let of = |table, at| seen(table, &goal(at)).first().map(|(_, astray)| *astray);
    assert_eq!(of(&local, At::Local), None);
    assert_eq!(of(&diverted, At::Local), Some(Astray::Unknown));
    assert_eq!(of(&attached, At::Away), None);
    assert_eq!(of(&local, At::Away), Some(Astray::Missing));
}
