//! Where the daemon is: on this host, or on another.

use std::net::IpAddr;

use ackcheck_core::seat::host::docker::{self, AS_JSON};
use ackcheck_core::seat::{Host, NameAnswer, Seen};

/// The client's endpoint where it leads to another machine. A client before 19.03 does not tell its endpoint.
pub(in crate::host) async fn elsewhere(host: &dyn Host) -> Seen<Option<String>> {
    let output = host.run("docker", &[&["context", "inspect"], &AS_JSON[..]].concat()).await?;
    let Some(endpoint) = docker::endpoint(&output.stdout) else { return Ok(None) };
    let local = match machine(&endpoint) {
        None => true,
        Some(name) => is_own(host, name).await?,
    };
    Ok((!local).then_some(endpoint))
}

/// The machine that an endpoint names; none where it is a socket of this one: `unix://`, `fd://`, `npipe://`.
fn machine(endpoint: &str) -> Option<&str> {
    let (scheme, rest) = endpoint.split_once("://")?;
    if !matches!(scheme, "tcp" | "http" | "https" | "ssh") {
        return None;
    }
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some(match host.strip_prefix('[') {
        Some(inside) => inside.split(']').next().unwrap_or(inside),
        None => host.split(':').next().unwrap_or(host),
    })
}

/// An address of this host, or a name that resolves to one.
async fn is_own(host: &dyn Host, name: &str) -> Seen<bool> {
    let addresses = match name.parse::<IpAddr>() {
        Ok(address) => vec![address],
        // Go takes an endpoint without a host for this one.
        Err(_) if name.is_empty() || name == "localhost" => return Ok(true),
        Err(_) => match host.resolve(name).await? {
            NameAnswer::Addresses(addresses) => addresses,
            NameAnswer::NoSuchName { .. } | NameAnswer::NoServer { .. } => return Ok(false),
        },
    };
    if addresses.iter().any(IpAddr::is_loopback) {
        return Ok(true);
    }
    let own = host.addresses().await?;
    Ok(addresses.iter().any(|address| own.contains(address)))
}

#[cfg(test)]
mod tests {
    use super::machine;

    #[test]
    fn an_endpoint_names_a_machine_or_a_socket() {
        for socket in ["unix:///var/run/docker.sock", "npipe:////./pipe/docker", "fd://", "/var/run/docker.sock"] {
            assert_eq!(machine(socket), None, "{socket}");
        }
        for (endpoint, name) in [
            ("tcp://10.0.0.9:2375", "10.0.0.9"),
            ("tcp://[fd00::9]:2376/path", "fd00::9"),
            ("ssh://dss@build.example", "build.example"),
            ("ssh://dss@build.example:2222", "build.example"),
            ("tcp://:2375", ""),
        ] {
            assert_eq!(machine(endpoint), Some(name), "{endpoint}");
        }
    }
}
