//! Whom a container runtime asked when a pull failed: its words name the URL, and seldom say whose it is.

/// Whom it asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The registry of the image.
    Registry,
    /// The registry's token service.
    TokenService(String),
    /// Another host in the registry's place: a mirror that the node's runtime is set up with.
    Mirror(String),
    /// Where the layers lie, which the registry redirects to.
    LayerStore(String),
    /// The words do not tell.
    Untold,
}

impl Asked {
    /// From what was said of an image.
    pub fn of(image: &str, said: &str) -> Asked {
        let registry = registry_of(image);
        let fetches = ["failed to copy", "httpReadSeeker", "pulling image configuration", "download failed after"];
        let fetches = fetches.iter().any(|text| said.contains(text));
        if let Some(host) = pulled_from(said) {
            return if same(host, &registry) { Asked::Registry } else { Asked::Mirror(host.to_owned()) };
        }
        let Some(url) = urls(said).into_iter().rev().find(|url| url.is_asked) else {
            // OSS names the bucket's host in its error; Docker drops the URL, and names what it looked up.
            let store = said.split_once("<HostId>").and_then(|(_, rest)| rest.split('<').next());
            let store =
                store.or_else(|| said.split_once("dial tcp: lookup ").and_then(|(_, rest)| rest.split(' ').next()));
            return match store.map(|host| host.trim_end_matches(':')).filter(|host| !same(host, &registry)) {
                Some(host) if fetches || said.contains("<HostId>") => Asked::LayerStore(host.to_owned()),
                _ => Asked::Untold,
            };
        };
        let host = url.host.to_owned();
        let has = |key: &str| url.query.split('&').any(|pair| pair.split('=').next() == Some(key));
        if same(&host, &registry) {
            Asked::Registry
        } else if has("ns") {
            Asked::Mirror(host)
        } else if has("scope") || has("service") || said[..url.start].contains(" token: ") {
            Asked::TokenService(host)
        } else if fetches {
            Asked::LayerStore(host)
        } else if url.path.starts_with("/v2/") && url.path.contains("/manifests/") {
            Asked::Mirror(host)
        } else {
            Asked::TokenService(host)
        }
    }

    /// The other host, where it is not the registry.
    pub fn host(&self) -> Option<&str> {
        match self {
            Asked::TokenService(host) | Asked::Mirror(host) | Asked::LayerStore(host) => Some(host),
            Asked::Registry | Asked::Untold => None,
        }
    }
}

/// The host in containerd 1.5's and 1.6's words for a manifest that was not given; they name no URL.
fn pulled_from(said: &str) -> Option<&str> {
    said.split_once("pulling from host ")?.1.split_once(" failed with status code").map(|(host, _)| host)
}

/// The host that an image is asked of.
fn registry_of(image: &str) -> String {
    let repository = super::super::keyring::repository(image);
    repository.split('/').next().unwrap_or_default().to_owned()
}

/// Whether two hosts are one, with and without the port of HTTPS; Docker Hub has several names.
fn same(one: &str, other: &str) -> bool {
    let plain = |host: &str| {
        let host = host.trim_end_matches(":443").to_ascii_lowercase();
        if matches!(host.as_str(), "index.docker.io" | "registry-1.docker.io") { "docker.io".to_owned() } else { host }
    };
    plain(one) == plain(other)
}

/// A URL in what was said.
struct Url<'a> {
    start: usize,
    end: usize,
    host: &'a str,
    path: &'a str,
    query: &'a str,
    /// It was asked, and is not a link in a server's message.
    is_asked: bool,
}

/// What stands before a URL that was asked.
const ASKED_BY: &[&str] = &["get", "head", "post", "put", "request to", "status code", "fetching"];

/// The URLs of a text, in their order.
fn urls(said: &str) -> Vec<Url<'_>> {
    let mut found: Vec<Url<'_>> = Vec::new();
    for (start, _) in said.match_indices("://") {
        let scheme = said[..start].len() - said[..start].trim_end_matches(|c: char| c.is_ascii_alphabetic()).len();
        let begin = start - scheme;
        if !matches!(&said[begin..start], "http" | "https") || found.last().is_some_and(|last| begin < last.end) {
            continue;
        }
        let rest = &said[start + 3..];
        let length = rest.find(|c: char| c.is_whitespace() || "\"'\\<>".contains(c)).unwrap_or(rest.len());
        let text = rest[..length].trim_end_matches([':', ',', ';', '.', ')']);
        let (whole, query) = text.split_once('?').unwrap_or((text, ""));
        let slash = whole.find('/').unwrap_or(whole.len());
        let (authority, path) = whole.split_at(slash);
        let before = said[..begin].trim_end_matches(['"', '\\', ' ', '\'']).to_ascii_lowercase();
        found.push(Url {
            start: begin,
            end: start + 3 + text.len(),
            host: authority.rsplit('@').next().unwrap_or_default(),
            path,
            query,
            is_asked: ASKED_BY.iter().any(|verb| before.ends_with(verb)),
        });
    }
    found
}

/// The parts of a query that tell what was asked, and are worth nothing to anybody else.
const TELLING: &[&str] = &["ns", "scope", "service", "account", "client_id", "offline_token"];

/// The text without the queries of signed URLs: with one the layers can be fetched.
pub fn without_signed_queries(said: &str) -> String {
    let mut clean = String::new();
    let mut from = 0;
    for url in urls(said) {
        let signed = url.query.split('&').any(|pair| !TELLING.contains(&pair.split('=').next().unwrap_or_default()));
        if !url.query.is_empty() && signed {
            clean.push_str(&said[from..url.end - url.query.len()]);
            clean.push('…');
            from = url.end;
        }
    }
    clean.push_str(&said[from..]);
    clean
}

/// The text without the image and without URLs: either may hold any word.
pub(super) fn without_names(image: &str, said: &str) -> String {
    let mut bare = String::new();
    let mut from = 0;
    for url in urls(said) {
        bare.push_str(&said[from..url.start]);
        from = url.end;
    }
    bare.push_str(&said[from..]);
    if let Some(host) = pulled_from(said) {
        bare = bare.replace(&format!("pulling from host {host} "), "");
    }
    let repository = super::super::keyring::repository(image);
    let unhosted = repository.split_once('/').map_or("", |(_, rest)| rest);
    // Short names would take words of ours with them.
    for name in [image, &repository, unhosted] {
        if name.len() > 3 && name.contains(['/', ':']) {
            bare = bare.replace(name, "");
        }
    }
    bare
}
