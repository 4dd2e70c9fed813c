//! The dss seat on a real deployment: the data directory's files, the REST API, or both. Files win; the API is asked
//! where there is no such file, or where it may not be read.

mod bytes;
mod classes;
mod commands;
mod containers;
mod directory;
mod environment;
mod files;
mod instance;
mod jars;
mod java;
mod linkage;
mod named_program;
mod packages;
mod patterns;
mod port_limit;
pub(crate) mod pods;
mod quoted;
mod reach;
mod recipes;
mod rest;
mod s3;
mod settings;
mod shell;
mod spark_home;
mod state;
mod variables;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use serde_json::Value;

use crate::cluster::{PodsOfDss, leads_to};
use crate::jvm::JavaOfDss;
use crate::pod::{InstanceFacts, InstanceSource};
use crate::store::ConnectionSource;
use crate::wire::Wire;
use ackcheck_core::evidence::Journal;
use ackcheck_core::hadoop_configuration::Configuration;
use ackcheck_core::place::Vantage;
use ackcheck_core::right::DssRight;
use ackcheck_core::seat::dss::containers::{Configurations, KubeconfigState};
use ackcheck_core::seat::dss::pods::{PodOfDss, undescribed};
use ackcheck_core::seat::dss::recipes::SparkChanges;
use ackcheck_core::seat::dss::spark_home::SparkHome;
use ackcheck_core::seat::dss::{
    DssUser, DssVersion, EnvScripts, ExtHost, HadoopConnection, HadoopIntegration, HadoopKey, Jar, JarFolder,
    JarLinkage, NamedProgram, PackageSources, PortLimit, S3Connection, StatedDirectory, VersionFile, Versions,
};
use ackcheck_core::seat::{Dss, Heard, Seen};
use ackcheck_core::secret::Secret;
use ackcheck_core::verdict::{Broken, Unseen};

use self::directory::Directory;
pub(super) use self::files::is_data_dir;
use self::instance::InstallIni;
pub use self::instance::Instance;
use self::rest::Api;
use self::settings::Misshapen;

/// The instance that a site describes, shared by every case of a run.
#[derive(Clone)]
pub struct Source(Arc<Described>);

struct Described {
    wire: Wire,
    directory: Option<Directory>,
    api: Result<Api, NoApi>,
}

/// Why there is no API to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoApi {
    NoUrl,
    NoKey,
}

impl std::fmt::Display for NoApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            NoApi::NoUrl => "`[dss]` has no `url`",
            NoApi::NoKey => "`[dss]` has a `url` but no `api_key`",
        })
    }
}

impl Source {
    /// What `[dss]` of the site file describes; opens nothing.
    pub fn new(wire: &Wire) -> Source {
        let dss = wire.config().dss.clone().unwrap_or_default();
        let directory = dss.data_dir.map(|data| Directory { data, install: dss.install_dir });
        let api = match (dss.url, dss.api_key) {
            (Some(url), Some(key)) => Ok(Api::new(wire.clone(), url, key)),
            (Some(_), None) => Err(NoApi::NoKey),
            (None, _) => Err(NoApi::NoUrl),
        };
        Source(Arc::new(Described { wire: wire.clone(), directory, api }))
    }

    /// The install directory, as the site or the data directory tells it; for messages.
    pub fn install_dir(&self) -> Option<PathBuf> {
        self.0.directory.as_ref()?.install_dir().ok()
    }

    /// The seat for one case, with what other seats ask of it besides.
    ///
    /// # Errors
    /// Where the site describes no instance.
    pub fn open(&self, journal: Journal) -> Seen<LiveDss> {
        match (&self.0.directory, &self.0.api) {
            (None, Err(NoApi::NoUrl)) => {
                let why = "the site file describes no DSS: `[dss]` has neither `data_dir` nor `url`";
                return Err(Unseen::not_described(why));
            }
            (None, Err(no_key)) => return Err(Unseen::not_described(no_key.to_string())),
            (Some(_), _) | (None, Ok(_)) => {}
        }
        Ok(LiveDss { source: self.0.clone(), journal })
    }
}

/// The seat for one case.
///
/// # Errors
/// Where the site describes no instance.
pub fn open(source: &Source, journal: Journal) -> Seen<Box<dyn Dss>> {
    Ok(Box::new(source.open(journal)?))
}

/// The dss seat for one case.
pub struct LiveDss {
    source: Arc<Described>,
    journal: Journal,
}

/// Where the data directory has the connections.
const CONNECTIONS_FILE: &str = "config/connections.json";
/// Paths of the REST API; nginx also serves what follows `/dip/publicapi` below `/public/api`.
const GENERAL_SETTINGS: &str = "/dip/publicapi/admin/general-settings";
const CONNECTIONS: &str = "/dip/publicapi/admin/connections/";
const VARIABLES: &str = "/dip/publicapi/admin/variables/";
const USERS: &str = "/dip/publicapi/admin/users/?includeSettings=true";
const INSTANCE_INFO: &str = "/dip/publicapi/instance-info";
/// Asked without a key by browsers; every release has it.
const CONFIGURATION: &str = "/dip/api/get-configuration";

impl LiveDss {
    /// Looks at something of the data directory.
    async fn look<T: Send + 'static>(
        &self,
        what: &str,
        looking: impl FnOnce(&Directory) -> Seen<T> + Send + 'static,
        in_words: impl FnOnce(&T) -> String,
    ) -> Seen<T> {
        let below = self.source.directory.as_ref().map(|directory| directory.data.display().to_string());
        self.look_at(what, format!("read {what} below {}", below.unwrap_or_default()), looking, in_words).await
    }

    /// Looks at the DSS host, away from the threads that other cases run on, and notes what was seen.
    async fn look_at<T: Send + 'static>(
        &self,
        what: &str,
        asked: String,
        looking: impl FnOnce(&Directory) -> Seen<T> + Send + 'static,
        in_words: impl FnOnce(&T) -> String,
    ) -> Seen<T> {
        let Some(directory) = self.source.directory.clone() else {
            return Err(Unseen::not_described(format!(
                "{what} is told by the data directory alone: `[dss]` has no `data_dir`"
            )));
        };
        let began = Instant::now();
        let looked = tokio::task::spawn_blocking(move || {
            files::is_data_dir(&directory.data)?;
            looking(&directory)
        })
        .await
        .unwrap_or_else(|panic| Err(Broken::Internal(panic.to_string()).into()));
        let answered = looked.as_ref().map_or_else(ToString::to_string, in_words);
        self.journal.note(Vantage::Dss, asked, answered, began.elapsed());
        looked
    }

    /// A settings document: the file, or what the API tells on `path`, with its name for messages.
    async fn document(&self, file: &'static str, path: &'static str) -> Seen<(String, Value)> {
        let from_file = match &self.source.directory {
            None => None,
            Some(directory) => {
                let name = directory.file(file).display().to_string();
                let words = |seen: &Option<Value>| if seen.is_some() { "JSON" } else { "it is not there" }.to_owned();
                match self.look(file, move |directory| files::json(&directory.file(file)), words).await {
                    Ok(Some(document)) => return Ok((name, document)),
                    Ok(None) => Some(Unseen::unreadable(name, "it is not there")),
                    Err(denied @ Unseen::Broken(Broken::Denied { .. })) => Some(denied),
                    Err(other) => return Err(other),
                }
            }
        };
        let api = match &self.source.api {
            Ok(api) => api,
            Err(why) => return Err(from_file.unwrap_or_else(|| Unseen::not_described(why.to_string()))),
        };
        match api.get(&self.journal, path, DssRight::Admin).await? {
            Some(document) => Ok((format!("GET {path}"), document)),
            None => Err(Unseen::unreadable(format!("GET {path}"), "404: this DSS has no such path")),
        }
    }

    /// Reads a document and makes observations of it.
    async fn settings<T>(
        &self,
        file: &'static str,
        path: &'static str,
        read: impl FnOnce(&Value) -> Result<T, Misshapen>,
    ) -> Seen<T> {
        let (name, document) = self.document(file, path).await?;
        read(&document).map_err(|why| Unseen::unreadable(name, why))
    }

    /// The version as the API tells it; releases before 11 have no `/instance-info`.
    async fn version_by_api(&self, api: &Api) -> Seen<VersionFile> {
        let ways = [(INSTANCE_INFO, "/dssVersion"), (CONFIGURATION, "/version/product_version")];
        for (path, pointer) in ways {
            let Some(told) = api.get(&self.journal, path, DssRight::AnyKey).await? else { continue };
            let file = format!("GET {path}");
            return Ok(match told.pointer(pointer).and_then(Value::as_str) {
                Some(text) => match DssVersion::parse(text) {
                    Some(version) => VersionFile::Version(version),
                    None => VersionFile::Unreadable { file, why: format!("{pointer} is {text:?}, no version") },
                },
                None => VersionFile::Unreadable { file, why: format!("it has no {pointer}") },
            });
        }
        Ok(VersionFile::Missing { file: format!("GET {INSTANCE_INFO}") })
    }

    /// What the instance is: its ports, version, ids and the name containers are given; not where its images go.
    ///
    /// # Errors
    /// Where a source that is there cannot be read; what no source tells is none.
    pub async fn identity(&self) -> Seen<Instance> {
        let mut instance = Instance::default();
        if self.source.directory.is_some() {
            let ini = self.install_ini().await?;
            instance.base_port = ini.port;
            instance.backend_port = ini.backend_port();
            instance.install_id = ini.install_id;
            instance.node_type = ini.node_type;
            instance.https = ini.ssl;
            instance.ext_host = Some(self.ext_host().await?.1);
            if let VersionFile::Version(version) = self.versions().await?.data {
                instance.version = Some(version);
            }
        }
        if let (Ok(api), None) = (&self.source.api, &self.source.directory) {
            if let Some(info) = api.get(&self.journal, INSTANCE_INFO, DssRight::AnyKey).await? {
                instance::fill_from_api(&mut instance, &info);
            }
            if let VersionFile::Version(version) = self.version_by_api(api).await? {
                instance.version = Some(version);
            }
        }
        Ok(instance)
    }

    async fn install_ini(&self) -> Seen<InstallIni> {
        let ini = |directory: &Directory| instance::install_ini(&directory.file("install.ini"));
        let words = |seen: &Option<InstallIni>| seen.as_ref().map_or("it is not there".to_owned(), ToString::to_string);
        Ok(self.look("install.ini", ini, words).await?.unwrap_or_default())
    }

    /// The install directory.
    ///
    /// # Errors
    /// Where neither the site nor the data directory tells it.
    pub async fn install_dir(&self) -> Seen<PathBuf> {
        self.look("the install directory", Directory::install_dir, |seen| seen.display().to_string()).await
    }
}

#[async_trait]
impl ConnectionSource for Source {
    async fn connections(&self, journal: &Journal) -> Seen<Vec<HadoopConnection>> {
        self.open(journal.clone())?.connections().await
    }

    async fn hadoop_keys(&self, journal: &Journal) -> Seen<Vec<HadoopKey>> {
        self.open(journal.clone())?.hadoop_keys().await
    }

    async fn clear_secret(&self, journal: &Journal, connection: &str, property: &str) -> Seen<Option<Secret>> {
        let value = self
            .configuration(journal, connection)
            .await?
            .and_then(|configuration| configuration.trimmed(property).known());
        Ok(value.filter(|value| !value.is_empty()).map(|value| journal.scrubber().secret(value)))
    }

    async fn configuration(&self, journal: &Journal, connection: &str) -> Seen<Option<Configuration>> {
        let seat = self.open(journal.clone())?;
        let (_, general) = seat.document("config/general-settings.json", GENERAL_SETTINGS).await?;
        let read = |document: &Value| settings::configuration(&general, document, connection);
        seat.settings(CONNECTIONS_FILE, CONNECTIONS, read).await
    }

    async fn java(&self, journal: &Journal) -> Seen<JavaOfDss> {
        let words = |java: &JavaOfDss| format!("{} by {}", java.program.display(), java.told_by);
        self.open(journal.clone())?.look("how DSS starts Java", java::of, words).await
    }

    fn data_dir(&self) -> Option<PathBuf> {
        self.0.directory.as_ref().map(|directory| directory.data.clone())
    }
}

#[async_trait]
impl PodsOfDss for Source {
    async fn pods(&self, journal: &Journal) -> Seen<Vec<PodOfDss>> {
        let pods = PodOfDss::all_of(&self.open(journal.clone())?.configurations().await?);
        Ok(if pods.is_empty() { undescribed() } else { pods })
    }
}

#[async_trait]
impl InstanceSource for Source {
    async fn facts(&self, journal: &Journal) -> Seen<InstanceFacts> {
        let Instance { ext_host, backend_port, version, .. } = self.open(journal.clone())?.identity().await?;
        Ok(InstanceFacts { ext_host, backend_port, version })
    }
}

#[async_trait]
impl Dss for LiveDss {
    async fn versions(&self) -> Seen<Versions> {
        let from_files = match &self.source.directory {
            Some(_) => Some(self.look("dss-version.json", Directory::versions, ToString::to_string).await?),
            None => None,
        };
        match (from_files, &self.source.api) {
            (Some(versions), Ok(api)) if matches!(versions.data, VersionFile::Missing { .. }) => {
                Ok(Versions { data: self.version_by_api(api).await?, install: versions.install })
            }
            (Some(versions), _) => Ok(versions),
            (None, Ok(api)) => Ok(Versions { data: self.version_by_api(api).await?, install: None }),
            (None, Err(why)) => Err(Unseen::not_described(why.to_string())),
        }
    }

    async fn install_id(&self) -> Seen<Option<String>> {
        if self.source.directory.is_some() {
            return Ok(self.install_ini().await?.install_id);
        }
        let api = self.source.api.as_ref().map_err(|why| Unseen::not_described(why.to_string()))?;
        let mut instance = Instance::default();
        if let Some(info) = api.get(&self.journal, INSTANCE_INFO, DssRight::AnyKey).await? {
            instance::fill_from_api(&mut instance, &info);
        }
        Ok(instance.install_id)
    }

    async fn env_scripts(&self) -> Seen<EnvScripts> {
        self.look("bin/env-*.sh", Directory::env_scripts, ToString::to_string).await
    }

    async fn ext_host(&self) -> Seen<(String, ExtHost)> {
        self.look("bin/env-*.sh", Directory::ext_host, |(file, state)| format!("{file}: {state}")).await
    }

    async fn named_program(&self, variable: &'static str) -> Seen<NamedProgram> {
        let what = format!("{variable} in bin/env-*.sh");
        self.look(&what, move |directory| directory.named_program(variable), ToString::to_string).await
    }

    async fn hadoop_integration(&self) -> Seen<HadoopIntegration> {
        self.look("bin/env-hadoop.sh", Directory::hadoop_integration, ToString::to_string).await
    }

    async fn hadoop_jars(&self) -> Seen<JarFolder> {
        let words = |seen: &JarFolder| {
            let notable = |jar: &Jar| {
                let named = ["hadoop-common", "hadoop-aliyun", "aliyun-"];
                !jar.holds.is_empty() || named.iter().any(|start| jar.name.starts_with(start))
            };
            let lines = seen.jars.iter().filter(|jar| notable(jar)).map(|jar| format!("{}: {}", jar.path, jar.state));
            let lines = lines.chain(seen.assumed.iter().map(|assumed| format!("provided that {assumed}")));
            format!("{} jars, among them\n{}", seen.jars.len(), lines.collect::<Vec<_>>().join("\n"))
        };
        self.look("the standalone jars", Directory::hadoop_jars, words).await
    }

    async fn spark_home(&self) -> Seen<SparkHome> {
        let added = |general: &Value| {
            settings::list(general, "/sparkSettings/additionalSparkSubmitJars").map(<[Value]>::to_vec)
        };
        let added = self.settings("config/general-settings.json", GENERAL_SETTINGS, added).await?;
        let added: Vec<String> = added.iter().filter_map(|jar| settings::text(Some(jar))).collect();
        let added = added.iter().map(|jar| self.journal.scrubber().without_secrets(jar)).collect();
        self.look("bin/env-spark.sh", move |directory| directory.spark_home(added), ToString::to_string).await
    }

    async fn hadoop_keys(&self) -> Seen<Vec<HadoopKey>> {
        let began = Instant::now();
        let scrubber = self.journal.scrubber();
        let read = |general: &Value| settings::hadoop_keys(general, scrubber);
        let keys = self.settings("config/general-settings.json", GENERAL_SETTINGS, read).await?;
        let words = keys.iter().map(|key| format!("{} = {}", key.key, key.value)).collect::<Vec<_>>().join("\n");
        self.journal.note(Vantage::Dss, "the Hadoop config keys", words, began.elapsed());
        Ok(keys)
    }

    async fn package_sources(&self) -> Seen<PackageSources> {
        let began = Instant::now();
        let read = |general: &Value| packages::sources(general, self.journal.scrubber());
        let sources = self.settings("config/general-settings.json", GENERAL_SETTINGS, read).await?;
        self.journal.note(Vantage::Dss, "where packages come from", sources.to_string(), began.elapsed());
        Ok(sources)
    }

    async fn connections(&self) -> Seen<Vec<HadoopConnection>> {
        let began = Instant::now();
        let scrubber = self.journal.scrubber();
        let read = |document: &Value| settings::connections(document, scrubber);
        let connections = self.settings(CONNECTIONS_FILE, CONNECTIONS, read).await?;
        let words = connections.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        self.journal.note(Vantage::Dss, "the Hadoop connections", words, began.elapsed());
        Ok(connections)
    }

    async fn backend_port(&self) -> Seen<Option<u16>> {
        Ok(self.install_ini().await?.backend_port())
    }

    async fn port_limit(&self) -> Seen<PortLimit> {
        self.look(port_limit::FILE, port_limit::read, ToString::to_string).await
    }

    async fn configurations(&self) -> Seen<Configurations> {
        let began = Instant::now();
        let (origin, general) = self.document("config/general-settings.json", GENERAL_SETTINGS).await?;
        let found = containers::configurations(&general, &origin, self.journal.scrubber());
        let found = found.map_err(|why| Unseen::unreadable(origin, why))?;
        let asked = "the container and Spark configurations";
        self.journal.note(Vantage::Dss, asked, found.to_string(), began.elapsed());
        Ok(found)
    }

    async fn spark_changes(&self) -> Seen<SparkChanges> {
        let scrubber = self.journal.scrubber().clone();
        let looking = move |directory: &Directory| recipes::changes(directory, &scrubber);
        self.look("what projects change of the Spark configurations", looking, ToString::to_string).await
    }

    async fn directories(&self) -> Seen<Vec<StatedDirectory>> {
        let words = |seen: &Vec<StatedDirectory>| seen.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        self.look("what DSS says of its directories", Directory::stated, words).await
    }

    async fn kubeconfig(&self, path: &str, context: Option<&str>) -> Seen<KubeconfigState> {
        let scrubber = self.journal.scrubber().clone();
        let (file, context) = (PathBuf::from(path), context.map(str::to_owned));
        let looking = move |_: &Directory| {
            // Several may be listed; each that is there must be readable.
            let mut there = false;
            for part in std::env::split_paths(&file).filter(|part| !part.as_os_str().is_empty()) {
                // Links are followed: one that leads nowhere is a file that is not there.
                let missing =
                    matches!(std::fs::metadata(&part), Err(error) if error.kind() == std::io::ErrorKind::NotFound);
                there |= !missing && files::text(&part)?.is_some();
            }
            match there {
                false => Ok(KubeconfigState::Missing),
                true => leads_to(&file, context.as_deref(), &scrubber)
                    .map_err(|why| Unseen::unreadable(format!("the kubeconfig {}", file.display()), why)),
            }
        };
        let what = format!("the kubeconfig {path}");
        self.look_at(&what, format!("read {what}"), looking, ToString::to_string).await
    }

    async fn s3_connections(&self) -> Seen<Vec<S3Connection>> {
        let scrubber = self.journal.scrubber();
        self.settings(CONNECTIONS_FILE, CONNECTIONS, |document| s3::connections(document, scrubber)).await
    }

    async fn proxy_answers(&self, authority: &str) -> Seen<Heard<()>> {
        if self.source.directory.is_none() {
            return Err(Unseen::unreadable(format!("the proxy {authority}"), "only DSS's own host tells"));
        }
        reach::answers(&self.source.wire, &self.journal, authority).await
    }

    async fn jar_linkage(&self, settings: ackcheck_linkage::Settings) -> Seen<JarLinkage> {
        let looking = move |directory: &Directory| linkage::of(directory, settings);
        self.look("the classes on the class path of the backend", looking, JarLinkage::to_string).await
    }

    async fn classes_missing(&self, classes: &[String]) -> Seen<Vec<String>> {
        let classes = classes.to_vec();
        let what = format!("the jars for {}", classes.join(", "));
        let words = |missing: &Vec<String>| match missing.is_empty() {
            true => "all are there".to_owned(),
            false => format!("in no jar: {}", missing.join(", ")),
        };
        self.look(&what, move |directory| classes::missing(directory, &classes), words).await
    }

    async fn variables_missing(&self, names: &'static [&'static str]) -> Seen<Vec<&'static str>> {
        let words = |missing: &Vec<&str>| match missing.is_empty() {
            true => "all are set".to_owned(),
            false => format!("not set: {}", missing.join(", ")),
        };
        let what = format!("whether DSS's environment has {}", names.join(" and "));
        self.look(&what, move |directory| variables::missing(directory, names), words).await
    }

    async fn global_variables(&self) -> Seen<Vec<String>> {
        self.settings("config/variables.json", VARIABLES, settings::global_variables).await
    }

    async fn users(&self) -> Seen<Vec<DssUser>> {
        self.settings("config/users.json", USERS, settings::users).await
    }
}
