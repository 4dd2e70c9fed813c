//! The access key is known, enabled and signs correctly (HOWTO 3.2, `fs.oss.accessKeyId` and `fs.oss.accessKeySecret`).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::store::{StoreRequest, StoreTarget};
use ackcheck_core::seat::{Seen, Store};
use ackcheck_core::subject::Kind;
use ackcheck_core::verdict::{Code, Judgement, Verdict};

use super::bucket::{about, ask, refused, said, unexpected};
use super::refusal::{denied, forbidden, holder, obstacle};

mod trials;

static UNKNOWN_KEY: Code = Code::fail("unknown-key", "OSS does not know the AccessKey id");
static TOKEN_MISSING: Code = Code::fail("token-missing", "the key is a temporary one and comes without its token");
static SWAPPED: Code = Code::fail("id-and-secret-swapped", "the AccessKey id stands in place of the secret");
static DISABLED: Code = Code::fail("disabled", "the AccessKey or its account is disabled");
static WRONG_SECRET: Code = Code::fail("wrong-secret", "the AccessKey secret does not belong to the AccessKey id");
static EXPIRED_TOKEN: Code =
    Code::fail("expired-token", "the security token has expired or does not belong to the key");
static TOKEN_NOT_WANTED: Code =
    Code::fail("token-not-wanted", "a security token is sent with a permanent AccessKey, which has none");
static POLICY_DENIES: Code = Code::fail("policy-denies", "a policy forbids this AccessKey even to list the bucket");
static TEMPORARY_KEY: Code = Code::warn("temporary-key", "a connection of DSS uses a key that expires");

pub(crate) static CHECK: Check = Check {
    id: "oss-credentials",
    title: "OSS accepts the AccessKey and its signature",
    stage: Stage::Preflight,
    needs: &[&super::oss_endpoint::CHECK, &super::host_clock::CHECK],
    uses: &[],
    deadline: Duration::from_secs(90),
    findings: &[
        &UNKNOWN_KEY,
        &TOKEN_MISSING,
        &SWAPPED,
        &DISABLED,
        &WRONG_SECRET,
        &EXPIRED_TOKEN,
        &TOKEN_NOT_WANTED,
        &POLICY_DENIES,
        &TEMPORARY_KEY,
    ],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|_, store| Box::pin(judge(store))),
};

/// What the ids of temporary keys begin with.
const TEMPORARY: &str = "STS.";

/// A missing permission does not count against the key: an answer that says so proves that the key works. Only a policy
/// that forbids listing, the first action of all, is reported here, because no other check could then judge anything.
async fn judge(store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    let reply = ask(store, target, StoreRequest::List).await?;
    let code = match reply.code.as_deref() {
        None if reply.ok() => return lasting(store, target).await,
        Some("InvalidAccessKeyId") if reply.message.as_deref().is_some_and(|message| message.contains("disabled")) => {
            &DISABLED
        }
        Some("InvalidAccessKeyId") => unknown(store, target).await?,
        Some("UserDisable" | "InDebt" | "InDebtOverdue" | "AbnormalBucketOwnerStatus") => &DISABLED,
        Some("SignatureDoesNotMatch") => &WRONG_SECRET,
        Some("InvalidSecurityToken" | "AccessKeyIdAndSecurityTokenNotMatch" | "SecurityTokenNotSupported")
            if !target.access_key_id.starts_with(TEMPORARY) =>
        {
            &TOKEN_NOT_WANTED
        }
        Some(
            "SecurityTokenExpired"
            | "InvalidSecurityToken"
            | "AccessKeyIdAndSecurityTokenNotMatch"
            | "SecurityTokenNotSupported",
        ) => &EXPIRED_TOKEN,
        _ if forbidden(&reply) => {
            return Ok(refused(&POLICY_DENIES, target, &StoreRequest::List, &reply).into());
        }
        // What the bucket itself refuses is for oss-bucket-fit to say.
        _ if denied(&reply) || obstacle(&reply).is_some() => return lasting(store, target).await,
        _ => {
            let what = format!("the key {} on {}", target.access_key_id, target.bucket);
            return Err(unexpected(&what, &StoreRequest::List, &reply));
        }
    };
    let seen = format!("the key {} of the {}: {}", target.access_key_id, target.subject, said(&reply));
    Ok(about(code.found(seen), target).with("who", holder(None, target).who).into())
}

/// Why OSS does not know a key. It answers so as well where the token of a temporary key is missing.
async fn unknown(store: &dyn Store, target: &StoreTarget) -> Seen<&'static Code> {
    let clients = store.clients().await?;
    Ok(if clients.secret_is_like_an_id {
        &SWAPPED
    } else if target.access_key_id.starts_with(TEMPORARY) && !clients.has_token {
        &TOKEN_MISSING
    } else {
        &UNKNOWN_KEY
    })
}

/// The key works; a connection needs one that still does tomorrow. Where DSS cannot be asked which connections there are,
/// the key works all the same.
async fn lasting(store: &dyn Store, target: &StoreTarget) -> Judgement {
    if !target.access_key_id.starts_with(TEMPORARY) {
        return Ok(Verdict::Pass);
    }
    let names: Vec<String> = match (&target.subject.kind, store.clients().await?.connections) {
        (Kind::Connection, _) => vec![target.subject.name.to_string()],
        (_, connections) => connections.ok().flatten().into_iter().flatten().map(|client| client.name).collect(),
    };
    if names.is_empty() {
        return Ok(Verdict::Pass);
    }
    let names = names.join(", ");
    let seen = format!("{names} in {} works with the temporary key {}", target.bucket, target.access_key_id);
    Ok(about(TEMPORARY_KEY.found(seen), target).with("connections", names).into())
}
