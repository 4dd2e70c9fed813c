//! What Spark's executors are given to connect to the driver is an address of the DSS host that the driver listens on. Only
//! text is read: executors are given `spark.driver.host`, or else the host's own name; the driver listens on
//! `spark.driver.bindAddress`, or else on `spark.driver.host` (Spark 2.1 to 4.1: `DRIVER_HOST_ADDRESS`,
//! `DRIVER_BIND_ADDRESS`).

use std::net::IpAddr;
use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::dss::containers::{Configuration, spark};
use ackcheck_core::seat::{Dss, Seen};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod address;
mod trials;

use super::{described, on_kubernetes};
use address::Address;

static LOOPBACK: Code = Code::fail("loopback", "Spark's driver is only reachable from its own machine");
static NOT_OWN_ADDRESS: Code =
    Code::fail("not-own-address", "Spark's driver listens on an address that the DSS host does not have");
static MALFORMED: Code = Code::fail("malformed", "what executors are given is neither a host name nor an address");
static PLACEHOLDER: Code = Code::fail("placeholder", "a placeholder of the documentation was not replaced");
static WILDCARD_ALONE: Code = Code::warn(
    "wildcard-alone",
    "the driver listens on every address, and what executors are given is left to the host's own name",
);
static SHORT_NAME: Code = Code::warn("short-name", "executors are given a host name without a domain");

pub(crate) static CHECK: Check = Check {
    id: "spark-driver-host",
    title: "Spark's executors are given an address that its driver listens on",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&LOOPBACK, &NOT_OWN_ADDRESS, &MALFORMED, &PLACEHOLDER, &WILDCARD_ALONE, &SHORT_NAME],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(context: &Context, dss: &dyn Dss) -> Judgement {
    let found = dss.configurations().await?;
    let configurations: Vec<&Configuration> = on_kubernetes(&found).collect();
    if configurations.is_empty() {
        return Ok(Verdict::NotApplicable("DSS has no Spark configuration for Kubernetes".into()));
    }
    let mut findings = Vec::new();
    let mut unknown = None;
    for one in configurations {
        match of_text(one) {
            Some(finding) => findings.push(described(finding, one)),
            // An address must be one of the host's own.
            None => match listens_on(one) {
                None => {}
                Some((key, address)) => match own_addresses(context).await {
                    Err(unseen) => unknown = Some(unseen),
                    Ok(own) if own.contains(&address) => {}
                    Ok(own) => findings.push(described(not_own(one, key, address, &own), one)),
                },
            },
        }
    }
    match (Finding::gravest(findings), unknown) {
        (Some(gravest), _) => Ok(gravest.into()),
        (None, Some(unseen)) => Err(unseen),
        (None, None) => Ok(Verdict::Pass),
    }
}

/// What is wrong with the text of either property, the gravest first.
fn of_text(one: &Configuration) -> Option<Finding> {
    let given = |key: &'static str| one.text(key).map(|text| (key, text, Address::of(text)));
    let (host, bind) = (given(spark::DRIVER_HOST), given(spark::BIND_ADDRESS));
    let found = |code: &'static Code, (key, text, _): &(&'static str, &str, Address), why: &str| {
        let seen = format!("the Spark configuration {} has {key} = {text}: {why}", one.name);
        code.found(seen).with("property", *key).with("value", *text)
    };
    for property in [&host, &bind].into_iter().flatten() {
        match &property.2 {
            Address::Placeholder => return Some(found(&PLACEHOLDER, property, "the documentation prints it")),
            Address::Malformed(why) => return Some(found(&MALFORMED, property, why)),
            Address::Loopback => {
                return Some(found(&LOOPBACK, property, "it means the machine itself, wherever it is used"));
            }
            Address::Wildcard if property.0 == spark::DRIVER_HOST => {
                return Some(found(&LOOPBACK, property, "an executor that connects to it reaches its own pod"));
            }
            Address::Wildcard | Address::Ip(_) | Address::Name { .. } => {}
        }
    }
    match (&host, &bind) {
        (None, Some(bind)) if bind.2 == Address::Wildcard && one.property(spark::DRIVER_HOST).is_none() => {
            Some(found(&WILDCARD_ALONE, bind, "spark.driver.host is not set"))
        }
        (Some(host), _) if host.2 == (Address::Name { short: true }) => {
            Some(found(&SHORT_NAME, host, "pods look names up in the domains of the cluster"))
        }
        _ => None,
    }
}

/// The address that the driver listens on, where it is written out as one, and the property that says so.
fn listens_on(one: &Configuration) -> Option<(&'static str, IpAddr)> {
    let key = match one.property(spark::BIND_ADDRESS) {
        Some(_) => spark::BIND_ADDRESS,
        None => spark::DRIVER_HOST,
    };
    match Address::of(one.text(key)?) {
        Address::Ip(address) => Some((key, address)),
        _ => None,
    }
}

/// Those of the host itself; the site file's where it cannot be asked.
async fn own_addresses(context: &Context) -> Seen<Vec<IpAddr>> {
    match context.host() {
        Ok(host) => host.addresses().await,
        Err(_) if !context.config().host.addresses.is_empty() => Ok(context.config().host.addresses.clone()),
        Err(unseen) => Err(Unseen::not_given(
            format!("which addresses the DSS host has is not known: {unseen}"),
            "[host]\naddresses = [\"10.0.0.20\"]",
        )),
    }
}

fn not_own(one: &Configuration, key: &'static str, address: IpAddr, own: &[IpAddr]) -> Finding {
    let own: Vec<String> = own.iter().map(ToString::to_string).collect();
    let (name, own) = (&one.name, own.join(", "));
    let seen = format!("the Spark configuration {name} has {key} = {address}, but the DSS host has {own}");
    NOT_OWN_ADDRESS.found(seen).with("property", key).with("value", address.to_string()).with("own", own)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
