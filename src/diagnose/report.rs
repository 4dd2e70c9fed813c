//! What was recognised, as people and scripts read it. Each format is a pure function of the diagnosis.

mod markdown;
mod terminal;

use ackcheck_core::report::one_line;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::diagnosis::{Cause, Diagnosis, Place};

/// A format that a diagnosis can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a person.
    Terminal,
    /// For a ticket.
    Markdown,
    /// For scripts.
    Json,
}

/// How it shall look.
#[derive(Debug, Clone)]
pub struct Looks {
    pub color: bool,
    /// The zone that times are shown in.
    pub zone: TimeZone,
    /// What commands need to know the deployment by, such as `--site prod.toml`; empty where they need nothing.
    pub site_option: String,
}

/// The diagnosis in a format, with a line feed at its end.
pub fn render(diagnosis: &Diagnosis, format: Format, looks: &Looks) -> String {
    match format {
        Format::Terminal => terminal::render(diagnosis, looks),
        Format::Markdown => markdown::render(diagnosis, looks),
        Format::Json => json(diagnosis, looks),
    }
}

/// The checks that prove these causes, each once, in the order of the causes.
pub fn checks<'a>(causes: impl IntoIterator<Item = &'a Cause>) -> Vec<&'a str> {
    let mut checks: Vec<&str> = Vec::new();
    for check in causes.into_iter().flat_map(|cause| &cause.proof).filter_map(|proof| proof.split('/').next()) {
        if !checks.contains(&check) {
            checks.push(check);
        }
    }
    checks
}

/// The command that runs the checks which prove a cause.
fn command(cause: &Cause, looks: &Looks) -> String {
    let only = checks([cause]).into_iter().map(|check| format!(" --only {}", check));
    let site = Some(&looks.site_option).filter(|option| !option.is_empty()).map(|option| format!(" {option}"));
    format!("ackcheck run{}{}", only.collect::<String>(), site.unwrap_or_default())
}

/// The commands that explain a cause and tell how to fix it.
fn explanations(cause: &Cause) -> Vec<String> {
    cause.proof.iter().map(|proof| format!("ackcheck explain {proof}")).collect()
}

/// `executor.log:118, 2026-01-02 03:04:07`
fn place(place: &Place, looks: &Looks) -> String {
    let time = place.at.map(|at| format!(", {}", time(at, looks)));
    format!("{}:{}{}", one_line(&place.input), place.line, time.unwrap_or_default())
}

fn time(at: Timestamp, looks: &Looks) -> String {
    at.to_zoned(looks.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// How often and where else; none for what was met once.
fn spread(cause: &Cause, looks: &Looks) -> Option<String> {
    let inputs = if cause.inputs > 1 { format!(" in {} inputs", cause.inputs) } else { String::new() };
    (cause.count > 1).then(|| format!("{} times{inputs}, last at {}", cause.count, place(&cause.last, looks)))
}

/// `3 causes in 2 inputs (12345 lines)`
fn headline(diagnosis: &Diagnosis) -> String {
    let counted = |count: u64, one: &str, more: &str| format!("{count} {}", if count == 1 { one } else { more });
    let causes = match diagnosis.causes.len() as u64 {
        0 => String::from("nothing recognised"),
        causes => counted(causes, "cause", "causes"),
    };
    let inputs = counted(diagnosis.inputs as u64, "input", "inputs");
    format!("{causes} in {inputs} ({})", counted(diagnosis.lines, "line", "lines"))
}

/// What nothing recognised means.
const NOTHING: &str = "This does not mean that all is well: only texts that ackcheck knows are recognised. `ackcheck run` looks \
                       at the deployment itself.";

/// What was not read, or not as asked, a line each.
fn remarks(diagnosis: &Diagnosis, looks: &Looks) -> Vec<String> {
    let mut remarks: Vec<String> =
        diagnosis.not_read.iter().map(|input| format!("not read: {}: {}", one_line(&input.name), input.why)).collect();
    let passed = |count: u64| match count {
        1 => String::from("1 file passed over because it"),
        _ => format!("{count} files passed over because they"),
    };
    if diagnosis.passed_over > 0 {
        let (passed, are) = (passed(diagnosis.passed_over), if diagnosis.passed_over == 1 { "is" } else { "are" });
        remarks.push(format!("{passed} {are} not text"));
    }
    if let (1.., Some(since)) = (diagnosis.older, diagnosis.since) {
        let (passed, were) = (passed(diagnosis.older), if diagnosis.older == 1 { "was" } else { "were" });
        remarks.push(format!("{passed} {were} written before {}", time(since, looks)));
    }
    if diagnosis.since.is_some() && !diagnosis.without_times.is_empty() {
        let names: Vec<String> = diagnosis.without_times.iter().map(|name| one_line(name)).collect();
        remarks.push(format!("no line has a time that ackcheck knows, so all of it was read: {}", names.join(", ")));
    }
    if diagnosis.beyond > 0 {
        remarks.push(format!("{} more places tell of causes beyond those that are kept apart", diagnosis.beyond));
    }
    remarks
}

/// The shape of the JSON.
#[derive(Serialize)]
struct Json<'a> {
    schema: u32,
    causes: Vec<JsonCause<'a>>,
    #[serde(flatten)]
    diagnosis: &'a Diagnosis,
}

#[derive(Serialize)]
struct JsonCause<'a> {
    #[serde(flatten)]
    cause: &'a Cause,
    /// The command that runs the checks which prove it.
    prove: String,
}

fn json(diagnosis: &Diagnosis, looks: &Looks) -> String {
    let causes = diagnosis.causes.iter().map(|cause| JsonCause { cause, prove: command(cause, looks) }).collect();
    let json = Json { schema: 1, causes, diagnosis };
    // Strings and numbers alone: nothing of it can fail.
    serde_json::to_string_pretty(&json).unwrap_or_default() + "\n"
}

#[cfg(test)]
#[path = "report/tests.rs"]
mod tests;
