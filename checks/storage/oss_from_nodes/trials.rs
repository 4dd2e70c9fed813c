//! Nodes that cannot reach OSS, or are refused.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "one node's pods cannot resolve the bucket",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Add(
            "/network/cluster_dns",
            r#"{"node":"cn-hangzhou.10.0.1.11","name":"lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com","addresses":[]}"#,
        )],
    },
    Trial {
        name: "the bucket policy only admits the DSS host's address",
        finding: &super::DENIED,
        faults: &[Fault::Add("/storage/bucket/policy_denies_from", "\"*\"")],
    },
];
