//! What DSS's own settings say of where its images go and its pods run: the container and Spark configurations.

use std::fmt::{Display, Formatter, Result};

use super::PropertyValue;
use super::pod_settings::PodSettings;
use crate::java;

/// Which list of DSS's settings a configuration is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigurationKind {
    /// Administration → Settings → Containerized execution.
    Container,
    /// Administration → Settings → Spark.
    Spark,
}

impl Display for ConfigurationKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            ConfigurationKind::Container => "container configuration",
            ConfigurationKind::Spark => "Spark configuration",
        })
    }
}

/// One container or Spark configuration. A text that is empty in DSS is none here; one with variables is as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    pub kind: ConfigurationKind,
    pub name: String,
    /// DSS starts the pods itself from what stands here: of a container configuration that its type is Kubernetes, of a
    /// Spark configuration that "managed Spark-on-Kubernetes" is on.
    pub managed: bool,
    /// The repository URLs its images are pushed to: its own, or those of the image build configuration that it names.
    pub repositories: Vec<String>,
    pub namespace: Option<String>,
    pub kubeconfig: Option<String>,
    pub context: Option<String>,
    /// With what images are pushed, where that is not the login of the local Docker: a `prePushMode` (`ECR`, `ACR` of Azure,
    /// `CUSTOM`), or an image builder in the cluster.
    pub pushed_with: Option<String>,
    /// The base image, where it is not the one that DSS names after itself.
    pub base_image: Option<String>,
    /// The name of the image pull secret.
    pub pull_secret: Option<String>,
    /// Of a Spark configuration its properties, in order.
    pub conf: Vec<(String, PropertyValue)>,
    /// What it says of its pods besides.
    pub pods: PodSettings,
}

impl Configuration {
    /// A property of Spark: of entries of the same name the last one counts, and names are taken as they are written.
    pub fn property(&self, key: &str) -> Option<&PropertyValue> {
        self.conf.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The text of a property, without what Java's `trim` takes away around it; none where it is not there, empty, or not
    /// in clear.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.property(key) {
            Some(PropertyValue::Clear(text)) => Some(java::trim(text)).filter(|text| !text.is_empty()),
            _ => None,
        }
    }
}

impl Display for Configuration {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} {}", self.kind, self.name)?;
        f.write_str(if self.managed { "" } else { ", not managed by DSS" })?;
        self.repositories.iter().try_for_each(|url| write!(f, ", images go to {url}"))?;
        let told = [
            ("namespace", &self.namespace),
            ("kubeconfig", &self.kubeconfig),
            ("context", &self.context),
            ("pushed with", &self.pushed_with),
            ("base image", &self.base_image),
            ("pull secret", &self.pull_secret),
        ];
        told.iter().try_for_each(|(what, value)| value.iter().try_for_each(|value| write!(f, ", {what} {value}")))?;
        self.conf.iter().try_for_each(|(key, value)| write!(f, "\n  {key} = {value}"))
    }
}

/// The container and Spark configurations of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configurations {
    /// The file or the path of the REST API that tells them.
    pub origin: String,
    /// The cluster that DSS uses where nothing else is said (`defaultK8sClusterId`): kubeconfig and context of the
    /// configurations then count for nothing.
    pub default_cluster: Option<String>,
    /// Whether DSS takes the cluster that its kubectl is configured for where there is no default (`useImplicitK8sCluster`);
    /// none where it has no such setting, as DSS of old, which does.
    pub takes_clusters_of_kubectl: Option<bool>,
    /// Container configurations first.
    pub list: Vec<Configuration>,
}

impl Display for Configurations {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.default_cluster {
            Some(cluster) => write!(f, "the default cluster is {cluster}")?,
            None => f.write_str("there is no default cluster")?,
        }
        self.list.iter().try_for_each(|configuration| write!(f, "\n{configuration}"))
    }
}

/// Where a kubeconfig leads, without asking the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KubeconfigState {
    /// There is no such file.
    Missing,
    /// It cannot be used, and why.
    Unusable { why: String },
    /// It has no such context (or no current one); the ones it has.
    NoContext { wanted: String, have: Vec<String> },
    /// To this API server.
    Leads {
        context: String,
        server: String,
        /// The certificates of the cluster's authority, as the file has them. No two clusters share one.
        authority: Option<String>,
    },
}

impl Display for KubeconfigState {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            KubeconfigState::Missing => f.write_str("it does not exist"),
            KubeconfigState::Unusable { why } => write!(f, "it cannot be used: {why}"),
            KubeconfigState::NoContext { wanted, have } => {
                write!(f, "it does not have the context {wanted:?}; it has {}", have.join(", "))
            }
            KubeconfigState::Leads { context, server, .. } => write!(f, "its context {context} leads to {server}"),
        }
    }
}

/// The properties of Spark that a check reads, besides those of Hadoop in it.
pub mod spark {
    /// Where the driver asks for executors.
    pub const MASTER: &str = "spark.master";
    /// Where the driver runs.
    pub const DEPLOY_MODE: &str = "spark.submit.deployMode";
    /// What executors are given to connect to.
    pub const DRIVER_HOST: &str = "spark.driver.host";
    /// What the driver listens on.
    pub const BIND_ADDRESS: &str = "spark.driver.bindAddress";
    /// The driver's port for its executors.
    pub const DRIVER_PORT: &str = "spark.driver.port";
    /// The port of the block manager, of the driver and of executors.
    pub const BLOCK_MANAGER_PORT: &str = "spark.blockManager.port";
    /// The port of the driver's block manager alone.
    pub const DRIVER_BLOCK_MANAGER_PORT: &str = "spark.driver.blockManager.port";
    /// How many ports are tried from a fixed one on.
    pub const PORT_RETRIES: &str = "spark.port.maxRetries";
    /// The image of driver and executors.
    pub const IMAGE: &str = "spark.kubernetes.container.image";
    /// The image of executors.
    pub const EXECUTOR_IMAGE: &str = "spark.kubernetes.executor.container.image";
    /// The namespace of the executors' pods.
    pub const NAMESPACE: &str = "spark.kubernetes.namespace";
    /// The service account of executors, and the driver's, which they have where theirs is not given.
    pub const EXECUTOR_ACCOUNT: &str = "spark.kubernetes.authenticate.executor.serviceAccountName";
    pub const DRIVER_ACCOUNT: &str = "spark.kubernetes.authenticate.driver.serviceAccountName";
    /// What an executor asks for.
    pub const EXECUTOR_MEMORY: &str = "spark.executor.memory";
    pub const EXECUTOR_OVERHEAD: &str = "spark.executor.memoryOverhead";
    pub const EXECUTOR_OVERHEAD_FACTOR: &str = "spark.executor.memoryOverheadFactor";
    pub const OVERHEAD_FACTOR: &str = "spark.kubernetes.memoryOverheadFactor";
    pub const OFF_HEAP_ENABLED: &str = "spark.memory.offHeap.enabled";
    pub const OFF_HEAP_SIZE: &str = "spark.memory.offHeap.size";
    pub const EXECUTOR_CORES: &str = "spark.executor.cores";
    /// How many executors a job has.
    pub const EXECUTOR_INSTANCES: &str = "spark.executor.instances";
    /// Whether Spark changes their number while a job runs.
    pub const DYNAMIC_ALLOCATION: &str = "spark.dynamicAllocation.enabled";
    /// Whether executors hand what they shuffle to a service beside them.
    pub const SHUFFLE_SERVICE: &str = "spark.shuffle.service.enabled";
    /// How long Spark waits for an answer, in seconds where no unit is given.
    pub const NETWORK_TIMEOUT: &str = "spark.network.timeout";
    /// How often executors tell that they live, in milliseconds where no unit is given.
    pub const HEARTBEAT: &str = "spark.executor.heartbeatInterval";
    pub const EXECUTOR_REQUEST_CORES: &str = "spark.kubernetes.executor.request.cores";
    pub const EXECUTOR_LIMIT_CORES: &str = "spark.kubernetes.executor.limit.cores";
    pub const GPU_AMOUNT: &str = "spark.executor.resource.gpu.amount";
    pub const GPU_VENDOR: &str = "spark.executor.resource.gpu.vendor";
    /// What comes before a label that the node of an executor must have.
    pub const NODE_SELECTORS: [&str; 2] =
        ["spark.kubernetes.node.selector.", "spark.kubernetes.executor.node.selector."];
    /// A file with what else the pods of executors have.
    pub const TEMPLATE_FILE: &str = "spark.kubernetes.executor.podTemplateFile";
    /// What comes before a setting of Hadoop.
    pub const HADOOP: &str = "spark.hadoop.";

    const ALL: [&str; 30] = [
        EXECUTOR_INSTANCES,
        DYNAMIC_ALLOCATION,
        SHUFFLE_SERVICE,
        NETWORK_TIMEOUT,
        HEARTBEAT,
        MASTER,
        DEPLOY_MODE,
        DRIVER_HOST,
        BIND_ADDRESS,
        DRIVER_PORT,
        BLOCK_MANAGER_PORT,
        DRIVER_BLOCK_MANAGER_PORT,
        PORT_RETRIES,
        IMAGE,
        EXECUTOR_IMAGE,
        NAMESPACE,
        EXECUTOR_ACCOUNT,
        DRIVER_ACCOUNT,
        EXECUTOR_MEMORY,
        EXECUTOR_OVERHEAD,
        EXECUTOR_OVERHEAD_FACTOR,
        OVERHEAD_FACTOR,
        OFF_HEAP_ENABLED,
        OFF_HEAP_SIZE,
        EXECUTOR_CORES,
        EXECUTOR_REQUEST_CORES,
        EXECUTOR_LIMIT_CORES,
        GPU_AMOUNT,
        GPU_VENDOR,
        TEMPLATE_FILE,
    ];

    /// True for a property whose value is told.
    pub fn is_read(key: &str) -> bool {
        ALL.contains(&key) || NODE_SELECTORS.iter().any(|prefix| key.starts_with(prefix))
    }
}
