//! The DSS host as pods are given it: its name, where that comes from, its addresses, and what answers there.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::OnceCell;

use ackcheck_core::config::Config;
use ackcheck_core::evidence::Journal;
use ackcheck_core::inet_aton::inet_aton;
use ackcheck_core::local_name::is_local_name;
use ackcheck_core::placeholder;
use ackcheck_core::seat::dss::{DssVersion, ExtHost};
use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::pod::DssHost;
use ackcheck_core::seat::{Host, Seen};
use ackcheck_core::verdict::Unseen;

/// What an instance tells of where it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceFacts {
    /// `DKU_BACKEND_EXT_HOST` as `bin/env-*.sh` leave it; none without a data directory.
    pub ext_host: Option<ExtHost>,
    pub backend_port: Option<u16>,
    pub version: Option<DssVersion>,
}

/// Where the pod seat asks what it needs of DSS.
#[async_trait]
pub trait InstanceSource: Send + Sync {
    /// What it tells.
    ///
    /// # Errors
    /// `NotDescribed` where the site describes no instance; `Broken` where what it describes cannot be read.
    async fn facts(&self, journal: &Journal) -> Seen<InstanceFacts>;
}

/// No instance.
pub struct NoInstance;

#[async_trait]
impl InstanceSource for NoInstance {
    async fn facts(&self, _journal: &Journal) -> Seen<InstanceFacts> {
        Err(Unseen::not_described("the site file has no [dss] section"))
    }
}

/// Opens the host seat.
pub type HostDoor = Box<dyn Fn(Journal) -> Seen<Box<dyn Host>> + Send + Sync>;

/// The DSS host as the pods of one run are given it.
pub(super) struct HostForPods {
    config: Arc<Config>,
    instance: Arc<dyn InstanceSource>,
    door: HostDoor,
    seen: OnceCell<Seen<DssHost>>,
}

impl HostForPods {
    pub(super) fn new(config: Arc<Config>, instance: Arc<dyn InstanceSource>, door: HostDoor) -> HostForPods {
        HostForPods { config, instance, door, seen: OnceCell::new() }
    }

    /// The seat on it.
    pub(super) fn open(&self, journal: Journal) -> Seen<Box<dyn Host>> {
        (self.door)(journal)
    }

    /// The host, looked for once a run.
    pub(super) async fn seen(&self, journal: &Journal) -> Seen<DssHost> {
        self.seen.get_or_init(|| self.look(journal)).await.clone()
    }

    /// Finds the host's name as DSS hands it to its containers: `DKU_BACKEND_EXT_HOST`, where it is a name that pods can be
    /// asked for; then the site file's word, then what `hostname -f` prints; and its addresses: the site file's, or the
    /// host's own. What is wrong with another value, and that the two differ, ext-host and settings-agree say.
    async fn look(&self, journal: &Journal) -> Seen<DssHost> {
        let site = &self.config.host;
        let facts = match self.instance.facts(journal).await {
            Ok(facts) => facts,
            Err(Unseen::NotDescribed(_)) => InstanceFacts::default(),
            // What cannot be read matters only where nothing else names the host.
            Err(why) if site.name.is_none() => return Err(why),
            Err(_) => InstanceFacts::default(),
        };
        let (name, origin) = match (&site.name, &facts.ext_host) {
            (_, Some(ExtHost::Exported { value, line })) if is_host_name(value) => {
                (value.clone(), format!("DKU_BACKEND_EXT_HOST in bin/env-site.sh, line {line}"))
            }
            (Some(name), _) => (name.clone(), "`name` in [host] of the site file".to_owned()),
            (None, Some(ExtHost::Exported { value, line })) => {
                (value.clone(), format!("DKU_BACKEND_EXT_HOST in bin/env-*.sh, line {line}"))
            }
            (None, Some(ExtHost::Dynamic { text, line })) => {
                let why = format!("`{text}` is decided when it runs: give `name` in [host] of the site file");
                return Err(Unseen::unreadable(format!("bin/env-*.sh, line {line}"), why));
            }
            (None, Some(ExtHost::Malformed { why, line })) => {
                return Err(Unseen::unreadable(format!("bin/env-*.sh, line {line}"), why.clone()));
            }
            (None, Some(ExtHost::Unset | ExtHost::NotExported { .. }) | None) => {
                (self.own_name(journal).await?, "`hostname -f`".to_owned())
            }
        };
        let addresses = match site.addresses.as_slice() {
            [] => match (self.door)(journal.clone()) {
                Ok(host) => host.addresses().await?,
                Err(Unseen::NotDescribed(why)) => {
                    let what = format!("the addresses of the DSS host are not known: {why}");
                    return Err(Unseen::not_given(what, "[host]\naddresses = [\"10.0.0.20\"]"));
                }
                Err(why) => return Err(why),
            },
            addresses => addresses.to_vec(),
        };
        let version = facts.version.map(|version| version.text);
        Ok(DssHost { name, origin, addresses, backend_port: facts.backend_port, version })
    }

    async fn own_name(&self, journal: &Journal) -> Seen<String> {
        let host = match (self.door)(journal.clone()) {
            Ok(host) => host,
            Err(Unseen::NotDescribed(why)) => {
                let what = format!("the name that pods are given for the DSS host is not known: {why}");
                return Err(Unseen::not_given(what, "[host]\nname = \"dss.corp.example\""));
            }
            Err(why) => return Err(why),
        };
        let printed = host.run("hostname", &["-f"]).await?;
        let name = printed.stdout.trim();
        match printed.ended {
            Ended::Exit(0) if !name.is_empty() && !name.contains(char::is_whitespace) => Ok(name.to_owned()),
            ended => Err(Unseen::unreadable("`hostname -f`", format!("{ended}: {}{}", printed.stdout, printed.stderr))),
        }
    }
}

/// True for a name that DNS can be asked for, and that means one host wherever it is asked.
fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        let inside = label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        !label.is_empty() && inside
    };
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    let numbers = inet_aton(&name).is_some() || name.chars().all(|c| c.is_ascii_digit() || c == '.');
    name.split('.').all(label) && !numbers && !is_local_name(&name) && placeholder::found_in(text).is_none()
}

#[cfg(test)]
mod tests {
    use super::is_host_name;

    #[test]
    fn only_names_that_mean_one_host_are_asked_for() {
        for name in ["dss.corp.example", "iZbp1abcZ", "dss-1.", "dss_1.vpc"] {
            assert!(is_host_name(name), "{name}");
        }
        for other in [
            "",
            "127.0.0.1",
            "10.0.0",
            "localhost",
            "localhost.localdomain",
            "http://dss",
            "a b",
            "my.host.name",
            "::1",
        ] {
            assert!(!is_host_name(other), "{other}");
        }
    }
}
