//! The reports from outside: what each format makes of finished runs, hostile ones included.

mod any;
mod machines;
mod page;
pub(crate) mod schema;
pub(crate) mod words;
mod xml;

use std::time::Duration;

use ackcheck_core::evidence::Evidence;
use ackcheck_core::place::Vantage;
use ackcheck_core::record::{Ending, FindingRecord, Report};
use ackcheck_core::remedy::Block;
use ackcheck_core::report::{Format, Options, read, render};
use ackcheck_core::subject::{Kind, Subject};
use xml::names;

const RUNS: [&str; 6] = ["healthy", "failures", "waived", "unjudged", "interrupted", "hostile"];

fn saved(run: &str) -> String {
    let file = format!("{}/fixtures/runs/{run}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&file).unwrap_or_else(|why| panic!("{file}: {why}"))
}

fn report(run: &str) -> Report {
    read(&saved(run)).unwrap_or_else(|why| panic!("{run}: {why}"))
}

fn terminal(report: &Report, width: usize, color: bool) -> String {
    render(Format::Terminal, report, Options { color, width })
}

fn plain(format: Format, report: &Report) -> String {
    render(format, report, Options::default())
}

#[test]
fn a_saved_run_is_what_json_makes_of_it() {
    for run in RUNS {
        let report = report(run);
        let again = plain(Format::Json, &report);
        assert_eq!(read(&again).unwrap(), report, "{run} does not come back");
        let (expected, found): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(&saved(run)).unwrap(), serde_json::from_str(&again).unwrap());
        assert_eq!(found, expected, "fixtures/runs/{run}.json");
    }
}

/// `fixtures/runs/schema-1.json` was written by ackcheck 0.1.0: the run of `failures.json`.
#[test]
fn a_run_of_schema_1_is_read_as_it_was() {
    let (old, new) = (report("schema-1"), report("failures"));
    let known = Report { catalogue: new.catalogue, undescribed: new.undescribed.clone(), ..old };
    assert_eq!(known.cases.len(), new.cases.len());
    for (old, new) in known.cases.iter().zip(&new.cases) {
        assert_eq!(old, new);
    }
    assert_eq!((known.site, known.options, known.started), (new.site, new.options, new.started));
}

#[test]
fn what_is_no_saved_run_is_refused_with_the_reason() {
    let refused = |text: &str| read(text).unwrap_err().to_string();
    assert!(refused("").contains("line 1"), "{}", refused(""));
    assert_eq!(refused(r#"{"schema":3}"#), "it is of schema 3, and this ackcheck reads schemas 1 and 2");
    let healthy = saved("healthy");
    let half = &healthy[..healthy.len() / 2];
    assert!(refused(half).contains("EOF while parsing"), "{}", refused(half));
    let moon = healthy.replace("\"storage\"", "\"moon\"");
    assert!(refused(&moon).contains("`moon` is not an area"), "{}", refused(&moon));
    assert!(refused(&moon).contains("case 19, oss-endpoint: "), "{}", refused(&moon));
    let bare = healthy.replacen("\"outcome\": \"pass\"", "\"outcome\": \"fail\"", 1);
    assert!(refused(&bare).contains("has no `finding`"), "{}", refused(&bare));
    let surrogate = healthy.replacen("/etc/ackcheck.toml", "\\ud800", 1);
    assert!(refused(&surrogate).contains("hex escape"), "{}", refused(&surrogate));
    let negative = healthy.replacen("1843.204", "-1", 1);
    assert!(refused(&negative).contains("-1 is not a duration"), "{}", refused(&negative));
    assert!(read(&format!("\u{feff}{healthy}")).is_ok(), "a byte order mark is no reason");
}

#[test]
fn terminal_reports_look_as_they_did() {
    for run in RUNS {
        insta::assert_snapshot!(format!("{run}-100"), terminal(&report(run), 100, false));
    }
    insta::assert_snapshot!("failures-48", terminal(&report("failures"), 48, false));
    insta::assert_snapshot!("failures-160", terminal(&report("failures"), 160, false));
    insta::assert_snapshot!("failures-color", terminal(&report("failures"), 100, true));
}

#[test]
fn junit_reports_look_as_they_did() {
    for run in RUNS {
        insta::assert_snapshot!(format!("{run}-junit"), plain(Format::Junit, &report(run)));
    }
}

#[test]
fn the_other_reports_look_as_they_did() {
    for format in [Format::Short, Format::Markdown, Format::Github, Format::Gitlab, Format::Prometheus] {
        for run in RUNS {
            insta::assert_snapshot!(format!("{run}-{format}"), plain(format, &report(run)));
        }
    }
    // Of the page what is made of the record; style and script are files of their own.
    for run in RUNS {
        let page = plain(Format::Html, &report(run));
        let body = page.split_once("<body>").and_then(|(_, body)| body.split_once("<script>")).unwrap().0;
        insta::assert_snapshot!(format!("{run}-html"), body.replace("><", ">\n<"));
    }
}

#[test]
fn a_json_report_looks_as_it_did() {
    insta::assert_snapshot!("hostile-json", plain(Format::Json, &report("hostile")));
}

#[test]
fn the_format_is_read_from_its_name() {
    for format in Format::ALL {
        assert_eq!(format.name().parse::<Format>().unwrap(), format);
    }
    let why = "pdf".parse::<Format>().unwrap_err().to_string();
    let formats = "terminal, short, markdown, html, junit, json, github, gitlab and prometheus";
    assert_eq!(why, format!("`pdf` is not a report format; the formats are {formats}"));
}

/// The one case that blocks most is the first to be told of, however late it comes in the catalogue.
#[test]
fn the_cause_of_most_comes_first() {
    let told = terminal(&report("failures"), 100, false);
    let (write, pull) = (told.find("oss-write/denied").unwrap(), told.find("registry-pull/no-pull-secret").unwrap());
    assert!(write < pull, "oss-write blocks five cases, registry-pull none:\n{told}");
    assert!(told.contains("1 cause, 5 consequences: start with oss-write"), "{told}");
}

/// Lines that hold no command, URL or id longer than the page stay within it.
#[test]
fn prose_stays_within_the_width() {
    for width in [40, 60, 100, 200] {
        let told = terminal(&report("failures"), width, false);
        for line in told.lines().filter(|line| !line.starts_with("    ") && !line.contains("cn-hangzhou")) {
            let filled = unicode_width::UnicodeWidthStr::width(line);
            assert!(
                filled <= width || !line.trim().contains(' ') || line.contains("kubectl"),
                "{filled} > {width}: {line}"
            );
        }
    }
}

#[test]
fn the_exit_code_says_what_was_found() {
    let codes: Vec<u8> = RUNS.iter().map(|run| report(run).exit_code()).collect();
    assert_eq!(codes, [0, 1, 1, 2, 130, 1]);
    let mut none = report("healthy");
    none.cases.clear();
    assert_eq!(none.exit_code(), 4);
    let mut unjudged = report("failures");
    unjudged.cases.retain(|case| matches!(case.ending, Ending::NotApplicable { .. }));
    assert_eq!(unjudged.exit_code(), 4, "what was never judged is no success");
}

/// A megabyte in every field: each report stays readable and of a size that a CI server takes.
#[test]
fn a_megabyte_of_evidence_is_bounded() {
    let mut run = report("hostile");
    let huge = run.cases[1].evidence[0].answered.repeat(10_000);
    assert!(huge.len() > 1_000_000);
    for case in &mut run.cases {
        case.evidence.push(Evidence {
            vantage: Vantage::Host,
            asked: huge.clone(),
            answered: huge.clone(),
            took: Duration::ZERO,
        });
        if let Ending::Fail(finding) = &mut case.ending {
            finding.seen = huge.clone();
        }
    }
    let xml = plain(Format::Junit, &run);
    assert!(xml.len() < run.cases.len() * 300_000, "{} bytes", xml.len());
    assert_eq!(names(&xml).len(), run.cases.len() + 1);
    for (format, most) in [
        (Format::Terminal, 100_000),
        (Format::Short, 10_000),
        (Format::Markdown, 60_000),
        (Format::Html, 200_000),
        (Format::Github, 20_000),
        (Format::Gitlab, 20_000),
        (Format::Prometheus, 20_000),
    ] {
        let told = plain(format, &run);
        assert!(told.len() < most, "{format}: {} bytes", told.len());
    }
    assert_eq!(read(&plain(Format::Json, &run)).unwrap(), run);
}

/// What acts on a terminal: every control but the line end, and the bidirectional ones.
fn acts_on_a_terminal(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
fn nothing_in_a_report_acts_on_the_terminal() {
    let hostile = report("hostile");
    for format in Format::ALL {
        let told = plain(format, &hostile);
        assert_eq!(told.chars().find(|&c| acts_on_a_terminal(c)), None, "in {format}");
    }
    // With colour the only escapes are this program's own.
    let colored = terminal(&hostile, 100, true);
    let own = colored.replace("\u{1b}[0m", "");
    let own =
        ["1", "2", "32", "33", "36", "1;31"].iter().fold(own, |told, sgr| told.replace(&format!("\u{1b}[{sgr}m"), ""));
    assert_eq!(own.chars().find(|&c| acts_on_a_terminal(c)), None);
    assert_eq!(own, terminal(&hostile, 100, false), "colour changes nothing but colour");
}

/// A hundred nodes whose words and commands differ by their names alone: told of by the first, and the rest is counted.
#[test]
fn a_hundred_nodes_do_not_make_a_hundred_pages() {
    let mut run = report("failures");
    let one =
        run.cases.iter().find(|case| case.id.to_string() == "registry-pull[cn-hangzhou.10.0.1.12]").unwrap().clone();
    run.cases.retain(|case| case.id.check != "registry-pull");
    for node in 0..100 {
        let mut case = one.clone();
        case.id.subject = Some(Subject::new(Kind::Node, format!("node-{node:03}")));
        if let Ending::Fail(finding) = &mut case.ending {
            finding.seen = format!("the kubelet of node-{node:03} was refused");
            let text = format!("kubectl describe node node-{node:03}");
            finding.remedy.push(Block::Commands { text, shell: true });
        }
        run.cases.push(case);
    }
    let told = terminal(&run, 100, false);
    let few = terminal(&report("failures"), 100, false);
    assert!(told.lines().count() < few.lines().count() + 50, "{} lines", told.lines().count());
    assert_eq!(told.matches("registry-pull[100 nodes]").count(), 1, "{told}");
    assert!(told.contains("kubectl describe node node-000") && !told.contains("kubectl describe node node-001"));
    assert_eq!(told.matches("the kubelet of node-").count(), 1, "{told}");
    assert!(told.contains("similarly on node-001"), "{told}");
    assert_eq!(names(&plain(Format::Junit, &run)).len(), run.cases.len());
}

/// Thousands of nodes of which each fails, or cannot be judged, in its own words.
#[test]
fn nodes_that_all_differ_stay_readable() {
    let mut run = report("failures");
    let one =
        run.cases.iter().find(|case| case.id.to_string() == "registry-pull[cn-hangzhou.10.0.1.12]").unwrap().clone();
    run.cases.retain(|case| case.id.check != "registry-pull");
    for check in ["registry-pull", "registry-path"] {
        for node in 0..2000 {
            let mut case = one.clone();
            case.id.check = check.to_owned();
            case.id.subject = Some(Subject::new(Kind::Node, format!("node-{node:04}")));
            case.ending = match (check, case.ending) {
                ("registry-pull", Ending::Fail(finding)) => {
                    Ending::Fail(Box::new(FindingRecord { seen: format!("request {}", node * 7), ..*finding }))
                }
                _ => Ending::Broken { why: format!("no answer from node-{node:04}, request {}", node * 7) },
            };
            run.cases.push(case);
        }
    }
    let page = plain(Format::Html, &run);
    assert!(page.len() < 250_000, "{} bytes", page.len());
    assert!(page.contains("… and 1970 more cases of"), "of 2,000 lines some are shown");
    page::elements(&page);
    for (format, most) in [(Format::Markdown, 20_000), (Format::Short, 3000), (Format::Github, 10_000)] {
        let told = plain(format, &run);
        assert!(told.len() < most, "{format}: {} bytes", told.len());
    }
}
