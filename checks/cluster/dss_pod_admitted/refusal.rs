//! Who refused a pod, by the words that Kubernetes' own admission plugins and the API server use: a quota, a LimitRange,
//! a webhook, a policy. The words of the versions 1.20 to 1.34 are alike in what is looked for.

use ackcheck_core::seat::cluster::admission::Refused;
use ackcheck_core::seat::dss::pods::PodOfDss;
use ackcheck_core::verdict::{Finding, Unseen};

use super::{LIMIT_RANGE, NAMESPACE_MISSING, POLICY, QUOTA, SERVICE_ACCOUNT_MISSING, TERMINATING, WEBHOOK_SILENT};

/// Plugins that refuse a pod for what it asks of the namespace.
const QUOTAS: [&str; 4] =
    ["exceeded quota:", "failed quota:", "status unknown for quota:", "insufficient quota to match these scopes"];
const LIMIT_RANGES: [&str; 3] = ["usage per Container is ", "usage per Pod is ", "max limit to request ratio per "];
/// What the API says of a pod that requests more than its limit. A limit that DSS did not set is a LimitRange's default.
const ABOVE_LIMIT: [&str; 2] = ["must be less than or equal to ", " limit"];
/// A webhook that the API could not ask.
const NO_WEBHOOK: [&str; 2] = ["failed calling webhook ", "failed to call webhook"];
/// Those that refuse whatever their rules say: webhooks, Pod Security, Pod Security Policies, policies in CEL.
const POLICIES: [&str; 5] = [
    "denied the request",
    "denied request",
    "violates PodSecurity ",
    "PodSecurityPolicy: ",
    "image policy webhook backend denied",
];
/// Whoever refuses in these words adds its own, which may be any: of a quota that it keeps itself, say.
const IN_OWN_WORDS: [&str; 2] = ["denied the request", "denied request: "];

/// What the refusal means.
///
/// # Errors
/// Where it says nothing about pods of DSS: of a dry run alone, or of the pod that ackcheck made.
pub(super) fn finding(namespace: &str, pod: &PodOfDss, refused: &Refused) -> Result<Finding, Unseen> {
    let said = refused.said.trim();
    let holds = |all: &[&str]| all.iter().any(|words| said.contains(words));
    let found = |code: &'static ackcheck_core::verdict::Code| {
        Ok(code.found(format!("{namespace} refuses a pod of {}: {said}", pod.of)).with("said", said))
    };
    let named = between_quotes(said);
    let own_words =
        holds(&IN_OWN_WORDS) && (said.starts_with("admission webhook ") || said.contains("AdmissionPolicy '"));
    if own_words {
        found(&POLICY)
    } else if refused.code == 404 && said.starts_with("namespaces ") {
        found(&NAMESPACE_MISSING)
    } else if holds(&["because it is being terminated"]) {
        found(&TERMINATING)
    } else if said.contains("does not support dry run") {
        Err(unjudged(namespace, format!("a webhook of the cluster takes no dry run, so it was not asked: {said}")))
    } else if holds(&NO_WEBHOOK) {
        found(&WEBHOOK_SILENT).map(|finding| finding.with("webhook", named.unwrap_or("WEBHOOK")))
    } else if holds(&QUOTAS) {
        found(&QUOTA)
    } else if holds(&LIMIT_RANGES) || above_default_limit(pod, said) {
        found(&LIMIT_RANGE)
    } else if holds(&["error looking up service account"]) {
        let account = pod.service_account.as_deref().unwrap_or("default");
        found(&SERVICE_ACCOUNT_MISSING).map(|finding| finding.with("account", account))
    } else if holds(&POLICIES) || refused.code == 403 && said.contains(" is forbidden: ") {
        found(&POLICY)
    } else {
        // An invalid pod, a server that is busy, a page of a proxy: no word about what DSS would meet.
        Err(unjudged(namespace, format!("{} {said}", refused.code)))
    }
}

/// Whether the pod requests more of a resource than a limit that it was given on the way.
fn above_default_limit(pod: &PodOfDss, said: &str) -> bool {
    let resource = said.split_once(ABOVE_LIMIT[0]).and_then(|(_, rest)| rest.split_once(ABOVE_LIMIT[1]));
    resource.is_some_and(|(resource, _)| {
        pod.settings.placement.requests.contains_key(resource) && !pod.settings.limits.contains_key(resource)
    })
}

fn unjudged(namespace: &str, why: String) -> Unseen {
    Unseen::unreadable(format!("a dry run in {namespace}"), why)
}

/// The first name in quotes.
fn between_quotes(said: &str) -> Option<&str> {
    said.split('"').nth(1).filter(|name| !name.is_empty())
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
