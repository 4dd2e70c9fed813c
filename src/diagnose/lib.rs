//! From logs and events to the cause that they tell of: texts that are known, what belongs together, and the checks that
//! prove it. What is known is data, `patterns/FAMILY.toml`; nothing here asks anybody anything.
//!
//! A log is read once, in pieces of constant size. Literals that every known text must hold decide which lines are looked
//! at closely, so that a healthy log costs little more than to read it.

mod collector;
mod diagnosis;
mod envelope;
mod family;
mod folder;
mod literals;
mod matcher;
mod open;
mod patterns;
mod quote;
mod reading;
mod report;
mod scan;
mod stamp;
mod stream;

pub use collector::Collector;
pub use diagnosis::{Cause, Consequence, Diagnosis, Place};
pub use open::NotRead;
pub use reading::Reading;
pub use report::{Format, Looks, checks, render};
pub use stamp::Clock;

#[cfg(test)]
mod healthy;
#[cfg(test)]
mod laws;
