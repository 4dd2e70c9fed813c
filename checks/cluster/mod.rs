//! The Kubernetes cluster, ACK.

use ackcheck_core::check::Check;

pub(crate) mod cluster_answers;
pub(crate) mod cluster_dns;
pub(crate) mod cluster_rights;
pub(crate) mod cluster_version;
pub(crate) mod dns_quality;
pub(crate) mod dss_pod_admitted;
pub(crate) mod dss_pods_schedulable;
pub(crate) mod node_takes_pods;
pub(crate) mod nodes_ready;
pub(crate) mod pods_allowed;
mod pods_of_dss;
mod rights;

pub(crate) static CHECKS: &[&Check] = &[
    &cluster_answers::CHECK,
    &pods_allowed::CHECK,
    &cluster_rights::CHECK,
    &cluster_version::CHECK,
    &dss_pod_admitted::CHECK,
    &nodes_ready::CHECK,
    &dss_pods_schedulable::CHECK,
    &node_takes_pods::CHECK,
    &cluster_dns::CHECK,
    &dns_quality::CHECK,
];
