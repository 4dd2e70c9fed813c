//! DSS can read back what it wrote under its root path (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::store::StoreRequest;
use ackcheck_core::seat::{Store, store};
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

use super::bucket::{ask, refused, unexpected};
use super::refusal::{denied, forbidden};

mod trials;

static DENIED: Code = Code::fail("denied", "the AccessKey is not allowed to read from the bucket");
static POLICY_DENIES: Code = Code::fail("policy-denies", "a policy forbids the AccessKey to read from the bucket");

pub(crate) static CHECK: Check = Check {
    id: "oss-read",
    title: "DSS can read back what it wrote under its root path",
    stage: Stage::Preflight,
    needs: &[&super::oss_write::CHECK],
    uses: &[&store::PUT, &store::GET],
    deadline: Duration::from_secs(90),
    findings: &[&DENIED, &POLICY_DENIES],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|_, store| Box::pin(judge(store))),
};

async fn judge(store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    let name = "oss-read.txt".to_owned();
    let body = "ackcheck oss-read".to_owned();
    let put = StoreRequest::Put { name: name.clone(), body: body.clone() };
    let written = ask(store, target, put.clone()).await?;
    if !written.ok() {
        return Err(unexpected(&format!("a second write to {}", target.bucket), &put, &written));
    }
    let get = StoreRequest::Get { name };
    let reply = ask(store, target, get.clone()).await?;
    if forbidden(&reply) {
        Ok(refused(&POLICY_DENIES, target, &get, &reply).into())
    } else if denied(&reply) {
        Ok(refused(&DENIED, target, &get, &reply).into())
    } else if !reply.ok() {
        Err(unexpected(&format!("a read from {}", target.bucket), &get, &reply))
    } else if reply.body != body {
        let shown: String = reply.body.chars().take(80).collect();
        Err(Unseen::unreadable(format!("what was written to {}", target.bucket), format!("{shown:?} came back")))
    } else {
        Ok(Verdict::Pass)
    }
}
