//! DSS can delete what it wrote under its root path (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::store::StoreRequest;
use ackcheck_core::seat::{Store, store};
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

use super::bucket::{about, ask, refused, said, unexpected, uri};
use super::refusal::{denied, forbidden};

mod trials;

static DENIED: Code = Code::fail("denied", "the AccessKey is not allowed to delete from the bucket");
static POLICY_DENIES: Code = Code::fail("policy-denies", "a policy forbids the AccessKey to delete from the bucket");
static RETAINED: Code = Code::fail("retained", "a retention policy prevents objects from being deleted");
static VERSIONED: Code = Code::warn("versioned", "the bucket keeps every version of a deleted object");

pub(crate) static CHECK: Check = Check {
    id: "oss-delete",
    title: "DSS can delete what it wrote under its root path",
    stage: Stage::Preflight,
    needs: &[&super::oss_write::CHECK],
    uses: &[&store::PUT, &store::DELETE, &store::HEAD],
    deadline: Duration::from_secs(90),
    findings: &[&DENIED, &POLICY_DENIES, &RETAINED, &VERSIONED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|_, store| Box::pin(judge(store))),
};

async fn judge(store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    let name = "oss-delete.txt".to_owned();
    let put = StoreRequest::Put { name: name.clone(), body: "ackcheck oss-delete".to_owned() };
    let written = ask(store, target, put.clone()).await?;
    if !written.ok() {
        return Err(unexpected(&format!("a second write to {}", target.bucket), &put, &written));
    }
    let delete = StoreRequest::Delete { name: name.clone() };
    let reply = ask(store, target, delete.clone()).await?;
    if forbidden(&reply) {
        return Ok(refused(&POLICY_DENIES, target, &delete, &reply).into());
    }
    if denied(&reply) {
        return Ok(refused(&DENIED, target, &delete, &reply).into());
    }
    if reply.code.as_deref() == Some("FileImmutable") {
        let seen = format!("an object just written under {} cannot be deleted: {}", uri(target), said(&reply));
        return Ok(about(RETAINED.found(seen), target).into());
    }
    if !reply.ok() {
        return Err(unexpected(&format!("a deletion in {}", target.bucket), &delete, &reply));
    }
    // If reading is refused, the deletion cannot be verified; oss-read reports that.
    let after = ask(store, target, StoreRequest::Head { name }).await?;
    if after.ok() {
        return Err(Unseen::unreadable(format!("a deletion in {}", target.bucket), "the object is still there"));
    }
    match reply.version_id {
        Some(version) => {
            let seen = format!("deleting in {} left a delete marker, version {version}", uri(target));
            Ok(about(VERSIONED.found(seen), target).into())
        }
        None => Ok(Verdict::Pass),
    }
}
