//! What the checks of DSS's pods share: which pods DSS starts, and from which repository.

use ackcheck_core::context::Context;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::pods::PodOfDss;
use ackcheck_core::verdict::Unseen;

/// The most kinds of pods that are tried.
const MOST_KINDS: usize = 64;

/// Each kind of pod of DSS's container and Spark configurations once; none where DSS is not described.
pub(super) async fn pods_of_dss(context: &Context) -> Seen<Vec<PodOfDss>> {
    let configurations = match context.dss() {
        Ok(dss) => dss.configurations().await,
        Err(unseen) => Err(unseen),
    };
    match configurations {
        Ok(configurations) => Ok(each_kind_once(PodOfDss::all_of(&configurations))),
        Err(Unseen::NotDescribed(_)) => Ok(Vec::new()),
        Err(unseen) => Err(unseen),
    }
}

fn each_kind_once(pods: Vec<PodOfDss>) -> Vec<PodOfDss> {
    let mut kinds: Vec<PodOfDss> = Vec::new();
    for pod in pods {
        let alike = |known: &PodOfDss| *known == PodOfDss { of: known.of.clone(), ..pod.clone() };
        if !kinds.iter().any(alike) {
            kinds.push(pod);
        }
    }
    kinds
}

/// The pods that are tried, and what is to be said of the others where these are found good.
pub(super) fn tried(pods: &[PodOfDss]) -> (&[PodOfDss], Option<Unseen>) {
    let Some((tried, [left, ..])) = pods.split_at_checked(MOST_KINDS) else { return (pods, None) };
    let why = format!("DSS starts {} kinds of pods, and ackcheck tries {MOST_KINDS}", pods.len());
    (tried, Some(Unseen::unreadable(format!("the pods of the {} and those after it", left.of), why)))
}

/// The repository that the site file describes.
pub(super) fn site_repository(context: &Context) -> Option<&str> {
    context.config().registry.as_ref().map(|registry| registry.url.as_str())
}
