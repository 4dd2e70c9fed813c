//! The report for a CI server, in JUnit's XML. Names hold no time and no random id, so that two runs compare.
//!
//! A failure is `<failure>`, what could not be judged is `<error>`, what was not asked is `<skipped>` with its reason,
//! and a warning is a pass that says so in `<system-out>`, because JUnit knows no warnings. A failure that others explain
//! was asked and does not hold, so that it stays a `<failure>`; its message names them in the remedy's place.
//!
//! A waived finding is `<skipped>`, as pytest reports what is expected to fail: CI servers list it with its reason and do
//! not fail for it. As a pass it would be one of a hundred that nobody opens. What was seen is in its `<system-out>`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::advice::essence;
use super::text;
use crate::evidence::Evidence;
use crate::place::Area;
use crate::record::{Case, Ending, FindingRecord, Report};
use crate::remedy::Block;

/// The most bytes of one text. CI servers hold every report in memory and in their data base.
const LONGEST_TEXT: usize = 64 * 1024;
/// The most bytes of a message, which lists show in one line.
const LONGEST_MESSAGE: usize = 1000;

/// The report as XML, ending in a newline.
pub(super) fn render(report: &Report) -> String {
    let mut out = quick_junit::Report::new("ackcheck");
    out.set_time(report.took);
    let areas: BTreeSet<Area> = report.cases.iter().map(|case| case.area).collect();
    for area in areas {
        // Surefire's parser tells suites apart by the class name of their cases, so the suite bears the same name.
        let name = format!("ackcheck.{area}");
        let mut suite = TestSuite::new(name.clone());
        suite.add_properties(properties(report));
        let mut took = std::time::Duration::ZERO;
        for case in report.cases.iter().filter(|case| case.area == area) {
            took = took.saturating_add(case.took);
            suite.add_test_case(test_case(case, &name));
        }
        suite.set_time(took);
        out.add_test_suite(suite);
    }
    if let Some(suite) = of_the_run(report) {
        out.add_test_suite(suite);
    }
    // `clean` leaves nothing that XML forbids and nothing else can fail when writing to memory.
    out.to_string().unwrap_or_else(|why| unreachable!("a report is always XML: {why}"))
}

fn properties(report: &Report) -> Vec<Property> {
    let mut properties = vec![
        Property::new("ackcheck.version", line(&report.version)),
        Property::new("ackcheck.site", line(&report.site)),
        Property::new("ackcheck.started", report.started.to_string()),
        Property::new("ackcheck.exit-code", report.exit_code().to_string()),
    ];
    properties.extend(
        report.options.iter().map(|(name, value)| Property::new(line(&format!("ackcheck.option.{name}")), line(value))),
    );
    properties
}

/// A suite about the run itself, if there is something to report. A run that was stopped is an error: whoever only reads
/// this file must not take it for a pass.
fn of_the_run(report: &Report) -> Option<TestSuite> {
    if report.interrupted.is_none() && report.left_behind.is_empty() && report.unused_waivers.is_empty() {
        return None;
    }
    let mut suite = TestSuite::new("ackcheck.run");
    suite.add_properties(properties(report));
    if let Some(reason) = &report.interrupted {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("interrupted").set_message(message(&format!("stopped early: {reason}")));
        let mut case = TestCase::new("interrupted", status);
        case.set_classname("ackcheck.run").set_time(report.took);
        suite.add_test_case(case);
    }
    if !report.left_behind.is_empty() {
        let mut case = TestCase::new("left-behind", TestCaseStatus::success());
        let told = format!("created by this run and not removed:\n{}", report.left_behind.join("\n"));
        case.set_classname("ackcheck.run").set_time(std::time::Duration::ZERO).set_system_out(clean(&told));
        suite.add_test_case(case);
    }
    if !report.unused_waivers.is_empty() {
        let mut case = TestCase::new("unused-waivers", TestCaseStatus::success());
        case.set_classname("ackcheck.run").set_time(std::time::Duration::ZERO);
        case.set_system_out(clean(&report.unused_waivers.join("\n")));
        suite.add_test_case(case);
    }
    suite.set_time(report.took);
    Some(suite)
}

fn test_case(case: &Case, classname: &str) -> TestCase {
    let mut status = match &case.ending {
        Ending::Pass | Ending::Warn(_) => TestCaseStatus::success(),
        Ending::Fail(_) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Ending::Broken { .. } | Ending::TimedOut { .. } => TestCaseStatus::non_success(NonSuccessKind::Error),
        // Who reads this file alone must see what the exit code says.
        Ending::NotApplicable { .. } | Ending::Skipped { .. } if case.required => {
            TestCaseStatus::non_success(NonSuccessKind::Error)
        }
        Ending::Waived { .. } | Ending::NotApplicable { .. } | Ending::Blocked { .. } | Ending::Skipped { .. } => {
            TestCaseStatus::skipped()
        }
    };
    let mut out = String::new();
    match &case.ending {
        Ending::Pass => {}
        Ending::Warn(finding) => {
            let _ = writeln!(out, "WARNING {}: {}\n", finding.code, finding.seen);
            out.push_str(&in_full(finding));
            out.push('\n');
        }
        Ending::Fail(finding) => {
            let told = match essence(&finding.remedy) {
                _ if !finding.explained_by.is_empty() => {
                    format!("{} | explained by {}", finding.seen, finding.explained_by.join(", "))
                }
                Some(remedy) => format!("{} | to fix: {remedy}", finding.seen),
                None => finding.seen.clone(),
            };
            let told = [told, since(finding).join(" | ")].into_iter().filter(|part| !part.is_empty());
            let told = message(&told.collect::<Vec<_>>().join(" | "));
            status.set_type(line(&finding.code)).set_message(told).set_description(clean(&in_full(finding)));
        }
        Ending::Waived { finding, waiver } => {
            status
                .set_type("waived")
                .set_message(message(&format!("waived {waiver} | {}: {}", finding.code, finding.seen)));
            out.push_str(&in_full(finding));
            out.push('\n');
        }
        Ending::Broken { why } => {
            status.set_type("broken").set_message(message(why)).set_description(clean(why));
        }
        Ending::TimedOut { after } => {
            let told = format!("no answer within {}", text::time(*after));
            status.set_type("timed-out").set_message(told);
        }
        Ending::NotApplicable { reason } | Ending::Skipped { reason } => {
            let told = if case.required { format!("required, and not asked: {reason}") } else { reason.clone() };
            status.set_type(case.ending.name()).set_message(message(&told));
        }
        Ending::Blocked { by } => {
            status.set_type("blocked").set_message(message(&format!("blocked by {}", by.join(", "))));
        }
    }
    out.push_str(&evidence(&case.evidence));
    let mut test = TestCase::new(line(&case.id.to_string()), status);
    test.set_classname(classname).set_time(case.took);
    if !out.is_empty() {
        test.set_system_out(clean(&out));
    }
    test
}

fn in_full(finding: &FindingRecord) -> String {
    let mut out = format!("{}\n\nSeen: {}\n\nWhy it matters: {}\n", finding.summary, finding.seen, finding.why);
    if !finding.remedy.is_empty() {
        out.push_str("\nTo fix:\n");
    }
    for block in &finding.remedy {
        match block {
            Block::Text(text) => {
                let _ = writeln!(out, "{text}");
            }
            Block::Commands { text, .. } => indented(&mut out, text),
        }
    }
    if !finding.explained_by.is_empty() {
        let _ = writeln!(out, "\nExplained by: {}", finding.explained_by.join(", "));
    }
    for known in since(finding) {
        let _ = writeln!(out, "\n{known}");
    }
    if let Some(commands) = &finding.confirm {
        out.push_str("\nConfirm:\n");
        indented(&mut out, commands);
    }
    out
}

/// What is known about a finding from before this run, each in a line: `known since 2026-11-20T03:00:00Z`.
fn since(finding: &FindingRecord) -> Vec<String> {
    let known = finding.known_since.map(|since| format!("known since {since:.0}"));
    let ended = finding.ended_waiver.as_ref().map(|waiver| format!("its waiver has ended; it was {waiver}"));
    known.into_iter().chain(ended).collect()
}

fn indented(out: &mut String, commands: &str) {
    for command in commands.lines() {
        let _ = writeln!(out, "    {command}");
    }
}

fn evidence(evidence: &[Evidence]) -> String {
    let mut out = String::new();
    for entry in evidence {
        let _ = writeln!(out, "[{}] {} ({} ms)", entry.vantage, entry.asked, entry.took.as_millis());
        for answer in entry.answered.lines() {
            let _ = writeln!(out, "    {answer}");
        }
    }
    out
}

/// A text fit for an element: what XML forbids is shown instead (quick-junit would drop it, tabs included, and lets
/// U+FFFE and U+FFFF through), and its length is bounded.
fn clean(told: &str) -> String {
    bound(&text::visible(told), LONGEST_TEXT)
}

/// A text fit for an attribute: one line, because XML's readers make a blank of every line end there.
fn line(told: &str) -> String {
    bound(&text::one_line(told), LONGEST_TEXT)
}

fn message(told: &str) -> String {
    bound(&text::one_line(told), LONGEST_MESSAGE)
}

fn bound(told: &str, most: usize) -> String {
    match text::bounded(told, most) {
        (whole, 0) => whole.to_owned(),
        (cut, left) => format!("{cut}… ({left} bytes more, in the JSON report)"),
    }
}
