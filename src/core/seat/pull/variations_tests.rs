//! More words of the same kinds: of registries, runtimes and proxies that `words_tests.rs` has no sample of. The words are
//! those of the sources of containerd, moby, containers/image, Go's net/http and Harbor.

use super::*;
use PullCause::*;

const IMAGE: &str = "r.example/dss/ackcheck-probe:1";

/// What containerd says before the cause, from its CRI plugin.
const RESOLVE: &str = "rpc error: code = Unknown desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to resolve reference \"r.example/dss/ackcheck-probe:1\": ";
const DO: &str = "failed to do request: Head \"https://r.example/v2/dss/ackcheck-probe/manifests/1\": ";
const STATUS: &str = "unexpected status from HEAD request to https://r.example/v2/dss/ackcheck-probe/manifests/1: ";
const PULL: &str =
    "rpc error: code = Unknown desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": ";
const DOCKER: &str = "rpc error: code = Unknown desc = Error response from daemon: ";
const CRIO: &str = "rpc error: code = Unknown desc = initializing source docker://r.example/dss/ackcheck-probe:1: ";

/// What is said, in parts, and what it means.
type Sample = (&'static [&'static str], PullCause);

#[track_caller]
fn all(samples: &[Sample]) {
    let wrong: Vec<String> = samples
        .iter()
        .map(|(parts, cause)| (parts.concat(), *cause))
        .filter(|(said, cause)| PullCause::of(IMAGE, said) != *cause)
        .map(|(said, cause)| format!("{:?}, not {cause:?}: {said}", PullCause::of(IMAGE, &said)))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), samples.len(), wrong.join("\n"));
}

const NAMES_THAT_ARE_NOT_RESOLVED: &[Sample] = &[
    (
        &[
            RESOLVE,
            DO,
            "dial tcp: lookup r.example on 10.0.0.10:53: read udp 10.1.0.4:41234->10.0.0.10:53: i/o timeout",
        ],
        ResolverSilent,
    ),
    (
        &[
            RESOLVE,
            DO,
            "dial tcp: lookup r.example on [::1]:53: read udp [::1]:47322->[::1]:53: read: connection refused",
        ],
        ResolverSilent,
    ),
    (&[RESOLVE, DO, "dial tcp: lookup r.example on 100.100.2.136:53: server misbehaving"], ResolverSilent),
    (&[RESOLVE, DO, "dial tcp: lookup r.example: Temporary failure in name resolution"], ResolverSilent),
    (&[DOCKER, "Get \"https://r.example/v2/\": dial tcp: lookup r.example: Try again"], ResolverSilent),
    (&[DOCKER, "Get \"https://r.example/v2/\": dial tcp: lookup r.example: Name does not resolve"], Unresolvable),
    (
        &[
            CRIO,
            "pinging container registry r.example: Get \"https://r.example/v2/\": dial tcp: lookup r.example on 10.0.0.10:53: no such host",
        ],
        Unresolvable,
    ),
    (
        &[
            CRIO,
            "pinging container registry r.example: Get \"https://r.example/v2/\": dial tcp: lookup r.example on 10.0.0.10:53: dial udp 10.0.0.10:53: connect: network is unreachable",
        ],
        ResolverSilent,
    ),
    (&[RESOLVE, DO, "dial tcp: lookup r.example: no DNS data available"], ResolverSilent),
    (&[RESOLVE, DO, "dial tcp: lookup r.example: device or resource busy"], ResolverSilent),
];

#[test]
fn names_that_are_not_resolved() {
    all(NAMES_THAT_ARE_NOT_RESOLVED);
}

const HOSTS_THAT_ARE_NOT_REACHED: &[Sample] = &[
    (&[RESOLVE, DO, "dial tcp [2408:4005::1]:443: connect: cannot assign requested address"], Unreachable),
    (&[RESOLVE, DO, "dial tcp 10.0.0.40:443: connect: operation not permitted"], Unreachable),
    (&[RESOLVE, DO, "dial tcp 10.0.0.40:443: connect: permission denied"], Unreachable),
    (&[RESOLVE, DO, "dial tcp 10.0.0.40:443: connect: host is down"], Unreachable),
    (&[RESOLVE, DO, "dial tcp 10.0.0.40:443: connect: no route to host"], Unreachable),
    (&[RESOLVE, DO, "write tcp 10.1.0.4:41234->10.0.0.40:443: write: broken pipe"], Unreachable),
    (&[RESOLVE, DO, "http2: client connection lost"], Unreachable),
    (&[RESOLVE, DO, "http2: timeout awaiting response headers"], Unreachable),
    (
        &[
            RESOLVE,
            DO,
            "http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR, debug=\"\"",
        ],
        Unreachable,
    ),
    (&[RESOLVE, DO, "net/http: HTTP/1.x transport connection broken: unexpected EOF"], Unreachable),
    (
        &[
            PULL,
            "failed to copy: httpReadSeeker: failed open: short read: expected 3212 bytes but got 0: unexpected EOF",
        ],
        Unreachable,
    ),
    (&[PULL, "failed to copy: read tcp 10.1.0.4:41234->10.0.0.40:443: use of closed network connection"], Unreachable),
    (&[PULL, "failed to copy: stream error: stream ID 5; INTERNAL_ERROR; received from peer"], Unreachable),
    (
        &[
            DOCKER,
            "Get \"https://r.example/v2/\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
        ],
        Unreachable,
    ),
    (
        &[
            DOCKER,
            "Get \"https://r.example/v2/\": net/http: request canceled (Client.Timeout exceeded while awaiting headers)",
        ],
        Unreachable,
    ),
    (
        &[
            DOCKER,
            "Get \"https://r.example/v2/\": context canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
        ],
        Unreachable,
    ),
    (
        &[
            CRIO,
            "pinging container registry r.example: Get \"https://r.example/v2/\": dial tcp 10.0.0.40:443: i/o timeout",
        ],
        Unreachable,
    ),
    (&[CRIO, "pinging container registry r.example: Get \"https://r.example/v2/\": EOF"], Unreachable),
];

#[test]
fn hosts_that_are_not_reached() {
    all(HOSTS_THAT_ARE_NOT_REACHED);
}

const THE_RUNTIME_OF_THE_NODE_THAT_DOES_NOT_ANSWER_IS_NO_REGISTRY: &[Sample] = &[
    (
        &[
            "rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing dial unix /run/containerd/containerd.sock: connect: connection refused\"",
        ],
        Unknown,
    ),
    (
        &[
            "rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing: dial unix:///run/containerd/containerd.sock: timeout\"",
        ],
        Unknown,
    ),
    (
        &[
            "rpc error: code = Unavailable desc = connection error: desc = \"transport: error while dialing: dial unix /run/containerd/containerd.sock: connect: permission denied\"",
        ],
        Unknown,
    ),
    (&["rpc error: code = Unavailable desc = error reading from server: EOF"], Unknown),
    (
        &[
            "rpc error: code = Unavailable desc = error reading from server: read unix @->/run/containerd/containerd.sock: read: connection reset by peer",
        ],
        Unknown,
    ),
    (
        &[
            "rpc error: code = Unknown desc = Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        ],
        Unknown,
    ),
    (&["rpc error: code = Unavailable desc = transport is closing"], Unknown),
    (&["rpc error: code = Unknown desc = server is not initialized yet"], Unknown),
];

#[test]
fn the_runtime_of_the_node_that_does_not_answer_is_no_registry() {
    all(THE_RUNTIME_OF_THE_NODE_THAT_DOES_NOT_ANSWER_IS_NO_REGISTRY);
}

const WHAT_IS_MISSING_ON_THE_NODE_IS_NOT_MISSING_AT_THE_REGISTRY: &[Sample] = &[
    (
        &[
            "rpc error: code = NotFound desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to prepare extraction snapshot \"extract-12-x sha256:ab\": parent snapshot sha256:cd does not exist: not found",
        ],
        Unknown,
    ),
    (
        &[
            "rpc error: code = NotFound desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": failed to extract layer sha256:ab: mount callback failed on /var/lib/containerd/tmpmounts/containerd-mount1: failed to get reader from content store: content digest sha256:cd: not found",
        ],
        Unknown,
    ),
    (
        &[
            "rpc error: code = NotFound desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": error unpacking image: failed to get snapshotter \"nydus\": snapshotter not loaded: nydus: not found",
        ],
        Unknown,
    ),
    (
        &[
            "rpc error: code = InvalidArgument desc = failed to pull and unpack image \"r.example/dss/ackcheck-probe:1\": unable to initialize unpacker: no unpack platforms defined: invalid argument",
        ],
        Unknown,
    ),
    (
        &[
            "error getting credentials - err: exec: \"docker-credential-acr\": executable file not found in $PATH, out: ``",
        ],
        Unknown,
    ),
    (&["failed to get sandbox runtime: no runtime for \"kata\" is configured: not found"], Unknown),
    (
        &[
            PULL,
            "failed to extract layer sha256:ab: mount callback failed on /var/lib/containerd/tmpmounts/x: exec: \"unpigz\": executable file not found in $PATH",
        ],
        Unknown,
    ),
    (&[PULL, "failed to extract layer sha256:ab: failed to Lchown \"/x\": operation not permitted: unknown"], Unknown),
    (&[PULL, "failed to extract layer sha256:ab: read-only file system"], Unknown),
];

#[test]
fn what_is_missing_on_the_node_is_not_missing_at_the_registry() {
    all(WHAT_IS_MISSING_ON_THE_NODE_IS_NOT_MISSING_AT_THE_REGISTRY);
}

const IMAGES_THAT_THE_REGISTRY_SAYS_IT_DOES_NOT_HAVE: &[Sample] = &[
    (&[RESOLVE, "r.example/dss/ackcheck-probe:1: not found"], NotFound),
    (&[RESOLVE, STATUS, "404 Not Found"], NotFound),
    (
        &[
            DOCKER,
            "manifest for r.example/dss/ackcheck-probe:1 not found: manifest unknown: The named manifest is not known to the registry.",
        ],
        NotFound,
    ),
    (
        &[
            DOCKER,
            "manifest for r.example/dss/ackcheck-probe:1 not found: manifest unknown: manifest tagged by \"1\" is not found",
        ],
        NotFound,
    ),
    (&[DOCKER, "unknown: artifact dss/ackcheck-probe:1 not found"], NotFound),
    (&[DOCKER, "unknown: repository dss/ackcheck-probe not found"], NotFound),
    (&[DOCKER, "name unknown: The repository with name 'dss/ackcheck-probe' does not exist in the registry"], NotFound),
    (&[DOCKER, "error parsing HTTP 404 response body: unexpected end of JSON input: \"\""], NotFound),
    (&["reading manifest 1 in r.example/dss/ackcheck-probe: manifest unknown"], NotFound),
    (&["reading manifest 1 in r.example/dss/ackcheck-probe: name unknown: repository not found"], NotFound),
    (&[CRIO, "reading manifest 1 in r.example/dss/ackcheck-probe: StatusCode: 404, \"\""], NotFound),
    (&[CRIO, "pinging container registry r.example: invalid status code from registry 404 (Not Found)"], NotFound),
    (
        &[
            PULL,
            "failed to copy: httpReadSeeker: failed open: content at https://r.example/v2/dss/ackcheck-probe/manifests/sha256:07 not found: not found",
        ],
        NotFound,
    ),
    (&[DOCKER, "unknown blob"], NotFound),
];

#[test]
fn images_that_the_registry_says_it_does_not_have() {
    all(IMAGES_THAT_THE_REGISTRY_SAYS_IT_DOES_NOT_HAVE);
}

const SERVERS_THAT_SPEAK_NO_TLS_OR_ANOTHER_ONE: &[Sample] = &[
    (&[RESOLVE, DO, "tls: first record does not look like a TLS handshake"], PlainHttp),
    (&[DOCKER, "Get \"https://r.example/v2/\": tls: first record does not look like a TLS handshake"], PlainHttp),
    (
        &[
            CRIO,
            "pinging container registry r.example: Get \"https://r.example/v2/\": http: server gave HTTP response to HTTPS client",
        ],
        PlainHttp,
    ),
    (
        &[
            RESOLVE,
            DO,
            "tls: failed to verify certificate: x509: certificate is valid for *.cr.aliyuncs.com, not r.example",
        ],
        Untrusted,
    ),
    (
        &[RESOLVE, DO, "x509: cannot validate certificate for 10.0.0.5 because it doesn't contain any IP SANs"],
        Untrusted,
    ),
    (&[RESOLVE, DO, "remote error: tls: handshake failure"], Untrusted),
    (&[RESOLVE, DO, "tls: server selected unsupported protocol version 301"], Untrusted),
    (&[RESOLVE, DO, "remote error: tls: certificate required"], Untrusted),
    (
        &[
            CRIO,
            "pinging container registry r.example: Get \"https://r.example/v2/\": tls: failed to verify certificate: x509: certificate signed by unknown authority",
        ],
        Untrusted,
    ),
    (
        &[
            DOCKER,
            "Get \"https://r.example/v2/\": x509: certificate has expired or is not yet valid: current time 2031-01-01T00:00:00Z is after 2026-06-07T05:48:45Z",
        ],
        CertificateTime,
    ),
];

#[test]
fn servers_that_speak_no_tls_or_another_one() {
    all(SERVERS_THAT_SPEAK_NO_TLS_OR_ANOTHER_ONE);
}

const PROXIES_ON_THE_WAY: &[Sample] = &[
    (
        &[RESOLVE, DO, "proxyconnect tcp: dial tcp: lookup proxy.corp.example on 10.0.0.10:53: no such host"],
        ProxySilent,
    ),
    (&[RESOLVE, DO, "proxyconnect tcp: dial tcp 10.0.0.99:3128: connect: connection refused"], ProxySilent),
    (&[RESOLVE, DO, "proxyconnect tcp: dial tcp 10.0.0.99:3128: i/o timeout"], ProxySilent),
    (&[RESOLVE, DO, "proxyconnect tcp: tls: first record does not look like a TLS handshake"], ProxySilent),
    (&[RESOLVE, DO, "proxyconnect tcp: x509: certificate signed by unknown authority"], ProxySilent),
    (
        &[
            RESOLVE,
            DO,
            "socks connect tcp 10.0.0.99:1080->r.example:443: dial tcp 10.0.0.99:1080: connect: connection refused",
        ],
        ProxySilent,
    ),
    (&[RESOLVE, DO, "Service Unavailable"], Intercepted),
    (&[RESOLVE, DO, "Bad Gateway"], Intercepted),
    (&[DOCKER, "Get \"https://r.example/v2/\": Gateway Timeout"], Intercepted),
    (&[DOCKER, "Get \"https://r.example/v2/\": Proxy Authentication Required"], Intercepted),
    (
        &[
            RESOLVE,
            "failed to authorize: failed to fetch oauth token: unable to decode token response: invalid character '<' looking for beginning of value",
        ],
        Intercepted,
    ),
    (
        &[
            RESOLVE,
            "failed to authorize: failed to fetch anonymous token: unable to decode token response: invalid character '<' looking for beginning of value",
        ],
        Intercepted,
    ),
];

#[test]
fn proxies_on_the_way() {
    all(PROXIES_ON_THE_WAY);
}

const REFUSALS_OF_USERS: &[Sample] = &[
    (
        &[
            DOCKER,
            "unauthorized: unauthorized to access repository: dss/ackcheck-probe, action: pull: unauthorized to access repository: dss/ackcheck-probe, action: pull",
        ],
        Refused,
    ),
    (&[DOCKER, "denied: You may not login yet"], Refused),
    (&[DOCKER, "denied: denied"], Refused),
    (&[RESOLVE, STATUS, "403 Forbidden"], Refused),
    (
        &[CRIO, "reading manifest 1 in r.example/dss/ackcheck-probe: requested access to the resource is denied"],
        Refused,
    ),
    (
        &[CRIO, "unable to retrieve auth token: invalid username/password: unauthorized: authentication required"],
        Refused,
    ),
    (&[CRIO, "unable to retrieve auth token: invalid username/password: denied: the token has expired"], Refused),
    (
        &[DOCKER, "Get \"https://r.example/v2/\": unauthorized: The client does not have permission for manifest"],
        Refused,
    ),
    (&[DOCKER, "login attempt to https://r.example/v2/ failed with status: 401 Unauthorized"], Refused),
    (&[CRIO, "pinging container registry r.example: StatusCode: 403, \"\""], Refused),
    (&[CRIO, "reading manifest 1 in r.example/dss/ackcheck-probe: StatusCode: 401, <html>"], Refused),
    (
        &[
            RESOLVE,
            "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://auth.example/token?scope=x: 403 Forbidden",
        ],
        AnonymousRefused,
    ),
];

#[test]
fn refusals_of_users() {
    all(REFUSALS_OF_USERS);
}

const ERRORS_OF_THE_SERVERS_OWN: &[Sample] = &[
    (
        &[
            RESOLVE,
            "failed to authorize: failed to fetch oauth token: unexpected status from POST request to https://auth.example/token: 500 Internal Server Error",
        ],
        ServerError,
    ),
    (
        &[
            RESOLVE,
            "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://auth.example/token?scope=x: 502 Bad Gateway",
        ],
        ServerError,
    ),
    (
        &[RESOLVE, "failed to authorize: failed to fetch anonymous token: unexpected status: 503 Service Unavailable"],
        ServerError,
    ),
    (&[DOCKER, "received unexpected HTTP status: 504 Gateway Time-out"], ServerError),
    (
        &[
            DOCKER,
            "error parsing HTTP 502 response body: invalid character '<' looking for beginning of value: \"<html>\"",
        ],
        ServerError,
    ),
    (
        &[
            CRIO,
            "reading manifest 1 in r.example/dss/ackcheck-probe: received unexpected HTTP status: 500 Internal Server Error",
        ],
        ServerError,
    ),
    (&[CRIO, "pinging container registry r.example: StatusCode: 503, \"no healthy upstream\""], ServerError),
    (&[DOCKER, "unknown: internal server error"], ServerError),
    (&[RESOLVE, STATUS, "507 Insufficient Storage"], ServerError),
    (&[RESOLVE, STATUS, "521 "], ServerError),
];

#[test]
fn errors_of_the_servers_own() {
    all(ERRORS_OF_THE_SERVERS_OWN);
}

const REQUESTS_THAT_ARE_TOO_MANY: &[Sample] = &[
    (&[DOCKER, "unknown: too many request to upstream"], Throttled),
    (&[RESOLVE, STATUS, "429 "], Throttled),
    (&[DOCKER, "toomanyrequests: Rate exceeded"], Throttled),
    (
        &[
            DOCKER,
            "error parsing HTTP 429 response body: invalid character 'T' looking for beginning of value: \"Too many requests\"",
        ],
        Throttled,
    ),
    (&[CRIO, "reading manifest 1 in r.example/dss/ackcheck-probe: too many requests to registry"], Throttled),
    (
        &[
            RESOLVE,
            "failed to authorize: failed to fetch oauth token: unexpected status from POST request to https://auth.example/token: 429 Too Many Requests",
        ],
        Throttled,
    ),
    (
        &[
            PULL,
            "failed to copy: httpReadSeeker: failed open: unexpected status code https://b.oss-cn-hangzhou-internal.aliyuncs.com/x?Expires=1&Signature=a: 503 Service Unavailable",
        ],
        ServerError,
    ),
    (&[CRIO, "pinging container registry r.example: StatusCode: 429, \"\""], Throttled),
];

#[test]
fn requests_that_are_too_many() {
    all(REQUESTS_THAT_ARE_TOO_MANY);
}

const DISKS_PLATFORMS_POLICIES_AND_MANIFESTS: &[Sample] = &[
    (
        &[
            "rpc error: code = Unknown desc = devmapper: Thin Pool has 1013 free data blocks which is less than minimum required 16369 free data blocks. Create more free space in thin pool or use dm.min_free_space option to change behavior",
        ],
        DiskFull,
    ),
    (
        &[
            PULL,
            "failed to copy: mkdir /var/lib/containerd/io.containerd.content.v1.content/ingest/x: no space left on device",
        ],
        DiskFull,
    ),
    (
        &[
            "writing blob: storing blob to file \"/var/tmp/storage1/1\": write /var/tmp/storage1/1: no space left on device",
        ],
        DiskFull,
    ),
    (
        &[
            CRIO,
            "choosing image instance: no image found in manifest list for architecture \"arm64\", variant \"v8\", OS \"linux\"",
        ],
        OtherPlatform,
    ),
    (
        &[
            "choosing image instance: no image found in image index for architecture \"arm64\", variant \"v8\", OS \"linux\"",
        ],
        OtherPlatform,
    ),
    (&["no image found in manifest list for architecture arm64, variant \"v8\", OS linux"], OtherPlatform),
    (
        &[
            DOCKER,
            "image operating system \"windows\" cannot be used on this platform: operating system is not supported",
        ],
        OtherPlatform,
    ),
    (
        &[
            DOCKER,
            "image with reference r.example/dss/ackcheck-probe:1 was found but its platform (linux/arm64) does not match the specified platform (linux/amd64)",
        ],
        OtherPlatform,
    ),
    (
        &[
            "SignatureValidationFailed: Source image rejected: Running image docker://r.example/dss/ackcheck-probe:1 is rejected by policy.",
        ],
        SignaturePolicy,
    ),
    (&[CRIO, "Source image rejected: Invalid GPG signature: no key"], SignaturePolicy),
    (&[DOCKER, "missing signature key"], ManifestRefused),
    (&[PULL, "encountered unknown type application/vnd.in-toto+json; children may not be fetched"], ManifestRefused),
    (&["unsupported manifest media type and digest algorithm"], ManifestRefused),
    (&[PULL, "mismatched image rootfs and manifest layers"], ManifestRefused),
    (
        &["parsing image configuration: Unsupported MIME type for image config: application/vnd.oci.empty.v1+json"],
        ManifestRefused,
    ),
    (&["unsupported image-specific operation on artifact with type \"application/vnd.x\""], ManifestRefused),
    (
        &[
            DOCKER,
            "[DEPRECATION NOTICE] Docker Image Format v1 and Docker Image manifest version 2, schema 1 support is disabled by default",
        ],
        ManifestRefused,
    ),
];

#[test]
fn disks_platforms_policies_and_manifests() {
    all(DISKS_PLATFORMS_POLICIES_AND_MANIFESTS);
}

const PULL_SECRETS_THAT_THE_KUBELET_CANNOT_READ: &[Sample] = &[
    (&["illegal base64 data at input byte 12"], SecretMalformed),
    (&["invalid character 'a' looking for beginning of object key string"], SecretMalformed),
    (&["unexpected EOF"], Unreachable),
    (&["reading manifest 1 in r.example/dss/ackcheck-probe: unexpected end of JSON input"], Unknown),
    (&["pinging container registry r.example: invalid character '<' looking for beginning of value"], Unknown),
];

#[test]
fn pull_secrets_that_the_kubelet_cannot_read() {
    all(PULL_SECRETS_THAT_THE_KUBELET_CANNOT_READ);
}
