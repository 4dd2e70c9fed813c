//! Hadoop itself, started as DSS starts it, writes, reads and deletes in the bucket (HOWTO 3.2). What it throws is told by the
//! layer that it comes from.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::store::StoreTarget;
use ackcheck_core::seat::{Seen, Store, store};
use ackcheck_core::subject::Kind;
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod layer;
mod of_connection;
mod of_run;
mod trials;

static CLASS_MISSING: Code = Code::fail("class-missing", "DSS's Hadoop lacks a class that it needs for OSS");
static METHOD_MISSING: Code =
    Code::fail("method-missing", "two jars of DSS's Hadoop do not fit together: one lacks what the other calls");
static SETTING_REFUSED: Code = Code::fail("setting-refused", "Hadoop cannot work with a setting of the connection");
static PROXY_DEAD: Code = Code::fail("proxy-dead", "Hadoop does not reach OSS through the connection's proxy");
static PARENT_NOT_LISTABLE: Code =
    Code::fail("parent-not-listable", "Hadoop is not allowed to list the folders above the connection's root");
static DENIED: Code = Code::fail("denied", "OSS refuses Hadoop an action, which Hadoop may report as a missing file");
static SIGNATURE_REFUSED: Code =
    Code::fail("signature-refused", "OSS refuses the AccessKey or the signature that Hadoop sends");
static WRONG_CONTENT: Code = Code::fail("wrong-content", "Hadoop does not read back what it wrote");
static JAVA_CANNOT_START: Code =
    Code::fail("java-cannot-start", "DSS's Java does not start, or is not one that this Hadoop runs on");
static FAILED: Code = Code::fail("failed", "Hadoop fails in the bucket");

pub(crate) static CHECK: Check = Check {
    id: "hadoop-read-write",
    title: "DSS's own Hadoop writes, reads and deletes in the bucket",
    stage: Stage::Acceptance,
    needs: &[
        &crate::host::host_java::CHECK,
        &super::hadoop_jars::CHECK,
        &super::hadoop_keys::CHECK,
        &super::connection_root::CHECK,
        &super::connection_endpoint::CHECK,
        &super::connection_credentials::CHECK,
        &super::connection_settings::CHECK,
        &crate::storage::oss_signature::CHECK,
    ],
    uses: &[&store::BY_HADOOP],
    deadline: Duration::from_secs(180),
    findings: &[
        &CLASS_MISSING,
        &METHOD_MISSING,
        &SETTING_REFUSED,
        &PROXY_DEAD,
        &PARENT_NOT_LISTABLE,
        &DENIED,
        &SIGNATURE_REFUSED,
        &WRONG_CONTENT,
        &JAVA_CANNOT_START,
        &FAILED,
    ],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|context, store| Box::pin(judge(context, store))),
};

async fn judge(context: &Context, store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    let mut findings = Vec::new();
    let mut unseen: Option<Unseen> = None;
    let mut works = false;
    for connection in connections(store, target).await? {
        if let Some(why) = of_connection::not_open(context, target, &connection).await? {
            unseen = unseen.or(Some(Unseen::not_described(why)));
            continue;
        }
        let seen = match store.by_hadoop(&connection).await {
            Ok(run) => of_run::finding(target, &run),
            Err(why) => Err(why),
        };
        match seen {
            Ok(Some(finding)) => findings.push(finding),
            Ok(None) => works = true,
            // What could not be looked at is graver than what need not be.
            Err(why @ Unseen::Broken(_)) => unseen = Some(why),
            Err(why) => unseen = unseen.or(Some(why)),
        }
    }
    match (Finding::gravest(findings), unseen) {
        (Some(finding), _) => Ok(finding.into()),
        (None, Some(why @ Unseen::Broken(_))) => Err(why),
        (None, Some(why)) if !works => Err(why),
        (None, _) => Ok(Verdict::Pass),
    }
}

/// The connections that work here.
async fn connections(store: &dyn Store, target: &StoreTarget) -> Seen<Vec<String>> {
    if target.subject.kind == Kind::Connection {
        return Ok(vec![target.subject.name.clone()]);
    }
    let Some(known) = store.clients().await?.connections? else {
        return Err(Unseen::not_described("DSS has no connection to OSS yet"));
    };
    if known.is_empty() {
        return Err(Unseen::not_described(format!("no connection of DSS has its root in {}", target.bucket)));
    }
    Ok(known.into_iter().map(|client| client.name).collect())
}
