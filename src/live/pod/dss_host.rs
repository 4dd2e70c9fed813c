//! The DSS host as pods are given it: its name, where that comes from, its addresses, and what answers there.

use async_trait::async_trait;

use super::run::PodRun;
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::dss::{DssVersion, ExtHost};
use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::pod::DssHost;
use ackcheck_core::seat::{Host, Seen};
use ackcheck_core::verdict::Unseen;

/// What an instance tells of where it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// `DKU_BACKEND_EXT_HOST` in `bin/env-site.sh`; none without a data directory.
    pub ext_host: Option<ExtHost>,
    pub backend_port: Option<u16>,
    pub version: Option<DssVersion>,
}

/// Where the pod seat asks what it needs of DSS.
#[async_trait]
pub trait InstanceSource: Send + Sync {
    /// What the instance tells.
    ///
    /// # Errors
    /// `NotDescribed` where the site describes no instance; `Broken` where what it describes cannot be read.
    async fn told(&self, journal: &Journal) -> Seen<Told>;
}

/// No instance.
pub struct NoInstance;

#[async_trait]
impl InstanceSource for NoInstance {
    async fn told(&self, _journal: &Journal) -> Seen<Told> {
        Err(Unseen::not_described("the site file has no [dss] section"))
    }
}

/// Opens the host seat.
pub type HostDoor = Box<dyn Fn(Journal) -> Seen<Box<dyn Host>> + Send + Sync>;

/// Finds the host's name as DSS hands it to its containers: the site file's word, then `DKU_BACKEND_EXT_HOST`, then
/// what `hostname -f` prints; and its addresses: the site file's, or the host's own.
pub(super) async fn look(run: &PodRun, journal: &Journal) -> Seen<DssHost> {
    let site = &run.wire.config().host;
    let told = match run.instance.told(journal).await {
        Ok(told) => told,
        Err(Unseen::NotDescribed(_)) => Told::default(),
        // What cannot be read matters only where nothing else names the host.
        Err(why) if site.name.is_none() => return Err(why),
        Err(_) => Told::default(),
    };
    let (name, origin) = match (&site.name, &told.ext_host) {
        (Some(name), _) => (name.clone(), "`name` in [host] of the site file".to_owned()),
        (None, Some(ExtHost::Exported { value, line })) => {
            (value.clone(), format!("DKU_BACKEND_EXT_HOST in bin/env-site.sh, line {line}"))
        }
        (None, Some(ExtHost::Dynamic { text, line })) => {
            let why = format!("`{text}` is decided when it runs: give `name` in [host] of the site file");
            return Err(Unseen::unreadable(format!("bin/env-site.sh, line {line}"), why));
        }
        (None, Some(ExtHost::Malformed { why, line })) => {
            return Err(Unseen::unreadable(format!("bin/env-site.sh, line {line}"), why.clone()));
        }
        (None, Some(ExtHost::Unset | ExtHost::NotExported { .. }) | None) => {
            (own_name(run, journal).await?, "`hostname -f`".to_owned())
        }
    };
    let addresses = match site.addresses.as_slice() {
        [] => match (run.host)(journal.clone()) {
            Ok(host) => host.addresses().await?,
            Err(Unseen::NotDescribed(why)) => {
                let what = format!("the addresses of the DSS host are not known: {why}");
                return Err(Unseen::not_given(what, "[host]\naddresses = [\"10.0.0.20\"]"));
            }
            Err(why) => return Err(why),
        },
        addresses => addresses.to_vec(),
    };
    let version = told.version.map(|version| version.text);
    Ok(DssHost { name, origin, addresses, backend_port: told.backend_port, version })
}

async fn own_name(run: &PodRun, journal: &Journal) -> Seen<String> {
    let host = match (run.host)(journal.clone()) {
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
