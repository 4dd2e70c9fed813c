//! Names that do not resolve in pods, or resolve to the wrong address.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "cluster DNS does not know the DSS host",
        finding: &super::UNRESOLVABLE,
        faults: &[Fault::Add("/network/cluster_dns", r#"{"node":"*","name":"dss.lab.internal","addresses":[]}"#)],
    },
    Trial {
        name: "one node's pods do not know the DSS host",
        finding: &super::UNRESOLVABLE,
        faults: &[Fault::Add(
            "/network/cluster_dns",
            r#"{"node":"cn-hangzhou.10.0.1.12","name":"dss.lab.internal","addresses":[]}"#,
        )],
    },
    Trial {
        name: "an old record points to another machine",
        finding: &super::WRONG_ADDRESS,
        faults: &[Fault::Add(
            "/network/cluster_dns",
            r#"{"node":"*","name":"dss.lab.internal","addresses":["10.0.0.99"]}"#,
        )],
    },
    Trial {
        name: "one of two records is out of date",
        finding: &super::WRONG_ADDRESS,
        faults: &[Fault::Add(
            "/network/cluster_dns",
            r#"{"node":"*","name":"dss.lab.internal","addresses":["10.0.0.20","10.0.0.99"]}"#,
        )],
    },
    Trial {
        name: "the name resolves to the host's elastic IP address",
        finding: &super::PUBLIC_ADDRESS,
        faults: &[Fault::Add(
            "/network/cluster_dns",
            r#"{"node":"*","name":"dss.lab.internal","addresses":["47.96.10.20"]}"#,
        )],
    },
];
