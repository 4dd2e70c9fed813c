//! The Kubernetes API: TLS with client certificates on a loopback port of its own, HTTP/1.1 and HTTP/2.
//!
//! Real `kubectl` (1.31 or later, which runs commands over WebSockets) and the `kube` crate work against it.

mod access;
mod admission;
mod api;
mod certificates;
mod cluster;
mod delete;
mod deletion;
mod discovery;
mod documents;
pub(crate) mod events;
pub(crate) mod exec;
mod garbage;
mod jobs;
pub(crate) mod kinds;
mod limits;
mod lists;
mod mutation;
pub(crate) mod objects;
mod owners;
mod path;
mod pods;
mod protobuf;
pub(crate) mod quantity;
mod query;
mod security;
mod seed;
mod select;
mod table;
mod watch;
mod words;
pub(crate) mod world;
mod write;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use async_trait::async_trait;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::http::{Connection, Request, Response};
use super::kubelet::Kubelet;
use super::listen;
use super::network::Network;
use super::service::{Ground, Opened, Reach, Service};
use super::site_file::quoted;
use super::world::Deployment;
use access::Access;
use api::Api;
use certificates::Certificates;
use cluster::Cluster;
use objects::Objects;
use words::Status;
use world::{Kubeconfig, KubernetesWorld, ServerState};

/// The longest body read, in bytes: the API server's own limit.
const LONGEST_BODY: usize = 3 << 20;

/// A running cluster.
pub(crate) struct Kubernetes {
    api: Api,
    certificates: Certificates,
    kubeconfig: Kubeconfig,
    /// The account's name, and DSS's namespace.
    context: (String, String),
}

impl Kubernetes {
    /// Fills the cluster and starts the nodes' kubelets and the controllers, until the lab's end. What pods and nodes
    /// reach, they reach through the gateway.
    pub(crate) fn new(ground: &Ground<'_>) -> anyhow::Result<Kubernetes> {
        let world: KubernetesWorld = ground.world.section()?;
        let deployment: Deployment = ground.world.deployment()?;
        let network = Arc::new(Network::new(ground.world, ground.gateway, ground.authority.pem())?);
        let certificates = Certificates::issue(&world.account, &world.kubeconfig)?;
        let objects = Arc::new(Objects::new());
        seed::seed(&objects, &world, &deployment).map_err(|status| anyhow!("the lab's cluster: {}", status.message))?;
        let stop = ground.stop;
        let nodes = Kubelet::start(world.clone(), &deployment, objects.clone(), network, stop.clone());
        tokio::spawn(garbage::collect(objects.clone(), stop.clone()));
        tokio::spawn(jobs::control(objects.clone(), stop.clone()));
        let access = Access::new(&world.account.name, world.rules.clone(), world.denied.clone());
        Ok(Kubernetes {
            certificates,
            kubeconfig: world.kubeconfig.clone(),
            context: (world.account.name.clone(), deployment.cluster.namespace.clone()),
            api: Api::new(Cluster { world, deployment, objects, nodes, access }),
        })
    }

    /// Serves one connection. A failed handshake ends it; the client has seen why.
    async fn serve(self: Arc<Self>, stream: TcpStream, local: SocketAddr) -> anyhow::Result<()> {
        if self.kubeconfig.server == ServerState::Silent {
            return std::future::pending().await;
        }
        let stream = TlsAcceptor::from(self.certificates.server()).accept(stream).await?;
        let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).cloned();
        listen::serve(self, Connection { local, certificate }, stream).await
    }
}

#[async_trait]
impl Service for Kubernetes {
    async fn answer(&self, _: &str, request: Request) -> Response {
        let connection = request.extensions().get::<Connection>();
        let certificate = connection.and_then(|connection| connection.certificate.as_ref());
        let holder = certificate.and_then(|certificate| self.certificates.holder(certificate));
        let holder = holder.filter(|holder| !holder.expired).map(|holder| holder.account.clone());
        let server = connection.map(|connection| connection.local.to_string()).unwrap_or_default();
        self.api.answer(request, holder, &server)
    }

    fn longest_body(&self) -> usize {
        LONGEST_BODY
    }

    fn too_long(&self) -> Response {
        Status::too_large().response()
    }

    /// Writes the kubeconfig, unless the world wants none, and serves as the world says.
    async fn open(self: Arc<Self>, root: &Path, stop: &CancellationToken) -> anyhow::Result<Opened> {
        let (listener, local) = listen::bind("the Kubernetes API").await?;
        let path = root.join("kubeconfig");
        let (account, namespace) = &self.context;
        if let Some(text) = self.certificates.kubeconfig(&self.kubeconfig, account, namespace, local) {
            write_private(&path, &text)?;
        }
        if self.kubeconfig.server != ServerState::Closed {
            listen::accept(listener, stop.clone(), move |stream| self.clone().serve(stream, local));
        }
        let how = format!("export KUBECONFIG={}", path.display());
        Ok(Opened {
            site: vec![("kubeconfig", quoted(path.display()))],
            reach: vec![Reach { service: "Kubernetes API", how }],
        })
    }
}

/// Writes a file that only its owner can read: kubectl warns of others.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let file = std::fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path);
    let mut file = file.with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}
