//! The buckets of a site by name alone: what its file says and what DSS's files on this host say. Nothing is asked.

use std::sync::Arc;

use super::targets::{ConnectionSource, chosen, root};
use crate::dss;
use crate::wire::Wire;
use ackcheck_core::config::{Config, Connections, DssConfig};
use ackcheck_core::evidence::{Journal, Scrubber};
use ackcheck_core::seat::dss::PropertyValue;
use ackcheck_core::seat::store::StoreTarget;
use ackcheck_core::verdict::Broken;

/// The buckets, their keys' ids empty where they are not known, and what could not be found out.
///
/// # Errors
/// Where this machine cannot do what it must.
pub async fn described(config: &Config) -> Result<(Vec<StoreTarget>, Vec<String>), Broken> {
    let Some(storage) = &config.storage else { return Ok((Vec::new(), Vec::new())) };
    let id_of = |key: Option<&str>| {
        key.or(storage.access_key.as_ref().map(|key| key.id.as_str())).unwrap_or_default().to_owned()
    };
    let target = |label: &str, bucket: &str, prefix: &str, access_key_id: String| StoreTarget {
        label: label.to_owned(),
        bucket: bucket.to_owned(),
        prefix: prefix.trim_matches('/').to_owned(),
        endpoint: String::new(),
        region: None,
        access_key_id,
    };
    let mut targets = Vec::new();
    for bucket in &storage.buckets {
        let key = bucket.access_key.as_ref().map(|key| key.id.as_str());
        targets.push(target(&bucket.name, &bucket.name, &bucket.prefix, id_of(key)));
    }
    let mut unknown = Vec::new();
    if storage.connections == Connections::None {
        return Ok((targets, unknown));
    }
    // Without its URL DSS is its files: the REST API would be asked over the network.
    let files = config.dss.clone().map(|dss| DssConfig { url: None, api_key: None, ..dss });
    let wire = Wire::new(Arc::new(Config { dss: files, ..Config::default() }))?;
    let journal = Journal::new(Scrubber::default());
    let source = dss::Source::new(&wire);
    let known = source.connections(&journal).await;
    match known.as_ref().map_err(Clone::clone).and_then(|known| chosen(&storage.connections, known)) {
        Err(unseen) => unknown.push(format!("the connections of DSS: {}", unseen)),
        Ok(connections) => {
            for connection in connections {
                let Some((bucket, prefix)) = root(&connection.root) else {
                    unknown.push(format!("the connection {}: its root is no oss://bucket/path", connection.name));
                    continue;
                };
                let key = match connection.property("fs.oss.accessKeyId") {
                    Some(PropertyValue::Clear(id)) => Some(id.trim()),
                    _ => None,
                };
                targets.push(target(&connection.name, &bucket, &prefix, id_of(key)));
            }
        }
    }
    Ok((targets, unknown))
}
