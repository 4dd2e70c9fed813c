//! S3 connections that OSS does not answer.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const CONNECTIONS: LabFile = LabFile::Data("config/connections.json");

pub(super) static TRIALS: &[Trial] = &[Trial {
    name: "an S3 connection asks OSS in path style",
    finding: &super::PATH_STYLE,
    faults: &[
        Fault::SetIn(
            CONNECTIONS,
            "/connections/s3_raw/params/regionOrEndpoint",
            "\"oss-cn-hangzhou-internal.aliyuncs.com\"",
        ),
        Fault::SetIn(CONNECTIONS, "/connections/s3_raw/params/usePathMode", "true"),
    ],
}];
