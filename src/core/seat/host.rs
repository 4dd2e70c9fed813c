//! The DSS host: its commands, files, names and addresses.

mod kubectl;

use std::net::IpAddr;

use async_trait::async_trait;

use super::operation::Operation;
use super::{Heard, HttpReply, NameAnswer, Seen};
use crate::place::Vantage;
use firewall::Firewall;

pub use kubectl::{Kubectl, Reached};
pub mod docker;
mod docker_login;
pub mod firewall;
mod proxies;

pub use docker_login::DockerLogin;
pub use proxies::Proxies;

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// With this exit code.
    Exit(i32),
    /// By a signal.
    Killed { why: String },
    /// It was ended at our own limit, which says nothing about it.
    Late { why: String },
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

/// [`Host::read`]: of files that every account can read, so that it needs no right.
pub static READ: Operation = Operation::on(Vantage::Host, "Host::read");

/// [`Host::docker_login`]: the account's own file and its own helper.
pub static DOCKER_LOGIN: Operation = Operation::on(Vantage::Host, "Host::docker_login");
/// [`Host::kubectl`]: it asks what every account of a cluster may ask, so that it needs no right.
pub static KUBECTL: Operation = Operation::on(Vantage::Host, "Host::kubectl");

/// [`Host::firewall`]: without root or CAP_NET_ADMIN it is not read, and no check fails for that.
pub static FIREWALL: Operation = Operation::on(Vantage::Host, "Host::firewall");

/// [`Host::head`], [`Host::head_manifest`]: of sources that are open to everyone, so that it needs no right.
pub static HEAD: Operation = Operation::on(Vantage::Host, "Host::head, head_manifest");

/// What of it others must allow.
pub static OPERATIONS: &[&Operation] = &[&READ, &DOCKER_LOGIN, &KUBECTL, &FIREWALL, &HEAD];

/// The DSS host.
#[async_trait]
pub trait Host: Send + Sync {
    /// Runs a command that only looks, within its limit, without a shell.
    async fn run(&self, program: &str, arguments: &[&str]) -> Seen<CommandOutput>;
    /// The text of a small file that every account can read (`/etc/os-release`): whole, and within a command's limit.
    async fn read(&self, path: &str) -> Seen<String>;
    /// Calls kubectl as DSS does: with the site's kubeconfig and context, and without a terminal. It leaves nothing behind.
    async fn kubectl(&self) -> Seen<Kubectl>;
    /// The login that the docker command has for a registry (`host` or `host:port`).
    async fn docker_login(&self, registry: &str) -> Seen<DockerLogin>;
    /// The rules that IPv4 packets to the host meet there, where this account is allowed to list them. Nothing is changed.
    async fn firewall(&self) -> Seen<Firewall>;
    /// `HEAD` of a URL, as a program with these proxies asks; no redirect is followed.
    async fn head(&self, url: &str, proxies: &Proxies) -> Seen<Heard<HttpReply>>;
    /// `HEAD` of an image's manifest at a registry, `https://HOST`, as a daemon with these proxies asks it without a login: with
    /// the token that the registry has it get.
    async fn head_manifest(&self, at: &str, image: &str, tag: &str, proxies: &Proxies) -> Seen<Heard<HttpReply>>;
    /// Resolves a name as programs on the host do (`/etc/hosts` and DNS; `getent ahosts`): the addresses are in the order
    /// in which the C library gives them.
    async fn resolve(&self, name: &str) -> Seen<NameAnswer>;
    /// The host's own addresses, loopback left out (`hostname -I`).
    async fn addresses(&self) -> Seen<Vec<IpAddr>>;
}
