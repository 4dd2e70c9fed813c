//! The access key is known, enabled and signs correctly (HOWTO 3.2, `fs.oss.accessKeyId` and `fs.oss.accessKeySecret`).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Store;
use ackcheck_core::seat::store::StoreRequest;
use ackcheck_core::verdict::{Code, Judgement, Verdict};

use super::bucket::{about, ask, denied, forbidden, refused, said, unexpected};

mod trials;

static UNKNOWN_KEY: Code = Code::fail("unknown-key", "OSS does not know the AccessKey id");
static DISABLED: Code = Code::fail("disabled", "the AccessKey or its account is disabled");
static WRONG_SECRET: Code = Code::fail("wrong-secret", "the AccessKey secret does not belong to the AccessKey id");
static EXPIRED_TOKEN: Code =
    Code::fail("expired-token", "the security token has expired or does not belong to the key");
static POLICY_DENIES: Code = Code::fail("policy-denies", "a policy forbids this AccessKey even to list the bucket");

pub(crate) static CHECK: Check = Check {
    id: "oss-credentials",
    title: "OSS accepts the AccessKey and its signature",
    stage: Stage::Preflight,
    needs: &[&super::oss_endpoint::CHECK],
    uses: &[],
    deadline: Duration::from_secs(90),
    findings: &[&UNKNOWN_KEY, &DISABLED, &WRONG_SECRET, &EXPIRED_TOKEN, &POLICY_DENIES],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|_, store| Box::pin(judge(store))),
};

/// A missing permission does not count against the key: an answer that says so proves that the key works. Only a policy
/// that forbids listing, the first action of all, is reported here, because no other check could then judge anything.
async fn judge(store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    let reply = ask(store, target, StoreRequest::List).await?;
    let code = match reply.code.as_deref() {
        None if reply.ok() => return Ok(Verdict::Pass),
        Some("InvalidAccessKeyId") if reply.message.as_deref().is_some_and(|message| message.contains("disabled")) => {
            &DISABLED
        }
        Some("InvalidAccessKeyId") => &UNKNOWN_KEY,
        Some("UserDisable" | "InDebt" | "InDebtOverdue" | "AbnormalBucketOwnerStatus") => &DISABLED,
        Some("SignatureDoesNotMatch") => &WRONG_SECRET,
        Some(
            "SecurityTokenExpired"
            | "InvalidSecurityToken"
            | "AccessKeyIdAndSecurityTokenNotMatch"
            | "SecurityTokenNotSupported",
        ) => &EXPIRED_TOKEN,
        _ if forbidden(&reply) => {
            return Ok(refused(&POLICY_DENIES, target, &StoreRequest::List, &reply).into());
        }
        _ if denied(&reply) => return Ok(Verdict::Pass),
        _ => {
            let what = format!("the key {} on {}", target.access_key_id, target.bucket);
            return Err(unexpected(&what, &StoreRequest::List, &reply));
        }
    };
    let seen = format!("the key {} of the {}: {}", target.access_key_id, target.subject, said(&reply));
    Ok(about(code.found(seen), target).into())
}
