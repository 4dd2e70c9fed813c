//! Pulls that fail on a node although the push succeeded.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

use super::findings;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the pull secret has an old password",
        finding: &findings::UNAUTHORIZED,
        faults: &[Fault::Set("/kubernetes/pull_secrets/0/password", "\"CANARY-old-password\"")],
    },
    Trial {
        name: "the namespace has no pull secret",
        finding: &findings::NO_PULL_SECRET,
        faults: &[Fault::Remove("/kubernetes/pull_secrets/0")],
    },
    Trial {
        name: "no service account has the pull secret",
        finding: &findings::NO_PULL_SECRET,
        faults: &[Fault::Set("/kubernetes/pull_secrets/0/service_accounts", "[]")],
    },
    Trial {
        name: "the credential helper only covers the namespace default",
        finding: &findings::HELPER_NOT_COVERING_NAMESPACE,
        faults: &[
            Fault::Remove("/kubernetes/pull_secrets/0"),
            Fault::Add("/kubernetes/credential_helper/watch_namespaces", "\"default\""),
        ],
    },
    Trial {
        name: "one node is an ARM machine",
        finding: &findings::WRONG_ARCHITECTURE,
        faults: &[Fault::Add("/kubernetes/architecture", r#"{"node":"cn-hangzhou.10.0.2.13","is":"arm64"}"#)],
    },
    Trial {
        name: "the pull secret that the service account names is not there",
        finding: &findings::SECRET_MISSING,
        faults: &[Fault::Set("/kubernetes/pull_secrets/0/absent", "true")],
    },
    Trial {
        name: "the pull secret has a login for another registry",
        finding: &findings::SECRET_WITHOUT_HOST,
        faults: &[Fault::Set("/kubernetes/pull_secrets/0/location", "\"registry.corp.example\"")],
    },
    Trial {
        name: "the pull secret has the registry's host with a port that images do not have",
        finding: &findings::SECRET_WITHOUT_HOST,
        faults: &[Fault::Set(
            "/kubernetes/pull_secrets/0/location",
            "\"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com:443\"",
        )],
    },
    Trial {
        name: "the pull secret's auth is not base64",
        finding: &findings::SECRET_MALFORMED,
        faults: &[Fault::Set("/kubernetes/pull_secrets/0/auth", "\"dssuser:CANARY-plain\"")],
    },
    Trial {
        name: "the pull secret is of another type",
        finding: &findings::SECRET_MALFORMED,
        faults: &[Fault::Set("/kubernetes/pull_secrets/0/kind", "\"Opaque\"")],
    },
    Trial {
        name: "one node asks a mirror that refuses",
        finding: &findings::MIRROR_REFUSES,
        faults: &[Fault::Add(
            "/kubernetes/mirrors",
            r#"{"node":"cn-hangzhou.10.0.1.12","host":"mirror.corp.example","status":403}"#,
        )],
    },
    Trial {
        name: "the layer store refuses one node",
        finding: &findings::LAYER_STORE_REFUSES,
        faults: &[Fault::Add(
            "/kubernetes/pull_failures",
            r#"{"node":"cn-hangzhou.10.0.2.13","said":"rpc error: code = Unknown desc = failed to pull and unpack image \"{image}\": failed to copy: httpReadSeeker: failed open: unexpected status code https://lab-registry-layers.oss-cn-hangzhou-internal.aliyuncs.com/docker/registry/v2/blobs/sha256/dc/dc6b5af8/data: 403 Forbidden"}"#,
        )],
    },
    Trial {
        name: "one node's requests are too many",
        finding: &findings::THROTTLED,
        faults: &[Fault::Add(
            "/kubernetes/pull_failures",
            r#"{"node":"cn-hangzhou.10.0.1.12","said":"rpc error: code = Unknown desc = failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": unexpected status from HEAD request to https://lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/v2/dss/ackcheck-probe/manifests/1: 429 Too Many Requests"}"#,
        )],
    },
    Trial {
        name: "one node's disk is full",
        finding: &findings::DISK_FULL,
        faults: &[Fault::Add(
            "/kubernetes/pull_failures",
            r#"{"node":"cn-hangzhou.10.0.1.12","said":"rpc error: code = Unknown desc = failed to pull and unpack image \"{image}\": failed to extract layer sha256:dc6b5af8: write /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/105/fs/ackcheck-probe: no space left on device: unknown"}"#,
        )],
    },
    Trial {
        name: "one node's clock is three years behind",
        finding: &findings::CLOCK,
        faults: &[Fault::Add("/kubernetes/clocks", r#"{"node":"cn-hangzhou.10.0.1.12","days_ahead":-1100}"#)],
    },
    Trial {
        name: "one node does not find the image",
        finding: &findings::NOT_FOUND_AFTER_PUSH,
        faults: &[Fault::Add(
            "/kubernetes/pull_failures",
            r#"{"node":"cn-hangzhou.10.0.1.12","said":"rpc error: code = NotFound desc = failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": {image}: not found"}"#,
        )],
    },
    Trial {
        name: "one node's runtime wants signed images",
        finding: &findings::SIGNATURE_POLICY,
        faults: &[Fault::Add(
            "/kubernetes/pull_failures",
            r#"{"node":"cn-hangzhou.10.0.1.12","said":"SignatureValidationFailed: Source image rejected: A signature was required, but no signature exists"}"#,
        )],
    },
    Trial {
        name: "one node's Docker is too old for the manifest",
        finding: &findings::MANIFEST_REFUSED,
        faults: &[Fault::Add(
            "/kubernetes/pull_failures",
            r#"{"node":"cn-hangzhou.10.0.1.12","said":"rpc error: code = Unknown desc = Error response from daemon: mediaType in manifest should be 'application/vnd.docker.distribution.manifest.v2+json' not 'application/vnd.oci.image.manifest.v1+json'"}"#,
        )],
    },
];
