//! HTTP and names as every seat uses them: one resolver, one set of roots, bounded waits and bodies, failures told apart.

use std::sync::Arc;

use crate::config::Config;
use crate::evidence::Journal;
use crate::place::Vantage;
use crate::seat::{Heard, HttpReply, NameAnswer};
use crate::verdict::Broken;

/// The longest body read, in bytes.
pub const LONGEST_BODY: usize = 4 << 20;

/// The way out, shared by all seats of a run.
#[derive(Clone)]
pub struct Wire {
    client: reqwest::Client,
    config: Arc<Config>,
}

impl Wire {
    /// Builds the way out as `[network]` and `[limits]` of the site file say.
    pub fn new(config: Arc<Config>) -> Result<Wire, Broken> {
        let client = reqwest::Client::builder().build().map_err(|error| Broken::Internal(error.to_string()))?;
        Ok(Wire { client, config })
    }

    /// The client, to build requests with (`wire.client().get(url).header(..).build()`).
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// The site.
    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }

    /// Sends one request and reads the answer whole, within `[limits]`; no redirect is followed. Notes the method, URL
    /// (without its query's signatures), status and body in the journal.
    pub async fn send(&self, _journal: &Journal, _vantage: Vantage, _request: reqwest::Request) -> Heard<HttpReply> {
        unreachable!("being written")
    }

    /// Resolves a name with the site's name servers, or the system's resolver; notes it in the journal.
    pub async fn resolve(&self, _journal: &Journal, _vantage: Vantage, _name: &str) -> NameAnswer {
        unreachable!("being written")
    }
}
