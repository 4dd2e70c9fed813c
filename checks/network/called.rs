//! The address of the DSS host that pods call, and the ports of it that they have to reach.

use std::net::IpAddr;

use ackcheck_core::context::Context;
use ackcheck_core::required_ports::RequiredPorts;
use ackcheck_core::seat::pod::DssHost;
use ackcheck_core::seat::{NameAnswer, Pod, Ports, Seen};
use ackcheck_core::verdict::Unseen;

/// Resolves the name in the pod. The host can have other addresses (a Docker bridge, a second interface): what counts is
/// the one pods are given.
pub(crate) async fn address(pod: &dyn Pod, host: &DssHost) -> Seen<IpAddr> {
    let NameAnswer::Addresses(answer) = pod.resolve(&host.name).await? else {
        return Err(Unseen::unreadable(&host.name, "it resolved a moment ago, but no longer does"));
    };
    let own = answer.into_iter().filter(|address| host.addresses.contains(address));
    // Java and Spark prefer IPv4 if both are available.
    own.min_by_key(|address| (address.is_ipv6(), *address))
        .ok_or_else(|| Unseen::unreadable(&host.name, "it resolved to the DSS host a moment ago, but no longer does"))
}

/// The ports of DSS from its base port on: a DSS that starts at this moment must have them.
const OF_DSS: u16 = 11;

/// These ports without those of DSS itself, where its backend's is known: ackcheck may listen on them.
pub(crate) fn left_to_others(host: &DssHost, ports: &[Ports]) -> Vec<Ports> {
    let base = host.backend_port.and_then(|port| port.checked_sub(1));
    match base.and_then(|base| Ports::new(base, base.saturating_add(OF_DSS - 1)).ok()) {
        Some(spared) => ports.iter().flat_map(|ports| ports.without(spared)).collect(),
        None => ports.to_vec(),
    }
}

/// The ports that pods have to reach, with the backend's own where it is known. DSS is asked only where the site file names
/// a range.
pub(crate) async fn ports(context: &Context, backend: Option<u16>) -> Seen<RequiredPorts> {
    let named = &context.config().network.ports;
    let said = async { context.dss()?.port_limit().await };
    let limit = match named.is_empty() {
        true => None,
        false => match said.await {
            Ok(limit) => Some(limit),
            // The site file alone says so.
            Err(Unseen::NotDescribed(_)) => None,
            Err(unseen) => return Err(unseen),
        },
    };
    Ok(RequiredPorts::of(named, limit.as_ref(), backend))
}

/// The same, for who does not ask in a pod: the backend's port is in DSS's own files, where they are described.
pub(crate) async fn ports_by_files(context: &Context) -> Seen<RequiredPorts> {
    let said = async { context.dss()?.backend_port().await };
    let backend = match context.config().network.ports.is_empty() {
        true => None,
        false => match said.await {
            Ok(backend) => backend,
            Err(Unseen::NotDescribed(_)) => None,
            Err(unseen) => return Err(unseen),
        },
    };
    ports(context, backend).await
}
