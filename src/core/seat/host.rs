//! The DSS host: its commands, names and addresses.

use std::net::IpAddr;

use async_trait::async_trait;

use super::operation::Operation;
use super::{NameAnswer, Seen};

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// With this exit code.
    Exit(i32),
    /// By a signal, or killed at its limit.
    Killed { why: String },
    /// It is not on the host.
    NotFound,
}

/// What a command printed and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandOutput {
    pub ended: Ended,
    /// Bounded, as text.
    pub stdout: String,
    /// Bounded, as text.
    pub stderr: String,
}

/// What of it others must allow: nothing, its account is allowed to look.
pub static OPERATIONS: &[&Operation] = &[];

/// The DSS host.
#[async_trait]
pub trait Host: Send + Sync {
    /// Runs a command that only looks, within its limit, without a shell.
    async fn run(&self, program: &str, arguments: &[&str]) -> Seen<CommandOutput>;
    /// Resolves a name as programs on the host do (`/etc/hosts` and DNS; `getent ahosts`).
    async fn resolve(&self, name: &str) -> Seen<NameAnswer>;
    /// The host's own addresses, loopback left out (`hostname -I`).
    async fn addresses(&self) -> Seen<Vec<IpAddr>>;
}
