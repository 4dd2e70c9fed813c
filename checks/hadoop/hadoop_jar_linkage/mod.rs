//! The jars on the class path of DSS's backend fit together: every class, method and field that Hadoop asks for in what DSS
//! does with OSS is there, as a JVM would find it (HOWTO 3.2). What is missing often strikes long after DSS was started.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::dss::jars::HADOOP_CLASS;
use ackcheck_core::seat::dss::{Jar, PropertyValue, read};
use ackcheck_core::seat::{Dss, Seen};
use ackcheck_core::verdict::{Code, Judgement, Verdict};
use ackcheck_linkage::Settings;

mod found;
mod jars;
mod trials;

static CLASS_MISSING: Code = Code::fail("class-missing", "DSS's Hadoop lacks a class that it needs for OSS");
static METHOD_MISSING: Code =
    Code::fail("method-missing", "two jars of DSS's Hadoop do not fit together: one lacks what the other calls");
static JAVA_TOO_OLD: Code = Code::fail("java-too-old", "a jar of DSS's Hadoop is for a later Java than DSS's");
static JAVA_TOO_NEW: Code = Code::warn(
    "java-too-new",
    "DSS's Java lacks JAXB, so that Hadoop hides why OSS refuses a request behind a missing class",
);
static CORRUPT: Code = Code::fail("corrupt", "a jar that Hadoop needs for OSS is damaged, and Java does not load it");

pub(crate) static CHECK: Check = Check {
    id: "hadoop-jar-linkage",
    title: "DSS's jars have every class and method that Hadoop needs for OSS",
    stage: Stage::Acceptance,
    needs: &[&crate::host::host_java::CHECK, &super::hadoop_jars::CHECK],
    uses: &[],
    deadline: Duration::from_secs(120),
    findings: &[&CLASS_MISSING, &METHOD_MISSING, &JAVA_TOO_OLD, &JAVA_TOO_NEW, &CORRUPT],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(_: &Context, dss: &dyn Dss) -> Judgement {
    let seen = dss.jar_linkage(settings(dss).await?).await?;
    let Some(struck) = &seen.linkage.struck else { return Ok(Verdict::Pass) };
    let jars = dss.hadoop_jars().await?.jars;
    let common = jars.iter().find(|jar| jar.brings(HADOOP_CLASS)).and_then(Jar::version);
    Ok(found::finding(&seen, struck, common).into())
}

/// What decides which code of Hadoop runs: the keys of DSS, and those of its connections to OSS.
async fn settings(dss: &dyn Dss) -> Seen<Settings> {
    let is_v4 = |key: &str, value: &PropertyValue| {
        key == read::SIGNATURE_VERSION && matches!(value, PropertyValue::Clear(text) if read::is_version_4(text))
    };
    let general = dss.hadoop_keys().await?.iter().any(|setting| is_v4(&setting.key, &setting.value));
    let connections = dss.connections().await?;
    let own = connections.iter().flat_map(|connection| &connection.properties).any(|(key, value)| is_v4(key, value));
    Ok(Settings { signs_with_version_4: general || own })
}
