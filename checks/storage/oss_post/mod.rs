//! POST reaches OSS: Hadoop deletes folders and completes uploads in parts with it (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::store::StoreRequest;
use ackcheck_core::seat::{NoReply, Store, store};
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

use super::bucket::{about, ask, said, unexpected};

mod trials;

static POST_BLOCKED: Code = Code::fail("post-blocked", "something between the host and OSS does not let POST through");

pub(crate) static CHECK: Check = Check {
    id: "oss-post",
    title: "OSS is reached by POST as it is by other methods",
    stage: Stage::Preflight,
    needs: &[&super::oss_delete::CHECK],
    uses: &[&store::PUT, &store::DELETE_BY_POST, &store::HEAD],
    deadline: Duration::from_secs(90),
    findings: &[&POST_BLOCKED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|_, store| Box::pin(judge(store))),
};

async fn judge(store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    let name = "oss-post.txt".to_owned();
    let put = StoreRequest::Put { name: name.clone(), body: "ackcheck oss-post".to_owned() };
    let written = ask(store, target, put.clone()).await?;
    if !written.ok() {
        return Err(unexpected(&format!("another write to {}", target.bucket), &put, &written));
    }
    let delete = StoreRequest::DeleteByPost { name: name.clone() };
    let what = format!("a deletion by POST in {}", target.bucket);
    let said = match store.ask(delete.clone()).await? {
        Ok(reply) if reply.ok() && reply.from_oss() => {
            // If reading is refused, the deletion cannot be verified; oss-read reports that.
            let after = ask(store, target, StoreRequest::Head { name }).await?;
            return match after.ok() {
                false => Ok(Verdict::Pass),
                true => Err(Unseen::unreadable(what, "the object is still there")),
            };
        }
        Ok(reply) if reply.from_oss() => return Err(unexpected(&what, &delete, &reply)),
        Ok(reply) => said(&reply),
        // PUT has just been answered at the same address.
        Err(no_reply @ (NoReply::Closed { .. } | NoReply::Garbled { .. })) => no_reply.to_string(),
        Err(no_reply) => return Err(Unseen::unreadable(what, no_reply.to_string())),
    };
    let seen = format!("OSS answers PUT in {}, but a POST does not reach it: {said}", target.bucket);
    Ok(about(POST_BLOCKED.found(seen), target).into())
}
