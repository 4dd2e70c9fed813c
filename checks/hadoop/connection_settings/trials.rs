//! Settings that Hadoop cannot open a connection with.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const CONNECTIONS: LabFile = LabFile::Data("config/connections.json");
const SETTINGS: LabFile = LabFile::Data("config/general-settings.json");
const OWN: &str = "/connections/oss_managed/params/extraConf";

/// A setting more of the connection.
const fn added(json: &'static str) -> Fault {
    Fault::AddIn(CONNECTIONS, OWN, json)
}

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the connection has a file system of its own that nobody made",
        finding: &super::CLASS_MISSING,
        faults: &[added("{\"name\": \"fs.oss.impl\", \"value\": \"org.example.OssFileSystem\"}")],
    },
    Trial {
        name: "the provider takes arguments that Hadoop does not have",
        finding: &super::PROVIDER_NOT_USABLE,
        faults: &[added(
            "{\"name\": \"fs.oss.credentials.provider\", \"value\": \"com.aliyun.oss.common.auth.DefaultCredentialProvider\"}",
        )],
    },
    Trial {
        name: "the provider wants the name of a role",
        finding: &super::PROVIDER_NOT_USABLE,
        faults: &[Fault::AddIn(
            SETTINGS,
            "/hadoopSettings/extraConf",
            "{\"key\": \"fs.oss.credentials.provider\", \"value\": \"com.aliyun.oss.common.auth.InstanceProfileCredentialsProvider\"}",
        )],
    },
    Trial {
        name: "the provider is in no jar",
        finding: &super::PROVIDER_NOT_USABLE,
        faults: &[added("{\"name\": \"fs.oss.credentials.provider\", \"value\": \"org.example.Provider\"}")],
    },
    Trial {
        name: "the provider reads variables that nobody sets",
        finding: &super::PROVIDER_INPUT_MISSING,
        faults: &[added(
            "{\"name\": \"fs.oss.credentials.provider\", \"value\": \"com.aliyun.oss.common.auth.EnvironmentVariableCredentialsProvider\"}",
        )],
    },
    Trial {
        name: "the path of the credential store is empty",
        finding: &super::CREDENTIAL_STORE_EMPTY,
        faults: &[added("{\"name\": \"hadoop.security.credential.provider.path\", \"value\": \"\"}")],
    },
    Trial {
        name: "the size of a part has a unit",
        finding: &super::NOT_A_NUMBER,
        faults: &[added("{\"name\": \"fs.oss.multipart.upload.size\", \"value\": \"100M\"}")],
    },
    Trial {
        name: "lists are to have more objects than OSS gives at once",
        finding: &super::NOT_A_NUMBER,
        faults: &[added("{\"name\": \"fs.oss.paging.maximum\", \"value\": \"5000\"}")],
    },
    Trial {
        name: "the size of a block, which only writes read, has a unit",
        finding: &super::NOT_A_NUMBER,
        faults: &[added("{\"name\": \"fs.oss.block.size\", \"value\": \"64M\"}")],
    },
    Trial {
        name: "the ACL is in lower case",
        finding: &super::ACL_VALUE,
        faults: &[added("{\"name\": \"fs.oss.acl.default\", \"value\": \"private\"}")],
    },
    Trial {
        name: "the ACL is set",
        finding: &super::SETS_ACL,
        faults: &[added("{\"name\": \"fs.oss.acl.default\", \"value\": \"Private\"}")],
    },
    Trial {
        name: "the proxy has a port and no host",
        finding: &super::PROXY_INCOMPLETE,
        faults: &[added("{\"name\": \"fs.oss.proxy.port\", \"value\": \"3128\"}")],
    },
    Trial {
        name: "the proxy has a password and no user",
        finding: &super::PROXY_INCOMPLETE,
        faults: &[added("{\"name\": \"fs.oss.proxy.host\", \"value\": \"127.0.0.1\"}")],
    },
    Trial {
        name: "nobody listens where the proxy should be",
        finding: &super::PROXY_DEAD,
        faults: &[
            added("{\"name\": \"fs.oss.proxy.host\", \"value\": \"127.0.0.1\"}"),
            added("{\"name\": \"fs.oss.proxy.port\", \"value\": \"9\"}"),
            added("{\"name\": \"fs.oss.proxy.username\", \"value\": \"dss\"}"),
        ],
    },
    Trial {
        name: "the proxy is written as a URL",
        finding: &super::PROXY_DEAD,
        faults: &[
            added("{\"name\": \"fs.oss.proxy.host\", \"value\": \"http://me:CANARYproxyWord1@127.0.0.1\"}"),
            added("{\"name\": \"fs.oss.proxy.username\", \"value\": \"dss\"}"),
        ],
    },
    Trial {
        name: "V4 signatures are wanted and no region is named",
        finding: &super::REGION_MISSING_FOR_V4,
        faults: &[added("{\"name\": \"fs.oss.signatureversion\", \"value\": \"V4\"}")],
    },
    Trial {
        name: "the name of a setting is in another case",
        finding: &super::NEARLY_THE_NAME,
        faults: &[added("{\"name\": \"fs.oss.Multipart.Upload.Size\", \"value\": \"104857600\"}")],
    },
];
