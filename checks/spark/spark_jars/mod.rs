//! The Spark that DSS starts has the jars for OSS too. Its driver and its executors take their classes from Spark's own
//! folder, which is what the Spark image is built from; Hadoop's folder of DSS is not among them.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::Jar;
use ackcheck_core::seat::dss::jars::{CLIENT_CLASS, FILE_SYSTEM_CLASS};
use ackcheck_core::seat::dss::spark_home::SparkHome;
use ackcheck_core::shell::shell_word;
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

use super::of_spark;

mod trials;

static MISSING: Code = Code::fail("missing", "a jar needed for OSS is not among Spark's own jars");

/// The artifacts that OSS takes, each with the class that makes a jar of another name do.
const WANTED: [(&str, &str); 2] = [("hadoop-aliyun", FILE_SYSTEM_CLASS), ("aliyun-sdk-oss", CLIENT_CLASS)];
/// Properties by which a configuration brings jars of its own; their values are not read.
const OTHER_WAYS: [&str; 4] =
    ["spark.jars", "spark.jars.packages", "spark.driver.extraClassPath", "spark.executor.extraClassPath"];

pub(crate) static CHECK: Check = Check {
    id: "spark-jars",
    title: "Spark has the jars for OSS that DSS's Hadoop has",
    stage: Stage::Acceptance,
    needs: &[&crate::hadoop::hadoop_jars::CHECK, &super::spark_integration::CHECK],
    uses: &[],
    deadline: Duration::from_secs(60),
    findings: &[&MISSING],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(_: &Context, dss: &dyn Dss) -> Judgement {
    let spark = dss.spark_home().await?;
    if !spark.installed {
        return Ok(Verdict::NotApplicable("DSS has no Spark integration".into()));
    }
    let Some(home) = &spark.home else {
        let why = "DKU_SPARK_HOME is not set to a path that can be read without running it";
        return Err(Unseen::unreadable(spark.file, why));
    };
    let hadoop = dss.hadoop_jars().await?;
    // The first of the class path is the one that DSS's Hadoop uses.
    let of_hadoop = |class: &str| hadoop.jars.iter().find(|jar| jar.brings(class));
    let mut missing: Vec<&Jar> = WANTED
        .iter()
        .filter(|(artifact, class)| !has(&spark, artifact, class))
        .filter_map(|(_, class)| of_hadoop(class))
        .collect();
    missing.dedup_by_key(|jar| &jar.path);
    if missing.is_empty() {
        return Ok(Verdict::Pass);
    }
    let found = dss.configurations().await?;
    let other = of_spark(&found).find_map(|one| OTHER_WAYS.iter().find(|key| one.property(key).is_some()));
    if let Some(key) = other {
        let why = format!("they are not in {home}/jars, and a Spark configuration may bring them by {key}");
        return Err(Unseen::unreadable("Spark's jars for OSS", why));
    }
    let names: Vec<&str> = missing.iter().map(|jar| jar.name.as_str()).collect();
    let finding = MISSING.found(format!("{home}/jars does not have {}, which {} has", names.join(" or "), hadoop.path));
    let folder = shell_word(&format!("{home}/jars/"));
    let copies = missing.iter().map(|jar| format!("cp -p {} {folder}", shell_word(&jar.path)));
    Ok(finding.with("copies", copies.collect::<Vec<_>>().join("\n")).with("home", home.as_str()).into())
}

/// True where Spark has it: a jar that the JVM loads the class from, or one that DSS adds to every job.
fn has(spark: &SparkHome, artifact: &str, class: &str) -> bool {
    let added = |path: &String| is_named(path.rsplit('/').next().unwrap_or(path), artifact);
    spark.jars.iter().flatten().any(|jar| jar.brings(class)) || spark.added.iter().any(added)
}

/// True for `artifact.jar` and `artifact-VERSION.jar`.
fn is_named(file: &str, artifact: &str) -> bool {
    let Some(rest) = file.strip_suffix(".jar").and_then(|stem| stem.strip_prefix(artifact)) else { return false };
    let other = ["-sources", "-javadoc", "-tests"].iter().any(|end| rest.ends_with(end));
    !other && (rest.is_empty() || rest.strip_prefix('-').is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit())))
}
