//! What logs tell of, as values: causes, where they were met, and what was read.

use jiff::Timestamp;
use serde::Serialize;

use crate::open::NotRead;

/// A line of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The input, as it was named.
    pub input: String,
    /// Counted from 1.
    pub line: u64,
    /// When it was written, where that is known.
    pub at: Option<Timestamp>,
    /// What stands there, fit to show.
    pub quote: String,
}

/// A cause, and where it was met.
#[derive(Debug, Clone, Serialize)]
pub struct Cause {
    /// The pattern that it was recognised by, `FAMILY/ID`.
    pub pattern: String,
    /// One line.
    pub cause: String,
    /// The findings that would prove it, `CHECK/FINDING`, the likeliest first.
    pub proof: Vec<String>,
    pub count: u64,
    /// How many inputs it was met in.
    pub inputs: usize,
    pub first: Place,
    pub last: Place,
    pub consequences: Vec<Consequence>,
}

/// What a cause brought about.
#[derive(Debug, Clone, Serialize)]
pub struct Consequence {
    pub pattern: String,
    pub cause: String,
    pub count: u64,
    pub first: Place,
}

/// All that was read, and what it tells.
#[derive(Debug, Default, Serialize)]
pub struct Diagnosis {
    /// What brought about most comes first.
    #[serde(skip)]
    pub causes: Vec<Cause>,
    /// Places of causes beyond the most that are kept apart.
    pub beyond: u64,
    pub inputs: usize,
    pub bytes: u64,
    pub lines: u64,
    /// Inputs of which no line has a time, so that their age is not known.
    pub without_times: Vec<String>,
    /// Files below folders that hold no text, such as archives.
    pub passed_over: u64,
    /// Files below folders that were last written before what was asked for.
    pub older: u64,
    /// Only what is younger than this was read.
    pub since: Option<Timestamp>,
    pub not_read: Vec<NotRead>,
}
