//! The DSS instance.

use ackcheck_core::check::Check;

pub(crate) mod dss_version;
pub(crate) mod ext_host;

pub(crate) static CHECKS: &[&Check] = &[&dss_version::CHECK, &ext_host::CHECK];
