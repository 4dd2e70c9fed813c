//! Nodes whose pods get no answer from cluster DNS.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "one node's pods get no answer",
        finding: &super::NO_ANSWER,
        faults: &[Fault::Add("/network/dns_silent", r#""cn-hangzhou.10.0.1.12""#)],
    },
    Trial {
        name: "CoreDNS is down",
        finding: &super::NO_ANSWER,
        faults: &[Fault::Add("/network/dns_silent", r#""*""#)],
    },
];
