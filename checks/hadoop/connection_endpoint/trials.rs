//! Endpoints that are missing or malformed.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const CONNECTIONS: LabFile = LabFile::Data("config/connections.json");
const ENDPOINT: &str = "/connections/oss_managed/params/extraConf/0";
const VALUE: &str = "/connections/oss_managed/params/extraConf/0/value";

pub(super) static TRIALS: &[Trial] = &[
    Trial { name: "there is no endpoint", finding: &super::MISSING, faults: &[Fault::RemoveIn(CONNECTIONS, ENDPOINT)] },
    Trial { name: "its value is empty", finding: &super::MISSING, faults: &[Fault::SetIn(CONNECTIONS, VALUE, "\"\"")] },
    Trial {
        name: "it is the region's name",
        finding: &super::MALFORMED,
        faults: &[Fault::SetIn(CONNECTIONS, VALUE, "\"cn-hangzhou\"")],
    },
    Trial {
        name: "credentials precede it",
        finding: &super::MALFORMED,
        faults: &[Fault::SetIn(
            CONNECTIONS,
            VALUE,
            "\"LTAI5tLab:CANARYendpointSecretA1@oss-cn-hangzhou-internal.aliyuncs.com\"",
        )],
    },
    Trial {
        name: "it is the bucket's URI",
        finding: &super::MALFORMED,
        faults: &[Fault::SetIn(CONNECTIONS, VALUE, "\"oss://lab-dss-data\"")],
    },
    Trial {
        name: "a non-breaking space follows it",
        finding: &super::MALFORMED,
        faults: &[Fault::SetIn(CONNECTIONS, VALUE, "\"oss-cn-hangzhou-internal.aliyuncs.com\\u00a0\"")],
    },
    Trial {
        name: "it is the address of the console",
        finding: &super::MALFORMED,
        faults: &[Fault::SetIn(
            CONNECTIONS,
            VALUE,
            "\"https://oss.console.aliyun.com/bucket/oss-cn-hangzhou/lab-dss-data\"",
        )],
    },
    Trial {
        name: "it is the placeholder of the documentation",
        finding: &super::MALFORMED,
        faults: &[Fault::SetIn(CONNECTIONS, VALUE, "\"OSS_ENDPOINT_DOMAIN_NAME\"")],
    },
    Trial {
        name: "it is one of OSS-HDFS",
        finding: &super::MALFORMED,
        faults: &[Fault::SetIn(CONNECTIONS, VALUE, "\"cn-hangzhou.oss-dls.aliyuncs.com\"")],
    },
    Trial {
        name: "it starts with the bucket",
        finding: &super::MALFORMED,
        faults: &[Fault::SetIn(CONNECTIONS, VALUE, "\"lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com\"")],
    },
];
