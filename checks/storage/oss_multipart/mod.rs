//! DSS can write large files, which Hadoop uploads in parts (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::store::{StoreRequest, StoreTarget};
use ackcheck_core::seat::{NoReply, Seen, Store, store};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

use super::bucket::{about, ask, refused, said, unexpected, uri};
use super::refusal::denied;
use super::upload::{Upload, difference, read_back};

mod trials;

static BODY_LIMIT: Code =
    Code::fail("body-limit", "something between the host and OSS does not let large bodies through");
static WRONG_CONTENT: Code =
    Code::fail("wrong-content", "an object that was uploaded in parts does not hold what was uploaded");
static ABORT_DENIED: Code = Code::warn("abort-denied", "the AccessKey is not allowed to abort uploads in parts");

pub(crate) static CHECK: Check = Check {
    id: "oss-multipart",
    title: "DSS can write large files, which Hadoop uploads in parts",
    stage: Stage::Preflight,
    needs: &[&super::oss_read::CHECK, &super::oss_post::CHECK],
    uses: &[&store::PUT, &store::GET, &store::UPLOAD, &store::ABORT],
    deadline: Duration::from_secs(90),
    findings: &[&BODY_LIMIT, &WRONG_CONTENT, &ABORT_DENIED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|_, store| Box::pin(judge(store))),
};

/// The smallest that OSS takes of all parts but the last, in bytes
/// (<https://www.alibabacloud.com/help/en/oss/developer-reference/uploadpart>).
const SMALLEST_PART: usize = 100 << 10;
const LAST_PART: &str = "ackcheck oss-multipart, the last part";

async fn judge(store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    if let Some(finding) = completed(store, target).await? {
        return Ok(finding.into());
    }
    Ok(aborted(store, target).await?.map_or(Verdict::Pass, Verdict::from))
}

/// Uploads a file in two parts, as Hadoop does on closing it, and reads it back.
async fn completed(store: &dyn Store, target: &StoreTarget) -> Seen<Option<Finding>> {
    let first_part = first_part();
    let upload = Upload::begin(store, target, "oss-multipart.txt").await?;
    let mut parts = Vec::new();
    for (number, body) in [(1, first_part.as_str()), (2, LAST_PART)] {
        match put_part(&upload, number, body).await? {
            Ok(etag) => parts.push((number, etag)),
            Err(said) => {
                let sizes = format!("OSS answers small requests to {}", target.bucket);
                let seen = format!("{sizes}, but a part of {} bytes does not reach it: {said}", body.len());
                return Ok(Some(about(BODY_LIMIT.found(seen), target)));
            }
        }
    }
    upload.complete(parts).await?;
    let (written, read) = (format!("{first_part}{LAST_PART}"), read_back(store, target, &upload.name).await?);
    Ok((written != read).then(|| {
        let seen = format!("of an object uploaded in two parts to {}: {}", uri(target), difference(&written, &read));
        about(WRONG_CONTENT.found(seen), target)
    }))
}

/// Gives an upload up, as Hadoop does when it fails.
async fn aborted(store: &dyn Store, target: &StoreTarget) -> Seen<Option<Finding>> {
    let upload = Upload::begin(store, target, "oss-multipart-aborted.txt").await?;
    let what = format!("the end of an upload in parts to {}", target.bucket);
    if let Err(said) = put_part(&upload, 1, LAST_PART).await? {
        return Err(Unseen::unreadable(what, said));
    }
    let abort = StoreRequest::AbortUpload { name: upload.name.clone(), upload: upload.id.clone() };
    let reply = ask(store, target, abort.clone()).await?;
    if denied(&reply) {
        return Ok(Some(refused(&ABORT_DENIED, target, &abort, &reply)));
    }
    if !reply.ok() {
        return Err(unexpected(&what, &abort, &reply));
    }
    match upload.is_open().await? {
        Some(true) => Err(Unseen::unreadable(what, "OSS aborts it, and lists it as open")),
        Some(false) | None => Ok(None),
    }
}

/// Its ETag, or what answered in the place of OSS, which has just answered at the same address.
async fn put_part(upload: &Upload<'_>, number: u32, body: &str) -> Seen<Result<String, String>> {
    let (name, id, body) = (upload.name.clone(), upload.id.clone(), body.to_owned());
    let put = StoreRequest::PutPart { name, upload: id, number, body };
    let what = format!("part {number} of an upload to {}", upload.target.bucket);
    match upload.store.ask(put.clone()).await? {
        Ok(reply) if reply.from_oss() && reply.ok() => {
            reply.etag.map(Ok).ok_or_else(|| Unseen::unreadable(what, "OSS does not tell its ETag"))
        }
        Ok(reply) if !reply.from_oss() && reply.status < 500 => Ok(Err(said(&reply))),
        Ok(reply) => Err(unexpected(&what, &put, &reply)),
        Err(no_reply @ (NoReply::Closed { .. } | NoReply::Garbled { .. })) => Ok(Err(no_reply.to_string())),
        Err(no_reply) => Err(Unseen::unreadable(what, no_reply.to_string())),
    }
}

/// Its lines are numbered, so that none can be missed or come twice.
fn first_part() -> String {
    let mut text = String::new();
    for line in 1.. {
        if text.len() >= SMALLEST_PART {
            break;
        }
        text.push_str(&format!("ackcheck oss-multipart, line {line}\n"));
    }
    text
}
