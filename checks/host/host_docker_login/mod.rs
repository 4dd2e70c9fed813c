//! The DSS account has a login for the registry that the registry takes: DSS pushes with what `docker login` left.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::host::DockerLogin;
use ackcheck_core::seat::registry::{Conversation, RegistryAct, RepositoryUrl};
use ackcheck_core::seat::{Registry, Seen, host};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod trials;

use crate::registry::registry_login;

static NOT_LOGGED_IN: Code = Code::fail("not-logged-in", "the DSS account does not have a login for the registry");
static HELPER_MISSING: Code =
    Code::fail("helper-missing", "the credential helper that Docker's settings name is not installed");
static HELPER_FAILS: Code = Code::fail("helper-fails", "the credential helper does not give the login");
static EXPIRED: Code = Code::fail("expired", "the registry no longer accepts the login that the DSS account has");
static UNREADABLE: Code = Code::fail("unreadable", "Docker cannot read the logins of the DSS account");
static OTHER_USER: Code =
    Code::warn("other-user", "the DSS account is logged in to the registry as another user than the site file says");

pub(crate) static CHECK: Check = Check {
    id: "host-docker-login",
    title: "The registry accepts the login that Docker has on the DSS host",
    stage: Stage::Preflight,
    needs: &[&super::host_docker::CHECK, &registry_login::CHECK],
    uses: &[&host::DOCKER_LOGIN],
    deadline: Duration::from_secs(90),
    findings: &[&NOT_LOGGED_IN, &HELPER_MISSING, &HELPER_FAILS, &EXPIRED, &UNREADABLE, &OTHER_USER],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Registry(|context, registry| Box::pin(judge(context, registry))),
};

async fn judge(context: &Context, registry: &dyn Registry) -> Judgement {
    let site = registry.repository();
    let name = host_of(&site);
    let found = context.host()?.docker_login(name).await?;
    let finding = match found {
        DockerLogin::Password { user, password, stored_in } => {
            let login = registry.login_with(&user, &password).await?;
            return taken(&login, &site, &user, &stored_in);
        }
        DockerLogin::Token { stored_in } => {
            let what = format!("the login for {name} in {stored_in}");
            return Err(Unseen::unreadable(what, "it is a token, and ackcheck logs in with passwords only"));
        }
        DockerLogin::None { looked_in } => {
            if asks_for_nothing(&registry.login().await?) {
                return Ok(Verdict::NotApplicable(format!("{name} does not ask for a login").into()));
            }
            NOT_LOGGED_IN.found(format!("{looked_in} has no login for {name}"))
        }
        DockerLogin::HelperMissing { program, named_in } => {
            let seen = format!("{named_in} names {program} for {name}, which is not on the path");
            HELPER_MISSING.found(seen).with("program", program)
        }
        DockerLogin::HelperFails { program, said } => {
            let seen = format!("`{program} get` does not give the login for {name}: {said}");
            HELPER_FAILS.found(seen).with("program", program)
        }
        DockerLogin::Unreadable { file, why } => {
            UNREADABLE.found(format!("{file}: {why}")).with("file", file).with("why", why)
        }
    };
    // What DSS runs before a push may log in then, and a builder in the cluster has a login of its own.
    if is_pushed_otherwise(context, name).await? {
        let reason = format!("no configuration of DSS pushes to {name} with the login of the local Docker alone");
        return Ok(Verdict::NotApplicable(reason.into()));
    }
    Ok(described(finding, &site).into())
}

/// Judges a login that the account has by what the registry makes of it.
fn taken(login: &Conversation, site: &RepositoryUrl, user: &str, stored_in: &str) -> Judgement {
    let name = host_of(site);
    let finding = match login.stopped_at() {
        Some(step) if step.refused() && step.act != RegistryAct::Challenge => {
            let said = step.said();
            let seen = format!("{} answered {said} to {user}, whose password {stored_in} has", step.host_name());
            EXPIRED.found(seen).with("user", user)
        }
        Some(step) => {
            let what = format!("whether {name} accepts the login of {user}");
            return Err(Unseen::unreadable(what, format!("{}: {}", step.what, step.said())));
        }
        None => match &site.username {
            Some(expected) if expected != user => {
                let seen = format!("{stored_in} logs in to {name} as {user}, and the site file has {expected}");
                OTHER_USER.found(seen).with("user", user)
            }
            _ => return Ok(Verdict::Pass),
        },
    };
    Ok(described(finding, site).into())
}

/// True for a registry that let the first request in, before there was a login to send.
fn asks_for_nothing(login: &Conversation) -> bool {
    login.done && !login.steps.iter().any(|step| matches!(step.act, RegistryAct::Token | RegistryAct::Enter))
}

/// Whether every configuration of DSS that pushes there does so in another way.
async fn is_pushed_otherwise(context: &Context, name: &str) -> Seen<bool> {
    if context.config().dss.is_none() {
        return Ok(false);
    }
    let configurations = context.dss()?.configurations().await?;
    let there = |url: &String| url.trim().split('/').next() == Some(name);
    let mut pushing = configurations.list.iter().filter(|one| one.repositories.iter().any(there)).peekable();
    Ok(pushing.peek().is_some() && pushing.all(|one| one.pushed_with.is_some()))
}

fn host_of(site: &RepositoryUrl) -> &str {
    site.text.trim().split('/').next().unwrap_or_default()
}

fn described(finding: Finding, site: &RepositoryUrl) -> Finding {
    let username = site.username.as_deref().unwrap_or("USER");
    finding.with("registry_host", host_of(site)).with("username", username)
}
