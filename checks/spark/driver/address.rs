//! What a text is to Java's `InetAddress`, by which Spark reads it.

use std::net::{IpAddr, Ipv4Addr};

use ackcheck_core::inet_aton::inet_aton;
use ackcheck_core::local_name::is_local_name;
use ackcheck_core::placeholder;

/// What a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// The machine itself: loopback, link-local, `localhost`, Docker's own bridge.
    Loopback,
    /// Every address of the machine.
    Wildcard,
    /// Any other address.
    Ip(IpAddr),
    /// A name for DNS; short where it has no domain.
    Name { short: bool },
    /// What the documentation prints in place of a name.
    Placeholder,
    /// Neither a name nor an address, and why.
    Malformed(String),
}

/// The default address of Docker's bridge: every machine has its own.
const DOCKER_BRIDGE: Ipv4Addr = Ipv4Addr::new(172, 17, 0, 1);

impl Address {
    /// Reads a text without white space around it.
    pub(crate) fn of(text: &str) -> Address {
        let malformed = |why: &str| Address::Malformed(why.to_owned());
        if placeholder::found_in(text).is_some() {
            return Address::Placeholder;
        }
        // Spark wants an IPv6 address in brackets. Java reads decimal numbers itself, and asks the C library about others.
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        if let Some(address) = bare.parse().ok().or_else(|| numbers(text)).or_else(|| inet_aton(text).map(IpAddr::V4)) {
            return Address::of_ip(address);
        }
        if text.contains("://") {
            return malformed("it is a URL instead of a host name");
        }
        if text.contains(':') {
            return malformed("it includes a port");
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.chars().all(|c| c.is_ascii_digit() || c == '.') {
            return malformed("it is not an IPv4 address");
        }
        for label in name.split('.') {
            let inside = label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
            if label.is_empty() || label.len() > 63 || !inside {
                return Address::Malformed(format!("{label:?} cannot be a part of a host name"));
            }
        }
        if is_local_name(name) {
            return Address::Loopback;
        }
        Address::Name { short: !name.contains('.') }
    }

    fn of_ip(address: IpAddr) -> Address {
        let v4 = match address {
            IpAddr::V4(v4) => Some(v4),
            IpAddr::V6(v6) => v6.to_ipv4_mapped(),
        };
        let here = match (v4, address) {
            (Some(v4), _) => v4.is_loopback() || v4.is_link_local() || v4 == DOCKER_BRIDGE,
            (None, IpAddr::V6(v6)) => v6.is_loopback() || v6.is_unicast_link_local(),
            (None, IpAddr::V4(_)) => false,
        };
        match address.is_unspecified() || v4.is_some_and(|v4| v4.is_unspecified()) {
            true => Address::Wildcard,
            false if here => Address::Loopback,
            false => Address::Ip(v4.map_or(address, IpAddr::V4)),
        }
    }
}

/// Fewer than four numbers, the last of which fills the rest: `127.1`, `2130706433`.
fn numbers(text: &str) -> Option<IpAddr> {
    let parts: Vec<u32> = text.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let (last, first) = parts.split_last()?;
    let room = 32 - 8 * u32::try_from(first.len()).ok().filter(|count| *count < 4)?;
    if first.iter().any(|part| *part > 255) || u64::from(*last) >= 1u64 << room {
        return None;
    }
    let high = first.iter().enumerate().map(|(at, part)| part << (24 - 8 * at)).sum::<u32>();
    Some(IpAddr::V4(Ipv4Addr::from(high | last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_names_and_mistakes_are_told_apart() {
        for text in
            ["127.0.0.1", "127.1", "2130706433", "::1", "[::1]", "169.254.1.1", "172.17.0.1", "LocalHost", "0x7f.1"]
        {
            assert_eq!(Address::of(text), Address::Loopback, "{text}");
        }
        for text in ["0.0.0.0", "0", "::", "[::]"] {
            assert_eq!(Address::of(text), Address::Wildcard, "{text}");
        }
        for text in ["10.0.0.20", "::ffff:10.0.0.20", "10.20"] {
            assert!(matches!(Address::of(text), Address::Ip(_)), "{text}");
        }
        assert_eq!(Address::of("dss.corp.example"), Address::Name { short: false });
        assert_eq!(Address::of("iZbp1abcZ"), Address::Name { short: true });
        for text in ["my.host.name", "xxx.xxx.xxx.xxx", "IP_OF_YOUR_HOST"] {
            assert_eq!(Address::of(text), Address::Placeholder, "{text}");
        }
        for text in ["http://dss", "dss:40000", "10.0.0.1.2", "10.0.0.256", "a b", "a..b", "4294967296"] {
            assert!(matches!(Address::of(text), Address::Malformed(_)), "{text}");
        }
    }
}
