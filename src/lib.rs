//! The program: sites, opened live or as a lab, and the command line above them.

pub mod cli;
pub mod site;
