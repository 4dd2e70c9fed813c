//! Whether the bucket takes the signature that its clients make.

use ackcheck_core::seat::store::{SignatureVersion, StoreReply, StoreRequest, StoreTarget};
use ackcheck_core::seat::{Seen, Store};
use ackcheck_core::verdict::{Finding, Unseen};

use super::{V1_REFUSED, unclear};
use crate::storage::bucket::{about, ask, said};

/// What OSS answers to a refused version is not documented; so the same thing is asked in both, and the answers compared.
/// Refused is version 1 where an answer that version 4 brings, be it a permission that is missing, does not come.
pub(super) async fn refused_v1(store: &dyn Store, target: &StoreTarget) -> Seen<Option<Finding>> {
    let v4 = ask(store, target, StoreRequest::List).await?;
    let v1 = match store.ask_signed_v1(StoreRequest::List).await? {
        Ok(reply) if reply.from_oss() && reply.status < 500 => reply,
        Ok(reply) => return Err(unclear(target, &reply)),
        Err(no_reply) => {
            let what = format!("a listing of {} signed with version 1", target.bucket);
            return Err(Unseen::unreadable(what, no_reply.to_string()));
        }
    };
    if said_alike(&v4, &v1) {
        return Ok(None);
    }
    let connections = store.clients().await?.connections?;
    let who = match &connections {
        // Before DSS has connections it is the HOWTO's connector that will sign.
        None => "hadoop-aliyun, as the HOWTO installs it,".to_owned(),
        Some(known) => {
            let v1 = known.iter().filter(|(_, version)| *version == SignatureVersion::V1);
            let names: Vec<&str> = v1.map(|(name, _)| name.as_str()).collect();
            if names.is_empty() {
                return Ok(None);
            }
            format!("the connection {}", names.join(", "))
        }
    };
    let seen = format!("{} takes signatures of version 4 and refuses those of version 1: {}", target.bucket, said(&v1));
    Ok(Some(about(V1_REFUSED.found(seen), target).with("clients", who)))
}

fn said_alike(v4: &StoreReply, v1: &StoreReply) -> bool {
    (v4.ok() && v1.ok()) || (v4.status == v1.status && v4.code == v1.code && v4.ec == v1.ec)
}
