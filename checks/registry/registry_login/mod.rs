//! The registry takes the credentials (HOWTO 2.1): the challenge, the token, and the way in with it.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::registry::{RegistryAct, RegistryHost, RegistryStep, RepositoryUrl};
use ackcheck_core::seat::{NoReply, Registry};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

mod trials;

static UNREACHABLE: Code = Code::fail("unreachable", "the registry does not answer as one");
static TLS: Code = Code::fail("tls", "the TLS handshake fails, with the registry or its token service");
static TOKEN_SERVICE_UNREACHABLE: Code =
    Code::fail("token-service-unreachable", "the registry answers, but the token service that it names gives no token");
static UNAUTHORIZED: Code = Code::fail("unauthorized", "the user or the password is refused");
static EXPIRED: Code = Code::fail("expired", "the temporary password has ended");

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
            // The end is written in the password; that it is over explains the refusal, and does not stand for one.
            Some(ended) if ended <= context.now() => {
                let seen = format!("{host} answered {said}; the password of cr_temp_user ended at {ended}");
                EXPIRED.found(seen).with("ended", ended.to_string())
            }
            _ => UNAUTHORIZED.found(format!("{host} answered {said}")),
        },
        Ok(_) if token_service => TOKEN_SERVICE_UNREACHABLE.found(format!("{host} answered {said}")),
        Ok(_) => UNREACHABLE.found(format!("{host} answered {said}")),
    }
}
