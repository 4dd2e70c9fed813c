//! Why the Kubernetes API brought nothing, told apart.

use std::error::Error as _;
use std::fmt;
use std::io::ErrorKind;

use super::kubeconfig::Unusable;
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
            Silence::Unusable(Unusable::Other(why)) => f.write_str(why),
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
            return Silence::NoReply(NoReply::Garbled { said: format!("not what this API answers: {parse}") });
        }
        _ => {}
    }
    let address = server.trim_start_matches("https://").trim_end_matches('/').to_owned();
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(tls) = inner.downcast_ref::<rustls::Error>() {
            return Silence::NoReply(NoReply::Tls { said: tls.to_string() });
        }
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            let io = innermost(io);
            if let Some(tls) = io.get_ref().and_then(|inside| inside.downcast_ref::<rustls::Error>()) {
                return Silence::NoReply(NoReply::Tls { said: tls.to_string() });
            }
            match io.kind() {
                ErrorKind::ConnectionRefused => return Silence::NoReply(NoReply::Refused { address }),
                ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::PermissionDenied => {
                    return Silence::NoReply(NoReply::Unreachable { address, said: io.to_string() });
                }
                ErrorKind::TimedOut => {
                    let after = limits.connect;
                    return Silence::NoReply(NoReply::TimedOut { waiting_for: "connection", after });
                }
                ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::UnexpectedEof => return Silence::NoReply(NoReply::Closed { said: io.to_string() }),
                _ => {}
            }
        }
        said = inner.to_string();
        if said.contains("failed to lookup address") || said.starts_with("dns error") {
            let said = inner.source().map_or(said, |source| source.to_string());
            return Silence::NoReply(NoReply::Unresolvable { name: address, said });
        }
        cause = inner.source();
    }
    if said.contains("invalid peer certificate") || said.contains("certificate") {
        return Silence::NoReply(NoReply::Tls { said });
    }
    if said.contains("before message completed") || said.contains("closed") {
        return Silence::NoReply(NoReply::Closed { said });
    }
    Silence::NoReply(NoReply::Garbled { said })
}

/// An I/O error may wrap another, and its `source` leaves the wrapped one out.
fn innermost(error: &std::io::Error) -> &std::io::Error {
    let mut error = error;
    while let Some(inner) = error.get_ref().and_then(|inside| inside.downcast_ref::<std::io::Error>()) {
        error = inner;
    }
    error
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
