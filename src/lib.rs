//! The engine of ackcheck: how to check a deployment, never what must hold.
//!
//! The parts, in reading order; a part may name only parts before it (`tests/layers.rs` keeps that true).

pub mod catalogue;
pub mod check;
pub mod cli;
pub mod config;
pub mod context;
pub mod evidence;
pub mod fault;
pub mod lab;
pub mod live;
pub mod place;
pub mod probe;
pub mod record;
pub mod remedy;
pub mod report;
pub mod rights;
pub mod run;
pub mod seat;
pub mod site;
mod text_file;
pub mod verdict;
