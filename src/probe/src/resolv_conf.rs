//! resolv.conf as glibc reads it (resolv.conf(5), res_init.c).

use std::net::IpAddr;

/// The most name servers that resolvers ask (MAXNS).
const MOST_SERVERS: usize = 3;
/// The most domains of the search list that are looked at here.
const MOST_DOMAINS: usize = 16;
/// The longest file that is read, in bytes.
const LONGEST: usize = 64 << 10;

/// What resolvers make of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResolvConf {
    /// Each as it is written, with its address and the zone of a link-local one.
    pub(crate) servers: Vec<(String, IpAddr, Option<String>)>,
    pub(crate) search: Vec<String>,
    pub(crate) ndots: u8,
    pub(crate) rotate: bool,
}

impl ResolvConf {
    /// The file of this machine; without one, what resolvers do then.
    pub(crate) fn of_this_machine() -> ResolvConf {
        let bytes = std::fs::read("/etc/resolv.conf").unwrap_or_default();
        ResolvConf::read(&String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST)]))
    }

    /// Reads a file: the last of `search` and `domain` counts, comments begin with `#` or `;`, and without a name server
    /// this machine is asked.
    pub(crate) fn read(text: &str) -> ResolvConf {
        let mut read = ResolvConf { servers: Vec::new(), search: Vec::new(), ndots: 1, rotate: false };
        for line in text.lines() {
            // A keyword stands at the very beginning of its line.
            let Some((keyword, rest)) = line.split_once([' ', '\t']) else { continue };
            let mut words = rest.split([' ', '\t', '\r']).filter(|word| !word.is_empty());
            match keyword {
                "nameserver" if read.servers.len() < MOST_SERVERS => {
                    let word = words.next().unwrap_or_default().split([';', '#']).next().unwrap_or_default();
                    read.servers.extend(server(word));
                }
                "domain" => read.search = words.take(1).map(domain).collect(),
                "search" => read.search = words.take(MOST_DOMAINS).map(domain).collect(),
                "options" => words.for_each(|option| read.option(option)),
                _ => {}
            }
        }
        if read.servers.is_empty() {
            read.servers.extend(server("127.0.0.1"));
        }
        read.search.retain(|domain| !domain.is_empty());
        read
    }

    fn option(&mut self, option: &str) {
        match option.split_once(':') {
            Some(("ndots", number)) => {
                let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
                // RES_MAXNDOTS
                self.ndots = digits.parse::<u32>().unwrap_or(0).min(15).try_into().unwrap_or(15);
            }
            None if option == "rotate" => self.rotate = true,
            _ => {}
        }
    }
}

fn domain(word: &str) -> String {
    word.trim_end_matches('.').to_owned()
}

/// `10.0.0.10`, `fd00::a`, `fe80::1%eth0`.
fn server(word: &str) -> Option<(String, IpAddr, Option<String>)> {
    let (address, zone) = match word.split_once('%') {
        Some((address, zone)) => (address, Some(zone.to_owned())),
        None => (word, None),
    };
    Some((word.to_owned(), address.parse().ok()?, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_as_the_c_library_does() {
        let read = ResolvConf::read(
            "# made by the kubelet\nsearch old.example\nnameserver 172.21.0.10\n nameserver 10.9.9.9\n\
             ;nameserver 10.9.9.8\nsearch dss.svc.cluster.local svc.cluster.local.\tcluster.local\n\
             options ndots:5 rotate timeout:2\nnameserver fe80::1%eth0\nnameserver none\nnameserver 10.0.0.1#x\n\
             nameserver 10.0.0.2\n",
        );
        let servers: Vec<&str> = read.servers.iter().map(|(word, ..)| word.as_str()).collect();
        assert_eq!(servers, ["172.21.0.10", "fe80::1%eth0", "10.0.0.1"]);
        assert_eq!(read.servers[1].2.as_deref(), Some("eth0"));
        assert_eq!(read.search, ["dss.svc.cluster.local", "svc.cluster.local", "cluster.local"]);
        assert_eq!((read.ndots, read.rotate), (5, true));
        let empty = ResolvConf::read("domain a.example b.example\noptions ndots:99\n");
        assert_eq!((empty.servers[0].0.as_str(), empty.search.len(), empty.ndots), ("127.0.0.1", 1, 15));
    }
}
