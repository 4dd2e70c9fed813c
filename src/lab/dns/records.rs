//! The names of the world and their addresses.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::world::DnsWorld;
use crate::world::World;

/// The records of a zone: a name, or `*.suffix` for any name below.
#[derive(Debug, Clone, Default)]
pub struct Records(BTreeMap<String, Vec<IpAddr>>);

impl Records {
    /// As the world has them.
    ///
    /// # Errors
    /// If the world's `/dns` cannot be read.
    pub fn of(world: &World) -> anyhow::Result<Records> {
        Ok(Records(world.section::<DnsWorld>()?.records))
    }

    /// Every name with its addresses.
    pub(crate) fn into_names(self) -> BTreeMap<String, Vec<IpAddr>> {
        self.0
    }

    /// The addresses of a name, lower case, without a dot at the end; none if it does not exist.
    pub(crate) fn get(&self, name: &str) -> Option<&[IpAddr]> {
        if let Some(addresses) = self.0.get(name) {
            return Some(addresses);
        }
        let mut below = name;
        while let Some((_, parent)) = below.split_once('.') {
            if let Some(addresses) = self.0.get(&format!("*.{parent}")) {
                return Some(addresses);
            }
            below = parent;
        }
        None
    }

    /// Whether any name has this address.
    pub(crate) fn has_address(&self, address: IpAddr) -> bool {
        self.0.values().any(|addresses| addresses.contains(&address))
    }
}
