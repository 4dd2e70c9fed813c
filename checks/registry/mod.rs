//! The image registry, usually Container Registry (ACR).

use ackcheck_core::check::Check;
use ackcheck_core::seat::registry::RepositoryUrl;
use ackcheck_core::verdict::Finding;

pub(crate) mod base_images;
mod insecure;
pub(crate) mod pull_secret_lasts;
pub(crate) mod registry_login;
pub(crate) mod registry_pull;
pub(crate) mod registry_push;
pub(crate) mod registry_takes_builds;
pub(crate) mod registry_url;
mod wanted;

use registry_url::address::Address;

pub(crate) static CHECKS: &[&Check] = &[
    &registry_url::CHECK,
    &registry_login::CHECK,
    &registry_push::CHECK,
    &registry_takes_builds::CHECK,
    &registry_pull::CHECK,
    &base_images::CHECK,
    &pull_secret_lasts::CHECK,
];

/// The host without its port, for name servers.
fn without_port(host: &str) -> &str {
    host.split(':').next().unwrap_or(host)
}

/// Gives a finding the facts that the remedies of this area name: the registry, its namespace, instance and region, and
/// the user.
fn described(finding: Finding, site: &RepositoryUrl) -> Finding {
    let (host, path) = site.text.split_once('/').unwrap_or((&site.text, ""));
    let acr = Address::parse(&site.text).ok().and_then(|address| address.acr);
    let instance = acr.as_ref().and_then(|acr| acr.instance).unwrap_or("INSTANCE_NAME");
    let region = acr.as_ref().and_then(|acr| acr.region).or(site.region.as_deref()).unwrap_or("REGION");
    let username = site.username.as_deref().unwrap_or("");
    finding
        .with("registry_host", host)
        .with("registry_name", without_port(host))
        .with("acr_namespace", path.split('/').next().unwrap_or(""))
        .with("instance", instance)
        .with("acr_region", region)
        .with("username", username)
        .with("ram_user", username.split('@').next().unwrap_or(""))
}
