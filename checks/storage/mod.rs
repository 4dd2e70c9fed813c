//! OSS.

use ackcheck::check::Check;

pub static CHECKS: &[&Check] = &[];
