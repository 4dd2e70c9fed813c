//! The world: one JSON document, each section a file under `fixtures/lab/`, with the faults applied.

use anyhow::{Context as _, bail};
use serde::de::DeserializeOwned;
use serde_json::Value;

use ackcheck_core::fault::Fault;

/// The sections, by name.
const SECTIONS: &[(&str, &str)] = &[
    ("deployment", include_str!("../../fixtures/lab/deployment.json")),
    ("host", include_str!("../../fixtures/lab/host.json")),
    ("dns", include_str!("../../fixtures/lab/dns.json")),
    ("gateway", include_str!("../../fixtures/lab/gateway.json")),
    ("storage", include_str!("../../fixtures/lab/storage.json")),
    ("registry", include_str!("../../fixtures/lab/registry.json")),
    ("kubernetes", include_str!("../../fixtures/lab/kubernetes.json")),
    ("cloud", include_str!("../../fixtures/lab/cloud.json")),
    ("network", include_str!("../../fixtures/lab/network.json")),
    ("dss", include_str!("../../fixtures/lab/dss.json")),
];

/// Everything the lab serves is derived from this.
#[derive(Debug, Clone)]
pub struct World {
    document: Value,
    files: Vec<Fault>,
}

impl World {
    /// The healthy world.
    pub fn healthy() -> anyhow::Result<World> {
        let mut document = serde_json::Map::new();
        for (name, text) in SECTIONS {
            let section: Value = serde_json::from_str(text).with_context(|| format!("fixtures/lab/{name}.json"))?;
            document.insert((*name).to_owned(), section);
        }
        Ok(World { document: Value::Object(document), files: Vec::new() })
    }

    /// Applies a fault: an edit of this document, or one of the host's files, kept for when the tree is written.
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

    /// Sets a value that the user chose; the parent must be there.
    pub fn set(&mut self, pointer: &str, value: Value) -> anyhow::Result<()> {
        let slot = self.document.pointer_mut(pointer);
        *slot.with_context(|| format!("the lab's world has nothing at {pointer}"))? = value;
        Ok(())
    }

    /// Makes the world's nodes `count`, modelled on the first one.
    pub fn set_nodes(&mut self, count: usize) -> anyhow::Result<()> {
        let nodes = self.document.pointer_mut("/deployment/nodes").and_then(Value::as_array_mut);
        let nodes = nodes.context("the lab's world has no list at /deployment/nodes")?;
        nodes.truncate(count);
        let first = nodes.first().cloned().context("a lab needs a node")?;
        for at in nodes.len()..count {
            let mut node = first.clone();
            // 10.0.16.0 to 10.0.127.255 are of nobody else in the world.
            let address = std::net::Ipv4Addr::from_bits(u32::from_be_bytes([10, 0, 16, 0]) + u32::try_from(at)?);
            node["name"] = format!("cn-hangzhou.{address}").into();
            node["address"] = address.to_string().into();
            node["instance"] = format!("i-bp1labnode{at:011}").into();
            node["eni"] = format!("eni-bp1labnode{at:07}").into();
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
        Ok(())
    }

    /// The faults that are edits of the host's files, in order.
    pub fn file_faults(&self) -> &[Fault] {
        &self.files
    }

    /// What is at a JSON pointer, typed: `world.at::<StorageWorld>("/storage")`.
    pub fn at<T: DeserializeOwned>(&self, pointer: &str) -> anyhow::Result<T> {
        let value =
            self.document.pointer(pointer).with_context(|| format!("the lab's world has nothing at {pointer}"))?;
        T::deserialize(value).with_context(|| format!("the lab's world at {pointer}"))
    }
}

/// One edit of a JSON document.
#[derive(Debug, Clone, Copy)]
pub enum Edit<'a> {
    /// Set to this JSON; the parent must be there.
    Set(&'a str),
    /// Add this JSON to the list.
    Add(&'a str),
    /// Remove it; it must be there.
    Remove,
}

/// Edits `document` at a JSON pointer. An edit that would change nothing is an error: a fault must be one.
pub fn edit(document: &mut Value, pointer: &str, edit: Edit<'_>) -> anyhow::Result<()> {
    let parse = |json: &str| {
        serde_json::from_str::<Value>(json).with_context(|| format!("the fault's JSON for {pointer}: {json}"))
    };
    if let Edit::Add(json) = edit {
        let list = document.pointer_mut(pointer).and_then(Value::as_array_mut);
        list.with_context(|| format!("no list at {pointer}"))?.push(parse(json)?);
        return Ok(());
    }
    let (parent, last) = pointer.rsplit_once('/').with_context(|| format!("{pointer} is no JSON pointer"))?;
    let last = last.replace("~1", "/").replace("~0", "~");
    let parent = document.pointer_mut(parent).with_context(|| format!("nothing at {parent}"))?;
    let before = parent.clone();
    match (parent, edit) {
        (Value::Object(map), Edit::Set(json)) => {
            map.insert(last, parse(json)?);
            if before == Value::Object(map.clone()) {
                bail!("the fault at {pointer} changes nothing");
            }
        }
        (Value::Array(list), Edit::Set(json)) => {
            let slot = last.parse().ok().and_then(|at: usize| list.get_mut(at));
            *slot.with_context(|| format!("nothing at {pointer}"))? = parse(json)?;
        }
        (Value::Object(map), Edit::Remove) => {
            map.shift_remove(&last).with_context(|| format!("nothing at {pointer}"))?;
        }
        (Value::Array(list), Edit::Remove) => {
            let at: usize = last.parse().with_context(|| format!("{pointer} is no place in a list"))?;
            if at >= list.len() {
                bail!("nothing at {pointer}");
            }
            list.remove(at);
        }
        _ => bail!("{pointer} has no parent that can hold it"),
    }
    Ok(())
}
