//! `hostname -f` prints a fully qualified name that resolves to one of the host's own addresses (HOWTO 2.1).

use std::net::IpAddr;
use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::{Host, NameAnswer};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod trials;

static NOT_QUALIFIED: Code = Code::fail("not-qualified", "`hostname -f` does not print a fully qualified name");
static LOOPBACK: Code = Code::fail("loopback", "the host's full name only resolves to a loopback address");
static NOT_OWN_ADDRESS: Code =
    Code::fail("not-own-address", "the host's full name does not resolve to an address of the host");

pub(crate) static CHECK: Check = Check {
    id: "host-name",
    title: "hostname -f prints a fully qualified name that resolves to the DSS host",
    stage: Stage::Preflight,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&NOT_QUALIFIED, &LOOPBACK, &NOT_OWN_ADDRESS],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

async fn judge(_: &Context, host: &dyn Host) -> Judgement {
    let printed = host.run("hostname", &["-f"]).await?;
    let own = host.addresses().await?;
    let name = printed.stdout.trim();
    let described = |finding: Finding| {
        let address = own.iter().find(|address| address.is_ipv4()).or(own.first());
        let address = address.map_or_else(|| "ADDRESS".to_owned(), IpAddr::to_string);
        let short = name.split('.').next().filter(|short| !short.is_empty()).unwrap_or("dss");
        finding.with("name", name).with("short_name", short).with("address", address)
    };
    match &printed.ended {
        Ended::Exit(0) => {}
        Ended::Exit(code) => {
            let seen = format!("`hostname -f` exited with code {code}: {}", printed.stderr.trim());
            return Ok(described(NOT_QUALIFIED.found(seen)).into());
        }
        Ended::Killed { why } | Ended::Late { why } => return Err(Unseen::unreadable("`hostname -f`", why.clone())),
        Ended::NotFound => return Err(Unseen::unreadable("`hostname -f`", "the host does not have this command")),
    }
    let local = name.starts_with("localhost");
    if local || !name.trim_end_matches('.').contains('.') || name.contains(char::is_whitespace) {
        return Ok(described(NOT_QUALIFIED.found(format!("`hostname -f` prints {name:?}"))).into());
    }
    let addresses = match host.resolve(name).await? {
        NameAnswer::Addresses(addresses) => addresses,
        NameAnswer::NoSuchName { said } | NameAnswer::NoServer { said } => {
            let seen = format!("{name} does not resolve on the host itself: {said}");
            return Ok(described(NOT_OWN_ADDRESS.found(seen)).into());
        }
    };
    if addresses.iter().any(|address| own.contains(address)) {
        return Ok(Verdict::Pass);
    }
    let list = |addresses: &[IpAddr]| addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", ");
    let seen = format!("{name} resolves to {}, but the host has {}", list(&addresses), list(&own));
    let code = if addresses.iter().all(IpAddr::is_loopback) { &LOOPBACK } else { &NOT_OWN_ADDRESS };
    Ok(described(code.found(seen)).into())
}
