//! Sparks of an earlier install, and Sparks without OSS.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const SCRIPT: LabFile = LabFile::Data("bin/env-spark.sh");
const ALIYUN: LabFile = LabFile::Install("spark-standalone-home/jars/hadoop-aliyun-3.2.1.jar");
const SDK: LabFile = LabFile::Install("spark-standalone-home/jars/aliyun-sdk-oss-3.11.2.jar");

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "DKU_SPARK_HOME is of the install directory from before an upgrade",
        finding: &super::STALE_HOME,
        faults: &[Fault::Replace(
            SCRIPT,
            "DKU_SPARK_HOME='{{install}}/spark-standalone-home'",
            "DKU_SPARK_HOME='/opt/dataiku-dss-8.0.2/spark-standalone-home'",
        )],
    },
    Trial {
        name: "an upgrade left Spark behind",
        finding: &super::STALE_HOME,
        faults: &[Fault::Delete(LabFile::Install("spark-standalone-home"))],
    },
    Trial {
        name: "the jars were only copied to Hadoop's folder",
        finding: &super::MISSING,
        faults: &[Fault::Delete(ALIYUN), Fault::Delete(SDK)],
    },
    Trial { name: "Spark does not have the SDK", finding: &super::MISSING, faults: &[Fault::Delete(SDK)] },
    Trial { name: "Spark's copy is cut off", finding: &super::MISSING, faults: &[Fault::Truncate(ALIYUN, 200)] },
];
