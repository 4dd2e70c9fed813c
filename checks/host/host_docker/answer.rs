//! What answers to the name docker: which program it is, and what it says of its daemon.

use ackcheck_core::seat::host::docker::{self, AS_JSON, Program, Server, VersionPage};
use ackcheck_core::seat::host::{CommandOutput, Ended};
use ackcheck_core::seat::{Host, Seen};
use ackcheck_core::verdict::Unseen;

use super::words::{self, Complaint};

/// What `docker version` found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// Client and daemon answered, both of Docker.
    Serves(Server),
    NoClient(String),
    Podman(String),
    /// Another program by that name.
    NotDocker(String),
    /// The client, or what stands before it, says why nothing was done.
    Complains(Complaint, String),
    /// An output that is none of these.
    Other(String),
}

/// Asks, and tells what was answered and what the client warned of.
pub(super) async fn ask(host: &dyn Host) -> Seen<(Answer, Option<String>)> {
    let output = host.run("docker", &[&["version"], &AS_JSON[..]].concat()).await?;
    let warning = docker::unread_settings(&output.stderr).map(str::to_owned);
    let answer = match &output.ended {
        Ended::NotFound => Answer::NoClient("the docker command is not on the path".to_owned()),
        Ended::Killed { why } => return Err(Unseen::unreadable("`docker version`", why.clone())),
        Ended::Late { why } => hangs(host, why).await?,
        Ended::Exit(code) => match read(&output) {
            Some(answer) => answer,
            None => unknown(host, &output, *code).await?,
        },
    };
    Ok((answer, warning))
}

/// What a page of versions tells by itself; none where there is no such page.
fn read(output: &CommandOutput) -> Option<Answer> {
    let page = VersionPage::parse(&output.stdout)?;
    Some(match (page.program, page.server) {
        (Program::Podman, _) => Answer::Podman(format!("the docker command is podman {}", page.version)),
        (Program::Other, _) => {
            let seen = format!("`docker version` is answered by another program than Docker, version {}", page.version);
            Answer::NotDocker(seen)
        }
        (Program::Docker, Some(server)) if server.is_podman() => {
            let seen = format!("what answers on Docker's socket is the service of podman {}", server.version);
            Answer::Podman(seen)
        }
        (Program::Docker, Some(server)) => Answer::Serves(server),
        (Program::Docker, None) => complaint(output)?,
    })
}

fn complaint(output: &CommandOutput) -> Option<Answer> {
    words::complaint(&output.stdout, &output.stderr).map(|(complaint, line)| Answer::Complains(complaint, line))
}

/// The program printed no page: its name decides, unless a password was asked for before it came to that.
async fn unknown(host: &dyn Host, output: &CommandOutput, code: i32) -> Seen<Answer> {
    let said = words::first_line(&output.stdout, &output.stderr);
    let complains = complaint(output);
    if matches!(complains, Some(Answer::Complains(Complaint::Password, _))) {
        return Ok(complains.unwrap_or(Answer::Other(said)));
    }
    // A wrapper whose program is not there: as a shell ends then.
    if code == 127 {
        return Ok(Answer::NoClient(said));
    }
    let other = Answer::Other(format!("it exited with code {code}: {said}"));
    let named = host.run("docker", &["--version"]).await?;
    let name = words::first_line(&named.stdout, "");
    let lower = name.to_ascii_lowercase();
    Ok(match named.ended {
        Ended::Exit(0) if lower.starts_with("podman version") => {
            Answer::Podman(format!("`docker --version` prints `{name}`; `docker version`: {said}"))
        }
        Ended::Exit(0) if !lower.starts_with("docker version") && lower.contains(" version ") => {
            Answer::NotDocker(format!("`docker --version` prints `{name}`; `docker version`: {said}"))
        }
        _ => complains.unwrap_or(other),
    })
}

/// The command did not end within our limit, which says nothing about it. Where ackcheck runs in a terminal, a password may
/// have been asked for there. DSS has none: it is asked again without.
async fn hangs(host: &dyn Host, why: &str) -> Seen<Answer> {
    let again = ["--wait", "timeout", "--kill-after=1", WITHOUT_TERMINAL, "docker", "version"];
    let output = host.run("setsid", &again).await?;
    match words::complaint(&output.stdout, &output.stderr) {
        Some((Complaint::Password, line)) => Ok(Answer::Complains(Complaint::Password, line)),
        _ => Err(Unseen::unreadable("`docker version`", why)),
    }
}

/// How long the second try has, in seconds: a question for a password is there at once.
const WITHOUT_TERMINAL: &str = "5";

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! recorded {
        ($path:literal) => {
            include_str!(concat!("../../../fixtures/docker/", $path))
        };
    }

    fn printed(stdout: &str, stderr: &str) -> Option<Answer> {
        read(&CommandOutput { ended: Ended::Exit(1), stdout: stdout.to_owned(), stderr: stderr.to_owned() })
    }

    #[test]
    fn recorded_programs_are_told_apart() {
        for page in
            [recorded!("client-28.2-server-20.10/version.json"), recorded!("client-20.10-server-20.10/version.json")]
        {
            assert!(matches!(printed(page, ""), Some(Answer::Serves(server)) if server.version == "20.10.24+dfsg1"));
        }
        assert!(matches!(printed(recorded!("podman-4.3/version.json"), ""), Some(Answer::Podman(_))));
    }

    #[test]
    fn text_is_no_proof_of_a_daemon_and_a_page_without_one_needs_a_reason() {
        assert_eq!(printed("Client:\n Version: 1.7.6\n\nServer:\n containerd:\n", ""), None);
        let down = r#"{"Client":{"Version":"28.2.2","ApiVersion":"1.50"},"Server":null}"#;
        assert_eq!(printed(down, ""), None);
        let said = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";
        assert_eq!(printed(down, said), Some(Answer::Complains(Complaint::NoDaemon, said.to_owned())));
    }
}
