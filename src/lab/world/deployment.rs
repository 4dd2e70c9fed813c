//! The deployment of the world, `fixtures/lab/deployment.json`: what its owner would know of it, and every service of
//! the lab agrees on.

use std::net::{IpAddr, Ipv4Addr};

use ackcheck_core::seat::cloud::PodNetwork;
use ipnet::Ipv4Net;
use serde::Deserialize;

use super::Section;

/// `/deployment`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Deployment {
    /// `cn-hangzhou`.
    pub(crate) region: String,
    pub(crate) account_id: String,
    pub(crate) vpc: VpcId,
    pub(crate) pod_network: PodNetwork,
    pub(crate) host: DssHost,
    pub(crate) cluster: AckCluster,
    pub(crate) nodes: Vec<Node>,
    pub(crate) oss_key: AccessKey,
    pub(crate) oss_temporary_key: TemporaryKey,
    pub(crate) cloud_key: AccessKey,
    pub(crate) registry_user: RegistryUser,
    /// Another that the registry lets in.
    pub(crate) other_registry_user: RegistryUser,
    pub(crate) bucket: DssBucket,
    pub(crate) exchange_bucket: ExchangeBucket,
    /// `host/namespace`.
    pub(crate) repository: String,
    pub(crate) dss: DssInstance,
}

impl Section for Deployment {
    const NAME: &'static str = "deployment";
}

/// The VPC of the host and the cluster; what it is, is in `/cloud/vpcs`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VpcId {
    pub(crate) id: String,
}

/// The DSS host.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DssHost {
    pub(crate) name: String,
    pub(crate) short_name: String,
    pub(crate) addresses: Vec<IpAddr>,
    /// The id of its ECS instance.
    pub(crate) instance: String,
    pub(crate) eni: String,
    pub(crate) vswitch: String,
    pub(crate) security_groups: Vec<String>,
}

/// The ACK cluster.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AckCluster {
    pub(crate) id: String,
    pub(crate) name: String,
    /// DSS's namespace in it.
    pub(crate) namespace: String,
    pub(crate) security_groups: Vec<String>,
}

/// A node of the cluster.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) address: Ipv4Addr,
    pub(crate) zone: String,
    /// The id of its ECS instance.
    pub(crate) instance: String,
    pub(crate) eni: String,
    pub(crate) vswitch: String,
    /// Flannel: the range of its pods.
    pub(crate) pod_range: Ipv4Net,
    /// Terway: the address of its first pod.
    pub(crate) pod_address: Ipv4Addr,
}

/// A key of a RAM user.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// A key of STS, good only with its token.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemporaryKey {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
}

/// The user that DSS logs in to the registry as.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegistryUser {
    pub(crate) name: String,
    pub(crate) password: String,
}

/// DSS's bucket. The site file and DSS's settings are filled in from the rest of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DssBucket {
    pub(crate) name: String,
    #[serde(rename = "prefix")]
    _prefix: String,
    #[serde(rename = "endpoint")]
    _endpoint: String,
}

/// The second bucket, reached with the temporary key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExchangeBucket {
    pub(crate) name: String,
}

/// The DSS instance.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DssInstance {
    /// One of [`crate::tree::RELEASES`].
    pub(crate) release: String,
    pub(crate) base_port: u16,
    pub(crate) install_id: String,
    pub(crate) api_key: String,
}
