//! The one loopback port behind which every named service stands.
//!
//! It routes a TLS connection by its server name and a plain HTTP request by its `Host`, and speaks the HTTP proxy protocol
//! (absolute form and `CONNECT`), so that any real client with a proxy setting can be pointed at the lab.

mod header_case;
pub mod malfunction;
mod world;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::LazyConfigAcceptor;
use tokio_util::sync::CancellationToken;

use super::authority::Authority;
use super::http::{self as wire, Response, Stream, response};
use super::listen;
use super::service::Service;
use ackcheck_core::sync::locked;
use header_case::OwnCase;
use malfunction::{Malfunction, Malfunctions};

/// The gateway: a port, on which nothing is served yet.
pub struct Gateway {
    listener: TcpListener,
    address: SocketAddr,
}

struct Shared {
    services: Vec<Arc<dyn Service>>,
    malfunctions: Malfunctions,
    authority: Arc<Authority>,
    /// Of an authority that nobody trusts, for hosts broken that way.
    stranger: Authority,
    configs: Mutex<HashMap<String, Arc<ServerConfig>>>,
}

impl Gateway {
    /// Takes a loopback port.
    ///
    /// # Errors
    /// If no loopback port is free.
    pub async fn bind() -> anyhow::Result<Gateway> {
        let (listener, address) = listen::bind("the lab's gateway").await?;
        Ok(Gateway { listener, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves these services until `stop`; of two that serve a name the first answers.
    ///
    /// # Errors
    /// If no key can be generated.
    pub fn serve(
        self,
        services: Vec<Arc<dyn Service>>,
        malfunctions: Malfunctions,
        authority: Arc<Authority>,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let stranger = Authority::new("an authority nobody trusts")?;
        let shared = Arc::new(Shared { services, malfunctions, authority, stranger, configs: Mutex::default() });
        listen::accept(self.listener, stop, move |stream| {
            let shared = shared.clone();
            async move { shared.take(stream).await }
        });
        Ok(())
    }
}

impl Shared {
    async fn take(self: &Arc<Self>, stream: TcpStream) -> anyhow::Result<()> {
        let mut first = [0u8; 1];
        stream.peek(&mut first).await?;
        match first[0] {
            TLS_HANDSHAKE => self.take_tls(stream, None).await,
            _ => self.serve(stream, None).await,
        }
    }

    /// A TLS connection: by its server name, or else the one that a proxy's `CONNECT` named.
    async fn take_tls(self: &Arc<Self>, stream: impl Stream, connect: Option<&str>) -> anyhow::Result<()> {
        let acceptor = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream);
        tokio::pin!(acceptor);
        let start = match acceptor.as_mut().await {
            Ok(start) => start,
            Err(error) => return Err(error.into()),
        };
        let name = start.client_hello().server_name().map(str::to_ascii_lowercase);
        let host = name.or(connect.map(str::to_owned)).unwrap_or_else(|| "127.0.0.1".to_owned());
        let malfunction = self.malfunctions.of_host(&host);
        match malfunction {
            Some(Malfunction::Silent) => return std::future::pending().await,
            // What a server without TLS on that port says to a handshake.
            Some(Malfunction::NoTls) => {
                let mut stream = start.io;
                return malfunction::answer_plainly(&mut stream).await;
            }
            _ => {}
        }
        let stream = start.into_stream(self.config(&host, malfunction)?).await?;
        self.serve(stream, Some(host)).await
    }

    fn config(&self, host: &str, malfunction: Option<Malfunction>) -> anyhow::Result<Arc<ServerConfig>> {
        let mut configs = locked(&self.configs);
        if let Some(config) = configs.get(host) {
            return Ok(config.clone());
        }
        let certified = match malfunction {
            Some(Malfunction::UnknownIssuer) => self.stranger.certify_server(&[host])?,
            Some(Malfunction::WrongName) => self.authority.certify_server(&["somewhere-else.invalid"])?,
            _ => self.authority.certify_server(&[host])?,
        };
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certified.certificate], certified.key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let config = Arc::new(config);
        configs.insert(host.to_owned(), config.clone());
        Ok(config)
    }

    /// Serves HTTP on a stream; `host` is known where TLS or a proxy's `CONNECT` named it.
    async fn serve(self: &Arc<Self>, mut stream: impl Stream, host: Option<String>) -> anyhow::Result<()> {
        if let Some(malfunction) = host.as_deref().and_then(|host| self.malfunctions.of_host(host))
            && malfunction.breaks_http()
        {
            return malfunction::misbehave(malfunction, &mut stream).await;
        }
        let shared = self.clone();
        wire::serve(OwnCase::new(stream), move |request| {
            let (shared, host) = (shared.clone(), host.clone());
            async move { shared.route(host, request).await }
        })
        .await
    }

    async fn route(self: &Arc<Self>, host: Option<String>, request: http::Request<Incoming>) -> Response {
        if request.method() == http::Method::CONNECT {
            return self.tunnel(request);
        }
        let header = request.headers().get(http::header::HOST).and_then(|value| value.to_str().ok());
        let named = request.uri().host().or(header).unwrap_or("");
        let host = host.unwrap_or_else(|| without_port(named));
        let malfunction = self.malfunctions.of_host(&host);
        if let Some(answer) = malfunction.and_then(|malfunction| malfunction.answer(&host, request.uri())) {
            return answer;
        }
        if malfunction == Some(Malfunction::Silent) {
            return std::future::pending().await;
        }
        let Some(service) = self.services.iter().find(|service| service.serves(&host)).cloned() else {
            return response(502, "text/plain", format!("the lab has no service named {host}\n"));
        };
        let Some(mut request) = wire::whole(request, service.longest_body(), service.discards()).await else {
            return service.too_long();
        };
        if let Some(path) = request.uri().path_and_query().cloned() {
            *request.uri_mut() = http::Uri::from(path);
        }
        service.answer(&host, request).await
    }

    /// A proxy's `CONNECT`: what follows is a connection to that host.
    fn tunnel(self: &Arc<Self>, request: http::Request<Incoming>) -> Response {
        let Some(host) = request.uri().host().map(without_port) else {
            return response(400, "text/plain", "CONNECT needs a host and a port\n");
        };
        let malfunction = self.malfunctions.of_host(&host);
        let known = malfunction.is_some() || self.services.iter().any(|service| service.serves(&host));
        if !known || malfunction == Some(Malfunction::Refused) {
            return response(502, "text/plain", format!("the lab cannot connect to {host}\n"));
        }
        let shared = self.clone();
        tokio::spawn(async move {
            let Ok(upgraded) = hyper::upgrade::on(request).await else { return };
            let mut stream = tokio::io::BufReader::new(TokioIo::new(upgraded));
            let first = tokio::io::AsyncBufReadExt::fill_buf(&mut stream).await;
            let _ = match first.ok().and_then(|bytes| bytes.first().copied()) {
                Some(TLS_HANDSHAKE) => Box::pin(shared.take_tls(stream, Some(&host))).await,
                Some(_) => Box::pin(shared.serve(stream, Some(host))).await,
                None => Ok(()),
            };
        });
        http::Response::new(Empty::<Bytes>::new().boxed_unsync())
    }
}

/// The first byte of a TLS handshake record.
const TLS_HANDSHAKE: u8 = 0x16;

fn without_port(authority: &str) -> String {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    host.to_ascii_lowercase()
}
