//! From where addresses can be reached.

use std::net::IpAddr;

/// True for addresses on the Internet: not private, shared (100.64.0.0/10, where Alibaba Cloud's own services are) or
/// link-local ones.
pub fn is_public(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && (64..128).contains(&v4.octets()[1]);
            !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || shared)
        }
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_vpc_has_of_its_own_is_not_public() {
        for (text, public) in [
            ("10.0.0.40", false),
            ("172.31.255.1", false),
            ("192.168.1.1", false),
            ("100.118.28.10", false),
            ("100.63.0.1", true),
            ("100.128.0.1", true),
            ("118.31.219.200", true),
            ("127.0.0.1", false),
            ("fd00::1", false),
            ("2408:4000::1", true),
        ] {
            assert_eq!(is_public(&text.parse().unwrap()), public, "{text}");
        }
    }
}
