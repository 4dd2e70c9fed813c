//! Classes of one connector beside the jars of another.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const SETTINGS: LabFile = LabFile::Data("config/general-settings.json");
const CONNECTIONS: LabFile = LabFile::Data("config/connections.json");
const IMPL_VALUE: &str = "/hadoopSettings/extraConf/0/value";
const ABSTRACT_VALUE: &str = "/hadoopSettings/extraConf/1/value";

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the class is JindoSDK's and its jars are not there",
        finding: &super::MIXED,
        faults: &[Fault::SetIn(SETTINGS, IMPL_VALUE, "\"com.aliyun.jindodata.oss.JindoOssFileSystem\"")],
    },
    Trial {
        name: "the class is that of EMR's JindoFS",
        finding: &super::MIXED,
        faults: &[
            Fault::SetIn(SETTINGS, IMPL_VALUE, "\"com.aliyun.emr.fs.oss.JindoOssFileSystem\""),
            Fault::SetIn(SETTINGS, ABSTRACT_VALUE, "\"com.aliyun.emr.fs.oss.OSS\""),
        ],
    },
    Trial {
        name: "the class of the abstract file system is Hadoop's for S3",
        finding: &super::MIXED,
        faults: &[Fault::SetIn(SETTINGS, ABSTRACT_VALUE, "\"org.apache.hadoop.fs.s3a.S3A\"")],
    },
    Trial {
        name: "one connection has the class of another connector",
        finding: &super::MIXED,
        faults: &[Fault::AddIn(
            CONNECTIONS,
            "/connections/oss_managed/params/extraConf",
            "{\"name\": \"fs.oss.impl\", \"value\": \"com.aliyun.fs.oss.nat.NativeOssFileSystem\"}",
        )],
    },
];
