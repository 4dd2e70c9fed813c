//! Whether something answers DSS's host by HTTP, whatever it answers.

use std::sync::Arc;

use crate::wire::Wire;
use ackcheck_core::config::Config;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::{Heard, NameAnswer, NoReply, Seen};
use ackcheck_core::verdict::Unseen;

/// Asks a proxy of a connection for nothing, straight: the site's own proxy is not between.
pub(super) async fn answers(wire: &Wire, journal: &Journal, authority: &str) -> Seen<Heard<()>> {
    let mut config = Config::clone(wire.config());
    config.network.proxy = None;
    let wire = Wire::new(Arc::new(config))?;
    let request = wire.client().get(format!("http://{authority}/")).build();
    let request = request.map_err(|error| Unseen::unreadable(format!("the proxy {authority}"), error.to_string()))?;
    match wire.send(journal, Vantage::Dss, request).await {
        Ok(_) | Err(NoReply::Closed { .. } | NoReply::Garbled { .. } | NoReply::Tls { .. }) => Ok(Ok(())),
        // It took the connection and waits for more.
        Err(NoReply::TimedOut { .. }) => Ok(Ok(())),
        Err(NoReply::Unresolvable { name, said }) => match wire.resolve(journal, Vantage::Dss, &name).await {
            NameAnswer::NoServer { said } => Err(Unseen::unreadable(format!("the address of {name}"), said)),
            _ => Ok(Err(NoReply::Unresolvable { name, said })),
        },
        Err(no_reply) => Ok(Err(no_reply)),
    }
}
