//! The deployment as its owner describes it.
//!
//! What is not described is not guessed: an absent section makes its checks not applicable. Secrets come by reference
//! only and are resolved by the caller. Every error of [`parse`] names file, line and key, all at once.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ackcheck_probe_protocol::Ports;
use url::Url;

use crate::secret::{SCRUBBED, Scrubber, Secret, recognition};

mod draft;
mod from_dss;
mod parse;
mod section;
mod source;
mod waiver;

pub use draft::{Draft, Sought};
pub use from_dss::{DssKey, FromDss, ToldByDss};
pub use parse::parse;
pub use source::{ConfigError, ConfigErrors, SecretSource};
pub use waiver::Waiver;

/// The whole site file.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Where it was read from.
    pub file: PathBuf,
    /// `[host]`: the ECS machine under DSS.
    pub host: HostConfig,
    /// `[dss]`: the instance.
    pub dss: Option<DssConfig>,
    /// `[cluster]`: the ACK cluster.
    pub cluster: Option<ClusterConfig>,
    /// `[registry]`: the image repository.
    pub registry: Option<RegistryConfig>,
    /// `[storage]`: the buckets.
    pub storage: Option<StorageConfig>,
    /// `[cloud]`: the account.
    pub cloud: Option<CloudConfig>,
    /// `[network]`: how to reach names and addresses.
    pub network: NetworkConfig,
    /// `[limits]`: how long to wait.
    pub limits: Limits,
    /// `[run]`: what a run must bring.
    pub run: RunConfig,
    /// `[[waiver]]`: failures that are accepted until a date.
    pub waivers: Vec<Waiver>,
    /// The keys that are taken from DSS's settings before anything is asked ([`Config::fill_from_dss`]).
    pub from_dss: Vec<FromDss>,
}

impl Config {
    /// The sections that are not there, so that nothing of what they describe can be asked: `[registry]`.
    pub fn undescribed(&self) -> Vec<String> {
        let sections = [
            ("dss", self.dss.is_none()),
            ("cluster", self.cluster.is_none()),
            ("registry", self.registry.is_none()),
            ("storage", self.storage.is_none()),
            ("cloud", self.cloud.is_none()),
        ];
        sections.iter().filter(|(_, missing)| *missing).map(|(name, _)| format!("[{name}]")).collect()
    }
}

/// `[run]`.
#[derive(Debug, Clone, Default)]
pub struct RunConfig {
    /// What must be judged: a run that could not ask it ends as one that could not judge.
    pub require: Vec<Required>,
}

/// A check or an area that must be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Required {
    /// `ID`, `AREA/ID` or `AREA/`.
    pub selector: String,
    /// Where the site file names it, from 1.
    pub line: usize,
}

/// A value with its line in the site file, from 1, for what only the catalogue can judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub text: String,
    pub line: usize,
}

/// `[host]`.
#[derive(Debug, Clone, Default)]
pub struct HostConfig {
    /// True when ackcheck runs on the DSS host itself (`local`, default true): files and commands are then its own.
    pub local: bool,
    /// The name pods are given for the DSS host.
    pub name: Option<String>,
    /// The DSS host's private addresses; asked of the host where not given.
    pub addresses: Vec<IpAddr>,
    /// Where to look for commands (`hostname`, `docker`, …), instead of `PATH`: what is not there is not on the host.
    pub command_path: Vec<PathBuf>,
    /// The TCP ports that ackcheck may open on the DSS host for seconds, to see who answers pods there: all where not given.
    pub listen_ports: Option<Vec<Ports>>,
    /// The ECS metadata service; `http://100.100.100.200` where not given.
    pub metadata: Option<Url>,
}

/// `[dss]`: a data directory, or a URL with an API key, or both.
#[derive(Debug, Clone, Default)]
pub struct DssConfig {
    /// The data directory.
    pub data_dir: Option<PathBuf>,
    /// The install directory; found through the data directory where not given.
    pub install_dir: Option<PathBuf>,
    /// The base URL of the instance.
    pub url: Option<Url>,
    /// An API key with admin rights.
    pub api_key: Option<Secret>,
}

/// `[cluster]`.
#[derive(Debug, Clone, Default)]
pub struct ClusterConfig {
    /// The kubeconfig file, or several as the variable `KUBECONFIG` lists them.
    pub kubeconfig: PathBuf,
    /// The context of it; its current one where not given.
    pub context: Option<String>,
    /// The namespaces DSS works in; probe pods run in the first. `default` where not given.
    pub namespaces: Vec<String>,
    /// The ACK cluster id (`c…`), for the OpenAPI.
    pub id: Option<String>,
    /// The name of the image pull secret DSS's pods use, where they use one.
    pub pull_secret: Option<String>,
    /// The probe's image, where its owner brought it to the nodes: pods take it as it is there.
    pub probe_image: Option<String>,
    /// Taints that probe pods tolerate besides every `NoSchedule` one: `KEY`, `KEY:EFFECT`, `KEY=VALUE:EFFECT`.
    pub tolerations: Vec<Toleration>,
}

/// A taint that is tolerated, as `kubectl taint` writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toleration {
    /// The taint's key.
    pub key: String,
    /// Its value; any where not given.
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; any where not given.
    pub effect: Option<String>,
}

/// The key of the taint that ACK gives its virtual nodes (alibabacloud.com, "Specify resource allocation for ECS and ECI").
pub const VIRTUAL_NODE: &str = "virtual-kubelet.io/provider";

/// Whether virtual nodes are asked as well. A pod there is an instance that is started for it and paid for, so that the
/// toleration of every `NoSchedule` taint, which probe pods have, does not mean them.
pub fn asks_virtual_nodes(tolerations: &[Toleration]) -> bool {
    tolerations.iter().any(|toleration| toleration.key == VIRTUAL_NODE)
}

impl Toleration {
    fn read(text: &str) -> Option<Toleration> {
        let (taint, effect) = match text.split_once(':') {
            Some((taint, effect @ ("NoSchedule" | "PreferNoSchedule" | "NoExecute"))) => (taint, Some(effect)),
            Some(_) => return None,
            None => (text, None),
        };
        let (key, value) = match taint.split_once('=') {
            Some((key, value)) => (key, Some(value.to_owned())),
            None => (taint, None),
        };
        let well_formed = !key.is_empty() && !key.contains(char::is_whitespace);
        well_formed.then(|| Toleration { key: key.to_owned(), value, effect: effect.map(str::to_owned) })
    }
}

/// `[registry]`.
#[derive(Debug, Clone, Default)]
pub struct RegistryConfig {
    /// The repository URL as DSS has it: `host/namespace`.
    pub url: String,
    /// The region it should be in; the cloud's where not given.
    pub region: Option<String>,
    /// The user to log in as.
    pub username: Option<String>,
    /// Its password.
    pub password: Option<Secret>,
    /// How large a layer to try, in bytes; none is sent where not given.
    pub try_layer_of: Option<u64>,
}

/// An access key, for OSS or the OpenAPI.
#[derive(Clone)]
pub struct AccessKey {
    /// The AccessKey id (`LTAI…` or `STS.…`).
    pub id: String,
    /// The AccessKey secret.
    pub secret: Secret,
    /// The STS token, for temporary keys.
    pub token: Option<Secret>,
}

impl std::fmt::Debug for AccessKey {
    /// Of a pair that was swapped the id is the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let id = if recognition::is_secret("access_key_id", &self.id) { SCRUBBED } else { &self.id };
        f.debug_struct("AccessKey").field("id", &id).finish_non_exhaustive()
    }
}

/// `[storage]`.
#[derive(Debug, Clone, Default)]
pub struct StorageConfig {
    /// `[[storage.bucket]]`: buckets described here.
    pub buckets: Vec<BucketConfig>,
    /// The DSS connections to take buckets from: `all` or names.
    pub connections: Connections,
    /// `[[storage.connection]]`: what is to be known of connections besides what DSS tells.
    pub known: Vec<ConnectionConfig>,
    /// The access key for buckets that bring none.
    pub access_key: Option<AccessKey>,
}

/// `[[storage.connection]]`: what DSS keeps to itself of one of its connections, or fills in when it uses it.
#[derive(Debug, Clone)]
pub struct ConnectionConfig {
    /// The connection's name in DSS.
    pub name: String,
    /// The root to look below, in place of one with variables: `oss://bucket/path`.
    pub root: Option<String>,
    /// Its endpoint, where DSS's settings do not have it in clear.
    pub endpoint: Option<String>,
    /// Its access key, where DSS encrypts the secret.
    pub access_key: Option<AccessKey>,
}

/// Which DSS connections to take buckets from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Connections {
    /// None.
    #[default]
    None,
    /// Every connection whose root is an `oss://` URI.
    All,
    /// These.
    Named(Vec<String>),
}

/// `[[storage.bucket]]`.
#[derive(Debug, Clone)]
pub struct BucketConfig {
    /// The bucket.
    pub name: String,
    /// The path within it, without a leading slash.
    pub prefix: String,
    /// The endpoint as DSS has it: `oss-cn-hangzhou-internal.aliyuncs.com`.
    pub endpoint: String,
    /// Its own access key.
    pub access_key: Option<AccessKey>,
}

/// `[cloud]`.
#[derive(Debug, Clone, Default)]
pub struct CloudConfig {
    /// The region of the deployment: `cn-hangzhou`.
    pub region: Option<String>,
    /// The access key for the OpenAPI; the ECS instance's RAM role where not given.
    pub access_key: Option<AccessKey>,
    /// Endpoints that replace the built-in ones, by product: `ecs`, `vpc`, `cs`, `cr`, `sts`.
    pub endpoints: Vec<(String, String)>,
}

/// `[network]`.
#[derive(Debug, Clone, Default)]
pub struct NetworkConfig {
    /// Certificates (PEM) to trust besides the built-in roots.
    pub ca_file: Option<PathBuf>,
    /// Name servers to ask instead of the system's.
    pub dns_servers: Vec<SocketAddr>,
    /// Dial these addresses instead of the ones names resolve to, as curl's `--connect-to`: the name, or `*.suffix`, or
    /// `*`; first match wins. Names are resolved all the same. Of an address, or a range of addresses, it also says where
    /// what comes to it arrives: there ackcheck listens in its place.
    pub connect: Vec<(String, SocketAddr)>,
    /// An HTTP proxy for everything but the cluster.
    pub proxy: Option<Proxy>,
    /// Which nodes dial every port of the DSS host; by how many nodes there are where not given.
    pub sweep: Option<SweepFrom>,
    /// The ports that DSS is kept to, where it is.
    pub ports: Vec<Ports>,
}

/// Which nodes dial every port of the DSS host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SweepFrom {
    /// One of each class of nodes whose packets are judged alike; the others dial a sample.
    Classes,
    /// Every node.
    EveryNode,
}

impl SweepFrom {
    /// Each, as the site file names it.
    pub const NAMES: [(&str, SweepFrom); 2] = [("classes", SweepFrom::Classes), ("every-node", SweepFrom::EveryNode)];
}

/// A proxy, its password apart from its URL.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// Where it is, without a user.
    pub url: Url,
    /// The user to sign in as, and the password; an empty one where the URL has none.
    pub user: Option<(String, Secret)>,
}

impl Proxy {
    /// Takes the user and the password out of a URL.
    fn of(mut url: Url, scrubber: &Scrubber) -> Proxy {
        let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let user = (!url.username().is_empty() || url.password().is_some()).then(|| {
            let (user, password) = (decoded(url.username()), decoded(url.password().unwrap_or_default()));
            scrubber.basic(&user, &password);
            (user, scrubber.secret(password))
        });
        // Both succeed on a URL with a host, which that of a proxy has.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Proxy { url, user }
    }
}

/// `[limits]`: how long to wait. The names say for what.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For the whole run, cleaning up not included.
    pub run: Duration,
    /// For a connection to be made.
    pub connect: Duration,
    /// For one request to be answered whole.
    pub request: Duration,
    /// For a command to end.
    pub command: Duration,
    /// For a probe pod to be scheduled.
    pub schedule: Duration,
    /// For its sandbox and its container to start.
    pub start: Duration,
    /// For its image to be pulled.
    pub pull: Duration,
    /// For what the run created to be removed again.
    pub clean_up: Duration,
    /// Dials a second of all sweeps together, at the most. Where none is given the DSS host's table of connections decides
    /// or, where ackcheck does not run there, [`SWEEP_RATE`].
    pub sweep_rate: Option<u32>,
}

/// Dials a second of all sweeps together where the DSS host's table of connections is not seen. Those
/// that are accepted are an entry of 10 s there: 40000, if all are, are a sixth of the usual table, and leave a third of
/// the smallest that Linux makes on such a machine. A node is swept in 17 s.
pub const SWEEP_RATE: u32 = 4_000;

impl ConnectionConfig {
    /// The lines of a site file that describe a connection: the table of its name, then `keys`, which are TOML.
    pub fn lines(name: &str, keys: &str) -> String {
        format!("[[storage.connection]]\nname = {}\n{keys}", toml::Value::from(name))
    }
}

impl StorageConfig {
    /// What a bucket's cases are called: its name, with the prefix where the site file describes the bucket twice.
    pub fn label(&self, bucket: &BucketConfig) -> String {
        match self.buckets.iter().filter(|other| other.name == bucket.name).count() {
            0 | 1 => bucket.name.clone(),
            _ => format!("{}/{}", bucket.name, bucket.prefix),
        }
    }

    /// What the site file says of a connection of DSS.
    pub fn connection(&self, name: &str) -> Option<&ConnectionConfig> {
        self.known.iter().find(|known| known.name == name)
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            run: Duration::from_secs(600),
            connect: Duration::from_secs(5),
            request: ackcheck_probe_protocol::REQUEST_WITHIN,
            command: Duration::from_secs(10),
            schedule: Duration::from_secs(30),
            start: Duration::from_secs(60),
            pull: Duration::from_secs(90),
            clean_up: Duration::from_secs(30),
            sweep_rate: None,
        }
    }
}
