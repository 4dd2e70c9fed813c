//! What a site file leaves to DSS (`from = "dss"`), asked before a run.

use std::sync::Arc;

use super::dss;
use super::wire::Wire;
use ackcheck_core::config::{Config, ConfigErrors, ToldByDss};
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::Dss as _;
use ackcheck_core::seat::dss::containers::Configuration;
use ackcheck_core::secret::{SCRUBBED, Scrubber};

/// Fills in every key that the site file leaves to DSS. Asks nobody where there is none.
///
/// # Errors
/// Where DSS does not tell one, or cannot be asked; each with its place in the site file.
pub async fn fill(config: &mut Config, scrubber: &Scrubber) -> Result<(), ConfigErrors> {
    if config.from_dss.is_empty() {
        return Ok(());
    }
    let told = ask(config, scrubber).await;
    config.fill_from_dss(told)
}

async fn ask(config: &Config, scrubber: &Scrubber) -> Result<ToldByDss, String> {
    let wire = Wire::new(Arc::new(config.clone())).map_err(|broken| broken.to_string())?;
    let seat = dss::Source::new(&wire).open(Journal::new(scrubber.clone())).map_err(|unseen| unseen.to_string())?;
    let found = seat.configurations().await.map_err(|unseen| unseen.to_string())?;
    Ok(told(&found.list, found.default_cluster.is_some()))
}

/// What configurations tell: each value once, in their order; what is written with variables is nobody's. A cluster that
/// DSS manages brings a kubeconfig of its own.
pub(crate) fn told(list: &[Configuration], managed_cluster: bool) -> ToldByDss {
    let used: Vec<&Configuration> = list.iter().filter(|one| one.managed).collect();
    let written = |text: &&String| !text.contains("${") && !text.contains("%{");
    let distinct = |all: Vec<String>| {
        let mut once: Vec<String> = Vec::new();
        all.into_iter().for_each(|one| {
            if !once.contains(&one) {
                once.push(one)
            }
        });
        once
    };
    // DSS's own has no user: docker is logged in to it.
    let without_user = |url: &String| url.replace(&format!("{SCRUBBED}@"), "");
    let repositories = used.iter().flat_map(|one| &one.repositories).filter(written).map(without_user);
    let namespaces = used.iter().filter_map(|one| one.namespace.as_ref()).filter(written).cloned();
    let named = used.iter().filter(|_| !managed_cluster);
    let kubeconfig = named.clone().find_map(|one| {
        let path = one.kubeconfig.as_ref().filter(written)?;
        Some((path.into(), one.context.as_ref().filter(written).cloned()))
    });
    ToldByDss { repositories: distinct(repositories.collect()), namespaces: distinct(namespaces.collect()), kubeconfig }
}
