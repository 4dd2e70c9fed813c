//! For a ticket or a pull request.

use super::{Looks, NOTHING, command, explanations, headline, place, remarks, spread};
use crate::diagnosis::Diagnosis;
use ackcheck_core::report::markdown::escape::{fenced, prose};

pub(super) fn render(diagnosis: &Diagnosis, looks: &Looks) -> String {
    let mut text = format!("## ackcheck diagnose: {}\n", headline(diagnosis));
    if diagnosis.causes.is_empty() {
        text.push_str(&format!("\n{NOTHING}\n"));
    }
    for (at, cause) in diagnosis.causes.iter().enumerate() {
        text.push_str(&format!("\n### {}. {}\n\n", at + 1, prose(&cause.cause)));
        text.push_str(&format!("{}:\n\n{}\n", prose(&place(&cause.first, looks)), fenced(&cause.first.quote, "text")));
        if let Some(spread) = spread(cause, looks) {
            text.push_str(&format!("\n{}\n", prose(&spread)));
        }
        if !cause.consequences.is_empty() {
            text.push_str("\nExplains:\n\n");
        }
        for consequence in &cause.consequences {
            let (first, cause) = (place(&consequence.first, looks), prose(&consequence.cause));
            text.push_str(&format!("- {cause} ({}, first at {})\n", consequence.count, prose(&first)));
        }
        let commands: Vec<String> = [command(cause, looks)].into_iter().chain(explanations(cause)).collect();
        text.push_str(&format!("\nTo prove it, and to fix it:\n\n{}\n", fenced(&commands.join("\n"), "sh")));
    }
    let remarks = remarks(diagnosis, looks);
    if !remarks.is_empty() {
        text.push('\n');
    }
    remarks.iter().for_each(|remark| text.push_str(&format!("- {}\n", prose(remark))));
    text
}
