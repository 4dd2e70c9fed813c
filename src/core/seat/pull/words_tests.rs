//! The words of real runtimes: from their sources and from public issues, each with the version that says so.

use super::*;

const IMAGE: &str = "r.example/dss/ackcheck-probe:1";
const HUB: &str = "team/busybox:1.28";

/// A sample: who says it, the image, the words, the cause, and the host besides the registry's own.
type Sample = (&'static str, &'static str, &'static str, PullCause, Option<&'static str>);

const REFUSED: &[Sample] = &[
    (
        "dockerd 20.10",
        "r/ns/repo:1",
        "rpc error: code = Unknown desc = Error response from daemon: pull access denied for r/ns/repo, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
        PullCause::Refused,
        None,
    ),
    (
        "dockerd 19.03",
        "octarinesec/guardrails-enforcer:20.7",
        "rpc error: code = Unknown desc = Error response from daemon: unauthorized: authentication required",
        PullCause::Refused,
        None,
    ),
    (
        "dockerd 24",
        "registry.k8s.io/sig-storage/csi-provisioner:v4.0.0",
        "Error response from daemon: Head \"https://registry.k8s.io/v2/sig-storage/csi-provisioner/manifests/v4.0.0\": Forbidden",
        // The reason without a number is that of a proxy which was asked to CONNECT.
        PullCause::Intercepted,
        None,
    ),
    (
        "dockerd 17.06",
        IMAGE,
        "rpc error: code = Unknown desc = Error response from daemon: repository r.example/dss/ackcheck-probe not found: does not exist or no pull access",
        PullCause::Refused,
        None,
    ),
    (
        "dockerd 18.09: no login was sent",
        IMAGE,
        "rpc error: code = Unknown desc = Error response from daemon: Get https://r.example/v2/dss/ackcheck-probe/manifests/1: no basic auth credentials",
        PullCause::AnonymousRefused,
        None,
    ),
    (
        "containerd 1.6",
        IMAGE,
        "rpc error: code = Unknown desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to resolve reference \"r.example/dss/ackcheck-probe:1\": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
        PullCause::Refused,
        None,
    ),
    (
        "containerd 1.7",
        IMAGE,
        "failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to resolve reference \"r.example/dss/ackcheck-probe:1\": failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com/auth?scope=repository%3Adss%2Fackcheck-probe%3Apull&service=registry.aliyuncs.com: 401 Unauthorized",
        PullCause::Refused,
        Some("dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com"),
    ),
    (
        "containerd 1.4",
        IMAGE,
        "rpc error: code = Unknown desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to resolve reference \"r.example/dss/ackcheck-probe:1\": failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized",
        PullCause::AnonymousRefused,
        None,
    ),
    (
        "containerd 1.5, a registry of basic authentication",
        IMAGE,
        "rpc error: code = Unknown desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to resolve reference \"r.example/dss/ackcheck-probe:1\": pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials",
        PullCause::AnonymousRefused,
        None,
    ),
    (
        "containerd 2.0",
        IMAGE,
        "failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to resolve reference \"r.example/dss/ackcheck-probe:1\": unexpected status from HEAD request to https://r.example/v2/dss/ackcheck-probe/manifests/1: 403 Forbidden",
        PullCause::Refused,
        None,
    ),
    (
        "containerd 1.6: an entry of a pull secret without user and password",
        IMAGE,
        "rpc error: code = Unknown desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to resolve reference \"r.example/dss/ackcheck-probe:1\": get registry endpoints: invalid auth config",
        PullCause::Refused,
        None,
    ),
    (
        "containerd 1.6.20, as the acceptance case brings it",
        IMAGE,
        "rpc error: code = Unknown desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to resolve reference \"r.example/dss/ackcheck-probe:1\": pulling from host r.example:8443 failed with status code [manifests 1]: 403 Forbidden",
        PullCause::Refused,
        Some("r.example:8443"),
    ),
    (
        "containerd 1.6.20, the registry itself",
        IMAGE,
        "failed to resolve reference \"r.example/dss/ackcheck-probe:1\": pulling from host r.example failed with status code [manifests 1]: 403 Forbidden",
        PullCause::Refused,
        None,
    ),
    (
        "containerd 1.7, a mirror by hosts.toml",
        IMAGE,
        "rpc error: code = Unknown desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to resolve reference \"r.example/dss/ackcheck-probe:1\": unexpected status from HEAD request to https://mirror.corp.example/v2/dss/ackcheck-probe/manifests/1?ns=r.example: 403 Forbidden",
        PullCause::Refused,
        Some("mirror.corp.example"),
    ),
    (
        "containerd 1.5, a layer",
        IMAGE,
        "rpc error: code = Unknown desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to copy: httpReadSeeker: failed open: unexpected status code https://bucket.oss-cn-hangzhou-internal.aliyuncs.com/docker/registry/v2/blobs/sha256/56/56/data?Expires=1&OSSAccessKeyId=LTAI&Signature=x: 403 Forbidden",
        PullCause::Refused,
        Some("bucket.oss-cn-hangzhou-internal.aliyuncs.com"),
    ),
    (
        "dockerd 20.10, a layer at OSS",
        IMAGE,
        "rpc error: code = Unknown desc = error parsing HTTP 403 response body: invalid character '<' looking for beginning of value: \"<?xml version=\\\"1.0\\\" encoding=\\\"UTF-8\\\"?>\\n<Error>\\n  <Code>AccessDenied</Code>\\n  <HostId>bucket.oss-cn-hangzhou.aliyuncs.com</HostId>\\n</Error>\\n\"",
        PullCause::Refused,
        Some("bucket.oss-cn-hangzhou.aliyuncs.com"),
    ),
    (
        "dockerd 20.10, a firewall's page",
        IMAGE,
        "Error response from daemon: error parsing HTTP 403 response body: invalid character '<' looking for beginning of value: \"\\n<html><head>\\n<title>403 Forbidden</title>\"",
        PullCause::Refused,
        None,
    ),
];

const NETWORK: &[Sample] = &[
    (
        "dockerd 19.03",
        IMAGE,
        "Get https://dockerauth.cn-hangzhou.aliyuncs.com/auth?scope=x: net/http: TLS handshake timeout",
        PullCause::Unreachable,
        Some("dockerauth.cn-hangzhou.aliyuncs.com"),
    ),
    (
        "containerd 1.6",
        IMAGE,
        "failed to do request: Head \"https://r.example/v2/dss/ackcheck-probe/manifests/1\": dial tcp: lookup r.example on 100.100.2.136:53: no such host",
        PullCause::Unresolvable,
        None,
    ),
    (
        "containerd 1.6, the token service",
        IMAGE,
        "failed to authorize: failed to fetch oauth token: Get \"https://auth.example/\": dial tcp 100.103.7.20:443: i/o timeout",
        PullCause::Unreachable,
        Some("auth.example"),
    ),
    (
        "dockerd 20.10",
        IMAGE,
        "rpc error: code = Unknown desc = Error response from daemon: Get \"https://r.example/v2/\": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
        PullCause::Unreachable,
        None,
    ),
    (
        "dockerd 23, a layer",
        IMAGE,
        "rpc error: code = Unknown desc = error pulling image configuration: download failed after attempts=6: dial tcp: lookup bucket.oss-cn-hangzhou-internal.aliyuncs.com: no such host",
        PullCause::Unresolvable,
        Some("bucket.oss-cn-hangzhou-internal.aliyuncs.com"),
    ),
    (
        "containerd 1.7, a layer",
        IMAGE,
        "failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to copy: httpReadSeeker: failed open: failed to do request: Get \"https://bucket.oss-cn-hangzhou-internal.aliyuncs.com/data?Expires=1&Signature=x\": dial tcp 100.118.28.49:443: i/o timeout",
        PullCause::Unreachable,
        Some("bucket.oss-cn-hangzhou-internal.aliyuncs.com"),
    ),
    (
        "containerd 1.7, a mirror",
        IMAGE,
        "failed to resolve reference \"r.example/dss/ackcheck-probe:1\": failed to do request: Head \"https://mirror.corp.example/v2/dss/ackcheck-probe/manifests/1?ns=r.example\": dial tcp 10.9.9.9:443: connect: connection refused",
        PullCause::Unreachable,
        Some("mirror.corp.example"),
    ),
    (
        "containerd 1.6",
        IMAGE,
        "failed to do request: Head \"https://r.example/v2/dss/ackcheck-probe/manifests/1\": EOF",
        PullCause::Unreachable,
        None,
    ),
    (
        "kubelet 1.27 with CRI-O",
        IMAGE,
        "image pull failed for r.example/dss/ackcheck-probe:1 because the registry is unavailable: connection timed out",
        PullCause::Unreachable,
        None,
    ),
    (
        "containerd 1.7",
        IMAGE,
        "failed to do request: Head \"https://r.example/v2/dss/ackcheck-probe/manifests/1\": tls: failed to verify certificate: x509: certificate signed by unknown authority",
        PullCause::Untrusted,
        None,
    ),
    (
        "dockerd 20.10",
        IMAGE,
        "Error response from daemon: Get \"https://r.example/v2/\": x509: certificate relies on legacy Common Name field, use SANs instead",
        PullCause::Untrusted,
        None,
    ),
    (
        "containerd 1.6",
        IMAGE,
        "failed to do request: Head \"https://r.example/v2/dss/ackcheck-probe/manifests/1\": http: server gave HTTP response to HTTPS client",
        PullCause::PlainHttp,
        None,
    ),
    (
        "dockerd 20.10",
        "10.0.0.5:5000/a/b:1",
        "Error response from daemon: Get \"https://10.0.0.5:5000/v2/\": http: server gave HTTP response to HTTPS client",
        PullCause::PlainHttp,
        None,
    ),
    (
        "dockerd 18.09: Go before 1.14 tells no time",
        IMAGE,
        "rpc error: code = Unknown desc = Error response from daemon: Get https://r.example/v2/: x509: certificate has expired or is not yet valid",
        PullCause::CertificateTime,
        None,
    ),
    (
        "containerd 1.6.20, a mirror, as the acceptance case brings it",
        IMAGE,
        "failed to do request: Head \"https://r.example:8443/v2/dss/ackcheck-probe/manifests/1?ns=r.example\": x509: certificate has expired or is not yet valid: current time 2026-11-27T01:24:00Z is after 2026-11-27T01:23:57Z",
        PullCause::CertificateTime,
        Some("r.example:8443"),
    ),
    (
        "containerd 1.7",
        IMAGE,
        "failed to do request: Head \"https://r.example/v2/dss/ackcheck-probe/manifests/1\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2019-01-01T00:00:07Z is before 2026-06-07T05:48:45Z",
        PullCause::CertificateTime,
        None,
    ),
    (
        "containerd 1.6: the registry's own error",
        IMAGE,
        "unexpected status from HEAD request to https://r.example/v2/dss/ackcheck-probe/manifests/1: 503 Service Unavailable",
        PullCause::ServerError,
        None,
    ),
];

const OTHERS: &[Sample] = &[
    (
        "containerd 1.4",
        HUB,
        "failed to pull and unpack image \"docker.io/team/busybox:1.28\": failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/team/busybox/manifests/sha256:141c: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit",
        PullCause::Throttled,
        None,
    ),
    (
        "containerd 1.6",
        "team/nginx:latest",
        "failed to resolve reference \"docker.io/team/nginx:latest\": unexpected status from HEAD request to https://registry-1.docker.io/v2/team/nginx/manifests/latest: 429 Too Many Requests",
        PullCause::Throttled,
        None,
    ),
    (
        "CRI-O 1.20",
        "obsidiandynamics/kafdrop:latest",
        "rpc error: code = Unknown desc = Error reading manifest latest in docker.io/obsidiandynamics/kafdrop: toomanyrequests: You have reached your pull rate limit.",
        PullCause::Throttled,
        None,
    ),
    (
        "dockerd 20.10",
        HUB,
        "rpc error: code = Unknown desc = Error response from daemon: toomanyrequests: Too Many Requests. Please see https://docs.docker.com/docker-hub/download-rate-limit/",
        PullCause::Throttled,
        None,
    ),
    ("kubelet 1.20 to 1.33", IMAGE, "pull QPS exceeded", PullCause::NodeBusy, None),
    (
        "containerd 1.6",
        IMAGE,
        "failed to extract layer sha256:dc6b: write /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/105/fs/usr/bin/x: no space left on device: unknown",
        PullCause::DiskFull,
        None,
    ),
    (
        "dockerd 20.10",
        IMAGE,
        "rpc error: code = Unknown desc = failed to register layer: Error processing tar file(exit status 1): write /lib/libdns-export.so: no space left on device",
        PullCause::DiskFull,
        None,
    ),
    (
        "containerd 1.7",
        IMAGE,
        "rpc error: code = Unknown desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to copy: write /var/lib/containerd/io.containerd.content.v1.content/ingest/4f/data: no space left on device",
        PullCause::DiskFull,
        None,
    ),
    (
        "dockerd 20.10",
        "lachlanevenson/k8s-kubectl:v1.18.20",
        "rpc error: code = Unknown desc = Error response from daemon: manifest for lachlanevenson/k8s-kubectl:v1.18.20 not found: manifest unknown: manifest unknown",
        PullCause::NotFound,
        None,
    ),
    (
        "containerd 1.6",
        IMAGE,
        "rpc error: code = NotFound desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to resolve reference \"r.example/dss/ackcheck-probe:1\": r.example/dss/ackcheck-probe:1: not found",
        PullCause::NotFound,
        None,
    ),
    (
        "containerd 1.4, a layer",
        IMAGE,
        "rpc error: code = NotFound desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to copy: httpReadSeeker: failed open: content at https://r.example/v2/dss/ackcheck-probe/blobs/sha256:07 not found: not found",
        PullCause::NotFound,
        None,
    ),
    (
        "containerd 2.1",
        IMAGE,
        "failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": not implemented: media type \"application/vnd.docker.distribution.manifest.v1+prettyjws\" is no longer supported since containerd v2.1, please rebuild the image as \"application/vnd.docker.distribution.manifest.v2+json\" or \"application/vnd.oci.image.manifest.v1+json\"",
        PullCause::ManifestRefused,
        None,
    ),
    (
        "dockerd 20.10",
        IMAGE,
        "Error response from daemon: mediaType in manifest should be 'application/vnd.docker.distribution.manifest.v2+json' not 'application/vnd.oci.image.manifest.v1+json'",
        PullCause::ManifestRefused,
        None,
    ),
    (
        "dockerd 24",
        IMAGE,
        "Error response from daemon: unsupported media type application/vnd.in-toto+json",
        PullCause::ManifestRefused,
        None,
    ),
    ("dockerd 1.13", IMAGE, "Error response from daemon: target is unknown", PullCause::ManifestRefused, None),
    (
        "containerd 1.4, a layer of zstd",
        IMAGE,
        "failed to extract layer sha256:aa: failed to get stream processor for application/vnd.oci.image.layer.v1.tar+zstd: no processor for media-type: unknown",
        PullCause::ManifestRefused,
        None,
    ),
    (
        "dockerd 19.03, a layer of zstd",
        IMAGE,
        "failed to register layer: Error processing tar file(exit status 1): archive/tar: invalid tar header",
        PullCause::ManifestRefused,
        None,
    ),
    (
        "kubelet 1.28 with CRI-O",
        IMAGE,
        "image pull failed for r.example/dss/ackcheck-probe:1 because the signature validation failed: Source image rejected: A signature was required, but no signature exists",
        PullCause::SignaturePolicy,
        None,
    ),
    (
        "containerd 2.0, an image verifier",
        IMAGE,
        "failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": image verifier policy blocked pull of r.example/dss/ackcheck-probe:1 with digest sha256:00 for reason \"not signed\"",
        PullCause::SignaturePolicy,
        None,
    ),
    (
        "dockerd 19.03 with content trust",
        IMAGE,
        "Error: remote trust data does not exist for r.example/dss/ackcheck-probe: notary does not have trust data",
        PullCause::SignaturePolicy,
        None,
    ),
    (
        "containerd 1.6",
        IMAGE,
        "rpc error: code = NotFound desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": no match for platform in manifest sha256:ab: not found",
        PullCause::OtherPlatform,
        None,
    ),
    (
        "dockerd 20.10",
        IMAGE,
        "Error response from daemon: no matching manifest for linux/arm64/v8 in the manifest list entries",
        PullCause::OtherPlatform,
        None,
    ),
    ("kubelet 1.33", IMAGE, "illegal base64 data at input byte 4", PullCause::SecretMalformed, None),
    (
        "kubelet 1.20",
        IMAGE,
        "unable to parse auth field, must be formatted as base64(username:password)",
        PullCause::SecretMalformed,
        None,
    ),
    (
        "kubelet 1.33",
        IMAGE,
        "json: cannot unmarshal string into Go value of type credentialprovider.dockerConfigEntryWithAuth",
        PullCause::SecretMalformed,
        None,
    ),
    ("kubelet 1.20", IMAGE, "Back-off pulling image \"r.example/dss/ackcheck-probe:1\"", PullCause::Unknown, None),
    // Names may hold any word.
    (
        "containerd 1.6, names of bad omen",
        "denied.example/unauthorized/x509:429",
        "failed to resolve reference \"denied.example/unauthorized/x509:429\": failed to do request: Head \"https://denied.example/v2/unauthorized/x509/manifests/429\": dial tcp 10.0.0.1:443: i/o timeout",
        PullCause::Unreachable,
        None,
    ),
    (
        "dockerd 20.10, names of bad omen",
        "toomanyrequests/no-such-host:forbidden",
        "Error response from daemon: manifest for toomanyrequests/no-such-host:forbidden not found: manifest unknown: manifest unknown",
        PullCause::NotFound,
        None,
    ),
];

#[test]
fn reads_what_runtimes_say() {
    for (source, image, said, cause, host) in REFUSED.iter().chain(NETWORK).chain(OTHERS) {
        assert_eq!(PullCause::of(image, said), *cause, "{source}: {said}");
        assert_eq!(Asked::of(image, said).host(), *host, "{source}: {said}");
    }
}

#[test]
fn tells_mirrors_stores_and_token_services_apart() {
    let asked = |words: &str| {
        let sample = REFUSED.iter().chain(NETWORK).find(|sample| sample.0 == words).unwrap();
        Asked::of(sample.1, sample.2)
    };
    assert!(matches!(asked("containerd 1.7, a mirror by hosts.toml"), Asked::Mirror(_)));
    assert!(matches!(asked("containerd 1.7, a mirror"), Asked::Mirror(_)));
    assert!(matches!(asked("containerd 1.6.20, as the acceptance case brings it"), Asked::Mirror(_)));
    assert!(matches!(asked("containerd 1.5, a layer"), Asked::LayerStore(_)));
    assert!(matches!(asked("dockerd 20.10, a layer at OSS"), Asked::LayerStore(_)));
    assert!(matches!(asked("dockerd 23, a layer"), Asked::LayerStore(_)));
    assert!(matches!(asked("containerd 1.6, the token service"), Asked::TokenService(_)));
    assert_eq!(asked("containerd 2.0"), Asked::Registry);
    let with_port = "unexpected status from HEAD request to https://r.example:443/v2/a/manifests/1: 403 Forbidden";
    assert_eq!(Asked::of("r.example/a:1", with_port), Asked::Registry);
}

#[test]
fn a_signed_url_is_not_told() {
    let said = "failed to do request: Get \"https://b.oss.example/data?Expires=1&Signature=abc\": i/o timeout; \
                Head \"https://m.example/v2/a/manifests/1?ns=r.example\": EOF";
    let clean = without_signed_queries(said);
    assert!(!clean.contains("abc") && !clean.contains("Expires"), "{clean}");
    assert!(clean.contains("data?…\": i/o timeout") && clean.contains("1?ns=r.example\""), "{clean}");
    assert!(matches!(Asked::of("r.example/a:1", &without_signed_queries(said)), Asked::Mirror(_)));
}

#[test]
fn the_latest_words_that_tell_a_cause_are_taken() {
    let failure = PullFailure {
        container: "probe".to_owned(),
        image: IMAGE.to_owned(),
        said: ["pull QPS exceeded", "unexpected status: 429 Too Many Requests", "401 Unauthorized"]
            .map(str::to_owned)
            .into(),
        pull_secrets: Vec::new(),
        not_retrieved: Vec::new(),
        clock_ahead: Some(SignedDuration::from_mins(-9)),
    };
    assert_eq!(failure.cause(), PullCause::Throttled);
    assert_eq!(failure.wrong_clock(), None);
    let away = PullFailure { clock_ahead: Some(SignedDuration::from_hours(-24)), said: Vec::new(), ..failure };
    assert_eq!((away.cause(), away.wrong_clock().as_deref()), (PullCause::Unknown, Some("24 hours behind")));
}
