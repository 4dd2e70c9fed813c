//! Why the Kubernetes API brought nothing, told apart.

use std::error::Error as _;
use std::fmt;
use std::io::ErrorKind;

use super::kubeconfig::Unusable;
use ackcheck_core::config::Limits;
use ackcheck_core::seat::NoReply;
use ackcheck_core::verdict::Unseen;

/// Why the API brought nothing.
#[derive(Debug, Clone)]
pub(crate) enum Silence {
    /// The kubeconfig leads nowhere.
    Unusable(Unusable),
    /// No answer came.
    NoReply(NoReply),
    /// It answered with an error: the `code` and `message` of its Status.
    Status { code: u16, said: String },
}

impl Silence {
    /// As what a seat says where it needed the answer; `right` is the verb and resource that a refusal is about.
    pub(crate) fn unseen(self, what: &str, right: &str) -> Unseen {
        match self {
            Silence::Status { code: 401 | 403, said } => Unseen::denied(right, said),
            other => Unseen::unreadable(what, other.to_string()),
        }
    }
}

impl fmt::Display for Silence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Silence::Status { code, said } => write!(f, "{code} {said}"),
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
        kube::Error::Api(said) => return Silence::Status { code: said.code, said: said.message.clone() },
        kube::Error::UpgradeConnection(ProtocolSwitch(code)) => {
            let said = "the server did not open the stream".to_owned();
            return Silence::Status { code: code.as_u16(), said };
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
