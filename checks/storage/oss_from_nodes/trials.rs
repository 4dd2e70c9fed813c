//! Nodes that do not get to OSS, or are not let in.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "one node's pods do not resolve the bucket",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Add(
            "/network/cluster_dns",
            r#"{"node":"cn-hangzhou.10.0.1.11","name":"lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com","addresses":[]}"#,
        )],
    },
    Trial {
        name: "the bucket's policy admits the DSS host's address alone",
        finding: &super::DENIED,
        faults: &[Fault::Add("/storage/bucket/policy_denies_from", "\"*\"")],
    },
];
