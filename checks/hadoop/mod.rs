//! The Hadoop integration, its jars, its keys and the connections that use them.

use ackcheck_core::check::Check;
use ackcheck_core::seat::dss::HadoopConnection;
use ackcheck_core::seat::{Dss, Seen};
use ackcheck_core::verdict::Unseen;

pub(crate) mod connection_credentials;
pub(crate) mod connection_endpoint;
pub(crate) mod connection_root;
pub(crate) mod hadoop_integration;
pub(crate) mod hadoop_jars;
pub(crate) mod hadoop_keys;

pub(crate) static CHECKS: &[&Check] = &[
    &hadoop_integration::CHECK,
    &hadoop_jars::CHECK,
    &hadoop_keys::CHECK,
    &connection_root::CHECK,
    &connection_endpoint::CHECK,
    &connection_credentials::CHECK,
];

/// The connections that are meant for OSS; without one, what a connection must have cannot be asked.
async fn oss_connections(dss: &dyn Dss) -> Seen<Vec<HadoopConnection>> {
    let mut connections = dss.connections().await?;
    connections.retain(HadoopConnection::is_oss);
    if connections.is_empty() {
        return Err(Unseen::not_described("DSS has no connection to OSS yet"));
    }
    Ok(connections)
}
