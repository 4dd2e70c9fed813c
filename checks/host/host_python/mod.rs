//! The Python that DSS itself runs on is there, and one that its release has packages for (HOWTO 2.1): what `DKUPYTHONBIN`
//! names, or else that of the data directory, which leads to the Python of the host it was made with.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::dss_facts::Sureness;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Host;
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

mod trials;

use super::interpreter::{Program, Started, alternatives};
use super::{instance, release};

static MISSING: Code = Code::fail("missing", "the Python that DSS runs on does not start, since it is not on the host");
static WRONG_VERSION: Code =
    Code::fail("wrong-version", "the Python of DSS's data directory is one that its release has no packages for");
static UNLISTED_VERSION: Code =
    Code::warn("unlisted-version", "the Python that DSS runs on is not one that its release is known to work with");

pub(crate) static CHECK: Check = Check {
    id: "host-python",
    title: "The Python that DSS runs on is one that its release supports",
    stage: Stage::Acceptance,
    needs: &[&crate::dss::dss_version::CHECK, &crate::dss::env_scripts::CHECK],
    uses: &[],
    deadline: Duration::from_secs(60),
    findings: &[&MISSING, &WRONG_VERSION, &UNLISTED_VERSION],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

/// It has to start whole: `--version` is printed even by one whose standard library is gone. It writes nothing.
const ASKED: [&str; 3] = ["-B", "-c", "import sys; print('Python %d.%d' % tuple(sys.version_info[:2]))"];

async fn judge(context: &Context, host: &dyn Host) -> Judgement {
    let (dss, release) = release::of(context).await?;
    let fact = release.python.as_ref().ok_or_else(|| release::not_known("the Python", &dss))?;
    let wanted = alternatives(&fact.value);
    let own = format!("{}/bin/python", instance::data_dir(context, host).await?);
    let Some(python) = Program::of(context, "DKUPYTHONBIN", Some(own)).await? else {
        return Err(Unseen::unreadable("DKUPYTHONBIN", "it does not name a program"));
    };
    let said = match python.start(host, &ASKED).await? {
        Started::Said(said) => said,
        Started::Missing(why) => {
            python.is_certain()?;
            let seen = format!("{} does not start: {why}", python.in_words());
            return Ok(MISSING.found(seen).with("wanted", wanted).with("python", python.path).into());
        }
    };
    let Some(version) = said.lines().find_map(|line| line.strip_prefix("Python ")).map(str::trim) else {
        return Err(Unseen::unreadable(python.path, format!("it does not say its version: {said}")));
    };
    if fact.value.iter().any(|listed| listed == version) {
        return Ok(Verdict::Pass);
    }
    python.is_certain()?;
    // One that the administrator chose brings packages of its own.
    let code = match fact.sure {
        Sureness::Confirmed if !python.is_chosen() => &WRONG_VERSION,
        Sureness::Confirmed | Sureness::Inferred => &UNLISTED_VERSION,
    };
    let seen =
        format!("{} is Python {version}; DSS {} takes {wanted} ({})", python.in_words(), dss.text, fact.source());
    let finding = code.found(seen).with("wanted", wanted).with("version", version);
    Ok(finding.with("python", python.path).into())
}
