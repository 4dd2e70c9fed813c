//! A check, or one of its findings, explained from its remedy.

use std::fmt::Write as _;

use super::Catalogue;
use crate::check::Check;
use crate::place::Area;
use crate::remedy::{Block, Remedy};
use crate::template::{fill, placeholders};
use crate::verdict::Code;

impl Catalogue {
    /// What a check claims, why it matters, and every way it can fail with what to do, or only one of these ways. Values
    /// that only a run knows are in capitals.
    pub fn explain(&self, check: &Check, finding: Option<&Code>) -> String {
        let remedy = Remedy::parse(check.remedy);
        let mut text = String::new();
        let area = self.area_of(check.id).map_or("?", Area::name);
        let _ = writeln!(text, "{area}/{}: {}\n", check.id, check.title);
        if !remedy.why.is_empty() {
            let _ = writeln!(text, "{}\n", in_capitals(&remedy.why));
        }
        if finding.is_none() {
            let names = |checks: Vec<&str>| if checks.is_empty() { String::from("nothing") } else { checks.join(", ") };
            let needs = names(check.needs.iter().map(|need| need.id).collect());
            let dependents = names(self.dependents(check.id).map(|dependent| dependent.id).collect());
            let each = check.judge.each().map(|each| format!(", {}", each.words())).unwrap_or_default();
            let _ = writeln!(text, "Stage:       {}", check.stage);
            let _ = writeln!(text, "Asked from:  {}{each}", check.judge.vantage());
            let _ = writeln!(text, "Depends on:  {needs}");
            let _ = writeln!(text, "Needed by:   {dependents}\n");
        }
        let chosen = check.findings.iter().filter(|code| finding.is_none_or(|finding| finding.name == code.name));
        for code in chosen {
            let _ = writeln!(text, "{}/{} ({}): {}\n", check.id, code.name, code.severity.name(), code.summary);
            let Some(section) = remedy.section(code.name) else { continue };
            for block in &section.fix {
                let by = if let Block::Text(_) = block { "  " } else { "      " };
                text.push_str(&indented(&in_capitals(block.text()), by));
                text.push('\n');
            }
            if let Some(commands) = &section.confirm {
                text.push_str("  Confirm:\n\n");
                text.push_str(&indented(&in_capitals(commands), "      "));
                text.push('\n');
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }
}

fn indented(text: &str, by: &str) -> String {
    text.lines().map(|line| if line.is_empty() { String::from("\n") } else { format!("{by}{line}\n") }).collect()
}

/// Every placeholder as its name in capitals.
fn in_capitals(text: &str) -> String {
    let names = placeholders(text);
    let facts: Vec<(&str, String)> = names.iter().map(|name| (*name, name.to_uppercase())).collect();
    fill(text, &facts)
}
