//! The exec plugin of a kubeconfig's user, run within bounds: kube would run it without any.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use kube::config::{AuthInfo, Cluster, ExecConfig};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::io::AsyncReadExt as _;

use super::unusable::Unusable;
use super::user::{base64_of, teach};
use crate::json::not_json;
use crate::terminal;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::secret::Scrubber;

/// The most a plugin may print, in bytes.
const LONGEST_OUTPUT: u64 = 1 << 20;

/// What a plugin prints (client.authentication.k8s.io `ExecCredential`).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
    status: Option<ExecStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecStatus {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// How a plugin ended that brought no credential.
enum Failed {
    /// kubectl gets none from it either.
    Itself(String),
    /// kubectl waits longer than ackcheck.
    Limit(Duration),
}

/// The user with the credentials that the plugin has for them; as it is if it has no plugin.
///
/// # Errors
/// What kubectl refuses too is the deployment's fault; a plugin that is slower than `limit` is a limit of ours.
pub(super) async fn credentials(
    user: &AuthInfo,
    cluster: &Cluster,
    limit: Duration,
    journal: &Journal,
) -> Result<AuthInfo, Unusable> {
    let Some(exec) = &user.exec else { return Ok(user.clone()) };
    let program = exec.command.clone().unwrap_or_default();
    let asked = match exec.args.as_ref().map_or(0, Vec::len) {
        0 => program,
        number => format!("{program} with {number} arguments"),
    };
    let began = Instant::now();
    let ended = match command(exec, cluster) {
        Ok(command) => run(command, limit, journal.scrubber()).await,
        Err(why) => Err(Failed::Itself(why)),
    };
    let credential = match ended {
        Err(failed) => Err(failed),
        Ok(text) => credential(&text, exec.api_version.as_deref().unwrap_or_default()).map_err(Failed::Itself),
    };
    let filled = credential.map(|status| filled(user, &status, journal.scrubber()));
    let (said, filled) = match filled {
        Ok(filled) => ("a credential".to_owned(), Ok(filled)),
        Err(Failed::Itself(why)) => (why.clone(), Err(Unusable::Other(format!("the exec plugin `{asked}` {why}")))),
        Err(Failed::Limit(limit)) => {
            let why = format!("did not end within {:.1} s, the longest that ackcheck waits", limit.as_secs_f64());
            (why.clone(), Err(Unusable::Ours(format!("the exec plugin `{asked}` {why} (`[limits] command`)"))))
        }
    };
    journal.note(Vantage::Cluster, asked, said, began.elapsed());
    filled
}

/// The command, with what client-go gives a plugin. DSS has no terminal to give it.
fn command(exec: &ExecConfig, cluster: &Cluster) -> Result<tokio::process::Command, String> {
    let program = exec.command.as_deref().unwrap_or_default();
    let found = match program.contains('/') {
        true => Some(PathBuf::from(program)).filter(|file| terminal::is_program(file)),
        false => terminal::found(program),
    };
    let found = found.ok_or("does not start: there is no such program, or it is not allowed to be run")?;
    let mut command = terminal::without(&found);
    command.args(exec.args.iter().flatten());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for entry in exec.env.iter().flatten() {
        if let (Some(name), Some(value)) = (entry.get("name"), entry.get("value")) {
            command.env(name, value);
        }
    }
    let mut info = serde_json::json!({
        "apiVersion": exec.api_version, "kind": "ExecCredential", "spec": { "interactive": false },
    });
    if exec.provide_cluster_info {
        info["spec"]["cluster"] = serde_json::to_value(cluster).unwrap_or_default();
    }
    command.env("KUBERNETES_EXEC_INFO", info.to_string()).kill_on_drop(true);
    Ok(command)
}

/// What a plugin printed, judged as client-go's exec authenticator does.
fn credential(text: &[u8], version: &str) -> Result<ExecStatus, String> {
    let credential: ExecCredential =
        serde_json::from_slice(text).map_err(|error| format!("printed no ExecCredential: {}", not_json(&error)))?;
    if credential.kind != "ExecCredential" {
        return Err("printed no ExecCredential: its kind is another one".to_owned());
    }
    if credential.api_version != version {
        return Err(format!(
            "printed an ExecCredential of another apiVersion than {version}, which the kubeconfig wants"
        ));
    }
    let status = credential.status.ok_or("gave no credential (no status)")?;
    let given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
    match (given(&status.token), given(&status.client_certificate_data), given(&status.client_key_data)) {
        (_, true, false) | (_, false, true) => Err("gave a certificate or a key, not both".to_owned()),
        (false, false, false) => Err("gave neither a token nor a certificate with its key".to_owned()),
        _ => Ok(status),
    }
}

fn filled(user: &AuthInfo, status: &ExecStatus, scrubber: &Scrubber) -> AuthInfo {
    let mut filled = user.clone();
    filled.exec = None;
    let pem = |data: &Option<String>| data.as_ref().map(|pem| base64_of(pem.as_bytes()));
    filled.token = status.token.clone().map(SecretString::from);
    filled.client_certificate_data = pem(&status.client_certificate_data);
    filled.client_key_data = pem(&status.client_key_data).map(SecretString::from);
    teach(&filled, scrubber);
    if let Some(pem) = &status.client_key_data {
        scrubber.secret(pem.as_str());
    }
    filled
}

/// Kills the process group it was made for, unless that has ended.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // A group that is gone already is what was wanted.
            let _ = killpg(group, Signal::SIGKILL);
        }
    }
}

/// Runs a command to its end and gives what it printed.
async fn run(mut command: tokio::process::Command, limit: Duration, scrubber: &Scrubber) -> Result<Vec<u8>, Failed> {
    let failed = |why: String| Failed::Itself(why);
    let mut child = command.spawn().map_err(|error| failed(format!("does not start: {error}")))?;
    // Dropped on every way out, a cancelled case included, so that nothing the plugin started outlives it.
    let _group = Group(child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw));
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(failed("has no output".to_owned()));
    };
    let (mut printed, mut complained) = (Vec::new(), Vec::new());
    let (mut stdout, mut stderr) = (stdout.take(LONGEST_OUTPUT), stderr.take(LONGEST_OUTPUT));
    let work = async {
        let (read, read_too, ended) =
            tokio::join!(stdout.read_to_end(&mut printed), stderr.read_to_end(&mut complained), child.wait());
        read.and(read_too).and(ended)
    };
    let ended = match tokio::time::timeout(limit, work).await {
        Err(_) => return Err(Failed::Limit(limit)),
        Ok(Err(error)) => return Err(failed(error.to_string())),
        Ok(Ok(status)) => status,
    };
    if !ended.success() {
        // Before it is cut: of half a secret nobody would know that it is one.
        let said = scrubber.without_secrets(&String::from_utf8_lossy(&complained));
        let said: String = said.trim().chars().take(600).collect();
        return Err(failed(format!("failed ({ended}): {said}")));
    }
    Ok(printed)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn plugin(script: &str) -> AuthInfo {
        let exec = ExecConfig {
            command: Some("/bin/sh".to_owned()),
            args: Some(vec!["-c".to_owned(), script.to_owned()]),
            api_version: Some("client.authentication.k8s.io/v1".to_owned()),
            ..serde_json::from_value(serde_json::json!({})).unwrap()
        };
        AuthInfo { exec: Some(exec), ..AuthInfo::default() }
    }

    fn printing(rest: &str) -> String {
        format!(r#"echo '{{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential"{rest}}}'"#)
    }

    #[tokio::test]
    async fn runs_a_plugin_within_its_limit_and_kills_what_it_started() {
        let journal = Journal::new(Scrubber::default());
        let (limit, cluster) = (Duration::from_secs(5), Cluster::default());
        let good = plugin(&printing(r#","status":{"token":"CANARY-exec-token"}"#));
        let user = credentials(&good, &cluster, limit, &journal).await.unwrap();
        assert_eq!(user.token.unwrap().expose_secret(), "CANARY-exec-token");
        assert_eq!(journal.scrubber().scrub("CANARY-exec-token"), ackcheck_core::secret::SCRUBBED);
        let failed =
            async |script: &str, limit: Duration| match credentials(&plugin(script), &cluster, limit, &journal).await {
                Err(Unusable::Other(why) | Unusable::Ours(why)) => why,
                other => panic!("{other:?}"),
            };
        // The terminal of whoever runs ackcheck is not DSS's.
        let asks = failed("read -r answer </dev/tty && echo \"$answer\"", limit).await;
        assert!(asks.contains("/dev/tty"), "{asks}");
        let empty = failed("true", limit).await;
        assert!(empty.contains("no ExecCredential"), "{empty}");
        let nothing = failed(&printing(r#","status":{}"#), limit).await;
        assert!(nothing.contains("neither a token nor"), "{nothing}");
        let half = failed(&printing(r#","status":{"clientCertificateData":"x"}"#), limit).await;
        assert!(half.contains("not both"), "{half}");
        let other = failed(&printing("").replace("/v1\"", "/v1beta1\""), limit).await;
        assert!(other.contains("another apiVersion"), "{other}");
        let failed = failed("echo no key >&2; exit 3", limit).await;
        assert!(failed.contains("no key") && failed.contains("3"), "{failed}");

        let dir = tempfile::tempdir().unwrap();
        let pid_file = dir.path().join("pid");
        let hangs = plugin(&format!("sleep 300 & echo $! > {}; wait", pid_file.display()));
        let began = Instant::now();
        // kubectl would go on waiting: what is slower than ackcheck's own limit is not the deployment's fault.
        let hung = credentials(&hangs, &cluster, Duration::from_millis(400), &journal).await;
        assert!(matches!(&hung, Err(Unusable::Ours(why)) if why.contains("did not end within 0.4 s")), "{hung:?}");
        assert!(began.elapsed() < Duration::from_secs(120));
        let child: i32 = std::fs::read_to_string(&pid_file).unwrap().trim().parse().unwrap();
        // A killed orphan is gone, or a zombie until init has it; the kernel may take a moment to let it die.
        let dead = async {
            loop {
                let state = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
                if state.is_empty() || state.contains(") Z ") || state.contains(") X ") {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), dead).await.expect("what the plugin started lives on");
    }
}
