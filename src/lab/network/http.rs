//! HTTP as a pod or a node sends it: dialled at the lab's gateway, with the kinds of failure kept apart.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ackcheck_probe_protocol::Failure;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use crate::trust::AnyCertificate;
use ackcheck_core::sync::locked;

/// Whose certificates are accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Trust {
    /// Those of these authorities, in PEM.
    These(String),
    /// Those of the lab's, which its nodes have installed.
    Lab,
    /// Anybody's.
    Any,
}

/// A request to send.
pub(crate) struct Sending<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) headers: &'a [(String, String)],
    pub(crate) body: &'a [u8],
    pub(crate) trust: Trust,
    pub(crate) timeout_ms: u64,
    /// The longest body read; the rest is cut off.
    pub(crate) longest: usize,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Reply {
    /// A header's value; `name` in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// The way to the gateway. Its connections are kept for the next request that trusts alike, from whatever node: thousands
/// of nodes would otherwise shake hands tens of thousands of times.
pub(crate) struct WayOut {
    gateway: SocketAddr,
    authority: String,
    configs: Mutex<BTreeMap<Trust, Arc<ClientConfig>>>,
    idle: Mutex<HashMap<Peer, Vec<Sender>>>,
}

/// What a kept connection is good for: scheme, host and port, and trust.
type Peer = (String, Trust);
type Sender = hyper::client::conn::http1::SendRequest<Full<Bytes>>;

/// Connections kept for one host; more are closed after their request.
const KEPT_FOR_ONE: usize = 64;

type Failed = (Failure, String);

impl WayOut {
    /// The way to a gateway whose certificates are from `authority`, in PEM.
    pub(crate) fn new(gateway: SocketAddr, authority: &str) -> anyhow::Result<WayOut> {
        Ok(WayOut { gateway, authority: authority.to_owned(), configs: Mutex::default(), idle: Mutex::default() })
    }

    /// Sends a request that the model lets through.
    pub(crate) async fn send(&self, url: &Url, host: &str, sending: Sending<'_>) -> Result<Reply, Failed> {
        let limit = Duration::from_millis(sending.timeout_ms);
        match tokio::time::timeout(limit, self.exchange(url, host, &sending)).await {
            Ok(outcome) => outcome,
            Err(_) => Err((Failure::TimedOut, format!("no answer within {} ms", sending.timeout_ms))),
        }
    }

    async fn exchange(&self, url: &Url, host: &str, sending: &Sending<'_>) -> Result<Reply, Failed> {
        let port = url.port_or_known_default().unwrap_or_default();
        let kept = (format!("{}://{host}:{port}", url.scheme()), sending.trust.clone());
        while let Some(mut sender) = self.take(&kept) {
            // That one was closed in the meantime says nothing about the host.
            if sender.ready().await.is_ok()
                && let Ok(reply) = ask(&mut sender, url, sending).await
            {
                self.keep(kept, sender, &reply, sending);
                return Ok(reply);
            }
        }
        let mut sender = self.connect(url, host, sending).await?;
        let reply = ask(&mut sender, url, sending).await?;
        self.keep(kept, sender, &reply, sending);
        Ok(reply)
    }

    fn take(&self, kept: &Peer) -> Option<Sender> {
        locked(&self.idle).get_mut(kept)?.pop()
    }

    fn keep(&self, kept: Peer, sender: Sender, reply: &Reply, sending: &Sending<'_>) {
        // The rest of a body that was cut off would be read as the next answer.
        if sender.is_closed() || reply.body.len() >= sending.longest {
            return;
        }
        let mut idle = locked(&self.idle);
        let idle = idle.entry(kept).or_default();
        if idle.len() < KEPT_FOR_ONE {
            idle.push(sender);
        }
    }

    async fn connect(&self, url: &Url, host: &str, sending: &Sending<'_>) -> Result<Sender, Failed> {
        let stream = TcpStream::connect(self.gateway).await.map_err(|error| (Failure::Refused, error.to_string()))?;
        let _ = stream.set_nodelay(true);
        if url.scheme() != "https" {
            return greet(stream).await;
        }
        let config = self.config(&sending.trust)?;
        let name = ServerName::try_from(host.to_owned()).map_err(|error| (Failure::Tls, error.to_string()))?;
        let stream = TlsConnector::from(config).connect(name, stream).await.map_err(|error| {
            let tls = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
            (if tls { Failure::Tls } else { Failure::Closed }, error.to_string())
        })?;
        greet(stream).await
    }

    fn config(&self, trust: &Trust) -> Result<Arc<ClientConfig>, Failed> {
        let mut configs = locked(&self.configs);
        if let Some(config) = configs.get(trust) {
            return Ok(config.clone());
        }
        let failed = |error: String| (Failure::Tls, error);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(error.to_string()))?;
        let pem = match trust {
            Trust::These(pem) => pem,
            Trust::Lab | Trust::Any => &self.authority,
        };
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|error| failed(format!("the certificates to trust: {error}")))?;
            roots.add(certificate).map_err(|error| failed(format!("the certificates to trust: {error}")))?;
        }
        let config = match trust {
            Trust::Any => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyCertificate { provider }))
                .with_no_client_auth(),
            _ => builder.with_root_certificates(roots).with_no_client_auth(),
        };
        let config = Arc::new(config);
        configs.insert(trust.clone(), config.clone());
        Ok(config)
    }
}

/// Opens HTTP on a stream.
async fn greet<S>(stream: S) -> Result<Sender, Failed>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // It ends when its sender is dropped.
    tokio::spawn(connection);
    Ok(sender)
}

async fn ask(sender: &mut Sender, url: &Url, sending: &Sending<'_>) -> Result<Reply, Failed> {
    let garbled = |error: &dyn std::fmt::Display| (Failure::Garbled, error.to_string());
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let mut request = http::Request::builder().method(sending.method).uri(path);
    if !sending.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        let host = url.host_str().unwrap_or_default();
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        request = request.header(http::header::HOST, authority);
    }
    for (name, value) in sending.headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::copy_from_slice(sending.body))).map_err(|error| garbled(&error))?;
    let response = sender.send_request(request).await.map_err(failed)?;
    let status = response.status().as_u16();
    let headers = ackcheck_probe::http::header_list(response.headers());
    let mut body = Vec::new();
    let mut incoming = Limited::new(response.into_body(), sending.longest);
    while let Some(frame) = incoming.frame().await {
        match frame {
            Ok(frame) => body.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data)),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => break,
            Err(error) => return Err((Failure::Closed, error.to_string())),
        }
    }
    Ok(Reply { status, headers, body: Bytes::from(body) })
}

fn failed(error: hyper::Error) -> Failed {
    let failure = if error.is_parse() { Failure::Garbled } else { Failure::Closed };
    (failure, error.to_string())
}
