//! The name servers' section of the world, `fixtures/lab/dns.json`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;

use crate::world::Section;

/// `/dns`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DnsWorld {
    #[serde(rename = "comment")]
    _comment: String,
    pub(super) records: BTreeMap<String, Vec<IpAddr>>,
}

impl Section for DnsWorld {
    const NAME: &'static str = "dns";
}
