//! The cluster's version of Kubernetes is one that this release of DSS and its Spark can drive (HOWTO 2.1, 4). Spark talks
//! to it with a client of its own, the jar `kubernetes-client` of its folder. What that client was made for, and what
//! Dataiku tested the release with, do not keep it from working with a later version: beyond both it is untried.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::dss_facts::{self, Minor, Release, Sureness};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Cluster;
use ackcheck_core::seat::cluster::ApiAnswer;
use ackcheck_core::seat::dss::spark_home::SparkHome;
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

mod trials;

use super::cluster_answers;
use crate::host::release;

static TOO_OLD: Code = Code::fail("too-old", "Kubernetes is older than DSS supports");
static TOO_NEW_FOR_SPARK: Code = Code::warn(
    "too-new-for-spark",
    "Kubernetes is newer than what Spark's client was made for and DSS was tested with",
);

pub(crate) static CHECK: Check = Check {
    id: "cluster-version",
    title: "The version of Kubernetes is one that DSS and its Spark are made for",
    stage: Stage::Acceptance,
    needs: &[&cluster_answers::CHECK, &crate::dss::dss_version::CHECK, &crate::spark::spark_integration::CHECK],
    uses: &[],
    deadline: Duration::from_secs(60),
    findings: &[&TOO_OLD, &TOO_NEW_FOR_SPARK],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Cluster(|context, cluster| Box::pin(judge(context, cluster))),
};

async fn judge(context: &Context, cluster: &dyn Cluster) -> Judgement {
    let (dss, release) = release::of(context).await?;
    let server = match cluster.version().await? {
        Ok(ApiAnswer::Version(version)) => version,
        Ok(_) | Err(_) => return Err(Unseen::unreadable("the version of Kubernetes", "the API no longer answers")),
    };
    let Some(version) = Minor::parse(&server) else {
        return Err(Unseen::unreadable("the version of Kubernetes", format!("{server:?} is not one")));
    };
    if let Some(least) = too_old(version, release) {
        let least = least?;
        let seen = format!("Kubernetes is {server}; DSS {} takes {least} or later", dss.text);
        return Ok(TOO_OLD.found(seen).with("server", server).with("least", least.to_string()).into());
    }
    let spark = context.dss()?.spark_home().await?;
    if !spark.installed {
        return Ok(Verdict::Pass);
    }
    let client = client_of(&spark)?;
    let tested = release.kubernetes.as_ref().and_then(|fact| fact.value.tested);
    let made_for = dss_facts::spark_client_made_for(&client);
    let Some(limit) = tested.max(made_for) else {
        let why = format!("what the client {client} was made for is not known");
        return Err(Unseen::unreadable("whether Spark can drive this Kubernetes", why));
    };
    if version <= limit {
        return Ok(Verdict::Pass);
    }
    let known =
        |minor: Option<Minor>| minor.map_or_else(|| "a version not known to ackcheck".to_owned(), |m| m.to_string());
    let seen = format!(
        "Kubernetes is {server}; Spark's client {client} was made for {}, and Dataiku tested DSS {} with up to {}",
        known(made_for),
        dss.text,
        known(tested)
    );
    let finding = TOO_NEW_FOR_SPARK.found(seen).with("server", server).with("client", client);
    Ok(finding.with("limit", limit.to_string()).into())
}

/// The oldest version that the release takes, where this one is older; it is not judged by what is only inferred.
fn too_old(version: Minor, release: &Release) -> Option<Result<Minor, Unseen>> {
    let fact = release.kubernetes.as_ref().filter(|fact| version < fact.value.least)?;
    Some(match fact.sure {
        Sureness::Confirmed => Ok(fact.value.least),
        Sureness::Inferred => {
            let why = format!("later releases need {}; what this one needs is not known", fact.value.least);
            Err(Unseen::unreadable(format!("whether DSS takes Kubernetes {version}"), why))
        }
    })
}

/// The version of the client among Spark's jars.
fn client_of(spark: &SparkHome) -> Result<String, Unseen> {
    const ARTIFACT: &str = "kubernetes-client-";
    let version = |name: &str| -> Option<String> {
        let version = name.strip_prefix(ARTIFACT)?.strip_suffix(".jar")?;
        // Others have a word where this has its version: kubernetes-client-api-6.4.1.jar.
        version.starts_with(|first: char| first.is_ascii_digit()).then(|| version.to_owned())
    };
    let found: Vec<String> = spark.jars.iter().flatten().filter_map(|jar| version(&jar.name)).collect();
    let folder = spark.home.as_deref().map_or_else(|| spark.file.clone(), |home| format!("{home}/jars"));
    match found.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Unseen::unreadable(folder, "no kubernetes-client jar is in it")),
        several => Err(Unseen::unreadable(folder, format!("several clients are in it: {}", several.join(", ")))),
    }
}
