//! The bucket takes the signatures that the connector makes as it is installed and set (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::store::{Client, SignatureVersion, StoreReply, StoreRequest, StoreTarget};
use ackcheck_core::seat::{Seen, Store};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

use super::bucket::{about, ask, said};

mod installed;
mod trials;

use installed::cannot_sign_v4;

static V1_REFUSED: Code = Code::fail("v1-refused", "the bucket refuses the only signature that the connector makes");
static V4_NOT_IN_THESE_JARS: Code =
    Code::fail("v4-not-in-these-jars", "the settings ask for V4 signatures, which the jars of DSS cannot make");
static V4_NEEDS_REGION: Code =
    Code::fail("v4-needs-region", "V4 signatures need the region of the bucket, and fs.oss.region is another");

pub(crate) static CHECK: Check = Check {
    id: "oss-signature",
    title: "The bucket takes the signatures that the installed connector makes",
    stage: Stage::Preflight,
    needs: &[&super::oss_bucket_fit::CHECK],
    // That a listing is refused for another reason than its signature is as good an answer.
    uses: &[],
    deadline: Duration::from_secs(90),
    findings: &[&V1_REFUSED, &V4_NOT_IN_THESE_JARS, &V4_NEEDS_REGION],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|context, store| Box::pin(judge(context, store))),
};

/// What OSS answers to a refused version is not documented; so the same thing is asked in several ways, and the answers
/// compared. Refused is what does not bring the answer, be it a permission that is missing, that ackcheck's own signature
/// brings.
async fn judge(context: &Context, store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    let own = ask(store, target, StoreRequest::List).await?;
    let by_v1 = signed(store, target, &SignatureVersion::V1).await?;
    let takes_v1 = said_alike(&own, &by_v1);
    let connections = match store.clients().await?.connections.and_then(all_known) {
        Ok(connections) => connections,
        // Nothing says that any other version is made than the one that is taken.
        Err(_) if takes_v1 => return Ok(Verdict::Pass),
        Err(why) => return Err(why),
    };
    let bucket = &target.bucket;
    let refused = format!("{bucket} takes signatures of version 4 and refuses those of version 1: {}", said(&by_v1));
    let v1_refused = |who: String| Ok(about(V1_REFUSED.found(&refused), target).with("clients", who).into());
    let Some(connections) = connections else {
        // Before DSS has connections it is the HOWTO's connector that will sign.
        let howto = "hadoop-aliyun, as the HOWTO installs it,".to_owned();
        return if takes_v1 { Ok(Verdict::Pass) } else { v1_refused(howto) };
    };
    let by_default = connections.iter().filter(|(_, version)| *version == SignatureVersion::V1);
    let by_default: Vec<&str> = by_default.map(|(name, _)| name.as_str()).collect();
    if !takes_v1 && !by_default.is_empty() {
        return v1_refused(format!("the connection {}", by_default.join(", ")));
    }
    for (name, version) in &connections {
        let SignatureVersion::V4 { region } = version else { continue };
        let finding = match cannot_sign_v4(context).await? {
            Some(jars) if !takes_v1 || jars.fail => {
                let seen = format!("the connection {name} asks for V4 signatures, and {}", jars.why);
                let seen = if takes_v1 { seen } else { format!("{seen}; {refused}") };
                Some(about(V4_NOT_IN_THESE_JARS.found(seen), target))
            }
            // The setting is not read, and what is signed instead is taken.
            Some(_) => None,
            None => of_other_region(store, target, &own, name, region.as_deref()).await?,
        };
        if let Some(finding) = finding {
            return Ok(finding.into());
        }
    }
    Ok(Verdict::Pass)
}

/// Where each connection's version is known.
fn all_known(connections: Option<Vec<Client>>) -> Seen<Option<Vec<(String, SignatureVersion)>>> {
    let known = |client: Client| Ok((client.name, client.signs?));
    connections.map(|list| list.into_iter().map(known).collect()).transpose()
}

/// That no region is set, connection-settings says.
async fn of_other_region(
    store: &dyn Store,
    target: &StoreTarget,
    own: &StoreReply,
    connection: &str,
    region: Option<&str>,
) -> Seen<Option<Finding>> {
    let Some(region) = region else { return Ok(None) };
    let reply = signed(store, target, &SignatureVersion::V4 { region: Some(region.to_owned()) }).await?;
    if said_alike(own, &reply) {
        return Ok(None);
    }
    let of_region = reply.ec.as_deref() == Some(EC_REGION)
        || reply.message.as_deref().is_some_and(|message| message.to_lowercase().contains("region"));
    if !of_region {
        return Err(unclear(target, said(&reply)));
    }
    let seen =
        format!("fs.oss.region of the connection {connection} is {region}, and {}: {}", target.bucket, said(&reply));
    Ok(Some(about(V4_NEEDS_REGION.found(seen), target)))
}

/// "Invalid signing region in Authorization header.", as the tests of Alibaba's SDK for Python have it.
const EC_REGION: &str = "0002-00000226";

/// The answer to a listing that is signed so.
async fn signed(store: &dyn Store, target: &StoreTarget, version: &SignatureVersion) -> Seen<StoreReply> {
    match store.ask_signed(StoreRequest::List, version).await? {
        Ok(reply) if reply.from_oss() && reply.status < 500 => Ok(reply),
        Ok(reply) => Err(unclear(target, said(&reply))),
        Err(no_reply) => Err(unclear(target, no_reply.to_string())),
    }
}

/// OSS answers what it is asked in one way and not in the other, and says too little to know why.
fn unclear(target: &StoreTarget, said: String) -> Unseen {
    Unseen::unreadable(format!("the signatures that {} takes", target.bucket), said)
}

fn said_alike(one: &StoreReply, other: &StoreReply) -> bool {
    (one.ok() && other.ok()) || (one.status == other.status && one.code == other.code && one.ec == other.ec)
}
