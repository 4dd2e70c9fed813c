//! What the checks of this area share: asking OSS, and saying how it refused.

use ackcheck_core::seat::store::{Endpoint, StoreReply, StoreRequest, StoreTarget};
use ackcheck_core::seat::{Seen, Store};
use ackcheck_core::verdict::{Code, Finding, Unseen};

use super::refusal::{denied, holder, place_of_deny};

/// The answer of OSS. If OSS no longer answers, or answers with an error of its own, a permission cannot be judged:
/// oss-endpoint saw it answer.
pub(super) async fn ask(store: &dyn Store, target: &StoreTarget, request: StoreRequest) -> Seen<StoreReply> {
    let what = format!("{} on {}", request.right(), target.bucket);
    match store.ask(request.clone()).await? {
        Ok(reply) if reply.from_oss() && reply.status < 500 => Ok(reply),
        Ok(reply) => Err(unexpected(&what, &request, &reply)),
        Err(no_reply) => Err(Unseen::unreadable(what, no_reply.to_string())),
    }
}

/// An answer to this request that the check does not expect.
pub(super) fn unexpected(what: &str, request: &StoreRequest, reply: &StoreReply) -> Unseen {
    if denied(reply) {
        Unseen::denied([request.right_refused(reply)], format!("{what}: {}", said(reply)))
    } else {
        Unseen::unreadable(what, said(reply))
    }
}

/// What OSS said, in one line.
pub(super) fn said(reply: &StoreReply) -> String {
    let code = reply.code.as_deref().unwrap_or("no error code");
    let message = reply.message.as_deref().unwrap_or("no message");
    match &reply.ec {
        Some(ec) => format!("HTTP {} {code}: {message} (EC {ec})", reply.status),
        None => format!("HTTP {} {code}: {message}", reply.status),
    }
}

/// `code`, with the action that was refused, whose the key is and which policies decide.
pub(super) fn refused(
    code: &'static Code,
    target: &StoreTarget,
    request: &StoreRequest,
    reply: &StoreReply,
) -> Finding {
    let action = request.right_refused(reply).to_string();
    let holder = holder(Some(reply), target);
    let (place, show) = place_of_deny(reply.denial.as_ref(), &holder, &target.bucket, &region(target));
    let seen = format!(
        "the AccessKey {} is not allowed to perform {action} on {}: {}",
        target.access_key_id,
        uri(target),
        said(reply)
    );
    about(code.found(seen), target)
        .with("verb", action.trim_start_matches("oss:"))
        .with("action", &action)
        .with("who", holder.who)
        .with("attach", holder.attach)
        .with("holder", holder.option)
        .with("policies", place)
        .with("show_policies", show)
}

/// The region that commands are for.
fn region(target: &StoreTarget) -> String {
    let endpoint = Endpoint::parse(&target.endpoint).ok();
    let region = endpoint.as_ref().and_then(Endpoint::region).or(target.region.as_deref());
    region.unwrap_or("cn-hangzhou").to_owned()
}

/// Gives a finding the facts that every remedy of this area names.
pub(super) fn about(finding: Finding, target: &StoreTarget) -> Finding {
    let objects = match target.prefix.as_str() {
        "" => format!("{}/*", target.bucket),
        prefix => format!("{}/{prefix}/*", target.bucket),
    };
    finding
        .with("label", target.subject.name.as_str())
        .with("bucket", &target.bucket)
        .with("uri", uri(target))
        .with("objects", objects)
        .with("endpoint", target.endpoint.trim())
        .with("oss_region", region(target))
        .with("access_key_id", &target.access_key_id)
}

/// `oss://bucket/prefix`.
pub(super) fn uri(target: &StoreTarget) -> String {
    match target.prefix.as_str() {
        "" => format!("oss://{}", target.bucket),
        prefix => format!("oss://{}/{prefix}", target.bucket),
    }
}
