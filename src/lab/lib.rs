//! A whole deployment served on loopback, breakable on purpose.
//!
//! Nothing else of the program knows that it is a lab: [`Lab::start`] leaves a site file, and the shipping clients
//! talk to the lab's services as that file says. Everything served is derived from the [`world`], and faults are edits of it.

pub mod authority;
pub mod dns;
pub mod gateway;
pub mod http;
pub mod service;
pub mod tree;
pub mod world;

mod cloud;
mod dss;
mod kubelet;
mod kubernetes;
mod listen;
mod network;
mod policy;
mod registry;
mod site_file;
mod sources;
mod storage;
mod trust;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::Value;
use tempfile::TempDir;
use tokio_util::sync::{CancellationToken, DropGuard};

use ackcheck_core::fault::Fault;
use ackcheck_core::seat::cloud::PodNetwork;
use authority::Authority;
use cloud::metadata::METADATA;
use gateway::Gateway;
use gateway::malfunction::Malfunctions;
use service::{Ground, Service};
use site_file::quoted;
use world::World;

pub use service::Reach;

/// What lab to start.
#[derive(Debug, Clone, Default)]
pub struct LabOptions {
    /// What is broken in it.
    pub faults: Vec<Fault>,
    /// How many nodes; as the world has them where not given.
    pub nodes: Option<usize>,
    /// The release of DSS: one of [`tree::RELEASES`].
    pub dss_release: Option<String>,
    /// How pods get their addresses; as the world has it where not given.
    pub pod_network: Option<PodNetwork>,
}

/// How a service is made.
type Make = fn(&Ground<'_>) -> anyhow::Result<Arc<dyn Service>>;

/// Every service. The gateway gives a request to the first that serves its host: the registry goes before OSS, because
/// the bucket of its layers has a name there.
const SERVICES: [Make; 7] = [
    |ground| made(registry::RegistryService::new(ground.world)),
    |ground| made(storage::Oss::new(ground.world)),
    |ground| made(cloud::Cloud::new(ground.world)),
    |ground| made(dns::Dns::new(ground.world)),
    |ground| made(kubernetes::Kubernetes::new(ground)),
    |ground| made(dss::Dss::new(ground.world, ground.tree)),
    |ground| made(sources::Sources::new(ground.world)),
];

fn made<S: Service + 'static>(service: anyhow::Result<S>) -> anyhow::Result<Arc<dyn Service>> {
    Ok(Arc::new(service?))
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
    ///
    /// # Errors
    /// If the faults do not fit the world, a file cannot be written or no loopback port is free.
    pub async fn start(options: &LabOptions) -> anyhow::Result<Lab> {
        let world = world_of(options)?;
        let root = tempfile::Builder::new().prefix("ackcheck-lab-").tempdir().context("a folder for the lab")?;
        let stop = CancellationToken::new();
        let guard = stop.clone().drop_guard();
        let authority = Arc::new(Authority::new("ackcheck lab")?);
        std::fs::write(root.path().join("ca.pem"), authority.pem())?;
        let tree = tree::write(&world, root.path()).context("the lab's DSS host")?;
        let gateway = Gateway::bind().await?;
        let address = gateway.address();

        let malfunctions = Malfunctions::of(&world)?;
        let mut values = BTreeMap::from([
            ("data_dir", quoted(tree.data.display())),
            ("install_dir", quoted(tree.install.display())),
            ("commands", quoted(tree.commands.display())),
            ("connect", connect(&malfunctions, address, network::connect(&world, address)?)),
        ]);
        let mut reach = Vec::new();
        let mut services = Vec::new();
        let ground = Ground { world: &world, tree: &tree, gateway: address, authority: &authority, stop: &stop };
        for make in SERVICES {
            let service = make(&ground)?;
            let opened = service.clone().open(root.path(), &stop).await?;
            values.extend(opened.site);
            reach.extend(opened.reach);
            services.push(service);
        }
        gateway.serve(services, malfunctions, authority.clone(), stop.clone())?;

        let site_file = site_file::write(&world, root.path(), &values)?;
        let reach = whole_reach(root.path(), &site_file, address, reach);
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

fn world_of(options: &LabOptions) -> anyhow::Result<World> {
    let mut world = World::healthy()?;
    if let Some(release) = &options.dss_release {
        world.set("/deployment/dss/release", Value::from(release.as_str()))?;
        world.set("/kubernetes/version", Value::from(tree::kubernetes_of(release)?))?;
    }
    if let Some(pod_network) = options.pod_network {
        world.set("/deployment/pod_network", Value::from(pod_network.name()))?;
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

/// Every name is dialled at the gateway, except those that refuse connections; so is the metadata service's address, which
/// is not a name. Addresses of the DSS host and of pods are such of loopback.
fn connect(malfunctions: &Malfunctions, gateway: SocketAddr, addresses: Vec<String>) -> String {
    let refused = malfunctions.refused().map(|host| format!("{} = {}", quoted(host), quoted(NOBODY)));
    let metadata = (!malfunctions.refused().any(|host| host == METADATA))
        .then(|| format!("{} = {}", quoted(METADATA), quoted(gateway)));
    let rest = format!("\"*\" = {}", quoted(gateway));
    refused.chain(metadata).chain(addresses).chain([rest]).collect::<Vec<_>>().join("\n")
}

/// How to reach the lab as a whole, and `each` service with a port of its own.
fn whole_reach(root: &Path, site_file: &Path, gateway: SocketAddr, each: Vec<Reach>) -> Vec<Reach> {
    let root = root.display();
    let mut reach = vec![
        Reach { service: "Site file", how: format!("ackcheck run --site {}", site_file.display()) },
        Reach {
            service: "OSS, registry, OpenAPI, metadata",
            how: format!("export HTTPS_PROXY=http://{gateway} HTTP_PROXY=http://{gateway}"),
        },
        Reach { service: "Certificates", how: format!("export SSL_CERT_FILE={root}/ca.pem") },
    ];
    reach.extend(each);
    reach.push(Reach { service: "Secrets", how: format!("{root}/secrets/") });
    reach
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_fault_on_a_key_that_nothing_reads_is_an_error() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        for pointer in [
            "/deployment/nonsense",
            "/deployment/nodes/0/nonsense",
            "/host/nonsense",
            "/dns/nonsense",
            "/gateway/nonsense",
            "/storage/key/nonsense",
            "/storage/site/nonsense",
            "/registry/namespaces/dss/nonsense",
            "/kubernetes/kubeconfig/nonsense",
            "/cloud/security_groups/0/rules/0/nonsense",
            "/network/host_ports/nonsense",
            "/dss/backend/nonsense",
            "/sources/docker_hub/nonsense",
        ] {
            let options = LabOptions { faults: vec![Fault::Set(pointer, "1")], ..LabOptions::default() };
            let error = Lab::start(&options).await.err().unwrap_or_else(|| panic!("{pointer} was ignored"));
            let section = pointer.split('/').nth(1).unwrap();
            let said = format!("{error:#}");
            assert!(said.contains("nonsense") && said.contains(&format!("/{section}")), "{pointer}: {said}");
        }
    }

    #[tokio::test]
    async fn a_lab_starts_and_its_site_file_is_one() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        #[derive(Default)]
        struct Files(ackcheck_core::secret::Scrubber);
        impl ackcheck_core::config::SecretSource for Files {
            fn scrubber(&self) -> &ackcheck_core::secret::Scrubber {
                &self.0
            }
            fn environment(&self, name: &str) -> Result<String, String> {
                Err(format!("{name} is not set"))
            }
            fn file(&self, path: &Path) -> Result<String, String> {
                std::fs::read_to_string(path).map_err(|error| error.to_string())
            }
        }
        let lab = Lab::start(&LabOptions::default()).await.unwrap();
        let text = std::fs::read_to_string(lab.site_file()).unwrap();
        let config = ackcheck_core::config::parse(lab.site_file(), &text, &Files::default()).unwrap();
        assert_eq!(config.network.connect.last().unwrap().0, "*");
        assert!(config.dss.unwrap().data_dir.unwrap().join("dss-version.json").is_file());
    }
}
