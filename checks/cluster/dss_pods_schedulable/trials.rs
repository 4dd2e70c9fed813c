//! Clusters in which pods of DSS stay `Pending`.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const GENERAL: LabFile = LabFile::Data("config/general-settings.json");
const SPARK_CONF: &str = "/sparkSettings/executionConfigs/0/conf";

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "every node has a taint",
        finding: &super::ALL_TAINTED,
        faults: &[Fault::Add(
            "/kubernetes/taints",
            r#"{"node":"*","key":"dedicated","value":"gpu","effect":"NoSchedule"}"#,
        )],
    },
    Trial {
        name: "an executor selects a label that no node has",
        finding: &super::SELECTOR_MATCHES_NONE,
        faults: &[Fault::AddIn(
            GENERAL,
            SPARK_CONF,
            r#"{"key": "spark.kubernetes.node.selector.pool", "value": "spark"}"#,
        )],
    },
    Trial {
        name: "every node is short of memory",
        finding: &super::PRESSURE,
        faults: &[Fault::Add(
            "/kubernetes/taints",
            r#"{"node":"*","key":"node.kubernetes.io/memory-pressure","value":"","effect":"NoSchedule"}"#,
        )],
    },
    Trial {
        name: "an executor's memory fits a node without its overhead alone",
        finding: &super::TOO_BIG,
        faults: &[Fault::AddIn(GENERAL, SPARK_CONF, r#"{"key": "spark.executor.memory", "value": "31g"}"#)],
    },
    Trial {
        name: "an executor requests a GPU that no node has",
        finding: &super::TOO_BIG,
        faults: &[Fault::AddIn(GENERAL, SPARK_CONF, r#"{"key": "spark.executor.resource.gpu.amount", "value": "1"}"#)],
    },
    Trial {
        name: "one node is in another team's pool",
        finding: &super::TAINTED,
        faults: &[Fault::Add(
            "/kubernetes/taints",
            r#"{"node":"cn-hangzhou.10.0.2.13","key":"dedicated","value":"gpu","effect":"NoSchedule"}"#,
        )],
    },
];
