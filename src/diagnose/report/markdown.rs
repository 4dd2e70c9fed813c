//! For a ticket or a pull request.

use super::{Looks, NOTHING, command, explanations, headline, place, remarks, spread};
use crate::causes::Diagnosis;

pub(super) fn render(diagnosis: &Diagnosis, looks: &Looks) -> String {
    let mut text = format!("## ackcheck diagnose: {}\n", headline(diagnosis));
    if diagnosis.causes.is_empty() {
        text.push_str(&format!("\n{NOTHING}\n"));
    }
    for (at, cause) in diagnosis.causes.iter().enumerate() {
        text.push_str(&format!("\n### {}. {}\n\n", at + 1, plain(&cause.cause)));
        text.push_str(&format!("{}:\n\n{}\n", plain(&place(&cause.first, looks)), fenced("text", &cause.first.quote)));
        if let Some(spread) = spread(cause, looks) {
            text.push_str(&format!("\n{}\n", plain(&spread)));
        }
        if !cause.consequences.is_empty() {
            text.push_str("\nBrings about:\n\n");
        }
        for consequence in &cause.consequences {
            let (first, cause) = (place(&consequence.first, looks), plain(&consequence.cause));
            text.push_str(&format!("- {cause} ({}, first at {})\n", consequence.count, plain(&first)));
        }
        let commands: Vec<String> = [command(cause, looks)].into_iter().chain(explanations(cause)).collect();
        text.push_str(&format!("\nTo prove it, and to fix it:\n\n{}\n", fenced("sh", &commands.join("\n"))));
    }
    let remarks = remarks(diagnosis, looks);
    if !remarks.is_empty() {
        text.push('\n');
    }
    remarks.iter().for_each(|remark| text.push_str(&format!("- {}\n", plain(remark))));
    text
}

/// Text that is shown as it is.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_{}[]<>()#!|~&@".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A block that nothing in the text ends.
fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}")
}
