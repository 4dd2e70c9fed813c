//! The ways in which a pull fails.

use ackcheck_core::verdict::Code;

pub(super) static UNAUTHORIZED: Code = Code::fail("unauthorized", "the registry rejects the pull secret of the pods");
pub(super) static NO_PULL_SECRET: Code =
    Code::fail("no-pull-secret", "the image is private, and pods of the namespace do not have a pull secret");
pub(super) static HELPER_NOT_COVERING_NAMESPACE: Code = Code::fail(
    "helper-not-covering-namespace",
    "ACK's credential helper is installed but does not cover this namespace",
);
pub(super) static SECRET_MISSING: Code =
    Code::fail("secret-missing", "the pull secret that pods name does not exist in their namespace");
pub(super) static SECRET_WITHOUT_HOST: Code =
    Code::fail("secret-without-host", "the pull secret of the pods does not have a login for the registry's host");
pub(super) static SECRET_MALFORMED: Code =
    Code::fail("secret-malformed", "the kubelet cannot read the pull secret of the pods");
pub(super) static MIRROR_REFUSES: Code = Code::fail(
    "mirror-refuses",
    "the node asks a mirror instead of the registry, and the mirror does not serve the image",
);
pub(super) static LAYER_STORE_REFUSES: Code =
    Code::fail("layer-store-refuses", "the store that the registry redirects to does not give the node the layers");
pub(super) static THROTTLED: Code = Code::fail("throttled", "the registry limits the node's requests (429)");
pub(super) static DISK_FULL: Code = Code::fail("disk-full", "the node's disk is full");
pub(super) static CLOCK: Code = Code::fail("clock", "the node's clock is wrong, so certificates are not valid there");
pub(super) static NOT_FOUND_AFTER_PUSH: Code = Code::fail(
    "not-found-after-push",
    "a server answers the node that the image does not exist, although it was just pushed",
);
pub(super) static SIGNATURE_POLICY: Code =
    Code::fail("signature-policy", "a policy of the node's runtime only allows signed images");
pub(super) static MANIFEST_REFUSED: Code =
    Code::fail("manifest-refused", "the node's runtime does not support the image's manifest or layers");
pub(super) static WRONG_ARCHITECTURE: Code =
    Code::fail("wrong-architecture", "the node's architecture differs from that of the images DSS builds");

pub(super) static ALL: &[&Code] = &[
    &UNAUTHORIZED,
    &NO_PULL_SECRET,
    &HELPER_NOT_COVERING_NAMESPACE,
    &SECRET_MISSING,
    &SECRET_WITHOUT_HOST,
    &SECRET_MALFORMED,
    &MIRROR_REFUSES,
    &LAYER_STORE_REFUSES,
    &THROTTLED,
    &DISK_FULL,
    &CLOCK,
    &NOT_FOUND_AFTER_PUSH,
    &SIGNATURE_POLICY,
    &MANIFEST_REFUSED,
    &WRONG_ARCHITECTURE,
];
