//! The Spark integration of DSS is there, of this install, able to start executors on Kubernetes, and of a Spark that runs on
//! DSS's Java (HOWTO 2.1, 2.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::NamedProgram;
use ackcheck_core::seat::dss::spark_home::SparkHome;
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

mod trials;
mod version;

use super::{of_spark, on_kubernetes};
use crate::host::host_java;
use version::SparkVersion;

static MISSING: Code = Code::fail("missing", "DSS is to run Spark on Kubernetes and does not have a Spark integration");
static STALE_PATH: Code = Code::fail("stale-path", "DKU_SPARK_HOME is not a Spark of the DSS that is installed");
static NOT_FOR_KUBERNETES: Code =
    Code::fail("not-for-kubernetes", "DSS is to run Spark on Kubernetes, and its Spark cannot");
static JAVA_MISMATCH: Code = Code::fail("java-mismatch", "Spark does not run on the Java that DSS is configured with");

pub(crate) static CHECK: Check = Check {
    id: "spark-integration",
    title: "DSS has a Spark of this install, which runs on Kubernetes and on DSS's Java",
    stage: Stage::Acceptance,
    needs: &[&crate::dss::env_scripts::CHECK],
    uses: &[],
    deadline: Duration::from_secs(60),
    findings: &[&MISSING, &STALE_PATH, &NOT_FOR_KUBERNETES, &JAVA_MISMATCH],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(context: &Context, dss: &dyn Dss) -> Judgement {
    let spark = dss.spark_home().await?;
    let found = dss.configurations().await?;
    let on_cluster = on_kubernetes(&found).next();
    if !spark.installed {
        return match on_cluster {
            Some(one) => {
                let seen =
                    format!("{} does not exist, and the {} {} is for Kubernetes", spark.file, one.kind, one.name);
                Ok(MISSING.found(seen).into())
            }
            None => Ok(Verdict::NotApplicable("DSS has no Spark integration".into())),
        };
    }
    let Some(home) = spark.home.as_deref() else {
        let why = "DKU_SPARK_HOME is not set to a path that can be read without running it";
        return Err(Unseen::unreadable(spark.file, why));
    };
    if let Some(seen) = stale(&spark, home) {
        return Ok(STALE_PATH.found(seen).with("home", home).with("file", spark.file.as_str()).into());
    }
    let version = spark.jars.iter().flatten().find_map(|jar| SparkVersion::of_jar(&jar.name));
    let Some(version) = version else {
        return match on_cluster {
            Some(one) => {
                let seen = format!(
                    "{home}/jars does not have a jar spark-kubernetes, and the {} {} is for Kubernetes",
                    one.kind, one.name
                );
                Ok(NOT_FOR_KUBERNETES.found(seen).with("home", home).into())
            }
            // Nothing else of it is asked then.
            None if of_spark(&found).next().is_some() => Ok(Verdict::Pass),
            None => Ok(Verdict::NotApplicable("DSS has no Spark configuration in use".into())),
        };
    };
    let java = match host_java::feature(context).await {
        Err(Unseen::NotDescribed(_)) => None,
        seen => seen?,
    };
    match java.filter(|java| !version.runs_on(*java)) {
        // Spark's own scripts take that before any other.
        Some(_) if dss.named_program("JAVA_HOME").await? != NamedProgram::Unset => {
            let why = "DSS's scripts set JAVA_HOME, which Spark's take before the Java of DSS";
            Err(Unseen::unreadable(format!("whether Spark {version} runs on its Java"), why))
        }
        Some(java) => {
            let (spark, wants) = (version.to_string(), version.wants());
            let seen =
                format!("{home} is Spark {spark}, which runs on Java {wants}; DSS is configured with Java {java}");
            Ok(JAVA_MISMATCH
                .found(seen)
                .with("spark", spark)
                .with("wants", wants)
                .with("java", java.to_string())
                .into())
        }
        None => Ok(Verdict::Pass),
    }
}

fn stale(spark: &SparkHome, home: &str) -> Option<String> {
    let (file, install) = (spark.file.as_str(), spark.install_dir.as_str());
    match (spark.foreign, &spark.jars) {
        (true, _) => Some(format!("{file} sets DKU_SPARK_HOME to {home}, but DSS runs from {install}")),
        (false, None) => Some(format!("{file} sets DKU_SPARK_HOME to {home}, which does not have a folder of jars")),
        (false, Some(_)) => None,
    }
}
