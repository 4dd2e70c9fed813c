//! The registry accepts the credentials (HOWTO 2.1): the challenge, the token, and access with the token.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::registry::{RegistryAct, RegistryHost, RegistryStep, RepositoryUrl};
use ackcheck_core::seat::{NoReply, Registry};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

mod trials;

static UNREACHABLE: Code = Code::fail("unreachable", "no registry answers at the host");
static TLS: Code = Code::fail("tls", "the TLS handshake with the registry or its token service fails");
static TOKEN_SERVICE_UNREACHABLE: Code =
    Code::fail("token-service-unreachable", "the registry answers, but its token service does not issue a token");
static UNAUTHORIZED: Code = Code::fail("unauthorized", "the registry rejects the user name or the password");
static EXPIRED: Code = Code::fail("expired", "the temporary password has expired");

pub(crate) static CHECK: Check = Check {
    id: "registry-login",
    title: "The registry accepts the credentials",
    stage: Stage::Preflight,
    needs: &[&super::registry_url::CHECK],
    uses: &[],
    deadline: Duration::from_secs(60),
    findings: &[&UNREACHABLE, &TLS, &TOKEN_SERVICE_UNREACHABLE, &UNAUTHORIZED, &EXPIRED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Registry(|context, registry| Box::pin(judge(context, registry))),
};

async fn judge(context: &Context, registry: &dyn Registry) -> Judgement {
    let login = registry.login().await?;
    let Some(stopped) = login.stopped_at() else { return Ok(Verdict::Pass) };
    let site = registry.repository();
    let finding = blame(context, stopped, &site);
    let (host, said) = (stopped.host_name(), stopped.said());
    let finding = finding.with("host", host).with("name", super::without_port(host)).with("said", said);
    Ok(super::described(finding, &site).into())
}

fn blame(context: &Context, stopped: &RegistryStep, site: &RepositoryUrl) -> Finding {
    let (host, said) = (stopped.host_name(), stopped.said());
    let token_service = stopped.host == RegistryHost::TokenService;
    match &stopped.heard {
        Err(NoReply::Tls { said }) => TLS.found(format!("{host}: {said}")),
        Err(_) if token_service => TOKEN_SERVICE_UNREACHABLE.found(format!("{}: {said}", stopped.what)),
        Err(_) => UNREACHABLE.found(format!("{host}: {said}")),
        Ok(_) if stopped.refused() && stopped.act != RegistryAct::Challenge => match site.expires {
            // The password itself says when it expires. That it has expired explains the refusal, but is not one by itself.
            Some(ended) if ended <= context.now() => {
                let seen = format!("{host} answered {said}; the password of cr_temp_user expired at {ended}");
                EXPIRED.found(seen).with("ended", ended.to_string())
            }
            _ => UNAUTHORIZED.found(format!("{host} answered {said}")),
        },
        Ok(_) if token_service => TOKEN_SERVICE_UNREACHABLE.found(format!("{host} answered {said}")),
        Ok(_) => UNREACHABLE.found(format!("{host} answered {said}")),
    }
}
