//! A whole deployment served on loopback, breakable on purpose.
//!
//! Nothing else of the program knows that it is a lab: [`Lab::start`] leaves a site file, and the shipping clients
//! talk to the lab's services as that file says. Everything served is derived from the [`world`], and faults are edits of it.

pub mod authority;
pub mod broken;
pub mod gateway;
pub mod names;
pub mod tree;
pub mod world;

pub mod cloud;
pub mod dss;
pub mod kubelet;
pub mod kubernetes;
pub mod network;
pub mod registry;
pub mod storage;
