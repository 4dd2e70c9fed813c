//! How ackcheck judges a deployment, never what must hold: the pure core. Nothing here opens a connection; what reaches
//! the world stands behind the traits of [`seat`].
//!
//! The parts in reading order; a part may name only parts before it (`tests/suite/layers.rs` keeps that true).

pub mod sync;
pub mod inet_aton;
pub mod local_name;
pub mod io_error;
pub mod reach;
pub mod java;
pub mod text_file;
pub mod place;
pub mod placeholder;
pub mod right;
pub mod subject;
pub mod verdict;
pub mod secret;
pub mod evidence;
pub mod template;
pub mod shell;
pub mod remedy;
pub mod fault;
pub mod config;
pub mod seat;
pub mod required_ports;
pub mod dss_facts;
pub mod hadoop_configuration;
pub mod context;
pub mod check;
pub mod catalogue;
pub mod rights;
pub mod record;
pub mod run;
pub mod report;
pub mod compare;
