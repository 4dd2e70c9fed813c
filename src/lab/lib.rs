//! A whole deployment served on loopback, breakable on purpose.
//!
//! Nothing else of the program knows that it is a lab: [`Lab::start`] leaves a site file, and the shipping clients
//! talk to the lab's services as that file says. Everything served is derived from the [`world`], and faults are edits of it.

pub mod authority;
pub mod broken;
pub mod gateway;
pub mod names;
pub mod tree;
pub mod world;

pub mod cloud;
pub mod dss;
pub mod kubelet;
pub mod kubernetes;
pub mod network;
pub mod policy;
pub mod registry;
pub mod storage;

mod site_file;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::{CancellationToken, DropGuard};

use ackcheck_core::fault::Fault;
use authority::Authority;
use broken::Broken;
use gateway::{Gateway, Service};
use kubernetes::Kubernetes;
use names::Records;
use network::Network;
use site_file::quoted;
use world::World;

/// What lab to start.
#[derive(Debug, Clone, Default)]
pub struct LabOptions {
    /// What is broken in it.
    pub faults: Vec<Fault>,
    /// How many nodes; as the world has them where not given.
    pub nodes: Option<usize>,
    /// The release of DSS: one of [`tree::RELEASES`].
    pub dss_release: Option<String>,
    /// How pods get their addresses: `terway` or `flannel`.
    pub pod_network: Option<String>,
}

/// How to reach one service of a running lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// `OSS`, `Kubernetes API`.
    pub service: &'static str,
    /// What to type or to set.
    pub how: String,
}

/// A running lab. It ends, and its files go, when this is dropped.
pub struct Lab {
    root: TempDir,
    site_file: PathBuf,
    reach: Vec<Reach>,
    _stop: DropGuard,
}

impl Lab {
    /// Starts every service on loopback and writes the DSS host's tree and the site file.
    pub async fn start(options: &LabOptions) -> anyhow::Result<Lab> {
        let world = world_of(options)?;
        let root = tempfile::Builder::new().prefix("ackcheck-lab-").tempdir().context("a folder for the lab")?;
        let stop = CancellationToken::new();
        let guard = stop.clone().drop_guard();
        let authority = Arc::new(Authority::new("ackcheck lab")?);
        std::fs::write(root.path().join("ca.pem"), authority.pem())?;

        let tree = tree::write(&world, root.path()).context("the lab's DSS host")?;
        let broken = Broken::of(&world)?;
        let dss = Arc::new(dss::Dss::new(&world, tree.data.clone(), tree.install.clone())?);
        let gateway =
            Gateway::start(services(&world, dss.clone())?, broken.clone(), authority.clone(), stop.clone()).await?;
        let dss = dss.serve(stop.clone()).await?;
        let dns = names::serve(Records::of(&world)?, stop.clone()).await?;
        let network = Arc::new(Network::new(&world, gateway.address(), authority.pem())?);
        let kubernetes = Kubernetes::start(&world, network, stop.clone()).await.context("the lab's cluster")?;
        if let Some(kubeconfig) = kubernetes.kubeconfig() {
            write_private(&root.path().join("kubeconfig"), kubeconfig)?;
        }

        let values = BTreeMap::from([
            ("data_dir", quoted(tree.data.display())),
            ("install_dir", quoted(tree.install.display())),
            ("commands", quoted(tree.commands.display())),
            ("kubeconfig", quoted(root.path().join("kubeconfig").display())),
            ("dns", quoted(dns)),
            ("connect", connect(&broken, gateway.address())),
        ]);
        let site_file = site_file::write(&world, root.path(), &values)?;
        let reach = reach(root.path(), &site_file, gateway.address(), dns, dss);
        Ok(Lab { root, site_file, reach, _stop: guard })
    }

    /// The site file that describes it.
    pub fn site_file(&self) -> &Path {
        &self.site_file
    }

    /// The folder with everything it wrote.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// How to reach each service.
    pub fn reach(&self) -> &[Reach] {
        &self.reach
    }
}

/// Writes a file that only its owner may read: kubectl warns of others.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let file = std::fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path);
    let mut file = file.with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

/// The services behind the gateway.
fn services(world: &World, dss: Arc<dss::Dss>) -> anyhow::Result<Vec<Arc<dyn Service>>> {
    // The registry goes before OSS: the bucket of its layers has a name there.
    let registry = Arc::new(registry::RegistryService::new(world)?);
    let storage = Arc::new(storage::Oss::new(world)?);
    let cloud = Arc::new(cloud::Cloud::new(world)?);
    Ok(vec![registry, storage, cloud, dss])
}

fn world_of(options: &LabOptions) -> anyhow::Result<World> {
    let mut world = World::healthy()?;
    if let Some(release) = &options.dss_release {
        world.set("/deployment/dss/release", Value::from(release.as_str()))?;
    }
    if let Some(pod_network) = &options.pod_network {
        world.set("/deployment/pod_network", Value::from(pod_network.as_str()))?;
    }
    if let Some(nodes) = options.nodes {
        world.set_nodes(nodes)?;
    }
    for fault in &options.faults {
        world.apply(fault)?;
    }
    Ok(world)
}

/// A port of loopback where nobody listens: `tcpmux`, which no system starts.
const NOBODY: &str = "127.0.0.1:1";

/// Every name is dialled at the gateway, but for those that refuse connections, and the metadata's address, which is no name.
fn connect(broken: &Broken, gateway: SocketAddr) -> String {
    let refused = broken.refused().map(|host| format!("{} = {}", quoted(host), quoted(NOBODY)));
    let metadata =
        (!broken.refused().any(|host| host == METADATA)).then(|| format!("{} = {}", quoted(METADATA), quoted(gateway)));
    let rest = format!("\"*\" = {}", quoted(gateway));
    refused.chain(metadata).chain([rest]).collect::<Vec<_>>().join("\n")
}

/// The address of the ECS metadata service.
const METADATA: &str = "100.100.100.200";

fn reach(root: &Path, site_file: &Path, gateway: SocketAddr, dns: SocketAddr, dss: SocketAddr) -> Vec<Reach> {
    let root = root.display();
    vec![
        Reach { service: "Site file", how: format!("ackcheck run --site {}", site_file.display()) },
        Reach {
            service: "OSS, registry, OpenAPI, metadata",
            how: format!("export HTTPS_PROXY=http://{gateway} HTTP_PROXY=http://{gateway}"),
        },
        Reach { service: "Certificates", how: format!("export SSL_CERT_FILE={root}/ca.pem") },
        Reach { service: "Name server", how: format!("dig @{} -p {} dss.lab.internal", dns.ip(), dns.port()) },
        Reach { service: "Kubernetes API", how: format!("export KUBECONFIG={root}/kubeconfig") },
        Reach { service: "DSS", how: format!("curl http://{dss}/dip/api/get-configuration") },
        Reach { service: "Secrets", how: format!("{root}/secrets/") },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lab_starts_and_its_site_file_is_one() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        struct Files;
        impl ackcheck_core::config::SecretSource for Files {
            fn environment(&self, name: &str) -> Result<String, String> {
                Err(format!("{name} is not set"))
            }
            fn file(&self, path: &Path) -> Result<String, String> {
                std::fs::read_to_string(path).map_err(|error| error.to_string())
            }
        }
        let lab = Lab::start(&LabOptions::default()).await.unwrap();
        let text = std::fs::read_to_string(lab.site_file()).unwrap();
        let config = ackcheck_core::config::parse(lab.site_file(), &text, &Files).unwrap();
        assert_eq!(config.network.connect.last().unwrap().0, "*");
        assert!(config.dss.unwrap().data_dir.unwrap().join("dss-version.json").is_file());
    }
}
