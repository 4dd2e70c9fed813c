//! Configurations that Spark does not start with, or not as meant.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const GENERAL: LabFile = LabFile::Data("config/general-settings.json");
const CONF: &str = "/sparkSettings/executionConfigs/0/conf";
const MASTER: &str = "/sparkSettings/executionConfigs/0/conf/0/value";
const MANAGED: &str = "/sparkSettings/executionConfigs/0/kubernetesSettings/managedKubernetes";

const fn master(json: &'static str) -> Fault {
    Fault::SetIn(GENERAL, MASTER, json)
}
const fn property(json: &'static str) -> Fault {
    Fault::AddIn(GENERAL, CONF, json)
}

const RECIPE: LabFile = LabFile::Data("config/projects/LAB/recipes/compute_lab.json");

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the driver is to run in a pod",
        finding: &super::CLUSTER_MODE,
        faults: &[property(r#"{"key": "spark.submit.deployMode", "value": "cluster"}"#)],
    },
    Trial {
        name: "the memory of executors is meant in MiB and written without a unit",
        finding: &super::VALUE_REFUSED,
        faults: &[property(r#"{"key": "spark.executor.memory", "value": "4096"}"#)],
    },
    Trial {
        name: "Hadoop's lists in Spark are to have more objects than OSS gives at once",
        finding: &super::VALUE_REFUSED,
        faults: &[property(r#"{"key": "spark.hadoop.fs.oss.paging.maximum", "value": "5000"}"#)],
    },
    Trial {
        name: "executors are to use an external shuffle service",
        finding: &super::NO_SHUFFLE_SERVICE,
        faults: &[property(r#"{"key": "spark.shuffle.service.enabled", "value": "true"}"#)],
    },
    Trial {
        name: "the master is still the HOWTO's placeholder",
        finding: &super::MASTER_MALFORMED,
        faults: &[master("\"k8s://https://IP_OF_YOUR_K8S_CLUSTER\"")],
    },
    Trial {
        name: "the master does not start with k8s://",
        finding: &super::MASTER_MALFORMED,
        faults: &[master("\"https://10.0.0.251:6443\"")],
    },
    Trial {
        name: "the master does not have a port",
        finding: &super::MASTER_MALFORMED,
        faults: &[master("\"k8s://https://10.0.0.251\"")],
    },
    Trial {
        name: "the master has a password",
        finding: &super::MASTER_MALFORMED,
        faults: &[master("\"k8s://htps://me:CANARYmasterPassword@10.0.0.251:6443\"")],
    },
    Trial {
        name: "Spark is not managed by DSS and has no image",
        finding: &super::NO_IMAGE,
        faults: &[Fault::SetIn(GENERAL, MANAGED, "false")],
    },
    Trial {
        name: "Spark has the endpoint of another region",
        finding: &super::OVERRIDES_CONNECTION,
        faults: &[property(
            r#"{"key": "spark.hadoop.fs.oss.endpoint", "value": "oss-cn-shanghai-internal.aliyuncs.com"}"#,
        )],
    },
    Trial {
        name: "Spark has another access key",
        finding: &super::OVERRIDES_CONNECTION,
        faults: &[property(r#"{"key": "spark.hadoop.fs.oss.accessKeyId", "value": "LTAI5tLabSparkKey000001"}"#)],
    },
    Trial { name: "Spark is local", finding: &super::LOCAL_MASTER, faults: &[master("\"local[*]\"")] },
    Trial { name: "Spark runs on YARN", finding: &super::OTHER_MASTER, faults: &[master("\"yarn\"")] },
    Trial {
        name: "Spark does not have a master",
        finding: &super::LOCAL_MASTER,
        faults: &[Fault::RemoveIn(GENERAL, "/sparkSettings/executionConfigs/0/conf/0")],
    },
    Trial {
        name: "the secret of the access key is among Spark's keys",
        finding: &super::SECRET_IN_CLEAR,
        faults: &[property(
            r#"{"key": "spark.hadoop.fs.oss.accessKeySecret", "value": "CANARYsparkClearSecretA1b2C3d4"}"#,
        )],
    },
    Trial {
        name: "the driver's port is fixed and no other is tried",
        finding: &super::ONE_JOB,
        faults: &[
            property(r#"{"key": "spark.driver.port", "value": "40000"}"#),
            property(r#"{"key": "spark.port.maxRetries", "value": "0"}"#),
        ],
    },
    Trial {
        name: "one recipe has its driver run in a pod",
        finding: &super::CLUSTER_MODE,
        faults: &[Fault::AddIn(
            RECIPE,
            "/params/sparkConfig/conf",
            r#"{"key": "spark.submit.deployMode", "value": "cluster"}"#,
        )],
    },
    Trial {
        name: "one recipe asks another endpoint",
        finding: &super::OVERRIDES_CONNECTION,
        faults: &[Fault::AddIn(
            RECIPE,
            "/params/sparkConfig/conf",
            r#"{"key": "spark.hadoop.fs.oss.endpoint", "value": "oss-cn-shanghai-internal.aliyuncs.com"}"#,
        )],
    },
];
