//! A kubeconfig file as kubectl reads it, with what kube leaves unbounded taken over: the file's size, and plugins.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use kube::config::{AuthInfo, Cluster, Kubeconfig, KubeconfigError};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::io::AsyncReadExt as _;

use ackcheck_core::evidence::{Journal, Secret};
use ackcheck_core::place::Vantage;
use ackcheck_core::text_file;

/// Larger than any kubeconfig, smaller than a mistake.
const LONGEST_FILE: u64 = 4 << 20;
/// The most a plugin may print, in bytes.
const LONGEST_OUTPUT: u64 = 1 << 20;

/// Why a kubeconfig does not lead to a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// There is no such context; the ones there are.
    Context { wanted: String, have: Vec<String> },
    /// Anything else, in words.
    Other(String),
}

/// One context of a kubeconfig.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub(super) file: Kubeconfig,
    pub(super) context: String,
    pub(super) server: String,
    pub(super) user: AuthInfo,
    /// The cluster's entry, as plugins that ask for it are told.
    cluster: Cluster,
    /// The kubeconfig names a proxy for this cluster.
    pub(super) proxy: Option<String>,
}

/// The name of the file's current context; the error says why there is none.
pub(crate) fn current_context(path: &Path) -> Result<String, String> {
    match read(path, None) {
        Ok(chosen) => Ok(chosen.context),
        Err(Unusable::Context { wanted, have }) => {
            Err(format!("{} has no context {wanted:?}; it has {}", path.display(), have.join(", ")))
        }
        Err(Unusable::Other(why)) => Err(why),
    }
}

/// Reads the file and picks the context.
pub(super) fn read(path: &Path, context: Option<&str>) -> Result<Chosen, Unusable> {
    let other = |why: String| Unusable::Other(format!("{}: {why}", path.display()));
    let text = text_file::read(path, LONGEST_FILE).map_err(|unread| Unusable::Other(unread.to_string()))?;
    // Some editors begin a file with a byte order mark.
    let text = text.trim_start_matches('\u{feff}');
    let mut file = Kubeconfig::from_yaml(text).map_err(|error| other(unquoted(&error)))?;
    if file.contexts.is_empty() && file.clusters.is_empty() {
        return Err(other("names no cluster and no context, so it is no kubeconfig".to_owned()));
    }
    let wanted = context.map(str::to_owned).or_else(|| file.current_context.clone()).unwrap_or_default();
    let have = || file.contexts.iter().map(|context| context.name.clone()).collect::<Vec<_>>();
    let Some(found) =
        file.contexts.iter().find(|context| context.name == wanted).and_then(|named| named.context.clone())
    else {
        return Err(Unusable::Context { wanted, have: have() });
    };
    let cluster = file.clusters.iter().find(|cluster| cluster.name == found.cluster).and_then(|it| it.cluster.clone());
    let Some(cluster) = cluster else {
        return Err(other(format!("context {wanted} names the cluster {}, which is not there", found.cluster)));
    };
    let Some(server) = cluster.server.clone().filter(|server| !server.is_empty()) else {
        return Err(other(format!("cluster {} has no server", found.cluster)));
    };
    let named = found.user.clone().unwrap_or_default();
    let user = file.auth_infos.iter().find(|user| user.name == named).and_then(|user| user.auth_info.clone());
    let Some(user) = user else {
        return Err(other(format!("context {wanted} names the user {named:?}, which is not there")));
    };
    if user.auth_provider.is_some() {
        return Err(other(format!("user {named} uses an auth-provider, which Kubernetes dropped in 1.26: use exec")));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let user = with_files_read(user, folder).map_err(|why| other(format!("user {named}: {why}")))?;
    let cluster = with_authority_read(cluster, folder);
    let cluster = cluster.map_err(|why| other(format!("cluster {}: {why}", found.cluster)))?;
    for named in file.clusters.iter_mut().filter(|named| named.name == found.cluster) {
        named.cluster = Some(cluster.clone());
    }
    let proxy = cluster.proxy_url.clone().filter(|url| !url.is_empty());
    Ok(Chosen { context: wanted, server, user, cluster, proxy, file })
}

/// Reads a file that a kubeconfig names; a relative path is meant from the kubeconfig's folder.
fn file_named(folder: &Path, file: Option<String>) -> Result<Option<String>, String> {
    let Some(file) = file.filter(|file| !file.is_empty()) else { return Ok(None) };
    text_file::read(&folder.join(file), LONGEST_FILE).map(Some).map_err(|unread| unread.to_string())
}

/// The user with what its files hold in place of their names: kube would read them without a limit. What is written in
/// the kubeconfig itself goes before a file.
fn with_files_read(mut user: AuthInfo, folder: &Path) -> Result<AuthInfo, String> {
    let token = file_named(folder, user.token_file.take())?.map(|token| SecretString::from(token.trim().to_owned()));
    user.token = user.token.or(token);
    let certificate = file_named(folder, user.client_certificate.take())?.map(|pem| base64_of(pem.as_bytes()));
    user.client_certificate_data = user.client_certificate_data.or(certificate);
    let key = file_named(folder, user.client_key.take())?.map(|pem| SecretString::from(base64_of(pem.as_bytes())));
    user.client_key_data = user.client_key_data.or(key);
    // A command with a slash is a path, and meant from the same folder; one without is looked for in PATH.
    let command = user.exec.as_mut().and_then(|exec| exec.command.as_mut());
    if let Some(command) = command.filter(|command| command.contains('/')) {
        *command = folder.join(&*command).display().to_string();
    }
    Ok(user)
}

/// The cluster with the certificates that its file holds in place of the file's name.
fn with_authority_read(mut cluster: Cluster, folder: &Path) -> Result<Cluster, String> {
    let authority = file_named(folder, cluster.certificate_authority.take())?.map(|pem| base64_of(pem.as_bytes()));
    cluster.certificate_authority_data = cluster.certificate_authority_data.or(authority);
    Ok(cluster)
}

/// What is wrong with the file, and where, without a word of it: the parser quotes the lines around a mistake, and
/// those may hold a token or a key.
fn unquoted(error: &KubeconfigError) -> String {
    let KubeconfigError::Parse(error) = error else { return error.to_string() };
    match error.location() {
        Some(at) => format!("line {}, column {}: not YAML, or not what a kubeconfig has there", at.line(), at.column()),
        None => "not YAML, or not what a kubeconfig has".to_owned(),
    }
}

impl Chosen {
    /// Learns the user's secrets, so that none is written down.
    pub(super) fn teach(&self, journal: &Journal) {
        teach(&self.user, journal);
    }

    /// The user's credentials; where a plugin has them it is run, for `limit` at the most, and killed with everything
    /// it started. kube would run it without a limit.
    pub(super) async fn credentials(&self, limit: Duration, journal: &Journal) -> Result<AuthInfo, String> {
        credentials(&self.user, &self.cluster, limit, journal).await
    }
}

fn teach(user: &AuthInfo, journal: &Journal) {
    let learn = |text: &str| journal.scrubber().learn(&Secret::new(text));
    for secret in [&user.token, &user.password, &user.client_key_data].into_iter().flatten() {
        learn(secret.expose_secret());
    }
}

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

async fn credentials(
    user: &AuthInfo,
    cluster: &Cluster,
    limit: Duration,
    journal: &Journal,
) -> Result<AuthInfo, String> {
    let Some(exec) = &user.exec else { return Ok(user.clone()) };
    let Some(program) = &exec.command else { return Err("the kubeconfig's exec plugin has no command".to_owned()) };
    let arguments = exec.args.clone().unwrap_or_default();
    let asked = format!("{program} {}", arguments.join(" "));
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
    let ended = run(command, limit).await;
    let told = match &ended {
        Ok(_) => "a credential".to_owned(),
        Err(why) => why.clone(),
    };
    let ended = ended.map_err(|why| format!("the exec plugin `{asked}` {why}"));
    let mut filled = user.clone();
    filled.exec = None;
    let parsed = ended.and_then(|text| {
        let credential: ExecCredential = serde_json::from_slice(&text)
            .map_err(|error| format!("the exec plugin `{asked}` printed no ExecCredential: {error}"))?;
        credential.status.ok_or_else(|| format!("the exec plugin `{asked}` gave no credential (no status)"))
    });
    if let Ok(status) = &parsed {
        filled.token = status.token.clone().map(SecretString::from);
        filled.client_certificate_data = status.client_certificate_data.as_ref().map(|pem| base64_of(pem.as_bytes()));
        filled.client_key_data =
            status.client_key_data.as_ref().map(|pem| SecretString::from(base64_of(pem.as_bytes())));
        teach(&filled, journal);
        if let Some(pem) = &status.client_key_data {
            journal.scrubber().learn(&Secret::new(pem.as_str()));
        }
    }
    journal.note(Vantage::Cluster, asked, told, began.elapsed());
    parsed.map(|_| filled)
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
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
async fn run(mut command: tokio::process::Command, limit: Duration) -> Result<Vec<u8>, String> {
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
        let said = String::from_utf8_lossy(&complained);
        let said: String = said.trim().chars().take(600).collect();
        return Err(format!("failed ({ended}): {said}"));
    }
    Ok(printed)
}

#[cfg(test)]
mod tests {
    use kube::config::ExecConfig;

    use super::*;
    use ackcheck_core::evidence::Scrubber;

    fn written(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    const GOOD: &str = "apiVersion: v1\nkind: Config\ncurrent-context: one\n\
        clusters: [{name: c, cluster: {server: 'https://10.0.0.251:6443'}}]\n\
        users: [{name: u, user: {token: CANARY-token-1}}]\n\
        contexts: [{name: one, context: {cluster: c, user: u}}, {name: two, context: {cluster: gone, user: u}}]\n";

    #[test]
    fn tells_what_is_wrong_with_a_file() {
        let file = written(GOOD);
        let chosen = read(file.path(), None).unwrap();
        assert_eq!((chosen.context.as_str(), chosen.server.as_str()), ("one", "https://10.0.0.251:6443"));
        let missing = read(file.path(), Some("three")).unwrap_err();
        assert_eq!(missing, Unusable::Context { wanted: "three".into(), have: vec!["one".into(), "two".into()] });
        let words = |result: Result<Chosen, Unusable>| match result {
            Err(Unusable::Other(why)) => why,
            other => panic!("{other:?}"),
        };
        assert!(words(read(file.path(), Some("two"))).contains("names the cluster gone"));
        assert!(words(read(Path::new("/nonexistent/kubeconfig"), None)).contains("it is not there"));
        assert!(words(read(Path::new("/dev/zero"), None)).contains("it is a device, not a file"));
        assert!(words(read(written("a: [1, 2\n").path(), None)).contains("YAML"));
        assert!(words(read(written("just words\n").path(), None)).contains("kubeconfig"));
        // What stands around a mistake may be a secret.
        let torn = GOOD.replace("users:", "users: [\n  token: CANARY-torn\nusers:");
        let said = words(read(written(&torn).path(), None));
        assert!(said.contains("line ") && !said.contains("CANARY"), "{said}");
        let typed = words(read(written("users: CANARY-typed-token\n").path(), None));
        assert!(typed.contains("line 1") && !typed.contains("CANARY"), "{typed}");
        assert!(words(read(written("{}\n").path(), None)).contains("no kubeconfig"));
    }

    #[test]
    fn the_files_that_a_kubeconfig_names_are_read_within_bounds_from_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        let kubeconfig = |cluster: &str, user: &str| {
            let text = GOOD.replace("6443'", &format!("6443', {cluster}")).replace("token: CANARY-token-1", user);
            std::fs::write(&path, text).unwrap();
            read(&path, None)
        };
        std::fs::write(folder.path().join("token"), "CANARY-token-2\n").unwrap();
        std::fs::write(folder.path().join("ca.pem"), "authority").unwrap();
        let chosen = kubeconfig("certificate-authority: ca.pem", "tokenFile: token").unwrap();
        assert_eq!(chosen.user.token.unwrap().expose_secret(), "CANARY-token-2");
        let authority = chosen.file.clusters[0].cluster.as_ref().unwrap();
        assert_eq!(authority.certificate_authority_data, Some(base64_of(b"authority")));
        assert_eq!(authority.certificate_authority, None);
        nix::unistd::mkfifo(&folder.path().join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        for (cluster, user, wrong) in [
            ("certificate-authority: /dev/zero", "token: t", "cluster c: /dev/zero: it is a device, not a file"),
            ("certificate-authority: pipe", "token: t", "it is a named pipe, not a file"),
            ("", "tokenFile: none", "user u: "),
            ("", "client-certificate: /dev/zero", "user u: /dev/zero: it is a device, not a file"),
            ("", "client-key: pipe", "it is a named pipe, not a file"),
        ] {
            match kubeconfig(cluster, user) {
                Err(Unusable::Other(why)) => assert!(why.contains(wrong), "{why}"),
                other => panic!("{cluster}{user}: {other:?}"),
            }
        }
    }

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
        assert_eq!(journal.scrubber().scrub("CANARY-exec-token"), ackcheck_core::evidence::SCRUBBED);
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
