//! Which host of a pull was out of reach, from what the kubelet says of it and whom the runtime asked.

use ackcheck_core::seat::pull::{Asked, PullCause, PullFailure};
use ackcheck_core::seat::registry::RegistryHost;
use ackcheck_core::verdict::{Code, Finding};

use super::{FILTERED, PROXIED, TLS, UNRESOLVABLE};
use crate::network::alibaba;

/// The finding of a pull that did not find its way; none where whoever was asked answered, or was not one of the
/// registry's hosts: those are for registry-pull to judge.
pub(super) fn blame(node: &str, failure: &PullFailure) -> Option<Finding> {
    let (asked, why) = (failure.asked(), failure.why());
    let is = match asked {
        Asked::Mirror(_) => return None,
        Asked::TokenService(_) => RegistryHost::TokenService,
        Asked::LayerStore(_) => RegistryHost::BlobStore,
        Asked::Registry | Asked::Untold => RegistryHost::Registry,
    };
    let registry = failure.image.split('/').next().unwrap_or_default();
    let host = asked.host().unwrap_or(registry);
    let code = code(failure, host, &why)?;
    let finding = code.found(format!("{node} and {is}, {host}: {why}"));
    Some(finding.with("node", node).with("host", host).with("role", is.to_string()).with("why", why))
}

fn code(failure: &PullFailure, host: &str, why: &str) -> Option<&'static Code> {
    let its_own = alibaba::is_its_own(host);
    match failure.cause() {
        PullCause::Unresolvable | PullCause::ResolverSilent => Some(&UNRESOLVABLE),
        PullCause::Intercepted | PullCause::ProxySilent => Some(&PROXIED),
        PullCause::Unreachable => Some(&FILTERED),
        PullCause::PlainHttp => Some(if its_own { &PROXIED } else { &TLS }),
        // The node's own clock is wrong: registry-pull says by how much.
        PullCause::CertificateTime if failure.wrong_clock().is_some() => None,
        PullCause::CertificateTime => Some(&TLS),
        // Alibaba Cloud's certificates are of public authorities: others are of whoever inspects TLS.
        PullCause::Untrusted if its_own && is_another_certificate(why) => Some(&PROXIED),
        PullCause::Untrusted => Some(&TLS),
        _ => None,
    }
}

fn is_another_certificate(why: &str) -> bool {
    ["unknown authority", "is valid for", "not valid for any names", "first record does not look like"]
        .iter()
        .any(|words| why.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(image: &str, said: &str) -> Option<String> {
        let failure = PullFailure {
            container: "probe".to_owned(),
            image: image.to_owned(),
            said: vec![said.to_owned()],
            pull_secrets: Vec::new(),
            not_retrieved: Vec::new(),
            clock_ahead: None,
        };
        blame("node1", &failure).map(|finding| format!("{} {}", finding.code.name, finding.seen))
    }

    #[test]
    fn names_the_host_that_was_out_of_reach() {
        let acr = "lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss/probe:1";
        let head = "failed to do request: Head \"https://lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/v2/dss/probe/manifests/1\"";
        for (image, said, begins) in [
            (acr, format!("{head}: dial tcp: lookup lab on 100.100.2.136:53: no such host"), Some("unresolvable node1 and the registry")),
            (acr, format!("{head}: dial tcp: lookup lab on 100.100.2.136:53: i/o timeout"), Some("unresolvable")),
            (acr, format!("{head}: dial tcp: lookup lab on 10.0.0.2:53: server misbehaving"), Some("unresolvable")),
            (acr, format!("{head}: dial tcp 10.0.0.40:443: i/o timeout"), Some("filtered")),
            (acr, format!("{head}: dial tcp 10.0.0.40:443: connect: connection refused"), Some("filtered")),
            (acr, format!("{head}: EOF"), Some("filtered")),
            (acr, format!("{head}: dial tcp: lookup lab: Temporary failure in name resolution"), Some("unresolvable")),
            (acr, format!("{head}: dial tcp: lookup lab on [::1]:53: read udp [::1]:4->[::1]:53: read: connection refused"), Some("unresolvable")),
            (acr, format!("{head}: dial tcp [2408:4005::1]:443: connect: cannot assign requested address"), Some("filtered")),
            (acr, format!("{head}: proxyconnect tcp: dial tcp: lookup proxy.corp.example: no such host"), Some("proxied")),
            (acr, format!("{head}: proxyconnect tcp: x509: certificate signed by unknown authority"), Some("proxied")),
            (acr, format!("{head}: Service Unavailable"), Some("proxied")),
            (acr, "Error response from daemon: Get \"https://lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/v2/\": Bad Gateway".to_owned(), Some("proxied")),
            // The runtime of the node.
            (acr, "connection error: desc = \"transport: Error while dialing dial unix /run/containerd/containerd.sock: connect: connection refused\"".to_owned(), None),
            (acr, format!("{head}: proxyconnect tcp: dial tcp 10.9.9.9:3128: i/o timeout"), Some("proxied")),
            (acr, format!("{head}: Forbidden"), Some("proxied")),
            (acr, format!("{head}: Proxy Authentication Required"), Some("proxied")),
            (acr, format!("{head}: http: server gave HTTP response to HTTPS client"), Some("proxied")),
            (acr, format!("{head}: x509: certificate signed by unknown authority"), Some("proxied")),
            (acr, format!("{head}: tls: first record does not look like a TLS handshake"), Some("proxied")),
            (acr, format!("{head}: remote error: tls: handshake failure"), Some("tls")),
            (acr, format!("{head}: x509: certificate has expired or is not yet valid: current time is after"), Some("tls")),
            (
                acr,
                "failed to authorize: failed to fetch oauth token: Post \"https://dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com/auth\": dial tcp 100.103.7.20:443: i/o timeout".to_owned(),
                Some("filtered node1 and its token service, dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com"),
            ),
            (
                acr,
                "failed to copy: httpReadSeeker: failed open: failed to do request: Get \"https://b.oss-cn-hangzhou-internal.aliyuncs.com/data?Expires=1\": dial tcp 100.118.28.49:443: i/o timeout".to_owned(),
                Some("filtered node1 and its layer store, b.oss-cn-hangzhou-internal.aliyuncs.com"),
            ),
            ("r.example/a:1", "Get \"https://r.example/v2/\": x509: certificate signed by unknown authority".to_owned(), Some("tls")),
            ("10.0.0.5:5000/a:1", "Get \"https://10.0.0.5:5000/v2/\": http: server gave HTTP response to HTTPS client".to_owned(), Some("tls")),
            // Answers, and others than the registry: not a question of the way.
            (acr, "Head \"https://m.example/v2/dss/probe/manifests/1?ns=lab\": dial tcp 10.9.9.9:443: i/o timeout".to_owned(), None),
            (acr, format!("{}: 401 Unauthorized", head.replace("failed to do request: Head", "unexpected status from HEAD request to"))
                , None),
            (acr, "pull access denied, repository does not exist or may require authorization".to_owned(), None),
        ] {
            let told = told(image, &said);
            match begins {
                Some(begins) => assert!(told.as_deref().is_some_and(|told| told.starts_with(begins)), "{said}: {told:?}"),
                None => assert_eq!(told, None, "{said}"),
            }
        }
    }
}
