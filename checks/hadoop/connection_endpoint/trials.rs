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
];
