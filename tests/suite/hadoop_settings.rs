//! Settings as people have them, each judged as Hadoop would read it: by whole runs on a lab that has them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

use ackcheck_core::catalogue::Selection;
use ackcheck_core::config::{Config, Connections};
use ackcheck_core::fault::{Fault, LabFile};
use ackcheck_core::record::{Ending, Report};
use ackcheck_core::secret::Scrubber;
use ackcheck_lab::LabOptions;

use crate::support::whole_run;

const CONNECTIONS: LabFile = LabFile::Data("config/connections.json");
const SETTINGS: LabFile = LabFile::Data("config/general-settings.json");
const OWN: &str = "/connections/oss_managed/params/extraConf";
const ENDPOINT: &str = "/connections/oss_managed/params/extraConf/0";
const ENDPOINT_VALUE: &str = "/connections/oss_managed/params/extraConf/0/value";
const KEY_ID_NAME: &str = "/connections/oss_managed/params/extraConf/1/name";
const SECRET_VALUE: &str = "/connections/oss_managed/params/extraConf/2/value";
const INSTANCE: &str = "/hadoopSettings/extraConf";
const IMPL: &str = "/hadoopSettings/extraConf/0";
const IMPL_VALUE: &str = "/hadoopSettings/extraConf/0/value";

/// How a check must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Must {
    Pass,
    Warn(&'static str),
    Fail(&'static str),
    NotJudged,
}

fn is(ending: &Ending, must: Must) -> bool {
    match (ending, must) {
        (Ending::Pass, Must::Pass) | (Ending::Broken { .. }, Must::NotJudged) => true,
        (Ending::Warn(finding), Must::Warn(code)) | (Ending::Fail(finding), Must::Fail(code)) => finding.code == code,
        _ => false,
    }
}

fn ending<'a>(report: &'a Report, id: &str) -> Option<&'a Ending> {
    let case = report.cases.iter().find(|case| case.id.to_string() == id || case.id.check == id);
    case.map(|case| &case.ending)
}

/// What is there, the faults that bring it about, the check, and how that must end.
type Row = (&'static str, &'static [Fault], &'static str, Must);

const ROWS: &[Row] = &[
    (
        "a space after the class",
        &[Fault::SetIn(SETTINGS, IMPL_VALUE, "\"org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem \"")],
        "hadoop-keys",
        Must::Pass,
    ),
    (
        "a tab before a Hadoop key",
        &[Fault::SetIn(SETTINGS, "/hadoopSettings/extraConf/0/key", "\"\\tfs.oss.impl\"")],
        "hadoop-keys",
        Must::Pass,
    ),
    (
        "a space before a property",
        &[Fault::SetIn(CONNECTIONS, KEY_ID_NAME, "\" fs.oss.accessKeyId\"")],
        "connection-credentials",
        Must::Pass,
    ),
    (
        "a secret with a line feed at its end is in clear, and works",
        &[Fault::SetIn(CONNECTIONS, SECRET_VALUE, "\"CANARYlineFeedSecretA1b2C3d4\\n\"")],
        "connection-credentials",
        Must::Warn("plain-text"),
    ),
    (
        "spaces around the endpoint",
        &[Fault::SetIn(CONNECTIONS, ENDPOINT_VALUE, "\" oss-cn-hangzhou-internal.aliyuncs.com \"")],
        "connection-endpoint",
        Must::Pass,
    ),
    (
        "the class is encrypted",
        &[Fault::SetIn(SETTINGS, IMPL_VALUE, "\"e:AES:Q0FOQVJZLWNpcGhlcnRleHQ/+bGFiMDAw\"")],
        "hadoop-keys",
        Must::NotJudged,
    ),
    (
        "the class is marked as a secret",
        &[Fault::SetIn(
            SETTINGS,
            IMPL,
            "{\"key\": \"fs.oss.impl\", \"value\": \"CANARYorg.example.Class\", \"secret\": true}",
        )],
        "hadoop-keys",
        Must::NotJudged,
    ),
    (
        "the keys are in a credential store",
        &[
            Fault::AddIn(
                SETTINGS,
                INSTANCE,
                "{\"key\": \"hadoop.security.credential.provider.path\", \"value\": \"jceks://file/keys.jceks\"}",
            ),
            Fault::RemoveIn(CONNECTIONS, "/connections/oss_managed/params/extraConf/2"),
            Fault::RemoveIn(CONNECTIONS, "/connections/oss_managed/params/extraConf/1"),
        ],
        "connection-credentials",
        Must::NotJudged,
    ),
    (
        "every connection sets the class itself",
        &[
            Fault::RemoveIn(SETTINGS, IMPL),
            Fault::AddIn(
                CONNECTIONS,
                OWN,
                "{\"name\": \"fs.oss.impl\", \"value\": \"org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem\"}",
            ),
        ],
        "hadoop-keys",
        Must::Pass,
    ),
    (
        "a key for Azure in clear among the Hadoop keys",
        &[Fault::AddIn(
            SETTINGS,
            INSTANCE,
            "{\"key\": \"fs.azure.account.key.acme.blob.core.windows.net\", \"value\": \"CANARYazureAccountKey+/A1==\"}",
        )],
        "hadoop-keys",
        Must::Pass,
    ),
    (
        "a proxy's password in the value of a Hadoop key",
        &[Fault::AddIn(
            SETTINGS,
            INSTANCE,
            "{\"key\": \"fs.oss.proxy.host\", \"value\": \"http://user:CANARYproxyWord@127.0.0.1:9\"}",
        )],
        "connection-settings",
        Must::Fail("proxy-incomplete"),
    ),
    (
        "the endpoint is a variable of DSS",
        &[Fault::SetIn(CONNECTIONS, ENDPOINT_VALUE, "\"${ossEndpoint}\"")],
        "connection-endpoint",
        Must::NotJudged,
    ),
    (
        "the endpoint is the value of another setting",
        &[
            Fault::SetIn(CONNECTIONS, ENDPOINT_VALUE, "\"oss-${fs.oss.region}-internal.aliyuncs.com\""),
            Fault::AddIn(SETTINGS, INSTANCE, "{\"key\": \"fs.oss.region\", \"value\": \"cn-hangzhou\"}"),
        ],
        "connection-endpoint",
        Must::Pass,
    ),
    (
        "the id of the key has nearly its name",
        &[Fault::SetIn(CONNECTIONS, KEY_ID_NAME, "\"fs.oss.accessKeyID\"")],
        "connection-settings",
        Must::Warn("nearly-the-name"),
    ),
    (
        "a provider that reads what only the running JVM has",
        &[Fault::AddIn(
            CONNECTIONS,
            OWN,
            "{\"name\": \"fs.oss.credentials.provider\", \"value\": \"com.aliyun.oss.common.auth.SystemPropertiesCredentialsProvider\"}",
        )],
        "connection-settings",
        Must::NotJudged,
    ),
];

#[test]
fn settings_are_judged_as_hadoop_reads_them() {
    let mut wrong = Vec::new();
    for (name, faults, check, must) in ROWS {
        let selection = Selection { only: vec![(*check).to_owned()], ..Selection::default() };
        let lab = LabOptions { faults: faults.to_vec(), ..LabOptions::default() };
        match whole_run::run_on(&lab, &selection) {
            Ok(report) => {
                let found = ending(&report, check);
                if !found.is_some_and(|ending| is(ending, *must)) {
                    wrong.push(format!("{name}: {check} must be {must:?} and is {found:?}"));
                }
            }
            Err(why) => wrong.push(format!("{name}: {why}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The site takes its buckets from DSS's connections, with the key of the lab's own bucket.
fn from_connections(config: &mut Config) {
    let storage = config.storage.as_mut().expect("the lab's site file has [storage]");
    storage.connections = Connections::All;
    storage.access_key = storage.buckets.first().and_then(|bucket| bucket.access_key.clone());
    storage.buckets.clear();
}

/// The shape of README's example: all connections, whose secrets DSS has encrypted, and a bucket with a key of its own.
fn a_bucket_with_a_wrong_secret(config: &mut Config) {
    let storage = config.storage.as_mut().expect("the lab's site file has [storage]");
    storage.connections = Connections::All;
    storage.buckets.truncate(1);
    let key = storage.buckets[0].access_key.as_mut().expect("the lab's bucket has its key");
    key.secret = Scrubber::default().secret("the wrong secret of thirty signs");
}

fn run(faults: &[Fault], edit: whole_run::Edit) -> Report {
    let lab = LabOptions { faults: faults.to_vec(), ..LabOptions::default() };
    whole_run::run_on_edited(&lab, &Selection::default(), Some(edit)).unwrap()
}

#[test]
fn storage_is_asked_at_the_instance_s_endpoint() {
    let faults = [
        Fault::RemoveIn(CONNECTIONS, ENDPOINT),
        Fault::AddIn(
            SETTINGS,
            INSTANCE,
            "{\"key\": \"fs.oss.endpoint\", \"value\": \" oss-cn-hangzhou-internal.aliyuncs.com \"}",
        ),
    ];
    let report = run(&faults, from_connections);
    for id in ["oss-endpoint[connection oss_managed]", "oss-write[connection oss_managed]"] {
        assert_eq!(ending(&report, id), Some(&Ending::Pass), "{id}");
    }
}

/// The site gives no key: DSS's own is all there is.
fn by_dss_alone(config: &mut Config) {
    from_connections(config);
    config.storage.as_mut().expect("the lab's site file has [storage]").access_key = None;
}

#[test]
fn storage_is_asked_with_what_hadoop_leaves_of_a_key() {
    let settings = concat!(
        r#"[{"name": "fs.oss.endpoint", "value": "\toss-cn-hangzhou-internal.aliyuncs.com"},"#,
        r#" {"name": " fs.oss.accessKeyId", "value": " LTAI5tLabOssKeyId000001\n"},"#,
        r#" {"name": "fs.oss.accessKeySecret ", "value": "SECRET \n"}]"#,
    );
    let deployment: serde_json::Value =
        serde_json::from_str(include_str!("../../fixtures/lab/deployment.json")).expect("the lab's deployment");
    let secret = deployment.pointer("/oss_key/secret").and_then(|secret| secret.as_str()).expect("its secret");
    let settings: &'static str = settings.replace("SECRET", secret).leak();
    let report = run(&[Fault::SetIn(CONNECTIONS, OWN, settings)], by_dss_alone);
    for id in ["oss-credentials[connection oss_managed]", "oss-delete[connection oss_managed]"] {
        assert_eq!(ending(&report, id), Some(&Ending::Pass), "{id}");
    }
    let key = ending(&report, "connection-credentials");
    assert!(key.is_some_and(|ending| is(ending, Must::Warn("plain-text"))), "{key:?}");
}

#[test]
fn storage_is_not_asked_where_hadoop_would_fail() {
    for (faults, check, code) in [
        (
            [Fault::SetIn(CONNECTIONS, ENDPOINT_VALUE, "\"oss-cn-hangzhou-internal.aliyuncs.com\\u00a0\"")],
            "connection-endpoint",
            "malformed",
        ),
        (
            [Fault::AddIn(CONNECTIONS, OWN, "{\"name\": \"fs.oss.multipart.upload.size\", \"value\": \"10M\"}")],
            "connection-settings",
            "not-a-number",
        ),
    ] {
        let report = run(&faults, from_connections);
        assert!(
            ending(&report, check).is_some_and(|ending| is(ending, Must::Fail(code))),
            "{:?}",
            ending(&report, check)
        );
        let asked = ending(&report, "oss-endpoint[connection oss_managed]");
        assert!(matches!(asked, Some(Ending::Blocked { .. })), "{asked:?}");
    }
}

#[test]
fn an_encrypted_connection_silences_no_bucket() {
    let report = run(&[], a_bucket_with_a_wrong_secret);
    let of = |check: &str| -> Vec<&Ending> {
        report.cases.iter().filter(|case| case.id.check == check).map(|case| &case.ending).collect()
    };
    assert!(
        of("oss-credentials").iter().any(|ending| is(ending, Must::Fail("wrong-secret"))),
        "{:?}",
        of("oss-credentials")
    );
    assert!(of("oss-endpoint").iter().any(|ending| is(ending, Must::NotJudged)), "{:?}", of("oss-endpoint"));
    assert_ne!(report.exit_code(), 0);
}

/// A proxy that answers nothing of use; the first lines of what it is asked.
fn useless_proxy() -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, asked) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            let _ = stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            if tell.send(line).is_err() {
                break;
            }
        }
    });
    (port, asked)
}

#[test]
fn requests_go_through_the_connection_s_own_proxy() {
    let (port, asked) = useless_proxy();
    let port: &'static str = format!("{{\"name\": \"fs.oss.proxy.port\", \"value\": \"{port}\"}}").leak();
    let faults = [
        Fault::RemoveIn(CONNECTIONS, "/connections/oss_managed/params/extraConf/4"),
        Fault::AddIn(CONNECTIONS, OWN, "{\"name\": \"fs.oss.proxy.host\", \"value\": \"127.0.0.1\"}"),
        Fault::AddIn(CONNECTIONS, OWN, port),
        Fault::AddIn(CONNECTIONS, OWN, "{\"name\": \"fs.oss.connection.secure.enabled\", \"value\": \"false\"}"),
    ];
    let report = run(&faults, from_connections);
    let found = ending(&report, "oss-endpoint[connection oss_managed]");
    assert!(found.is_some_and(|ending| is(ending, Must::Fail("unreachable"))), "{found:?}");
    let asked: Vec<String> = asked.try_iter().collect();
    let of_oss = "GET http://lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com/?bucketInfo";
    assert!(asked.iter().any(|line| line.starts_with(of_oss)), "{asked:?}");
}
