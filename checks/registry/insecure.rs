//! Registries that the host's Docker uses without TLS, or without looking at certificates.

use ackcheck_core::context::Context;

/// Where the daemon reads its settings.
const SETTINGS: &str = "/etc/docker/daemon.json";

/// True where Docker on this host takes the registry of a repository URL without TLS, or may: its settings name a network,
/// which the host may be in. False where nothing is known of it.
pub(crate) async fn docker_takes(context: &Context, url: &str) -> bool {
    let host = url.split('/').next().unwrap_or(url);
    if on_this_machine(host) {
        return true;
    }
    let Ok(seat) = context.host() else { return false };
    let Ok(text) = seat.read(SETTINGS).await else { return false };
    listed(&text, host)
}

/// Docker takes what is on its own machine in clear.
fn on_this_machine(host: &str) -> bool {
    let name = super::without_port(host);
    name == "localhost" || name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// Host names and networks hold nothing that JSON escapes: what stands in quotes between the brackets is the list.
fn listed(settings: &str, host: &str) -> bool {
    let after = settings.split_once("\"insecure-registries\"").map_or("", |(_, after)| after);
    let list = after.split_once('[').and_then(|(_, after)| after.split_once(']')).map_or("", |(list, _)| list);
    list.split('"').skip(1).step_by(2).any(|listed| listed == host || listed.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_counts_as_docker_names_it_or_where_a_network_is_named() {
        let of = |text, host| listed(text, host);
        let one = r#"{"insecure-registries":["r.example.com:5000"]}"#;
        assert!(of(one, "r.example.com:5000"));
        assert!(!of(one, "r.example.com"));
        assert!(of(r#"{"insecure-registries":["10.0.0.0/8"]}"#, "r.example.com"));
        for none in ["{}", "", "[]", r#"{"insecure-registries":[]}"#, r#"{"log-driver":"json-file"}"#] {
            assert!(!of(none, "r.example.com"), "{none}");
        }
        assert!(on_this_machine("localhost:5000") && on_this_machine("127.0.0.1") && !on_this_machine("10.0.0.1"));
    }
}
