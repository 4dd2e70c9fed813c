//! The exec plugin of a kubeconfig's user, run within bounds: kube would run it without any.

use std::process::Stdio;
use std::time::{Duration, Instant};

use kube::config::{AuthInfo, Cluster};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::io::AsyncReadExt as _;

use super::user::{base64_of, teach};
use crate::json::not_json;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::secret::Scrubber;

/// The most a plugin may print, in bytes.
const LONGEST_OUTPUT: u64 = 1 << 20;

/// What a plugin prints (client.authentication.k8s.io `ExecCredential`).
#[derive(Deserialize)]
struct ExecCredential {
    status: Option<ExecStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecStatus {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// The user with the credentials that the plugin has for them; as it is where it has no plugin.
pub(super) async fn credentials(
    user: &AuthInfo,
    cluster: &Cluster,
    limit: Duration,
    journal: &Journal,
) -> Result<AuthInfo, String> {
    let Some(exec) = &user.exec else { return Ok(user.clone()) };
    let Some(program) = &exec.command else { return Err("the kubeconfig's exec plugin has no command".to_owned()) };
    let arguments = exec.args.clone().unwrap_or_default();
    let asked = match arguments.len() {
        0 => program.clone(),
        number => format!("{program} with {number} arguments"),
    };
    let began = Instant::now();
    let mut command = tokio::process::Command::new(program);
    command.args(&arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for entry in exec.env.iter().flatten() {
        if let (Some(name), Some(value)) = (entry.get("name"), entry.get("value")) {
            command.env(name, value);
        }
    }
    let version = exec.api_version.clone().unwrap_or_else(|| "client.authentication.k8s.io/v1beta1".to_owned());
    let mut info = serde_json::json!({
        "apiVersion": version, "kind": "ExecCredential", "spec": { "interactive": false },
    });
    if exec.provide_cluster_info {
        info["spec"]["cluster"] = serde_json::to_value(cluster).unwrap_or_default();
    }
    command.env("KUBERNETES_EXEC_INFO", info.to_string()).process_group(0).kill_on_drop(true);
    let ended = run(command, limit, journal.scrubber()).await;
    let told = match &ended {
        Ok(_) => "a credential".to_owned(),
        Err(why) => why.clone(),
    };
    let ended = ended.map_err(|why| format!("the exec plugin `{asked}` {why}"));
    let mut filled = user.clone();
    filled.exec = None;
    let parsed = ended.and_then(|text| {
        let credential: ExecCredential = serde_json::from_slice(&text)
            .map_err(|error| format!("the exec plugin `{asked}` printed no ExecCredential: {}", not_json(&error)))?;
        credential.status.ok_or_else(|| format!("the exec plugin `{asked}` gave no credential (no status)"))
    });
    if let Ok(status) = &parsed {
        filled.token = status.token.clone().map(SecretString::from);
        filled.client_certificate_data = status.client_certificate_data.as_ref().map(|pem| base64_of(pem.as_bytes()));
        filled.client_key_data =
            status.client_key_data.as_ref().map(|pem| SecretString::from(base64_of(pem.as_bytes())));
        teach(&filled, journal.scrubber());
        if let Some(pem) = &status.client_key_data {
            journal.scrubber().secret(pem.as_str());
        }
    }
    journal.note(Vantage::Cluster, asked, told, began.elapsed());
    parsed.map(|_| filled)
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
async fn run(mut command: tokio::process::Command, limit: Duration, scrubber: &Scrubber) -> Result<Vec<u8>, String> {
    let mut child = command.spawn().map_err(|error| format!("does not start: {error}"))?;
    // Dropped on every way out, a cancelled case included, so that nothing the plugin started outlives it.
    let _group = Group(child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw));
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err("has no output".to_owned());
    };
    let (mut printed, mut complained) = (Vec::new(), Vec::new());
    let (mut stdout, mut stderr) = (stdout.take(LONGEST_OUTPUT), stderr.take(LONGEST_OUTPUT));
    let work = async {
        let (read, read_too, ended) =
            tokio::join!(stdout.read_to_end(&mut printed), stderr.read_to_end(&mut complained), child.wait());
        read.and(read_too).and(ended)
    };
    let ended = match tokio::time::timeout(limit, work).await {
        Err(_) => return Err(format!("did not end within {:.1} s", limit.as_secs_f64())),
        Ok(Err(error)) => return Err(error.to_string()),
        Ok(Ok(status)) => status,
    };
    if !ended.success() {
        // Before it is cut: of half a secret nobody would know that it is one.
        let said = scrubber.without_secrets(&String::from_utf8_lossy(&complained));
        let said: String = said.trim().chars().take(600).collect();
        return Err(format!("failed ({ended}): {said}"));
    }
    Ok(printed)
}

#[cfg(test)]
mod tests {
    use kube::config::ExecConfig;
    use secrecy::ExposeSecret as _;

    use super::*;

    fn plugin(script: &str) -> AuthInfo {
        let exec = ExecConfig {
            command: Some("/bin/sh".to_owned()),
            args: Some(vec!["-c".to_owned(), script.to_owned()]),
            ..serde_json::from_value(serde_json::json!({})).unwrap()
        };
        AuthInfo { exec: Some(exec), ..AuthInfo::default() }
    }

    #[tokio::test]
    async fn runs_a_plugin_within_its_limit_and_kills_what_it_started() {
        let journal = Journal::new(Scrubber::default());
        let (limit, cluster) = (Duration::from_secs(5), Cluster::default());
        let good = plugin(r#"echo '{"status":{"token":"CANARY-exec-token"}}'"#);
        let user = credentials(&good, &cluster, limit, &journal).await.unwrap();
        assert_eq!(user.token.unwrap().expose_secret(), "CANARY-exec-token");
        assert_eq!(journal.scrubber().scrub("CANARY-exec-token"), ackcheck_core::secret::SCRUBBED);
        let failed = credentials(&plugin("echo no key >&2; exit 3"), &cluster, limit, &journal).await.unwrap_err();
        assert!(failed.contains("no key") && failed.contains("3"), "{failed}");
        let empty = credentials(&plugin("true"), &cluster, limit, &journal).await.unwrap_err();
        assert!(empty.contains("no ExecCredential"), "{empty}");

        let dir = tempfile::tempdir().unwrap();
        let pid_file = dir.path().join("pid");
        let hangs = plugin(&format!("sleep 300 & echo $! > {}; wait", pid_file.display()));
        let began = Instant::now();
        let hung = credentials(&hangs, &cluster, Duration::from_millis(400), &journal).await.unwrap_err();
        assert!(hung.contains("did not end within 0.4 s"), "{hung}");
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
