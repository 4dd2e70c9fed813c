//! The account that ackcheck runs as, which is that of DSS, can use the local Docker daemon (HOWTO 2.1).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::host::DockerLogin;
use ackcheck_core::seat::host::docker::{AS_JSON, InfoPage, Server};
use ackcheck_core::seat::{Host, Seen, host};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod answer;
pub(super) mod place;
mod room;
mod trials;
mod words;

use answer::Answer;
use words::Complaint;

static DAEMON_DOWN: Code = Code::fail("daemon-down", "the Docker daemon does not answer");
static SOCKET_DENIED: Code =
    Code::fail("socket-denied", "the account is not allowed to use the Docker daemon's socket");
static PODMAN: Code = Code::fail("podman", "the docker command is podman, which DSS does not support");
static CLIENT_MISSING: Code = Code::fail("client-missing", "the docker command is not installed");
static NOT_DOCKER: Code = Code::fail("not-docker", "the docker command is another program than Docker");
static API_MISMATCH: Code =
    Code::fail("api-mismatch", "the docker command and the daemon do not have a version of the API in common");
static PLUGIN_DENIES: Code =
    Code::fail("plugin-denies", "an authorization plugin of the Docker daemon refuses the account's requests");
static ASKS_FOR_A_PASSWORD: Code =
    Code::fail("asks-for-a-password", "the docker command asks for a password or a terminal, which DSS does not have");
static OTHER_ARCHITECTURE: Code =
    Code::fail("other-architecture", "the daemon builds images for another processor than that of the nodes");
static WINDOWS: Code = Code::fail("windows", "the daemon builds images for Windows");
static DISK_FULL: Code = Code::fail("disk-full", "the daemon does not have room for an image");
static REMOTE_DAEMON: Code = Code::warn("remote-daemon", "the docker command uses a daemon on another machine");
static CONFIG_UNREADABLE: Code = Code::warn("config-unreadable", "the docker command cannot read its settings");

pub(crate) static CHECK: Check = Check {
    id: "host-docker",
    title: "The DSS account can build images with the local Docker daemon",
    stage: Stage::Preflight,
    needs: &[],
    uses: &[&host::DOCKER_LOGIN],
    // Seven short commands, one of which is asked twice where it does not end.
    deadline: Duration::from_secs(60),
    findings: &[
        &DAEMON_DOWN,
        &SOCKET_DENIED,
        &PODMAN,
        &CLIENT_MISSING,
        &NOT_DOCKER,
        &API_MISMATCH,
        &PLUGIN_DENIES,
        &ASKS_FOR_A_PASSWORD,
        &OTHER_ARCHITECTURE,
        &WINDOWS,
        &DISK_FULL,
        &REMOTE_DAEMON,
        &CONFIG_UNREADABLE,
    ],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

async fn judge(context: &Context, host: &dyn Host) -> Judgement {
    let (answer, warning) = answer::ask(host).await?;
    let server = match answer {
        Answer::Serves(server) => server,
        Answer::NoClient(said) => return Ok(CLIENT_MISSING.found(said).into()),
        Answer::Podman(seen) => return Ok(PODMAN.found(seen).into()),
        Answer::NotDocker(seen) => return Ok(NOT_DOCKER.found(seen).into()),
        Answer::Complains(complaint, said) => return Ok(complained(complaint, said).into()),
        Answer::Other(said) => return Err(Unseen::unreadable("`docker version`", said)),
    };
    let mut findings: Vec<Finding> = Vec::new();
    findings.extend(wrong_kind(host, &server).await?);
    match info(host).await? {
        Err(mismatch) => findings.push(mismatch),
        Ok(info) => match place::elsewhere(host).await? {
            Some(endpoint) => {
                let seen = format!("the docker command uses the daemon at {endpoint}, which is not on this host");
                findings.push(REMOTE_DAEMON.found(seen).with("endpoint", endpoint));
            }
            None => findings.extend(room::lacking(host, &info).await?.map(|seen| {
                let folder = seen.split_once(": ").map_or("", |(folder, _)| folder).to_owned();
                DISK_FULL.found(seen).with("folder", folder)
            })),
        },
    }
    if let Some(said) = warning
        && !costs_the_login(context, host).await?
    {
        findings.push(CONFIG_UNREADABLE.found(said.clone()).with("said", said));
    }
    Ok(Finding::gravest(findings).map_or(Verdict::Pass, Finding::verdict))
}

fn complained(complaint: Complaint, said: String) -> Finding {
    let code = match complaint {
        Complaint::Password => &ASKS_FOR_A_PASSWORD,
        Complaint::Versions => &API_MISMATCH,
        Complaint::Plugin => &PLUGIN_DENIES,
        Complaint::Denied => &SOCKET_DENIED,
        Complaint::NoDaemon => &DAEMON_DOWN,
    };
    code.found(said.clone()).with("said", said)
}

/// Whether the login for the registry is among what cannot be read: host-docker-login then says so, with what it costs.
async fn costs_the_login(context: &Context, host: &dyn Host) -> Seen<bool> {
    let Some(registry) = &context.config().registry else { return Ok(false) };
    let name = registry.url.trim().split('/').next().unwrap_or_default();
    Ok(matches!(host.docker_login(name).await?, DockerLogin::Unreadable { .. }))
}

/// A daemon whose images run on no node: those of DSS are for Linux on amd64, as DSS itself is.
async fn wrong_kind(host: &dyn Host, server: &Server) -> Seen<Option<Finding>> {
    let what = format!("the daemon, Docker {}, is for {}/{}", server.version, server.os, server.architecture);
    if server.os == "windows" {
        return Ok(Some(WINDOWS.found(what)));
    }
    // Docker Desktop adds words to it; daemons before 1.10 name none.
    let architecture = server.architecture.split(' ').next().unwrap_or_default();
    if matches!(architecture, "amd64" | "x86_64" | "") {
        return Ok(None);
    }
    // The client then has every build emulate the other processor.
    let platform = host.run("printenv", &["DOCKER_DEFAULT_PLATFORM"]).await?;
    let emulated = platform.stdout.trim() == "linux/amd64";
    Ok((!emulated).then(|| OTHER_ARCHITECTURE.found(what).with("architecture", architecture)))
}

/// What the daemon says of itself. The client of 29 finds only here that the daemon is too old for it.
async fn info(host: &dyn Host) -> Seen<Result<InfoPage, Finding>> {
    let output = host.run("docker", &[&["info"], &AS_JSON[..]].concat()).await?;
    let page = InfoPage::parse(&output.stdout).unwrap_or_default();
    if !page.server_version.is_empty() {
        return Ok(Ok(page));
    }
    let complaints = [output.stderr.as_str()].into_iter().chain(page.errors().iter().map(String::as_str));
    let said = complaints.collect::<Vec<_>>().join("\n");
    match words::complaint("", &said) {
        Some((Complaint::Versions, line)) => Ok(Err(complained(Complaint::Versions, line))),
        _ => Err(Unseen::unreadable("`docker info`", words::first_line("", &said))),
    }
}
