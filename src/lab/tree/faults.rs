//! The faults that are edits of the DSS host's files.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::world::{Edit, World, edit};
use ackcheck_core::fault::{Fault, LabFile};

use super::{Tree, fill, put};

/// Applies every fault on files, in order.
pub(super) fn apply(world: &World, tree: &Tree, values: &BTreeMap<String, String>) -> anyhow::Result<()> {
    for fault in world.file_faults() {
        apply_one(fault, world, tree, values).with_context(|| format!("the fault {fault:?}"))?;
    }
    Ok(())
}

fn apply_one(fault: &Fault, world: &World, tree: &Tree, values: &BTreeMap<String, String>) -> anyhow::Result<()> {
    match *fault {
        Fault::Write(file, text) => {
            let path = place(tree, file)?;
            let text = fill(text, world, values)?;
            ensure!(std::fs::read(&path).ok().as_deref() != Some(text.as_bytes()), "the file holds that already");
            put(&path, text.as_bytes())
        }
        Fault::Truncate(file, bytes) => {
            let path = place(tree, file)?;
            let whole = std::fs::read(&path).with_context(|| path.display().to_string())?;
            let start = whole.get(..bytes).filter(|start| start.len() < whole.len());
            put(&path, start.with_context(|| format!("the file has {} bytes only", whole.len()))?)
        }
        Fault::Blank(file, from, length) => {
            let path = place(tree, file)?;
            let mut bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
            let blanked = bytes.get_mut(from..from + length).context("the file is not so long")?;
            ensure!(blanked.iter().any(|byte| *byte != 0), "there are zeros already");
            blanked.fill(0);
            put(&path, &bytes)
        }
        Fault::Replace(file, from, to) => {
            let path = place(tree, file)?;
            let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let (from, to) = (fill(from, world, values)?, fill(to, world, values)?);
            ensure!(text.contains(&from) && from != to, "the file does not hold {from:?}");
            put(&path, text.replace(&from, &to).as_bytes())
        }
        Fault::Copy(file, to) => {
            let from = place(tree, file)?;
            let to = place(tree, beside(file, to))?;
            let bytes = std::fs::read(&from).with_context(|| from.display().to_string())?;
            ensure!(std::fs::read(&to).ok().as_ref() != Some(&bytes), "the copy is there already");
            put(&to, &bytes)
        }
        Fault::Delete(file) => {
            let path = place(tree, file)?;
            let kind = path.symlink_metadata().with_context(|| path.display().to_string())?.file_type();
            let gone = if kind.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
            gone.with_context(|| path.display().to_string())
        }
        Fault::SetIn(file, pointer, json) => edit_json(tree, file, pointer, Edit::Set(json)),
        Fault::AddIn(file, pointer, json) => edit_json(tree, file, pointer, Edit::Add(json)),
        Fault::RemoveIn(file, pointer) => edit_json(tree, file, pointer, Edit::Remove),
        Fault::Set(..) | Fault::Add(..) | Fault::Remove(..) => bail!("an edit of the world, not of a file"),
    }
}

fn edit_json(tree: &Tree, file: LabFile, pointer: &str, change: Edit<'_>) -> anyhow::Result<()> {
    let path = place(tree, file)?;
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut document: Value = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    edit(&mut document, pointer, change)?;
    put(&path, serde_json::to_string_pretty(&document)?.as_bytes())
}

/// The same tree's other file.
fn beside(file: LabFile, other: &'static str) -> LabFile {
    match file {
        LabFile::Data(_) => LabFile::Data(other),
        LabFile::Install(_) => LabFile::Install(other),
    }
}

/// Where a file lies; a fault never leaves the tree.
fn place(tree: &Tree, file: LabFile) -> anyhow::Result<PathBuf> {
    let (folder, path) = match file {
        LabFile::Data(path) => (&tree.data, path),
        LabFile::Install(path) => (&tree.install, path),
    };
    let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    ensure!(inside && !path.is_empty(), "{path:?} is not a path below the tree");
    Ok(folder.join(path))
}
