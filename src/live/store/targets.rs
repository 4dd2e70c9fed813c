//! The buckets to look at and the keys to look with: from the site file, and from DSS's connections where it says so.

use async_trait::async_trait;

use super::sign::Place;
use ackcheck_core::config::{AccessKey, BucketConfig, Config, Connections, StorageConfig};
use ackcheck_core::evidence::{Journal, Secret};
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::{HadoopConnection, PropertyValue};
use ackcheck_core::seat::store::{Endpoint, StoreTarget};
use ackcheck_core::verdict::Unseen;

/// Where DSS's connections are read. The seat on DSS keeps secrets from checks; this gives them to the object store's.
#[async_trait]
pub trait ConnectionSource: Send + Sync {
    /// Every Hadoop connection of DSS.
    async fn connections(&self, journal: &Journal) -> Seen<Vec<HadoopConnection>>;
    /// The value of a connection's property that is a secret kept in clear; none where DSS encrypted it.
    async fn clear_secret(&self, journal: &Journal, connection: &str, property: &str) -> Seen<Option<Secret>>;
}

/// A target and all that is needed to ask it.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub target: StoreTarget,
    /// Where requests go; the error says why the endpoint's text leads nowhere.
    pub place: Result<Place, String>,
}

/// Every bucket the site describes, in the order it does.
pub(super) async fn accounts(config: &Config, source: &dyn ConnectionSource, journal: &Journal) -> Seen<Vec<Account>> {
    let Some(storage) = &config.storage else {
        return Err(Unseen::not_described("the site file has no [storage]"));
    };
    let mut accounts = Vec::new();
    for bucket in &storage.buckets {
        accounts.push(from_site(config, storage, bucket)?);
    }
    if storage.connections != Connections::None {
        let known = source.connections(journal).await?;
        for connection in chosen(&storage.connections, &known)? {
            let key = connection_key(storage, source, journal, connection).await?;
            accounts.push(from_connection(config, connection, key)?);
        }
    }
    if accounts.is_empty() {
        return Err(Unseen::not_described(match storage.connections {
            Connections::None => "[storage] names neither a bucket nor connections of DSS",
            _ => "DSS has no connection whose root is on OSS",
        }));
    }
    for account in &accounts {
        if let Ok(place) = &account.place {
            journal.scrubber().learn(&place.key.secret);
            place.key.token.iter().for_each(|token| journal.scrubber().learn(token));
        }
    }
    Ok(accounts)
}

fn account(config: &Config, label: String, bucket: &BucketConfig, key: AccessKey) -> Account {
    let region = config.cloud.as_ref().and_then(|cloud| cloud.region.clone());
    let target = StoreTarget {
        label,
        bucket: bucket.name.clone(),
        prefix: bucket.prefix.trim_matches('/').to_owned(),
        endpoint: bucket.endpoint.clone(),
        region: region.clone(),
        access_key_id: key.id.clone(),
    };
    // Hadoop trims the value it reads; whatever else is odd in it is for the checks to say.
    let place = Endpoint::parse(bucket.endpoint.trim()).map(|endpoint| Place {
        region: endpoint.region().map(str::to_owned).or(region),
        endpoint,
        bucket: bucket.name.clone(),
        key,
    });
    Account { target, place }
}

fn from_site(config: &Config, storage: &StorageConfig, bucket: &BucketConfig) -> Seen<Account> {
    let key = bucket.access_key.clone().or_else(|| storage.access_key.clone());
    let key = key.ok_or_else(|| {
        let reason = format!("the bucket {} has no access key: add one to it, or to [storage]", bucket.name);
        Unseen::not_described(reason)
    })?;
    Ok(account(config, bucket.name.clone(), bucket, key))
}

pub(super) fn chosen<'a>(wanted: &Connections, known: &'a [HadoopConnection]) -> Seen<Vec<&'a HadoopConnection>> {
    match wanted {
        Connections::None => Ok(Vec::new()),
        Connections::All => Ok(known.iter().filter(|connection| connection.is_oss()).collect()),
        Connections::Named(names) => names
            .iter()
            .map(|name| {
                known.iter().find(|connection| connection.name == *name).ok_or_else(|| {
                    Unseen::unreadable(
                        format!("the DSS connection {name}"),
                        "DSS has no Hadoop connection of that name",
                    )
                })
            })
            .collect(),
    }
}

fn from_connection(config: &Config, connection: &HadoopConnection, key: AccessKey) -> Seen<Account> {
    let name = &connection.name;
    let Some((bucket, path)) = root(&connection.root) else {
        let reason = format!("the root of the connection {name} is no oss://bucket/path, as connection-root says");
        return Err(Unseen::not_described(reason));
    };
    let Some(PropertyValue::Clear(endpoint)) = connection.property("fs.oss.endpoint") else {
        let reason = format!("the connection {name} gives no fs.oss.endpoint, as connection-endpoint says");
        return Err(Unseen::not_described(reason));
    };
    let bucket = BucketConfig { name: bucket, prefix: path, endpoint: endpoint.clone(), access_key: None };
    Ok(account(config, name.clone(), &bucket, key))
}

/// The bucket and the path of `oss://bucket/path`.
pub(super) fn root(uri: &str) -> Option<(String, String)> {
    let rest = uri.trim().strip_prefix("oss://")?;
    let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
    let named = !bucket.is_empty() && bucket.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (named && !path.contains("${")).then(|| (bucket.to_owned(), path.to_owned()))
}

/// The key a connection works with: its own where its secret is in clear, else the site's, if that is the same key.
async fn connection_key(
    storage: &StorageConfig,
    source: &dyn ConnectionSource,
    journal: &Journal,
    connection: &HadoopConnection,
) -> Seen<AccessKey> {
    let name = &connection.name;
    let id = match connection.property("fs.oss.accessKeyId") {
        Some(PropertyValue::Clear(id)) => Some(id.trim().to_owned()),
        _ => None,
    };
    if let (Some(id), Some(PropertyValue::ClearSecret)) = (&id, connection.property("fs.oss.accessKeySecret"))
        && let Some(secret) = source.clear_secret(journal, name, "fs.oss.accessKeySecret").await?
    {
        let token = match connection.property("fs.oss.securityToken") {
            Some(_) => source.clear_secret(journal, name, "fs.oss.securityToken").await?,
            None => None,
        };
        return Ok(AccessKey { id: id.clone(), secret, token });
    }
    match (&storage.access_key, id) {
        (Some(key), Some(id)) if key.id != id => Err(Unseen::not_described(format!(
            "the connection {name} uses the AccessKey {id}, whose secret DSS keeps encrypted, and [storage] \
             access_key_id is another one ({}): give that of the connection, so that its rights are the ones tried",
            key.id
        ))),
        (Some(key), _) => Ok(key.clone()),
        (None, _) => Err(Unseen::not_described(format!(
            "the key of the connection {name} cannot be read from DSS (encrypted, or each user's own): add \
             access_key_id and access_key_secret to [storage]"
        ))),
    }
}

/// No DSS is described.
#[derive(Debug, Clone, Copy)]
pub struct NoConnections;

#[async_trait]
impl ConnectionSource for NoConnections {
    async fn connections(&self, _: &Journal) -> Seen<Vec<HadoopConnection>> {
        Err(Unseen::not_described("[storage] takes its buckets from DSS's connections, but the site file has no [dss]"))
    }
    async fn clear_secret(&self, _: &Journal, _: &str, _: &str) -> Seen<Option<Secret>> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::evidence::Scrubber;

    struct Source(Vec<HadoopConnection>);

    #[async_trait]
    impl ConnectionSource for Source {
        async fn connections(&self, _: &Journal) -> Seen<Vec<HadoopConnection>> {
            Ok(self.0.clone())
        }
        async fn clear_secret(&self, _: &Journal, connection: &str, _: &str) -> Seen<Option<Secret>> {
            Ok(Some(Secret::new(format!("secret of {connection}"))))
        }
    }

    fn connection(name: &str, root: &str, secret: PropertyValue) -> HadoopConnection {
        let clear = |text: &str| PropertyValue::Clear(text.to_owned());
        let properties = vec![
            ("fs.oss.endpoint".to_owned(), clear("oss-cn-hangzhou-internal.aliyuncs.com")),
            ("fs.oss.accessKeyId".to_owned(), clear("LTAIconnection")),
            ("fs.oss.accessKeySecret".to_owned(), secret),
        ];
        HadoopConnection { name: name.to_owned(), root: root.to_owned(), properties, per_user: false, usable_by: None }
    }

    fn config(connections: Connections, key: Option<&str>) -> Config {
        let access_key = key.map(|id| AccessKey { id: id.to_owned(), secret: Secret::new("of the site"), token: None });
        Config { storage: Some(StorageConfig { buckets: Vec::new(), connections, access_key }), ..Config::default() }
    }

    async fn seen(config: &Config, connections: Vec<HadoopConnection>) -> Seen<Vec<Account>> {
        accounts(config, &Source(connections), &Journal::new(Scrubber::default())).await
    }

    #[tokio::test]
    async fn a_connection_brings_its_bucket_and_its_own_clear_key() {
        let connections = vec![
            connection("files", "hdfs:///", PropertyValue::Encrypted),
            connection("oss", "oss://data/dss/managed/", PropertyValue::ClearSecret),
        ];
        let connections: Vec<_> = connections
            .into_iter()
            .map(|mut c| {
                if c.name == "files" {
                    c.properties.clear();
                }
                c
            })
            .collect();
        let accounts = seen(&config(Connections::All, None), connections).await.unwrap();
        assert_eq!(accounts.len(), 1);
        let target = &accounts[0].target;
        assert_eq!(
            (target.label.as_str(), target.bucket.as_str(), target.prefix.as_str()),
            ("oss", "data", "dss/managed")
        );
        let place = accounts[0].place.as_ref().unwrap();
        assert_eq!((place.key.id.as_str(), place.key.secret.expose()), ("LTAIconnection", "secret of oss"));
        assert_eq!(place.region.as_deref(), Some("cn-hangzhou"));
    }

    #[tokio::test]
    async fn an_encrypted_key_needs_the_sites_and_the_same_one() {
        let encrypted = || vec![connection("oss", "oss://data", PropertyValue::Encrypted)];
        let reason = |seen: Seen<Vec<Account>>| match seen.unwrap_err() {
            Unseen::NotDescribed(reason) => reason.into_owned(),
            Unseen::Broken(broken) => panic!("{broken}"),
        };
        let without = reason(seen(&config(Connections::All, None), encrypted()).await);
        assert!(without.contains("access_key"), "{without}");
        let other = reason(seen(&config(Connections::All, Some("LTAIother")), encrypted()).await);
        assert!(other.contains("LTAIconnection") && other.contains("LTAIother"), "{other}");
        let same = seen(&config(Connections::All, Some("LTAIconnection")), encrypted()).await.unwrap();
        assert_eq!(same[0].place.as_ref().unwrap().key.secret.expose(), "of the site");
    }

    #[tokio::test]
    async fn a_name_that_dss_does_not_know_is_no_pass() {
        let named = config(Connections::Named(vec!["gone".to_owned()]), Some("LTAI"));
        assert!(matches!(seen(&named, Vec::new()).await, Err(Unseen::Broken(_))));
        assert!(matches!(seen(&config(Connections::All, None), Vec::new()).await, Err(Unseen::NotDescribed(_))));
    }
}
