//! Every seat on one deployment, and what the cases of a run share behind them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;

use super::cloud;
use super::cluster::{self, Kubernetes, Told};
use super::image::ProbeImage;
use super::leftovers::Places;
use super::pod::{self, Doors, InstanceSource, NoInstance, PodRun};
use super::store::{self, ConnectionSource, NoConnections, StoreRun};
use super::survey::Survey;
use super::wire::Wire;
use super::{dss, host, registry};
use ackcheck_core::config::Config;
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::dss::{HadoopConnection, S3Connection};
use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::{Cloud, Cluster, Dss, Host, Pod, Registry, Seats, Seen, Store};
use ackcheck_core::secret::Scrubber;
use ackcheck_core::subject::{Each, Kind, Subject};
use ackcheck_core::verdict::{Broken, Unseen};

/// The seats of one run.
pub struct LiveSeats {
    wire: Wire,
    kubernetes: Kubernetes,
    account: Arc<cloud::Account>,
    store: Arc<StoreRun>,
    dss: dss::Source,
    pods: Arc<PodRun>,
    pushes: registry::Pushes,
    /// For what is asked when no case asks any more.
    after: Journal,
}

impl LiveSeats {
    /// Opens what all cases share. `run_id` is in the name of everything the run creates.
    pub fn open(config: Arc<Config>, scrubber: Scrubber, run_id: &str) -> Result<LiveSeats, Broken> {
        let wire = Wire::new(config.clone())?;
        let kubernetes = Kubernetes::new(config, &scrubber)?;
        let dss = dss::Source::new(&wire);
        let (connections, instance): (Arc<dyn ConnectionSource>, Arc<dyn InstanceSource>) = match wire.config().dss {
            Some(_) => (Arc::new(dss.clone()), Arc::new(dss.clone())),
            None => (Arc::new(NoConnections), Arc::new(NoInstance)),
        };
        if wire.config().dss.is_some() {
            kubernetes.start_pods_of(Arc::new(dss.clone()));
        }
        let store = Arc::new(StoreRun::new(wire.clone(), run_id, connections));
        let after = Journal::new(scrubber);
        let preloaded = wire.config().cluster.as_ref().and_then(|cluster| cluster.probe_image.clone());
        let pushes = registry::Pushes::default();
        let pushed = || registry::Registry::open(&wire, probe_image(), &pushes, after.clone())?.image();
        let image = preloaded.map_or_else(pushed, Ok);
        let site = wire.config().clone();
        let host = Box::new(move |journal: Journal| host::open(site.clone(), journal));
        let (way_out, pushing) = (wire.clone(), pushes.clone());
        let registry =
            Box::new(move |journal: Journal| registry::Registry::open(&way_out, probe_image(), &pushing, journal));
        let doors = Doors { host, registry };
        let pods = PodRun::new(kubernetes.clone(), wire.clone(), run_id, image, store.clone(), instance, doors);
        let account = Arc::new(cloud::Account::new(wire.clone()));
        pods.sorts_nodes_by(account.clone());
        Ok(LiveSeats { wire, kubernetes, account, store, dss, pods, pushes, after })
    }

    /// Every node by name, cordoned and virtual ones included.
    async fn nodes(&self, journal: Journal) -> Seen<Vec<String>> {
        match cluster::all_nodes(&self.kubernetes, journal.clone()).await {
            // An account of a namespace alone finds them by what they take.
            Err(Unseen::Broken(Broken::Denied { .. })) => self.pods.discover(&journal).await,
            other => other,
        }
    }

    /// What earlier runs left: all of them, or one.
    pub async fn leftovers(&self, run: Option<&str>) -> Survey {
        Places { kubernetes: &self.kubernetes, store: &self.store }.survey(run, &self.after).await
    }

    /// Removes what earlier runs left, within `[limits] clean_up`.
    pub async fn remove_leftovers(&self, run: Option<&str>) {
        Places { kubernetes: &self.kubernetes, store: &self.store }.remove(run, &self.after).await;
    }

    /// What a namespace tells of itself: events, states of pods, and of their logs what is younger than `since`.
    pub async fn told_in(&self, namespace: &str, since: Option<Duration>) -> Told {
        cluster::told(&self.kubernetes, namespace, since, &self.after).await
    }

    /// What remedies name and the site file leaves out, as far as it can be seen at once: `install_dir`, `context`,
    /// `host_name`.
    pub async fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        facts.extend(self.dss.install_dir().map(|folder| ("install_dir", folder.display().to_string())));
        facts.extend(self.kubernetes.context().map(|context| ("context", context.to_owned())));
        if self.wire.config().host.name.is_none()
            && let Ok(host) = self.host(self.after.clone())
            && let Ok(Ok(printed)) = tokio::time::timeout(AT_ONCE, host.run("hostname", &["-f"])).await
            && printed.ended == Ended::Exit(0)
            && let Some(name) = printed.stdout.split_whitespace().next()
        {
            facts.push(("host_name", name.to_owned()));
        }
        facts
    }
}

/// Facts that take longer are not waited for: a remedy can do without.
const AT_ONCE: Duration = Duration::from_secs(2);

#[async_trait]
impl Seats for LiveSeats {
    fn host(&self, journal: Journal) -> Seen<Box<dyn Host>> {
        host::open(self.wire.config().clone(), journal)
    }
    fn dss(&self, journal: Journal) -> Seen<Box<dyn Dss>> {
        dss::open(&self.dss, journal)
    }
    fn cluster(&self, journal: Journal) -> Seen<Box<dyn Cluster>> {
        cluster::open(&self.kubernetes, journal)
    }
    fn cloud(&self, journal: Journal) -> Seen<Box<dyn Cloud>> {
        cloud::open(&self.account, journal)
    }
    fn store(&self, at: &Subject, journal: Journal) -> Seen<Box<dyn Store>> {
        store::open(&self.store, at, journal)
    }
    fn registry(&self, journal: Journal) -> Seen<Box<dyn Registry>> {
        registry::Registry::open(&self.wire, probe_image(), &self.pushes, journal)
    }
    async fn subjects(&self, each: Each, journal: Journal) -> Seen<Vec<Subject>> {
        let (kind, names) = match each {
            Each::Store => return self.store.subjects(&journal).await,
            Each::Node => {
                let nodes = self.nodes(journal).await?;
                self.pods.knows_nodes(&nodes);
                (Kind::Node, nodes)
            }
            Each::Connection => {
                let dss = self.dss(journal)?;
                let mut connections = dss.connections().await?;
                connections.retain(HadoopConnection::is_oss);
                if connections.is_empty() {
                    let s3 = dss.s3_connections().await?.into_iter().find(S3Connection::is_oss);
                    return Err(Unseen::not_described(match s3 {
                        Some(s3) => format!("DSS has no Hadoop connection to OSS; {} reaches OSS as S3", s3.name),
                        None => "DSS has no connection to OSS yet".to_owned(),
                    }));
                }
                (Kind::Connection, connections.into_iter().map(|connection| connection.name).collect())
            }
            Each::Namespace => (Kind::Namespace, self.cluster(journal)?.namespaces()),
            Each::Repository => {
                let registry = self.wire.config().registry.as_ref();
                let registry = registry.ok_or_else(|| Unseen::not_described("the site file has no [registry]"))?;
                (Kind::Repository, vec![registry.url.clone()])
            }
        };
        Ok(names.into_iter().map(|name| Subject::new(kind, name)).collect())
    }
    fn pod(&self, node: &str, journal: Journal) -> Seen<Box<dyn Pod>> {
        pod::open(&self.pods, node, journal)
    }
    async fn clean_up(&self) -> Vec<String> {
        // What is left of the limit is for saying what is left.
        let limit = self.wire.config().limits.clean_up * 9 / 10;
        let (mut left, pods, pushes) = tokio::join!(
            self.store.clean_up(&self.after),
            self.pods.clean_up(&self.after),
            self.pushes.clean_up(limit)
        );
        left.extend(pods.into_iter().chain(pushes));
        left
    }
}

/// The image of the probe this build carries, made once.
fn probe_image() -> Option<Arc<ProbeImage>> {
    static IMAGE: OnceLock<Option<Arc<ProbeImage>>> = OnceLock::new();
    IMAGE.get_or_init(|| crate::probe::layer().ok().map(|layer| Arc::new(ProbeImage::of(layer)))).clone()
}
