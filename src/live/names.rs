//! Names as the DSS host resolves them: with the name servers the site file gives, or the system's own resolver.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ProtocolConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};

use ackcheck_core::config::{Limits, NetworkConfig};
use ackcheck_core::io_error;
use ackcheck_core::seat::NameAnswer;
use ackcheck_core::verdict::Broken;
use ackcheck_probe_protocol::{CannotLook, Resolved};

/// Resolves names and knows which addresses to dial in their stead.
#[derive(Clone)]
pub(super) struct Names {
    servers: Option<TokioResolver>,
    connect: Arc<Vec<(String, SocketAddr)>>,
    limit: Duration,
}

impl Names {
    pub(super) fn new(network: &NetworkConfig, limits: &Limits) -> Result<Names, Broken> {
        let servers = match network.dns_servers.as_slice() {
            [] => None,
            servers => Some(asking(servers, limits)?),
        };
        Ok(Names { servers, connect: Arc::new(network.connect.clone()), limit: limits.request })
    }

    /// What a name resolves to. An IP address resolves to itself.
    pub(super) async fn resolve(&self, name: &str) -> NameAnswer {
        if let Ok(address) = name.trim_matches(['[', ']']).parse::<IpAddr>() {
            return NameAnswer::Addresses(vec![address]);
        }
        match tokio::time::timeout(self.limit, self.ask(name)).await {
            Ok(answer) => answer,
            Err(_) => NameAnswer::NoServer { said: format!("no answer within {:.1} s", self.limit.as_secs_f64()) },
        }
    }

    async fn ask(&self, name: &str) -> NameAnswer {
        let found = match &self.servers {
            Some(servers) => match servers.lookup_ip(absolute(name)).await {
                Ok(lookup) => Ok(lookup.iter().collect::<Vec<_>>()),
                Err(error) if error.is_nx_domain() => {
                    return NameAnswer::NoSuchName { said: "the name server knows no such name: NXDOMAIN".to_owned() };
                }
                Err(error) if error.is_no_records_found() => {
                    return NameAnswer::NoSuchName { said: "the name server has no address under it".to_owned() };
                }
                Err(error) => Err(no_name_server(&error)),
            },
            None => {
                let name = name.to_owned();
                match tokio::task::spawn_blocking(move || ackcheck_probe::resolve::look_up(&name)).await {
                    Ok(Ok(Resolved::Addresses { addresses })) => Ok(addresses),
                    Ok(Ok(Resolved::NoServer { said })) => Err(said),
                    Ok(Ok(Resolved::NoSuchName { said }) | Err(CannotLook { why: said })) => {
                        return NameAnswer::NoSuchName { said };
                    }
                    Err(error) => Err(error.to_string()),
                }
            }
        };
        match found {
            Ok(mut addresses) => {
                addresses.sort();
                addresses.dedup();
                if addresses.is_empty() {
                    return NameAnswer::NoSuchName { said: "no address".to_owned() };
                }
                NameAnswer::Addresses(addresses)
            }
            Err(said) => NameAnswer::NoServer { said },
        }
    }

    /// The address to dial instead of what `host` resolves to, where the site file gives one.
    pub(super) fn dialled_instead(&self, host: &str) -> Option<SocketAddr> {
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        // `*` speaks of names: an address in a URL is meant as it stands, unless it is named itself.
        let literal = host.parse::<IpAddr>().is_ok();
        let stands = |pattern: &str| if literal { pattern == host } else { matches(pattern, &host) };
        self.connect.iter().find(|(pattern, _)| stands(pattern)).map(|(_, address)| *address)
    }

    /// Where packets to an address go, as far as the site file says so: of the address itself, or of a range it is in.
    pub(super) fn instead_of(&self, address: IpAddr) -> IpAddr {
        let exact = |pattern: &str| pattern.parse() == Ok(address);
        let within = |pattern: &str| pattern.parse().is_ok_and(|range: ipnet::IpNet| range.contains(&address));
        let found = |stands: &dyn Fn(&str) -> bool| self.connect.iter().find(|(pattern, _)| stands(pattern));
        found(&exact).or_else(|| found(&within)).map_or(address, |(_, instead)| instead.ip())
    }
}

/// True where `pattern` is the host, `*.suffix` of it, or `*`.
fn matches(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(suffix) => host.ends_with(&suffix.to_ascii_lowercase()),
        None => pattern.eq_ignore_ascii_case(host),
    }
}

/// With a dot at the end, so that no search list is tried: every name here is a whole one.
fn absolute(name: &str) -> String {
    if name.ends_with('.') { name.to_owned() } else { format!("{name}.") }
}

fn asking(servers: &[SocketAddr], limits: &Limits) -> Result<TokioResolver, Broken> {
    let servers = servers.iter().map(|server| {
        let connections = [ProtocolConfig::Udp, ProtocolConfig::Tcp].map(|protocol| {
            let mut connection = ConnectionConfig::new(protocol);
            connection.port = server.port();
            connection
        });
        NameServerConfig::new(server.ip(), true, connections.to_vec())
    });
    let config = ResolverConfig::from_parts(None, Vec::new(), servers.collect());
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    let options = builder.options_mut();
    options.timeout = limits.connect;
    options.attempts = 2;
    // A run asks afresh: what was cached before a remedy would hide it.
    options.cache_size = 0;
    options.use_hosts_file = hickory_resolver::config::ResolveHosts::Never;
    builder.build().map_err(|error| Broken::Internal(format!("the resolver: {error}")))
}

/// Why no name server gave an answer that counts.
fn no_name_server(error: &NetError) -> String {
    match error {
        NetError::Timeout => "no name server answered in time".to_owned(),
        NetError::NoConnections => "no name server can be reached".to_owned(),
        NetError::Io(error) => format!("no name server can be reached: {}", io_error::in_words(error)),
        NetError::Proto(_) => "what the name server answered cannot be read".to_owned(),
        NetError::Dns(DnsError::ResponseCode(code)) => format!("the name server answered with an error: {code}"),
        other => other.to_string(),
    }
}

/// The error of a failed resolution, found again in the chain of an HTTP client's error.
#[derive(Debug, thiserror::Error)]
#[error("{name} does not resolve")]
pub(super) struct Unresolved {
    pub(super) name: String,
    pub(super) answer: NameAnswer,
}

impl reqwest::dns::Resolve for Names {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let names = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            match Names::resolve(&names, &host).await {
                NameAnswer::Addresses(addresses) => {
                    let dial: Vec<SocketAddr> = match names.dialled_instead(&host) {
                        Some(instead) => vec![instead],
                        None => addresses.into_iter().map(|address| SocketAddr::new(address, 0)).collect(),
                    };
                    Ok(Box::new(dial.into_iter()) as reqwest::dns::Addrs)
                }
                answer => Err(Unresolved { name: host, answer }.into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::op::ResponseCode;

    use super::*;

    #[test]
    fn name_servers_are_told_of_in_words() {
        let refused = NetError::from(std::io::Error::from_raw_os_error(nix::errno::Errno::ECONNREFUSED as i32));
        assert_eq!(no_name_server(&refused), "no name server can be reached: connection refused");
        assert_eq!(no_name_server(&NetError::Timeout), "no name server answered in time");
        let failed = NetError::Dns(DnsError::ResponseCode(ResponseCode::ServFail));
        assert_eq!(no_name_server(&failed), "the name server answered with an error: Server Failure");
    }

    #[test]
    fn an_address_stands_for_itself_unless_it_or_its_range_is_named() {
        let connect = [("10.0.0.0/24", "127.0.0.5:0"), ("10.0.0.20", "127.0.0.4:0"), ("*", "127.0.0.9:1")];
        let connect = connect.map(|(name, to)| (name.to_owned(), to.parse().unwrap())).to_vec();
        let network = NetworkConfig { connect, ..NetworkConfig::default() };
        let names = Names::new(&network, &Limits::default()).unwrap();
        for (address, instead) in [("10.0.0.20", "127.0.0.4"), ("10.0.0.21", "127.0.0.5"), ("10.0.1.1", "10.0.1.1")] {
            assert_eq!(names.instead_of(address.parse().unwrap()), instead.parse::<IpAddr>().unwrap(), "{address}");
        }
    }

    #[test]
    fn patterns_match_the_host_its_suffix_or_all() {
        assert!(matches("a.example", "a.example"));
        assert!(matches("*.example", "a.b.example"));
        assert!(matches("*", "anything"));
        assert!(!matches("*.example", "example"));
        assert!(!matches("a.example", "b.a.example"));
    }
}
