//! The Kubernetes API: TLS with client certificates on a loopback port of its own, HTTP/1.1 and HTTP/2.
//!
//! Real `kubectl` (1.31 or later, which runs commands over WebSockets) and the `kube` crate work against it.

pub(crate) mod access;
mod admission;
mod api;
mod certificates;
pub(crate) mod deletion;
pub(crate) mod events;
pub(crate) mod exec;
mod garbage;
mod jobs;
pub(crate) mod kinds;
mod lists;
pub(crate) mod objects;
mod owners;
mod place;
mod pods;
mod protobuf;
pub(crate) mod quantity;
mod query;
mod security;
pub(crate) mod seed;
mod select;
pub(crate) mod status;
mod table;
mod watch;
pub mod world;
mod write;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use anyhow::{Context as _, anyhow};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::kubelet::Kubelet;
use super::network::Network;
use super::world::World;
use api::Api;
use certificates::Certificates;
use objects::Objects;
use world::{DeploymentWorld, KubernetesWorld, Server};

/// A running cluster.
pub struct Kubernetes {
    address: SocketAddr,
    kubeconfig: Option<String>,
}

impl Kubernetes {
    /// Starts the API server and the nodes' kubelets, until `stop`. What pods and nodes reach, they reach through `network`.
    pub async fn start(world: &World, network: Arc<Network>, stop: CancellationToken) -> anyhow::Result<Kubernetes> {
        let kubernetes: KubernetesWorld = world.at("/kubernetes")?;
        let deployment: DeploymentWorld = world.at("/deployment")?;
        let certificates = Arc::new(Certificates::issue(&kubernetes.account, kubernetes.kubeconfig.certificate)?);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("a loopback port for the Kubernetes API")?;
        let address = listener.local_addr()?;
        let kubeconfig = certificates.kubeconfig(
            &kubernetes.kubeconfig,
            &kubernetes.account.name,
            &deployment.cluster.namespace,
            address,
        );
        let objects = Arc::new(Objects::new());
        seed::seed(&objects, &kubernetes, &deployment)
            .map_err(|status| anyhow!("the lab's cluster: {}", status.message))?;
        let kubelet = Kubelet::start(kubernetes.clone(), &deployment, objects.clone(), network, stop.clone());
        tokio::spawn(garbage::collect(objects.clone(), stop.clone()));
        tokio::spawn(jobs::control(objects.clone(), stop.clone()));
        let server = kubernetes.kubeconfig.server;
        let api = Api {
            access: access::Access::new(&kubernetes.account.name, kubernetes.rules.clone(), kubernetes.denied.clone()),
            throttled: AtomicU32::new(kubernetes.throttled_requests),
            world: kubernetes,
            deployment,
            objects,
            nodes: kubelet,
            address: address.to_string(),
        };
        match server {
            Server::Closed => drop(listener),
            Server::Listening | Server::Silent => {
                tokio::spawn(accept(listener, Arc::new(api), certificates, server, stop));
            }
        }
        Ok(Kubernetes { address, kubeconfig })
    }

    /// Where the API listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The DSS account's kubeconfig; none where the world wants none.
    pub fn kubeconfig(&self) -> Option<&str> {
        self.kubeconfig.as_deref()
    }
}

async fn accept(
    listener: TcpListener,
    api: Arc<Api>,
    certificates: Arc<Certificates>,
    server: Server,
    stop: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        // A connection that failed while it was accepted is the client's matter.
        let Ok((stream, _)) = accepted else { continue };
        let (api, certificates, stop) = (api.clone(), certificates.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                _ = async {
                    if server == Server::Silent {
                        std::future::pending::<()>().await;
                    }
                    serve(stream, api, certificates).await
                } => {}
            }
        });
    }
}

/// Serves one connection. A failed handshake ends it; the client has seen why.
async fn serve(stream: TcpStream, api: Arc<Api>, certificates: Arc<Certificates>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let stream = TlsAcceptor::from(certificates.server()).accept(stream).await?;
    let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).cloned();
    let holder = shown.map(|certificate| certificates.holder(&certificate).filter(|holder| !holder.expired).cloned());
    let service = service_fn(move |request| {
        let (api, holder) = (api.clone(), holder.clone());
        async move {
            let account = holder.flatten().map(|holder| holder.account);
            let response = api.answer(request, account).await;
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
    builder.serve_connection_with_upgrades(TokioIo::new(stream), service).await.map_err(|error| anyhow!("{error}"))
}
