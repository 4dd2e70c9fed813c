//! The host that DSS gives its containers to connect back to is exported and usable (HOWTO 2.1).

use std::net::IpAddr;
use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::placeholder;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::ExtHost;
use ackcheck_core::verdict::{Code, Judgement, Verdict};

mod address;
mod trials;

use address::{Address, Kind};

static NOT_EXPORTED: Code =
    Code::fail("not-exported", "DKU_BACKEND_EXT_HOST is set but not exported, so DSS does not see it");
static LOOPBACK: Code = Code::fail("loopback", "DKU_BACKEND_EXT_HOST is an address that refers to the pod itself");
static PUBLIC: Code = Code::fail("public", "DKU_BACKEND_EXT_HOST is a public address instead of a VPC address");
static PLACEHOLDER: Code =
    Code::fail("placeholder", "DKU_BACKEND_EXT_HOST is what a document has in place of a host name");
static MALFORMED: Code = Code::fail("malformed", "DKU_BACKEND_EXT_HOST is neither a host name nor an address");
static DYNAMIC: Code = Code::warn("dynamic", "DKU_BACKEND_EXT_HOST is only determined when DSS starts");

pub(crate) static CHECK: Check = Check {
    id: "ext-host",
    title: "DKU_BACKEND_EXT_HOST, if set, is exported and usable by pods",
    stage: Stage::Acceptance,
    needs: &[&super::env_scripts::CHECK],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&NOT_EXPORTED, &LOOPBACK, &PUBLIC, &PLACEHOLDER, &MALFORMED, &DYNAMIC],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(context: &Context, dss: &dyn Dss) -> Judgement {
    let (file, state) = dss.ext_host().await?;
    let (code, seen, line, value) = match state {
        // DSS then gives pods the host's own name. Whether that works, dss-name-resolves asks in the pods.
        ExtHost::Unset => return Ok(Verdict::Pass),
        ExtHost::NotExported { value, line } => {
            (&NOT_EXPORTED, format!("sets {value:?} without `export`"), line, value)
        }
        ExtHost::Dynamic { text, line } => (&DYNAMIC, format!("leaves it to the shell: {text}"), line, text),
        ExtHost::Malformed { why, line } => {
            (&MALFORMED, format!("the script is not valid shell: {why}"), line, String::new())
        }
        ExtHost::Exported { value, line } => {
            let own = |address: &IpAddr| context.config().host.addresses.contains(address);
            let (code, seen) = match Address::of(&value) {
                _ if placeholder::found_in(&value).is_some() => {
                    (&PLACEHOLDER, format!("{value:?} stands in documents where a host name of your own belongs"))
                }
                Err(why) => (&MALFORMED, format!("{value:?}: {why}")),
                Ok(Address::Ip(address, Kind::Loopback)) => {
                    (&LOOPBACK, format!("{address} refers to the machine itself, wherever it is used"))
                }
                Ok(Address::Ip(address, Kind::DockerBridge)) => {
                    (&LOOPBACK, format!("{address} is the Docker bridge of whichever machine uses it"))
                }
                Ok(Address::Ip(address, Kind::Public)) if !own(&address) => (&PUBLIC, format!("{address} is public")),
                Ok(Address::Localhost) => {
                    (&LOOPBACK, format!("{value} refers to the machine itself, wherever it is used"))
                }
                Ok(Address::Ip(..) | Address::Name) => return Ok(Verdict::Pass),
            };
            (code, seen, line, value)
        }
    };
    let finding = code.found(format!("{file}, line {line}: {seen}"));
    Ok(finding.with("file", file).with("line", line.to_string()).with("value", value).into())
}
