//! A remedy: what to do, and how to confirm that it worked.

use super::page::{Ink, Page};
use crate::record::FindingRecord;
use crate::remedy::Block;

/// What a finding says to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Advice {
    fix: Vec<Block>,
    confirm: Option<String>,
}

impl Advice {
    pub(super) fn of(finding: &FindingRecord) -> Advice {
        Advice { fix: finding.remedy.clone(), confirm: finding.confirm.clone() }
    }

    /// The same advice with the node it speaks of taken out.
    pub(super) fn without(&self, node: &str) -> Advice {
        let nameless = |text: &str| text.replace(node, "");
        Advice {
            fix: self.fix.iter().map(|block| block.map(nameless)).collect(),
            confirm: self.confirm.as_deref().map(nameless),
        }
    }

    /// The fix under `heading`, then the commands that confirm it.
    pub(super) fn write(&self, page: &mut Page, heading: &str) {
        if !self.fix.is_empty() {
            page.heading(Ink::Heading, heading);
        }
        for block in &self.fix {
            match block {
                Block::Text(text) => page.paragraph(2, text),
                Block::Commands { text, shell: true } => page.commands(text),
                Block::Commands { text, shell: false } => page.lines_of_a_file(text),
            }
        }
        if let Some(commands) = &self.confirm {
            page.heading(Ink::Heading, "Confirm");
            page.commands(commands);
        }
    }
}
