//! The pace of sweeps, by what the DSS host shows of its table of connections.

use std::net::IpAddr;

use ackcheck_core::config::Config;
use ackcheck_core::evidence::Journal;
use ackcheck_core::fault::Fault;
use ackcheck_core::seat::{NodeSweep, PortState, Ports, Seats as _, Seen};

use crate::support::seats::{self, as_it_is, unreadable, written};

const NODE: &str = "cn-hangzhou.10.0.1.11";
const SIZE: Fault = Fault::Set("/host/files/~1proc~1sys~1net~1netfilter~1nf_conntrack_max", r#""65536\n""#);
const FILTERED: Fault =
    Fault::Add("/network/filtered", r#"{"node": "*", "address": "10.0.0.20", "ports": "20000-59999", "how": "drop"}"#);
const NO_EXEC: Fault = Fault::Add("/kubernetes/denied", r#"{"verb":"*","group":"","resource":"pods/exec"}"#);

const fn count(entries: &'static str) -> Fault {
    Fault::Set("/host/files/~1proc~1sys~1net~1netfilter~1nf_conntrack_count", entries)
}

/// Sweeps the DSS host from a node, and gives what was written down of it.
async fn swept(faults: &[Fault], edit: impl FnOnce(&mut Config)) -> (Seen<NodeSweep>, String) {
    let site = seats::site(faults).await;
    let seats = seats::open(&site, "testtest", edit);
    let journal = Journal::new(site.scrubber.clone());
    seats.registry(journal.clone()).unwrap().push().await.unwrap();
    let pod = seats.pod(NODE, journal.clone()).unwrap();
    let swept = pod.sweep(IpAddr::from([10, 0, 0, 20]), Ports::ALL).await;
    assert_eq!(seats.clean_up().await, Vec::<String>::new());
    (swept, written(&journal.take()))
}

fn filters(swept: Seen<NodeSweep>) -> bool {
    swept.unwrap().ranges.iter().any(|range| range.state == PortState::Filtered)
}

#[tokio::test]
async fn the_table_of_the_host_decides() {
    let (answer, written) = swept(&[SIZE, count(r#""5536\n""#), FILTERED], as_it_is).await;
    assert!(filters(answer));
    let told =
        "at most 5000 dials a second from this node: the DSS host's table of connections has 5536 of 65536 entries";
    assert!(written.contains(told), "{written}");
}

#[tokio::test]
async fn without_a_table_there_is_no_limit_and_elsewhere_there_is_a_ceiling() {
    let (_, written) = swept(&[], as_it_is).await;
    assert!(written.contains("as fast as can be: the DSS host tracks no connections"), "{written}");
    let (_, written) = swept(&[], |config| config.limits.sweep_rate = Some(300)).await;
    assert!(written.contains("at most 300 dials a second from this node: the DSS host tracks"), "{written}");
    let (_, written) = swept(&[], |config| config.host.local = false).await;
    assert!(written.contains("at most 4000 dials a second from this node: the DSS host's table"), "{written}");
    // One file alone is no table that can be trusted.
    let (_, written) = swept(&[SIZE], as_it_is).await;
    assert!(written.contains("at most 4000 dials a second"), "{written}");
}

#[tokio::test]
async fn what_a_full_table_may_have_dropped_is_not_the_networks_doing() {
    let full = [SIZE, count(r#""65536\n""#)];
    let (answer, written) = swept(&[&full[..], &[FILTERED]].concat(), as_it_is).await;
    unreadable(answer, "table of connections", "it was full while ports were dialled: 65536 of 65536 entries");
    assert!(written.contains("at most 0 dials a second"), "{written}");
    let (answer, _) = swept(&full, as_it_is).await;
    assert!(!filters(answer), "what was answered has arrived");
}

#[tokio::test]
async fn a_pod_of_its_own_is_given_a_pace_that_needs_no_steering() {
    let (answer, written) = swept(&[SIZE, count(r#""5536\n""#), FILTERED, NO_EXEC], as_it_is).await;
    assert!(filters(answer));
    assert!(written.contains("asked by pods of their own"), "{written}");
}
