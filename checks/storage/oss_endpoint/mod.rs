//! The endpoint is the internal endpoint of the bucket's region (HOWTO 3.2, "The endpoint of your bucket").

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::store::{Addressing, Endpoint, StoreReply, StoreRequest, StoreTarget};
use ackcheck_core::seat::{NoReply, Store};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

use super::bucket::{about, said};

mod trials;

static MALFORMED: Code = Code::fail("malformed", "the endpoint is not a domain name");
static BUCKET_IN_ENDPOINT: Code =
    Code::fail("bucket-in-endpoint", "the endpoint already includes the bucket, which is then named twice");
static UNRESOLVABLE: Code = Code::fail("unresolvable", "the endpoint's name does not resolve");
static UNREACHABLE: Code = Code::fail("unreachable", "OSS does not answer at the endpoint");
static WRONG_REGION: Code = Code::fail("wrong-region", "the endpoint belongs to a different region from the bucket");
static NO_SUCH_BUCKET: Code = Code::fail("no-such-bucket", "no bucket has that name");
static SCHEME_OR_SLASH: Code =
    Code::warn("scheme-or-slash", "the endpoint is written as a URL instead of a domain name");
static PUBLIC_ENDPOINT: Code =
    Code::warn("public-endpoint", "the endpoint is public, although DSS is in the bucket's region");

pub(crate) static CHECK: Check = Check {
    id: "oss-endpoint",
    title: "The endpoint is the internal endpoint of the bucket's region",
    stage: Stage::Preflight,
    needs: &[
        &crate::hadoop::connection_root::CHECK,
        &crate::hadoop::connection_endpoint::CHECK,
        &crate::hadoop::connection_settings::CHECK,
    ],
    uses: &[],
    deadline: Duration::from_secs(90),
    findings: &[
        &MALFORMED,
        &BUCKET_IN_ENDPOINT,
        &UNRESOLVABLE,
        &UNREACHABLE,
        &WRONG_REGION,
        &NO_SUCH_BUCKET,
        &SCHEME_OR_SLASH,
        &PUBLIC_ENDPOINT,
    ],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|_, store| Box::pin(judge(store))),
};

async fn judge(store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    let found =
        |code: &'static Code, seen: String| about(code.found(seen), target).with("right_endpoint", internal(target));
    let text = target.endpoint.trim();
    let endpoint = match Endpoint::parse(text) {
        Ok(endpoint) if endpoint.path.trim_matches('/').is_empty() => endpoint,
        Ok(endpoint) => {
            let seen = format!("the endpoint {text:?} of the {} ends in the path {}", target.subject, endpoint.path);
            return Ok(found(&MALFORMED, seen).into());
        }
        Err(why) => {
            return Ok(found(&MALFORMED, format!("the endpoint {text:?} of the {}: {why}", target.subject)).into());
        }
    };
    if let Some(rest) = endpoint.host.strip_prefix(&format!("{}.", target.bucket)) {
        let seen = format!("the endpoint {text} starts with the bucket, so requests go to {}.{text}", target.bucket);
        return Ok(found(&BUCKET_IN_ENDPOINT, seen).with("right_endpoint", rest).into());
    }
    let reply = match store.ask(StoreRequest::BucketInfo).await? {
        Ok(reply) => reply,
        Err(NoReply::Unresolvable { name, said }) => {
            return Ok(found(&UNRESOLVABLE, format!("the name {name} does not resolve: {said}")).into());
        }
        Err(no_reply) => {
            let elsewhere = endpoint.region().zip(target.region.as_deref()).filter(|(there, here)| there != here);
            return Ok(match elsewhere.filter(|_| endpoint.internal()) {
                Some((there, here)) => {
                    let seen = format!(
                        "{text} is the internal endpoint of {there}, which only answers within that region; this \
                         deployment is in {here} ({no_reply})"
                    );
                    found(&WRONG_REGION, seen)
                }
                None => found(&UNREACHABLE, format!("{text} for {}: {no_reply}", target.bucket)),
            }
            .into());
        }
    };
    if !reply.from_oss() || reply.status >= 500 {
        let seen =
            format!("the answer of {text} for {} is not a normal answer of OSS: {}", target.bucket, said(&reply));
        return Ok(found(&UNREACHABLE, seen).into());
    }
    if let Some(finding) = misplaced(target, text, &reply) {
        return Ok(finding.into());
    }
    if endpoint.scheme.is_some() || !endpoint.path.is_empty() {
        let seen = format!("the endpoint of the {} is {text:?}", target.subject);
        return Ok(found(&SCHEME_OR_SLASH, seen).with("right_endpoint", endpoint.host).into());
    }
    let at_home = endpoint.region().zip(target.region.as_deref()).is_none_or(|(there, here)| there == here);
    if endpoint.addressing() == Addressing::VirtualHost && !endpoint.internal() && at_home {
        let seen = format!("{text} is a public endpoint, although the bucket {} is in this region", target.bucket);
        return Ok(found(&PUBLIC_ENDPOINT, seen).into());
    }
    Ok(Verdict::Pass)
}

/// Reports a bucket that is in another region, or does not exist.
fn misplaced(target: &StoreTarget, text: &str, reply: &StoreReply) -> Option<Finding> {
    if reply.code.as_deref() == Some("NoSuchBucket") {
        let seen = format!("OSS does not have a bucket {}: {}", target.bucket, said(reply));
        return Some(about(NO_SUCH_BUCKET.found(seen), target).with("right_endpoint", internal(target)));
    }
    let elsewhere = reply.message.as_deref().is_some_and(|message| message.contains("using the specified endpoint"));
    if reply.endpoint.is_none() && !elsewhere {
        return None;
    }
    let right = reply.endpoint.as_deref().map(|right| preferred(right, target.region.as_deref()));
    let seen = match &right {
        Some(right) => format!("the bucket {} is not at {text}; its endpoint is {right}", target.bucket),
        None => {
            format!("the bucket {} is not at {text}, and OSS does not say where it is: {}", target.bucket, said(reply))
        }
    };
    let right = right.unwrap_or_else(|| "the-endpoint-of-its-region".to_owned());
    Some(about(WRONG_REGION.found(seen), target).with("right_endpoint", right))
}

/// The internal endpoint of the region that `right` names, where this deployment is in that region.
fn preferred(right: &str, here: Option<&str>) -> String {
    match Endpoint::parse(right).ok().as_ref().and_then(Endpoint::region) {
        Some(region) if Some(region) == here => format!("oss-{region}-internal.aliyuncs.com"),
        _ => right.to_owned(),
    }
}

/// The endpoint that a bucket of the deployment's own region should have.
fn internal(target: &StoreTarget) -> String {
    let endpoint = Endpoint::parse(target.endpoint.trim()).ok();
    let region = target.region.as_deref().or(endpoint.as_ref().and_then(Endpoint::region));
    region.map_or_else(
        || "oss-REGION-internal.aliyuncs.com".to_owned(),
        |region| format!("oss-{region}-internal.aliyuncs.com"),
    )
}
