//! With what DSS's pods pull their images.

use ackcheck_core::context::Context;
use ackcheck_core::seat::dss::containers::ConfigurationKind;
use ackcheck_core::seat::dss::pods::PodOfDss;
use ackcheck_core::seat::{Cluster, Seen};
use ackcheck_core::verdict::Unseen;

/// The account of pods that name none.
const DEFAULT: &str = "default";

/// One kind of pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PodPulls {
    /// `container configuration ack`, for messages.
    pub(super) of: String,
    pub(super) image: String,
    pub(super) account: String,
    /// The secret that the pod itself names; the account's then count for nothing.
    pub(super) secret: Option<String>,
}

/// The pods that DSS starts in a namespace; where DSS is not described, one as it would start it. Pods of a configuration
/// without a namespace are started in that of the kubeconfig, which is taken for the first.
pub(super) async fn of_namespace(context: &Context, cluster: &dyn Cluster, namespace: &str) -> Seen<Vec<PodPulls>> {
    let configurations = match context.dss() {
        Ok(dss) => dss.configurations().await,
        Err(unseen) => Err(unseen),
    };
    let first = cluster.namespaces().first().is_some_and(|first| first == namespace);
    let described = match configurations {
        Ok(configurations) => PodOfDss::all_of(&configurations),
        Err(Unseen::NotDescribed(_)) => vec![PodOfDss::unset(ConfigurationKind::Container)],
        Err(unseen) => return Err(unseen),
    };
    let here = |pod: &PodOfDss| pod.namespace.as_ref().map_or(first, |own| own == namespace);
    let config = context.config();
    let site = config.registry.as_ref().map(|registry| registry.url.as_str());
    // The site file names what DSS does not.
    let of_site = config.cluster.as_ref().and_then(|cluster| cluster.pull_secret.clone());
    let pulls = described.into_iter().filter(here).map(|pod| PodPulls {
        image: pod.image(site),
        account: pod.service_account.unwrap_or_else(|| DEFAULT.to_owned()),
        secret: pod.pull_secret.or_else(|| of_site.clone()),
        of: pod.of,
    });
    Ok(pulls.collect())
}
