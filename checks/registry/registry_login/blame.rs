//! What a login stopped at, and whose fault it is.

use ackcheck_core::context::Context;
use ackcheck_core::seat::NoReply;
use ackcheck_core::seat::registry::{RegistryAct, RegistryHost, RegistryStep, RepositoryUrl};
use ackcheck_core::verdict::{Finding, Unseen};

use super::super::insecure;
use super::{
    EXPIRED, NOT_A_REGISTRY, PLAIN_HTTP, THROTTLED, TLS, TOKEN_SERVICE_UNREACHABLE, UNAUTHORIZED, UNREACHABLE,
};

/// What is wrong, from the step that stopped the login.
pub(super) async fn blame(context: &Context, stopped: &RegistryStep, site: &RepositoryUrl) -> Result<Finding, Unseen> {
    let (host, said) = (stopped.host_name(), stopped.said());
    let token_service = stopped.host == RegistryHost::TokenService;
    let seen = format!("{host} answered {said}");
    match &stopped.heard {
        Err(NoReply::Tls { said }) if !token_service && insecure::docker_takes(context, &site.text).await => {
            Err(Unseen::unreadable(
                host,
                format!(
                    "{said}; Docker on this host is set not to mind (insecure-registries), and ackcheck always asks for TLS"
                ),
            ))
        }
        Err(no_reply) if no_reply.is_not_tls() && !token_service => Ok(PLAIN_HTTP.found(format!("{host}: {no_reply}"))),
        Err(NoReply::Tls { said }) => Ok(TLS.found(format!("{host}: {said}"))),
        // Docker would show the password there, and ackcheck does not.
        Err(no_reply) if token_service && stopped.url.starts_with("http:") => {
            Err(Unseen::unreadable("the login", no_reply.to_string()))
        }
        Err(_) if token_service => Ok(TOKEN_SERVICE_UNREACHABLE.found(format!("{}: {said}", stopped.what))),
        Err(_) => Ok(UNREACHABLE.found(format!("{host}: {said}"))),
        Ok(_) if stopped.throttled() => Ok(THROTTLED.found(seen)),
        Ok(_) if stopped.refused() && stopped.act != RegistryAct::Challenge => match site.expires {
            // The password itself says when it expires. That it has expired explains the refusal, but is not one by itself.
            Some(ended) if ended <= context.now() => {
                let seen = format!("{seen}; the password of cr_temp_user expired at {ended}");
                Ok(EXPIRED.found(seen).with("ended", ended.to_string()))
            }
            _ => Ok(UNAUTHORIZED.found(seen)),
        },
        Ok(_) if token_service => Ok(TOKEN_SERVICE_UNREACHABLE.found(seen)),
        Ok(reply) if reply.status == 401 => {
            Ok(NOT_A_REGISTRY.found(format!("{seen} and does not say how to log in, as a registry does")))
        }
        Ok(reply) if matches!(reply.status, 200..=399 | 404 | 405 | 410) => Ok(NOT_A_REGISTRY.found(seen)),
        Ok(_) => Ok(UNREACHABLE.found(seen)),
    }
}
