//! Whether a part was refused, or could not be tried.

use ackcheck_core::seat::NoReply;
use ackcheck_core::seat::registry::{BuildPart, BuildPush, RegistryAct, RegistryStep};
use ackcheck_core::verdict::Unseen;

/// The step at which the registry refused a part. What else stopped it says nothing of the part: the registry took the
/// same from the same user a moment ago in Docker's own types.
pub(super) fn refused(push: &BuildPush) -> Result<&RegistryStep, Unseen> {
    let unclear = |why: String| Unseen::unreadable("what current versions of Docker push", why);
    let Some(stopped) = push.conversation.stopped_at() else {
        return Err(unclear("the push did not come to its end".to_owned()));
    };
    let writes = matches!(stopped.act, RegistryAct::Upload | RegistryAct::Manifest);
    let seen = || unclear(format!("{} at {}: {}", stopped.what, stopped.host_name(), stopped.said()));
    match (&stopped.heard, push.part) {
        _ if !writes || stopped.throttled() || stopped.missed_something() => Err(seen()),
        (Ok(reply), BuildPart::LargeLayer) if reply.status == 413 => Ok(stopped),
        // Proxies close the connection on a body that they do not take; twice is no accident.
        (Err(NoReply::Closed { .. }), BuildPart::LargeLayer) => Ok(stopped),
        (_, BuildPart::LargeLayer) => Err(seen()),
        // 401 asks for another login, and 408 for another time.
        (Ok(reply), _) if matches!(reply.status, 400..=499) && !matches!(reply.status, 401 | 408) => Ok(stopped),
        _ => Err(seen()),
    }
}

#[cfg(test)]
mod tests {
    use ackcheck_core::seat::HttpReply;
    use ackcheck_core::seat::registry::{Conversation, RegistryError, RegistryHost};

    use super::*;

    fn stopped(part: BuildPart, act: RegistryAct, status: u16, codes: &str) -> bool {
        let error = |code: &str| RegistryError { code: code.to_owned(), message: String::new() };
        let step = RegistryStep {
            act,
            what: "push".to_owned(),
            host: RegistryHost::Registry,
            url: "https://r.example.com/v2/dss/ackcheck-probe/manifests/sha256:ab".to_owned(),
            heard: Ok(HttpReply { status, headers: Vec::new(), body: String::new() }),
            errors: codes.split_whitespace().map(error).collect(),
            ok: false,
        };
        let conversation = Conversation { steps: vec![step], done: false, granted: None };
        refused(&BuildPush { part, conversation }).is_ok()
    }

    #[test]
    fn only_an_answer_about_the_part_is_a_refusal() {
        use BuildPart::{AttestationArtifact, LargeLayer};
        for (part, act, status, codes, expected) in [
            (AttestationArtifact, RegistryAct::Manifest, 403, "DENIED", true),
            (AttestationArtifact, RegistryAct::Manifest, 400, "MANIFEST_INVALID", true),
            (AttestationArtifact, RegistryAct::Manifest, 415, "", true),
            (AttestationArtifact, RegistryAct::Manifest, 404, "MANIFEST_UNKNOWN", true),
            (AttestationArtifact, RegistryAct::Manifest, 404, "MANIFEST_BLOB_UNKNOWN", false),
            (AttestationArtifact, RegistryAct::Manifest, 400, "DIGEST_INVALID MANIFEST_BLOB_UNKNOWN", false),
            (AttestationArtifact, RegistryAct::Manifest, 400, "DIGEST_INVALID", true),
            (AttestationArtifact, RegistryAct::Manifest, 500, "", false),
            (AttestationArtifact, RegistryAct::Manifest, 401, "UNAUTHORIZED", false),
            (AttestationArtifact, RegistryAct::Manifest, 429, "", false),
            (AttestationArtifact, RegistryAct::StartUpload, 403, "DENIED", false),
            (AttestationArtifact, RegistryAct::Token, 403, "", false),
            (LargeLayer, RegistryAct::Upload, 413, "", true),
            (LargeLayer, RegistryAct::Upload, 400, "", false),
            (LargeLayer, RegistryAct::Upload, 504, "", false),
        ] {
            assert_eq!(stopped(part, act, status, codes), expected, "{part:?} {act:?} {status} {codes}");
        }
    }
}
