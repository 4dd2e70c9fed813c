//! What the lab's services have in common, so that starting the lab is one loop over them.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::authority::Authority;
use super::http::{Request, Response, response};
use super::tree::Tree;
use super::world::World;

/// What a service is made of.
pub(crate) struct Ground<'a> {
    pub(crate) world: &'a World,
    /// The DSS host's files.
    pub(crate) tree: &'a Tree,
    /// Where the gateway listens.
    pub(crate) gateway: SocketAddr,
    /// The authority that the gateway's certificates are from.
    pub(crate) authority: &'a Authority,
    /// The end of the lab.
    pub(crate) stop: &'a CancellationToken,
}

/// How to reach one service of a running lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// `OSS`, `Kubernetes API`.
    pub service: &'static str,
    /// What to type or to set.
    pub how: String,
}

/// What a service with a port of its own says once the port is open.
#[derive(Debug, Default)]
pub struct Opened {
    /// Values of the site file that only a running lab knows, in TOML.
    pub site: Vec<(&'static str, String)>,
    /// How a user reaches it.
    pub reach: Vec<Reach>,
}

/// The longest request body read where a service sets no other limit, in bytes: more than the probe image, and than a
/// part of a real client's multipart upload.
const LONGEST_BODY: usize = 64 << 20;

/// One service of the lab. It answers HTTP behind the gateway under the names it serves, or on a port of its own, or
/// both; what does not speak HTTP leaves `serves` and `answer` as they are.
#[async_trait]
pub trait Service: Send + Sync {
    /// True for the host names it answers for behind the gateway: in lower case, without a port.
    fn serves(&self, _host: &str) -> bool {
        false
    }

    /// Answers. The request's URI has its path and query only; `host` is the name it was sent to, and empty on a port
    /// of the service's own.
    async fn answer(&self, _host: &str, _request: Request) -> Response {
        response(404, "text/plain", "")
    }

    /// The longest request body it reads, in bytes.
    fn longest_body(&self) -> usize {
        LONGEST_BODY
    }

    /// How much of a longer one it reads and throws away before it answers, in bytes. A client that is cut off while it
    /// sends does not see the answer.
    fn discards(&self) -> u64 {
        0
    }

    /// What it answers to a longer one.
    fn too_long(&self) -> Response {
        response(413, "text/plain", "the body is longer than the lab takes\n")
    }

    /// Opens the port it has besides the gateway, until `stop`, and writes what its clients need below `root`.
    ///
    /// # Errors
    /// If no loopback port is free or a file cannot be written.
    async fn open(self: Arc<Self>, _root: &Path, _stop: &CancellationToken) -> anyhow::Result<Opened> {
        Ok(Opened::default())
    }
}
