//! The registry accepts the credentials (HOWTO 2.1): the challenge, the token, and access with the token.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::{Registry, host};
use ackcheck_core::verdict::{Code, Judgement, Verdict};

mod blame;
mod trials;

static UNREACHABLE: Code = Code::fail("unreachable", "no registry answers at the host");
static TLS: Code = Code::fail("tls", "the TLS handshake with the registry or its token service fails");
static TOKEN_SERVICE_UNREACHABLE: Code =
    Code::fail("token-service-unreachable", "the registry answers, but its token service does not issue a token");
static UNAUTHORIZED: Code = Code::fail("unauthorized", "the registry rejects the user name or the password");
static PLAIN_HTTP: Code = Code::fail("plain-http", "the registry answers without TLS, which Docker does not accept");
static NOT_A_REGISTRY: Code = Code::fail("not-a-registry", "what answers at the host is not an image registry");
static THROTTLED: Code = Code::fail("throttled", "the registry or its token service rejects logins: too many requests");
static EXPIRED: Code = Code::fail("expired", "the temporary password has expired");

pub(crate) static CHECK: Check = Check {
    id: "registry-login",
    title: "The registry accepts the credentials",
    stage: Stage::Preflight,
    needs: &[&super::registry_url::CHECK],
    uses: &[&host::READ],
    deadline: Duration::from_secs(60),
    findings: &[
        &UNREACHABLE,
        &TLS,
        &PLAIN_HTTP,
        &NOT_A_REGISTRY,
        &THROTTLED,
        &TOKEN_SERVICE_UNREACHABLE,
        &UNAUTHORIZED,
        &EXPIRED,
    ],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Registry(|context, registry| Box::pin(judge(context, registry))),
};

async fn judge(context: &Context, registry: &dyn Registry) -> Judgement {
    let login = registry.login().await?;
    let Some(stopped) = login.stopped_at() else { return Ok(Verdict::Pass) };
    let site = registry.repository();
    let finding = blame::blame(context, stopped, &site).await?;
    let (host, said) = (stopped.host_name(), stopped.said());
    let finding = finding.with("host", host).with("name", super::without_port(host)).with("said", said);
    Ok(super::described(finding, &site).into())
}
