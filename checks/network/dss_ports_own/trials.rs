//! What answers in the place of the DSS host.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "a host firewall rejects ports 20000 to 59999 with resets",
        finding: &super::REJECTED_BY_MIDDLEBOX,
        faults: &[Fault::Add(
            "/network/filtered",
            r#"{"node":"*","address":"10.0.0.20","ports":"20000-59999","how":"reset"}"#,
        )],
    },
    Trial {
        name: "one port is reset for one node",
        finding: &super::REJECTED_BY_MIDDLEBOX,
        faults: &[Fault::Add(
            "/network/filtered",
            r#"{"node":"cn-hangzhou.10.0.1.12","address":"10.0.0.20","ports":"30030","how":"reset"}"#,
        )],
    },
    Trial {
        name: "a transparent proxy accepts every dynamic port",
        finding: &super::ACCEPTED_BY_PROXY,
        faults: &[Fault::Add(
            "/network/filtered",
            r#"{"node":"*","address":"10.0.0.20","ports":"12000-65535","how":"accept"}"#,
        )],
    },
];
