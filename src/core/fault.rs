//! The ways a deployment can be broken, as values. A trial names some; the lab alone acts on them, in one place.
//!
//! Everything the lab serves is derived from its world, a JSON document under `fixtures/lab/`, and from a tree of files
//! it writes; so every fault is an edit of one of the two.

/// A file of the lab's DSS host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabFile {
    /// Below the DSS data directory: `config/connections.json`.
    Data(&'static str),
    /// Below the DSS install directory: `hadoop-standalone-libs/aliyun-sdk-oss-3.11.2.jar`.
    Install(&'static str),
}

/// One way a deployment can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Sets the value at a JSON pointer of the world, in JSON: `Set("/cluster/vpc_id", "\"vpc-other\"")`.
    Set(&'static str, &'static str),
    /// Adds to the list at a JSON pointer of the world, in JSON: `Add("/ram/denied", "\"oss:PutObject\"")`.
    Add(&'static str, &'static str),
    /// Removes what is at a JSON pointer of the world.
    Remove(&'static str),
    /// Writes a file whole.
    Write(LabFile, &'static str),
    /// Cuts a file to its first bytes.
    Truncate(LabFile, usize),
    /// Puts zeros in the place of so many bytes of a file, from this one on.
    Blank(LabFile, usize, usize),
    /// Replaces every occurrence of a text in a file; a text that is not there is an error of the trial.
    Replace(LabFile, &'static str, &'static str),
    /// Copies a file of the same tree to another name.
    Copy(LabFile, &'static str),
    /// Deletes a file or a folder.
    Delete(LabFile),
    /// Sets the value at a JSON pointer of a JSON file, in JSON.
    SetIn(LabFile, &'static str, &'static str),
    /// Adds to the list at a JSON pointer of a JSON file, in JSON.
    AddIn(LabFile, &'static str, &'static str),
    /// Removes what is at a JSON pointer of a JSON file.
    RemoveIn(LabFile, &'static str),
}
