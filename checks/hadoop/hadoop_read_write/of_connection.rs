//! A bucket of the site file waits for no connection: of those that work in it, the checks of connections are asked here.

use ackcheck_core::context::Context;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::store::StoreTarget;
use ackcheck_core::subject::Kind;
use ackcheck_core::verdict::Verdict;

use super::super::{connection_credentials, connection_endpoint, connection_root, connection_settings};

/// Why Hadoop cannot open the connection, where a check of connections says so itself. A connection that is the subject of
/// the case has waited for them.
pub(super) async fn not_open(context: &Context, target: &StoreTarget, name: &str) -> Seen<Option<String>> {
    if target.subject.kind == Kind::Connection {
        return Ok(None);
    }
    let dss = context.dss()?;
    let Some(connection) = dss.connections().await?.into_iter().find(|connection| connection.name == name) else {
        return Ok(None);
    };
    let judged = [
        (&connection_root::CHECK, connection_root::judge(context, &connection).await),
        (&connection_endpoint::CHECK, connection_endpoint::judge(context, &*dss, &connection).await),
        (&connection_credentials::CHECK, connection_credentials::judge(&*dss, &connection).await),
        (&connection_settings::CHECK, connection_settings::judge(&*dss, &connection).await),
    ];
    Ok(judged.into_iter().find_map(|(check, judged)| match judged {
        Ok(Verdict::Fail(finding)) => Some(format!("{} fails for the connection {name}: {}", check.id, finding.seen)),
        _ => None,
    }))
}
