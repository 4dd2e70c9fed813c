//! What came back from the endpoint, or did not.

use super::{
    Addressing, Code, Endpoint, EndpointKind, Finding, NO_SUCH_BUCKET, NoReply, PATH_STYLE_REFUSED,
    PUBLIC_ACCESS_CLOSED, StoreReply, StoreTarget, UNREACHABLE, UNRESOLVABLE, WRONG_REGION, found, said,
};

/// The code and the `EC` of data that public endpoints do not serve
/// (<https://www.alibabacloud.com/help/doc-detail/31836.htm>).
const CLOSED: (&str, &str) = ("PublicEndpointForbidden", "0048-00000401");
/// What OSS answers to a bucket in the path
/// (<https://www.alibabacloud.com/help/en/oss/support/http-status-code-403>).
const SECOND_LEVEL: &str = "SecondLevelDomainForbidden";
/// What OSS answers to a host that is neither an endpoint nor a bound domain (the same page).
const NOT_A_HOST: &str = "NonStandardHostForbidden";

/// No answer came.
pub(super) fn unreached(target: &StoreTarget, endpoint: &Endpoint, no_reply: NoReply) -> Finding {
    let text = target.endpoint.trim();
    let (name, said) = match no_reply {
        NoReply::Unresolvable { name, said } => (name, said),
        no_reply => {
            let elsewhere = endpoint.region().zip(target.region.as_deref()).filter(|(there, here)| there != here);
            return match elsewhere.filter(|_| endpoint.kind() == EndpointKind::Internal) {
                Some((there, here)) => {
                    let seen = format!(
                        "{text} is the internal endpoint of {there}, which only answers within that region; this \
                         deployment is in {here} ({no_reply})"
                    );
                    found(&WRONG_REGION, target, seen)
                }
                None => found(by_address(endpoint), target, format!("{text} for {}: {no_reply}", target.bucket)),
            };
        }
    };
    found(&UNRESOLVABLE, target, format!("the name {name} does not resolve: {said}"))
}

/// No certificate of OSS is for an address, and a bucket is not served there: one mistake.
fn by_address(endpoint: &Endpoint) -> &'static Code {
    match endpoint.addressing() {
        Addressing::Path => &PATH_STYLE_REFUSED,
        Addressing::VirtualHost | Addressing::CustomDomain => &UNREACHABLE,
    }
}

/// What the answer says against the endpoint.
pub(super) fn refused(target: &StoreTarget, endpoint: &Endpoint, reply: &StoreReply) -> Option<Finding> {
    let text = target.endpoint.trim();
    if !reply.from_oss() || reply.status >= 500 {
        let seen = format!("the answer of {text} for {} is not a normal answer of OSS: {}", target.bucket, said(reply));
        return Some(found(by_address(endpoint), target, seen));
    }
    let by_path = endpoint.addressing() == Addressing::Path && reply.code.as_deref() == Some(NOT_A_HOST);
    if by_path || reply.code.as_deref() == Some(SECOND_LEVEL) {
        let seen = format!("{text} for {}: {}", target.bucket, said(reply));
        return Some(found(&PATH_STYLE_REFUSED, target, seen));
    }
    if is_closed(reply) {
        return Some(closed(target, reply));
    }
    misplaced(target, text, reply)
}

pub(super) fn is_closed(reply: &StoreReply) -> bool {
    reply.code.as_deref() == Some(CLOSED.0) || reply.ec.as_deref() == Some(CLOSED.1)
}

pub(super) fn closed(target: &StoreTarget, reply: &StoreReply) -> Finding {
    let seen = format!("{} for {}: {}", target.endpoint.trim(), target.bucket, said(reply));
    found(&PUBLIC_ACCESS_CLOSED, target, seen)
}

/// Reports a bucket that is in another region, or does not exist.
fn misplaced(target: &StoreTarget, text: &str, reply: &StoreReply) -> Option<Finding> {
    if reply.code.as_deref() == Some("NoSuchBucket") {
        let seen = format!("OSS does not have a bucket {}: {}", target.bucket, said(reply));
        return Some(found(&NO_SUCH_BUCKET, target, seen));
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
    Some(found(&WRONG_REGION, target, seen).with("right_endpoint", right))
}

/// The internal endpoint of the region that `right` names, where this deployment is in that region.
fn preferred(right: &str, here: Option<&str>) -> String {
    match Endpoint::parse(right).ok().as_ref().and_then(Endpoint::region) {
        Some(region) if Some(region) == here => format!("oss-{region}-internal.aliyuncs.com"),
        _ => right.to_owned(),
    }
}
