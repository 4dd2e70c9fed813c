//! Sparks of an earlier install, without Kubernetes, and on another Java; and none.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const SCRIPT: LabFile = LabFile::Data("bin/env-spark.sh");
const KUBERNETES: LabFile = LabFile::Install("spark-standalone-home/jars/spark-kubernetes_2.12-3.5.3.jar");

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "DKU_SPARK_HOME is of the install directory from before an upgrade",
        finding: &super::STALE_PATH,
        faults: &[Fault::Replace(
            SCRIPT,
            "DKU_SPARK_HOME='{{install}}/spark-standalone-home'",
            "DKU_SPARK_HOME='/opt/dataiku-dss-8.0.2/spark-standalone-home'",
        )],
    },
    Trial {
        name: "an upgrade left Spark behind",
        finding: &super::STALE_PATH,
        faults: &[Fault::Delete(LabFile::Install("spark-standalone-home"))],
    },
    Trial {
        name: "the Spark integration was never installed",
        finding: &super::MISSING,
        faults: &[Fault::Delete(SCRIPT)],
    },
    Trial {
        name: "Spark was built without Kubernetes",
        finding: &super::NOT_FOR_KUBERNETES,
        faults: &[Fault::Delete(KUBERNETES)],
    },
    Trial {
        name: "Spark is one of the time before Java 17",
        finding: &super::JAVA_MISMATCH,
        faults: &[
            Fault::Copy(KUBERNETES, "spark-standalone-home/jars/spark-kubernetes_2.12-3.1.2.jar"),
            Fault::Delete(KUBERNETES),
        ],
    },
];
