//! The connections of DSS to OSS: which of them the site file leaves out, and what it says of the others.

use ackcheck_core::config::{AccessKey, Config, Connections, StorageConfig};
use ackcheck_core::hadoop_configuration::{Configuration, Credentials, Told, looks_like_an_id};
use ackcheck_core::java;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::HadoopConnection;
use ackcheck_core::seat::dss::read::{ENDPOINT, KEY_ID};
use ackcheck_core::seat::store::{Addressing, Endpoint};

use super::comparison::{Comparison, describe};
use super::has_variables;
use crate::hadoop::connection_endpoint::endpoint;

/// Compares `[storage]` with every connection whose root is on OSS.
pub(super) async fn compare(comparison: &mut Comparison, config: &Config, dss: &dyn Dss) {
    let connections = match dss.connections().await {
        Ok(connections) => connections,
        Err(unseen) => return comparison.unseen(unseen),
    };
    let instance = match dss.hadoop_keys().await {
        Ok(instance) => instance,
        Err(unseen) => return comparison.unseen(unseen),
    };
    let nothing = StorageConfig::default();
    let storage = config.storage.as_ref().unwrap_or(&nothing);
    if config.storage.is_some() && !connections.iter().any(HadoopConnection::is_oss) {
        let seen = "the site file has [storage], and no Hadoop connection of DSS has its root on OSS".to_owned();
        comparison.differs(&super::NO_CONNECTION, seen);
    }
    for connection in connections.iter().filter(|connection| connection.is_oss()) {
        not_asked(comparison, storage, connection);
        stated(comparison, storage, connection, &Configuration::of(&instance, connection));
    }
}

/// The bucket and the prefix of a root; none where it is not on OSS. Connection-root says what is wrong with it.
fn bucket(connection: &HadoopConnection) -> Option<(&str, &str)> {
    let rest = connection.root.trim().strip_prefix("oss://")?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let named = |bucket: &str| bucket.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    (!bucket.is_empty() && (named(bucket) || has_variables(bucket))).then(|| (bucket, prefix.trim_matches('/')))
}

fn asked(storage: &StorageConfig, connection: &HadoopConnection) -> bool {
    match &storage.connections {
        Connections::None => false,
        Connections::All => true,
        Connections::Named(names) => names.contains(&connection.name),
    }
}

/// A connection is asked about where it is selected, or where its bucket is described.
fn not_asked(comparison: &mut Comparison, storage: &StorageConfig, connection: &HadoopConnection) {
    let Some((bucket, _)) = bucket(connection) else { return };
    if asked(storage, connection) || storage.buckets.iter().any(|known| known.name == bucket) {
        return comparison.same();
    }
    let (name, root) = (&connection.name, &connection.root);
    let seen = format!("the connection {name} of DSS, with the root {root}, is not in [storage] of the site file");
    let finding = comparison.differs(&super::BUCKET_NOT_ASKED, seen);
    // What would be asked for if this one were added.
    let names = match &storage.connections {
        Connections::Named(names) => names.iter().chain([name]).map(|name| format!("{name:?}")).collect(),
        Connections::None | Connections::All => vec![format!("{name:?}")],
    };
    describe(finding, &[("connection", name), ("connections", &format!("[{}]", names.join(", ")))]);
}

/// What both state of a connection: `[[storage.connection]]` of its name, or `[[storage.bucket]]` of its root.
fn stated(comparison: &mut Comparison, storage: &StorageConfig, connection: &HadoopConnection, hadoop: &Configuration) {
    let name = &connection.name;
    if let Some(known) = storage.connection(name) {
        let place = format!("[[storage.connection]] {name}");
        if let (Some(site), Some(theirs)) = (&known.endpoint, endpoint_of(hadoop)) {
            let same = plain(site) == plain(&theirs);
            compared(comparison, connection, same, (ENDPOINT, &theirs), (&place, "endpoint", site));
        }
        if let (Some(site), Some(theirs)) = (known.access_key.as_ref().filter(is_whole), key_id(hadoop)) {
            let same = site.id.trim() == theirs;
            compared(comparison, connection, same, (KEY_ID, &theirs), (&place, "access_key_id", &site.id));
        }
    }
    let Some((bucket, prefix)) = bucket(connection).filter(|_| !asked(storage, connection)) else { return };
    for known in storage.buckets.iter().filter(|known| known.name == bucket) {
        let place = format!("[[storage.bucket]] {}", storage.label(known));
        if let Some(theirs) = endpoint_of(hadoop)
            && let Some(same) = lead_alike(&known.endpoint, &theirs, bucket)
        {
            compared(comparison, connection, same, (ENDPOINT, &theirs), (&place, "endpoint", &known.endpoint));
        }
        // Another part of the bucket may have another key.
        if known.prefix != prefix {
            continue;
        }
        let key = known.access_key.as_ref().or(storage.access_key.as_ref());
        if let (Some(site), Some(theirs)) = (key.filter(is_whole), key_id(hadoop)) {
            let same = site.id.trim() == theirs;
            compared(comparison, connection, same, (KEY_ID, &theirs), (&place, "access_key_id", &site.id));
        }
    }
}

/// The endpoint as Hadoop reads it, if it is in clear and written out.
fn endpoint_of(hadoop: &Configuration) -> Option<String> {
    hadoop.trimmed(ENDPOINT).known().filter(|text| !text.is_empty())
}

/// True if both endpoints lead to the same buckets; none if one of them leads to none: oss-endpoint and connection-endpoint
/// say what is wrong with it. Those of one region do, inside the VPC or not.
fn lead_alike(site: &str, theirs: &str, bucket: &str) -> Option<bool> {
    if [site, theirs].into_iter().any(|text| endpoint::asked(text, Some(bucket)).is_err()) {
        return None;
    }
    let parse = |text: &str| Endpoint::parse(java::trim(text)).ok();
    let (site, theirs) = (parse(site)?, parse(theirs)?);
    let same = site.host == theirs.host || (site.region().is_some() && site.region() == theirs.region());
    (site.addressing() != Addressing::Path).then_some(same)
}

/// The id of the key that the connection works with, if it is one: connection-credentials says what is wrong with another.
fn key_id(hadoop: &Configuration) -> Option<String> {
    let credentials = hadoop.credentials();
    let temporary = credentials.is_temporary() && !credentials.lacks_token();
    match credentials {
        Credentials::Key { id: Told::Known(id), .. } if temporary || looks_like_an_id(&id) => Some(id),
        _ => None,
    }
}

/// True if the site file's key can be one; oss-credentials says what is wrong with another.
fn is_whole(key: &&AccessKey) -> bool {
    looks_like_an_id(&key.id) || (key.id.starts_with("STS.") && key.token.is_some())
}

/// An endpoint without its scheme, in one spelling.
fn plain(endpoint: &str) -> String {
    let endpoint = endpoint.trim().trim_end_matches('/').to_ascii_lowercase();
    let host = endpoint.split_once("://").map_or(endpoint.as_str(), |(_, host)| host);
    host.to_owned()
}

fn compared(
    comparison: &mut Comparison,
    connection: &HadoopConnection,
    same: bool,
    (property, theirs): (&str, &str),
    (place, key, site): (&str, &str, &str),
) {
    if same {
        return comparison.same();
    }
    let name = &connection.name;
    let seen = format!(
        "{property} of the connection {name} of DSS is {theirs}, but {key} in {place} of the site file is {site}"
    );
    let finding = comparison.differs(&super::CONNECTION_DIFFERS, seen);
    let facts = [
        ("connection", name.as_str()),
        ("property", property),
        ("dss_value", theirs),
        ("site_value", site),
        ("key", key),
        ("place", place),
    ];
    describe(finding, &facts);
}

#[cfg(test)]
#[path = "connections_tests.rs"]
mod tests;
