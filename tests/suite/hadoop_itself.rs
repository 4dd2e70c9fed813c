//! Hadoop in a JVM of its own: what the seat starts on a lab, and whom it does not start it for.

use ackcheck_core::config::{Config, DssConfig};
use ackcheck_core::evidence::Journal;
use ackcheck_core::fault::{Fault, LabFile};
use ackcheck_core::seat::store::{HadoopDid, HadoopRun, StoreRequest};
use ackcheck_core::seat::{Seats as _, Seen};
use ackcheck_core::subject::{Kind, Subject};
use ackcheck_core::verdict::{Broken, Unseen};

use crate::support::seats;

const CONNECTIONS: LabFile = LabFile::Data("config/connections.json");
const OWN: &str = "/connections/oss_managed/params/extraConf";

/// Hadoop for the lab's connection in the lab's bucket, what was written down, and what is left in the bucket.
async fn by_hadoop(faults: &[Fault], edit: fn(&mut Config)) -> (Seen<HadoopRun>, String, Vec<String>) {
    let site = seats::site(faults).await;
    let seats = seats::open(&site, "hadoopab", edit);
    let journal = Journal::new(site.scrubber.clone());
    let seat = seats.store(&Subject::new(Kind::Bucket, "lab-dss-data"), journal.clone()).unwrap();
    let run = seat.by_hadoop("oss_managed").await;
    let listed = seat.ask(StoreRequest::List).await.unwrap().unwrap();
    let mut left: Vec<String> = listed.body.lines().map(str::to_owned).collect();
    left.extend(seats.clean_up().await);
    (run, seats::written(&journal.take()), left)
}

#[tokio::test]
async fn it_runs_as_dss_would_start_it_and_leaves_nothing() {
    let (run, written, left) = by_hadoop(&[], seats::as_it_is).await;
    let run = run.unwrap();
    assert_eq!((run.did, run.access_key_id.as_str()), (HadoopDid::Everything, "LTAI5tLabOssKeyId000001"));
    assert!(run.java.ends_with("/jvm/bin/java"), "{}", run.java);
    assert!(written.contains("Hadoop in oss://lab-dss-data/dss/managed/.ackcheck-hadoopab/1-hadoop"), "{written}");
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_secret_in_clear_in_dss_is_the_one_that_is_sent() {
    let wrong = "{\"name\": \"fs.oss.accessKeySecret\", \"value\": \"CANARYoldSecretQ9w8E7r6T5y4\", \"secret\": true}";
    let faults = [Fault::SetIn(CONNECTIONS, "/connections/oss_managed/params/extraConf/2", wrong)];
    let (run, _, left) = by_hadoop(&faults, seats::as_it_is).await;
    let HadoopDid::Threw { step, trace } = run.unwrap().did else { panic!("it is not refused") };
    assert!(step == "mkdir" && trace.thrown[0].message.contains("SignatureDoesNotMatch"), "{trace:?}");
    assert!(left.is_empty(), "{left:?}");
}

fn elsewhere(config: &mut Config) {
    config.host.local = false;
}

fn by_rest_alone(config: &mut Config) {
    let url = "http://127.0.0.1:1".parse().ok();
    let api_key =
        config.storage.as_ref().and_then(|storage| Some(storage.buckets[0].access_key.as_ref()?.secret.clone()));
    config.dss = Some(DssConfig { url, api_key, ..DssConfig::default() });
}

/// Faults, an edit of the site file, and a part of the reason.
type Row = (&'static [Fault], fn(&mut Config), &'static str);

const NOT_ASKED: &[Row] = &[
    (&[], elsewhere, "does not run on the DSS host"),
    (&[], by_rest_alone, "`[dss]` has no `data_dir`"),
    (
        &[Fault::SetIn(CONNECTIONS, "/connections/oss_managed/params/root", "\"oss://lab-dss-data/other\"")],
        seats::as_it_is,
        "works in oss://lab-dss-data/other",
    ),
    (
        &[Fault::SetIn(CONNECTIONS, "/connections/oss_managed/credentialsMode", "\"PER_USER\"")],
        seats::as_it_is,
        "brings their own key",
    ),
    (
        &[Fault::AddIn(
            CONNECTIONS,
            OWN,
            "{\"name\": \"fs.oss.credentials.provider\", \"value\": \"org.example.Own\"}",
        )],
        seats::as_it_is,
        "has its key from org.example.Own",
    ),
    (&[Fault::Set("/storage/bucket/versioned", "true")], seats::as_it_is, "keeps every version"),
];

#[tokio::test]
async fn whom_it_is_not_started_for_is_told_why() {
    for (faults, edit, why) in NOT_ASKED {
        let (run, written, left) = by_hadoop(faults, *edit).await;
        match run {
            Err(Unseen::NotDescribed(reason)) if reason.contains(why) => {}
            other => panic!("{why}: {other:?}"),
        }
        assert!(!written.contains("Hadoop in oss://") && left.is_empty(), "{why}: {written} {left:?}");
    }
}

#[tokio::test]
async fn what_only_dss_knows_is_not_judged() {
    const ID: &str = "/connections/oss_managed/params/extraConf/1/value";
    let (run, ..) = by_hadoop(&[Fault::SetIn(CONNECTIONS, ID, "\"LTAI5tAnotherKey000001\"")], seats::as_it_is).await;
    let add = "access_key_id = \"LTAI5tAnotherKey000001\"";
    assert!(matches!(&run, Err(Unseen::Broken(Broken::NotGiven { add: lines, .. })) if lines.contains(add)), "{run:?}");
    const PROXY: [Fault; 2] = [
        Fault::AddIn(CONNECTIONS, OWN, "{\"name\": \"fs.oss.proxy.host\", \"value\": \"proxy.corp.example\"}"),
        Fault::AddIn(CONNECTIONS, OWN, "{\"name\": \"fs.oss.proxy.username\", \"value\": \"dss\"}"),
    ];
    let (run, ..) = by_hadoop(&PROXY, seats::as_it_is).await;
    seats::unreadable(run, "the settings of the connection", "fs.oss.proxy.password is encrypted by DSS");
}
