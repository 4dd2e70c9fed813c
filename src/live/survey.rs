//! What a look around for leftovers brings.

/// One thing that a run left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// The run's id.
    pub run: String,
    /// What it is, and where: `pod dataiku/ackcheck-…`, `oss://bucket/key`.
    pub name: String,
    /// When it was created.
    pub since: Option<jiff::Timestamp>,
}

/// What a look around brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    pub found: Vec<Leftover>,
    /// Where it was looked.
    pub looked: Vec<String>,
    /// Where it could not be looked, and why.
    pub unseen: Vec<String>,
}

impl Survey {
    /// Adds what was found elsewhere.
    pub(crate) fn take(&mut self, other: Survey) {
        self.found.extend(other.found);
        self.looked.extend(other.looked);
        self.unseen.extend(other.unseen);
    }
}

/// Whether a text is the id of a run: eight small letters.
pub fn is_run_id(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|letter| letter.is_ascii_lowercase())
}
