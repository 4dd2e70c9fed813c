//! What the host reaches of the sources that images are built from, asked by HEAD.

use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Method};
use std::sync::Arc;
use url::Url;

use super::LiveHost;
use crate::registry::challenge::{Challenge, trustworthy};
use crate::registry::token::TokenReply;
use crate::wire::{Wire, authorization};
use ackcheck_core::config::{Config, Proxy};
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::host::Proxies;
use ackcheck_core::seat::{Heard, HttpReply, NoReply, Seen};
use ackcheck_core::verdict::Unseen;

/// What a Docker daemon asks for.
const MANIFESTS: &str = "application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.index.v1+json, \
     application/vnd.oci.image.manifest.v1+json";

impl LiveHost {
    pub(super) async fn ask_head(&self, url: &str, proxies: &Proxies) -> Seen<Heard<HttpReply>> {
        let url = parsed(url)?;
        let wire = self.way(&url, proxies)?;
        Ok(wire.send(&self.journal, Vantage::Host, reqwest::Request::new(Method::HEAD, url)).await)
    }

    pub(super) async fn ask_manifest(
        &self,
        at: &str,
        image: &str,
        tag: &str,
        proxies: &Proxies,
    ) -> Seen<Heard<HttpReply>> {
        let url = parsed(&format!("{}/v2/{image}/manifests/{tag}", at.trim_end_matches('/')))?;
        let wire = self.way(&url, proxies)?;
        let asking = || {
            let mut request = reqwest::Request::new(Method::HEAD, url.clone());
            request.headers_mut().insert(ACCEPT, HeaderValue::from_static(MANIFESTS));
            request
        };
        let first = wire.send(&self.journal, Vantage::Host, asking()).await;
        let challenge = match &first {
            Ok(reply) if reply.status == 401 => Challenge::of(reply),
            _ => None,
        };
        let Some(Challenge::Bearer { realm, service, scope }) = challenge else { return Ok(first) };
        let scope = scope.unwrap_or_else(|| format!("repository:{image}:pull"));
        let token = match trustworthy(&realm) {
            Ok(mut from) => {
                from.query_pairs_mut()
                    .append_pair("service", &service.unwrap_or_default())
                    .append_pair("scope", &scope);
                self.token(from, proxies).await?
            }
            Err(said) => Err(Ok(NoReply::Garbled { said })),
        };
        match token {
            Ok(shown) => {
                let mut request = asking();
                request.headers_mut().insert(AUTHORIZATION, shown);
                Ok(wire.send(&self.journal, Vantage::Host, request).await)
            }
            Err(Ok(no_reply)) => Ok(Err(no_reply)),
            Err(Err(refusal)) => Ok(Ok(refusal)),
        }
    }

    /// A token for nobody in particular, or what came in its place.
    async fn token(&self, from: Url, proxies: &Proxies) -> Seen<Result<HeaderValue, Result<NoReply, HttpReply>>> {
        let wire = self.way(&from, proxies)?;
        let asked = format!("GET {from}");
        // The answer is a secret that is not known yet: it is noted in a journal of its own, which is thrown away.
        let aside = self.journal.aside();
        let heard = wire.send(&aside, Vantage::Host, reqwest::Request::new(Method::GET, from)).await;
        let took = aside.take().iter().map(|evidence| evidence.took).sum();
        let reply = match heard {
            Ok(reply) => reply,
            Err(no_reply) => {
                self.journal.note(Vantage::Host, asked, no_reply.to_string(), took);
                return Ok(Err(Ok(no_reply)));
            }
        };
        let tokens =
            TokenReply::parse(&reply.body).map(|read| read.tokens(self.journal.scrubber())).unwrap_or_default();
        let shown = tokens.first().map(|token| authorization("Bearer", token)).filter(|header| !header.is_empty());
        let told = if shown.is_some() { "a token" } else { "no token" };
        self.journal.note(Vantage::Host, asked, format!("{} {told}", reply.status), took);
        Ok(match shown {
            Some(shown) => Ok(shown),
            None if reply.status == 200 => {
                Err(Ok(NoReply::Garbled { said: "the answer does not hold a token".to_owned() }))
            }
            None => Err(Err(reply)),
        })
    }

    /// The way that a program with these proxies goes to a URL: that of the site file's `[network] proxy` is ackcheck's own.
    fn way(&self, url: &Url, proxies: &Proxies) -> Seen<Wire> {
        let mut config = Config::clone(&self.config);
        let port = url.port_or_known_default().unwrap_or_default();
        config.network.proxy = match proxies.of(url.scheme(), url.host_str().unwrap_or_default(), port) {
            None => None,
            Some(text) => Some(proxy(text)?),
        };
        Ok(Wire::new(Arc::new(config))?)
    }
}

fn parsed(url: &str) -> Seen<Url> {
    Url::parse(url).map_err(|error| Unseen::unreadable(url.to_owned(), error.to_string()))
}

/// A proxy as variables name it: Go takes one without a scheme for HTTP.
fn proxy(text: &str) -> Seen<Proxy> {
    let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&whole).ok().filter(|url| matches!(url.scheme(), "http" | "https" | "socks5"));
    let Some(url) = url else {
        return Err(Unseen::unreadable("a proxy that Docker is set up with", "it is not a URL that ackcheck can use"));
    };
    if !url.username().is_empty() || url.password().is_some() {
        let why = "it wants a user and a password, which Docker does not show";
        return Err(Unseen::unreadable(format!("the proxy {}", url.host_str().unwrap_or_default()), why));
    }
    Ok(Proxy { url, user: None })
}
