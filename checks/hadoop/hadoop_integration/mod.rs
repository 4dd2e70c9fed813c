//! The standalone Hadoop integration is installed in the install directory DSS runs from (HOWTO 3.1).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::VersionFile;
use ackcheck_core::verdict::{Code, Judgement, Verdict};

mod trials;

static MISSING: Code = Code::fail("missing", "the standalone Hadoop integration is not installed");
static DISABLED: Code = Code::fail("disabled", "the Hadoop integration is installed but disabled");
static STALE_PATH: Code = Code::fail("stale-path", "the Hadoop integration belongs to an earlier install directory");

pub(crate) static CHECK: Check = Check {
    id: "hadoop-integration",
    title: "The standalone Hadoop integration is installed for the running DSS",
    stage: Stage::Acceptance,
    needs: &[&crate::dss::env_scripts::CHECK],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&MISSING, &DISABLED, &STALE_PATH],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(_: &Context, dss: &dyn Dss) -> Judgement {
    let integration = dss.hadoop_integration().await?;
    let file = &integration.file;
    let finding = if !integration.installed {
        MISSING.found(format!("{file} does not exist"))
    } else if let Some(why) = integration.disabled {
        DISABLED.found(why)
    } else if !integration.foreign_paths.is_empty() {
        let paths = integration.foreign_paths.join(", ");
        STALE_PATH.found(format!("{file} refers to {paths}, but DSS runs from {}", integration.install_dir))
    } else if !integration.libs_exist {
        // After an upgrade the data directory still has the file, but the new install directory lacks the libraries.
        STALE_PATH.found(format!("{file} exists, but {} does not", integration.libs))
    } else if integration.hadoop_common.is_empty() {
        MISSING.found(format!("{} does not contain a hadoop-common jar", integration.libs))
    } else {
        return Ok(Verdict::Pass);
    };
    let version = match dss.versions().await?.data {
        VersionFile::Version(version) => version.text,
        _ => "VERSION".to_owned(),
    };
    Ok(finding.with("file", file.as_str()).with("version", version).into())
}
