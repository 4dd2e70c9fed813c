//! The Java that DSS is configured with is there, and one that its release takes (HOWTO 2.1). DSS starts what `DKUJAVABIN`
//! names, and not the Java on the path.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::{Host, Seen};
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

mod trials;
mod version;

use super::interpreter::{Program, Started, alternatives};
use super::release;
use version::Standing;

static MISSING: Code = Code::fail("missing", "the Java that DSS is configured with is not on the host");
static WRONG_VERSION: Code =
    Code::fail("wrong-version", "the Java that DSS is configured with is too old for its release");
static UNLISTED_VERSION: Code = Code::warn(
    "unlisted-version",
    "the Java that DSS is configured with is not one that its release is known to work with",
);

pub(crate) static CHECK: Check = Check {
    id: "host-java",
    title: "The Java that DSS is configured with is one that its release supports",
    stage: Stage::Acceptance,
    needs: &[&crate::dss::dss_version::CHECK, &crate::dss::env_scripts::CHECK],
    uses: &[],
    deadline: Duration::from_secs(60),
    findings: &[&MISSING, &WRONG_VERSION, &UNLISTED_VERSION],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

/// The variable that the installer writes into `bin/env-default.sh`.
const VARIABLE: &str = "DKUJAVABIN";

/// The feature release of the Java that DSS is configured with; none where it does not start.
pub(crate) async fn feature(context: &Context) -> Seen<Option<u32>> {
    let Some(java) = Program::of(context, VARIABLE, None).await? else { return Ok(None) };
    let host = context.host()?;
    Ok(match java.start(&*host, &["-version"]).await? {
        Started::Said(said) => version::of(&said).map(|(_, feature)| feature),
        Started::Missing(_) => None,
    })
}

async fn judge(context: &Context, host: &dyn Host) -> Judgement {
    let (dss, release) = release::of(context).await?;
    let fact = release.java.as_ref().ok_or_else(|| release::not_known("the Java", &dss))?;
    let wanted = alternatives(&fact.value);
    let Some(java) = Program::of(context, VARIABLE, None).await? else {
        let seen = format!("no shell file of DSS sets {VARIABLE}, without which DSS does not start");
        return Ok(MISSING.found(seen).with("wanted", wanted).with("java", VARIABLE).into());
    };
    let said = match java.start(host, &["-version"]).await? {
        Started::Said(said) => said,
        Started::Missing(why) => {
            java.is_certain()?;
            let seen = format!("{} does not start: {why}", java.in_words());
            return Ok(MISSING.found(seen).with("wanted", wanted).with("java", java.path).into());
        }
    };
    let Some((version, major)) = version::of(&said) else {
        return Err(Unseen::unreadable(java.path, format!("`-version` does not print a version of Java: {said}")));
    };
    let code = match version::standing(major, fact) {
        Standing::Listed => return Ok(Verdict::Pass),
        Standing::TooOld => &WRONG_VERSION,
        Standing::Unlisted => &UNLISTED_VERSION,
    };
    java.is_certain()?;
    let seen = format!("{} is Java {version}; DSS {} takes {wanted} ({})", java.in_words(), dss.text, fact.source());
    Ok(code.found(seen).with("wanted", wanted).with("java", java.path).with("version", version).into())
}
