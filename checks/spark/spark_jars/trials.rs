//! Sparks without OSS.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const ALIYUN: LabFile = LabFile::Install("spark-standalone-home/jars/hadoop-aliyun-3.2.1.jar");
const SDK: LabFile = LabFile::Install("spark-standalone-home/jars/aliyun-sdk-oss-3.11.2.jar");

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the jars were only copied to Hadoop's folder",
        finding: &super::MISSING,
        faults: &[Fault::Delete(ALIYUN), Fault::Delete(SDK)],
    },
    Trial { name: "Spark does not have the SDK", finding: &super::MISSING, faults: &[Fault::Delete(SDK)] },
    Trial { name: "Spark's copy is cut off", finding: &super::MISSING, faults: &[Fault::Truncate(ALIYUN, 200)] },
];
