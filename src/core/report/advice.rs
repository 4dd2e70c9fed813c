//! What a finding says to do, whole and in a line.

use crate::record::FindingRecord;
use crate::remedy::Block;

/// What a finding says to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Advice {
    pub fix: Vec<Block>,
    /// Commands that show whether it worked.
    pub confirm: Option<String>,
}

impl Advice {
    pub(super) fn of(finding: &FindingRecord) -> Advice {
        Advice { fix: finding.remedy.clone(), confirm: finding.confirm.clone() }
    }

    /// The same advice with the subject it speaks of taken out.
    pub(super) fn without(&self, subject: &str) -> Advice {
        let nameless = |text: &str| text.replace(subject, "");
        Advice {
            fix: self.fix.iter().map(|block| block.map(nameless)).collect(),
            confirm: self.confirm.as_deref().map(nameless),
        }
    }
}

/// The first thing the remedy says to do, in one line: its first sentence and its first command.
pub(super) fn essence(remedy: &[Block]) -> Option<String> {
    let text = remedy.iter().find_map(|block| match block {
        Block::Text(text) => Some(text.split_inclusive(". ").next().unwrap_or(text).trim()),
        Block::Commands { .. } => None,
    });
    let command = remedy.iter().find_map(|block| match block {
        Block::Commands { text, .. } => Some(match text.trim().split_once('\n') {
            Some((first, _)) => format!("{first} …"),
            None => text.trim().to_owned(),
        }),
        Block::Text(_) => None,
    });
    match (text, command) {
        (Some(text), Some(command)) => Some(format!("{text} {command}")),
        (one, other) => one.map(str::to_owned).or(other),
    }
}
