//! What people have written in connections and site files about OSS, and what must be said of it. Trials break one thing
//! in a lab whose buckets the site file names; here buckets come from connections, several at once.

use ackcheck_core::catalogue::Selection;
use ackcheck_core::config::Config;
use ackcheck_core::fault::{Fault, LabFile};
use ackcheck_core::record::Ending;
use ackcheck_lab::LabOptions;
use libtest_mimic::{Failed, Trial as Test};

use super::support::whole_run;
use super::{all_connections, told};

const CONNECTIONS: LabFile = LabFile::Data("config/connections.json");
const SETTINGS: LabFile = LabFile::Data("config/general-settings.json");

/// What must be said of one case.
enum Must {
    Pass,
    Fail(&'static str),
    Warn(&'static str),
    /// Not judged, for a reason that holds this.
    Broken(&'static str),
    Blocked,
}

struct Row {
    name: &'static str,
    faults: &'static [Fault],
    edit: whole_run::Edit,
    must: &'static [(&'static str, Must)],
}

/// The first bucket keeps its place in the site file; connections come from DSS, whose keys the site file does not give.
fn connections_and_a_bucket(config: &mut Config) {
    let storage = config.storage.as_mut().expect("the lab's site file has [storage]");
    storage.connections = ackcheck_core::config::Connections::All;
    storage.buckets.truncate(1);
}

fn as_it_is(_: &mut Config) {}

/// Another connection to OSS, in clear but for its secret.
macro_rules! connection {
    ($name:literal, $root:literal, $endpoint:literal) => {
        Fault::SetIn(
            CONNECTIONS,
            concat!("/connections/", $name),
            concat!(
                r#"{"type": "HDFS", "params": {"root": ""#,
                $root,
                r#"", "extraConf": ["#,
                $endpoint,
                r#"{"name": "fs.oss.accessKeyId", "value": "LTAI5tLabOssKeyId000001"},
                {"name": "fs.oss.accessKeySecret", "value": "e:AES:Q0FOQVJZ", "secret": true}]}}"#
            ),
        )
    };
}

/// One more Hadoop config key of the instance.
macro_rules! hadoop_key {
    ($json:literal) => {
        Fault::AddIn(SETTINGS, "/hadoopSettings/extraConf", $json)
    };
}

const V4: Fault = hadoop_key!(r#"{"key": "fs.oss.signatureversion", "value": "V4"}"#);
const NEW_ALIYUN: Fault = Fault::Add("/dss/libraries", "\"org.apache.hadoop:hadoop-aliyun:3.5.0\"");
const NEW_SDK: Fault = Fault::Add("/dss/libraries", "\"com.aliyun.oss:aliyun-sdk-oss:3.18.1\"");

const ROWS: &[Row] = &[
    Row {
        name: "a variable in another connection's root silences nothing",
        faults: &[
            connection!(
                "oss_by_bucket",
                "oss://${bucket}/x",
                r#"{"name": "fs.oss.endpoint", "value": "oss-cn-hangzhou-internal.aliyuncs.com"},"#
            ),
            Fault::Add("/storage/bucket/policy_denies", "\"oss:PutObject\""),
        ],
        edit: all_connections,
        must: &[
            ("oss-write[connection oss_managed]", Must::Fail("read-only")),
            ("oss-endpoint[connection oss_by_bucket]", Must::Blocked),
            ("oss-write[connection oss_by_bucket]", Must::Blocked),
        ],
    },
    Row {
        name: "the endpoint stands among the keys of the instance alone",
        faults: &[
            connection!("oss_global", "oss://lab-dss-data/global", ""),
            Fault::AddIn(
                SETTINGS,
                "/hadoopSettings/extraConf",
                r#"{"key": "fs.oss.endpoint", "value": "oss-cn-hangzhou-internal.aliyuncs.com"}"#,
            ),
        ],
        edit: all_connections,
        must: &[
            ("oss-endpoint[connection oss_global]", Must::Pass),
            ("oss-write[connection oss_global]", Must::Pass),
            ("oss-delete[connection oss_global]", Must::Pass),
        ],
    },
    Row {
        name: "a bucket with a wrong secret beside a connection whose secret is encrypted",
        faults: &[Fault::Set("/storage/key/secret", "\"CANARYanotherSecretZ9y8X7w6\"")],
        edit: connections_and_a_bucket,
        must: &[
            ("oss-credentials[bucket lab-dss-data]", Must::Fail("wrong-secret")),
            ("oss-endpoint[connection oss_managed]", Must::Broken("access_key_secret")),
        ],
    },
    Row {
        name: "spaces around the endpoint",
        faults: &[Fault::Set("/storage/site/endpoint", "\"  oss-cn-hangzhou-internal.aliyuncs.com \"")],
        edit: as_it_is,
        must: &[("oss-endpoint[bucket lab-dss-data]", Must::Pass), ("oss-write[bucket lab-dss-data]", Must::Pass)],
    },
    Row {
        name: "the URL of the console as the endpoint",
        faults: &[Fault::Set(
            "/storage/site/endpoint",
            "\"https://oss.console.aliyun.com/bucket/oss-cn-hangzhou/lab-dss-data\"",
        )],
        edit: as_it_is,
        must: &[
            ("oss-endpoint[bucket lab-dss-data]", Must::Fail("malformed")),
            ("oss-write[bucket lab-dss-data]", Must::Blocked),
        ],
    },
    Row {
        name: "transfer acceleration works for a bucket of another region, and is signed for it",
        faults: &[
            Fault::Set("/storage/site/endpoint", "\"oss-accelerate.aliyuncs.com\""),
            Fault::Set("/storage/bucket/region", "\"cn-shanghai\""),
        ],
        edit: as_it_is,
        must: &[
            ("oss-endpoint[bucket lab-dss-data]", Must::Warn("accelerate")),
            ("oss-credentials[bucket lab-dss-data]", Must::Pass),
            ("oss-delete[bucket lab-dss-data]", Must::Pass),
        ],
    },
    Row {
        name: "a bucket that no connection uses may take version 4 alone",
        faults: &[],
        edit: as_it_is,
        must: &[("oss-signature[bucket lab-dss-exchange]", Must::Pass)],
    },
    Row {
        name: "a connection that signs version 4 works where version 1 is refused",
        faults: &[
            Fault::Set("/storage/bucket/v1_refused", "true"),
            NEW_ALIYUN,
            NEW_SDK,
            V4,
            hadoop_key!(r#"{"key": "fs.oss.region", "value": "cn-hangzhou"}"#),
        ],
        edit: as_it_is,
        must: &[
            ("oss-signature[bucket lab-dss-data]", Must::Pass),
            ("oss-copy[bucket lab-dss-data]", Must::Pass),
            ("connection-settings[connection oss_managed]", Must::Pass),
        ],
    },
    Row {
        name: "jars that know nothing of version 4 work where version 1 is taken",
        faults: &[V4, hadoop_key!(r#"{"key": "fs.oss.region", "value": "cn-shanghai"}"#)],
        edit: as_it_is,
        must: &[("oss-signature[bucket lab-dss-data]", Must::Pass)],
    },
    Row {
        name: "the region for version 4 is missing, which is one fault",
        faults: &[NEW_ALIYUN, NEW_SDK, V4],
        edit: as_it_is,
        must: &[
            ("oss-signature[bucket lab-dss-data]", Must::Pass),
            ("connection-settings[connection oss_managed]", Must::Fail("region-missing-for-v4")),
        ],
    },
    Row {
        name: "how another connector signs is not known",
        faults: &[
            Fault::Set("/storage/bucket/v1_refused", "true"),
            hadoop_key!(r#"{"key": "fs.oss.impl", "value": "com.aliyun.jindodata.oss.JindoOssFileSystem"}"#),
        ],
        edit: as_it_is,
        must: &[("oss-signature[bucket lab-dss-data]", Must::Broken("how that signs is not known"))],
    },
];

/// A test for each.
pub(crate) fn tests() -> impl Iterator<Item = Test> {
    ROWS.iter().map(|row| Test::test(format!("storage row: {}", row.name), move || judged(row)))
}

fn judged(row: &Row) -> Result<(), Failed> {
    let lab = LabOptions { faults: row.faults.to_vec(), ..LabOptions::default() };
    let report = whole_run::run_on_edited(&lab, &Selection::default(), Some(row.edit))?;
    let mut wrong = Vec::new();
    for (name, must) in row.must {
        let case = report.cases.iter().find(|case| case.id.to_string() == *name);
        let right = case.is_some_and(|case| match (must, &case.ending) {
            (Must::Pass, Ending::Pass) | (Must::Blocked, Ending::Blocked { .. }) => true,
            (Must::Fail(code), Ending::Fail(finding)) | (Must::Warn(code), Ending::Warn(finding)) => {
                finding.code == *code
            }
            (Must::Broken(part), Ending::Broken { why }) => why.contains(part),
            _ => false,
        });
        if !right {
            wrong.push(case.map_or(format!("{name} is not there"), told));
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n  ").into()),
    }
}
