//! The DSS instance.

use ackcheck_core::check::Check;

mod cluster_chosen;
mod dss_running;
pub(crate) mod dss_version;
pub(crate) mod env_scripts;
pub(crate) mod ext_host;
mod ext_host_live;
mod ports_required;
mod settings_agree;

pub(crate) static CHECKS: &[&Check] = &[
    &dss_version::CHECK,
    &dss_running::CHECK,
    &env_scripts::CHECK,
    &ext_host::CHECK,
    &ext_host_live::CHECK,
    &cluster_chosen::CHECK,
    &settings_agree::CHECK,
    &ports_required::CHECK,
];
