//! Buckets and jars of different ages.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const SETTINGS: LabFile = LabFile::Data("config/general-settings.json");
const KEYS: &str = "/hadoopSettings/extraConf";
const V1_REFUSED: Fault = Fault::Set("/storage/bucket/v1_refused", "true");
const V4: Fault = Fault::AddIn(SETTINGS, KEYS, r#"{"key": "fs.oss.signatureversion", "value": "V4"}"#);

pub(super) static TRIALS: &[Trial] = &[
    Trial { name: "the bucket refuses signatures of version 1", finding: &super::V1_REFUSED, faults: &[V1_REFUSED] },
    Trial {
        name: "the settings ask for version 4, and hadoop-aliyun is of before it",
        finding: &super::V4_NOT_IN_THESE_JARS,
        faults: &[V1_REFUSED, V4, Fault::AddIn(SETTINGS, KEYS, r#"{"key": "fs.oss.region", "value": "cn-hangzhou"}"#)],
    },
    Trial {
        name: "the settings ask for version 4, and the SDK is of before it",
        finding: &super::V4_NOT_IN_THESE_JARS,
        faults: &[
            Fault::Add("/dss/libraries", "\"org.apache.hadoop:hadoop-aliyun:3.5.0\""),
            V4,
            Fault::AddIn(SETTINGS, KEYS, r#"{"key": "fs.oss.region", "value": "cn-hangzhou"}"#),
        ],
    },
    Trial {
        name: "version 4 is signed for another region than the bucket's",
        finding: &super::V4_NEEDS_REGION,
        faults: &[
            Fault::Add("/dss/libraries", "\"org.apache.hadoop:hadoop-aliyun:3.5.0\""),
            Fault::Add("/dss/libraries", "\"com.aliyun.oss:aliyun-sdk-oss:3.18.1\""),
            V4,
            Fault::AddIn(SETTINGS, KEYS, r#"{"key": "fs.oss.region", "value": "cn-shanghai"}"#),
        ],
    },
];
