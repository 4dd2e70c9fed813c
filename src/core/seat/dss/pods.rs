//! The pods that DSS starts, as its container and Spark configurations have them: what they request, which nodes they
//! ask for, what they run as.

use super::PropertyValue;
use super::containers::{Configuration, ConfigurationKind, Configurations, spark};
pub use super::pod_settings::PodSettings;
use crate::java;
use crate::seat::cluster::scheduling::Toleration;

/// One kind of pod that DSS starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodOfDss {
    /// `container configuration ack`, for messages.
    pub of: String,
    pub kind: ConfigurationKind,
    /// None where the configuration does not say: it is then that of the kubeconfig's context.
    pub namespace: Option<String>,
    /// The repository of its image, where the configuration says.
    pub repository: Option<String>,
    pub service_account: Option<String>,
    pub pull_secret: Option<String>,
    pub settings: PodSettings,
}

impl PodOfDss {
    /// A pod as DSS starts it where nothing is set.
    pub fn unset(kind: ConfigurationKind) -> PodOfDss {
        let settings = match kind {
            ConfigurationKind::Container => PodSettings::default(),
            ConfigurationKind::Spark => executor(&[], PodSettings::default()),
        };
        let of = format!("a {kind} with no settings of its own");
        PodOfDss { of, kind, namespace: None, repository: None, service_account: None, pull_secret: None, settings }
    }

    /// The pod of a configuration; none where it starts none in Kubernetes.
    pub fn of(configuration: &Configuration) -> Option<PodOfDss> {
        let on_kubernetes = || configuration.text(spark::MASTER).is_some_and(|master| master.starts_with("k8s://"));
        let settings = configuration.pods.clone();
        let (starts, settings, account) = match configuration.kind {
            ConfigurationKind::Container => (configuration.managed, settings, None),
            ConfigurationKind::Spark => {
                let starts = configuration.managed || on_kubernetes();
                let account = [spark::EXECUTOR_ACCOUNT, spark::DRIVER_ACCOUNT].map(|key| configuration.text(key));
                let account = account.into_iter().flatten().next().map(str::to_owned);
                (starts, executor(&configuration.conf, settings), account)
            }
        };
        let told = |text: &Option<String>| text.clone().filter(|text| !has_variables(text));
        starts.then(|| PodOfDss {
            of: format!("{} {}", configuration.kind, configuration.name),
            kind: configuration.kind,
            namespace: told(&configuration.namespace)
                .or_else(|| configuration.text(spark::NAMESPACE).map(str::to_owned)),
            repository: configuration.repositories.iter().find(|url| !has_variables(url)).cloned(),
            service_account: account,
            pull_secret: told(&configuration.pull_secret),
            settings,
        })
    }

    /// A pod of each kind, as a DSS starts them in which nothing is set.
    pub fn with_nothing_set() -> Vec<PodOfDss> {
        vec![PodOfDss::unset(ConfigurationKind::Container), PodOfDss::unset(ConfigurationKind::Spark)]
    }

    /// The image that stands for DSS's own: the base image of its kind, in its own repository or else in this one.
    pub fn image(&self, of_site: Option<&str>) -> String {
        let repository = self.repository.as_deref().or(of_site).unwrap_or("registry.invalid/dss");
        let base = match self.kind {
            ConfigurationKind::Container => "dku-exec-base",
            ConfigurationKind::Spark => "dku-spark-base",
        };
        format!("{}/{base}:dss", repository.trim_end_matches('/'))
    }

    /// The pods of all configurations.
    pub fn all_of(configurations: &Configurations) -> Vec<PodOfDss> {
        configurations.list.iter().filter_map(PodOfDss::of).collect()
    }
}

/// True for a text that DSS fills in when it uses it.
fn has_variables(text: &str) -> bool {
    text.contains("${") || text.contains("%{")
}

/// What Spark asks for where nothing is set, in MiB and cores (Spark, "Configuration" and "Running on Kubernetes").
const EXECUTOR_MEMORY: f64 = 1024.0;
const LEAST_OVERHEAD: f64 = 384.0;
const OVERHEAD_FACTOR: f64 = 0.1;

/// What Spark makes of its properties for an executor, on top of its pod template. Values that cannot be read here make
/// the pod unclear.
fn executor(conf: &[(String, PropertyValue)], mut settings: PodSettings) -> PodSettings {
    let mut read = Properties { conf, unclear: Vec::new() };
    let mebibytes = |read: &mut Properties<'_>, key: &str| read.parsed(key, mebibytes);
    let heap = mebibytes(&mut read, spark::EXECUTOR_MEMORY).unwrap_or(EXECUTOR_MEMORY);
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| *number >= 0.0);
    let own_factor = read.parsed(spark::EXECUTOR_OVERHEAD_FACTOR, number);
    let factor = own_factor.or_else(|| read.parsed(spark::OVERHEAD_FACTOR, number)).unwrap_or(OVERHEAD_FACTOR);
    let overhead = mebibytes(&mut read, spark::EXECUTOR_OVERHEAD);
    let overhead = overhead.unwrap_or_else(|| (heap * factor).floor().max(LEAST_OVERHEAD));
    let off_heap = match read.text(spark::OFF_HEAP_ENABLED) {
        Some("true") => read.parsed(spark::OFF_HEAP_SIZE, mebibytes_of_bytes).unwrap_or(0.0),
        _ => 0.0,
    };
    let memory = format!("{}Mi", heap + overhead + off_heap);
    let cores = read.text(spark::EXECUTOR_CORES).unwrap_or("1").to_owned();
    let cores = read.text(spark::EXECUTOR_REQUEST_CORES).map_or(cores, str::to_owned);
    settings.placement.requests.insert("cpu".to_owned(), cores);
    settings.placement.requests.insert("memory".to_owned(), memory.clone());
    settings.limits.insert("memory".to_owned(), memory);
    if let Some(most) = read.text(spark::EXECUTOR_LIMIT_CORES) {
        settings.limits.insert("cpu".to_owned(), most.to_owned());
    }
    if let Some(amount) = read.text(spark::GPU_AMOUNT) {
        let vendor = read.text(spark::GPU_VENDOR).unwrap_or("nvidia.com");
        let resource = format!("{vendor}/gpu");
        settings.placement.requests.insert(resource.clone(), amount.to_owned());
        settings.limits.insert(resource, amount.to_owned());
    }
    for (key, value) in conf {
        let label = spark::NODE_SELECTORS.iter().find_map(|prefix| key.strip_prefix(prefix));
        match (label, value) {
            (Some(label), PropertyValue::Clear(value)) => {
                settings.placement.node_selector.insert(label.to_owned(), java::trim(value).to_owned());
            }
            (Some(_), _) => read.unclear.push(format!("the value of {key} is not known")),
            (None, _) => {}
        }
    }
    if conf.iter().any(|(key, _)| key == spark::TEMPLATE_FILE) {
        read.unclear.push(format!("{} names a file that is not read", spark::TEMPLATE_FILE));
    }
    settings.unclear.append(&mut read.unclear);
    settings
}

/// Spark's properties, and what of them is not clear.
struct Properties<'a> {
    conf: &'a [(String, PropertyValue)],
    unclear: Vec<String>,
}

impl<'a> Properties<'a> {
    /// The last one of the name counts.
    fn text(&mut self, key: &str) -> Option<&'a str> {
        match &self.conf.iter().rev().find(|(name, _)| name == key)?.1 {
            PropertyValue::Clear(text) => Some(java::trim(text)).filter(|text| !text.is_empty()),
            _ => {
                self.unclear.push(format!("the value of {key} is not known"));
                None
            }
        }
    }

    fn parsed(&mut self, key: &str, parse: impl Fn(&str) -> Option<f64>) -> Option<f64> {
        let text = self.text(key)?;
        let parsed = parse(text);
        if parsed.is_none() {
            self.unclear.push(format!("{key} = {text} is not a number that is read here"));
        }
        parsed
    }
}

/// A size as Spark writes it, `8g`, in MiB; without a unit it is in MiB already.
fn mebibytes(text: &str) -> Option<f64> {
    size(text, MEBIBYTE).map(|bytes| (bytes / MEBIBYTE).floor())
}

/// The same, where no unit means bytes.
fn mebibytes_of_bytes(text: &str) -> Option<f64> {
    bytes(text).map(|bytes| (bytes / MEBIBYTE).floor())
}

/// A size as Spark writes it, in bytes, as it is without a unit (`JavaUtils.byteStringAsBytes`); none of what Spark refuses.
pub fn bytes(text: &str) -> Option<f64> {
    size(text, 1.0)
}

const MEBIBYTE: f64 = 1_048_576.0;

fn size(text: &str, without_unit: f64) -> Option<f64> {
    let text = text.to_ascii_lowercase();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let factor = match &text[digits..] {
        "" => without_unit,
        "b" => 1.0,
        "k" | "kb" => 1024.0,
        "m" | "mb" => MEBIBYTE,
        "g" | "gb" => 1024.0 * MEBIBYTE,
        "t" | "tb" => MEBIBYTE * MEBIBYTE,
        "p" | "pb" => 1024.0 * MEBIBYTE * MEBIBYTE,
        _ => return None,
    };
    text[..digits].parse::<f64>().ok().map(|number| number * factor)
}

/// The pods that decide which nodes are of use to DSS, where its settings are not known: one that tolerates nothing.
pub fn undescribed() -> Vec<PodOfDss> {
    vec![PodOfDss::unset(ConfigurationKind::Container)]
}

/// A taint of the site file, tolerated as a pod's specification has it.
pub fn tolerated(taint: &crate::config::Toleration) -> Toleration {
    Toleration {
        key: taint.key.clone(),
        operator: if taint.value.is_some() { "Equal" } else { "Exists" }.to_owned(),
        value: taint.value.clone().unwrap_or_default(),
        effect: taint.effect.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
#[path = "pods_tests.rs"]
mod tests;
