//! The name DSS gives its containers to call back on is exported, and one they can use (HOWTO 2.1).

use std::net::IpAddr;
use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::ExtHost;
use ackcheck_core::verdict::{Code, Judgement, Verdict};

mod address;
mod trials;

use address::{Address, Kind};

static NOT_EXPORTED: Code =
    Code::fail("not-exported", "DKU_BACKEND_EXT_HOST is assigned but not exported, so that DSS does not see it");
static LOOPBACK: Code = Code::fail("loopback", "DKU_BACKEND_EXT_HOST is an address that means each pod itself");
static PUBLIC: Code =
    Code::fail("public", "DKU_BACKEND_EXT_HOST is a public address; pods reach the host within the VPC");
static MALFORMED: Code = Code::fail("malformed", "DKU_BACKEND_EXT_HOST is no host name and no address");
static DYNAMIC: Code =
    Code::warn("dynamic", "DKU_BACKEND_EXT_HOST is decided when DSS starts, which no file can prove");

pub(crate) static CHECK: Check = Check {
    id: "ext-host",
    title: "DKU_BACKEND_EXT_HOST, where it is set, is exported and a name or address that pods can use",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&NOT_EXPORTED, &LOOPBACK, &PUBLIC, &MALFORMED, &DYNAMIC],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(context: &Context, dss: &dyn Dss) -> Judgement {
    let (file, state) = dss.ext_host().await?;
    let (code, seen, line, value) = match state {
        // DSS gives pods the host's own name then; whether that serves is asked in the pods.
        ExtHost::Unset => return Ok(Verdict::Pass),
        ExtHost::NotExported { value, line } => {
            (&NOT_EXPORTED, format!("assigns {value:?} without `export`"), line, value)
        }
        ExtHost::Dynamic { text, line } => (&DYNAMIC, format!("leaves it to the shell: {text}"), line, text),
        ExtHost::Malformed { why, line } => {
            (&MALFORMED, format!("the script is no valid shell: {why}"), line, String::new())
        }
        ExtHost::Exported { value, line } => {
            let own = |address: &IpAddr| context.config().host.addresses.contains(address);
            let (code, seen) = match Address::of(&value) {
                Err(why) => (&MALFORMED, format!("{value:?}: {why}")),
                Ok(Address::Ip(address, Kind::Loopback)) => (&LOOPBACK, format!("{address} is every machine's own")),
                Ok(Address::Ip(address, Kind::DockerBridge)) => {
                    (&LOOPBACK, format!("{address} is the Docker bridge of every machine that has one"))
                }
                Ok(Address::Ip(address, Kind::Public)) if !own(&address) => (&PUBLIC, format!("{address} is public")),
                Ok(Address::Localhost) => (&LOOPBACK, format!("{value} is every machine's own name for itself")),
                Ok(Address::Ip(..) | Address::Name) => return Ok(Verdict::Pass),
            };
            (code, seen, line, value)
        }
    };
    let finding = code.found(format!("{file}, line {line}: {seen}"));
    Ok(finding.with("file", file).with("line", line.to_string()).with("value", value).into())
}
