use ackcheck_core::seat::{Swept, SweptPorts};

use super::*;

fn swept(states: &[(u16, u16, PortState)]) -> Option<&'static str> {
    let range = |&(first, last, state)| SweptPorts { ports: Ports::new(first, last).unwrap(), state };
    let swept = Swept { ranges: states.iter().map(range).collect() };
    blame("n", [10, 0, 0, 20].into(), &NodeSweep::dialled(swept), &all()).map(|finding| finding.code.name)
}

#[test]
fn a_finding_tells_which_node_dialled_the_ports() {
    let of = |first, last, state| SweptPorts { ports: Ports::new(first, last).unwrap(), state };
    let swept = Swept { ranges: vec![of(1, 99, PortState::Closed), of(100, 65535, PortState::Filtered)] };
    let seen = |sweep: NodeSweep| blame("n", [10, 0, 0, 20].into(), &sweep, &all()).unwrap().seen;
    assert_eq!(seen(NodeSweep::dialled(swept.clone())), "10.0.0.20 from n: silent: 100-65535");
    let of_class = seen(NodeSweep::of_class(swept.into(), 515, "m".into()));
    assert!(of_class.contains("n (515 ports dialled from this node, each as from m, of its class"), "{of_class}");
}

#[test]
fn a_reset_is_an_answer_and_silence_is_not() {
    use PortState::{Closed, Filtered, Open, Unreachable};
    assert_eq!(swept(&[(1, 21, Closed), (22, 22, Open), (23, 65535, Closed)]), None);
    assert_eq!(swept(&[(1, 65535, Filtered)]), Some("host-unreachable"));
    assert_eq!(swept(&[(1, 65535, Unreachable)]), Some("host-unreachable"));
    assert_eq!(swept(&[(1, 19999, Closed), (20000, 65535, Filtered)]), Some("ports-filtered"));
    assert_eq!(swept(&[(1, 22, Open), (23, 65535, Unreachable)]), Some("rejected-by-host"));
    let apart = [(1, 22, Open), (23, 99, Unreachable), (100, 100, Closed), (101, 65535, Filtered)];
    assert_eq!(swept(&apart), Some("ports-filtered"));
    // One ICMP answer a second, and silence between them.
    let rationed = [(1, 22, Open), (23, 99, Filtered), (100, 100, Unreachable), (101, 65535, Filtered)];
    assert_eq!(swept(&rationed), Some("rejected-by-host"));
}
fn all() -> RequiredPorts {
    RequiredPorts::of(&[], None, None)
}

#[test]
fn what_is_lost_beyond_the_range_that_dss_is_kept_to_is_a_warning() {
    use PortState::{Closed, Filtered, Unreachable};
    let of = |ranges: &[(u16, u16, PortState)]| {
        let range = |&(first, last, state)| SweptPorts { ports: Ports::new(first, last).unwrap(), state };
        NodeSweep::dialled(Swept { ranges: ranges.iter().map(range).collect() })
    };
    let required = RequiredPorts::of(&["30000-30999".parse().unwrap()], None, Some(11201));
    let seen = |sweep: &NodeSweep| blame("n", [10, 0, 0, 20].into(), sweep, &required).map(|f| (f.code.name, f.seen));
    let beyond = of(&[(1, 29999, Filtered), (30000, 30999, Closed), (31000, 65535, Unreachable)]);
    // The backend's own ports are among those that are silent.
    let expected = "10.0.0.20 from n: silent: 11200-11204; not needed: 1-11199, 11205-29999, 31000-65535";
    assert_eq!(seen(&beyond), Some(("ports-filtered", expected.to_owned())));
    let beyond = of(&[(1, 30999, Closed), (31000, 65535, Filtered)]);
    let expected = "10.0.0.20 from n: not needed: 31000-65535";
    assert_eq!(seen(&beyond), Some(("unrequired-filtered", expected.to_owned())));
    let within = of(&[(1, 30499, Closed), (30500, 65535, Unreachable)]);
    let expected = "10.0.0.20 from n: rejected by ICMP: 30500-30999; not needed: 31000-65535";
    assert_eq!(seen(&within), Some(("rejected-by-host", expected.to_owned())));
    assert_eq!(seen(&of(&[(1, 65535, Closed)])), None);
}
