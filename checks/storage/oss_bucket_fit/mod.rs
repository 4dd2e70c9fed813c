//! Nothing about the bucket itself stands in the way of what Hadoop does in it (HOWTO 3.2): its class, its state, its
//! encryption, its other rules. What the key is allowed to do is for the checks after this one.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::store::{StoreReply, StoreRequest, StoreTarget};
use ackcheck_core::seat::{Seen, Store};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

use super::bucket::{about, ask, said, uri};
use super::refusal::{Obstacle, holder, obstacle};

mod trials;

static ARCHIVE_CLASS: Code = Code::fail("archive-class", "what is written to the bucket cannot be read at once");
static OVERWRITE_FORBIDDEN: Code = Code::fail("overwrite-forbidden", "a rule of the bucket forbids overwriting");
static DISABLED: Code = Code::fail("disabled", "Alibaba Cloud has disabled the bucket");
static KMS_FORBIDDEN: Code = Code::fail("kms-forbidden", "the key cannot use the KMS key that encrypts the bucket");
static REFERER_PROTECTED: Code = Code::fail("referer-protected", "the hotlink protection of the bucket refuses Hadoop");
static VPC_ENDPOINT_POLICY: Code =
    Code::fail("vpc-endpoint-policy", "the policy of the VPC's endpoint does not let this bucket through");
static OTHER_ACCOUNT: Code = Code::fail("other-account", "the bucket belongs to another account than the AccessKey");

pub(crate) static CHECK: Check = Check {
    id: "oss-bucket-fit",
    title: "Nothing about the bucket itself stands in the way of Hadoop",
    stage: Stage::Preflight,
    needs: &[&super::oss_credentials::CHECK],
    uses: &[],
    deadline: Duration::from_secs(90),
    findings: &[
        &ARCHIVE_CLASS,
        &OVERWRITE_FORBIDDEN,
        &DISABLED,
        &KMS_FORBIDDEN,
        &REFERER_PROTECTED,
        &VPC_ENDPOINT_POLICY,
        &OTHER_ACCOUNT,
    ],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|_, store| Box::pin(judge(store))),
};

/// The classes that must be restored before they can be read.
const ARCHIVES: [&str; 3] = ["Archive", "ColdArchive", "DeepColdArchive"];

async fn judge(store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    let info = ask(store, target, StoreRequest::BucketInfo).await?;
    if let Some(class) = info.storage_class.as_deref().filter(|class| ARCHIVES.contains(class)) {
        let seen = format!("the storage class of {} is {class}", target.bucket);
        return Ok(about(ARCHIVE_CLASS.found(seen), target).into());
    }
    for reply in [info.clone()].into_iter().chain(acts(store, target).await?) {
        if let Some(finding) = blamed_on_bucket(target, &reply, info.owner.as_deref()) {
            return Ok(finding.into());
        }
    }
    Ok(Verdict::Pass)
}

/// Lists, writes, reads back and overwrites: the answers.
async fn acts(store: &dyn Store, target: &StoreTarget) -> Seen<Vec<StoreReply>> {
    let name = "oss-bucket-fit.txt".to_owned();
    let put = StoreRequest::Put { name: name.clone(), body: "ackcheck oss-bucket-fit".to_owned() };
    let mut replies = vec![ask(store, target, StoreRequest::List).await?, ask(store, target, put.clone()).await?];
    if replies[1].ok() {
        replies.push(ask(store, target, StoreRequest::Get { name }).await?);
        replies.push(ask(store, target, put).await?);
    }
    Ok(replies)
}

/// What an answer says against the bucket. A missing permission says nothing against it, unless the key's account is not
/// the bucket's: then a policy of RAM alone cannot grant it.
fn blamed_on_bucket(target: &StoreTarget, reply: &StoreReply, owner: Option<&str>) -> Option<Finding> {
    let account = reply.denial.as_ref().and_then(|denial| denial.account.as_deref());
    let foreign = owner.zip(account).is_some_and(|(owner, account)| owner != account);
    let code = match obstacle(reply) {
        Some(Obstacle::Disabled) => &DISABLED,
        Some(Obstacle::Archive) => &ARCHIVE_CLASS,
        Some(Obstacle::NoOverwrite) => &OVERWRITE_FORBIDDEN,
        Some(Obstacle::Kms) => &KMS_FORBIDDEN,
        Some(Obstacle::Referer) => &REFERER_PROTECTED,
        Some(Obstacle::VpcEndpoint) => &VPC_ENDPOINT_POLICY,
        Some(Obstacle::OtherAccount) => &OTHER_ACCOUNT,
        None if foreign => &OTHER_ACCOUNT,
        None => return None,
    };
    let seen = match (owner, account) {
        (Some(owner), Some(account)) if foreign => format!(
            "{} belongs to the account {owner}, the AccessKey {} to {account}: {}",
            uri(target),
            target.access_key_id,
            said(reply)
        ),
        _ => format!("{} with the AccessKey {}: {}", uri(target), target.access_key_id, said(reply)),
    };
    let holder = holder(Some(reply), target);
    let finding = about(code.found(seen), target).with("who", holder.who).with("holder", holder.option);
    let finding = finding.with("attach", holder.attach).with("owner", owner.unwrap_or("OWNER-OF-THE-BUCKET"));
    Some(finding.with("account", account.unwrap_or("ACCOUNT-OF-THE-KEY")))
}
