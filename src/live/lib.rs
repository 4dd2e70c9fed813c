//! Seats on a real deployment: the only code that reaches the world.

mod cause;
mod child;
mod json;
mod jvm;
mod names;
mod stopped;
mod terminal;
mod trust;
pub mod wire;

pub mod cloud;
pub mod cluster;
pub mod discover;
pub mod dss;
pub mod from_dss;
pub mod host;
pub mod image;
mod leftovers;
pub mod pod;
pub mod probe;
pub mod registry;
mod seats;
pub mod store;
pub mod survey;

pub use seats::LiveSeats;
