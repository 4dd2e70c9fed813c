//! Who refused a request and why, as OSS itself says it: the fine-grained `EC` and `AccessDeniedDetail` first, words last.
//! Words mislead: OSS answers a `Deny` of a RAM policy with "Access denied by bucket policy."
//! (<https://www.alibabacloud.com/help/en/oss/support/0003-00000201>).

use ackcheck_core::seat::store::{Denial, StoreReply, StoreTarget};

/// What about the bucket itself stands in the way, whatever the key is allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    Disabled,
    Archive,
    NoOverwrite,
    Kms,
    Referer,
    VpcEndpoint,
    OtherAccount,
}

/// `NoPermissionType` of a policy that forbids.
const EXPLICIT: &str = "ExplicitDeny";
/// A `Deny` statement of a RAM policy, of both policies, of either in a batch.
const EC_EXPLICIT: [&str; 3] = ["0003-00000201", "0003-00000203", "0003-00000204"];
/// No `Referer`, one of the blacklist, one that the whitelist does not have.
const EC_REFERER: [&str; 3] = ["0003-00000501", "0003-00000502", "0003-00000503"];
/// Every code of server-side encryption begins so.
const EC_ENCRYPTION: &str = "0005-";

/// The obstacle that this answer speaks of; none where a permission is missing, or all is well.
pub(super) fn obstacle(reply: &StoreReply) -> Option<Obstacle> {
    if reply.ok() {
        return None;
    }
    match reply.code.as_deref()? {
        "BucketDisable" => return Some(Obstacle::Disabled),
        "InvalidObjectState" => return Some(Obstacle::Archive),
        "FileAlreadyExists" => return Some(Obstacle::NoOverwrite),
        "BucketNotBelongTo" => return Some(Obstacle::OtherAccount),
        "UbsmsInvalidBid" | "KmsServiceNotEnabled" => return Some(Obstacle::Kms),
        _ => {}
    }
    let ec = reply.ec.as_deref().unwrap_or_default();
    let message = reply.message.as_deref().unwrap_or_default().to_lowercase();
    let policy = reply.denial.as_ref().and_then(|denial| denial.policy.as_deref()).unwrap_or_default().to_lowercase();
    if EC_REFERER.contains(&ec) || message.contains("referer policy") {
        Some(Obstacle::Referer)
    } else if ec.starts_with(EC_ENCRYPTION) || message.contains("forbidden by kms") {
        Some(Obstacle::Kms)
    } else if policy.contains("vpcendpoint") || message.contains("vpc endpoint policy") {
        Some(Obstacle::VpcEndpoint)
    } else {
        None
    }
}

/// True if a permission is missing or a policy denies the action.
pub(super) fn denied(reply: &StoreReply) -> bool {
    reply.status == 403 && reply.code.as_deref() == Some("AccessDenied") && obstacle(reply).is_none()
}

/// True if a policy denies the action explicitly, so that granting it would not help. Older answers carry no details and
/// only say so in their message.
pub(super) fn forbidden(reply: &StoreReply) -> bool {
    let kind = reply.denial.as_ref().and_then(|denial| denial.kind.as_deref());
    denied(reply)
        && match (kind, reply.ec.as_deref()) {
            (Some(kind), _) => kind == EXPLICIT,
            (None, Some(ec)) if EC_EXPLICIT.contains(&ec) => true,
            (None, _) => reply.message.as_deref().is_some_and(|message| message.contains("policy")),
        }
}

/// Whom the key belongs to, for a remedy.
pub(super) struct Holder {
    /// A sentence that says who it is, or how to find out.
    pub who: String,
    /// `AttachPolicyToUser` or `AttachPolicyToRole`, and `ListPoliciesForUser` or `ListPoliciesForRole`.
    pub attach: &'static str,
    pub list: &'static str,
    /// `--UserName dss`.
    pub option: String,
}

/// The name that stands where OSS does not tell it.
const UNKNOWN: &str = "RAM-USER-OF-DSS";

/// As the answer tells it: the name of a RAM user, or its ID, or `role:session` of a temporary key.
pub(super) fn holder(reply: Option<&StoreReply>, target: &StoreTarget) -> Holder {
    let denial = reply.and_then(|reply| reply.denial.as_ref());
    let principal = denial.and_then(|denial| denial.principal.as_deref()).filter(|name| is_name(name));
    let kind = denial.and_then(|denial| denial.principal_type.as_deref());
    let user = |who: String, name: &str| Holder {
        who,
        attach: "AttachPolicyToUser",
        list: "ListPoliciesForUser",
        option: format!("--UserName {name}"),
    };
    let look_up = |option: &str, value: &str| {
        format!(
            "The answer of `aliyun ims GetUser {option} {value}` shows the RAM user: put the part of its \
             UserPrincipalName before the @ in place of {UNKNOWN}."
        )
    };
    match (kind, principal) {
        (Some("AssumedRoleUser"), Some(principal)) => {
            let role = principal.split(':').next().unwrap_or(principal);
            Holder {
                who: format!("It is a temporary key of the RAM role {role}."),
                attach: "AttachPolicyToRole",
                list: "ListPoliciesForRole",
                option: format!("--RoleName {role}"),
            }
        }
        (Some("SubUser") | None, Some(id)) if id.bytes().all(|byte| byte.is_ascii_digit()) => {
            user(format!("It belongs to the RAM user with the ID {id}. {}", look_up("--UserId", id)), UNKNOWN)
        }
        (Some("SubUser") | None, Some(name)) => user(format!("It belongs to the RAM user {name}."), name),
        _ => user(look_up("--UserAccessKeyId", &target.access_key_id), UNKNOWN),
    }
}

/// It can stand in a command as it is.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '@'))
}

/// Where the statement that denies is, and the commands that show it.
pub(super) fn place_of_deny(denial: Option<&Denial>, holder: &Holder, bucket: &str, region: &str) -> (String, String) {
    let of_bucket = format!("aliyun oss bucket-policy --method get oss://{bucket} --region {region}");
    let of_holder = format!("aliyun ram {} {}", holder.list, holder.option);
    let name = holder.option.split(' ').next_back().unwrap_or_default();
    match denial.and_then(|denial| denial.policy.as_deref()) {
        Some("ResourceBasedPolicy") => ("the bucket policy".to_owned(), of_bucket),
        Some("AccountLevelIdentityBasedPolicy" | "ResourceGroupLevelIdentityBasedPolicy") => {
            (format!("the policies of {name}"), of_holder)
        }
        Some("ControlPolicy") => {
            let show = "aliyun resourcemanager ListControlPolicies --PolicyType Custom";
            ("the control policies of the resource directory".to_owned(), show.to_owned())
        }
        Some("SessionPolicy" | "AssumeRolePolicy") => {
            ("the policy that was given when the temporary key was taken, and those of its role".to_owned(), of_holder)
        }
        _ => (format!("the bucket policy and the policies of {name}"), format!("{of_bucket}\n{of_holder}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::subject::{Kind, Subject};

    fn reply(code: &str, message: &str, ec: Option<&str>, denial: Option<Denial>) -> StoreReply {
        StoreReply {
            status: 403,
            code: Some(code.to_owned()),
            message: Some(message.to_owned()),
            ec: ec.map(str::to_owned),
            denial,
            ..StoreReply::default()
        }
    }

    fn denial(policy: &str, kind: &str, principal: &str, principal_type: &str) -> Option<Denial> {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Some(Denial {
            policy: some(policy),
            kind: some(kind),
            principal: some(principal),
            principal_type: some(principal_type),
            ..Denial::default()
        })
    }

    fn target() -> StoreTarget {
        StoreTarget {
            subject: Subject::new(Kind::Bucket, "b"),
            bucket: "b".to_owned(),
            prefix: String::new(),
            endpoint: String::new(),
            region: None,
            access_key_id: "LTAIx".to_owned(),
        }
    }

    #[test]
    fn the_details_decide_before_the_code_and_the_code_before_the_words() {
        let words = "Access denied by bucket policy.";
        for (message, ec, denial, right) in [
            (words, None, denial("", "ImplicitDeny", "", ""), false),
            (words, Some("0003-00000201"), denial("", "ImplicitDeny", "", ""), false),
            ("AccessDenied", Some("0003-00000201"), None, true),
            ("AccessDenied", Some("0003-00000203"), None, true),
            ("AccessDenied", Some("0003-00000001"), denial("", "ExplicitDeny", "", ""), true),
            ("You have no right to access this object because of bucket acl.", Some("0003-00000001"), None, false),
            (words, None, None, true),
            ("Access denied by authorizer's policy.", None, None, true),
        ] {
            let reply = reply("AccessDenied", message, ec, denial);
            assert!(denied(&reply));
            assert_eq!(forbidden(&reply), right, "{reply:?}");
        }
    }

    #[test]
    fn what_the_bucket_itself_refuses_is_not_a_missing_permission() {
        for (code, message, ec, right) in [
            ("AccessDenied", "This request is forbidden by kms.", None, Obstacle::Kms),
            ("AccessDenied", "This request is forbidden by kms", Some("0005-00000301"), Obstacle::Kms),
            ("AccessDenied", "You are denied by bucket referer policy.", None, Obstacle::Referer),
            ("AccessDenied", "AccessDenied", Some("0003-00000503"), Obstacle::Referer),
            ("AccessDenied", "Access denied by VPC endpoint policy.", None, Obstacle::VpcEndpoint),
            ("BucketDisable", "BucketDisable", None, Obstacle::Disabled),
            ("InvalidObjectState", "The operation is not valid for the object's state", None, Obstacle::Archive),
            ("FileAlreadyExists", "The object you specified already exists", None, Obstacle::NoOverwrite),
            ("BucketNotBelongTo", "The bucket you access does not belong to you.", None, Obstacle::OtherAccount),
        ] {
            let reply = reply(code, message, ec, None);
            assert_eq!(obstacle(&reply), Some(right), "{reply:?}");
            assert!(!denied(&reply) && !forbidden(&reply));
        }
        // A RAM user without oss:GetBucketInfo is told the same words under the code of any missing permission.
        let ambiguous = reply("AccessDenied", "The bucket you access does not belong to you.", None, None);
        assert_eq!(obstacle(&ambiguous), None);
    }

    #[test]
    fn the_holder_is_whom_oss_names_and_nothing_that_could_leave_a_command() {
        let of = |principal, kind| {
            let reply = reply("AccessDenied", "", None, denial("", "", principal, kind));
            let holder = holder(Some(&reply), &target());
            format!("{} {}", holder.attach, holder.option)
        };
        assert_eq!(of("dss", "SubUser"), "AttachPolicyToUser --UserName dss");
        assert_eq!(of("205871000474254611", "SubUser"), "AttachPolicyToUser --UserName RAM-USER-OF-DSS");
        assert_eq!(of("dss-role:session1", "AssumedRoleUser"), "AttachPolicyToRole --RoleName dss-role");
        assert_eq!(of("x; rm -rf /", "SubUser"), "AttachPolicyToUser --UserName RAM-USER-OF-DSS");
        assert!(holder(None, &target()).who.contains("--UserAccessKeyId LTAIx"));
    }
}
