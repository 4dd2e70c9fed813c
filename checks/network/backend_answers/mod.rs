//! This DSS answers on the backend port from the node. Every container connects to that port first.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::dss::DssVersion;
use ackcheck_core::seat::pod::DssHost;
use ackcheck_core::seat::{Heard, HttpReply, NoReply, Pod, Seen, pod};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

mod trials;
mod version;

static REFUSED: Code = Code::fail("refused", "nothing listens on the backend port");
static NO_ANSWER: Code =
    Code::fail("no-answer", "the backend port accepts connections, but the backend does not answer");
static OTHER_INSTANCE: Code = Code::fail("other-instance", "what answers on the backend port is not this DSS");

pub(crate) static CHECK: Check = Check {
    id: "backend-answers",
    title: "The backend of this DSS answers from the node",
    stage: Stage::Acceptance,
    needs: &[&super::dss_ports_reachable::CHECK, &crate::dss::dss_version::CHECK],
    uses: &[&pod::ASK],
    deadline: Duration::from_secs(120),
    findings: &[&REFUSED, &NO_ANSWER, &OTHER_INSTANCE],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNode(|context, pod| Box::pin(judge(context, pod))),
};

/// What `bin/dss start` itself waits for; it does not require a login.
pub(super) const PING: &str = "/dip/api/ping";
/// What the login page requests; it contains the version unless an administrator hides it.
pub(super) const CONFIGURATION: &str = "/dip/api/get-configuration";

async fn judge(_: &Context, pod: &dyn Pod) -> Judgement {
    let host = pod.dss_host().await?;
    let Some(port) = host.backend_port else {
        return Ok(Verdict::NotApplicable(
            "the site file does not name a data directory to read the backend's port from".into(),
        ));
    };
    let name = if host.name.contains(':') { format!("[{}]", host.name) } else { host.name.clone() };
    let (base, ping) = ping(pod, &format!("{name}:{port}")).await?;
    let node = pod.node();
    let describe = |finding: Finding| {
        let finding = finding.with("node", node).with("backend", base.clone()).with("name", host.name.clone());
        Ok(finding.with("port", port.to_string()).into())
    };
    match ping {
        Ok(reply) if reply.status == 200 => {}
        Ok(reply) if reply.status >= 500 => {
            let said = format!("{} {}", reply.status, start(&reply.body));
            return describe(NO_ANSWER.found(format!("{base}{PING} from {node}: {said}")).with("said", said));
        }
        Ok(reply) => {
            let said = format!("{} {}", reply.status, start(&reply.body));
            return describe(OTHER_INSTANCE.found(format!("{base}{PING} from {node}: {said}")).with("said", said));
        }
        Err(NoReply::Refused { address }) => {
            return describe(REFUSED.found(format!("{address} refused a connection from {node}")));
        }
        Err(why) => {
            let said = why.to_string();
            return describe(NO_ANSWER.found(format!("{base}{PING} from {node}: {said}")).with("said", said));
        }
    }
    match other(pod, &base, &host).await? {
        None => Ok(Verdict::Pass),
        Some(said) => describe(OTHER_INSTANCE.found(format!("{base} from {node}: {said}")).with("said", said)),
    }
}

/// Requests the ping, over TLS if the port does not speak plain HTTP: DSS's own encrypted RPC has a certificate that only
/// DSS trusts. Returns the URL that was used.
pub(super) async fn ping(pod: &dyn Pod, authority: &str) -> Seen<(String, Heard<HttpReply>)> {
    let plain = format!("http://{authority}");
    let heard = pod.get(&format!("{plain}{PING}"), true).await?;
    let wants_tls = match &heard {
        Ok(reply) => reply.status == 400,
        Err(why) => matches!(why, NoReply::Garbled { .. } | NoReply::Closed { .. }),
    };
    if wants_tls {
        let secure = format!("https://{authority}");
        let by_tls = pod.get(&format!("{secure}{PING}"), true).await?;
        if by_tls.is_ok() {
            return Ok((secure, by_tls));
        }
    }
    Ok((plain, heard))
}

/// How the answering instance differs from this one, if it does.
async fn other(pod: &dyn Pod, base: &str, host: &DssHost) -> Seen<Option<String>> {
    let Ok(reply) = pod.get(&format!("{base}{CONFIGURATION}"), true).await? else { return Ok(None) };
    // The version is hidden or not served by this release. The ping was answered as a backend does.
    let Some(answers) = version::told(&reply.body).and_then(|text| DssVersion::parse(&text)) else { return Ok(None) };
    let own = host.version.as_deref().and_then(DssVersion::parse);
    Ok(own
        .filter(|own| own.parts != answers.parts)
        .map(|own| format!("DSS {} answers, but the data directory belongs to DSS {}", answers.text, own.text)))
}

/// The beginning of a body, on one line.
fn start(body: &str) -> String {
    body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(120).collect()
}
