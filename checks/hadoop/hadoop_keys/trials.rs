//! Keys that are missing, misspelt or wrong.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const SETTINGS: LabFile = LabFile::Data("config/general-settings.json");
const KEYS: &str = "/hadoopSettings/extraConf";
const IMPL_KEY: &str = "/hadoopSettings/extraConf/0/key";
const IMPL_VALUE: &str = "/hadoopSettings/extraConf/0/value";
const ABSTRACT_KEY: &str = "/hadoopSettings/extraConf/1/key";
const ABSTRACT_VALUE: &str = "/hadoopSettings/extraConf/1/value";

pub(super) static TRIALS: &[Trial] = &[
    Trial { name: "no key was added", finding: &super::MISSING, faults: &[Fault::SetIn(SETTINGS, KEYS, "[]")] },
    Trial {
        name: "only the key of the abstract file system is missing",
        finding: &super::MISSING,
        faults: &[Fault::RemoveIn(SETTINGS, "/hadoopSettings/extraConf/1")],
    },
    Trial {
        name: "a key lacks a letter",
        finding: &super::MISSPELT,
        faults: &[Fault::SetIn(SETTINGS, IMPL_KEY, "\"fs.oss.imp\"")],
    },
    Trial {
        name: "a key is written in another case",
        finding: &super::MISSPELT,
        faults: &[Fault::SetIn(SETTINGS, ABSTRACT_KEY, "\"fs.AbstractFilesystem.oss.impl\"")],
    },
    Trial {
        name: "a non-breaking space follows the class",
        finding: &super::WHITESPACE,
        faults: &[Fault::SetIn(SETTINGS, IMPL_VALUE, "\"org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem\\u00a0\"")],
    },
    Trial {
        name: "a byte order mark precedes the key",
        finding: &super::WHITESPACE,
        faults: &[Fault::SetIn(SETTINGS, IMPL_KEY, "\"\\ufefffs.oss.impl\"")],
    },
    Trial {
        name: "the classes are swapped",
        finding: &super::WRONG_CLASS,
        faults: &[
            Fault::SetIn(SETTINGS, IMPL_VALUE, "\"org.apache.hadoop.fs.aliyun.oss.OSS\""),
            Fault::SetIn(SETTINGS, ABSTRACT_VALUE, "\"org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem\""),
        ],
    },
    Trial {
        name: "the class is nobody's",
        finding: &super::WRONG_CLASS,
        faults: &[Fault::SetIn(SETTINGS, IMPL_VALUE, "\"org.apache.hadoop.fs.oss.AliyunOSSFileSystem\"")],
    },
    Trial {
        name: "an older entry follows",
        finding: &super::SHADOWED,
        faults: &[Fault::AddIn(
            SETTINGS,
            KEYS,
            "{\"key\": \"fs.oss.impl\", \"value\": \"org.apache.hadoop.fs.LocalFileSystem\"}",
        )],
    },
    Trial {
        name: "the secret stands in clear among the keys of all connections",
        finding: &super::PLAIN_TEXT,
        faults: &[Fault::AddIn(
            SETTINGS,
            KEYS,
            "{\"key\": \"fs.oss.accessKeySecret\", \"value\": \"CANARYglobalSecretA1b2C3d4E5\"}",
        )],
    },
];
