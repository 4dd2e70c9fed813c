//! The conversation of a pull with the registry: challenge, token, redirects, and its failures in containerd's words.

use ackcheck_probe_protocol::Failure;

use super::reference::Reference;
use super::words;
use crate::network::Network;
use crate::network::http::{Reply, Sending, Trust};

/// For one request, in milliseconds; containerd waits 30 s for a connection.
const TIMEOUT_MS: u64 = 30_000;
/// How many redirects are followed.
const REDIRECTS: usize = 5;
/// The longest answer of a token service, in bytes.
const LONGEST_TOKEN: usize = 1 << 20;

/// What one pull on one node says to the registry of its image.
pub(super) struct Conversation<'a> {
    network: &'a Network,
    node: &'a str,
    reference: &'a Reference,
    /// The credentials, as `Authorization: Basic` has them; none if the pull is anonymous.
    basic: Option<&'a str>,
    /// The value of the `Authorization` header, once the registry wanted one.
    token: Option<String>,
    /// The URL that was asked last, after redirects.
    asked: String,
}

impl<'a> Conversation<'a> {
    /// Begins it.
    pub(super) fn new(
        network: &'a Network,
        node: &'a str,
        reference: &'a Reference,
        basic: Option<&'a str>,
    ) -> Conversation<'a> {
        Conversation { network, node, reference, basic, token: None, asked: String::new() }
    }

    /// Where something below the repository is.
    pub(super) fn url(&self, below: &str) -> String {
        format!("https://{}/v2/{}/{below}", self.reference.host, self.reference.repository)
    }

    /// The URL that was asked last, after redirects.
    pub(super) fn asked(&self) -> &str {
        &self.asked
    }

    /// One request, with a token where the registry wants one; redirects are followed.
    pub(super) async fn fetch(
        &mut self,
        method: &str,
        below: &str,
        accept: &str,
        range: Option<&str>,
        longest: usize,
    ) -> Result<Reply, String> {
        let mut url = self.url(below);
        let mut authorize = true;
        for _ in 0..REDIRECTS {
            let mut headers = vec![
                ("accept".to_owned(), accept.to_owned()),
                ("user-agent".to_owned(), "containerd/1.6.38".to_owned()),
            ];
            if let Some(range) = range {
                headers.push(("range".to_owned(), range.to_owned()));
            }
            if let Some(token) = self.token.as_ref().filter(|_| authorize) {
                headers.push(("authorization".to_owned(), token.clone()));
            }
            self.asked.clone_from(&url);
            let reply = self.send(method, &url, &headers, longest).await?;
            match reply.status {
                401 if authorize => {
                    let challenge = reply.header("www-authenticate").unwrap_or_default().to_owned();
                    if self.token.is_some() {
                        return Err(words::denied(&challenge));
                    }
                    self.token = Some(self.authorize(&challenge).await?);
                }
                301 | 302 | 303 | 307 | 308 => {
                    let to = reply.header("location").unwrap_or_default();
                    let next = url::Url::parse(&url)
                        .and_then(|url| url.join(to))
                        .map_err(|error| format!("failed to do request: {error}"))?;
                    authorize = next.host_str() == Some(self.reference.host.as_str());
                    url = next.to_string();
                }
                _ => return Ok(reply),
            }
        }
        Err(format!("failed to do request: {method} \"{url}\": stopped after {REDIRECTS} redirects"))
    }

    /// Answers a challenge: the value of the `Authorization` header to send.
    async fn authorize(&self, challenge: &str) -> Result<String, String> {
        let part = |name: &str| {
            let start = challenge.find(&format!("{name}=\""))? + name.len() + 2;
            challenge[start..].split('"').next()
        };
        if challenge.starts_with("Basic") {
            let basic = self.basic.ok_or_else(|| "no basic auth credentials".to_owned())?;
            return Ok(format!("Basic {basic}"));
        }
        let realm = part("realm").ok_or_else(|| format!("unexpected status: 401 Unauthorized ({challenge})"))?;
        let mut url =
            url::Url::parse(realm).map_err(|error| format!("failed to authorize: the realm {realm}: {error}"))?;
        let scope =
            part("scope").map_or_else(|| format!("repository:{}:pull", self.reference.repository), str::to_owned);
        url.query_pairs_mut().append_pair("scope", &scope);
        if let Some(service) = part("service") {
            url.query_pairs_mut().append_pair("service", service);
        }
        let what = if self.basic.is_some() { "oauth" } else { "anonymous" };
        let mut headers = vec![("user-agent".to_owned(), "containerd/1.6.38".to_owned())];
        if let Some(basic) = self.basic {
            headers.push(("authorization".to_owned(), format!("Basic {basic}")));
        }
        let failed = |why: &str| format!("failed to authorize: failed to fetch {what} token: {why}");
        let reply = self
            .send("GET", url.as_str(), &headers, LONGEST_TOKEN)
            .await
            .map_err(|why| failed(why.strip_prefix("failed to do request: ").unwrap_or(&why)))?;
        if reply.status != 200 {
            return Err(failed(&format!(
                "unexpected status from GET request to {url}: {}",
                words::status(reply.status)
            )));
        }
        let token: serde_json::Value =
            serde_json::from_slice(&reply.body).map_err(|error| failed(&error.to_string()))?;
        let token = token["token"].as_str().or(token["access_token"].as_str());
        token
            .map(|token| format!("Bearer {token}"))
            .ok_or_else(|| failed("authorization server did not include a token in the response"))
    }

    async fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        longest: usize,
    ) -> Result<Reply, String> {
        let sending = Sending { method, url, headers, body: &[], trust: Trust::Lab, timeout_ms: TIMEOUT_MS, longest };
        self.network.send(self.node, sending, Network::resolve_on_node).await.map_err(|(failure, said)| {
            let why = match failure {
                Failure::Unresolvable => {
                    let (host, rest) = said.trim_start_matches("lookup ").split_once(": ").unwrap_or((&said, ""));
                    format!("dial tcp: lookup {host} on {}:53: {rest}", self.network.node_dns())
                }
                Failure::Tls => format!("tls: failed to verify certificate: x509: {}", words::certificate(&said)),
                Failure::Closed => "EOF".to_owned(),
                Failure::TimedOut => "net/http: timeout awaiting response headers".to_owned(),
                Failure::Garbled => format!("malformed HTTP response ({said})"),
                _ => said,
            };
            let method = format!("{}{}", &method[..1], method[1..].to_lowercase());
            format!("failed to do request: {method} \"{url}\": {why}")
        })
    }
}
