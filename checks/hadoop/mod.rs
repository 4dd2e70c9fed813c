//! the integration and its jars.

use ackcheck::check::Check;

pub static CHECKS: &[&Check] = &[];
