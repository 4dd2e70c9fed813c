//! The instance.

use ackcheck::check::Check;

pub(crate) mod dss_version;
pub(crate) mod ext_host;

pub static CHECKS: &[&Check] = &[&dss_version::CHECK, &ext_host::CHECK];
