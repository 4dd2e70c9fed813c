//! DSS can rename what it wrote: in OSS Hadoop copies and deletes, a large file in parts (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::store::{StoreReply, StoreRequest, StoreTarget};
use ackcheck_core::seat::{Seen, Store, store};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

use super::bucket::{about, ask, refused, unexpected, uri};
use super::refusal::denied;
use super::upload::{Upload, answered, difference, read_back};

mod trials;

static DENIED: Code = Code::fail("denied", "the AccessKey is not allowed to copy an object that it may read");
static WRONG_CONTENT: Code = Code::fail("wrong-content", "a copy does not hold what was copied");

pub(crate) static CHECK: Check = Check {
    id: "oss-copy",
    title: "DSS can rename files, which Hadoop does by copying and deleting them",
    stage: Stage::Preflight,
    needs: &[&super::oss_multipart::CHECK],
    uses: &[&store::PUT, &store::GET, &store::UPLOAD, &store::COPY],
    deadline: Duration::from_secs(90),
    findings: &[&DENIED, &WRONG_CONTENT],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|_, store| Box::pin(judge(store))),
};

const FROM: &str = "oss-copy-from.txt";
const FIRST_HALF: &str = "ackcheck oss-copy, the first half";
const SECOND_HALF: &str = " and the second";

async fn judge(store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    let put = StoreRequest::Put { name: FROM.to_owned(), body: format!("{FIRST_HALF}{SECOND_HALF}") };
    answered(store, target, &format!("another write to {}", target.bucket), put).await?;
    if let Some(finding) = copied(store, target).await? {
        return Ok(finding.into());
    }
    Ok(copied_in_parts(store, target).await?.map_or(Verdict::Pass, Verdict::from))
}

/// Copies the object at once, as Hadoop renames a file.
async fn copied(store: &dyn Store, target: &StoreTarget) -> Seen<Option<Finding>> {
    let name = "oss-copy-to.txt";
    let copy = StoreRequest::Copy { name: name.to_owned(), from: FROM.to_owned() };
    if let Err(finding) = copy_of(store, target, copy).await? {
        return Ok(Some(finding));
    }
    compared(store, target, name, &format!("{FIRST_HALF}{SECOND_HALF}")).await
}

/// Copies a part of the object, as Hadoop renames a file that is too large to be copied at once.
async fn copied_in_parts(store: &dyn Store, target: &StoreTarget) -> Seen<Option<Finding>> {
    let upload = Upload::begin(store, target, "oss-copy-part.txt").await?;
    let (name, id, from) = (upload.name.clone(), upload.id.clone(), FROM.to_owned());
    let copy = StoreRequest::CopyPart { name, upload: id, number: 1, from, bytes: FIRST_HALF.len() };
    let etag = match copy_of(store, target, copy).await? {
        Ok(reply) => reply.etag,
        Err(finding) => return Ok(Some(finding)),
    };
    match etag {
        Some(etag) => upload.complete(vec![(1, etag)]).await?,
        None => return Ok(Some(wrong(target, "a copied part has no ETag"))),
    }
    compared(store, target, &upload.name, FIRST_HALF).await
}

/// The answer to a copy, or the finding that it is not allowed.
async fn copy_of(store: &dyn Store, target: &StoreTarget, copy: StoreRequest) -> Seen<Result<StoreReply, Finding>> {
    let reply = ask(store, target, copy.clone()).await?;
    if denied(&reply) {
        return Ok(Err(refused(&DENIED, target, &copy, &reply)));
    }
    if reply.ok() { Ok(Ok(reply)) } else { Err(unexpected(&format!("a copy in {}", target.bucket), &copy, &reply)) }
}

async fn compared(store: &dyn Store, target: &StoreTarget, name: &str, right: &str) -> Seen<Option<Finding>> {
    let read = read_back(store, target, name).await?;
    Ok((read != right).then(|| wrong(target, &difference(right, &read))))
}

fn wrong(target: &StoreTarget, how: &str) -> Finding {
    about(WRONG_CONTENT.found(format!("of a copy under {}: {how}", uri(target))), target)
}
