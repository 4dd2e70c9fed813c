//! The report as metrics in the text format that the textfile collector of Prometheus's node exporter reads, for those who
//! run ackcheck every night. One file that repeats a series is refused whole, so that each stands once.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::outcome::Outcome;
use super::text;
use crate::record::{Case, Report};

/// The most bytes of the value of a label.
const LONGEST: usize = 300;

/// The metrics, ending in a newline.
pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    metric(
        &mut out,
        "case",
        "What became of a case: 1 its claim holds, 0 it does not, which `waived` accepts, -1 not known.",
        &cases(report),
    );
    let single = |value: f64| vec![(String::new(), value)];
    let started = report.started.as_second() as f64;
    metric(&mut out, "run_timestamp_seconds", "When the run began, in seconds since 1970 in UTC.", &single(started));
    metric(&mut out, "run_duration_seconds", "How long the run took.", &single(report.took.as_secs_f64()));
    let code = f64::from(report.exit_code());
    metric(&mut out, "run_exit_code", "0 all that was asked holds, 1 something fails; see the README.", &single(code));
    let checks = [("asked", report.asked()), ("catalogue", report.catalogue)];
    let checks: Vec<_> = checks.iter().map(|(of, count)| (labels(&[("of", of)]), *count as f64)).collect();
    metric(&mut out, "run_checks", "How many checks there are, and how many were asked.", &checks);
    let version = vec![(labels(&[("version", &report.version)]), 1.0)];
    metric(&mut out, "info", "The ackcheck that ran.", &version);
    out
}

/// Each case by its labels; the gravest of those that have the same.
fn cases(report: &Report) -> Vec<(String, f64)> {
    let mut gravest: BTreeMap<[String; 4], &Case> = BTreeMap::new();
    for case in &report.cases {
        let subject = case.id.subject.as_ref();
        let kind = subject.map_or("", |subject| subject.kind.name());
        let name = case.id.subject_name().unwrap_or_default();
        let key = [case.area.name(), &case.id.check, kind, name].map(value);
        let known = gravest.entry(key).or_insert(case);
        if Outcome::of(&case.ending).gravity() < Outcome::of(&known.ending).gravity() {
            *known = case;
        }
    }
    let series = |([area, check, kind, name], case): (&[String; 4], &&Case)| {
        let named = [("area", area), ("check", check), ("kind", kind), ("subject", name)];
        let outcome = case.ending.name();
        let labels: Vec<String> = named.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
        (format!("{{{},outcome=\"{outcome}\"}}", labels.join(",")), known(case))
    };
    gravest.iter().map(series).collect()
}

fn known(case: &Case) -> f64 {
    match Outcome::of(&case.ending) {
        outcome if outcome.holds() => 1.0,
        outcome if outcome.fails() => 0.0,
        _ => -1.0,
    }
}

/// A gauge with its series: labels in braces or nothing, and the value.
fn metric(out: &mut String, name: &str, help: &str, series: &[(String, f64)]) {
    let _ = writeln!(out, "# HELP ackcheck_{name} {help}\n# TYPE ackcheck_{name} gauge");
    for (labels, value) in series {
        let _ = writeln!(out, "ackcheck_{name}{labels} {value}");
    }
}

fn labels(labels: &[(&str, &str)]) -> String {
    let labels: Vec<String> = labels.iter().map(|(name, told)| format!("{name}=\"{}\"", value(told))).collect();
    format!("{{{}}}", labels.join(","))
}

/// The value of a label, on one line, with what ends it escaped.
fn value(told: &str) -> String {
    text::bounded(&text::one_line(told), LONGEST).0.replace('\\', "\\\\").replace('"', "\\\"")
}
