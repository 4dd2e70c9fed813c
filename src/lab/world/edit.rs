//! Edits of JSON documents at a JSON pointer: what faults are.

use anyhow::{Context as _, bail};
use serde_json::Value;

/// One edit of a JSON document.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Edit<'a> {
    /// Set to this JSON; the parent must be there.
    Set(&'a str),
    /// Add this JSON to the list.
    Add(&'a str),
    /// Remove it; it must be there.
    Remove,
}

/// Edits `document` at a JSON pointer. An edit that would change nothing is an error: a fault must be one.
pub(crate) fn edit(document: &mut Value, pointer: &str, edit: Edit<'_>) -> anyhow::Result<()> {
    let parse = |json: &str| {
        serde_json::from_str::<Value>(json).with_context(|| format!("the fault's JSON for {pointer}: {json}"))
    };
    if let Edit::Add(json) = edit {
        let list = document.pointer_mut(pointer).and_then(Value::as_array_mut);
        list.with_context(|| format!("there is no list at {pointer}"))?.push(parse(json)?);
        return Ok(());
    }
    let (parent, last) = pointer.rsplit_once('/').with_context(|| format!("{pointer} is not a JSON pointer"))?;
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
            let at: usize = last.parse().with_context(|| format!("{pointer} is not an index of the list"))?;
            if at >= list.len() {
                bail!("nothing at {pointer}");
            }
            list.remove(at);
        }
        _ => bail!("the parent of {pointer} is neither an object nor a list"),
    }
    Ok(())
}
