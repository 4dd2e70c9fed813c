//! Registries that do not take what Docker pushes.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

/// What ACR answers since August 2026.
const NO_EMPTY_CONFIG: Fault = Fault::Add(
    "/registry/answers",
    r#"{"method":"PUT","path":"/v2/*/manifests/*","holds":"application/vnd.oci.empty.v1+json","status":403,"body":"{\"errors\":[{\"code\":\"DENIED\",\"message\":\"unknown manifest class for application/vnd.oci.empty.v1+json\"}]}"}"#,
);
const NO_OCI: Fault = Fault::Add(
    "/registry/answers",
    r#"{"method":"PUT","path":"/v2/*/manifests/*","holds":"application/vnd.oci.image","status":400,"body":"{\"errors\":[{\"code\":\"MANIFEST_INVALID\",\"message\":\"manifest invalid\"}]}"}"#,
);
const IN_CONTAINERD: Fault = Fault::Set("/host/docker/store", "\"containerd\"");

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "ACR rejects what BuildKit 0.32 on this host pushes",
        finding: &super::ATTESTATION_REFUSED,
        faults: &[NO_EMPTY_CONFIG, IN_CONTAINERD, Fault::Set("/host/docker/buildkit", "\"v0.32.1\"")],
    },
    Trial {
        name: "a registry without attestations, and BuildKit 0.26 on this host",
        finding: &super::ATTESTATION_REFUSED,
        faults: &[
            Fault::Add(
                "/registry/answers",
                r#"{"method":"PUT","path":"/v2/*/manifests/*","holds":"application/vnd.in-toto+json","status":400,"body":"{\"errors\":[{\"code\":\"MANIFEST_INVALID\",\"message\":\"manifest invalid\"}]}"}"#,
            ),
            IN_CONTAINERD,
            Fault::Set("/host/docker/buildkit", "\"v0.26.2\""),
        ],
    },
    Trial {
        name: "ACR rejects what only newer versions of Docker push",
        finding: &super::NO_ATTESTATIONS,
        faults: &[NO_EMPTY_CONFIG],
    },
    Trial {
        name: "ACR rejects what Docker of this host will push after its next update",
        finding: &super::NO_ATTESTATIONS,
        faults: &[NO_EMPTY_CONFIG, IN_CONTAINERD],
    },
    Trial {
        name: "an old registry knows Docker's types alone, and this host pushes OCI images",
        finding: &super::OCI_REFUSED,
        faults: &[NO_OCI, IN_CONTAINERD],
    },
    Trial {
        name: "an old registry knows Docker's types alone, as Docker on this host does",
        finding: &super::NO_OCI,
        faults: &[NO_OCI],
    },
    Trial {
        name: "the registry does not know zstd",
        finding: &super::ZSTD_REFUSED,
        faults: &[Fault::Add(
            "/registry/answers",
            r#"{"method":"PUT","path":"/v2/*/manifests/*","holds":"tar+zstd","status":400,"body":"{\"errors\":[{\"code\":\"MANIFEST_INVALID\",\"message\":\"unsupported media type\"}]}"}"#,
        )],
    },
    Trial {
        name: "a proxy limits the size of requests to 2 MiB",
        finding: &super::BODY_LIMIT,
        faults: &[Fault::Add(
            "/registry/answers",
            r#"{"method":"PATCH","path":"/v2/*/blobs/uploads/*","above":2097152,"status":413,"headers":{"content-type":"text/html"},"body":"<html><head><title>413 Request Entity Too Large</title></head></html>"}"#,
        )],
    },
];
