//! Names that every machine has for itself.

/// What distributions write into `/etc/hosts` beside loopback addresses, and the kubelet into that of pods: Red Hat's
/// `localhost4` and `localhost6` with their domains, Debian's and Kubernetes' `ip6-localhost` and `ip6-loopback`.
const OF_HOSTS_FILES: [&str; 5] = ["localhost", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback"];

/// True for a name that means each machine that asks for it, as `localhost` does (RFC 6761, section 6.3), whatever domain
/// follows it.
pub fn is_local_name(name: &str) -> bool {
    let lower = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let (first, last) = (lower.split('.').next(), lower.rsplit('.').next());
    first.is_some_and(|first| OF_HOSTS_FILES.contains(&first)) || last == Some("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_means_everyone_is_local() {
        for name in [
            "localhost",
            "LOCALHOST.localdomain",
            "x.localhost",
            "localhost.",
            "localhost6.localdomain6",
            "ip6-loopback",
        ] {
            assert!(is_local_name(name), "{name}");
        }
        for name in ["", "dss.corp.example", "localhosts", "my-localhost.example", "x.localhost4", "127.0.0.1"] {
            assert!(!is_local_name(name), "{name}");
        }
    }
}
