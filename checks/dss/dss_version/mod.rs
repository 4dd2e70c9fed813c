//! DSS is 8.0.4 or later, and its upgrade is complete (HOWTO 3.1).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::VersionFile;
use ackcheck_core::verdict::{Code, Judgement, Verdict};

mod trials;

static TOO_OLD: Code = Code::fail("too-old", "DSS is older than 8.0.4");
static UNREADABLE: Code = Code::fail("unreadable", "dss-version.json is missing or does not contain a version");
static UPGRADE_UNFINISHED: Code =
    Code::fail("upgrade-unfinished", "the data directory and the install directory have different versions");

/// The first release whose Hadoop and Kubernetes integration the HOWTO describes.
const EARLIEST: [u32; 3] = [8, 0, 4];

pub(crate) static CHECK: Check = Check {
    id: "dss-version",
    title: "DSS is version 8.0.4 or later",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&TOO_OLD, &UNREADABLE, &UPGRADE_UNFINISHED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(_: &Context, dss: &dyn Dss) -> Judgement {
    let versions = dss.versions().await?;
    let data = match versions.data {
        VersionFile::Version(version) => version,
        VersionFile::Missing { file } => {
            return Ok(UNREADABLE.found(format!("{file} does not exist")).with("file", file).into());
        }
        VersionFile::Unreadable { file, why } => {
            return Ok(UNREADABLE.found(format!("{file}: {why}")).with("file", file).into());
        }
    };
    if !data.at_least(&EARLIEST) {
        let seen = format!("DSS is version {}, but the HOWTO requires 8.0.4 or later", data.text);
        return Ok(TOO_OLD.found(seen).with("version", data.text).into());
    }
    match versions.install {
        Some(VersionFile::Version(install)) if install.parts != data.parts => {
            let seen = format!("the data directory has version {}, the install directory {}", data.text, install.text);
            let finding = UPGRADE_UNFINISHED.found(seen);
            Ok(finding.with("data_version", data.text).with("install_version", install.text).into())
        }
        Some(VersionFile::Missing { file }) => {
            Ok(UNREADABLE.found(format!("{file} does not exist")).with("file", file).into())
        }
        Some(VersionFile::Unreadable { file, why }) => {
            Ok(UNREADABLE.found(format!("{file}: {why}")).with("file", file).into())
        }
        _ => Ok(Verdict::Pass),
    }
}
