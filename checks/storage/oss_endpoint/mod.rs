//! The endpoint is the internal endpoint of the bucket's region (HOWTO 3.2, "The endpoint of your bucket").

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::store::{Addressing, Endpoint, EndpointKind, StoreReply, StoreRequest, StoreTarget};
use ackcheck_core::seat::{NoReply, Store};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

use super::bucket::{about, ask, said};

mod answered;
mod text;
mod trials;

static MALFORMED: Code = Code::fail("malformed", "the endpoint is not a domain name");
static PLACEHOLDER: Code =
    Code::fail("placeholder", "the endpoint still has what the documentation prints in its place");
static OSS_HDFS: Code = Code::fail("oss-hdfs", "the endpoint is of OSS-HDFS, which the HOWTO's connector cannot speak");
static BUCKET_IN_ENDPOINT: Code =
    Code::fail("bucket-in-endpoint", "the endpoint already includes the bucket, which is then named twice");
static PATH_STYLE_REFUSED: Code =
    Code::fail("path-style-refused", "the endpoint is an address, and OSS refuses buckets that are named in the path");
static UNRESOLVABLE: Code = Code::fail("unresolvable", "the endpoint's name does not resolve");
static UNREACHABLE: Code = Code::fail("unreachable", "OSS does not answer at the endpoint");
static WRONG_REGION: Code = Code::fail("wrong-region", "the endpoint belongs to a different region from the bucket");
static NO_SUCH_BUCKET: Code = Code::fail("no-such-bucket", "no bucket has that name");
static PUBLIC_ACCESS_CLOSED: Code =
    Code::fail("public-access-closed", "OSS does not serve this account's data at public endpoints");
static SCHEME_OR_SLASH: Code =
    Code::warn("scheme-or-slash", "the endpoint is written as a URL instead of a domain name");
static PUBLIC_ENDPOINT: Code =
    Code::warn("public-endpoint", "the endpoint is public, although DSS is in the bucket's region");
static ACCELERATE: Code =
    Code::warn("accelerate", "the endpoint is that of transfer acceleration, which goes through the public network");

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
        &PLACEHOLDER,
        &OSS_HDFS,
        &BUCKET_IN_ENDPOINT,
        &PATH_STYLE_REFUSED,
        &UNRESOLVABLE,
        &UNREACHABLE,
        &WRONG_REGION,
        &NO_SUCH_BUCKET,
        &PUBLIC_ACCESS_CLOSED,
        &SCHEME_OR_SLASH,
        &PUBLIC_ENDPOINT,
        &ACCELERATE,
    ],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|_, store| Box::pin(judge(store))),
};

async fn judge(store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    let endpoint = match text::read(target) {
        Ok(endpoint) => endpoint,
        Err(finding) => return Ok(finding.into()),
    };
    let reply = match store.ask(StoreRequest::BucketInfo).await? {
        Ok(reply) => reply,
        Err(no_reply) => return Ok(answered::unreached(target, &endpoint, no_reply).into()),
    };
    if let Some(finding) = answered::refused(target, &endpoint, &reply) {
        return Ok(finding.into());
    }
    if endpoint.kind() == EndpointKind::Public {
        // The closure is of data, not of what is known about a bucket.
        let listed = ask(store, target, StoreRequest::List).await?;
        if answered::is_closed(&listed) {
            return Ok(answered::closed(target, &listed).into());
        }
    }
    Ok(flaw(target, &endpoint).map_or(Verdict::Pass, Verdict::from))
}

/// What is not as it should be with an endpoint that works.
fn flaw(target: &StoreTarget, endpoint: &Endpoint) -> Option<Finding> {
    let text = target.endpoint.trim();
    if endpoint.scheme.is_some() || !endpoint.path.is_empty() {
        let seen = format!("the endpoint of the {} is {text:?}", target.subject);
        return Some(found(&SCHEME_OR_SLASH, target, seen).with("right_endpoint", &endpoint.host));
    }
    let at_home = endpoint.region().zip(target.region.as_deref()).is_none_or(|(there, here)| there == here);
    match endpoint.kind() {
        EndpointKind::Acceleration => {
            let seen = format!("{text} of the {} is the endpoint of transfer acceleration", target.subject);
            Some(found(&ACCELERATE, target, seen))
        }
        EndpointKind::Public if at_home => {
            let seen = format!("{text} is a public endpoint, although the bucket {} is in this region", target.bucket);
            Some(found(&PUBLIC_ENDPOINT, target, seen))
        }
        _ => None,
    }
}

/// With the endpoint that a bucket of the deployment's own region should have.
fn found(code: &'static Code, target: &StoreTarget, seen: String) -> Finding {
    let endpoint = Endpoint::parse(&target.endpoint).ok();
    let region = target.region.as_deref().or(endpoint.as_ref().and_then(Endpoint::region)).unwrap_or("REGION");
    about(code.found(seen), target).with("right_endpoint", format!("oss-{region}-internal.aliyuncs.com"))
}
