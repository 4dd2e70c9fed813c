//! Looking for an image by its manifest, as whoever pulls it begins.

use http::Method;
use serde_json::Value;

use super::talk::{Question, Stopped, Talk};
use ackcheck_core::seat::registry::{ImageLook, Platform, RegistryAct, RegistryError};
use ackcheck_core::seat::{HttpReply, Seen};
use ackcheck_core::verdict::{Broken, Unseen};

/// The most tags that are read of a repository.
const MOST_TAGS: usize = 1000;

/// Looks for what a tag or digest names in the repository that the conversation is about.
pub(super) async fn look_for(talk: &mut Talk, reference: &str) -> Seen<ImageLook> {
    match manifest(talk, reference).await {
        Ok(Some(manifest)) => Ok(match platforms(talk, &manifest).await? {
            Some(platforms) => ImageLook::There(platforms),
            None => stopped(talk)?,
        }),
        Ok(None) => Ok(ImageLook::Absent { tags: tags(talk).await }),
        Err(Stopped) => stopped(talk),
    }
}

/// The manifest; none where the registry says that it does not have it.
async fn manifest(talk: &mut Talk, reference: &str) -> Result<Option<Value>, Stopped> {
    let mut asked = Err(Stopped);
    // Whether a repository is not there, or is not to be read by this user, ACR's token service does not tell those who
    // only pull. Whoever pushes is told, as a repository may be new to them.
    for actions in ["pull", "pull,push"] {
        talk.log_in(Some(actions)).await?;
        let what = format!("read the manifest {}:{reference}", talk.repository());
        let url = talk.repository_url(&format!("manifests/{reference}"));
        let question = Question::bare(RegistryAct::Read, what, Method::GET, url);
        asked = talk.ask(question, |reply| reply.status == 200 || is_absent(reply)).await;
        if asked.is_ok() || !talk.last_step().is_some_and(|step| step.refused()) {
            break;
        }
    }
    let reply = asked?;
    if reply.status != 200 {
        return Ok(None);
    }
    serde_json::from_str(&reply.body).map(Some).or_else(|_| talk.spoil().map(|()| None))
}

/// True where the registry itself says that there is no such thing: a proxy's page of 404 is not that.
fn is_absent(reply: &HttpReply) -> bool {
    let unknown =
        |error: &RegistryError| matches!(error.code.as_str(), "MANIFEST_UNKNOWN" | "NAME_UNKNOWN" | "NOT_FOUND");
    reply.status == 404 && super::words::errors(&reply.body).iter().any(unknown)
}

fn stopped(talk: &Talk) -> Seen<ImageLook> {
    let step = talk.last_step().ok_or_else(|| Broken::Internal("the registry was not asked anything".to_owned()))?;
    Ok(ImageLook::Stopped(Box::new(step.clone())))
}

/// What a manifest is for: what a list says of its manifests, or what the configuration of a single one says. None where
/// the configuration did not come.
async fn platforms(talk: &mut Talk, manifest: &Value) -> Seen<Option<Vec<Platform>>> {
    let unreadable = |why: &str| Unseen::unreadable(format!("the manifest of {}", talk.repository()), why);
    if let Some(list) = manifest.get("manifests").and_then(Value::as_array) {
        let platforms: Vec<Platform> = list.iter().filter_map(of_list).collect();
        return match platforms.is_empty() {
            true => Err(unreadable("its list does not name an image for any platform")),
            false => Ok(Some(platforms)),
        };
    }
    let Some(digest) = manifest.pointer("/config/digest").and_then(Value::as_str) else {
        return Err(unreadable("it is neither of an image nor a list, or it is of the first version of the format"));
    };
    let Ok(config) = blob(talk, digest).await else { return Ok(None) };
    let unreadable = |why: &str| Unseen::unreadable(format!("the configuration of {}", talk.repository()), why);
    let config: Value =
        serde_json::from_str(&config.body).map_err(|error| unreadable(&crate::json::not_json(&error)))?;
    let platform = platform(&config, None).ok_or_else(|| unreadable("it does not say for which architecture it is"))?;
    Ok(Some(vec![platform]))
}

/// One entry of a list; none of what is not an image, as attestations, which are for `unknown/unknown`.
fn of_list(entry: &Value) -> Option<Platform> {
    let digest = entry.get("digest").and_then(Value::as_str)?;
    platform(entry.get("platform")?, Some(digest)).filter(|platform| platform.architecture != "unknown")
}

fn platform(said: &Value, digest: Option<&str>) -> Option<Platform> {
    let text = |name: &str| said.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    Some(Platform { os: text("os")?, architecture: text("architecture")?, digest: digest.map(str::to_owned) })
}

/// A small blob, whole, wherever the registry has it.
async fn blob(talk: &mut Talk, digest: &str) -> Result<HttpReply, Stopped> {
    let what = format!("read the configuration of {}", talk.repository());
    let url = talk.repository_url(&format!("blobs/{digest}"));
    talk.ask(Question::bare(RegistryAct::Read, what, Method::GET, url), |reply| reply.status == 200).await
}

/// The tags of the repository; none where there is no such repository, or they are not listed to this user.
async fn tags(talk: &mut Talk) -> Vec<String> {
    let what = format!("list the tags of {}", talk.repository());
    let url = talk.repository_url(&format!("tags/list?n={MOST_TAGS}"));
    let listed = talk.ask(Question::bare(RegistryAct::Tags, what, Method::GET, url), |reply| reply.status == 200).await;
    let listed = listed.ok().and_then(|reply| serde_json::from_str::<Value>(&reply.body).ok());
    let tags = listed.as_ref().and_then(|listed| listed.get("tags")).and_then(Value::as_array);
    tags.into_iter().flatten().take(MOST_TAGS).filter_map(Value::as_str).map(str::to_owned).collect()
}
