//! The ECS machine under DSS.

use ackcheck::check::Check;

pub(crate) mod host_docker;
pub(crate) mod host_name;

pub static CHECKS: &[&Check] = &[&host_name::CHECK, &host_docker::CHECK];
