//! Seats on a real deployment: the only code that reaches the world.

mod names;
pub mod wire;

pub mod cloud;
pub mod cluster;
pub mod dss;
pub mod host;
pub mod pod;
pub mod registry;
pub mod store;
