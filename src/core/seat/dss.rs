//! DSS itself: what its data and install directories hold, or what its REST API tells.

use async_trait::async_trait;

use super::operation::Operation;
use super::{Heard, Seen};

use containers::{Configurations, KubeconfigState};
use recipes::SparkChanges;
use spark_home::SparkHome;

pub mod containers;
mod packages;
mod pod_settings;
pub mod pods;
pub mod recipes;
pub mod spark_home;

pub mod jars;
mod named_program;
mod port_limit;
mod scripts;

pub use jars::{Jar, JarFolder, JarLinkage, JarState};
pub use named_program::NamedProgram;
pub use packages::PackageSources;
pub use port_limit::PortLimit;
pub use scripts::{AssignedName, EnvScripts, Script, ScriptPlace, VainAssignment};

/// A product version as DSS writes it, compared by number: 8.0.10 is later than 8.0.4.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DssVersion {
    /// `[8, 0, 4]`.
    pub parts: Vec<u32>,
    /// As written: `8.0.4`.
    pub text: String,
}

impl DssVersion {
    /// Reads `8.0.4`, `14.2`, `15.2.0-beta1` (what follows the digits is ignored); none without a leading number.
    pub fn parse(text: &str) -> Option<DssVersion> {
        let text = text.trim();
        let digits: &str = &text[..text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len())];
        let parts = digits
            .split('.')
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().ok())
            .collect::<Option<Vec<u32>>>()?;
        (!parts.is_empty()).then(|| DssVersion { parts, text: text.to_owned() })
    }

    /// True when this is at least `other`, missing parts counted as 0.
    pub fn at_least(&self, other: &[u32]) -> bool {
        let width = self.parts.len().max(other.len());
        let part = |parts: &[u32], at: usize| parts.get(at).copied().unwrap_or(0);
        for at in 0..width {
            match part(&self.parts, at).cmp(&part(other, at)) {
                std::cmp::Ordering::Equal => continue,
                ordering => return ordering.is_gt(),
            }
        }
        true
    }
}

/// What one `dss-version.json` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionFile {
    /// This version.
    Version(DssVersion),
    /// The file is there but tells no version.
    Unreadable { file: String, why: String },
    /// There is no such file.
    Missing { file: String },
}

/// The versions of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    /// Of the data directory, or what the REST API tells.
    pub data: VersionFile,
    /// Of the install directory; none where only the REST API is described.
    pub install: Option<VersionFile>,
}

/// The value of `DKU_BACKEND_EXT_HOST` as the scripts `bin/env-*.sh` would leave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtHost {
    /// Never assigned; DSS then uses the host's name.
    Unset,
    /// Assigned and exported, with this value.
    Exported { value: String, line: usize },
    /// Assigned, not exported: DSS's processes do not see it.
    NotExported { value: String, line: usize },
    /// Decided when the script runs: a command substitution, a conditional. The text is not the line's, which may hold a
    /// secret, but what decides: ``DKU_BACKEND_EXT_HOST=$(hostname …)``, `. FILE`.
    Dynamic { text: String, line: usize },
    /// The script is not valid shell, or bash stops in it.
    Malformed { why: String, line: usize },
}

/// A directory that the site file states and a file of DSS too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedDirectory {
    /// Its key in `[dss]` of the site file.
    pub key: &'static str,
    pub site: String,
    pub told: String,
    /// Which file of DSS says so.
    pub place: String,
    /// Both are the same folder, links followed.
    pub same: bool,
}

impl std::fmt::Display for StatedDirectory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} says {}", self.place, self.told)
    }
}

/// The state of the standalone Hadoop integration, as `bin/env-hadoop.sh` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HadoopIntegration {
    /// The file, for messages.
    pub file: String,
    /// Whether the file is there.
    pub installed: bool,
    /// Why DSS runs without it, if it does: after all its scripts `DKU_HADOOP_ENABLED` is not `true`.
    pub disabled: Option<String>,
    /// The literal paths of `DKU_HADOOP_CP`, variables expanded, that lie in a DSS install directory other than the current one.
    pub foreign_paths: Vec<String>,
    /// The folder the standalone jars are in, and whether it exists.
    pub libs: String,
    pub libs_exist: bool,
    /// `hadoop-common-*.jar` files in it.
    pub hadoop_common: Vec<String>,
    /// The current install directory.
    pub install_dir: String,
}

pub mod read;
mod s3;

pub use self::s3::S3Connection;

/// One entry of Administration → Settings → Hadoop → Hadoop config keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HadoopKey {
    pub key: String,
    pub value: PropertyValue,
}

/// How the value of a setting is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyValue {
    /// In clear, without what is a secret in it.
    Clear(String),
    /// Encrypted by DSS (`e:AES:…`).
    Encrypted,
    /// A secret in clear; its value stays in the seat.
    ClearSecret,
    /// Marked or placed as a secret, in clear, and of the form of an AccessKey's id; its value stays in the seat.
    ClearId,
    /// Holds a variable `${…}`; the names between the braces. Of a secret, what stands around them is left out.
    Variables { text: String, names: Vec<String>, secret: bool },
    /// No check needs it ([`read`]): that it is there is all that is told.
    Unread,
}

impl PropertyValue {
    /// True unless it is empty or white space.
    pub fn is_given(&self) -> bool {
        !matches!(self, PropertyValue::Clear(text) if text.trim().is_empty())
    }
}

/// One Hadoop connection (type HDFS) of DSS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HadoopConnection {
    pub name: String,
    /// The root path URI, without the user and password that may be in it; empty where missing.
    pub root: String,
    /// Its extra Hadoop configuration, in order: `fs.oss.endpoint`, …
    pub properties: Vec<(String, PropertyValue)>,
    /// True when each user brings their own credentials (`credentialsMode` PER_USER).
    pub per_user: bool,
    /// The groups that may use it; none where every user may.
    pub usable_by: Option<Vec<String>>,
}

impl HadoopConnection {
    /// True when this connection is meant for OSS: its root is `oss:` in some spelling, or it has `fs.oss.` properties.
    pub fn is_oss(&self) -> bool {
        let root = self.root.trim().to_ascii_lowercase();
        root.starts_with("oss:")
            || root.starts_with("oss/")
            || self.properties.iter().any(|(key, _)| key.trim().starts_with("fs.oss."))
    }
}

/// A user of DSS, as far as connections depend on users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DssUser {
    pub login: String,
    pub groups: Vec<String>,
    /// What this user brings to settings, as it would stand between `${` and `}`: `userProperty:X`, `adminProperty:X`.
    pub variables: Vec<String>,
    /// The connections this user has entered credentials for.
    pub credentials_for: Vec<String>,
}

/// What of it others must allow: nothing that RBAC or RAM grants.
pub static OPERATIONS: &[&Operation] = &[];

/// DSS itself. Methods that only the data directory can answer return `NotDescribed` where only the REST API is described.
#[async_trait]
pub trait Dss: Send + Sync {
    /// The versions of the data and install directories.
    async fn versions(&self) -> Seen<Versions>;
    /// The id of the instance, which the names of its images hold; none where nothing states it.
    async fn install_id(&self) -> Seen<Option<String>>;
    /// What DSS's start scripts make of the files `bin/env-*.sh`.
    async fn env_scripts(&self) -> Seen<EnvScripts>;
    /// `DKU_BACKEND_EXT_HOST`, with the path of the script that decides it.
    async fn ext_host(&self) -> Seen<(String, ExtHost)>;
    /// The program that DSS's start scripts name in this variable.
    async fn named_program(&self, variable: &'static str) -> Seen<NamedProgram>;
    /// The standalone Hadoop integration.
    async fn hadoop_integration(&self) -> Seen<HadoopIntegration>;
    /// The jars on the class path of DSS's Hadoop.
    async fn hadoop_jars(&self) -> Seen<JarFolder>;
    /// Whether the classes on the class path of DSS's backend find each other, in what it does through Hadoop.
    async fn jar_linkage(&self, settings: ackcheck_linkage::Settings) -> Seen<JarLinkage>;
    /// The Spark that DSS starts jobs with.
    async fn spark_home(&self) -> Seen<SparkHome>;
    /// The Hadoop config keys of the general settings, in order, duplicates kept.
    async fn hadoop_keys(&self) -> Seen<Vec<HadoopKey>>;
    /// Where code environments have their packages from.
    async fn package_sources(&self) -> Seen<PackageSources>;
    /// Every Hadoop connection.
    async fn connections(&self) -> Seen<Vec<HadoopConnection>>;
    /// The container and Spark configurations of the general settings.
    async fn configurations(&self) -> Seen<Configurations>;
    /// What recipes and models of projects change of the Spark configurations.
    async fn spark_changes(&self) -> Seen<SparkChanges>;
    /// The directories that the site file and DSS's own files both state.
    async fn directories(&self) -> Seen<Vec<StatedDirectory>>;
    /// Where a kubeconfig of the DSS host leads, by this context or else by its current one.
    async fn kubeconfig(&self, path: &str, context: Option<&str>) -> Seen<KubeconfigState>;
    /// Every S3 connection.
    async fn s3_connections(&self) -> Seen<Vec<S3Connection>>;
    /// Whether a proxy, as `HOST:PORT`, answers DSS's host; what it answers is not looked at.
    async fn proxy_answers(&self, authority: &str) -> Seen<Heard<()>>;
    /// Those of these classes that no jar on the class path of DSS's backend has.
    async fn classes_missing(&self, classes: &[String]) -> Seen<Vec<String>>;
    /// Those of these variables that DSS's environment does not have.
    async fn variables_missing(&self, names: &'static [&'static str]) -> Seen<Vec<&'static str>>;
    /// The names of the instance's global variables.
    async fn global_variables(&self) -> Seen<Vec<String>>;
    /// The port of the backend, where the data directory has one.
    async fn backend_port(&self) -> Seen<Option<u16>>;
    /// Whether DSS can be kept to a range of ports.
    async fn port_limit(&self) -> Seen<PortLimit>;
    /// Every enabled user.
    async fn users(&self) -> Seen<Vec<DssUser>>;
}
