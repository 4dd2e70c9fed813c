//! Links that lose packets of full size, and whose ICMP messages do not come back.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the way to OSS goes through a tunnel whose ICMP messages are dropped",
        finding: &super::STALLS_AT_SIZE,
        faults: &[Fault::Add("/network/narrow", r#"{"node": "*", "address": "100.118.28.10", "way": "there"}"#)],
    },
    Trial {
        name: "one node's way to the DSS host does",
        finding: &super::STALLS_AT_SIZE,
        faults: &[Fault::Add(
            "/network/narrow",
            r#"{"node": "cn-hangzhou.10.0.1.12", "address": "10.0.0.20", "way": "both"}"#,
        )],
    },
    Trial {
        name: "large answers of the DSS host are lost",
        finding: &super::ONE_WAY,
        faults: &[Fault::Add("/network/narrow", r#"{"node": "*", "address": "10.0.0.20", "way": "back"}"#)],
    },
    Trial {
        name: "large requests to the DSS host are lost",
        finding: &super::ONE_WAY,
        faults: &[Fault::Add("/network/narrow", r#"{"node": "*", "address": "10.0.0.20", "way": "there"}"#)],
    },
];
