//! Each namespace that DSS works in admits the pods that DSS starts: the API is asked to create each kind of them without
//! keeping it. Where DSS's settings are not described, the pods are those of a DSS with nothing set.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::cluster::admission::{Admission, Admitted, Trial};
use ackcheck_core::seat::dss::pods::PodOfDss;
use ackcheck_core::seat::{Cluster, cluster};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

use super::pods_of_dss::{self, pods_of_dss, site_repository};

mod refusal;
mod trials;

static NAMESPACE_MISSING: Code = Code::fail("namespace-missing", "the namespace does not exist");
static TERMINATING: Code = Code::fail("terminating", "the namespace is being deleted");
static QUOTA: Code = Code::fail("quota", "a quota of the namespace does not leave room for a pod of DSS");
static LIMIT_RANGE: Code =
    Code::fail("limit-range", "a LimitRange of the namespace does not allow what a pod of DSS requests");
static SERVICE_ACCOUNT_MISSING: Code =
    Code::fail("service-account-missing", "the service account that a pod of DSS runs as does not exist");
static WEBHOOK_SILENT: Code =
    Code::fail("webhook-silent", "an admission webhook does not answer, so the API does not create any pod");
static POLICY: Code = Code::fail("policy", "a policy of the cluster refuses the pods of DSS");
static SECURITY_CONTEXT: Code = Code::warn(
    "security-context",
    "the namespace only admits pods with a security context, and DSS is not known to give its pods one",
);
static IMAGE_REWRITTEN: Code =
    Code::warn("image-rewritten", "the cluster replaces the image of DSS's pods with another");
static SIDECAR_INJECTED: Code = Code::warn("sidecar-injected", "the cluster adds containers to the pods of DSS");

pub(crate) static CHECK: Check = Check {
    id: "dss-pod-admitted",
    title: "The namespace admits the pods that DSS starts",
    stage: Stage::Preflight,
    needs: &[&super::pods_allowed::CHECK],
    uses: &[&cluster::DRY_RUN],
    deadline: Duration::from_secs(240),
    findings: &[
        &NAMESPACE_MISSING,
        &TERMINATING,
        &QUOTA,
        &LIMIT_RANGE,
        &SERVICE_ACCOUNT_MISSING,
        &WEBHOOK_SILENT,
        &POLICY,
        &SECURITY_CONTEXT,
        &IMAGE_REWRITTEN,
        &SIDECAR_INJECTED,
    ],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachNamespace(|context, cluster, namespace| Box::pin(judge(context, cluster, namespace))),
};

async fn judge(context: &Context, cluster: &dyn Cluster, namespace: &str) -> Judgement {
    let first = cluster.namespaces().first().is_some_and(|first| first == namespace);
    let here = |pod: &PodOfDss| pod.namespace.as_deref().map_or(first, |own| own == namespace);
    // What DSS's settings are is for other checks to say; whether pods are admitted at all can be said without them.
    let mut pods = pods_of_dss(context).await.unwrap_or_default();
    pods.retain(here);
    if pods.is_empty() {
        pods = PodOfDss::with_nothing_set();
    }
    let creates = pods.iter().any(|pod| pod.settings.creates_namespace);
    let mut findings: Vec<Finding> = Vec::new();
    let (tried, untried) = pods_of_dss::tried(&pods);
    for pod in tried {
        let image = pod.image(site_repository(context));
        let trial = Trial { namespace, pod, image: &image, confined: false };
        let found = match cluster.dry_run(trial).await? {
            Admission::Admitted(admitted) => changed(&image, &admitted),
            Admission::Refused(refused) => match refusal::finding(namespace, pod, &refused)? {
                policy if policy.code == &POLICY => Some(confined(cluster, trial, policy).await?),
                other => Some(other),
            },
        };
        let found = found.map(|finding| finding.with("namespace", namespace).with("pod", pod.of.as_str()));
        match found {
            Some(missing) if missing.code == &NAMESPACE_MISSING && creates => {
                let why = format!("the namespace {namespace} does not exist yet, and DSS is set to create it");
                return Ok(Verdict::NotApplicable(why.into()));
            }
            // What refuses every pod refuses the others as well.
            Some(all) if [&NAMESPACE_MISSING, &TERMINATING, &WEBHOOK_SILENT].contains(&all.code) => {
                return Ok(all.into());
            }
            other => findings.extend(other),
        }
    }
    Finding::gravest(findings).map_or(untried.map_or(Ok(Verdict::Pass), Err), |finding| Ok(finding.into()))
}

/// What a policy wants, if a security context is all that it wants: then it is not known to refuse the pods of DSS.
async fn confined(cluster: &dyn Cluster, trial: Trial<'_>, policy: Finding) -> Result<Finding, Unseen> {
    match cluster.dry_run(Trial { confined: true, ..trial }).await? {
        Admission::Refused(_) => Ok(policy),
        Admission::Admitted(_) => Ok(Finding { code: &SECURITY_CONTEXT, ..policy }),
    }
}

/// What admission did to the pod that DSS does not expect.
fn changed(image: &str, admitted: &Admitted) -> Option<Finding> {
    if !admitted.added.is_empty() {
        let added = admitted.added.join(", ");
        return Some(
            SIDECAR_INJECTED.found(format!("the pod gets these containers besides: {added}")).with("added", added),
        );
    }
    (admitted.image != image).then(|| {
        let seen = format!("the image {image} becomes {}", admitted.image);
        IMAGE_REWRITTEN.found(seen).with("image", image).with("becomes", admitted.image.as_str())
    })
}
