//! What the docker command complains of where no page of a daemon came: the words of its releases 1.11 to 29, of the
//! daemon, and of what stands in the command's place.

use ackcheck_core::seat::host::docker::is_warning;

/// What a complaint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Complaint {
    /// A password or a terminal is asked for, or sudo knows no rule for the account.
    Password,
    /// Client and daemon have no version of the API in common.
    Versions,
    /// An authorization plugin of the daemon.
    Plugin,
    /// The daemon's socket is not for this account.
    Denied,
    /// Nothing answers, or nothing is known that could.
    NoDaemon,
}

/// Lines in lower case that hold one of these are such a complaint; the first that fits counts.
const WORDS: [(Complaint, &[&str]); 5] = [
    (
        Complaint::Password,
        &[
            // sudo 1.8 and 1.9, doas, su, pkexec.
            "a terminal is required",
            "a password is required",
            "no tty present and no askpass program",
            "you must have a tty to run sudo",
            "is not in the sudoers file",
            "is not allowed to run sudo",
            "is not allowed to execute",
            "a tty is required",
            "must be run from a terminal",
            "error executing command as another user",
            "may not run sudo",
            "incorrect password attempt",
            "su: authentication failure",
            // sudo-rs.
            "interactive authentication is required",
            "i'm afraid i can't do that",
        ],
    ),
    (
        Complaint::Versions,
        &[
            "is too old. minimum supported api version",
            "is too new. maximum supported api version",
            // The client of 29 about a daemon before 19.03; that of 1.11 about an older one.
            "is not supported by this client: the minimum supported api version",
            "client is newer than server",
        ],
    ),
    // One that is not installed is named in quotes.
    (
        Complaint::Plugin,
        &["authorization denied by plugin", "authzplugin.authz", "error response from daemon: plugin \""],
    ),
    (
        Complaint::NoDaemon,
        &[
            "cannot connect to the docker daemon",
            "is the docker daemon running",
            "unable to resolve docker endpoint",
            "context not found",
            "is not found on the file system",
            "unable to parse docker host",
            "client sent an http request to an https server",
            "bad response from docker engine",
            "could not read ca certificate",
            "could not load x509 key pair",
            // What answers is not a daemon but a proxy or a web server.
            "for api route and version",
            // A daemon over SSH that the account cannot log in to: `Permission denied (publickey)`.
            "system dial-stdio]",
        ],
    ),
    (Complaint::Denied, &["permission denied while trying to connect to the docker", "connect: permission denied"]),
];

/// What these say in general, where nothing above does.
const ANY_CONNECTION: [&str; 4] =
    ["failed to connect to the docker api", "error during connect", "dial unix ", "dial tcp "];

/// The complaint of the streams of a command, with its line.
pub(super) fn complaint(stdout: &str, stderr: &str) -> Option<(Complaint, String)> {
    // "permission denied" in a warning is not about the daemon.
    let lines: Vec<&str> =
        stderr.lines().chain(stdout.lines()).map(str::trim).filter(|line| !is_warning(line)).collect();
    let holding = |words: &[&str]| {
        let holds = |line: &&&str| {
            let line = line.to_ascii_lowercase();
            words.iter().any(|word| line.contains(word))
        };
        lines.iter().find(holds).map(|line| shown(line))
    };
    let telling = WORDS.iter().find_map(|(complaint, words)| Some((*complaint, holding(words)?)));
    telling.or_else(|| Some((Complaint::NoDaemon, holding(&ANY_CONNECTION)?)))
}

/// The first line that says anything, errors first.
pub(super) fn first_line(stdout: &str, stderr: &str) -> String {
    let mut lines = stderr.lines().chain(stdout.lines()).map(str::trim);
    lines.find(|line| !line.is_empty() && !is_warning(line)).map_or_else(|| "it printed nothing".to_owned(), shown)
}

/// A line as findings quote it.
fn shown(line: &str) -> String {
    line.chars().take(LONGEST_QUOTE).collect()
}

/// The longest quote, in characters.
const LONGEST_QUOTE: usize = 400;

#[cfg(test)]
mod tests {
    use super::Complaint::*;
    use super::*;

    #[track_caller]
    fn says(stderr: &str, expected: Option<Complaint>) {
        let found = complaint("Client:\n Version: 28.2.2\n", stderr);
        assert_eq!(found.map(|(complaint, _)| complaint), expected, "{stderr}");
    }

    const WARNING: &str = "WARNING: Error loading config file: /home/dss/.docker/config.json: open /home/dss/.docker/config.json: permission denied";

    #[test]
    fn knows_a_daemon_that_does_not_answer_or_lets_nobody_in() {
        let socket = "unix:///var/run/docker.sock";
        let dial = "dial unix /var/run/docker.sock: connect";
        // 19.03, 20.10, 28 and 29.
        says(
            &format!(
                "Got permission denied while trying to connect to the Docker daemon socket at {socket}: Get http://%2Fvar%2Frun%2Fdocker.sock/v1.40/version: {dial}: permission denied"
            ),
            Some(Denied),
        );
        says(
            &format!(
                "{WARNING}\npermission denied while trying to connect to the Docker daemon socket at {socket}: Get \"http://%2Fvar%2Frun%2Fdocker.sock/v1.50/version\": {dial}: permission denied"
            ),
            Some(Denied),
        );
        says(&format!("permission denied while trying to connect to the docker API at {socket}"), Some(Denied));
        says(
            &format!("Cannot connect to the Docker daemon at {socket}. Is the docker daemon running?"),
            Some(NoDaemon),
        );
        says(
            &format!(
                "failed to connect to the docker API at {socket}; check if the path is correct and if the daemon is running: {dial}: no such file or directory"
            ),
            Some(NoDaemon),
        );
        says(
            "error during connect: Get \"http://nonsense:2375/v1.24/version\": dial tcp: lookup nonsense: no such host",
            Some(NoDaemon),
        );
        says(
            "error during connect: Get \"http://docker.example.com/v1.50/version\": command [ssh -T -- 10.0.0.9 docker system dial-stdio] has exited with exit status 255, stderr=dss@10.0.0.9: Permission denied (publickey).",
            Some(NoDaemon),
        );
        says(
            "Failed to initialize: unable to resolve docker endpoint: context \"nope\": context not found: open /home/dss/.docker/contexts/meta/ca37/meta.json: no such file or directory",
            Some(NoDaemon),
        );
        says(
            "Current context \"nope\" is not found on the file system, please check your config file at /home/dss/.docker/config.json",
            Some(NoDaemon),
        );
        says("Error response from daemon: Client sent an HTTP request to an HTTPS server.", Some(NoDaemon));
        says(
            "request returned 404 Not Found for API route and version http://10.0.0.9:1/v1.50/version, check if the server supports the requested API version",
            Some(NoDaemon),
        );
    }

    #[test]
    fn knows_a_daemon_behind_another_program_or_without_its_certificates() {
        for down in [
            "Error response from daemon: dial unix docker.raw.sock: connect: connection refused",
            "Error response from daemon: Bad response from Docker engine",
            "could not read CA certificate \"/home/dss/.docker/ca.pem\": open /home/dss/.docker/ca.pem: no such file or directory",
            "Could not load X509 key pair: tls: private key does not match public key. Make sure the key is not encrypted",
            "unable to resolve docker endpoint: open /home/dss/.docker/ca.pem: no such file or directory",
            "error during connect: Get \"https://10.0.0.9:2376/v1.24/version\": remote error: tls: bad certificate",
            "error during connect: Get \"https://10.0.0.9:2376/v1.50/version\": tls: failed to verify certificate: x509: certificate signed by unknown authority",
            "error during connect: Get \"http://10.0.0.9:2376/v1.50/version\": EOF",
            "Cannot connect to the Docker daemon at unix:///run/user/1001/docker.sock. Is the docker daemon running?",
            "request returned Internal Server Error for API route and version http://%2Fvar%2Frun%2Fdocker.sock/v1.24/version, check if the server supports the requested API version",
            "unable to resolve docker endpoint: context \"build\" does not exist",
        ] {
            says(down, Some(NoDaemon));
        }
        says("dial unix /run/user/1001/docker.sock: connect: permission denied", Some(Denied));
        says("Error response from daemon: plugin \"casbin\" not found", Some(Plugin));
    }

    #[test]
    fn knows_versions_that_do_not_fit_in_both_directions() {
        says(
            "Error response from daemon: client version 1.40 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version",
            Some(Versions),
        );
        says(
            "Error response from daemon: client version 1.53 is too new. Maximum supported API version is 1.41",
            Some(Versions),
        );
        says(
            "API version 1.39 is not supported by this client: the minimum supported API version is 1.40",
            Some(Versions),
        );
        says(
            "Error response from daemon: client is newer than server (client API version: 1.24, server API version: 1.19)",
            Some(Versions),
        );
    }

    #[test]
    fn knows_who_asks_for_a_password_and_which_plugin_refuses() {
        for asked in [
            "sudo: a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper\nsudo: a password is required",
            "sudo: no tty present and no askpass program specified",
            "sudo: sorry, you must have a tty to run sudo",
            "dssuser is not in the sudoers file.  This incident will be reported.",
            "Sorry, user dssuser is not allowed to execute '/usr/bin/docker version' as root on dss.",
            "doas: a tty is required",
            "su: must be run from a terminal",
            "su: Authentication failure",
            "sudo: A terminal is required to authenticate",
            "sudo: interactive authentication is required",
            "sudo: I'm sorry dssuser. I'm afraid I can't do that",
            "Sorry, user dssuser may not run sudo on dss.",
            "sudo: 3 incorrect password attempts",
        ] {
            says(asked, Some(Password));
        }
        says(
            "Error response from daemon: authorization denied by plugin opa-docker-authz: request rejected by administrative policy",
            Some(Plugin),
        );
        says(
            "Error response from daemon: plugin casbin failed with error: AuthZPlugin.AuthZReq: dial unix /run/docker/plugins/casbin.sock: connect: no such file or directory",
            Some(Plugin),
        );
    }

    #[test]
    fn takes_no_other_words_for_any_of_these() {
        for other in [
            "",
            "sudo: unable to resolve host dss: Name or service not known",
            "/usr/local/bin/docker: line 2: /opt/docker: Permission denied",
            "Error response from daemon: 500 Internal Server Error",
            WARNING,
        ] {
            says(other, None);
        }
    }

    #[test]
    fn the_first_line_is_an_error_and_no_warning() {
        assert_eq!(first_line("out\n", &format!("{WARNING}\n\n first \nsecond")), "first");
        assert_eq!(first_line("", "\n"), "it printed nothing");
    }
}
