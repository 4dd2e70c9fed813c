//! Images can be pushed to new repositories, and pushed again under the same tag (HOWTO 2.1, 4).
//!
//! ACR answers `denied` for a missing permission, for a missing namespace and for a namespace that does not create
//! repositories. Two more things help a client to tell them apart: what the token says it grants, and whether the
//! registry knows the repository. If they leave it open, the finding is `denied`, and its remedy names all three causes.
//! A missing namespace and one that does not create repositories cannot be told apart at all: they are one finding.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Registry;
use ackcheck_core::verdict::{Code, Judgement, Verdict};

mod blame;
mod trials;

static DENIED: Code = Code::fail("denied", "the registry denies the push");
static NOT_CREATED: Code =
    Code::fail("not-created", "pushing does not create a repository: the namespace is missing, or auto-create is off");
static TAG_IMMUTABLE: Code = Code::fail("tag-immutable", "existing tags cannot be overwritten");
static UNAUTHORIZED: Code =
    Code::fail("unauthorized", "the registry rejects the user name or the password once it asks for them");
static THROTTLED: Code = Code::fail("throttled", "the registry rejects the push: too many requests");
static QUOTA: Code = Code::fail("quota", "the registry does not have room for another image or repository");
static READ_ONLY: Code = Code::fail("read-only", "the registry does not accept uploads at all");
static BODY_LIMIT: Code = Code::fail("body-limit", "an upload is larger than the registry or a proxy accepts");
static ASKS_LATE: Code =
    Code::warn("asks-late", "the registry asks for a login where Docker's classic image store does not expect it");
static UPLOAD_FAILS: Code = Code::fail("upload-fails", "the registry accepts the user but not the image");

pub(crate) static CHECK: Check = Check {
    id: "registry-push",
    title: "Images can be pushed to the registry, creating new repositories",
    stage: Stage::Preflight,
    needs: &[&super::registry_login::CHECK],
    uses: &[],
    deadline: Duration::from_secs(120),
    findings: &[
        &DENIED,
        &UNAUTHORIZED,
        &NOT_CREATED,
        &TAG_IMMUTABLE,
        &THROTTLED,
        &QUOTA,
        &READ_ONLY,
        &BODY_LIMIT,
        &UPLOAD_FAILS,
        &ASKS_LATE,
    ],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Registry(|context, registry| Box::pin(judge(context, registry))),
};

async fn judge(_: &Context, registry: &dyn Registry) -> Judgement {
    let push = registry.push().await?;
    let finding = match (push.stopped_at(), push.asked_late()) {
        (Some(stopped), _) => {
            blame::blame(&push, stopped)?.with("what", stopped.what.clone()).with("said", stopped.said())
        }
        (None, Some(asked)) => {
            let seen =
                format!("{} lets everyone in at /v2/, and asks for a login to {}", asked.host_name(), asked.what);
            ASKS_LATE.found(seen)
        }
        (None, None) => return Ok(Verdict::Pass),
    };
    Ok(super::described(finding, &registry.repository()).into())
}
