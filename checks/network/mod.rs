//! The network between the cluster and the DSS host: one VPC, every port, a name.

use ackcheck_core::check::Check;

pub(crate) mod alibaba;
pub(crate) mod backend_answers;
pub(crate) mod dss_name_resolves;
pub(crate) mod dss_ports_reachable;
pub(crate) mod called;
mod dss_ports_own;
mod network_acl;
pub(crate) mod oss_path;
mod path_mtu;
mod pod_routes;
mod pods_reachable;
pub(crate) mod prediction;
pub(crate) mod prediction_agrees;
pub(crate) mod registry_path;
mod same_vpc;
mod security_group_ports;

pub(crate) static CHECKS: &[&Check] = &[
    &same_vpc::CHECK,
    &pod_routes::CHECK,
    &network_acl::CHECK,
    &security_group_ports::CHECK,
    &dss_name_resolves::CHECK,
    &prediction_agrees::CHECK,
    &dss_ports_reachable::CHECK,
    &dss_ports_own::CHECK,
    &backend_answers::CHECK,
    &registry_path::CHECK,
    &oss_path::CHECK,
    &path_mtu::CHECK,
    &pods_reachable::CHECK,
];
