//! HTTP and names as every seat uses them: one resolver, one set of roots, bounded waits and bodies, failures told apart.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderValue;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::cause;
use super::names::Names;
use super::stopped;
use super::trust::{Authorities, Verifier};
use ackcheck_core::config::Config;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::{Heard, HttpReply, NameAnswer, NoReply};
use ackcheck_core::secret::Secret;
use ackcheck_core::text_file;
use ackcheck_core::verdict::Broken;

/// The longest body read, in bytes.
pub const LONGEST_BODY: usize = 4 << 20;

/// The largest `[network] ca_file`, in bytes: a machine's whole bundle is a quarter of it.
const LONGEST_CA_FILE: u64 = 1 << 20;

/// The way out, shared by all seats of a run.
#[derive(Clone)]
pub struct Wire {
    client: reqwest::Client,
    names: Names,
    config: Arc<Config>,
}

impl Wire {
    /// Builds the way out as `[network]` and `[limits]` of the site file say. Redirects are never followed: a seat
    /// that may follow one decides so itself, with or without its credentials.
    pub fn new(config: Arc<Config>) -> Result<Wire, Broken> {
        let names = Names::new(&config.network, &config.limits)?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(&config)?)
            .dns_resolver(names.clone())
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(config.limits.connect)
            .timeout(config.limits.request)
            .user_agent(concat!("ackcheck/", env!("CARGO_PKG_VERSION")))
            .no_proxy();
        if let Some(proxy) = &config.network.proxy {
            let all = reqwest::Proxy::all(proxy.url.as_str()).map_err(|error| unusable("network.proxy", &error))?;
            let all = match &proxy.user {
                Some((user, password)) => all.basic_auth(user, password.expose()),
                None => all,
            };
            // The metadata service answers the instance itself, and refuses what a proxy forwards.
            let direct = reqwest::NoProxy::from_string("100.100.100.200");
            builder = builder.proxy(all.no_proxy(direct));
        }
        let client = builder.build().map_err(|error| unusable("the HTTP client", &error))?;
        Ok(Wire { client, names, config })
    }

    /// The client, to build requests with (`wire.client().get(url).header(..).build()`).
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// The site.
    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// Where packets to an address go: elsewhere than to it only where the site file says so.
    pub(crate) fn instead_of(&self, address: std::net::IpAddr) -> std::net::IpAddr {
        self.names.instead_of(address)
    }

    /// Sends one request and reads the answer whole, within `[limits]`; no redirect is followed. Notes the method, URL
    /// (the journal takes out what signs it), status and body in the journal.
    pub async fn send(&self, journal: &Journal, vantage: Vantage, request: reqwest::Request) -> Heard<HttpReply> {
        let asked = format!("{} {}", request.method(), request.url());
        let began = Instant::now();
        let mut heard = self.patiently(journal, vantage, request).await;
        if let Ok(reply) = &mut heard
            && reply.status >= 400
        {
            // An error may repeat what was sent, and messages tell parts of it: of half a secret nobody would know.
            journal.scrubber().scrub_in_place(&mut reply.body);
        }
        let answered = match &heard {
            Ok(reply) if reply.body.is_empty() => format!("{}", reply.status),
            Ok(reply) => format!("{} {}", reply.status, reply.body),
            Err(no_reply) => no_reply.to_string(),
        };
        journal.note(vantage, asked, answered, began.elapsed());
        heard
    }

    /// Resolves a name with the site's name servers, or the system's resolver; notes it in the journal.
    pub async fn resolve(&self, journal: &Journal, vantage: Vantage, name: &str) -> NameAnswer {
        let began = Instant::now();
        let (limit, in_vain) =
            (self.config.limits.connect, |answer: &NameAnswer| matches!(answer, NameAnswer::NoServer { .. }));
        let answer = stopped::asked(journal, vantage, limit, true, in_vain, || self.names.resolve(name)).await;
        let said = match &answer {
            NameAnswer::Addresses(addresses) => {
                addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }
            NameAnswer::NoSuchName { said } | NameAnswer::NoServer { said } => said.clone(),
        };
        journal.note(vantage, format!("resolve {name}"), said, began.elapsed());
        answer
    }

    /// One exchange, again while ackcheck itself is stopped in it. What changes something is not sent twice here.
    async fn patiently(&self, journal: &Journal, vantage: Vantage, request: reqwest::Request) -> Heard<HttpReply> {
        let repeatable = request.method().is_safe() && request.try_clone().is_some();
        let in_vain = |heard: &Heard<HttpReply>| heard.as_ref().is_err_and(NoReply::may_be_owed_to_time);
        let mut first = Some(request);
        let send = || {
            // Without a body every copy can be made; what is not repeatable is sent once.
            let again = first.as_ref().and_then(reqwest::Request::try_clone);
            let request = if repeatable { again } else { first.take() };
            async {
                match request {
                    Some(request) => self.exchange(request).await,
                    None => Err(NoReply::Garbled { said: "the request cannot be repeated".to_owned() }),
                }
            }
        };
        stopped::asked(journal, vantage, self.config.limits.connect, repeatable, in_vain, send).await
    }

    async fn exchange(&self, mut request: reqwest::Request) -> Heard<HttpReply> {
        self.redial_literal_address(&mut request);
        let address = address_of(request.url());
        let limits = &self.config.limits;
        let began = Instant::now();
        let failed = |error: reqwest::Error| told_apart(&error, &address, limits.connect, began.elapsed());
        let mut response = self.client.execute(request).await.map_err(failed)?;
        let status = response.status().as_u16();
        let headers = ackcheck_probe::http::header_list(response.headers());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > LONGEST_BODY {
                return Err(NoReply::Garbled { said: format!("a body of more than {LONGEST_BODY} bytes") });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(HttpReply { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
    }

    /// A literal address never reaches the resolver, so `[network] connect` is applied to it here; for plain HTTP only,
    /// where no certificate depends on the address in the URL.
    fn redial_literal_address(&self, request: &mut reqwest::Request) {
        let url = request.url();
        let literal = matches!(url.host(), Some(url::Host::Ipv4(_) | url::Host::Ipv6(_)));
        let Some(instead) = url.host_str().filter(|_| literal && url.scheme() == "http") else { return };
        let Some(instead) = self.names.dialled_instead(instead) else { return };
        let host = address_of(url);
        let host = host.strip_suffix(":80").unwrap_or(&host).to_owned();
        if let Ok(value) = http::HeaderValue::from_str(&host) {
            request.headers_mut().entry(http::header::HOST).or_insert(value);
            let url = request.url_mut();
            // An http URL with a host always takes an address and a port.
            let _ = url.set_ip_host(instead.ip());
            let _ = url.set_port(Some(instead.port()));
        }
    }
}

/// An `Authorization` header that no debug output shows; empty where the secret cannot stand in one.
pub(crate) fn authorization(scheme: &str, secret: &Secret) -> HeaderValue {
    let mut value =
        HeaderValue::from_str(&format!("{scheme} {}", secret.expose())).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// TLS as every seat but the cluster's speaks it: with the built-in roots and the site's own.
fn tls(config: &Config) -> Result<rustls::ClientConfig, Broken> {
    let provider = provider();
    let verifier = Verifier::new(trusted(config)?, Authorities::AsTrusted, provider.clone());
    let verifier = verifier.map_err(|why| unusable("the trusted certificates", &why))?;
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| unusable("TLS", &error))?;
    let mut tls = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

/// The cryptography of the process, which `main` chose.
pub(crate) fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    let chosen = rustls::crypto::CryptoProvider::get_default().cloned();
    chosen.unwrap_or_else(|| Arc::new(rustls::crypto::ring::default_provider()))
}

/// The built-in roots, and the site's own.
pub(crate) fn trusted(config: &Config) -> Result<Vec<CertificateDer<'static>>, Broken> {
    let mut trusted = webpki_root_certs::TLS_SERVER_ROOT_CERTS.to_vec();
    let Some(OwnRoots { what, pem }) = own_roots(config)? else { return Ok(trusted) };
    let unreadable = |why: String| Broken::Unreadable { what: what.clone(), why };
    let built_in = trusted.len();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        trusted.push(certificate.map_err(|error| unreadable(error.to_string()))?);
    }
    if trusted.len() == built_in {
        return Err(unreadable("holds no certificate".to_owned()));
    }
    Ok(trusted)
}

/// What the site trusts besides the built-in roots.
pub(crate) struct OwnRoots {
    /// The key of the site file and the file that it names.
    what: String,
    /// Certificates.
    pub(crate) pem: String,
}

/// Reads what the site trusts besides the built-in roots.
pub(crate) fn own_roots(config: &Config) -> Result<Option<OwnRoots>, Broken> {
    let Some(file) = &config.network.ca_file else { return Ok(None) };
    let pem = text_file::read(file, LONGEST_CA_FILE)
        .map_err(|error| Broken::Unreadable { what: "network.ca_file".to_owned(), why: format!("{error:#}") })?;
    Ok(Some(OwnRoots { what: format!("network.ca_file {}", file.display()), pem }))
}

fn unusable(what: &str, error: &dyn std::fmt::Display) -> Broken {
    Broken::Unreadable { what: what.to_owned(), why: error.to_string() }
}

/// `host:port` of a URL.
fn address_of(url: &url::Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or(""), url.port_or_known_default().unwrap_or(0))
}

/// Why no answer came, from the client's error and its causes.
fn told_apart(error: &reqwest::Error, address: &str, connect: Duration, waited: Duration) -> NoReply {
    if let Some(known) = cause::no_reply(error, address, connect.min(waited)) {
        return known;
    }
    if error.is_timeout() {
        // The client's own two limits: for the connection, and for the whole exchange.
        return match error.is_connect() {
            true => NoReply::NotConnected { after: connect.min(waited) },
            false => NoReply::TimedOut { after: waited },
        };
    }
    NoReply::Garbled { said: cause::last_words(error) }
}
