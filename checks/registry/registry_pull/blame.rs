//! Whose fault a failed pull is, from what the kubelet says of it and whom the runtime asked.

use ackcheck_core::seat::pull::{Asked, PullCause, PullFailure};
use ackcheck_core::seat::{Pod, Seen};
use ackcheck_core::verdict::{Finding, Unseen};

use super::credentials;
use super::findings::{
    CLOCK, DISK_FULL, LAYER_STORE_REFUSES, MANIFEST_REFUSED, MIRROR_REFUSES, NOT_FOUND_AFTER_PUSH, SIGNATURE_POLICY,
    THROTTLED,
};

/// The finding of a pull of the probe's own image that failed.
pub(super) async fn blame(pod: &dyn Pod, failure: &PullFailure) -> Seen<Finding> {
    let (node, why, asked) = (pod.node(), failure.why(), failure.asked());
    let seen = format!("{node}: {why}");
    let (cause, clock) = (failure.cause(), failure.wrong_clock());
    if cause == PullCause::SecretMalformed {
        return credentials::blame(pod, failure).await;
    }
    let host = asked.host().map(str::to_owned);
    let told = |finding: Finding| match &host {
        Some(host) => finding.with("host", host),
        None => finding.with("host", failure.image.split('/').next().unwrap_or_default()),
    };
    let found = match cause {
        PullCause::Throttled => THROTTLED.found(seen),
        PullCause::DiskFull => DISK_FULL.found(seen),
        PullCause::SignaturePolicy => SIGNATURE_POLICY.found(seen),
        PullCause::ManifestRefused => MANIFEST_REFUSED.found(seen),
        _ => match (&asked, cause) {
            (_, PullCause::CertificateTime) if clock.is_some() => {
                let off = clock.unwrap_or_default();
                CLOCK.found(format!("{node}, whose clock is {off} the API server's: {why}")).with("off", off)
            }
            (Asked::Mirror(_), known) if serves_not(known) => MIRROR_REFUSES.found(seen),
            (Asked::LayerStore(_), known) if serves_not(known) => LAYER_STORE_REFUSES.found(seen),
            (_, PullCause::NotFound) => NOT_FOUND_AFTER_PUSH.found(seen),
            (_, known) if known.is_refusal() => return credentials::blame(pod, failure).await,
            // A host that is out of the node's reach is for registry-path to say, which was asked before.
            _ => return Err(Unseen::unreadable(format!("the pull on {node}"), why)),
        },
    };
    Ok(told(found))
}

/// Whether a host in the registry's place, or behind it, does not give what it is there for.
fn serves_not(cause: PullCause) -> bool {
    !matches!(cause, PullCause::NodeBusy | PullCause::Unknown)
}
