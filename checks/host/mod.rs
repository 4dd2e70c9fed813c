//! The ECS instance that DSS runs on.

use ackcheck_core::check::Check;

mod base_image_sources;
pub(crate) mod host_disk;
pub(crate) mod host_docker;
pub(crate) mod host_docker_login;
pub(crate) mod host_java;
pub(crate) mod host_kubectl;
pub(crate) mod host_limits;
pub(crate) mod host_memory;
pub(crate) mod host_name;
pub(crate) mod host_os;
mod host_ports;
pub(crate) mod host_python;
mod host_user;
pub(crate) mod instance;
mod interpreter;
pub(crate) mod listeners;
pub(crate) mod owner;
pub(crate) mod release;

pub(crate) static CHECKS: &[&Check] = &[
    &host_os::CHECK,
    &host_user::CHECK,
    &host_limits::CHECK,
    &host_memory::CHECK,
    &host_java::CHECK,
    &host_python::CHECK,
    &host_disk::CHECK,
    &host_ports::CHECK,
    &host_name::CHECK,
    &host_docker::CHECK,
    &host_docker_login::CHECK,
    &base_image_sources::CHECK,
    &host_kubectl::CHECK,
];
