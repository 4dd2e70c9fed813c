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
use ackcheck_core::seat::registry::{Conversation, RegistryAct, RegistryStep};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod trials;

static DENIED: Code = Code::fail("denied", "the registry denies the push");
static NOT_CREATED: Code =
    Code::fail("not-created", "pushing does not create a repository: the namespace is missing, or auto-create is off");
static TAG_IMMUTABLE: Code = Code::fail("tag-immutable", "existing tags cannot be overwritten");
static UPLOAD_FAILS: Code = Code::fail("upload-fails", "the registry accepts the user but not the image");

pub(crate) static CHECK: Check = Check {
    id: "registry-push",
    title: "Images can be pushed to the registry, creating new repositories",
    stage: Stage::Preflight,
    needs: &[&super::registry_login::CHECK],
    uses: &[],
    deadline: Duration::from_secs(120),
    findings: &[&DENIED, &NOT_CREATED, &TAG_IMMUTABLE, &UPLOAD_FAILS],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Registry(|context, registry| Box::pin(judge(context, registry))),
};

async fn judge(_: &Context, registry: &dyn Registry) -> Judgement {
    let push = registry.push().await?;
    let Some(stopped) = push.stopped_at() else { return Ok(Verdict::Pass) };
    let finding = blame(&push, stopped)?;
    let finding = finding.with("what", stopped.what.clone()).with("said", stopped.said());
    Ok(super::described(finding, &registry.repository()).into())
}

fn blame(push: &Conversation, stopped: &RegistryStep) -> Result<Finding, Unseen> {
    let seen = format!("{} at {}: {}", stopped.what, stopped.host_name(), stopped.said());
    let status = stopped.heard.as_ref().map_or(0, |reply| reply.status);
    let gone = push.repository_is_there() == Some(false);
    match stopped.act {
        // Registries report this differently. What tells is that the same token pushed the tag a moment ago.
        RegistryAct::Overwrite if (400..500).contains(&status) => Ok(TAG_IMMUTABLE.found(seen)),
        RegistryAct::StartUpload if status == 404 && gone => Ok(NOT_CREATED.found(seen)),
        RegistryAct::StartUpload if stopped.refused() && gone && grants_push(push) => Ok(NOT_CREATED.found(seen)),
        RegistryAct::Challenge | RegistryAct::Token | RegistryAct::Enter if !stopped.refused() => {
            // The login succeeded a moment ago.
            Err(Unseen::unreadable("the push", seen))
        }
        _ if stopped.refused() => {
            let grants = match &push.granted {
                Some(actions) if actions.is_empty() => "; the token grants no access to it".to_owned(),
                Some(actions) => format!("; the token grants {}", actions.join(",")),
                None => String::new(),
            };
            Ok(DENIED.found(format!("{seen}{grants}")))
        }
        _ => Ok(UPLOAD_FAILS.found(seen)),
    }
}

fn grants_push(push: &Conversation) -> bool {
    push.granted.as_ref().is_some_and(|actions| actions.iter().any(|action| action == "push"))
}
