//! The registry accepts what current versions of Docker push besides images of Docker's own types (HOWTO 2.1): OCI images,
//! BuildKit's attestations, zstd layers, and a layer of a size that the site file names.
//!
//! ACR answers `unknown manifest class for application/vnd.oci.empty.v1+json` to the attestations of BuildKit 0.32 and
//! newer. What the host's own Docker pushes fails; what only newer versions or other builders push is a warning.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Registry;
use ackcheck_core::seat::registry::{BuildPart, BuildPush};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod blame;
mod builder;
mod trials;

use builder::Builder;

static ATTESTATION_REFUSED: Code =
    Code::fail("attestation-refused", "the registry rejects the attestations that this host's Docker adds to images");
static OCI_REFUSED: Code =
    Code::fail("oci-refused", "the registry rejects OCI images, which this host's Docker pushes");
static BODY_LIMIT: Code = Code::fail("body-limit", "the registry or a proxy rejects a layer of the size to be tried");
static NO_ATTESTATIONS: Code =
    Code::warn("no-attestations", "the registry rejects attestations, which newer versions of Docker add to images");
static NO_OCI: Code = Code::warn("no-oci", "the registry rejects OCI images, which newer versions of Docker push");
static ZSTD_REFUSED: Code = Code::warn("zstd-refused", "the registry rejects layers that are compressed with zstd");

pub(crate) static CHECK: Check = Check {
    id: "registry-takes-builds",
    title: "The registry accepts what current versions of Docker push",
    stage: Stage::Preflight,
    needs: &[&super::registry_push::CHECK],
    uses: &[],
    deadline: Duration::from_secs(480),
    findings: &[&ATTESTATION_REFUSED, &OCI_REFUSED, &BODY_LIMIT, &NO_OCI, &NO_ATTESTATIONS, &ZSTD_REFUSED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Registry(|context, registry| Box::pin(judge(context, registry))),
};

async fn judge(context: &Context, registry: &dyn Registry) -> Judgement {
    let pushes = registry.push_builds().await?;
    let failed: Vec<&BuildPush> = pushes.iter().filter(|push| !push.conversation.done).collect();
    if failed.is_empty() {
        return Ok(Verdict::Pass);
    }
    let builder = Builder::of(context).await;
    let findings: Vec<Option<Finding>> =
        failed.into_iter().map(|push| found(push, &builder)).collect::<Result<_, Unseen>>()?;
    let Some(finding) = Finding::gravest(findings.into_iter().flatten().collect()) else { return Ok(Verdict::Pass) };
    Ok(super::described(finding, &registry.repository()).into())
}

/// What a part that did not arrive says; nothing where nobody builds it.
fn found(push: &BuildPush, builder: &Builder) -> Result<Option<Finding>, Unseen> {
    let stopped = blame::refused(push)?;
    let seen = format!("{} at {}: {}", stopped.what, stopped.host_name(), stopped.said());
    let code = match push.part {
        BuildPart::OciImage if builder.pushes_oci_images() => &OCI_REFUSED,
        BuildPart::OciImage => &NO_OCI,
        BuildPart::Attestation | BuildPart::AttestationArtifact if builder.adds_nothing()? => return Ok(None),
        BuildPart::Attestation if builder.pushes_attestations() => &ATTESTATION_REFUSED,
        BuildPart::AttestationArtifact if builder.pushes_artifacts() => &ATTESTATION_REFUSED,
        BuildPart::Attestation | BuildPart::AttestationArtifact => &NO_ATTESTATIONS,
        BuildPart::ZstdLayer => &ZSTD_REFUSED,
        BuildPart::LargeLayer => &BODY_LIMIT,
    };
    let kind = match push.part {
        BuildPart::OciImage => "an OCI image",
        BuildPart::Attestation => "an attestation as BuildKit 0.11 to 0.31 stores it",
        BuildPart::AttestationArtifact => "an attestation as BuildKit stores it since 0.32",
        BuildPart::ZstdLayer => "an image with a zstd layer",
        BuildPart::LargeLayer => "a large layer",
    };
    let finding = code.found(format!("{kind}: {seen}; {builder}"));
    Ok(Some(finding.with("what", kind).with("said", stopped.said()).with("builder", builder.to_string())))
}
