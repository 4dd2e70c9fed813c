//! The Hadoop integration, its jars, its keys and the connections that use them.

use ackcheck_core::check::Check;

pub(crate) mod class_artifacts;
pub(crate) mod connection_credentials;
pub(crate) mod connection_endpoint;
pub(crate) mod connection_root;
pub(crate) mod connection_settings;
mod connector;
pub(crate) mod hadoop_connector;
pub(crate) mod hadoop_integration;
mod hadoop_jar_linkage;
pub(crate) mod hadoop_jars;
mod hadoop_jars_loaded;
pub(crate) mod hadoop_keys;
mod hadoop_read_write;
pub(crate) mod s3_connection;

pub(crate) static CHECKS: &[&Check] = &[
    &hadoop_integration::CHECK,
    &hadoop_jars::CHECK,
    &hadoop_jar_linkage::CHECK,
    &hadoop_jars_loaded::CHECK,
    &hadoop_keys::CHECK,
    &hadoop_connector::CHECK,
    &connection_root::CHECK,
    &connection_endpoint::CHECK,
    &connection_credentials::CHECK,
    &connection_settings::CHECK,
    &hadoop_read_write::CHECK,
    &s3_connection::CHECK,
];
