//! one VPC, every port, a name.

use ackcheck::check::Check;

mod same_vpc;
mod security_group_ports;

pub static CHECKS: &[&Check] = &[&same_vpc::CHECK, &security_group_ports::CHECK];
