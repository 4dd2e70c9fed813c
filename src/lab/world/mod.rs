//! The world: one JSON document, each section a file under `fixtures/lab/`, with the faults applied.
//!
//! Faults edit the document; what the services read of it is typed. Every section refuses keys that it does not know,
//! so that a fault with a wrong pointer is an error of the trial and not a fault that does nothing.

mod deployment;
mod edit;

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use serde_json::Value;

use ackcheck_core::fault::Fault;

pub(crate) use deployment::{AccessKey, Deployment, DssHost, Node, RegistryUser};
pub(crate) use edit::{Edit, edit};

/// The sections, by name.
const SECTIONS: &[(&str, &str)] = &[
    ("deployment", include_str!("../../../fixtures/lab/deployment.json")),
    ("host", include_str!("../../../fixtures/lab/host.json")),
    ("dns", include_str!("../../../fixtures/lab/dns.json")),
    ("gateway", include_str!("../../../fixtures/lab/gateway.json")),
    ("storage", include_str!("../../../fixtures/lab/storage.json")),
    ("registry", include_str!("../../../fixtures/lab/registry.json")),
    ("kubernetes", include_str!("../../../fixtures/lab/kubernetes.json")),
    ("cloud", include_str!("../../../fixtures/lab/cloud.json")),
    ("network", include_str!("../../../fixtures/lab/network.json")),
    ("dss", include_str!("../../../fixtures/lab/dss.json")),
    ("sources", include_str!("../../../fixtures/lab/sources.json")),
];

/// A section of the world as its service reads it.
pub(crate) trait Section: DeserializeOwned {
    /// Its key in the document, and the name of its file under `fixtures/lab/`.
    const NAME: &'static str;
}

/// Everything the lab serves is derived from this.
#[derive(Debug, Clone)]
pub struct World {
    document: Value,
    files: Vec<Fault>,
}

/// The vSwitches of added nodes, with their ranges in order.
const MORE_VSWITCHES: [(&str, &str); 3] = [
    ("vsw-bp1labmore0000016", "10.0.16.0/20"),
    ("vsw-bp1labmore0000032", "10.0.32.0/19"),
    ("vsw-bp1labmore0000064", "10.0.64.0/18"),
];

impl World {
    /// The healthy world.
    ///
    /// # Errors
    /// If a file of `fixtures/lab/` is not JSON.
    pub fn healthy() -> anyhow::Result<World> {
        let mut document = serde_json::Map::new();
        for (name, text) in SECTIONS {
            let section: Value = serde_json::from_str(text).with_context(|| format!("fixtures/lab/{name}.json"))?;
            document.insert((*name).to_owned(), section);
        }
        Ok(World { document: Value::Object(document), files: Vec::new() })
    }

    /// Applies a fault: an edit of this document, or one of the host's files, kept for when the tree is written.
    ///
    /// # Errors
    /// If the edit does not fit the document, or changes nothing.
    pub fn apply(&mut self, fault: &Fault) -> anyhow::Result<()> {
        match fault {
            Fault::Set(at, json) => edit(&mut self.document, at, Edit::Set(json)),
            Fault::Add(at, json) => edit(&mut self.document, at, Edit::Add(json)),
            Fault::Remove(at) => edit(&mut self.document, at, Edit::Remove),
            file => {
                self.files.push(*file);
                Ok(())
            }
        }
    }

    /// Sets a value that the user chose; there must be one already.
    pub(crate) fn set(&mut self, pointer: &str, value: Value) -> anyhow::Result<()> {
        let slot = self.document.pointer_mut(pointer);
        *slot.with_context(|| format!("the lab's world has nothing at {pointer}"))? = value;
        Ok(())
    }

    /// Makes the world's nodes `count`, modelled on the first one.
    pub(crate) fn set_nodes(&mut self, count: usize) -> anyhow::Result<()> {
        let nodes = self.document.pointer_mut("/deployment/nodes").and_then(Value::as_array_mut);
        let nodes = nodes.context("the lab's world has no list at /deployment/nodes")?;
        nodes.truncate(count);
        let first = nodes.first().cloned().context("a lab needs a node")?;
        for at in nodes.len()..count {
            let mut node = first.clone();
            // 10.0.16.0 to 10.0.127.255 are not used elsewhere in the world.
            let address = std::net::Ipv4Addr::from_bits(u32::from_be_bytes([10, 0, 16, 0]) + u32::try_from(at)?);
            node["name"] = format!("cn-hangzhou.{address}").into();
            node["address"] = address.to_string().into();
            let (vswitch, _) =
                MORE_VSWITCHES[usize::from(address.octets()[2] >= 32) + usize::from(address.octets()[2] >= 64)];
            node["vswitch"] = vswitch.into();
            node["instance"] = format!("i-bp1labmore{at:011}").into();
            node["eni"] = format!("eni-bp1labmore{at:07}").into();
            // As many of the cluster's range as there are nodes: a larger cluster has smaller ones.
            node["pod_range"] = match count {
                ..=256 => format!("172.20.{at}.0/24"),
                _ => format!("172.20.{}.{}/30", 16 + (at >> 6), (at & 63) * 4),
            }
            .into();
            let pods = std::net::Ipv4Addr::from_bits(u32::from_be_bytes([10, 0, 129, 0]) + u32::try_from(at)?);
            node["pod_address"] = pods.to_string().into();
            nodes.push(node);
        }
        if count > 3 {
            self.add_vswitches()?;
        }
        Ok(())
    }

    /// Those of the nodes that were added.
    fn add_vswitches(&mut self) -> anyhow::Result<()> {
        let vswitches = self.document.pointer_mut("/cloud/vswitches").and_then(Value::as_array_mut);
        let vswitches = vswitches.context("the lab's world has no list at /cloud/vswitches")?;
        let mut like = vswitches.get(1).cloned().context("the lab's world has no vSwitch of nodes")?;
        for (id, range) in MORE_VSWITCHES {
            like["id"] = id.into();
            like["range"] = range.into();
            vswitches.push(like.clone());
        }
        Ok(())
    }

    /// The faults that are edits of the host's files, in order.
    pub(crate) fn file_faults(&self) -> &[Fault] {
        &self.files
    }

    /// A section, typed.
    pub(crate) fn section<S: Section>(&self) -> anyhow::Result<S> {
        let pointer = format!("/{}", S::NAME);
        S::deserialize(self.value(&pointer)?).with_context(|| format!("the lab's world at {pointer}"))
    }

    /// The deployment: what its owner would know of it, and all services agree on.
    pub(crate) fn deployment(&self) -> anyhow::Result<Deployment> {
        self.section()
    }

    /// The JSON at a pointer, as templates name it.
    pub(crate) fn value(&self, pointer: &str) -> anyhow::Result<&Value> {
        self.document.pointer(pointer).with_context(|| format!("the lab's world has nothing at {pointer}"))
    }
}
