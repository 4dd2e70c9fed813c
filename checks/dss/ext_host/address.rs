//! What kind of host name or address a text is.

use std::net::{IpAddr, Ipv4Addr};

use ackcheck_core::inet_aton::inet_aton;
use ackcheck_core::local_name::is_local_name;

/// What a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    Ip(IpAddr, Kind),
    Localhost,
    /// A name for DNS to resolve.
    Name,
}

/// Who can reach an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// No other machine: loopback, `0.0.0.0`, link-local.
    Loopback,
    /// 172.17.0.1, Docker's default bridge: every host has its own.
    DockerBridge,
    /// The VPC: RFC 1918, 100.64.0.0/10, unique local IPv6.
    Private,
    Public,
}

/// The default address of Docker's bridge.
const DOCKER_BRIDGE: Ipv4Addr = Ipv4Addr::new(172, 17, 0, 1);

impl Address {
    /// Reads a text; the error says why it is neither a name nor an address.
    pub(super) fn of(text: &str) -> Result<Address, String> {
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        if text.trim() != text {
            return Err("it has white space around it".to_owned());
        }
        if text.contains("://") {
            return Err("it is a URL instead of a host name".to_owned());
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            if is_of_no_machine(address) {
                return Err("it is an address that no machine can have".to_owned());
            }
            return Ok(Address::Ip(address, kind(address)));
        }
        if text.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
            return Err("it includes a port".to_owned());
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.len() > 253 {
            return Err("it is too long for a host name".to_owned());
        }
        // glibc, and with it every program that asks it, reads these as numbers before it asks DNS.
        match inet_aton(text) {
            Some(v4) if kind(IpAddr::V4(v4)) == Kind::Loopback => {
                return Ok(Address::Ip(IpAddr::V4(v4), Kind::Loopback));
            }
            Some(v4) => return Err(format!("it is another way to write {v4}, which not every program reads so")),
            None if name.chars().all(|c| c.is_ascii_digit() || c == '.') => {
                return Err("it is not a complete IPv4 address".to_owned());
            }
            None => {}
        }
        for label in name.split('.') {
            let fits = !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-');
            if !fits || !label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
                return Err(format!("{label:?} cannot be a part of a host name"));
            }
        }
        Ok(if is_local_name(name) { Address::Localhost } else { Address::Name })
    }
}

/// Of groups of machines, or of all of them. Linux lets a machine have the other addresses that RFC 1122 keeps back.
fn is_of_no_machine(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_multicast() || v4.is_broadcast(),
        IpAddr::V6(v6) => v6.is_multicast() || v6.to_ipv4_mapped().is_some_and(|v4| is_of_no_machine(v4.into())),
    }
}

fn kind(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(v4) if v4.is_loopback() || v4.is_unspecified() || v4.is_link_local() => Kind::Loopback,
        IpAddr::V4(DOCKER_BRIDGE) => Kind::DockerBridge,
        IpAddr::V4(v4) if v4.is_private() || (v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64) => Kind::Private,
        IpAddr::V4(_) => Kind::Public,
        IpAddr::V6(v6) if v6.is_loopback() || v6.is_unspecified() || v6.is_unicast_link_local() => Kind::Loopback,
        IpAddr::V6(v6) if v6.is_unique_local() => Kind::Private,
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(Kind::Public, |v4| kind(IpAddr::V4(v4))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_names_addresses_and_mistakes_apart() {
        for name in ["dss.corp.example", "iZbp1abcZ", "dss-1.", "dss_1.vpc"] {
            assert_eq!(Address::of(name), Ok(Address::Name), "{name}");
        }
        for name in ["localhost", "LOCALHOST.localdomain", "x.localhost", "localhost4", "ip6-loopback"] {
            assert_eq!(Address::of(name), Ok(Address::Localhost), "{name}");
        }
        for address in ["224.0.0.1", "255.255.255.255", "ff02::1", "::ffff:239.1.1.1"] {
            assert_eq!(Address::of(address), Err("it is an address that no machine can have".to_owned()), "{address}");
        }
        let kinds = [
            ("127.0.1.1", Kind::Loopback),
            ("0.0.0.0", Kind::Loopback),
            ("169.254.1.1", Kind::Loopback),
            ("::1", Kind::Loopback),
            ("::ffff:127.0.0.1", Kind::Loopback),
            ("172.17.0.1", Kind::DockerBridge),
            ("172.17.0.2", Kind::Private),
            ("10.0.0.20", Kind::Private),
            ("100.64.0.1", Kind::Private),
            ("fd00::1", Kind::Private),
            ("100.128.0.1", Kind::Public),
            ("47.98.12.34", Kind::Public),
            ("2408:4000::1", Kind::Public),
        ];
        for (text, expected) in kinds {
            assert_eq!(Address::of(text), Ok(Address::Ip(text.parse().unwrap(), expected)), "{text}");
        }
        let loopback = Ok(Address::Ip("127.0.0.1".parse().unwrap(), Kind::Loopback));
        for text in
            ["0x7f000001", "127.1", "0177.0.0.1", "2130706433", "0x7F.1", "127.0.1", "0177.0.0.01", "017700000001"]
        {
            assert_eq!(Address::of(text), loopback, "{text}");
        }
        assert_eq!(Address::of("0"), Ok(Address::Ip("0.0.0.0".parse().unwrap(), Kind::Loopback)));
        for text in ["0xa000014", "10.20", "012.0.0.024", "167772180", "10.0.0.020"] {
            assert!(Address::of(text).is_err_and(|why| why.contains("another way to write")), "{text}");
        }
        // No numbers to glibc.
        for text in ["0x", "0xg", "4294967296", "1.2.3.4.5", "256.1", "08", "+1"] {
            let read = Address::of(text);
            assert!(!matches!(read, Ok(Address::Ip(..))), "{text}: {read:?}");
        }
        for text in ["", " a", "a ", "http://a", "a:11200", "10.0.0", "a..b", "-a", "a b", "a,b", "10.0.0.20:11200"] {
            assert!(Address::of(text).is_err(), "{text:?}");
        }
    }
}
