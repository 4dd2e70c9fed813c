//! DSS can list the objects under its root path (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::store::StoreRequest;
use ackcheck_core::seat::{Store, store};
use ackcheck_core::verdict::{Code, Judgement, Verdict};

use super::bucket::{ask, refused, unexpected};
use super::refusal::denied;

mod trials;

static DENIED: Code = Code::fail("denied", "the AccessKey is not allowed to list the bucket");

pub(crate) static CHECK: Check = Check {
    id: "oss-list",
    title: "DSS can list the objects under its root path",
    stage: Stage::Preflight,
    needs: &[&super::oss_signature::CHECK],
    uses: &[&store::LIST],
    deadline: Duration::from_secs(90),
    findings: &[&DENIED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|_, store| Box::pin(judge(store))),
};

async fn judge(store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    let reply = ask(store, target, StoreRequest::List).await?;
    if reply.ok() {
        Ok(Verdict::Pass)
    } else if denied(&reply) {
        Ok(refused(&DENIED, target, &StoreRequest::List, &reply).into())
    } else {
        Err(unexpected(&format!("the listing of {}", target.bucket), &StoreRequest::List, &reply))
    }
}
