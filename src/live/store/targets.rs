//! The buckets to look at and the keys to look with: from the site file, and from DSS's connections where it says so.

use std::path::PathBuf;

use async_trait::async_trait;

use url::Url;

use super::sign::Place;
use crate::jvm::JavaOfDss;
use ackcheck_core::config::{AccessKey, BucketConfig, Config, ConnectionConfig, Connections, Proxy, StorageConfig};
use ackcheck_core::evidence::Journal;
use ackcheck_core::hadoop_configuration::{self as hadoop, Configuration, Credentials, Told, Unknown, Why};
use ackcheck_core::java;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::read::{ENDPOINT, KEY_ID, KEY_SECRET, PROXY_PASSWORD, SECURITY_TOKEN};
use ackcheck_core::seat::dss::{HadoopConnection, HadoopKey};
use ackcheck_core::seat::store::{Endpoint, StoreTarget};
use ackcheck_core::secret::Secret;
use ackcheck_core::subject::{Kind, Subject};
use ackcheck_core::verdict::Unseen;

/// Where DSS's connections are read. The seat on DSS keeps secrets from checks; this gives them to the object store's.
#[async_trait]
pub trait ConnectionSource: Send + Sync {
    /// Every Hadoop connection of DSS.
    async fn connections(&self, journal: &Journal) -> Seen<Vec<HadoopConnection>>;
    /// The keys that DSS sets for every connection.
    async fn hadoop_keys(&self, journal: &Journal) -> Seen<Vec<HadoopKey>>;
    /// What Hadoop reads for a property of a connection, where it is a secret kept in clear; none where DSS encrypted it.
    async fn clear_secret(&self, journal: &Journal, connection: &str, property: &str) -> Seen<Option<Secret>>;
    /// All that Hadoop is given for a connection, secrets and all; none where there is no such connection.
    async fn configuration(&self, journal: &Journal, connection: &str) -> Seen<Option<Configuration>>;
    /// The JVM that DSS starts for its backend.
    async fn java(&self, journal: &Journal) -> Seen<JavaOfDss>;
    /// The data directory, where the site names one.
    fn data_dir(&self) -> Option<PathBuf>;
}

/// A target and all that is needed to ask it.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub target: StoreTarget,
    /// Where requests go; the error says why the endpoint's text leads nowhere.
    pub place: Result<Place, String>,
    /// The proxy that the connection's own settings send requests through.
    pub proxy: Option<Proxy>,
}

/// One place in the object store that the site describes, and why it cannot be asked where it cannot.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub subject: Subject,
    pub account: Seen<Account>,
}

/// Every place the site describes, in the order it does. One that cannot be asked keeps no other from it.
pub(super) async fn entries(config: &Config, source: &dyn ConnectionSource, journal: &Journal) -> Seen<Vec<Entry>> {
    let Some(storage) = &config.storage else {
        return Err(Unseen::not_described("the site file has no [storage]"));
    };
    let mut entries = Vec::new();
    for bucket in &storage.buckets {
        let subject = Subject::new(Kind::Bucket, storage.label(bucket));
        let account = from_site(config, storage, bucket, subject.clone());
        entries.push(Entry { subject, account });
    }
    if storage.connections != Connections::None {
        let known = source.connections(journal).await?;
        for name in chosen(&storage.connections, &known) {
            let subject = Subject::new(Kind::Connection, name.clone());
            let account = match known.iter().find(|connection| connection.name == name) {
                Some(connection) => from_connection(config, storage, source, journal, connection).await,
                None => {
                    let what = format!("the DSS connection {name}");
                    Err(Unseen::unreadable(what, "DSS has no Hadoop connection of that name"))
                }
            };
            entries.push(Entry { subject, account });
        }
        // A name that only the site file has would otherwise go unnoticed.
        for given in &storage.known {
            let subject = Subject::new(Kind::Connection, given.name.clone());
            if !entries.iter().any(|entry| entry.subject == subject) {
                let what = format!("[[storage.connection]] of the site file names {}", given.name);
                let account = Err(Unseen::unreadable(what, "DSS has no connection to OSS of that name"));
                entries.push(Entry { subject, account });
            }
        }
    }
    if entries.is_empty() {
        return Err(Unseen::not_described(match storage.connections {
            Connections::None => "[storage] names neither a bucket nor connections of DSS",
            _ => "DSS has no Hadoop connection whose root is on OSS",
        }));
    }
    Ok(entries)
}

fn account(config: &Config, subject: Subject, bucket: &BucketConfig, key: AccessKey) -> Account {
    let region = config.cloud.as_ref().and_then(|cloud| cloud.region.clone());
    let target = StoreTarget {
        subject,
        bucket: bucket.name.clone(),
        prefix: bucket.prefix.trim_matches('/').to_owned(),
        endpoint: bucket.endpoint.clone(),
        region: region.clone(),
        access_key_id: key.id.clone(),
    };
    // Hadoop trims the value it reads; whatever else is odd in it is for the checks to say.
    let place = Endpoint::parse(java::trim(&bucket.endpoint)).map(|endpoint| Place {
        region: endpoint.region().map(str::to_owned).or(region),
        endpoint,
        bucket: bucket.name.clone(),
        key,
    });
    Account { target, place, proxy: None }
}

fn from_site(config: &Config, storage: &StorageConfig, bucket: &BucketConfig, subject: Subject) -> Seen<Account> {
    let key = bucket.access_key.clone().or_else(|| storage.access_key.clone());
    let key = key.ok_or_else(|| {
        let what = format!("the site file gives no access key for the bucket {}", bucket.name);
        Unseen::not_given(what, format!("[storage]\n{KEY_LINES}"))
    })?;
    Ok(account(config, subject, bucket, key))
}

/// The names of the connections that the site file wants asked, in DSS's order or its own.
pub(super) fn chosen(wanted: &Connections, known: &[HadoopConnection]) -> Vec<String> {
    match wanted {
        Connections::None => Vec::new(),
        Connections::All => {
            known.iter().filter(|connection| connection.is_oss()).map(|connection| connection.name.clone()).collect()
        }
        Connections::Named(names) => names.clone(),
    }
}

/// The lines of a key in the site file.
const KEY_LINES: &str = "access_key_id = \"LTAI…\"\naccess_key_secret = { env = \"OSS_SECRET\" }";

/// The root that a connection is asked below: the site file's, or its own where nothing in it is for DSS to fill in.
pub(super) fn root_of(storage: &StorageConfig, connection: &HadoopConnection) -> Seen<(String, String)> {
    let name = &connection.name;
    let given = storage.connection(name).and_then(|known| known.root.as_deref());
    if given.is_none() && connection.root.contains("${") {
        let what = format!("DSS fills in the variables of the root {} of the connection {name}", connection.root);
        return Err(Unseen::not_given(what, ConnectionConfig::lines(name, "root = \"oss://BUCKET/PATH\"")));
    }
    root(given.unwrap_or(&connection.root)).ok_or_else(|| {
        Unseen::unreadable(format!("the root of the connection {name}"), "it is not of the form oss://bucket/path")
    })
}

/// All that is known of a connection when it is made a target.
struct Connecting<'a> {
    storage: &'a StorageConfig,
    source: &'a dyn ConnectionSource,
    journal: &'a Journal,
    name: &'a str,
    configuration: Configuration,
}

async fn from_connection(
    config: &Config,
    storage: &StorageConfig,
    source: &dyn ConnectionSource,
    journal: &Journal,
    connection: &HadoopConnection,
) -> Seen<Account> {
    let (bucket, prefix) = root_of(storage, connection)?;
    let configuration = Configuration::of(&source.hadoop_keys(journal).await?, connection);
    let client = configuration.client();
    let connecting = Connecting { storage, source, journal, name: &connection.name, configuration };
    let endpoint = connecting.endpoint(client.endpoint)?;
    let proxy = connecting.proxy(client.proxy).await?;
    let key = connecting.key().await?;
    let bucket = BucketConfig { name: bucket, prefix, endpoint, access_key: None };
    let mut account = account(config, Subject::new(Kind::Connection, connection.name.clone()), &bucket, key);
    account.proxy = proxy;
    if let Ok(place) = &mut account.place {
        // Without a scheme of its own, the endpoint is asked as `fs.oss.connection.secure.enabled` says.
        let plain = client.secure == Told::Known(false);
        place.endpoint.scheme.get_or_insert_with(|| if plain { "http" } else { "https" }.to_owned());
    }
    Ok(account)
}

impl Connecting<'_> {
    /// The endpoint: the site file's, or the one that Hadoop reads.
    fn endpoint(&self, read: Told<String>) -> Seen<String> {
        let name = self.name;
        if let Some(endpoint) = self.storage.connection(name).and_then(|known| known.endpoint.clone()) {
            return Ok(endpoint);
        }
        match read {
            Told::Known(endpoint) if !endpoint.is_empty() => Ok(endpoint),
            Told::Known(_) | Told::Unset => {
                Err(Unseen::unreadable(format!("the {ENDPOINT} of the connection {name}"), "it has none"))
            }
            Told::TooDeep => Err(Unseen::unreadable(
                format!("the {ENDPOINT} of the connection {name}"),
                "it has variables in variables, more than Hadoop resolves",
            )),
            Told::Unknown(unknown) => {
                let what = format!("the {ENDPOINT} of the connection {name} is not known: {unknown}");
                let lines = ConnectionConfig::lines(name, "endpoint = \"oss-REGION-internal.aliyuncs.com\"");
                Err(Unseen::not_given(what, lines))
            }
        }
    }

    /// The proxy of the connection's own settings.
    async fn proxy(&self, read: Told<hadoop::Proxy>) -> Seen<Option<Proxy>> {
        let what = || format!("the proxy of the connection {}", self.name);
        let proxy = match read {
            Told::Unset | Told::TooDeep => return Ok(None),
            Told::Known(proxy) => proxy,
            Told::Unknown(unknown) => return Err(Unseen::unreadable(what(), unknown.to_string())),
        };
        let url = proxy.authority().and_then(|authority| Url::parse(&format!("http://{authority}")).ok());
        let url = url.ok_or_else(|| Unseen::unreadable(what(), format!("{:?} is not a host name", proxy.host)))?;
        let user = match proxy.user {
            None => None,
            Some(user) => match self.secret(PROXY_PASSWORD).await? {
                Some(password) => Some((user, password)),
                None => return Err(Unseen::unreadable(what(), "its password is encrypted by DSS")),
            },
        };
        Ok(Some(Proxy { url, user }))
    }

    async fn secret(&self, property: &str) -> Seen<Option<Secret>> {
        self.source.clear_secret(self.journal, self.name, property).await
    }

    /// The key that Hadoop reads where DSS tells all of it, or the site file's.
    async fn key(&self) -> Seen<AccessKey> {
        let Credentials::Key { id, secret, token } = self.configuration.credentials() else {
            return self.site_key(None);
        };
        let in_seat = |told: &Told<String>| matches!(told, Told::Unknown(Unknown { why: Why::Secret, .. }));
        let id = match id {
            Told::Known(id) => Some(id),
            id if in_seat(&id) => self.secret(KEY_ID).await?.map(|id| id.expose().to_owned()),
            _ => None,
        };
        if let (Some(id), true) = (&id, in_seat(&secret))
            && let Some(secret) = self.secret(KEY_SECRET).await?
        {
            match token {
                Told::Unset => return Ok(AccessKey { id: id.clone(), secret, token: None }),
                token if in_seat(&token) => {
                    let token = self.secret(SECURITY_TOKEN).await?;
                    return Ok(AccessKey { id: id.clone(), secret, token });
                }
                _ => {}
            }
        }
        self.site_key(id)
    }

    /// The site file's key, which must be the one that DSS uses where DSS tells which that is.
    fn site_key(&self, id: Option<String>) -> Seen<AccessKey> {
        let name = self.name;
        let own = self.storage.connection(name).and_then(|known| known.access_key.as_ref());
        match (own.or(self.storage.access_key.as_ref()), id) {
            (Some(key), Some(id)) if key.id != id => {
                let what = format!(
                    "the connection {name} uses the AccessKey {id}, whose secret DSS does not tell, and the site file \
                     gives another one, {}",
                    key.id
                );
                Err(Unseen::not_given(what, ConnectionConfig::lines(name, &KEY_LINES.replace("LTAI…", &id))))
            }
            (Some(key), _) => Ok(key.clone()),
            (None, id) => {
                let what =
                    format!("DSS does not tell the access key of the connection {name}: encrypted, or set elsewhere");
                let lines = KEY_LINES.replace("LTAI…", id.as_deref().unwrap_or("LTAI…"));
                Err(Unseen::not_given(what, ConnectionConfig::lines(name, &lines)))
            }
        }
    }
}

/// The key that Hadoop asks with for a connection: DSS's own where DSS tells it; else the site file's for the connection, or
/// for the bucket where it has the same id.
pub(super) async fn key_of_hadoop(
    config: &Config,
    source: &dyn ConnectionSource,
    journal: &Journal,
    connection: &HadoopConnection,
    configuration: &Configuration,
    account: &Account,
) -> Seen<AccessKey> {
    let storage = config.storage.clone().unwrap_or_default();
    let configuration = configuration.clone();
    let connecting = Connecting { storage: &storage, source, journal, name: &connection.name, configuration };
    let why = match connecting.key().await {
        Ok(key) => return Ok(key),
        Err(why) => why,
    };
    let of_bucket = account.place.as_ref().ok().map(|place| &place.key);
    match (connecting.configuration.credentials(), of_bucket) {
        (Credentials::Key { id: Told::Known(id), .. }, Some(key)) if key.id == id => Ok(key.clone()),
        _ => Err(why),
    }
}

/// The bucket and the path of `oss://bucket/path`, as Hadoop has it: `Path` makes one slash of several, and takes `.` and
/// `..` out.
pub(super) fn root(uri: &str) -> Option<(String, String)> {
    let rest = java::trim(uri).strip_prefix("oss://")?;
    let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
    let named = !bucket.is_empty() && bucket.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (named && !path.contains("${")).then(|| (bucket.to_owned(), normalized(path)))
}

/// What `java.net.URI.normalize` makes of a path, without its slashes at either end.
fn normalized(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match (part, parts.last()) {
            ("..", Some(&before)) if before != ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// No DSS is described.
#[derive(Debug, Clone, Copy)]
pub struct NoConnections;

#[async_trait]
impl ConnectionSource for NoConnections {
    async fn connections(&self, _: &Journal) -> Seen<Vec<HadoopConnection>> {
        Err(Unseen::not_given(
            "[storage] takes its buckets from the connections of DSS, and the site file has no [dss]",
            "[dss]\ndata_dir = \"/data/dataiku\"",
        ))
    }
    async fn hadoop_keys(&self, _: &Journal) -> Seen<Vec<HadoopKey>> {
        Ok(Vec::new())
    }
    async fn clear_secret(&self, _: &Journal, _: &str, _: &str) -> Seen<Option<Secret>> {
        Ok(None)
    }
    async fn configuration(&self, _: &Journal, _: &str) -> Seen<Option<Configuration>> {
        Ok(None)
    }
    async fn java(&self, _: &Journal) -> Seen<JavaOfDss> {
        Err(Unseen::not_described("the site file has no [dss]"))
    }
    fn data_dir(&self) -> Option<PathBuf> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::seat::dss::PropertyValue;
    use ackcheck_core::secret::Scrubber;
    use ackcheck_core::verdict::Broken;

    struct Source(Vec<HadoopConnection>);

    #[async_trait]
    impl ConnectionSource for Source {
        async fn connections(&self, _: &Journal) -> Seen<Vec<HadoopConnection>> {
            Ok(self.0.clone())
        }
        async fn hadoop_keys(&self, _: &Journal) -> Seen<Vec<HadoopKey>> {
            Ok(Vec::new())
        }
        async fn clear_secret(&self, _: &Journal, connection: &str, _: &str) -> Seen<Option<Secret>> {
            Ok(Some(Scrubber::default().secret(format!("secret of {connection}"))))
        }
        async fn configuration(&self, _: &Journal, _: &str) -> Seen<Option<Configuration>> {
            Ok(None)
        }
        async fn java(&self, _: &Journal) -> Seen<JavaOfDss> {
            Err(Unseen::not_described("the site file has no [dss]"))
        }
        fn data_dir(&self) -> Option<PathBuf> {
            None
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
        let access_key = key.map(|id| AccessKey {
            id: id.to_owned(),
            secret: Scrubber::default().secret("of the site"),
            token: None,
        });
        let storage = StorageConfig { connections, access_key, ..StorageConfig::default() };
        Config { storage: Some(storage), ..Config::default() }
    }

    async fn seen(config: &Config, connections: Vec<HadoopConnection>) -> Seen<Vec<Entry>> {
        entries(config, &Source(connections), &Journal::new(Scrubber::default())).await
    }

    /// Why the only entry cannot be asked, and what to add to the site file.
    async fn not_given(config: &Config, connections: Vec<HadoopConnection>) -> (String, String) {
        match seen(config, connections).await.unwrap().remove(0).account.unwrap_err() {
            Unseen::Broken(Broken::NotGiven { what, add }) => (what, add),
            other => panic!("{other}"),
        }
    }

    #[tokio::test]
    async fn a_connection_brings_its_bucket_and_its_own_clear_key() {
        let files =
            HadoopConnection { properties: Vec::new(), ..connection("files", "hdfs:///", PropertyValue::Encrypted) };
        let connections = vec![files, connection("oss", "oss://data/dss/managed/", PropertyValue::ClearSecret)];
        let entries = seen(&config(Connections::All, None), connections).await.unwrap();
        assert_eq!(entries.len(), 1);
        let account = entries[0].account.as_ref().unwrap();
        let target = &account.target;
        assert_eq!((target.subject.name.as_str(), target.bucket.as_str()), ("oss", "data"));
        assert_eq!(target.prefix, "dss/managed");
        let place = account.place.as_ref().unwrap();
        assert_eq!((place.key.id.as_str(), place.key.secret.expose()), ("LTAIconnection", "secret of oss"));
        assert_eq!(place.region.as_deref(), Some("cn-hangzhou"));
    }

    #[test]
    fn a_path_is_the_one_that_hadoop_makes_of_it() {
        // As `new URI(…).normalize()` of OpenJDK 17 has them.
        for (path, normal) in [
            ("dss/../dss/managed", "dss/managed"),
            ("a/./b", "a/b"),
            ("/dss//managed/", "dss/managed"),
            ("a/..", ""),
            ("../a", "../a"),
            ("a/../../b", "../b"),
        ] {
            assert_eq!(root(&format!("oss://data/{path}")), Some(("data".to_owned(), normal.to_owned())), "{path}");
        }
    }

    #[tokio::test]
    async fn a_connection_is_asked_as_hadoop_would_ask_it() {
        let with = |settings: &[(&str, &str)]| {
            let mut connection = connection("oss", "oss://data", PropertyValue::ClearSecret);
            let set =
                settings.iter().map(|(name, value)| ((*name).to_owned(), PropertyValue::Clear((*value).to_owned())));
            connection.properties.extend(set);
            connection
        };
        let account = async |settings: &[(&str, &str)]| {
            let entries = seen(&config(Connections::All, None), vec![with(settings)]).await.unwrap();
            entries[0].account.as_ref().unwrap().clone()
        };
        let plain = account(&[]).await;
        let place = plain.place.unwrap();
        assert_eq!((place.endpoint.scheme.as_deref(), plain.proxy.is_none()), (Some("https"), true));
        let odd = account(&[
            (" fs.oss.endpoint ", " oss-cn-beijing.aliyuncs.com\n"),
            ("fs.oss.connection.secure.enabled", " False"),
            ("fs.oss.proxy.host", "proxy.corp.example "),
            ("fs.oss.proxy.port", "0xc38"),
        ])
        .await;
        let place = odd.place.unwrap();
        assert_eq!(
            (place.endpoint.host.as_str(), place.endpoint.scheme.as_deref()),
            ("oss-cn-beijing.aliyuncs.com", Some("http"))
        );
        assert_eq!(odd.proxy.unwrap().url.as_str(), "http://proxy.corp.example:3128/");
        let hard_space = account(&[("fs.oss.endpoint", "oss-cn-beijing.aliyuncs.com\u{a0}")]).await;
        assert!(hard_space.place.is_err());
        let scheme =
            account(&[("fs.oss.endpoint", "https://oss.example"), ("fs.oss.connection.secure.enabled", "false")]).await;
        assert_eq!(scheme.place.unwrap().endpoint.scheme.as_deref(), Some("https"));
    }

    #[tokio::test]
    async fn an_encrypted_key_needs_the_sites_and_the_same_one() {
        let encrypted = || vec![connection("o\"ss", "oss://data", PropertyValue::Encrypted)];
        let (_, add) = not_given(&config(Connections::All, None), encrypted()).await;
        assert!(add.contains("name = 'o\"ss'") && add.contains("access_key_id = \"LTAIconnection\""), "{add}");
        let (what, _) = not_given(&config(Connections::All, Some("LTAIother")), encrypted()).await;
        assert!(what.contains("LTAIconnection") && what.contains("LTAIother"), "{what}");
        let same = seen(&config(Connections::All, Some("LTAIconnection")), encrypted()).await.unwrap();
        let account = same[0].account.as_ref().unwrap();
        assert_eq!(account.place.as_ref().unwrap().key.secret.expose(), "of the site");
    }

    #[tokio::test]
    async fn a_root_with_a_variable_waits_for_the_sites_and_holds_nothing_else_up() {
        let connections = || {
            vec![
                connection("each-project", "oss://data/${projectKey}", PropertyValue::ClearSecret),
                connection("whole", "oss://data/all", PropertyValue::ClearSecret),
            ]
        };
        let mut config = config(Connections::All, None);
        let (_, add) = not_given(&config, connections()).await;
        assert!(add.contains("[[storage.connection]]") && add.contains("root = "), "{add}");
        let entries = seen(&config, connections()).await.unwrap();
        assert!(entries[0].account.is_err() && entries[1].account.is_ok());
        let root = Some("oss://data/TRIAL".to_owned());
        let known = ConnectionConfig { name: "each-project".to_owned(), root, endpoint: None, access_key: None };
        config.storage.as_mut().unwrap().known.push(known);
        let entries = seen(&config, connections()).await.unwrap();
        assert_eq!(entries[0].account.as_ref().unwrap().target.prefix, "TRIAL");
        // A name that DSS does not have is an entry of its own, which cannot be asked.
        config.storage.as_mut().unwrap().known[0].name = "each-projekt".to_owned();
        let entries = seen(&config, connections()).await.unwrap();
        assert_eq!(entries.len(), 3);
        assert!(matches!(entries[2].account, Err(Unseen::Broken(Broken::Unreadable { .. }))), "{entries:?}");
    }

    #[tokio::test]
    async fn a_name_that_dss_does_not_know_is_no_pass() {
        let named = config(Connections::Named(vec!["gone".to_owned()]), Some("LTAI"));
        let entries = seen(&named, Vec::new()).await.unwrap();
        assert!(matches!(entries[0].account, Err(Unseen::Broken(_))));
        assert!(matches!(seen(&config(Connections::All, None), Vec::new()).await, Err(Unseen::NotDescribed(_))));
    }
}
