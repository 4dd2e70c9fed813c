//! The ways from a node to the object store, and to the hosts that a pull goes through.

use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::pod::{PullHost, StorePath, addresses};
use ackcheck_core::seat::registry::RegistryHost;
use ackcheck_core::seat::{Pod as _, Registry, Seen};
use tokio::sync::OnceCell;

use super::LivePod;

/// Opens the registry seat.
pub type RegistryDoor = Box<dyn Fn(Journal) -> Seen<Box<dyn Registry>> + Send + Sync>;

/// The hosts that the pulls of one run go through; the registry is asked for them once.
pub(super) struct PullHosts {
    door: RegistryDoor,
    seen: OnceCell<Seen<Vec<(RegistryHost, String)>>>,
}

impl PullHosts {
    pub(super) fn new(door: RegistryDoor) -> PullHosts {
        PullHosts { door, seen: OnceCell::new() }
    }

    async fn seen(&self, journal: &Journal) -> Seen<Vec<(RegistryHost, String)>> {
        let ask = || async { (self.door)(journal.clone())?.pull_hosts().await };
        self.seen.get_or_init(ask).await.clone()
    }
}

impl LivePod {
    pub(super) async fn ways_to_the_store(&self) -> Seen<Vec<StorePath>> {
        let mut doors: Vec<(String, String, url::Url, String)> = Vec::new();
        for (target, url) in self.run.store.doors(&self.journal).await? {
            let host = url.host_str().unwrap_or_default().to_owned();
            // Several connections may lead to one bucket.
            if !doors.iter().any(|(_, _, known, _)| *known == url) {
                doors.push((target.bucket, target.endpoint, url, host));
            }
        }
        let names: Vec<String> = doors.iter().map(|(.., host)| host.clone()).collect();
        let asked = self.name_servers(&names).await?;
        let mut paths = Vec::new();
        for (bucket, endpoint, url, host) in doors {
            let heard = self.get(url.as_str(), false).await?;
            let addresses = addresses(&asked, &host);
            paths.push(StorePath { bucket, endpoint, url: url.to_string(), host, addresses, heard });
        }
        Ok(paths)
    }

    pub(super) async fn ways_of_pulls(&self) -> Seen<Vec<PullHost>> {
        let hosts = self.run.pull_hosts.seen(&self.journal).await?;
        let bare = |host: &str| host.rsplit_once(':').map_or(host, |(name, _)| name).to_owned();
        let names: Vec<String> = hosts.iter().map(|(_, host)| bare(host)).collect();
        let asked = self.name_servers(&names).await?;
        let host = |(is, name): (RegistryHost, String)| PullHost { is, addresses: addresses(&asked, &name), name };
        Ok(hosts.into_iter().map(|(is, _)| is).zip(names).map(host).collect())
    }
}
