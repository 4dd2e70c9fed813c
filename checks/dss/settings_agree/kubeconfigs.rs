//! The kubeconfig and context that DSS reaches the cluster by.

use ackcheck_core::config::{ClusterConfig, Config};
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::containers::{Configuration, Configurations, KubeconfigState};

use super::comparison::{Comparison, describe};
use super::has_variables;

/// Looks at what DSS's configurations name, and compares where it leads with where `[cluster]` leads.
pub(super) async fn compare(comparison: &mut Comparison, config: &Config, dss: &dyn Dss, found: &Configurations) {
    // A cluster that DSS manages brings its own.
    if found.default_cluster.is_some() {
        return;
    }
    let mut seen: Vec<(Option<&str>, Option<&str>)> = Vec::new();
    for one in found.list.iter().filter(|one| one.managed) {
        let named = (one.kubeconfig.as_deref(), one.context.as_deref());
        let variables = [named.0, named.1].into_iter().flatten().any(has_variables);
        if variables || named == (None, None) || seen.contains(&named) {
            continue;
        }
        seen.push(named);
        compare_one(comparison, config.cluster.as_ref(), dss, one).await;
    }
}

async fn compare_one(comparison: &mut Comparison, cluster: Option<&ClusterConfig>, dss: &dyn Dss, one: &Configuration) {
    let site = cluster.map(|cluster| (cluster.kubeconfig.display().to_string(), cluster.context.as_deref()));
    // Where DSS names a context alone, it is one of the file that kubectl finds by itself: the site file names that one.
    let path = match (&one.kubeconfig, &site) {
        (Some(path), _) => path.clone(),
        (None, Some((path, _))) => path.clone(),
        (None, None) => return,
    };
    // Where a relative one leads nobody knows: cluster-chosen says so.
    if !is_absolute(&path) {
        return;
    }
    let theirs = match dss.kubeconfig(&path, one.context.as_deref()).await {
        Ok(state) => state,
        Err(unseen) => return comparison.unseen(unseen),
    };
    let ours = match &site {
        Some((path, context)) => match dss.kubeconfig(path, *context).await {
            Ok(state) => Some(state),
            Err(unseen) => return comparison.unseen(unseen),
        },
        None => None,
    };
    let named = match &one.context {
        Some(context) => format!("{path}, context {context}"),
        None => path.clone(),
    };
    let site_named = match &site {
        Some((path, Some(context))) => format!("{path}, context {context}"),
        Some((path, None)) => path.clone(),
        None => "none".to_owned(),
    };
    let of = title(one);
    // A context that the site's own file does not have may be one of another file: it is another one all the same.
    match (&theirs, one.kubeconfig.is_some()) {
        (KubeconfigState::Leads { .. }, _) | (KubeconfigState::NoContext { .. }, false) => {}
        // What is wrong with DSS's own, cluster-chosen says, and of the site's own file the checks of the cluster.
        _ => return,
    }
    let told = match ours {
        Some(ours) if same(&theirs, &ours) => return comparison.same(),
        // Where the site's own leads nowhere there is nothing to compare with.
        Some(ours @ KubeconfigState::Leads { .. }) => format!("; that of the site file is {site_named}: {ours}"),
        _ if matches!(theirs, KubeconfigState::Leads { .. }) => return,
        _ => String::new(),
    };
    let seen = format!("DSS's {of} uses the kubeconfig {named}: {theirs}{told}");
    let finding = comparison.differs(&super::KUBECONFIG_DIFFERS, seen);
    describe(finding, &[("dss_value", &named), ("site_value", &site_named), ("of", &of), ("dss_kubeconfig", &path)]);
}

pub(crate) fn title(one: &Configuration) -> String {
    format!("{} {}", one.kind, one.name)
}

/// Of a list as KUBECONFIG has it, whether each is a whole path.
pub(crate) fn is_absolute(path: &str) -> bool {
    path.split(':').all(|file| file.is_empty() || file.starts_with('/'))
}

/// True where both lead to one cluster: by the same address, or by the authority that only this cluster has.
fn same(one: &KubeconfigState, other: &KubeconfigState) -> bool {
    match (one, other) {
        (
            KubeconfigState::Leads { server, authority, .. },
            KubeconfigState::Leads { server: other, authority: others, .. },
        ) => plain(server) == plain(other) || (authority.is_some() && authority == others),
        _ => false,
    }
}

/// The server's address in one spelling.
fn plain(server: &str) -> String {
    let server = server.trim().trim_end_matches('/').to_ascii_lowercase();
    match server.strip_prefix("https://") {
        Some(rest) => rest.strip_suffix(":443").unwrap_or(rest).to_owned(),
        None => server,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(server: &str, authority: Option<&str>) -> KubeconfigState {
        let authority = authority.map(str::to_owned);
        KubeconfigState::Leads { context: "c".to_owned(), server: server.to_owned(), authority }
    }

    #[test]
    fn one_cluster_by_two_files_is_one() {
        let ours = leads("https://10.0.0.251:6443", Some("AAAA"));
        assert!(same(&leads("https://10.0.0.251:6443/", None), &ours));
        assert!(same(&leads("https://47.96.0.1:6443", Some("AAAA")), &ours));
        assert!(same(&leads("https://API.example", None), &leads("https://api.example:443", None)));
        assert!(!same(&leads("https://10.9.9.9:6443", None), &ours));
        assert!(!same(&leads("https://10.9.9.9:6443", Some("BBBB")), &ours));
        assert!(!same(&KubeconfigState::Missing, &ours));
        assert!(!same(&KubeconfigState::Missing, &KubeconfigState::Missing));
    }
}
