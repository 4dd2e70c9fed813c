//! What the checks of DSS's pods share: which pods DSS starts, and from which repository.

use ackcheck_core::context::Context;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::pods::PodOfDss;
use ackcheck_core::verdict::Unseen;

/// The pods of DSS's container and Spark configurations; none where DSS is not described.
pub(super) async fn pods_of_dss(context: &Context) -> Seen<Vec<PodOfDss>> {
    let configurations = match context.dss() {
        Ok(dss) => dss.configurations().await,
        Err(unseen) => Err(unseen),
    };
    match configurations {
        Ok(configurations) => Ok(PodOfDss::all_of(&configurations)),
        Err(Unseen::NotDescribed(_)) => Ok(Vec::new()),
        Err(unseen) => Err(unseen),
    }
}

/// The repository that the site file describes.
pub(super) fn site_repository(context: &Context) -> Option<&str> {
    context.config().registry.as_ref().map(|registry| registry.url.as_str())
}
