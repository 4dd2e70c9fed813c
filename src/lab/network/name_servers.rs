//! The name servers of pods, each asked by itself.

use std::net::IpAddr;

use ackcheck_probe_protocol::{AskServers, AskedName, AskedServer, AskedServers, NameHeard};

use super::world::NameServer;
use super::{Network, Resolved};

/// How long the C library waits for each query.
const WAITED_MS: u64 = 5_000;

impl Network {
    /// What a wildcard below a domain of the search list makes of a name that is tried there before it is tried as it is.
    pub(super) fn below_the_search_list(&self, name: &str) -> Option<IpAddr> {
        let dns = &self.world.pod_dns;
        let tried = !name.ends_with('.') && name.matches('.').count() < usize::from(dns.ndots);
        dns.search.iter().filter(|_| tried).find_map(|domain| dns.wildcards.get(domain).copied())
    }

    /// What each name server answers a pod on a node.
    pub(super) fn name_servers(&self, node: &str, question: &AskServers) -> AskedServers {
        let dns = &self.world.pod_dns;
        let nobodys = dns.search.iter().map(|domain| format!("{}.{domain}", question.nobodys));
        let names: Vec<String> = question.names.iter().cloned().chain(nobodys).collect();
        let asked = |server: &NameServer| {
            let both = names.iter().flat_map(|name| [(name, false), (name, true)]);
            let asked = both.map(|(name, sixth)| AskedName {
                name: name.clone(),
                sixth,
                heard: self.heard_of(server, node, name, sixth),
            });
            AskedServer { address: server.address.to_string(), asked: asked.collect() }
        };
        AskedServers {
            servers: dns.servers.iter().map(asked).collect(),
            search: dns.search.clone(),
            ndots: dns.ndots,
            rotate: dns.rotate,
            waited_ms: WAITED_MS,
        }
    }

    fn heard_of(&self, server: &NameServer, node: &str, name: &str, sixth: bool) -> NameHeard {
        let wildcard = self.world.pod_dns.wildcards.iter().find(|(domain, _)| name.ends_with(&format!(".{domain}")));
        let resolved = match (server.names.get(name), wildcard) {
            (Some(own), _) if own.is_empty() => Resolved::NoSuchName,
            (Some(own), _) => Resolved::Addresses(own.clone()),
            (None, Some((_, address))) => Resolved::Addresses(vec![*address]),
            (None, None) => self.resolve(node, &format!("{name}.")),
        };
        let (code, mut addresses) = match resolved {
            _ if server.silent || (sixth && server.silent_for_ipv6) => return NameHeard::Silence,
            Resolved::NoServer => return NameHeard::Silence,
            Resolved::NoSuchName => (3, Vec::new()),
            Resolved::Addresses(addresses) => (0, addresses),
        };
        addresses.retain(|address| address.is_ipv6() == sixth);
        NameHeard::Answer { code, addresses, took_ms: server.took_ms }
    }
}
