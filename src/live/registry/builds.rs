//! Pushing what current builders push. Nothing gets a tag, and what is tried is the same at every run: where the registry
//! lets nobody delete, as ACR, what stays is six manifests and a few small blobs, whatever the number of runs.

use std::time::Duration;

use http::Method;

use super::push::{cancel_upload, is_there, put_manifest, start_upload, upload};
use super::talk::{Payload, Question, Stopped, Talk};
use crate::image::builds::Build;
use crate::image::{Blob, ProbeImage};
use ackcheck_core::seat::registry::{BuildPart, BuildPush, Conversation, RegistryAct, RegistryStep};
use ackcheck_core::seat::{HttpReply, NoReply};

/// How long the body of a large layer may take.
const LARGE_LAYER_WITHIN: Duration = Duration::from_secs(300);

/// How often a part is pushed whose manifests name what another run has just removed.
const MOST_TRIES: usize = 3;

/// Pushes every part, the body of a layer of `large` bytes last, and removes what it can.
pub(super) async fn push(talk: &mut Talk, image: &ProbeImage, large: Option<u64>) -> Vec<BuildPush> {
    let mut pushes: Vec<BuildPush> = Vec::new();
    let mut put: Vec<Blob> = Vec::new();
    if talk.log_in(Some("pull,push")).await.is_err() {
        return vec![BuildPush { part: BuildPart::OciImage, conversation: talk.end(false) }];
    }
    for build in image.builds() {
        let holds = |part| pushes.iter().any(|push| push.part == part && push.conversation.done);
        if talk.may_go_on().is_err() || !build.rests_on.is_none_or(holds) {
            continue;
        }
        let done = push_build(talk, &build, &mut put).await.is_ok();
        pushes.push(BuildPush { part: build.part, conversation: talk.end(done) });
    }
    if let Some(bytes) = large.filter(|_| talk.may_go_on().is_ok()) {
        let conversation = push_large_layer(talk, bytes).await;
        pushes.push(BuildPush { part: BuildPart::LargeLayer, conversation });
    }
    remove(talk, &put).await;
    pushes
}

async fn push_build(talk: &mut Talk, build: &Build, put: &mut Vec<Blob>) -> Result<(), Stopped> {
    let mut tries_left = MOST_TRIES;
    loop {
        tries_left -= 1;
        let pushed = push_once(talk, build, put).await;
        if pushed.is_ok() || tries_left == 0 || !talk.last_step().is_some_and(may_be_missing) {
            return pushed;
        }
        // Another run removes what both push: it is pushed again with all that it names.
        for manifest in put.clone() {
            put_manifest(talk, RegistryAct::Manifest, &manifest.digest, &manifest).await?;
        }
    }
}

/// True where what the step names may have been removed. Registries say `MANIFEST_UNKNOWN` of types that they do not know
/// as well.
fn may_be_missing(step: &RegistryStep) -> bool {
    step.missed_something() || step.errors.iter().any(|error| error.code == "MANIFEST_UNKNOWN")
}

async fn push_once(talk: &mut Talk, build: &Build, put: &mut Vec<Blob>) -> Result<(), Stopped> {
    for blob in &build.blobs {
        if !is_there(talk, blob).await? {
            upload(talk, &format!("a blob of the type {}", blob.media_type), blob).await?;
        }
    }
    for manifest in &build.manifests {
        put_manifest(talk, RegistryAct::Manifest, &manifest.digest, manifest).await?;
        if !put.contains(manifest) {
            put.push(manifest.clone());
        }
    }
    Ok(())
}

/// Sends the body of a large layer as Docker does, in one request, and cancels the upload: no layer stays. A connection
/// that is closed half-way is tried again: proxies close it on what is too long, and networks close it as well.
async fn push_large_layer(talk: &mut Talk, bytes: u64) -> Conversation {
    let mut done = send_large_layer(talk, bytes).await;
    if done.is_err() && talk.last_was_closed() && talk.may_go_on().is_ok() {
        done = send_large_layer(talk, bytes).await;
    }
    talk.end(done.is_ok())
}

async fn send_large_layer(talk: &mut Talk, bytes: u64) -> Result<(), Stopped> {
    let target = start_upload(talk).await?;
    let question = Question {
        act: RegistryAct::Upload,
        what: format!("send the body of a layer of {} MiB", bytes >> 20),
        method: Method::PATCH,
        url: target.clone(),
        payload: Some(Payload::Zeros { bytes, within: LARGE_LAYER_WITHIN }),
    };
    let sent = talk.ask_at(question, |reply: &HttpReply| matches!(reply.status, 202 | 204)).await;
    // The upload goes on where the answer says.
    let goes_on = match &sent {
        Ok((asked_at, reply)) => super::push::location(asked_at, reply).or(target),
        Err(_) => target,
    };
    cancel_upload(talk, goes_on).await;
    sent.map(drop)
}

/// Removes what was put, the last first: an index goes before what it names. A refusal is no matter.
async fn remove(talk: &mut Talk, put: &[Blob]) {
    for manifest in put.iter().rev() {
        let url = talk.repository_url(&format!("manifests/{}", manifest.digest));
        let what = format!("remove the manifest {}", manifest.digest);
        let question = Question::bare(RegistryAct::Remove, what, Method::DELETE, url);
        let gone = |reply: &HttpReply| matches!(reply.status, 200 | 202 | 204 | 404);
        if talk.ask(question, gone).await.is_err() {
            // ACR refuses every one of them.
            break;
        }
    }
    talk.end(true);
}

impl Talk {
    /// True where the last upload was not answered since the connection was closed.
    fn last_was_closed(&self) -> bool {
        let sent = self.steps().iter().rev().find(|step| step.act == RegistryAct::Upload);
        sent.is_some_and(|step| matches!(step.heard, Err(NoReply::Closed { .. })))
    }
}
