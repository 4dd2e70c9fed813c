//! Clusters that are too old for DSS, or newer than anybody tried.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

const VERSION: &str = "/kubernetes/version";

pub(super) static TRIALS: &[Trial] = &[
    Trial { name: "Kubernetes 1.9", finding: &super::TOO_OLD, faults: &[Fault::Set(VERSION, r#""v1.9.11-aliyun.1""#)] },
    Trial {
        name: "Kubernetes 1.34 with DSS 14.2, which was tested up to 1.33",
        finding: &super::TOO_NEW_FOR_SPARK,
        faults: &[Fault::Set(VERSION, r#""v1.34.1-aliyun.1""#)],
    },
];
