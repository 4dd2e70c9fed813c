//! The account that ackcheck runs as, which is that of DSS, can use the local Docker daemon (HOWTO 2.1).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Host;
use ackcheck_core::seat::host::Ended;
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

mod answer;
mod trials;

use answer::Answer;

static DAEMON_DOWN: Code = Code::fail("daemon-down", "the Docker daemon does not answer");
static SOCKET_DENIED: Code =
    Code::fail("socket-denied", "the account is not allowed to use the Docker daemon's socket");
static PODMAN: Code = Code::fail("podman", "the docker command is podman, which DSS does not support");
static CLIENT_MISSING: Code = Code::fail("client-missing", "the docker command is not installed");

pub(crate) static CHECK: Check = Check {
    id: "host-docker",
    title: "The DSS account can build images with the local Docker daemon",
    stage: Stage::Preflight,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&DAEMON_DOWN, &SOCKET_DENIED, &PODMAN, &CLIENT_MISSING],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

async fn judge(_: &Context, host: &dyn Host) -> Judgement {
    let output = host.run("docker", &["version"]).await?;
    let said = answer::complaint(&output);
    let finding = match answer::read(&output) {
        Answer::Serves => return Ok(Verdict::Pass),
        Answer::NoClient => CLIENT_MISSING.found("the docker command is not on the path"),
        Answer::Podman => PODMAN.found(format!("`docker version` is answered by podman: {said}")),
        Answer::Denied => SOCKET_DENIED.found(said),
        Answer::NoDaemon => DAEMON_DOWN.found(said),
        Answer::Other => {
            let how = match output.ended {
                Ended::Exit(code) => format!("it exited with code {code}: {said}"),
                Ended::Killed { why } => why,
                Ended::NotFound => said,
            };
            return Err(Unseen::unreadable("`docker version`", how));
        }
    };
    Ok(finding.into())
}
