//! The proxies that a program is set up with, read as Go reads them.

use std::net::IpAddr;

/// `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`; each is empty where it is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    pub http: String,
    pub https: String,
    pub except: String,
}

impl Proxies {
    /// The proxy for a host and port, by the scheme of the URL; none where it is asked directly. As
    /// `golang.org/x/net/http/httpproxy` decides, ranges of addresses included.
    pub fn of(&self, scheme: &str, host: &str, port: u16) -> Option<&str> {
        let proxy = if scheme == "https" { &self.https } else { &self.http };
        let bare = host.trim_matches(['[', ']']).to_ascii_lowercase();
        let address: Option<IpAddr> = bare.parse().ok();
        let own = bare == "localhost" || address.is_some_and(|address| address.is_loopback());
        let excepted = || self.except.split(',').any(|entry| excepts(entry, &bare, address, port));
        (!proxy.is_empty() && !own && !excepted()).then_some(proxy)
    }
}

fn excepts(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    let entry = entry.trim().to_ascii_lowercase();
    if entry.is_empty() {
        return false;
    }
    if entry == "*" {
        return true;
    }
    if let Ok(range) = entry.parse::<ipnet::IpNet>() {
        return address.is_some_and(|address| range.contains(&address));
    }
    let (name, only) = match entry.rsplit_once(':').and_then(|(name, port)| Some((name, port.parse::<u16>().ok()?))) {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, Some(port)),
        _ => (entry.as_str(), None),
    };
    let name = name.trim_matches(['[', ']']);
    if only.is_some_and(|only| only != port) {
        return false;
    }
    if let Ok(excepted) = name.parse::<IpAddr>() {
        return address == Some(excepted);
    }
    let name = name.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(name);
    match name.strip_prefix('.') {
        Some(domain) => host.ends_with(&format!(".{domain}")),
        None => host == name || host.ends_with(&format!(".{name}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_excepted_as_go_does_it() {
        let of = |except: &str, host: &str| {
            let proxies = Proxies { http: String::new(), https: "http://p:3128".to_owned(), except: except.to_owned() };
            proxies.of("https", host, 443).is_some()
        };
        for (except, host, proxied) in [
            ("", "auth.docker.io", true),
            ("*", "auth.docker.io", false),
            ("docker.io", "auth.docker.io", false),
            ("docker.io", "docker.io", false),
            (".docker.io", "auth.docker.io", false),
            (".docker.io", "docker.io", true),
            ("*.docker.io", "auth.docker.io", false),
            ("ocker.io", "docker.io", true),
            ("Docker.IO:443", "docker.io", false),
            ("docker.io:80", "docker.io", true),
            ("10.0.0.0/8, x", "10.1.2.3", false),
            ("10.0.0.0/8", "11.1.2.3", true),
            ("10.1.2.3", "10.1.2.3", false),
            ("::1,fd00::5", "[fd00::5]", false),
            ("x", "localhost", false),
            ("x", "127.0.0.2", false),
        ] {
            assert_eq!(of(except, host), proxied, "{except}: {host}");
        }
        // A proxy for HTTP is none for HTTPS.
        let plain = Proxies { http: "http://p".to_owned(), ..Proxies::default() };
        assert_eq!((plain.of("https", "a", 443), plain.of("http", "a", 80)), (None, Some("http://p")));
    }
}
