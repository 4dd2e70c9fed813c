//! The network between the cluster and the DSS host: one VPC, every port, a name.

use ackcheck_core::check::Check;

pub(crate) mod backend_answers;
pub(crate) mod dss_name_resolves;
pub(crate) mod dss_ports_reachable;
mod path_mtu;
pub(crate) mod prediction;
mod same_vpc;
mod security_group_ports;

pub(crate) static CHECKS: &[&Check] = &[
    &same_vpc::CHECK,
    &security_group_ports::CHECK,
    &dss_name_resolves::CHECK,
    &dss_ports_reachable::CHECK,
    &backend_answers::CHECK,
    &path_mtu::CHECK,
];
