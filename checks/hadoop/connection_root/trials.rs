//! Roots that lead nowhere, or to the wrong place.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const CONNECTIONS: LabFile = LabFile::Data("config/connections.json");
const ROOT: &str = "/connections/oss_managed/params/root";

pub(super) static TRIALS: &[Trial] = &[
    Trial { name: "the root is missing", finding: &super::MISSING, faults: &[Fault::RemoveIn(CONNECTIONS, ROOT)] },
    Trial {
        name: "the root is on S3",
        finding: &super::SCHEME,
        faults: &[Fault::SetIn(CONNECTIONS, ROOT, "\"s3a://lab-dss-data/dss/managed\"")],
    },
    Trial {
        name: "a slash is missing",
        finding: &super::SCHEME,
        faults: &[Fault::SetIn(CONNECTIONS, ROOT, "\"oss:/lab-dss-data/dss/managed\"")],
    },
    Trial {
        name: "the bucket has an underscore",
        finding: &super::BUCKET_NAME,
        faults: &[Fault::SetIn(CONNECTIONS, ROOT, "\"oss://lab_dss_data/dss/managed\"")],
    },
    Trial {
        name: "credentials precede the bucket",
        finding: &super::KEY_INSIDE,
        faults: &[Fault::SetIn(CONNECTIONS, ROOT, "\"oss://LTAI5tLab:CANARYrootSecretA1b2@lab-dss-data/dss/managed\"")],
    },
    Trial {
        name: "the endpoint follows the bucket",
        finding: &super::BUCKET_NAME,
        faults: &[Fault::SetIn(CONNECTIONS, ROOT, "\"oss://lab-dss-data.oss-cn-hangzhou.aliyuncs.com/dss/managed\"")],
    },
    Trial {
        name: "the root ends in a slash",
        finding: &super::TRAILING,
        faults: &[Fault::SetIn(CONNECTIONS, ROOT, "\"oss://lab-dss-data/dss/managed/\"")],
    },
    Trial {
        name: "the root has E-MapReduce's form",
        finding: &super::KEY_INSIDE,
        faults: &[Fault::SetIn(
            CONNECTIONS,
            ROOT,
            "\"oss://LTAI5tLabKey00000001:CANARYemrSecretA1b2C3d4E5f6G7@lab-dss-data.oss-cn-hangzhou.aliyuncs.com/x\"",
        )],
    },
    Trial {
        name: "the root is on OSS-HDFS",
        finding: &super::OSS_HDFS,
        faults: &[Fault::SetIn(CONNECTIONS, ROOT, "\"oss://lab-dss-data.cn-hangzhou.oss-dls.aliyuncs.com/dss\"")],
    },
];
