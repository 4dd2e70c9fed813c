//! For a person, perhaps at two in the morning.

use super::{Looks, NOTHING, command, explanations, headline, place, remarks, spread};
use crate::diagnosis::Diagnosis;

pub(super) fn render(diagnosis: &Diagnosis, looks: &Looks) -> String {
    let ink =
        |sgr: &str, text: &str| if looks.color { format!("\u{1b}[{sgr}m{text}\u{1b}[0m") } else { text.to_owned() };
    let mut lines = vec![ink("1", &headline(diagnosis))];
    if diagnosis.causes.is_empty() {
        lines.push(NOTHING.to_owned());
    }
    for (at, cause) in diagnosis.causes.iter().enumerate() {
        lines.push(String::new());
        lines.push(ink("1;31", &format!("{}. {}", at + 1, cause.cause)));
        lines.push(format!("   {}", place(&cause.first, looks)));
        lines.push(ink("2", &format!("   | {}", cause.first.quote)));
        lines.extend(spread(cause, looks).map(|spread| format!("   {spread}")));
        for consequence in &cause.consequences {
            let times = if consequence.count > 1 { format!("{} times, ", consequence.count) } else { String::new() };
            let first = place(&consequence.first, looks);
            lines.push(format!("   Explains: {} ({times}first at {first})", consequence.cause));
        }
        lines.push(format!("   To prove it:  {}", ink("36", &command(cause, looks))));
        for (at, explanation) in explanations(cause).into_iter().enumerate() {
            let label = if at == 0 { "To fix it:   " } else { "or:          " };
            lines.push(format!("   {label} {}", ink("36", &explanation)));
        }
    }
    let remarks = remarks(diagnosis, looks);
    if !remarks.is_empty() {
        lines.push(String::new());
        lines.extend(remarks);
    }
    lines.join("\n") + "\n"
}
