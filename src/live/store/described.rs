//! The buckets of a site by name alone: what its file says and what DSS's files on this host say. Nothing is asked.

use std::sync::Arc;

use super::targets::{ConnectionSource, chosen, root_of};
use crate::dss;
use crate::wire::Wire;
use ackcheck_core::config::{Config, Connections, DssConfig};
use ackcheck_core::evidence::Journal;
use ackcheck_core::hadoop_configuration::Configuration;
use ackcheck_core::seat::dss::read::KEY_ID;
use ackcheck_core::seat::store::StoreTarget;
use ackcheck_core::secret::Scrubber;
use ackcheck_core::subject::{Kind, Subject};
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
    let target = |subject: Subject, bucket: &str, prefix: &str, access_key_id: String| StoreTarget {
        subject,
        bucket: bucket.to_owned(),
        prefix: prefix.trim_matches('/').to_owned(),
        endpoint: String::new(),
        region: None,
        access_key_id,
    };
    let mut targets = Vec::new();
    for bucket in &storage.buckets {
        let key = bucket.access_key.as_ref().map(|key| key.id.as_str());
        let subject = Subject::new(Kind::Bucket, storage.label(bucket));
        targets.push(target(subject, &bucket.name, &bucket.prefix, id_of(key)));
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
    let known = match known {
        Ok(known) => known,
        Err(unseen) => {
            unknown.push(format!("the connections of DSS: {unseen}"));
            return Ok((targets, unknown));
        }
    };
    // Only the id of a key may come from there.
    let instance = source.hadoop_keys(&journal).await.unwrap_or_default();
    for name in chosen(&storage.connections, &known) {
        let Some(connection) = known.iter().find(|connection| connection.name == name) else {
            unknown.push(format!("the connection {name}: DSS has no Hadoop connection of that name"));
            continue;
        };
        match root_of(storage, connection) {
            Err(unseen) => unknown.push(unseen.to_string()),
            Ok((bucket, prefix)) => {
                let given = storage.connection(&name).and_then(|known| known.access_key.as_ref());
                let key = match given {
                    Some(key) => Some(key.id.clone()),
                    None => Configuration::of(&instance, connection).trimmed(KEY_ID).known(),
                };
                targets.push(target(Subject::new(Kind::Connection, name), &bucket, &prefix, id_of(key.as_deref())));
            }
        }
    }
    Ok((targets, unknown))
}
