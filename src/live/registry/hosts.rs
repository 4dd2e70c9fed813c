//! The hosts that a pull goes through, as the registry itself names them.

use http::Method;

use super::talk::{Question, Talk};
use crate::image::ProbeImage;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::registry::{RegistryAct, RegistryHost, RegistryStep};
use ackcheck_core::verdict::Unseen;

/// The registry, the token service that it sent us to for a login, and where it sends us for a blob of the probe's image.
/// What is not named is not there: some registries take the password themselves, some give layers themselves.
pub(super) async fn find(talk: &mut Talk, image: &ProbeImage) -> Seen<Vec<(RegistryHost, String)>> {
    let stopped = |talk: &Talk| {
        let said = talk.last_step().map_or_else(String::new, RegistryStep::said);
        Unseen::unreadable("the hosts that a pull goes through", said)
    };
    if talk.log_in(Some("pull")).await.is_err() {
        return Err(stopped(talk));
    }
    let what = format!("ask where the blobs of {} are", talk.repository());
    let url = talk.repository_url(&format!("blobs/{}", image.config.digest));
    let own = url.as_ref().ok().and_then(authority);
    // Where it redirects to is not followed: the configuration has a few hundred bytes, wherever it comes from.
    let question = Question::bare(RegistryAct::Look, what, Method::GET, url);
    let Ok((asked, reply)) = talk.ask_at(question, |reply| matches!(reply.status, 200 | 301..=308)).await else {
        return Err(stopped(talk));
    };
    let token = talk.steps().iter().find(|step| step.act == RegistryAct::Token).map(|step| step.host_name().to_owned());
    let store = reply.header("location").and_then(|location| authority(&asked.join(location).ok()?));
    let named = [(RegistryHost::Registry, own), (RegistryHost::TokenService, token), (RegistryHost::BlobStore, store)];
    let mut hosts: Vec<(RegistryHost, String)> = Vec::new();
    for (is, host) in named {
        hosts.extend(host.filter(|host| !hosts.iter().any(|(_, known)| known == host)).map(|host| (is, host)));
    }
    Ok(hosts)
}

/// The host of a URL, with its port where it has one.
fn authority(url: &url::Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}
