//! What the messages of dockerd and containerd about a failed pull mean. They do not have codes.

/// Why a pull failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The registry or its token service refused. A missing repository looks the same to a user who is not allowed to see it.
    Refused,
    /// The node cannot resolve, reach or trust one of the hosts.
    Unreachable,
    Other,
}

const UNREACHABLE: &[&str] = &[
    "no such host",
    "server misbehaving",
    "i/o timeout",
    "timeout exceeded",
    "handshake timeout",
    "deadline exceeded",
    "connection refused",
    "connection reset",
    "network is unreachable",
    "no route to host",
    "x509:",
    "tls:",
    ": eof",
];

const REFUSED: &[&str] = &[
    "unauthorized",
    "authentication required",
    "authorization failed",
    "insufficient_scope",
    "access denied",
    "access to the resource is denied",
    "403 forbidden",
    "failed to fetch anonymous token",
    "failed to fetch oauth token",
    "incorrect username or password",
    "unable to retrieve some image pull secrets",
];

/// Reads the kubelet's message. An unreachable host is looked for first: a message about an unreachable token service can
/// contain words of a refusal, but a refusal never contains words of a timeout.
pub(super) fn cause(why: &str) -> Cause {
    let lower = why.to_ascii_lowercase();
    let any = |texts: &[&str]| texts.iter().any(|text| lower.contains(text));
    if any(UNREACHABLE) {
        Cause::Unreachable
    } else if any(REFUSED) {
        Cause::Refused
    } else {
        Cause::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_kubelets_say() {
        // From public logs: Docker with ACR, containerd with ACR and with a private registry.
        for (why, expected) in [
            (
                "rpc error: code = Unknown desc = Error response from daemon: pull access denied for r/ns/repo, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
                Cause::Refused,
            ),
            (
                "failed to pull and unpack image \"r/a:1\": failed to resolve reference \"r/a:1\": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
                Cause::Refused,
            ),
            (
                "failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com/auth: 401 Unauthorized",
                Cause::Refused,
            ),
            (
                "Get https://dockerauth.cn-hangzhou.aliyuncs.com/auth?scope=x: net/http: TLS handshake timeout",
                Cause::Unreachable,
            ),
            (
                "failed to do request: Head \"https://r/v2/a/manifests/1\": dial tcp: lookup r on 100.100.2.136:53: no such host",
                Cause::Unreachable,
            ),
            (
                "failed to authorize: failed to fetch oauth token: Get \"https://auth/\": dial tcp 100.103.7.20:443: i/o timeout",
                Cause::Unreachable,
            ),
            ("tls: failed to verify certificate: x509: certificate signed by unknown authority", Cause::Unreachable),
            ("failed to resolve reference \"r/a:1\": r/a:1: not found", Cause::Other),
        ] {
            assert_eq!(cause(why), expected, "{why}");
        }
    }
}
