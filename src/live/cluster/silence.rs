//! Why the Kubernetes API brought nothing, told apart.

use std::fmt;

use super::unusable::Unusable;
use crate::cause;
use crate::json::not_json;
use crate::trust;
use ackcheck_core::config::Limits;
use ackcheck_core::right::Right;
use ackcheck_core::seat::NoReply;
use ackcheck_core::verdict::Unseen;

/// Why the API brought nothing.
#[derive(Debug, Clone)]
pub(crate) enum Silence {
    /// The kubeconfig leads nowhere.
    Unusable(Unusable),
    /// No answer came.
    NoReply(NoReply),
    /// It answered with an error: the `code` and `message` of its Status, and who refused where that was a refusal.
    Status { code: u16, said: String, refusal: Refusal },
}

/// Who refused, by the `reason` and `details` of the Status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Authorization: the account lacks the right. It knows the kind that is asked for and, of a creation, no name: it
    /// is asked before the body is read.
    Authorization,
    /// Admission, which has read the object and names it (a quota, Pod Security) or is a webhook and names nothing; or
    /// nobody refused.
    Other,
}

impl Refusal {
    fn of(status: &kube::core::Status) -> Refusal {
        let nameless =
            |details: &kube::core::response::StatusDetails| details.name.is_empty() && !details.kind.is_empty();
        match (status.code, status.reason.as_str()) {
            (401, _) => Refusal::Authorization,
            (_, "Forbidden") if status.details.as_ref().is_some_and(nameless) => Refusal::Authorization,
            _ => Refusal::Other,
        }
    }
}

impl Silence {
    /// The error that a Status tells.
    pub(crate) fn of(status: &kube::core::Status) -> Silence {
        Silence::Status { code: status.code, said: status.message.clone(), refusal: Refusal::of(status) }
    }

    /// Whether it may have come to this because time went by, on this side or on the other.
    pub(crate) fn in_vain(&self) -> bool {
        match self {
            Silence::NoReply(no_reply) => no_reply.may_be_owed_to_time(),
            Silence::Unusable(Unusable::Ours(_)) => true,
            Silence::Unusable(_) | Silence::Status { .. } => false,
        }
    }

    /// As what a seat says where it needed the answer; a refusal means that one of these rights is missing.
    pub(crate) fn unseen(self, what: &str, rights: impl Into<Vec<Right>>) -> Unseen {
        match self {
            Silence::Status { code: 401 | 403, said, .. } => Unseen::denied(rights, said),
            other => Unseen::unreadable(what, other.to_string()),
        }
    }
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Silence::Status { code, said, .. } => write!(f, "{code} {said}"),
            Silence::NoReply(why) => why.fmt(f),
            Silence::Unusable(Unusable::Other(why) | Unusable::Ours(why)) => f.write_str(why),
            Silence::Unusable(Unusable::Context { wanted, have }) => {
                write!(f, "the kubeconfig has no context {wanted:?}; it has {}", have.join(", "))
            }
        }
    }
}

/// Reads the cause from a client error's chain.
pub(super) fn told_apart(error: &kube::Error, server: &str, limits: &Limits) -> Silence {
    use kube::client::UpgradeConnectionError::ProtocolSwitch;
    match error {
        kube::Error::Api(status) => return Silence::of(status),
        kube::Error::UpgradeConnection(ProtocolSwitch(code)) => {
            let said = "the server did not open the stream".to_owned();
            return Silence::Status { code: code.as_u16(), said, refusal: Refusal::Other };
        }
        kube::Error::UpgradeConnection(other) => {
            return Silence::NoReply(NoReply::Garbled { said: other.to_string() });
        }
        kube::Error::SerdeError(parse) => {
            return Silence::NoReply(NoReply::Garbled {
                said: format!("not what this API answers: {}", not_json(parse)),
            });
        }
        _ => {}
    }
    if let Some(why) = cause::tls_error(error).and_then(trust::stricter_than_others) {
        return Silence::Unusable(Unusable::Ours(why));
    }
    let address = server.trim_start_matches("https://").trim_end_matches('/').to_owned();
    if let Some(known) = cause::no_reply(error, &address, limits.connect) {
        return Silence::NoReply(known);
    }
    let said = cause::last_words(error);
    // The system's resolver has no error of its own kind.
    if said.contains("failed to lookup address") {
        return Silence::NoReply(NoReply::Unresolvable { name: address, said });
    }
    Silence::NoReply(NoReply::Garbled { said })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: serde_json::Value) -> Refusal {
        Refusal::of(&serde_json::from_value(status).unwrap())
    }

    /// Every refusal to create a pod is a 403 with the reason Forbidden; the details tell who refused.
    #[test]
    fn a_missing_right_is_told_from_a_quota_and_a_webhook() {
        let forbidden = |details: serde_json::Value| serde_json::json!({ "status": "Failure", "message": "m", "reason": "Forbidden", "code": 403, "details": details });
        assert_eq!(refusal(forbidden(serde_json::json!({ "kind": "pods" }))), Refusal::Authorization);
        assert_eq!(refusal(forbidden(serde_json::json!({ "kind": "pods", "name": "probe" }))), Refusal::Other);
        assert_eq!(refusal(forbidden(serde_json::Value::Null)), Refusal::Other);
        let unknown = serde_json::json!({ "status": "Failure", "message": "m", "reason": "Unauthorized", "code": 401 });
        assert_eq!(refusal(unknown), Refusal::Authorization);
    }
}
