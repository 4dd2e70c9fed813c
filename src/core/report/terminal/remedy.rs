//! A remedy: what to do, and how to confirm that it worked.

use super::page::{Ink, Page};
use crate::remedy::Block;

/// The blocks in order, under `heading`; the last commands are those that confirm.
pub(super) fn write(page: &mut Page, heading: &str, blocks: &[Block]) {
    let (mend, confirm) = split(blocks);
    if !mend.is_empty() {
        page.heading(Ink::Heading, heading);
        for block in &mend {
            match block {
                Block::Text(text) => page.paragraph(2, text),
                Block::Commands(commands) => page.commands(commands),
            }
        }
    }
    if let Some((lead, commands)) = confirm {
        page.heading(Ink::Heading, "To confirm");
        page.paragraph(2, &lead);
        page.commands(&commands);
    }
}

/// The blocks that mend; and the text and the commands that confirm.
fn split(blocks: &[Block]) -> (Vec<Block>, Option<(String, String)>) {
    match blocks {
        [mend @ .., Block::Text(text), Block::Commands(commands)] => {
            let (before, lead) = lead_in(text);
            let before = (!before.is_empty()).then_some(Block::Text(before));
            (mend.iter().cloned().chain(before).collect(), Some((lead, commands.clone())))
        }
        [mend @ .., Block::Commands(commands)] => (mend.to_vec(), Some((String::new(), commands.clone()))),
        blocks => (blocks.to_vec(), None),
    }
}

/// Splits the text before the confirming commands: what still belongs to the remedy, and what introduces the commands.
/// A bare "Then confirm:" is dropped, because the heading says it.
fn lead_in(text: &str) -> (String, String) {
    let last = text.rfind(". ").map_or(0, |at| at + 2);
    let (before, sentence) = text.split_at(last);
    let lower = sentence.trim().trim_end_matches(':').to_lowercase();
    if matches!(lower.as_str(), "then confirm" | "confirm" | "to confirm" | "confirm it" | "then confirm it") {
        (before.trim().to_owned(), String::new())
    } else if lower.contains("confirm") || sentence.trim().ends_with(':') {
        (before.trim().to_owned(), sentence.to_owned())
    } else {
        (text.to_owned(), String::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_mends_from_what_confirms() {
        let text = |text: &str| Block::Text(text.to_owned());
        let commands = |text: &str| Block::Commands(text.to_owned());
        let (mend, confirm) = split(&[text("Do it:"), commands("do"), text("Wait. Then confirm:"), commands("check")]);
        assert_eq!(mend, [text("Do it:"), commands("do"), text("Wait.")]);
        assert_eq!(confirm, Some((String::new(), "check".to_owned())));
        let (mend, confirm) = split(&[text("Ask the owner. As root, confirm with:"), commands("check")]);
        assert_eq!(mend, [text("Ask the owner.")]);
        assert_eq!(confirm, Some(("As root, confirm with:".to_owned(), "check".to_owned())));
        let (mend, confirm) = split(&[text("Done. It goes once both are one:"), commands("check")]);
        assert_eq!(mend, [text("Done.")]);
        assert_eq!(confirm, Some(("It goes once both are one:".to_owned(), "check".to_owned())));
        assert_eq!(split(&[text("Only words.")]), (vec![text("Only words.")], None));
    }
}
