//! What other programs make of the formats for them.

use std::collections::BTreeSet;

use super::{Format, plain, report};

/// A workflow command as the runner of GitHub Actions reads it: its name, its title and its message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Command {
    pub name: String,
    pub title: String,
    pub message: String,
}

/// The commands of a log; fails where a line is not one.
pub(crate) fn commands(log: &str) -> Vec<Command> {
    log.lines()
        .map(|line| {
            let (head, message) = line.strip_prefix("::").and_then(|line| line.split_once("::")).expect(line);
            let (name, title) = head.split_once(" title=").expect(line);
            assert!(["error", "warning", "notice"].contains(&name), "{line}");
            assert!(!title.contains([',', ':']), "{line}");
            let title = unescaped(title).replace("%3A", ":").replace("%2C", ",").replace("%25", "%");
            Command { name: name.to_owned(), title, message: unescaped(message).replace("%25", "%") }
        })
        .collect()
}

/// As the runner does it, the percent sign last.
fn unescaped(text: &str) -> String {
    text.replace("%0D", "\r").replace("%0A", "\n")
}

/// A series of a file of metrics, with its value.
pub(crate) struct Series {
    pub name: String,
    pub labels: Vec<(String, String)>,
    pub value: f64,
}

/// The series of a file of metrics. Fails where a line is not of the format of Prometheus, or a series stands twice.
pub(crate) fn series(metrics: &str) -> Vec<Series> {
    let mut met = BTreeSet::new();
    let lines = metrics.lines().filter(|line| !line.starts_with("# "));
    let read = |line: &str| {
        let end = line.find(['{', ' ']).expect(line);
        let (name, mut rest) = line.split_at(end);
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{line}");
        let mut labels = Vec::new();
        if let Some(first) = rest.strip_prefix('{') {
            rest = first;
            loop {
                let (label, after) = rest.split_once("=\"").expect(line);
                let (value, after) = quoted(after).expect(line);
                labels.push((label.to_owned(), value));
                if let Some(next) = after.strip_prefix(',') {
                    rest = next;
                    continue;
                }
                rest = after.strip_prefix('}').expect(line);
                break;
            }
        }
        assert!(met.insert(line.rsplit_once(' ').unwrap().0.to_owned()), "twice: {line}");
        let value = rest.strip_prefix(' ').expect(line).parse().expect(line);
        Series { name: name.to_owned(), labels, value }
    };
    lines.map(read).collect()
}

/// The value up to its closing quote, unescaped, and what comes after.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (escaped, c) {
            (false, '\\') => escaped = true,
            (false, '"') => return Some((value, &text[at + 1..])),
            (true, 'n') => (value.push('\n'), escaped = false).1,
            (true, '\\' | '"') | (false, _) => (value.push(c), escaped = false).1,
            (true, _) => return None,
        }
    }
    None
}

#[test]
fn each_cause_is_an_annotation() {
    let commands = commands(&plain(Format::Github, &report("failures")));
    let names: Vec<&str> = commands.iter().map(|command| command.name.as_str()).collect();
    assert_eq!(names, ["error", "error", "warning", "notice"]);
    assert_eq!(commands[0].title, "oss-write/denied");
    assert!(commands[0].message.contains("\nSeen: PUT acme-dss-prod/dataiku/"), "{commands:?}");
}

#[test]
fn a_percent_sign_and_a_line_end_in_what_was_seen_stay_in_the_message() {
    let mut run = report("failures");
    for case in &mut run.cases {
        if let ackcheck_core::record::Ending::Fail(finding) = &mut case.ending {
            finding.seen = "100%0A::error::x\r\n::stop-commands::y".to_owned();
        }
    }
    let commands = commands(&plain(Format::Github, &run));
    assert!(commands[0].message.contains("Seen: 100%0A::error::x\n::stop-commands::y\n"), "{:?}", commands[0]);
}

#[test]
fn gitlab_gets_a_list_of_what_it_asks_for() {
    for run in super::RUNS {
        let list: Vec<serde_json::Value> = serde_json::from_str(&plain(Format::Gitlab, &report(run))).unwrap();
        let mut fingerprints = BTreeSet::new();
        for entry in &list {
            assert!(fingerprints.insert(entry["fingerprint"].as_str().unwrap().to_owned()), "{entry}");
            assert!(["blocker", "critical", "major", "minor", "info"].contains(&entry["severity"].as_str().unwrap()));
            assert!(entry["location"]["path"].is_string() && entry["location"]["lines"]["begin"].is_u64(), "{entry}");
            assert!(entry["description"].is_string() && entry["check_name"].is_string(), "{entry}");
        }
        assert_eq!(list.is_empty(), run == "healthy", "{list:?}");
    }
}

#[test]
fn each_case_is_a_gauge() {
    let run = report("hostile");
    let series = series(&plain(Format::Prometheus, &run));
    let cases: Vec<_> = series.iter().filter(|series| series.name == "ackcheck_case").collect();
    assert_eq!(cases.len(), run.cases.len());
    let value = |outcome: &str| {
        let is = |(label, value): &(String, String)| label == "outcome" && value == outcome;
        cases.iter().find(|series| series.labels.iter().any(is)).unwrap().value
    };
    assert_eq!(
        [value("pass"), value("warn"), value("fail"), value("broken"), value("blocked")],
        [1.0, 1.0, 0.0, -1.0, -1.0]
    );
    let started = series.iter().find(|series| series.name == "ackcheck_run_timestamp_seconds").unwrap().value;
    assert_eq!(started, run.started.as_second() as f64);
}
