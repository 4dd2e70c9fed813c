//! What is known of the hosts of Alibaba Cloud's own services.

use std::net::IpAddr;

use ackcheck_core::reach::is_public;
use ackcheck_core::seat::Pod;

/// Whether a host is of a service of Alibaba Cloud: it has TLS, and a certificate of a public authority.
pub(super) fn is_its_own(host: &str) -> bool {
    let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    [".aliyuncs.com", ".aliyun.com", ".aliyun-inc.com"].iter().any(|domain| host.ends_with(domain))
}

/// The public ones of these addresses; none where the VPC itself is made of such addresses, which its owner may do.
pub(super) async fn public(pod: &dyn Pod, addresses: &[IpAddr]) -> Vec<IpAddr> {
    let public: Vec<IpAddr> = addresses.iter().copied().filter(is_public).collect();
    if public.is_empty() {
        return public;
    }
    let own = pod.dss_host().await.map(|host| host.addresses).unwrap_or_default();
    if own.iter().any(is_public) { Vec::new() } else { public }
}

/// Addresses for people.
pub(crate) fn list(addresses: &[IpAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
