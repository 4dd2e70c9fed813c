//! Pushing the probe image: what is missing is sent, and something is written every time.

use std::time::Duration;

use http::Method;
use url::Url;

use super::talk::{Payload, Question, Stopped, Talk};
use crate::image::{Blob, ProbeImage, digest};
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::registry::{RegistryAct, throttles};
use ackcheck_core::seat::{HttpReply, NoReply};

/// Pushes the image and reads it back.
pub(super) async fn push(talk: &mut Talk, image: &ProbeImage) -> Result<(), Stopped> {
    talk.log_in(Some("pull,push")).await?;
    // The configuration goes up even if it is there: it is small, the same bytes again change nothing, and the answer
    // shows the right to push, which an image left by an earlier run does not.
    upload(talk, "the image's configuration", &image.config).await?;
    if !is_there(talk, &image.layer).await? {
        upload(talk, "the image's layer", &image.layer).await?;
    }
    let tag = image.tag();
    let tagged = tagged(talk, &tag).await?;
    // From here on to its end: a push that was given up half-way would leave the tag on the wrong manifest.
    talk.may_go_on()?;
    let mut right = image.list.clone();
    if tagged.as_deref() != Some(right.digest.as_str()) {
        put_manifest(talk, RegistryAct::Manifest, &image.manifest.digest, &image.manifest).await?;
        if !takes_lists(talk, image).await? {
            right = image.manifest.clone();
        }
        let act = if tagged.is_some() { RegistryAct::Overwrite } else { RegistryAct::Manifest };
        put_manifest(talk, act, &tag, &right).await?;
    }
    // DSS pushes an image that it built again under the tag it had. Whatever the tag names meanwhile names the same layer,
    // so that a node that pulls in between is served as well.
    let other = if right == image.list { image.manifest.clone() } else { image.manifest.respelt() };
    put_manifest(talk, RegistryAct::Overwrite, &tag, &other).await?;
    put_manifest(talk, RegistryAct::Overwrite, &tag, &right).await?;
    read_back(talk, &right).await
}

/// Whether the registry takes a list of manifests, which it must name by its digest. Old ones know manifests of one
/// platform alone, as the Docker of a DSS host pushes them; the tag names this one there.
async fn takes_lists(talk: &mut Talk, image: &ProbeImage) -> Result<bool, Stopped> {
    let not_taken = |reply: &HttpReply| matches!(reply.status, 400 | 404 | 405 | 415 | 422) && !throttles(reply);
    let what = format!("put the list of manifests {}@{}", talk.repository(), image.list.digest);
    let url = talk.repository_url(&format!("manifests/{}", image.list.digest));
    let payload = Some(Payload::manifest(&image.list));
    let question = Question { act: RegistryAct::List, what, method: Method::PUT, url, payload };
    let reply = talk.ask(question, |reply| arrived(reply) || not_taken(reply)).await?;
    if not_taken(&reply) {
        let said = "the registry takes no list of manifests: the tag names the manifest of linux/amd64";
        talk.journal.note(Vantage::Registry, "the list of manifests", said, Duration::ZERO);
        return Ok(false);
    }
    Ok(true)
}

/// What containerd takes for success; the spec has 201.
fn arrived(reply: &HttpReply) -> bool {
    matches!(reply.status, 200 | 201 | 202 | 204)
}

/// Starts an upload and sends the blob whole.
pub(super) async fn upload(talk: &mut Talk, name: &str, blob: &Blob) -> Result<(), Stopped> {
    talk.may_go_on()?;
    // What was started is finished: docker-registry keeps a trace even of an upload that it was asked to cancel.
    let target = start_upload(talk).await?;
    let what = format!("send {name} ({} bytes)", blob.bytes.len());
    let url = target.clone().map(|url| with_digest(url, &blob.digest));
    let payload = Some(Payload::octets(blob));
    let question = Question { act: RegistryAct::Upload, what, method: Method::PUT, url, payload };
    let sent = talk.ask(question, arrived).await.map(drop);
    if sent.is_err() {
        cancel_upload(talk, target).await;
    }
    sent
}

/// Starts an upload: where it goes on, or why that is not known.
pub(super) async fn start_upload(talk: &mut Talk) -> Result<Result<Url, NoReply>, Stopped> {
    let what = format!("start an upload to {}", talk.repository());
    let url = talk.repository_url("blobs/uploads/");
    let question = Question::bare(RegistryAct::StartUpload, what, Method::POST, url);
    match talk.ask_at(question, |reply| matches!(reply.status, 200 | 202 | 204)).await {
        Ok((asked_at, started)) => Ok(location(&asked_at, &started)),
        Err(stopped) => {
            look_for_repository(talk).await;
            Err(stopped)
        }
    }
}

/// Ends an upload that nobody finishes: registries keep it for a week.
pub(super) async fn cancel_upload(talk: &mut Talk, target: Result<Url, NoReply>) {
    if target.is_ok() {
        let question = Question::bare(RegistryAct::TidyUp, "cancel the upload", Method::DELETE, target);
        let _ = talk.ask(question, |_| true).await;
    }
}

/// Where the upload goes: the `Location` of the answer, relative or absolute.
pub(super) fn location(asked_at: &Url, started: &HttpReply) -> Result<Url, NoReply> {
    let garbled = |said: String| NoReply::Garbled { said };
    let location = started.header("location");
    let location = location.ok_or_else(|| garbled("202 without a Location to send the blob to".to_owned()))?;
    let url = asked_at.join(location).map_err(|error| garbled(format!("Location {location}: {error}")))?;
    if url.scheme() != "https" {
        return Err(garbled(format!("the Location {location} is not https")));
    }
    Ok(url)
}

/// Appended by hand: what is there already is the registry's own and stays as it is, byte for byte.
fn with_digest(mut url: Url, digest: &str) -> Url {
    let query = match url.query() {
        Some(query) if !query.is_empty() => format!("{query}&digest={digest}"),
        _ => format!("digest={digest}"),
    };
    url.set_query(Some(&query));
    url
}

/// Whether a blob is in the repository already. A refusal to look is not an answer: the blob is sent then.
pub(super) async fn is_there(talk: &mut Talk, blob: &Blob) -> Result<bool, Stopped> {
    let what = format!("look for {}", blob.digest);
    let url = talk.repository_url(&format!("blobs/{}", blob.digest));
    let reply = talk.ask(Question::bare(RegistryAct::Look, what, Method::HEAD, url), |_| true).await?;
    // Some registries redirect even a HEAD to the store that has the blob.
    Ok(matches!(reply.status, 200 | 302 | 307 | 308))
}

/// The digest that the tag names, where it is there: empty if the registry does not say which.
async fn tagged(talk: &mut Talk, tag: &str) -> Result<Option<String>, Stopped> {
    let what = format!("look for the tag {tag}");
    let url = talk.repository_url(&format!("manifests/{tag}"));
    let reply = talk.ask(Question::bare(RegistryAct::Look, what, Method::HEAD, url), |_| true).await?;
    Ok((reply.status == 200).then(|| reply.header("docker-content-digest").unwrap_or_default().to_owned()))
}

pub(super) async fn put_manifest(
    talk: &mut Talk,
    act: RegistryAct,
    reference: &str,
    blob: &Blob,
) -> Result<(), Stopped> {
    let verb = if act == RegistryAct::Overwrite { "overwrite" } else { "put" };
    let what = format!("{verb} the manifest {}:{reference}", talk.repository());
    let url = talk.repository_url(&format!("manifests/{reference}"));
    let payload = Some(Payload::manifest(blob));
    talk.ask(Question { act, what, method: Method::PUT, url, payload }, arrived).await.map(drop)
}

/// Reads the manifest by its digest: what comes must be what went, byte for byte.
async fn read_back(talk: &mut Talk, tagged: &Blob) -> Result<(), Stopped> {
    let what = format!("read back the manifest {}", tagged.digest);
    let url = talk.repository_url(&format!("manifests/{}", tagged.digest));
    let same = |reply: &HttpReply| reply.status == 200 && digest(reply.body.as_bytes()) == tagged.digest;
    talk.ask(Question::bare(RegistryAct::ReadBack, what, Method::GET, url), same).await.map(drop)
}

/// After a refusal: is the repository there at all? What comes is evidence, whatever it is.
async fn look_for_repository(talk: &mut Talk) {
    let what = format!("list the tags of {}", talk.repository());
    let url = talk.repository_url("tags/list?n=1");
    let question = Question::bare(RegistryAct::Tags, what, Method::GET, url);
    let _ = talk.ask(question, |reply| reply.status == 200).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(location: Option<&str>) -> HttpReply {
        let headers = location.map(|location| ("location".to_owned(), location.to_owned()));
        HttpReply { status: 202, headers: headers.into_iter().collect(), body: String::new() }
    }

    #[test]
    fn the_blob_goes_where_the_registry_says_and_never_in_clear() {
        let asked_at = Url::parse("https://r.example/v2/dss/p/blobs/uploads/").unwrap();
        let to = |text| location(&asked_at, &started(Some(text))).map(|url| with_digest(url, "sha256:ab").to_string());
        assert_eq!(
            to("/v2/dss/p/blobs/uploads/7").unwrap(),
            "https://r.example/v2/dss/p/blobs/uploads/7?digest=sha256:ab"
        );
        assert_eq!(
            to("https://s.example/u?_state=a%2Fb").unwrap(),
            "https://s.example/u?_state=a%2Fb&digest=sha256:ab"
        );
        assert!(to("http://r.example/u").is_err());
        assert!(location(&asked_at, &started(None)).is_err());
    }
}
