//! The one loopback port behind which every named service stands.
//!
//! It takes a TLS connection by its server name, a plain HTTP request by its `Host`, and speaks the HTTP proxy protocol
//! (absolute form and `CONNECT`), so that any real client with a proxy setting can be pointed at the lab.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::LazyConfigAcceptor;
use tokio_util::sync::CancellationToken;

use super::authority::Authority;
use super::broken::{Broken, How};

/// A request whose body is read whole.
pub type Request = http::Request<Bytes>;
/// An answer.
pub type Response = http::Response<Full<Bytes>>;

/// The longest body a service takes: more than the probe image, and a multipart part of a real client.
const LONGEST_BODY: usize = 64 << 20;

/// The header with the node a request comes from: what its source address would show, and loopback cannot.
pub const FROM_NODE: &str = "x-lab-from-node";

/// One service of the lab.
#[async_trait]
pub trait Service: Send + Sync {
    /// True for the host names it answers for, lower case, without port.
    fn serves(&self, host: &str) -> bool;
    /// Answers. The request's URI has its path and query only; `host` is the name it was sent to.
    async fn answer(&self, host: &str, request: Request) -> Response;
}

/// An answer with a status, a content type and a body.
pub fn response(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response {
    let mut response = http::Response::new(Full::new(body.into()));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = content_type.parse() {
        response.headers_mut().insert(http::header::CONTENT_TYPE, value);
    }
    response
}

/// The gateway.
pub struct Gateway {
    address: SocketAddr,
}

struct Shared {
    services: Vec<Arc<dyn Service>>,
    broken: Broken,
    authority: Arc<Authority>,
    /// Of an authority that nobody trusts, for hosts broken that way.
    stranger: Authority,
    configs: Mutex<HashMap<String, Arc<ServerConfig>>>,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for T {}

impl Gateway {
    /// Listens on a loopback port until `stop`.
    pub async fn start(
        services: Vec<Arc<dyn Service>>,
        broken: Broken,
        authority: Arc<Authority>,
        stop: CancellationToken,
    ) -> anyhow::Result<Gateway> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("a loopback port for the lab's gateway")?;
        let address = listener.local_addr()?;
        let stranger = Authority::new("an authority nobody trusts")?;
        let shared = Arc::new(Shared { services, broken, authority, stranger, configs: Mutex::default() });
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    () = stop.cancelled() => return,
                    accepted = listener.accept() => accepted,
                };
                // A connection that failed while it was accepted is the client's matter.
                let Ok((stream, _)) = accepted else { continue };
                let (shared, stop) = (shared.clone(), stop.clone());
                tokio::spawn(async move {
                    let _ = stream.set_nodelay(true);
                    tokio::select! {
                        () = stop.cancelled() => {}
                        _ = shared.take(stream) => {}
                    }
                });
            }
        });
        Ok(Gateway { address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
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

    /// A TLS connection: by its server name, or the one a proxy's `CONNECT` asked for.
    async fn take_tls(self: &Arc<Self>, stream: impl Stream, asked_for: Option<&str>) -> anyhow::Result<()> {
        let acceptor = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream);
        tokio::pin!(acceptor);
        let start = match acceptor.as_mut().await {
            Ok(start) => start,
            Err(error) => return Err(error.into()),
        };
        let name = start.client_hello().server_name().map(str::to_ascii_lowercase);
        let host = name.or(asked_for.map(str::to_owned)).unwrap_or_else(|| "127.0.0.1".to_owned());
        let how = self.broken.how(&host);
        match how {
            Some(How::Silent) => return std::future::pending().await,
            // What a server without TLS on that port says to a handshake.
            Some(How::NoTls) => {
                let mut stream = start.io;
                return super::broken::answer_plainly(&mut stream).await;
            }
            _ => {}
        }
        let stream = start.into_stream(self.config(&host, how)?).await?;
        self.serve(stream, Some(host)).await
    }

    fn config(&self, host: &str, how: Option<How>) -> anyhow::Result<Arc<ServerConfig>> {
        let mut configs = self.configs.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(config) = configs.get(host) {
            return Ok(config.clone());
        }
        let certified = match how {
            Some(How::UnknownIssuer) => self.stranger.certify_server(&[host])?,
            Some(How::WrongName) => self.authority.certify_server(&["somewhere-else.invalid"])?,
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

    /// Serves HTTP on a stream; `host` is known where TLS or a proxy's `CONNECT` told it.
    async fn serve(self: &Arc<Self>, mut stream: impl Stream, host: Option<String>) -> anyhow::Result<()> {
        if let Some(how) = host.as_deref().and_then(|host| self.broken.how(host))
            && how.breaks_http()
        {
            return super::broken::misbehave(how, &mut stream).await;
        }
        let shared = self.clone();
        let service = service_fn(move |request: http::Request<Incoming>| {
            let (shared, host) = (shared.clone(), host.clone());
            async move { Ok::<_, std::convert::Infallible>(shared.route(host, request).await) }
        });
        let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
        let served = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).await;
        served.map_err(|error| anyhow::anyhow!("{error}"))
    }

    async fn route(self: &Arc<Self>, host: Option<String>, request: http::Request<Incoming>) -> Response {
        if request.method() == http::Method::CONNECT {
            return self.tunnel(request);
        }
        let header = request.headers().get(http::header::HOST).and_then(|value| value.to_str().ok());
        let named = request.uri().host().or(header).unwrap_or("");
        let host = host.unwrap_or_else(|| without_port(named));
        if let Some(how) = self.broken.how(&host)
            && let Some(answer) = how.answer(&host, request.uri())
        {
            return answer;
        }
        if self.broken.how(&host).is_some_and(|how| matches!(how, How::Silent)) {
            return std::future::pending().await;
        }
        let Some(service) = self.services.iter().find(|service| service.serves(&host)).cloned() else {
            return response(502, "text/plain", format!("the lab has no service named {host}\n"));
        };
        let (mut parts, body) = request.into_parts();
        let Ok(body) = Limited::new(body, LONGEST_BODY).collect().await else {
            return response(413, "text/plain", "the body is longer than the lab takes\n");
        };
        if let Some(path) = parts.uri.path_and_query().cloned() {
            parts.uri = http::Uri::from(path);
        }
        service.answer(&host, http::Request::from_parts(parts, body.to_bytes())).await
    }

    /// A proxy's `CONNECT`: what follows is a connection to that host.
    fn tunnel(self: &Arc<Self>, request: http::Request<Incoming>) -> Response {
        let Some(host) = request.uri().host().map(without_port) else {
            return response(400, "text/plain", "CONNECT needs a host and a port\n");
        };
        let known = self.services.iter().any(|service| service.serves(&host)) || self.broken.how(&host).is_some();
        if !known || self.broken.how(&host).is_some_and(|how| matches!(how, How::Refused)) {
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
        http::Response::new(Full::default())
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
