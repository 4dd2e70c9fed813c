//! What Spark's executors are given to connect to the driver is an address of the DSS host that the driver listens on.
//! Executors are given `spark.driver.host`, or else the host's own name; the driver listens on `spark.driver.bindAddress`, or
//! else on `spark.driver.host` (Spark 2.1 to 4.1: `DRIVER_HOST_ADDRESS`, `DRIVER_BIND_ADDRESS`). What a name leads to on the
//! DSS host is seen here, and what it leads to in pods by *spark-driver-reached*.

use std::net::IpAddr;
use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::dss::containers::{Configuration, spark};
use ackcheck_core::seat::{Dss, Seen};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod trials;

use super::driver::{Address, Listens, listens_on};
use super::{described, on_kubernetes};

static LOOPBACK: Code = Code::fail("loopback", "Spark's driver is only reachable from its own machine");
static NOT_OWN_ADDRESS: Code =
    Code::fail("not-own-address", "Spark's driver listens on an address that the DSS host does not have");
static MALFORMED: Code = Code::fail("malformed", "what executors are given is neither a host name nor an address");
static PLACEHOLDER: Code = Code::fail("placeholder", "a placeholder of the documentation was not replaced");
static UNRESOLVABLE: Code =
    Code::fail("unresolvable", "the DSS host cannot resolve the name that Spark's driver is to listen on");
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
    findings: &[&LOOPBACK, &NOT_OWN_ADDRESS, &MALFORMED, &PLACEHOLDER, &UNRESOLVABLE, &WILDCARD_ALONE, &SHORT_NAME],
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
            None => match of_listening(context, one).await {
                Ok(finding) => findings.extend(finding.map(|finding| described(finding, one))),
                Err(unseen) => unknown = Some(unseen),
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

/// What is wrong with where the driver listens.
async fn of_listening(context: &Context, one: &Configuration) -> Seen<Option<Finding>> {
    let Some((key, text, listens)) = listens_on(context, one).await? else { return Ok(None) };
    let (name, on) = (&one.name, listens.address());
    let found = |code: &'static Code, seen: String| code.found(seen).with("property", key).with("value", text);
    let leads = match on {
        Some(address) if address.to_string() != text => format!("{key} = {text}, which is {address} on the DSS host"),
        _ => format!("{key} = {text}"),
    };
    let so = format!("the Spark configuration {name} has {leads}");
    match listens {
        Listens::Everywhere => Ok(None),
        Listens::Nowhere { said } => {
            Ok(Some(found(&UNRESOLVABLE, format!("{so}; the DSS host does not resolve it: {said}")).with("said", said)))
        }
        Listens::On(address) if address.is_loopback() => {
            Ok(Some(found(&LOOPBACK, format!("{so}: the driver only listens for its own machine"))))
        }
        Listens::On(address) => {
            let own = own_addresses(context).await?;
            let of_host = own.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let seen = format!("{so}, but the DSS host has {of_host}");
            Ok((!own.contains(&address)).then(|| found(&NOT_OWN_ADDRESS, seen).with("own", of_host)))
        }
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

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
