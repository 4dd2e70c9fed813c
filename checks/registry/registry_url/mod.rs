//! The repository URL is well formed and names the registry's VPC address in the cluster's region (HOWTO 2.1). Only the
//! text is read; nothing is dialled.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Registry;
use ackcheck_core::verdict::{Code, Judgement, Verdict};

pub(crate) mod address;
mod trials;

use address::{Address, Mistake};

static MALFORMED: Code = Code::fail("malformed", "the repository URL does not have the form host/namespace");
static IMAGE_IN_URL: Code =
    Code::fail("image-in-url", "the repository URL names an image, but DSS appends the image itself");
static OTHER_REGION: Code = Code::fail("other-region", "the registry and the cluster are in different regions");
static PUBLIC_ENDPOINT: Code =
    Code::warn("public-endpoint", "the registry is used through its public address instead of its VPC address");

pub(crate) static CHECK: Check = Check {
    id: "registry-url",
    title: "The repository URL is well formed, in the cluster's region and on a VPC address",
    stage: Stage::Preflight,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(10),
    findings: &[&MALFORMED, &IMAGE_IN_URL, &OTHER_REGION, &PUBLIC_ENDPOINT],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Registry(|context, registry| Box::pin(judge(context, registry))),
};

async fn judge(_: &Context, registry: &dyn Registry) -> Judgement {
    let configured = registry.repository();
    let text = configured.text.as_str();
    let address = match Address::parse(text) {
        Ok(address) => address,
        Err(Mistake::Malformed(why)) => {
            return Ok(MALFORMED.found(format!("the repository URL is {text:?}: {why}")).with("url", text).into());
        }
        Err(Mistake::Image { without }) => {
            let finding = IMAGE_IN_URL.found(format!("the repository URL {text} ends in an image"));
            return Ok(finding.with("right_url", without).into());
        }
    };
    // The address of a registry outside Alibaba Cloud says nothing more. Whether it can be reached, registry-login asks.
    let Some(acr) = &address.acr else { return Ok(Verdict::Pass) };
    let region = configured.region.as_deref().or(acr.region);
    let right_url =
        region.map(|region| format!("{}/{}", acr.vpc_host(address::host_of_tls(address.host), region), address.path));
    let right_url = right_url.unwrap_or_else(|| text.to_owned());
    if let (Some(theirs), Some(ours)) = (acr.region, configured.region.as_deref())
        && theirs != ours
    {
        let finding = OTHER_REGION.found(format!("{} is in {theirs}, the deployment in {ours}", address.host));
        return Ok(finding
            .with("registry_region", theirs)
            .with("our_region", ours)
            .with("right_url", right_url)
            .into());
    }
    if !acr.internal {
        let finding = PUBLIC_ENDPOINT.found(format!("{} is a public address", address.host));
        return Ok(finding.with("right_url", right_url).into());
    }
    Ok(Verdict::Pass)
}
