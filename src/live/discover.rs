//! Looks around on the DSS host for what a site file describes. Only looks: at files, commands, and the ECS metadata.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::cloud::metadata::Metadata;
use super::cluster::current_context;
use super::dss::{self, Instance};
use super::from_dss::told;
use super::host;
use super::wire::Wire;
use ackcheck_core::config::{Config, Draft, DssConfig, HostConfig, Limits, Sought, ToldByDss};
use ackcheck_core::evidence::Journal;
use ackcheck_core::hadoop_configuration::Configuration;
use ackcheck_core::seat::dss::{ExtHost, HadoopConnection, read};
use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::{Dss as _, Host, Seen};
use ackcheck_core::secret::{SCRUBBED, Scrubber};
use ackcheck_core::verdict::{Broken, Unseen};

/// Where to look around.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The data directory, where the user says.
    pub data_dir: Option<PathBuf>,
    /// What DSS's own scripts set to the data directory: `$DIP_HOME`.
    pub dip_home: Option<PathBuf>,
    /// The account's home.
    pub home: Option<PathBuf>,
    /// `$KUBECONFIG`: files separated by colons.
    pub kubeconfig: Option<OsString>,
    /// Where commands are and the metadata service answers.
    pub host: HostConfig,
}

impl Surroundings {
    /// This machine and account.
    pub fn here(data_dir: Option<PathBuf>) -> Surroundings {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Surroundings {
            data_dir,
            dip_home: variable("DIP_HOME").map(PathBuf::from),
            home: variable("HOME").map(PathBuf::from),
            kubeconfig: variable("KUBECONFIG"),
            host: HostConfig { local: true, ..HostConfig::default() },
        }
    }

    /// Where data directories usually are.
    fn data_dirs(&self) -> Vec<PathBuf> {
        let below_home = ["dss_data", "data_dir", "DATA_DIR", "dss"];
        let usual = ["/data/dataiku", "/data/dss_data", "/data/dss", "/home/dataiku/dss_data", "/opt/dataiku/dss_data"];
        let home = self.home.iter().flat_map(|home| below_home.map(|name| home.join(name)));
        self.dip_home.iter().cloned().chain(home).chain(usual.map(PathBuf::from)).collect()
    }

    fn named_kubeconfigs(&self) -> Vec<PathBuf> {
        let named = self.kubeconfig.iter().flat_map(std::env::split_paths);
        named.filter(|path| !path.as_os_str().is_empty()).collect()
    }

    fn kubeconfigs(&self) -> Vec<PathBuf> {
        let named = self.named_kubeconfigs().into_iter();
        named.chain(self.home.iter().map(|home| home.join(".kube/config"))).collect()
    }
}

/// Waits of a look around: what is not there should not be waited for long. Nothing is created, so that the other limits
/// stay as they are.
fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(1),
        request: Duration::from_secs(2),
        command: Duration::from_secs(5),
        ..Limits::default()
    }
}

/// Looks around.
///
/// # Errors
/// Where the data directory that the user named is none.
pub async fn discover(around: &Surroundings) -> Result<Draft, Broken> {
    let data_dir = data_dir(around)?;
    let dss = data_dir.value().map(|data| DssConfig { data_dir: Some(data.clone()), ..DssConfig::default() });
    let config = Arc::new(Config { host: around.host.clone(), dss, limits: limits(), ..Config::default() });
    let wire = Wire::new(config.clone())?;
    let journal = Journal::new(Scrubber::default());
    let source = dss::Source::new(&wire);
    let seat = source.open(journal.clone());
    let without = || Unseen::not_described("no data directory was found");
    let (instance, connections, install_dir, settings) = match &seat {
        Ok(seat) => {
            (seat.identity().await, seat.connections().await, seat.install_dir().await, seat.configurations().await)
        }
        Err(_) => (Err(without()), Err(without()), Err(without()), Err(without())),
    };
    let told = settings.map(|found| told(&found.list, found.default_cluster.is_some()));
    let told = told.map_err(|unseen| unseen.to_string());
    let instance = instance.map_err(|unseen| unseen.to_string());
    let host = host::open(config.clone(), journal.clone());
    let (host_name, host_addresses) = match &host {
        Ok(host) => (host_name(host.as_ref(), &instance).await, seen(host.addresses().await, "`hostname -I`")),
        Err(unseen) => (Sought::not_found(unseen.to_string()), Sought::not_found(unseen.to_string())),
    };
    let of_dss = told.as_ref().ok().and_then(|told| told.kubeconfig.clone());
    let kubeconfig = match &of_dss {
        Some((path, _)) => Sought::told(path.clone(), "DSS's container and Spark configurations"),
        None => kubeconfig(around),
    };
    let context = match kubeconfig.value() {
        Some(_) if of_dss.as_ref().is_some_and(|(_, context)| context.is_some()) => {
            let context = of_dss.and_then(|(_, context)| context).unwrap_or_default();
            Sought::told(context, "DSS's container and Spark configurations")
        }
        Some(path) => match current_context(path) {
            Ok(context) => Sought::found(context, "its current context"),
            Err(why) => Sought::not_found(why),
        },
        None => Sought::not_found("no kubeconfig was found"),
    };
    let region = match Metadata::default().identity(&wire, &journal).await {
        Ok(identity) => Sought::found(identity.region, format!("the ECS metadata of {}", identity.instance)),
        Err(why) => Sought::not_found(why),
    };
    Ok(Draft {
        host_name,
        host_addresses,
        install_dir: seen(install_dir, "bin/env-default.sh or bin/dss"),
        url: url(&instance),
        kubeconfig,
        context,
        namespaces: from_settings(&told, "namespace without variables", |told| told.namespaces.clone()),
        repositories: from_settings(&told, "repository", |told| told.repositories.clone()),
        connections: oss_connections(connections),
        region,
        data_dir,
    })
}

fn seen<T>(looked: Seen<T>, there: &str) -> Sought<T> {
    match looked {
        Ok(value) => Sought::found(value, there),
        Err(unseen) => Sought::not_found(unseen.to_string()),
    }
}

fn data_dir(around: &Surroundings) -> Result<Sought<PathBuf>, Broken> {
    if let Some(named) = &around.data_dir {
        // A site file lies elsewhere than where the command was typed.
        let whole = std::path::absolute(named).unwrap_or_else(|_| named.clone());
        return match dss::is_data_dir(&whole) {
            Ok(()) => Ok(Sought::found(whole, "as given by --from")),
            Err(broken) => Err(broken),
        };
    }
    let places = around.data_dirs();
    Ok(match places.iter().find(|place| dss::is_data_dir(place).is_ok()) {
        Some(place) => Sought::found(place.clone(), "a usual place of it"),
        None => Sought::not_found("it is at none of the usual places; name it: ackcheck init --from DATA_DIR"),
    })
}

async fn host_name(host: &dyn Host, instance: &Result<Instance, String>) -> Sought<String> {
    if let Ok(Instance { ext_host: Some(ExtHost::Exported { value, line }), .. }) = instance
        && !value.trim().is_empty()
        && !value.contains(SCRUBBED)
    {
        return Sought::told(value.clone(), format!("DKU_BACKEND_EXT_HOST in bin/env-*.sh, line {line}"));
    }
    match host.run("hostname", &["-f"]).await {
        Ok(output) if output.ended == Ended::Exit(0) && !output.stdout.trim().is_empty() => {
            Sought::found(output.stdout.trim().to_owned(), "`hostname -f`")
        }
        Ok(output) => Sought::not_found(format!("`hostname -f` tells none: {}", output.stderr.trim())),
        Err(unseen) => Sought::not_found(unseen.to_string()),
    }
}

fn url(instance: &Result<Instance, String>) -> Sought<String> {
    match instance {
        Ok(Instance { base_port: Some(port), https, .. }) => {
            let scheme = if *https { "https" } else { "http" };
            Sought::found(format!("{scheme}://127.0.0.1:{port}"), "install.ini")
        }
        Ok(_) => Sought::not_found("install.ini gives no port"),
        Err(why) => Sought::not_found(why.clone()),
    }
}

fn kubeconfig(around: &Surroundings) -> Sought<PathBuf> {
    let named = around.named_kubeconfigs().iter().any(|place| place.is_file());
    let places = if named { around.named_kubeconfigs() } else { around.kubeconfigs() };
    // A site file lies elsewhere than where $KUBECONFIG was meant from.
    let there = places.iter().filter(|place| place.is_file());
    let whole = there.map(|place| std::path::absolute(place).unwrap_or_else(|_| place.clone()));
    match std::env::join_paths(whole) {
        // kubectl reads all that the variable names.
        Ok(list) if !list.is_empty() => Sought::found(list.into(), "where kubectl looks"),
        _ => {
            let tried = places.iter().map(|place| place.display().to_string()).collect::<Vec<_>>().join(", ");
            Sought::not_found(format!("none where kubectl looks ({tried}); the ACK console gives one"))
        }
    }
}

/// Something of the container and Spark configurations; none of it is not found.
fn from_settings<T>(told: &Result<ToldByDss, String>, what: &str, of: impl Fn(&ToldByDss) -> Vec<T>) -> Sought<Vec<T>> {
    match told {
        Ok(told) => match of(told) {
            found if found.is_empty() => {
                Sought::not_found(format!("no container or Spark configuration of DSS has a {what} yet"))
            }
            found => Sought::told(found, "DSS's container and Spark configurations"),
        },
        Err(why) => Sought::not_found(why.clone()),
    }
}

fn oss_connections(connections: Seen<Vec<HadoopConnection>>) -> Sought<Vec<(String, Option<String>)>> {
    let connections = match connections {
        Ok(connections) => connections,
        Err(unseen) => return Sought::not_found(unseen.to_string()),
    };
    let found: Vec<_> = connections
        .iter()
        .filter(|connection| connection.is_oss())
        .map(|connection| {
            let id = Configuration::of(&[], connection).trimmed(read::KEY_ID).known().filter(|id| !id.is_empty());
            (connection.name.clone(), id)
        })
        .collect();
    match found.is_empty() {
        true => Sought::not_found("DSS has no connection to OSS yet"),
        false => Sought::found(found, "DSS's connections"),
    }
}
