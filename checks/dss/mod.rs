//! The instance.

use ackcheck::check::Check;

mod dss_version;

pub static CHECKS: &[&Check] = &[&dss_version::CHECK];
