//! one VPC, every port, a name.

use ackcheck::check::Check;

pub static CHECKS: &[&Check] = &[];
