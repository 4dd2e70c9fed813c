//! The key may list the parents of the root: Hadoop looks for each of them before it makes a folder (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::store::{StoreReply, StoreRequest, StoreTarget};
use ackcheck_core::seat::{Store, store};
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

use super::bucket::{ask, refused, unexpected, uri};
use super::refusal::denied;

mod trials;

static NOT_LISTABLE: Code =
    Code::fail("parent-not-listable", "the root does not exist yet, and the key cannot list the folders above it");
static HIDDEN: Code = Code::warn("parent-hidden", "the key cannot list the folders above the root");

pub(crate) static CHECK: Check = Check {
    id: "oss-parents",
    title: "DSS can list the folders above its root path, as Hadoop does",
    stage: Stage::Preflight,
    needs: &[&super::oss_list::CHECK],
    uses: &[&store::LIST_FOLDER],
    deadline: Duration::from_secs(90),
    findings: &[&NOT_LISTABLE, &HIDDEN],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|_, store| Box::pin(judge(store))),
};

/// More folders than this above a root are not asked about, and what is above them is not judged.
const MOST_PARENTS: usize = 16;

/// Hadoop walks up from what it makes until it finds a folder. It takes the bucket itself for one without asking.
async fn judge(store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    for (place, folder) in parents(&target.prefix).enumerate() {
        if place == MOST_PARENTS {
            let why = format!("none of the {MOST_PARENTS} below it is there, and ackcheck asks about no more");
            return Err(Unseen::unreadable(format!("the folder {folder}/ in {}", target.bucket), why));
        }
        let request = StoreRequest::ListFolder { folder: format!("{folder}/") };
        let reply = ask(store, target, request.clone()).await?;
        if denied(&reply) {
            let there = root_is_there(store, target).await?;
            let code = if there { &HIDDEN } else { &NOT_LISTABLE };
            let finding = refused(code, target, &request, &reply);
            let prefixes: Vec<String> = parents(&target.prefix).map(|folder| format!("\"{folder}/\"")).collect();
            return Ok(finding.with("parent", folder).with("prefixes", prefixes.join(",")).into());
        }
        if !reply.ok() {
            return Err(unexpected(&format!("the listing of {folder}/ in {}", target.bucket), &request, &reply));
        }
        // Once one is there Hadoop looks no further up. What this run put is not there for DSS.
        if reply.body.lines().any(|key| !holds_only_the_run(key, target)) {
            break;
        }
    }
    Ok(Verdict::Pass)
}

/// The folders above a prefix, the nearest first: of `a/b/c` they are `a/b` and `a`.
fn parents(prefix: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(prefix.rsplit_once('/').map(|(parent, _)| parent), |folder| {
        folder.rsplit_once('/').map(|(parent, _)| parent)
    })
}

/// A folder on the way to the root, which may be there for this run's own objects alone.
fn holds_only_the_run(key: &str, target: &StoreTarget) -> bool {
    key.ends_with('/') && format!("{}/", target.prefix).starts_with(key)
}

/// Whether there is anything below the root besides what runs of ackcheck put there.
async fn root_is_there(store: &dyn Store, target: &StoreTarget) -> Result<bool, Unseen> {
    let root = format!("{}/", target.prefix);
    let request = StoreRequest::ListFolder { folder: root.clone() };
    let reply: StoreReply = ask(store, target, request.clone()).await?;
    if !reply.ok() {
        return Err(unexpected(&format!("the listing of {}", uri(target)), &request, &reply));
    }
    Ok(reply.body.lines().any(|key| !key.strip_prefix(&root).is_some_and(|below| below.starts_with(".ackcheck-"))))
}

#[cfg(test)]
mod tests {
    use super::parents;

    #[test]
    fn parents_end_below_the_bucket() {
        assert_eq!(parents("a/b/c").collect::<Vec<_>>(), ["a/b", "a"]);
        assert_eq!(parents("a").count() + parents("").count(), 0);
    }
}
