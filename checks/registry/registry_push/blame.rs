//! What a push stopped at, and what that says of the registry.

use ackcheck_core::seat::NoReply;
use ackcheck_core::seat::registry::{Conversation, RegistryAct, RegistryStep};
use ackcheck_core::verdict::{Finding, Unseen};

use super::{BODY_LIMIT, DENIED, NOT_CREATED, QUOTA, READ_ONLY, TAG_IMMUTABLE, THROTTLED, UNAUTHORIZED, UPLOAD_FAILS};

/// What is wrong, from the step that stopped the push.
pub(super) fn blame(push: &Conversation, stopped: &RegistryStep) -> Result<Finding, Unseen> {
    let seen = format!("{} at {}: {}", stopped.what, stopped.host_name(), stopped.said());
    let status = stopped.heard.as_ref().map_or(0, |reply| reply.status);
    let gone = push.repository_is_there() == Some(false);
    let writes = matches!(
        stopped.act,
        RegistryAct::StartUpload
            | RegistryAct::Upload
            | RegistryAct::Manifest
            | RegistryAct::List
            | RegistryAct::Overwrite
    );
    if matches!(&stopped.heard, Err(NoReply::TimedOut { .. })) {
        // Docker waits longer than `[limits] request`.
        return Err(Unseen::unreadable("the push", seen));
    }
    Ok(match stopped.act {
        _ if stopped.throttled() => THROTTLED.found(seen),
        _ if writes && (status == 507 || status >= 400 && tells_of_a_quota(stopped)) => QUOTA.found(seen),
        _ if writes && (status == 413 || status >= 400 && tells_of_a_size(stopped)) => BODY_LIMIT.found(seen),
        _ if writes && (tells_of_no_writing(stopped) || status == 405) && !push.wrote() => READ_ONLY.found(seen),
        // Registries report this differently. What tells is that the same token pushed the tag a moment ago.
        RegistryAct::Overwrite if (400..500).contains(&status) && status != 408 => TAG_IMMUTABLE.found(seen),
        RegistryAct::StartUpload if status == 404 && gone => NOT_CREATED.found(seen),
        RegistryAct::StartUpload if stopped.refused() && gone && grants_push(push) => NOT_CREATED.found(seen),
        RegistryAct::Challenge | RegistryAct::Enter if !stopped.refused() => {
            // The login succeeded a moment ago.
            return Err(Unseen::unreadable("the push", seen));
        }
        RegistryAct::Token if !stopped.refused() => return Err(Unseen::unreadable("the push", seen)),
        _ if stopped.refused() && push.asked_late().is_some() && !push.proved() => UNAUTHORIZED.found(seen),
        _ if stopped.refused() => {
            let grants = match &push.granted {
                Some(actions) if actions.is_empty() => "; the token grants no access to it".to_owned(),
                Some(actions) => format!("; the token grants {}", actions.join(",")),
                None => String::new(),
            };
            DENIED.found(format!("{seen}{grants}"))
        }
        _ => UPLOAD_FAILS.found(seen),
    })
}

fn grants_push(push: &Conversation) -> bool {
    push.granted.as_ref().is_some_and(|actions| actions.iter().any(|action| action == "push"))
}

/// What it was answered, in lower case, without the repository's name: a team may be called quota.
fn words(stopped: &RegistryStep) -> String {
    let path = stopped.url.split_once("/v2/").map_or("", |(_, path)| path);
    let name = path.split("/blobs/").next().and_then(|path| path.split("/manifests/").next()).unwrap_or_default();
    let namespace = name.rsplit_once('/').map_or("", |(namespace, _)| namespace);
    let said = stopped.said();
    let said = if name.is_empty() { said } else { said.replace(name, "") };
    let said = if namespace.is_empty() { said } else { said.replace(namespace, "") };
    said.to_lowercase()
}

/// Registries and proxies say it each in their own words (Harbor: "will exceed the configured upper limit").
fn tells_of_a_quota(stopped: &RegistryStep) -> bool {
    let said = words(stopped);
    let full = ["quota", "exceed the configured upper limit", "storage limit", "no space left", "insufficient storage"];
    full.iter().any(|words| said.contains(words))
}

/// Proxies that answer 400 or 500 to what is too large for them, in the words of Go, nginx, Envoy and Tomcat.
fn tells_of_a_size(stopped: &RegistryStep) -> bool {
    let said = words(stopped);
    let large = [
        "body too large",
        "body is too large",
        "entity too large",
        "payload too large",
        "content too large",
        "exceeds the configured maximum",
    ];
    large.iter().any(|words| said.contains(words))
}

/// Distribution in maintenance answers 405 UNSUPPORTED, others 501 or 503, and many say so.
fn tells_of_no_writing(stopped: &RegistryStep) -> bool {
    let said = words(stopped);
    let status = stopped.heard.as_ref().map_or(0, |reply| reply.status);
    status == 501
        || status >= 400 && ["read-only", "read only", "readonly", "maintenance"].iter().any(|word| said.contains(word))
}

#[cfg(test)]
mod tests {
    use ackcheck_core::seat::HttpReply;
    use ackcheck_core::seat::registry::{RegistryError, RegistryHost};

    use super::*;

    fn step(act: RegistryAct, status: u16, error: Option<(&str, &str)>) -> RegistryStep {
        let said = |(code, message): (&str, &str)| RegistryError { code: code.to_owned(), message: message.to_owned() };
        RegistryStep {
            act,
            what: "push".to_owned(),
            host: RegistryHost::Registry,
            url: "https://r.example.com/v2/quota-team/ackcheck-probe/blobs/uploads/".to_owned(),
            heard: Ok(HttpReply { status, headers: Vec::new(), body: String::new() }),
            errors: error.map(said).into_iter().collect(),
            ok: status < 300,
        }
    }

    /// The finding of a push that had begun to write, or had not.
    fn found(begun: bool, act: RegistryAct, status: u16, error: Option<(&str, &str)>) -> Option<&'static str> {
        let mut steps = vec![step(RegistryAct::Challenge, 401, None), step(RegistryAct::Token, 200, None)];
        steps.extend(begun.then(|| step(RegistryAct::StartUpload, 202, None)));
        steps.push(step(act, status, error));
        let push = Conversation { steps, done: false, granted: None };
        blame(&push, push.stopped_at()?).ok().map(|finding| finding.code.name)
    }

    #[test]
    fn a_time_limit_of_ours_is_nobodys_fault() {
        let after = std::time::Duration::from_secs(15);
        let blamed = |no_reply| {
            let stopped = RegistryStep { heard: Err(no_reply), ..step(RegistryAct::Upload, 0, None) };
            let push = Conversation { steps: vec![stopped.clone()], done: false, granted: None };
            blame(&push, &stopped).ok().map(|finding| finding.code.name)
        };
        let blamed = (blamed(NoReply::TimedOut { after }), blamed(NoReply::NotConnected { after }));
        assert_eq!(blamed, (None, Some("upload-fails")));
    }

    #[test]
    fn the_answer_and_where_it_came_say_what_is_wrong() {
        use RegistryAct::{Overwrite, StartUpload, Upload};
        for (begun, act, status, error, expected) in [
            (true, Overwrite, 429, None, "throttled"),
            (true, Overwrite, 403, Some(("toomanyrequests", "slow down")), "throttled"),
            (true, Overwrite, 403, Some(("DENIED", "the tag is immutable")), "tag-immutable"),
            (true, Overwrite, 409, None, "tag-immutable"),
            (true, Overwrite, 405, Some(("UNSUPPORTED", "tag cannot be overwritten")), "tag-immutable"),
            (true, Overwrite, 408, None, "upload-fails"),
            (true, Overwrite, 503, None, "upload-fails"),
            (false, StartUpload, 405, Some(("UNSUPPORTED", "The operation is unsupported.")), "read-only"),
            (false, StartUpload, 501, None, "read-only"),
            (false, StartUpload, 503, Some(("DENIED", "The system is in read only mode")), "read-only"),
            (false, StartUpload, 503, None, "upload-fails"),
            (false, StartUpload, 403, Some(("DENIED", "requested access is denied")), "denied"),
            (false, StartUpload, 403, Some(("DENIED", "quota-team/ackcheck-probe is denied")), "denied"),
            (false, StartUpload, 403, Some(("DENIED", "the quota of repositories is exceeded")), "quota"),
            (true, Upload, 507, None, "quota"),
            (true, Upload, 500, Some(("UNKNOWN", "no space left on device")), "quota"),
            (true, Upload, 413, None, "body-limit"),
            (true, Upload, 400, Some(("UNKNOWN", "http: request body too large")), "body-limit"),
            (true, Upload, 500, Some(("UNKNOWN", "413 Request Entity Too Large")), "body-limit"),
            (
                true,
                Upload,
                500,
                Some(("UNKNOWN", "the request was rejected because its size (9) exceeds the configured maximum (8)")),
                "body-limit",
            ),
            (true, Overwrite, 400, Some(("UNKNOWN", "Payload Too Large")), "body-limit"),
            (false, StartUpload, 503, Some(("UNKNOWN", "Nexus Repository Manager is in read-only mode")), "read-only"),
            (
                false,
                StartUpload,
                403,
                Some((
                    "DENIED",
                    "adding 3 MiB of storage resource, which when updated to current usage of 1 GiB will exceed the configured upper limit of 1 GiB.",
                )),
                "quota",
            ),
            (true, Upload, 400, Some(("DIGEST_INVALID", "provided digest did not match")), "upload-fails"),
        ] {
            assert_eq!(found(begun, act, status, error), Some(expected), "{act:?} {status} {error:?}");
        }
    }
}
