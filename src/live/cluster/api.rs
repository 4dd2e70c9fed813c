//! The way to the Kubernetes API: one client for a run, every request bounded, every failure told apart.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use kube::config::KubeConfigOptions;
use kube::{Client, Config as KubeConfig};
use tokio::sync::OnceCell;
use tokio::time::error::Elapsed;

use super::client;
use super::kubeconfig::{self, Chosen};
use super::silence::{self, Silence};
use super::spared::{self, PodsOfDss};
use super::unusable::Unusable;
use crate::names::Names;
use crate::stopped;
use ackcheck_core::config::{ClusterConfig, Config, Limits};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::right::Right;
use ackcheck_core::seat::cluster::{Lifetime, Node};
use ackcheck_core::seat::dss::pods::undescribed;
use ackcheck_core::seat::{NameAnswer, NoReply, Seen};
use ackcheck_core::secret::Scrubber;
use ackcheck_core::verdict::{Broken, Unseen};

/// Tries of one request while the server asks for patience (429).
const PATIENCE: u32 = 5;
/// The longest wait between two of them, whatever the server asks for.
const LONGEST_PATIENCE: Duration = Duration::from_secs(10);

/// The API of the cluster that the site describes, shared by the seats of a run.
#[derive(Clone)]
pub struct Kubernetes {
    inner: Arc<Inner>,
}

struct Inner {
    config: Arc<Config>,
    names: Names,
    /// None where the site describes no cluster.
    chosen: Option<Result<Chosen, Unusable>>,
    client: OnceCell<Result<Client, Silence>>,
    pub(super) nodes: OnceCell<Seen<Arc<Vec<Node>>>>,
    /// What DSS starts, where it is described.
    pods: OnceLock<Arc<dyn PodsOfDss>>,
}

impl Kubernetes {
    /// Reads the kubeconfig, whose secrets the scrubber knows from then on; nothing is asked yet, and no plugin run.
    pub fn new(config: Arc<Config>, scrubber: &Scrubber) -> Result<Kubernetes, Broken> {
        let names = Names::new(&config.network, &config.limits)?;
        let read =
            |cluster: &ClusterConfig| kubeconfig::read(&cluster.kubeconfig, cluster.context.as_deref(), scrubber);
        let chosen = config.cluster.as_ref().map(read);
        let inner =
            Inner { config, names, chosen, client: OnceCell::new(), nodes: OnceCell::new(), pods: OnceLock::new() };
        Ok(Kubernetes { inner: Arc::new(inner) })
    }

    /// `[cluster]` of the site file.
    pub(crate) fn described(&self) -> Seen<&ClusterConfig> {
        let reason = "the site file has no [cluster] section";
        self.inner.config.cluster.as_ref().ok_or_else(|| Unseen::not_described(reason))
    }

    /// The namespaces DSS works in; probe pods run in the first.
    pub(crate) fn namespaces(&self) -> Vec<String> {
        match self.inner.config.cluster.as_ref().map(|cluster| cluster.namespaces.as_slice()) {
            None | Some([]) => vec!["default".to_owned()],
            Some(namespaces) => namespaces.to_vec(),
        }
    }

    /// The namespace where probe pods run: the first that DSS works in.
    pub(crate) fn probe_namespace(&self) -> String {
        self.namespaces().swap_remove(0)
    }

    /// A right on what the probes' pods take, in their namespace.
    pub(crate) fn of_probes(&self, right: Right) -> Right {
        right.in_namespace(&self.probe_namespace())
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.inner.config.limits
    }

    /// The context that is used, where the kubeconfig can be.
    pub(crate) fn context(&self) -> Option<&str> {
        Some(&self.inner.chosen.as_ref()?.as_ref().ok()?.context)
    }

    /// Why nobody is signed in, if nobody is.
    pub(super) fn nobody(&self) -> Option<&str> {
        self.inner.chosen.as_ref()?.as_ref().ok()?.nobody.as_deref()
    }

    /// What the kubeconfig says of when it ends.
    pub(super) fn lifetimes(&self) -> Vec<Lifetime> {
        match &self.inner.chosen {
            Some(Ok(chosen)) => chosen.lifetimes(),
            _ => Vec::new(),
        }
    }

    /// Why a server that the kubeconfig names without a scheme does not answer: kubectl speaks plain HTTP to it.
    pub(super) fn without_scheme(&self) -> Option<Silence> {
        let Some(Ok(chosen)) = &self.inner.chosen else { return None };
        let why = || {
            let address = chosen.server.trim_start_matches("http://");
            let why = format!(
                "its server {address} has no scheme, so kubectl speaks plain HTTP to it; write https://{address}"
            );
            Silence::Unusable(Unusable::Other(why))
        };
        chosen.assumed_http.then(why)
    }

    /// The server as the kubeconfig has it; the kubeconfig's path where it names none.
    pub(crate) fn server(&self) -> String {
        match (&self.inner.chosen, &self.inner.config.cluster) {
            (Some(Ok(chosen)), _) => chosen.server.clone(),
            (_, Some(cluster)) => cluster.kubeconfig.display().to_string(),
            _ => String::new(),
        }
    }

    /// Why a node is given no probe pod, where that is known. Nothing is asked.
    pub(crate) fn spares(&self, node: &str) -> Option<String> {
        let Some(Ok(nodes)) = self.inner.nodes.get() else { return None };
        nodes.iter().find(|seen| seen.name == node)?.spared.clone()
    }

    /// Tells whose pods decide which nodes are asked; once, before any node is.
    pub fn start_pods_of(&self, pods: Arc<dyn PodsOfDss>) {
        // The first one stays: there is one DSS in a run.
        let _ = self.inner.pods.set(pods);
    }

    /// Says of each node why it is given no probe pod, where it is not.
    pub(super) async fn spare(&self, nodes: &mut [Node], journal: &Journal) {
        let Some(cluster) = &self.inner.config.cluster else { return };
        let pods = match self.inner.pods.get() {
            Some(pods) => pods.pods(journal).await.unwrap_or_else(|_| undescribed()),
            None => undescribed(),
        };
        spared::spare(nodes, &pods, &cluster.tolerations);
    }

    pub(super) fn node_memo(&self) -> &OnceCell<Seen<Arc<Vec<Node>>>> {
        &self.inner.nodes
    }

    /// What a client error means, for requests that are not made by [`Kubernetes::ask`].
    pub(crate) fn told_apart(&self, error: &kube::Error) -> Silence {
        silence::told_apart(error, &self.server(), self.limits())
    }

    /// Asks once within `[limits] request`, again while the server says 429, and notes it.
    pub(crate) async fn ask<T, R, F>(
        &self,
        journal: &Journal,
        vantage: Vantage,
        asked: &str,
        request: R,
        told: impl FnOnce(&T) -> String,
    ) -> Result<T, Silence>
    where
        R: Fn(Client) -> F,
        F: Future<Output = Result<T, kube::Error>>,
    {
        self.ask_within(self.limits().request, journal, vantage, asked, request, told).await
    }

    /// The same within another limit, for requests that others have their say in.
    pub(crate) async fn ask_within<T, R, F>(
        &self,
        limit: Duration,
        journal: &Journal,
        vantage: Vantage,
        asked: &str,
        request: R,
        told: impl FnOnce(&T) -> String,
    ) -> Result<T, Silence>
    where
        R: Fn(Client) -> F,
        F: Future<Output = Result<T, kube::Error>>,
    {
        let began = Instant::now();
        let heard = self.patiently(limit, journal, request).await;
        let answered = match &heard {
            Ok(answer) => told(answer),
            Err(silence) => silence.to_string(),
        };
        journal.note(vantage, asked, answered, began.elapsed());
        heard
    }

    async fn patiently<T, R, F>(&self, limit: Duration, journal: &Journal, request: R) -> Result<T, Silence>
    where
        R: Fn(Client) -> F,
        F: Future<Output = Result<T, kube::Error>>,
    {
        let client = self.client(journal).await?;
        let mut tries = 1;
        loop {
            // To create what was created after all is refused with 409, which whoever creates takes for its own.
            let ask = || tokio::time::timeout(limit, request(client.clone()));
            let connect = self.limits().connect;
            let heard =
                stopped::asked(journal, Vantage::Cluster, connect, true, |heard| self.in_vain(heard), ask).await;
            match heard {
                Err(_) => return Err(Silence::NoReply(NoReply::TimedOut { after: limit })),
                Ok(Err(kube::Error::Api(said))) if said.code == 429 && tries < PATIENCE => {
                    tokio::time::sleep(patience(&said, tries)).await;
                    tries += 1;
                }
                Ok(other) => return other.map_err(|error| self.told_apart(&error)),
            }
        }
    }

    /// Whether it may have come to this because time went by.
    fn in_vain<T>(&self, heard: &Result<Result<T, kube::Error>, Elapsed>) -> bool {
        match heard {
            Err(_) => true,
            Ok(Ok(_)) => false,
            Ok(Err(error)) => self.told_apart(error).in_vain(),
        }
    }

    /// The client, made once a run: plugins are run, and what they print is learnt.
    pub(crate) async fn client(&self, journal: &Journal) -> Result<Client, Silence> {
        let connect = || {
            let in_vain = |made: &Result<Client, Silence>| made.as_ref().is_err_and(Silence::in_vain);
            stopped::asked(journal, Vantage::Cluster, self.limits().connect, true, in_vain, || self.connect(journal))
        };
        self.inner.client.get_or_init(connect).await.clone()
    }

    async fn connect(&self, journal: &Journal) -> Result<Client, Silence> {
        let unusable = |why: String| Silence::Unusable(Unusable::Other(why));
        let chosen = match &self.inner.chosen {
            None => return Err(unusable("the site file has no [cluster] section".to_owned())),
            Some(Err(why)) => return Err(Silence::Unusable(why.clone())),
            Some(Ok(chosen)) => chosen,
        };
        let user = chosen.credentials(self.limits().command, journal).await.map_err(Silence::Unusable)?;
        let made = KubeConfig::from_custom_kubeconfig(chosen.alone(user), &KubeConfigOptions::default()).await;
        let mut config = made.map_err(|error| unusable(error.to_string()))?;
        // kube takes HTTPS_PROXY from ackcheck's own environment, which is not that of DSS.
        config.proxy_url = match chosen.proxy.as_deref().map(str::parse) {
            None => None,
            Some(Ok(proxy)) => Some(proxy),
            Some(Err(_)) => return Err(unusable("its proxy-url is not a URL".to_owned())),
        };
        config.connect_timeout = Some(self.limits().connect);
        config.default_retry = false;
        // A proxy looks names up itself.
        if config.proxy_url.is_none() {
            self.dial_as_told(&mut config).await?;
        }
        client::connected(config, &self.inner.config).map_err(Silence::Unusable)
    }

    /// Applies `[network] connect` and `dns_servers` to the server's name. The name stays the one its certificate must
    /// have.
    async fn dial_as_told(&self, config: &mut KubeConfig) -> Result<(), Silence> {
        let Some(host) = config.cluster_url.host().map(|host| host.trim_matches(['[', ']']).to_owned()) else {
            return Ok(());
        };
        let port = config.cluster_url.port_u16();
        let scheme = config.cluster_url.scheme_str().unwrap_or("https").to_owned();
        let port = port.unwrap_or(if scheme == "http" { 80 } else { 443 });
        let literal = host.parse::<std::net::IpAddr>().is_ok();
        let dialled = match self.inner.names.dialled_instead(&host) {
            Some(address) => address,
            None if literal || self.inner.config.network.dns_servers.is_empty() => return Ok(()),
            None => match self.inner.names.resolve(&host).await {
                NameAnswer::Addresses(addresses) if !addresses.is_empty() => (addresses[0], port).into(),
                NameAnswer::Addresses(_) => return Ok(()),
                NameAnswer::NoSuchName { said } | NameAnswer::NoServer { said } => {
                    return Err(Silence::NoReply(NoReply::Unresolvable { name: host, said }));
                }
            },
        };
        let path = config.cluster_url.path().to_owned();
        let url = format!("{scheme}://{dialled}{path}").parse();
        config.cluster_url =
            url.map_err(|error| Silence::Unusable(Unusable::Other(format!("{scheme}://{dialled}{path}: {error}"))))?;
        config.tls_server_name.get_or_insert(host);
        Ok(())
    }
}

/// How long to wait before the next try: what the server says (`Retry-After`, which it repeats in its Status), else half
/// a second longer each time; and a little more each, so that those refused together do not come back together.
fn patience(said: &kube::core::Status, tries: u32) -> Duration {
    let asked = said.details.as_ref().map_or(0, |details| details.retry_after_seconds);
    let wait = match asked {
        0 => Duration::from_millis(500) * tries,
        seconds => Duration::from_secs(seconds.into()),
    };
    wait.min(LONGEST_PATIENCE) + Duration::from_millis(fastrand::u64(0..200))
}
