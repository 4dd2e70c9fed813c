//! In pods, `spark.driver.host` leads to where Spark's driver listens: it resolves to an address of the DSS host, and to the
//! one that the driver listens on. That address is reached as *dss-ports-reachable* says where DSS uses it too; at any other
//! ackcheck listens in the driver's place, on a few of its ports, and a pod calls them.

use std::net::IpAddr;
use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::pod::DssHost;
use ackcheck_core::seat::{NameAnswer, Pod, Seen, pod};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

mod address;
mod drivers;
mod trials;

use crate::network::called;
use address::{of_address, taken_by_executors};
use drivers::{Driver, Drivers};

static UNRESOLVABLE: Code =
    Code::fail("unresolvable", "pods cannot resolve the name that Spark's executors are given for the driver");
static WRONG_ADDRESS: Code =
    Code::fail("wrong-address", "in pods, what Spark's executors are given leads to another machine than the DSS host");
static LISTENS_ELSEWHERE: Code = Code::fail(
    "listens-elsewhere",
    "Spark's driver listens on another address of the DSS host than executors connect to",
);
static UNREACHABLE: Code =
    Code::fail("unreachable", "pods do not reach the address of the DSS host that Spark's executors are given");

pub(crate) static CHECK: Check = Check {
    id: "spark-driver-reached",
    title: "In pods, the host that Spark's executors are given leads to the driver",
    stage: Stage::Acceptance,
    needs: &[&super::spark_driver_host::CHECK, &crate::network::dss_ports_reachable::CHECK],
    uses: &[&pod::ASK, &pod::GREETED_BY_HOST],
    deadline: Duration::from_secs(300),
    findings: &[&UNRESOLVABLE, &WRONG_ADDRESS, &LISTENS_ELSEWHERE, &UNREACHABLE],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

async fn judge(context: &Context, pod: &dyn Pod) -> Judgement {
    let drivers = Drivers::of(context).await?;
    if drivers.list.is_empty() {
        return match &drivers.unknown {
            Some(unseen) => Err(unseen.clone()),
            None => Ok(Verdict::NotApplicable(drivers.why_none.into())),
        };
    }
    let host = pod.dss_host().await?;
    let usual = called::address(pod, &host).await?;
    let mut findings = Vec::new();
    let mut unknown = drivers.unknown.clone();
    for driver in &drivers.list {
        match of_driver(pod, &host, usual, driver).await {
            Ok(finding) => findings.extend(finding.map(|finding| described(finding, pod, &host, driver))),
            Err(unseen) => unknown = Some(unseen),
        }
    }
    match (Finding::gravest(findings), unknown) {
        (Some(gravest), _) => Ok(gravest.into()),
        (None, Some(unseen)) => Err(unseen),
        (None, None) => Ok(Verdict::Pass),
    }
}

fn described(finding: Finding, pod: &dyn Pod, host: &DssHost, driver: &Driver) -> Finding {
    let own = host.addresses.first().map(ToString::to_string).unwrap_or_default();
    let finding = finding.with("node", pod.node()).with("configuration", driver.configuration.clone());
    finding.with("value", driver.given.clone()).with("own_address", own)
}

async fn of_driver(pod: &dyn Pod, host: &DssHost, usual: IpAddr, driver: &Driver) -> Seen<Option<Finding>> {
    let so = format!("the Spark configuration {} has spark.driver.host = {}", driver.configuration, driver.given);
    let node = pod.node();
    let addresses = match driver.address {
        Some(address) => vec![address],
        // The name that DSS gives to pods too, whose addresses *dss-name-resolves* has judged.
        None if driver.given.eq_ignore_ascii_case(&host.name) => vec![usual],
        None => match pod.resolve(&driver.given).await? {
            NameAnswer::Addresses(addresses) => taken_by_executors(addresses),
            NameAnswer::NoSuchName { said } | NameAnswer::NoServer { said } => {
                let seen = format!("{so}, which pods on {node} cannot resolve: {said}");
                return Ok(Some(UNRESOLVABLE.found(seen).with("said", said)));
            }
        },
    };
    for address in addresses {
        if let Some(finding) = of_address(pod, host, usual, driver, address).await? {
            let leads = if driver.address.is_some() { String::new() } else { format!(", which is {address} in pods") };
            let seen = format!("{so}{leads}; {}", finding.seen);
            return Ok(Some(finding.code.found(seen).with("address", address.to_string()).with("what", finding.seen)));
        }
    }
    Ok(None)
}
