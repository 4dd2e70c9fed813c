//! The STS product, for the SDKs of others that are pointed at the lab: the product's own client never calls it.

use serde_json::json;

use super::account::Account;
use super::signature::VerifiedCall;
use super::{Answer, unknown_action};

/// Answers an action of STS.
pub(super) fn answer(account: &Account, call: &VerifiedCall) -> Answer {
    if call.action != "GetCallerIdentity" {
        return Err(unknown_action());
    }
    let id = &account.id;
    Ok(match account.metadata.role.as_ref().filter(|role| role.key_id == call.key_id) {
        Some(role) => json!({
            "AccountId": id,
            "UserId": "",
            "RoleId": "300000000000000001",
            "IdentityType": "AssumedRoleUser",
            "PrincipalId": format!("300000000000000001:{}", role.name),
            "Arn": format!("acs:ram::{id}:assumed-role/{}/instance", role.name.to_lowercase()),
        }),
        None => json!({
            "AccountId": id,
            "UserId": "200000000000000001",
            "IdentityType": "RAMUser",
            "PrincipalId": "200000000000000001",
            "Arn": format!("acs:ram::{id}:user/dss"),
        }),
    })
}
