//! DSS can write under its root path (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::store::StoreRequest;
use ackcheck_core::seat::{Store, store};
use ackcheck_core::verdict::{Code, Judgement, Verdict};

use super::bucket::{ask, refused, unexpected};
use super::refusal::{denied, forbidden};

mod trials;

static DENIED: Code = Code::fail("denied", "the AccessKey is not allowed to write to the bucket");
static READ_ONLY: Code = Code::fail("read-only", "a policy forbids writing to the bucket");

pub(crate) static CHECK: Check = Check {
    id: "oss-write",
    title: "DSS can write under its root path",
    stage: Stage::Preflight,
    needs: &[&super::oss_signature::CHECK],
    uses: &[&store::PUT],
    deadline: Duration::from_secs(90),
    findings: &[&DENIED, &READ_ONLY],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|_, store| Box::pin(judge(store))),
};

async fn judge(store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    let put = StoreRequest::Put { name: "oss-write.txt".to_owned(), body: "ackcheck oss-write".to_owned() };
    let reply = ask(store, target, put.clone()).await?;
    if reply.ok() {
        Ok(Verdict::Pass)
    } else if forbidden(&reply) {
        Ok(refused(&READ_ONLY, target, &put, &reply).into())
    } else if denied(&reply) {
        Ok(refused(&DENIED, target, &put, &reply).into())
    } else {
        Err(unexpected(&format!("a write to {}", target.bucket), &put, &reply))
    }
}
