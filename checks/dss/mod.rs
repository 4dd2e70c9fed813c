//! The instance.

use ackcheck::check::Check;

pub(crate) mod dss_version;

pub static CHECKS: &[&Check] = &[&dss_version::CHECK];
