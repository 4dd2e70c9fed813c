//! The host's kubectl, called as DSS calls it.

use serde_json::Value;

use super::{Call, LiveHost};
use ackcheck_core::config::ClusterConfig;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::host::{CommandOutput, Ended, Kubectl, Reached};
use ackcheck_core::verdict::Unseen;

/// How often a kubectl that does not get through is asked: what held it up may be over.
const TRIES: usize = 2;
/// The most of kubectl's words that are told, in characters.
const LONGEST_COMPLAINT: usize = 600;

impl LiveHost {
    pub(super) async fn ask_kubectl(&self) -> Seen<Kubectl> {
        let Some(cluster) = &self.config.cluster else {
            return Err(Unseen::not_described("the site file has no [cluster] section"));
        };
        let folder = tempfile::Builder::new().prefix("ackcheck-kubectl-").tempdir();
        let folder = folder.map_err(|error| Unseen::unreadable("a folder for kubectl's caches", error.to_string()))?;
        let caches = folder.path().display().to_string();
        let client = self.call_kubectl(cluster, &["version", "--client", "-o", "json"], None).await?;
        let version = match (&client.ended, version_of(&client, "clientVersion")) {
            (Ended::NotFound, _) => return Ok(Kubectl::Missing),
            (Ended::Exit(0), Some(version)) => version,
            _ => return Ok(Kubectl::Other { said: self.complaint(&client) }),
        };
        let mut refused = String::new();
        for _ in 0..TRIES {
            let served = self.call_kubectl(cluster, &["version", "-o", "json"], Some(&caches)).await?;
            let namespace = cluster.namespaces.first().map_or("default", String::as_str);
            let asked = ["auth", "can-i", "create", "pods", "--namespace", namespace];
            let review = self.call_kubectl(cluster, &asked, Some(&caches)).await?;
            // Either is an answer to somebody whom the cluster knows.
            if ["yes", "no"].contains(&review.stdout.trim()) {
                let server = version_of(&served, "serverVersion");
                return Ok(Kubectl::Is { client: version, cluster: Reached::In { server } });
            }
            refused = self.complaint(&review);
        }
        Ok(Kubectl::Is { client: version, cluster: Reached::Refused { said: refused } })
    }

    /// One call, without what kubectl keeps below the account's home.
    async fn call_kubectl(&self, cluster: &ClusterConfig, words: &[&str], caches: Option<&str>) -> Seen<CommandOutput> {
        let mut arguments = words.to_vec();
        arguments.extend(caches.into_iter().flat_map(|folder| ["--cache-dir", folder]));
        if let (Some(context), true) = (&cluster.context, caches.is_some()) {
            arguments.extend(["--context", context]);
        }
        let environment = [("KUBECONFIG", cluster.kubeconfig.as_os_str())];
        let call = Call { environment: &environment, without_terminal: true, ..Call::of("kubectl", &arguments) };
        let output = self.noted(&format!("kubectl {}", words.join(" ")), call).await?;
        match &output.ended {
            Ended::Killed { why } | Ended::Late { why } => {
                Err(Unseen::unreadable(format!("`kubectl {}`", words.join(" ")), why.clone()))
            }
            _ => Ok(output),
        }
    }

    /// The last of what it says, which is the reason; plugins print before it.
    fn complaint(&self, output: &CommandOutput) -> String {
        let lines = [&output.stderr, &output.stdout].map(|text| text.trim());
        let said = lines.into_iter().find(|text| !text.is_empty()).unwrap_or("it prints nothing");
        let said = self.journal.scrubber().without_secrets(said);
        let last: Vec<&str> = said.lines().rev().map(str::trim).filter(|line| !line.is_empty()).take(2).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        last.join(" | ").chars().take(LONGEST_COMPLAINT).collect()
    }
}

/// `gitVersion` of the client or the server, where all that it printed is kubectl's JSON.
fn version_of(output: &CommandOutput, side: &str) -> Option<String> {
    let printed: Value = serde_json::from_str(&output.stdout).ok()?;
    let version = printed.get(side)?.get("gitVersion")?.as_str()?;
    Some(version.to_owned())
}
