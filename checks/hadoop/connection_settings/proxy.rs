//! The proxy that a connection sends its requests through.

use ackcheck_core::hadoop_configuration::{Proxy, Told};
use ackcheck_core::java;
use ackcheck_core::seat::Dss;
use ackcheck_core::verdict::{Finding, Unseen};

use super::PROXY_DEAD;

/// A proxy that does not answer the DSS host.
pub(super) async fn dead(dss: &dyn Dss, connection: &str, proxy: &Told<Proxy>) -> Result<Option<Finding>, Unseen> {
    let proxy = match proxy {
        Told::Known(proxy) => proxy,
        Told::Unknown(unknown) => return Err(Unseen::unreadable("the proxy", unknown.to_string())),
        Told::Unset | Told::TooDeep => return Ok(None),
    };
    let Proxy { host, port, .. } = proxy;
    let why = match proxy.authority() {
        Some(authority) => dss.proxy_answers(&authority).await?.err().map(|no_reply| no_reply.to_string()),
        None => Some(format!("{} is not a host name", java::quoted(host))),
    };
    Ok(why.map(|why| {
        let seen = format!("the proxy of the connection {connection}: {why}");
        PROXY_DEAD.found(seen).with("proxy_host", host).with("proxy_port", port.to_string())
    }))
}
