//! Where images go and pods run: repository, pull secret and namespaces.

use ackcheck_core::config::Config;
use ackcheck_core::seat::dss::containers::{Configuration, Configurations, spark};

use super::comparison::{Comparison, describe};
use super::has_variables;

/// Compares `[registry]` and `[cluster]` with each configuration that starts pods.
pub(super) fn compare(comparison: &mut Comparison, config: &Config, found: &Configurations) {
    let managed = || found.list.iter().filter(|one| one.managed);
    if let Some(registry) = &config.registry {
        repository(comparison, &registry.url, found);
    }
    let Some(cluster) = &config.cluster else { return };
    if let Some(secret) = &cluster.pull_secret {
        for (one, theirs) in managed().filter_map(|one| Some((one, one.pull_secret.as_ref()?))) {
            match theirs == secret || has_variables(theirs) {
                true => comparison.same(),
                false => {
                    let key = "`pull_secret` in [cluster]";
                    differs(comparison, &super::REPOSITORY_DIFFERS, "the pull secret", (one, theirs), (key, secret));
                }
            }
        }
    }
    // Without namespaces in the site file there is nothing to compare.
    if cluster.namespaces.is_empty() {
        return;
    }
    let mut told: Vec<&str> = Vec::new();
    for (one, theirs) in found.list.iter().filter_map(|one| Some((one, namespace(one)?))) {
        if cluster.namespaces.iter().any(|known| known == theirs) {
            comparison.same();
        } else if !has_variables(theirs) && !told.contains(&theirs) {
            told.push(theirs);
            let site = cluster.namespaces.join(", ");
            let key = "`namespaces` in [cluster]";
            differs(comparison, &super::NAMESPACE_DIFFERS, "the namespace", (one, theirs), (key, &site));
        }
    }
}

/// The namespace of its pods. Where DSS does not manage them, Spark takes its own.
fn namespace(one: &Configuration) -> Option<&str> {
    match one.managed {
        true => one.namespace.as_deref(),
        false => one.text(spark::NAMESPACE).filter(|_| one.text(spark::MASTER).is_some_and(|it| it.starts_with("k8s"))),
    }
}

/// A repository is another one by its address too: what of the VPC can be reached, its public address need not be.
fn repository(comparison: &mut Comparison, site: &str, found: &Configurations) {
    let stated = found.list.iter().filter(|one| one.managed);
    let stated = stated.flat_map(|one| one.repositories.iter().map(move |url| (one, url.as_str())));
    let stated: Vec<_> = stated.filter(|(_, url)| !has_variables(url)).collect();
    let known = stated.iter().any(|(_, url)| plain(url) == plain(site));
    if known {
        comparison.same();
    }
    let mut told: Vec<String> = Vec::new();
    for (one, theirs) in stated {
        if plain(theirs) == plain(site) || told.contains(&plain(theirs)) {
            continue;
        }
        told.push(plain(theirs));
        let code = if known { &super::REPOSITORY_NOT_ASKED } else { &super::REPOSITORY_DIFFERS };
        differs(comparison, code, "the repository", (one, theirs), ("`url` in [registry]", site));
    }
}

/// A host's name has no case, and 443 is the port that it has anyway. A slash at the end of the URL, and a user and a password before it, are registry-url's to
/// judge; the seat keeps those of DSS to itself.
fn plain(url: &str) -> String {
    let url = url.trim().trim_end_matches('/');
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = host.strip_suffix(":443").unwrap_or(host);
    format!("{scheme}://{}/{path}", host.to_ascii_lowercase())
}

fn differs(
    comparison: &mut Comparison,
    code: &'static ackcheck_core::verdict::Code,
    what: &str,
    (one, theirs): (&Configuration, &str),
    (key, site): (&str, &str),
) {
    let seen = format!("{what} of DSS's {} {} is {theirs}, but {key} of the site file is {site}", one.kind, one.name);
    let finding = comparison.differs(code, seen);
    let of = format!("{} {}", one.kind, one.name);
    describe(finding, &[("what", what), ("dss_value", theirs), ("site_value", site), ("of", &of), ("key", key)]);
}

#[cfg(test)]
#[path = "repositories_tests.rs"]
mod tests;
