//! Every format, of a log that is hostile to it.

use std::time::Duration;

use super::*;
use crate::{Clock, Collector, Reading};
use ackcheck_core::secret::Scrubber;

const LOG: &str = "\
26/01/02 03:04:05 WARN TaskSchedulerImpl: Initial job has not accepted any resources
26/01/02 03:04:06 ERROR ``` <script>alert(1)</script> \u{1b}]0;title\u{7} \u{202e} No FileSystem for scheme: oss
Failed to pull image \"r.example/`a`|*b*<c>:1\": rpc error: code = NotFound desc = manifest unknown: manifest unknown
";

fn looks() -> Looks {
    Looks { color: false, zone: TimeZone::UTC, site_option: "--site 'a b.toml'".to_owned() }
}

fn diagnosis(log: &'static str, since: Option<Duration>) -> Diagnosis {
    let clock = Clock { now: "2026-01-02T04:00:00Z".parse().unwrap(), zone: TimeZone::UTC };
    let mut collector = Collector::new(Reading { clock, since, stop: Default::default() }, Scrubber::default());
    collector.read_stream("a|b\n<c>.log", log.as_bytes());
    collector.finish()
}

#[test]
fn nothing_of_a_log_acts_on_a_terminal() {
    let text = render(&diagnosis(LOG, None), Format::Terminal, &looks());
    assert!(text.starts_with("2 causes in 1 input (3 lines)\n"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text}");
    assert!(text.contains("a|b <c>.log:2, 2026-01-02 03:04:06"), "{text}");
    assert!(text.contains("ackcheck run --only base-images --only registry-pull --site 'a b.toml'\n"), "{text}");
    let coloured = render(&diagnosis(LOG, None), Format::Terminal, &Looks { color: true, ..looks() });
    assert!(coloured.contains("\u{1b}[1;31m1. ") && !coloured.contains('\u{7}'), "{coloured}");
}

#[test]
fn nothing_of_a_log_ends_a_block_of_markdown_or_begins_another() {
    let text = render(&diagnosis(LOG, None), Format::Markdown, &looks());
    // The quoted line holds three backticks, so that its block has four.
    assert!(text.contains("\n````text\n26/01/02 03:04:06 ERROR ``` <script>"), "{text}");
    let mut fence: Option<&str> = None;
    let mut outside = String::new();
    for line in text.lines() {
        match fence {
            None if line.starts_with("```") => fence = Some(line.trim_end_matches(char::is_alphabetic)),
            None => outside.push_str(line),
            Some(ends) if line == ends => fence = None,
            Some(_) => {}
        }
    }
    assert_eq!(fence, None);
    assert!(!outside.contains("<script>") && !outside.contains(" <c>"), "{outside}");
    assert!(outside.contains("r.example/`a`\\|\\*b\\*\\<c\\>:1 is not in the registry"), "{outside}");
}

#[test]
fn a_class_is_one_however_the_jvm_writes_it() {
    let log = "26/11/27 03:04:05 ERROR java.lang.NoClassDefFoundError: org/jdom2/input/JDOMParseException\n\
               Caused by: java.lang.ClassNotFoundException: org.jdom2.input.JDOMParseException\n";
    let text = render(&diagnosis(log, None), Format::Terminal, &looks());
    assert!(text.starts_with("1 cause in 1 input (2 lines)\n") && !text.contains("Explains"), "{text}");
    assert!(text.contains("ackcheck run --only hadoop-jar-linkage"), "{text}");
}

#[test]
fn json_holds_all_of_it() {
    let json: serde_json::Value = serde_json::from_str(&render(&diagnosis(LOG, None), Format::Json, &looks())).unwrap();
    assert_eq!(json["causes"].as_array().unwrap().len(), 2);
    let cause = &json["causes"][0];
    assert_eq!(cause["pattern"], "pull/pull-not-found");
    assert_eq!(cause["consequences"][0]["pattern"], "spark/no-executors");
    assert_eq!(cause["first"]["line"], 3);
    assert_eq!(cause["prove"], "ackcheck run --only base-images --only registry-pull --site 'a b.toml'");
}

#[test]
fn what_was_asked_for_and_not_found_is_told() {
    let hour = Some(Duration::from_secs(3600));
    let text = render(&diagnosis("no time here\n", hour), Format::Terminal, &looks());
    assert!(text.starts_with("nothing recognised in 1 input (1 line)\nThis does not mean that all is well"), "{text}");
    assert!(text.contains("no line has a time that ackcheck knows, so all of it was read: a|b <c>.log"), "{text}");
    let text = render(&diagnosis(LOG, Some(Duration::from_secs(60))), Format::Terminal, &looks());
    assert!(text.starts_with("nothing recognised"), "{text}");
}

#[test]
fn what_is_explained_is_explained_by_the_same_log_where_it_can_be() {
    let pull =
        "Failed to pull image \"r.example/a:1\": rpc error: code = NotFound desc = not found: manifest unknown\n";
    let name = "UnknownHostException dss01 : [Errno -2] Name or service not known\n";
    let failed = "Kubernetes job failed, exitCode=1, reason=Error\n";
    let clock = Clock { now: "2026-01-02T04:00:00Z".parse().unwrap(), zone: TimeZone::UTC };
    let mut collector = Collector::new(Reading { clock, since: None, stop: Default::default() }, Scrubber::default());
    collector.read_stream("events", pull.as_bytes());
    collector.read_stream("job", format!("{name}{failed}").leak().as_bytes());
    let told = collector.finish();
    let causes: Vec<(&str, usize)> =
        told.causes.iter().map(|cause| (cause.pattern.as_str(), cause.consequences.len())).collect();
    assert_eq!(causes, [("dss/dss-name-unknown", 1), ("pull/pull-not-found", 0)]);
}

#[test]
fn causes_without_number_are_bounded_and_counted() {
    let hosts: String = (0..1500).map(|n| format!("java.net.UnknownHostException: host{n}\n")).collect();
    let told = diagnosis(hosts.leak(), None);
    assert_eq!((told.causes.len(), told.beyond), (200, 1300));
    assert!(render(&told, Format::Terminal, &looks()).contains("1300 more places tell of causes beyond"));
}
