//! Pods that the DSS host cannot reach.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the security group of the nodes drops what the DSS host sends",
        finding: &super::FILTERED,
        faults: &[Fault::Add("/network/pod_ways", r#"{"node":"*","how":"drop"}"#)],
    },
    Trial {
        name: "the DSS host has no route to the pods of one node",
        finding: &super::NO_ROUTE,
        faults: &[Fault::Add("/network/pod_ways", r#"{"node":"cn-hangzhou.10.0.1.12","how":"no-route"}"#)],
    },
    Trial {
        name: "a network of the DSS host has the addresses of pods",
        finding: &super::ANSWERED_BY_OTHER,
        faults: &[Fault::Add("/network/pod_ways", r#"{"node":"*","how":"other"}"#)],
    },
];
