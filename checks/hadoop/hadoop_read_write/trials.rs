//! What Hadoop meets although everything that is looked at one by one is right.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const CONNECTIONS: LabFile = LabFile::Data("config/connections.json");
const OWN: &str = "/connections/oss_managed/params/extraConf";
const COMMON: LabFile = LabFile::Install("hadoop-standalone-libs/hadoop-common-3.2.1.jar");

/// A setting more of the connection.
const fn added(json: &'static str) -> Fault {
    Fault::AddIn(CONNECTIONS, OWN, json)
}

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "jdom2, which the SDK of OSS needs, was not copied",
        finding: &super::CLASS_MISSING,
        faults: &[Fault::Delete(LabFile::Install("hadoop-standalone-libs/jdom2-2.0.6.jar"))],
    },
    Trial {
        name: "hadoop-aliyun 3.2.1 stands beside Hadoop 3.3.6",
        finding: &super::METHOD_MISSING,
        faults: &[Fault::Copy(COMMON, "hadoop-standalone-libs/hadoop-common-3.3.6.jar"), Fault::Delete(COMMON)],
    },
    Trial {
        name: "the size of buffers has a unit, in a setting that is read with the first file",
        finding: &super::SETTING_REFUSED,
        faults: &[added("{\"name\": \"io.file.buffer.size\", \"value\": \"64K\"}")],
    },
    Trial {
        name: "what answers as the proxy does not work as one",
        finding: &super::PROXY_DEAD,
        faults: &[
            // In the place of a password without a user.
            Fault::SetIn(
                CONNECTIONS,
                "/connections/oss_managed/params/extraConf/4",
                "{\"name\": \"fs.oss.proxy.host\", \"value\": \"oss-cn-hangzhou-internal.aliyuncs.com\"}",
            ),
            added("{\"name\": \"fs.oss.proxy.port\", \"value\": \"80\"}"),
        ],
    },
    Trial {
        name: "the key lists below an empty root alone",
        finding: &super::PARENT_NOT_LISTABLE,
        faults: &[Fault::Set(
            "/storage/key/policies",
            r#"[{"Version": "1", "Statement": [{"Effect": "Allow", "Action": ["oss:PutObject", "oss:GetObject", "oss:DeleteObject", "oss:AbortMultipartUpload"], "Resource": ["*"]},
                {"Effect": "Allow", "Action": ["oss:ListObjects"], "Resource": ["*"],
                 "Condition": {"StringLike": {"oss:Prefix": ["dss/managed/*"]}}}]}]"#,
        )],
    },
    Trial {
        name: "the connection sets the bucket's ACL, and its key is not allowed to",
        finding: &super::DENIED,
        faults: &[
            added("{\"name\": \"fs.oss.acl.default\", \"value\": \"Private\"}"),
            Fault::Add("/storage/key/denied", "\"oss:PutBucketAcl\""),
        ],
    },
    Trial {
        name: "the secret in DSS is an old one, and that of the site file the new one",
        finding: &super::SIGNATURE_REFUSED,
        faults: &[Fault::SetIn(
            CONNECTIONS,
            "/connections/oss_managed/params/extraConf/2",
            "{\"name\": \"fs.oss.accessKeySecret\", \"value\": \"CANARYoldSecretQ9w8E7r6T5y4\", \"secret\": true}",
        )],
    },
    Trial {
        name: "nothing is read back of what was written",
        finding: &super::WRONG_CONTENT,
        faults: &[Fault::Set("/host/programs/hadoop_reads_back", "\"nothing\"")],
    },
    Trial {
        name: "Java 25 with a Hadoop that is older",
        finding: &super::JAVA_CANNOT_START,
        faults: &[Fault::Set("/host/programs/java", r#""25.0.1""#)],
    },
    Trial {
        name: "a firewall answers POST with a page of its own",
        finding: &super::FAILED,
        faults: &[Fault::Set("/storage/bucket/post_blocked", "true")],
    },
];
