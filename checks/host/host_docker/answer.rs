//! What the output of `docker version` means, for the releases in use.

use ackcheck_core::seat::host::{CommandOutput, Ended};

/// What `docker version` found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Client and daemon answered.
    Serves,
    NoClient,
    Podman,
    Denied,
    NoDaemon,
    /// An output that is none of these.
    Other,
}

/// Reads the output. The texts: the client's own of 19.03, 20.10, 28 and 29; podman's of 1.4 and 4.
pub(super) fn read(output: &CommandOutput) -> Answer {
    let text = format!("{}\n{}", output.stdout, output.stderr).to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match &output.ended {
        Ended::NotFound => Answer::NoClient,
        // podman-docker announces itself unless it is configured not to; its version page never contains "Server:".
        _ if says(&["podman", "remoteapi version"]) => Answer::Podman,
        Ended::Exit(0) if says(&["server:"]) => Answer::Serves,
        // The client asks the daemon before it prints, so a client that hangs is waiting for its daemon.
        Ended::Killed { .. } => Answer::NoDaemon,
        _ if says(&["permission denied"]) => Answer::Denied,
        _ if says(&[
            "cannot connect to the docker daemon",
            "is the docker daemon running",
            "failed to connect to the docker api",
            "error during connect",
        ]) =>
        {
            Answer::NoDaemon
        }
        _ => Answer::Other,
    }
}

/// The line that says what is wrong, from the error stream or else from the output.
pub(super) fn complaint(output: &CommandOutput) -> String {
    let lines = || output.stderr.lines().chain(output.stdout.lines()).map(str::trim).filter(|line| !line.is_empty());
    if let Ended::Killed { why } = &output.ended {
        return format!("`docker version`: {why}");
    }
    let telling = lines().find(|line| {
        let line = line.to_ascii_lowercase();
        ["denied", "connect", "podman", "daemon", "error"].iter().any(|word| line.contains(word))
    });
    telling.or_else(|| lines().next()).unwrap_or("it printed nothing").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(code: i32, stdout: &str, stderr: &str) -> CommandOutput {
        CommandOutput { ended: Ended::Exit(code), stdout: stdout.to_owned(), stderr: stderr.to_owned() }
    }

    #[test]
    fn knows_the_words_of_many_releases() {
        let client = "Client:\n Version:           28.2.2\n API version:       1.50\n Context:           default\n";
        let socket = "unix:///var/run/docker.sock";
        let denied = [
            format!(
                "Got permission denied while trying to connect to the Docker daemon socket at {socket}: Get http://%2Fvar%2Frun%2Fdocker.sock/v1.40/version: dial unix /var/run/docker.sock: connect: permission denied"
            ),
            format!(
                "permission denied while trying to connect to the Docker daemon socket at {socket}: Get \"http://%2Fvar%2Frun%2Fdocker.sock/v1.24/version\": dial unix /var/run/docker.sock: connect: permission denied"
            ),
            format!("permission denied while trying to connect to the docker API at {socket}"),
        ];
        for text in denied {
            assert_eq!(read(&output(1, client, &text)), Answer::Denied, "{text}");
            assert!(complaint(&output(1, client, &text)).to_lowercase().contains("permission denied"));
        }
        let down = [
            format!("Cannot connect to the Docker daemon at {socket}. Is the docker daemon running?"),
            format!("failed to connect to the docker API at {socket}; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory"),
            "error during connect: Get \"http://10.0.0.9:2375/v1.50/version\": dial tcp 10.0.0.9:2375: connect: connection refused".to_owned(),
        ];
        for text in down {
            assert_eq!(read(&output(1, client, &text)), Answer::NoDaemon, "{text}");
        }
        let server =
            "Client: Docker Engine - Community\n Version: 20.10.24\n\nServer: Docker Engine - Community\n Engine:\n";
        assert_eq!(read(&output(0, server, "")), Answer::Serves);
        let announced = "Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.";
        assert_eq!(
            read(&output(0, "Client:       Podman Engine\nVersion:      4.9.4-rhel\n", announced)),
            Answer::Podman
        );
        assert_eq!(read(&output(0, "Version:            1.4.2-stable2\nRemoteAPI Version:  1\n", "")), Answer::Podman);
        let newer = "Error response from daemon: client version 1.52 is too new. Maximum supported API version is 1.41";
        assert_eq!(read(&output(1, client, newer)), Answer::Other);
        let gone = CommandOutput { ended: Ended::NotFound, stdout: String::new(), stderr: String::new() };
        assert_eq!(read(&gone), Answer::NoClient);
        let hung = CommandOutput { ended: Ended::Killed { why: "no end within 10.0 s".to_owned() }, ..gone };
        assert_eq!(read(&hung), Answer::NoDaemon);
    }
}
