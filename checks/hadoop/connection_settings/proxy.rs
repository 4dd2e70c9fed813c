//! The proxy that a connection sends its requests through.

use ackcheck_core::hadoop_configuration::{Proxy, Told};
use ackcheck_core::seat::Dss;
use ackcheck_core::verdict::{Finding, Unseen};

use super::PROXY_DEAD;

/// A proxy that does not answer the DSS host.
pub(super) async fn dead(dss: &dyn Dss, connection: &str, proxy: &Told<Proxy>) -> Result<Option<Finding>, Unseen> {
    let Proxy { host, port, .. } = match proxy {
        Told::Known(proxy) => proxy,
        Told::Unknown(unknown) => return Err(Unseen::unreadable("the proxy", unknown.to_string())),
        Told::Unset | Told::TooDeep => return Ok(None),
    };
    Ok(dss.proxy_answers(host, *port).await?.err().map(|no_reply| {
        let seen = format!("the proxy {host}:{port} of the connection {connection}: {no_reply}");
        PROXY_DEAD.found(seen).with("proxy_host", host).with("proxy_port", port.to_string())
    }))
}
