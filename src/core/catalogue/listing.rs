//! The catalogue as text: the list of checks, and their graph.

use std::fmt::Write as _;

use comfy_table::presets;
use comfy_table::{ContentArrangement, Table};
use serde_json::{Value, json};

use super::Catalogue;
use crate::check::Check;
use crate::place::Area;
use crate::place::Vantage;

/// Of the JSON list, raised when its shape changes.
const SCHEMA: u32 = 2;

impl Catalogue {
    /// The list for people.
    pub fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(["ID", "AREA", "STAGE", "ASKED FROM", "CLAIM"]);
        for (area, check) in self.iter() {
            table.add_row([check.id, area.name(), check.stage.name(), &asked_from(check), check.title]);
        }
        let lines: Vec<String> = table.lines().map(|line| line.trim().to_owned()).collect();
        lines.join("\n") + "\n"
    }

    /// The list for scripts.
    pub fn json(&self) -> String {
        let checks: Vec<Value> = self
            .iter()
            .map(|(area, check)| {
                let finding = |code: &&crate::verdict::Code| json!({"code": code.name, "severity": code.severity.name(), "summary": code.summary});
                json!({
                    "id": check.id,
                    "title": check.title,
                    "area": area.name(),
                    "stage": check.stage.name(),
                    "vantage": check.judge.vantage().name(),
                    "needs": check.needs.iter().map(|need| need.id).collect::<Vec<_>>(),
                    "findings": check.findings.iter().map(finding).collect::<Vec<_>>(),
                })
            })
            .collect();
        let list = json!({"schema": SCHEMA, "checks": checks});
        format!("{list:#}\n")
    }

    /// The list as Markdown: what `checks/README.md` holds.
    pub fn markdown(&self) -> String {
        let mut text = String::from(
            "# The catalogue\n\nEvery check, in the order they run, and every way it can fail. `ackcheck list --format markdown` writes\nthis file, and a law keeps it up to date.\n",
        );
        for area in Area::ALL {
            let checks: Vec<&Check> = self.iter().filter(|(of, _)| *of == area).map(|(_, check)| check).collect();
            if checks.is_empty() {
                continue;
            }
            let _ = write!(
                text,
                "\n## {area}\n\n| id | claim | stage | asked from | depends on | can fail as |\n|---|---|---|---|---|---|\n"
            );
            for check in checks {
                let needs: Vec<String> = check.needs.iter().map(|need| format!("`{}`", need.id)).collect();
                let findings: Vec<String> = check
                    .findings
                    .iter()
                    .map(|code| match code.severity {
                        crate::verdict::Severity::Fail => format!("`{}`", code.name),
                        crate::verdict::Severity::Warn => format!("`{}` (warning)", code.name),
                    })
                    .collect();
                let _ = writeln!(
                    text,
                    "| `{}` | {} | {} | {} | {} | {} |",
                    check.id,
                    cell(check.title),
                    check.stage,
                    asked_from(check),
                    needs.join(", "),
                    findings.join(", "),
                );
            }
        }
        text
    }

    /// The graph for people: each check, and below it what it depends on.
    pub fn graph_text(&self) -> String {
        let mut text = String::new();
        for (area, check) in self.iter() {
            let _ = writeln!(text, "{}/{}", area, check.id);
            for need in check.needs {
                let area = self.area_of(need.id).map_or("?", Area::name);
                let _ = writeln!(text, "  depends on {area}/{}", need.id);
            }
        }
        text
    }

    /// The graph for Graphviz: an arrow leads from a check to what it depends on.
    pub fn graph_dot(&self) -> String {
        let mut text = String::from("digraph checks {\n  rankdir=RL;\n  node [shape=box, fontname=\"sans-serif\"];\n");
        for area in self.areas {
            let _ = write!(text, "  subgraph \"cluster_{0}\" {{\n    label=\"{0}\";\n", area.area);
            for check in area.checks {
                let style = if check.judge.each().is_some() { ", peripheries=2" } else { "" };
                let _ = writeln!(text, "    \"{}\" [tooltip=\"{}\"{style}];", check.id, check.title.replace('"', "'"));
            }
            text.push_str("  }\n");
        }
        for (_, check) in self.iter() {
            for need in check.needs {
                let _ = writeln!(text, "  \"{}\" -> \"{}\";", check.id, need.id);
            }
        }
        text.push_str("}\n");
        text
    }
}

fn asked_from(check: &Check) -> String {
    match (check.judge.each(), check.judge.vantage()) {
        (Some(_), Vantage::Node) => String::from("each node"),
        (Some(each), vantage) => format!("{vantage}, {}", each.words()),
        (None, vantage) => vantage.to_string(),
    }
}

/// A Markdown table ends its cells at `|`.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
