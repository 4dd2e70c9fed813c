//! The reports from outside: what each format makes of finished runs, hostile ones included.

use std::collections::BTreeSet;
use std::time::Duration;

use ackcheck::evidence::Evidence;
use ackcheck::place::{Area, Stage, Vantage};
use ackcheck::record::{Case, CaseId, Ending, FindingRecord, Report};
use ackcheck::remedy::Block;
use ackcheck::report::{Format, Options, read, render};
use ackcheck::verdict::Severity;
use proptest::prelude::*;
use quick_xml::XmlVersion;
use quick_xml::events::Event;

const RUNS: [&str; 5] = ["healthy", "failures", "unjudged", "interrupted", "hostile"];

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

#[test]
fn what_is_no_saved_run_is_refused_with_the_reason() {
    let refused = |text: &str| read(text).unwrap_err().to_string();
    assert!(refused("").contains("line 1"), "{}", refused(""));
    assert_eq!(refused(r#"{"schema":2}"#), "it is of schema 2, and this ackcheck reads schema 1");
    let healthy = saved("healthy");
    let half = &healthy[..healthy.len() / 2];
    assert!(refused(half).contains("EOF while parsing"), "{}", refused(half));
    let moon = healthy.replace("\"storage\"", "\"moon\"");
    assert!(refused(&moon).contains("`moon` is not an area"), "{}", refused(&moon));
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
fn a_json_report_looks_as_it_did() {
    insta::assert_snapshot!("hostile-json", plain(Format::Json, &report("hostile")));
}

#[test]
fn the_format_is_read_from_its_name() {
    for format in Format::ALL {
        assert_eq!(format.name().parse::<Format>().unwrap(), format);
    }
    let why = "html".parse::<Format>().unwrap_err().to_string();
    assert_eq!(why, "`html` is not a report format; the formats are terminal, junit and json");
}

/// The one case that blocks most is the first to be told of, however late it comes in the catalogue.
#[test]
fn the_cause_of_most_comes_first() {
    let told = terminal(&report("failures"), 100, false);
    let (write, pull) = (told.find("oss-write/denied").unwrap(), told.find("registry-pull/no-pull-secret").unwrap());
    assert!(write < pull, "oss-write blocks five cases, registry-pull none:\n{told}");
    assert!(told.contains("1 cause, 5 consequences: begin with oss-write"), "{told}");
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
    assert_eq!(codes, [0, 1, 2, 130, 1]);
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
    let told = terminal(&run, 100, false);
    assert!(told.len() < 100_000, "{} bytes", told.len());
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

/// The names of the test cases of a JUnit report, as an XML reader sees them; fails where it is not well formed.
fn names(xml: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut names = Vec::new();
    loop {
        match reader.read_event().unwrap_or_else(|why| panic!("{why} in {xml}")) {
            Event::Eof => return names,
            Event::Start(tag) | Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    let attribute = attribute.unwrap();
                    let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap();
                    assert_eq!(value.chars().find(|&c| forbidden(c)), None, "{value:?}");
                    if tag.name().as_ref() == "testcase" && attribute.key.as_ref() == "name" {
                        names.push(value.into_owned());
                    }
                }
            }
            Event::Text(text) => {
                let text = text.xml10_content();
                assert_eq!(text.chars().find(|&c| forbidden(c)), None, "{text:?}");
                assert!(!text.contains("]]>"), "{text:?}");
            }
            Event::GeneralRef(reference) => {
                let c = reference.resolve_char_ref().unwrap();
                assert!(c.is_none_or(|c| !forbidden(c)), "{reference:?}");
                assert!(c.is_some() || ["amp", "lt", "gt", "quot", "apos"].contains(&&*reference), "{reference:?}");
            }
            _ => {}
        }
    }
}

/// XML 1.0, production 2 (`Char`), turned round.
fn forbidden(c: char) -> bool {
    !matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

/// Any text, rich in what breaks formats.
fn text() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "\u{0}",
        "\u{1b}[31m",
        "\u{9b}2J",
        "]]>",
        "<![CDATA[",
        "&",
        "<",
        ">",
        "\"",
        "'",
        "\t",
        "\r\n",
        "\r",
        "\n",
        "\u{fffe}",
        "\u{ffff}",
        "\u{feff}",
        "\u{202e}",
        "\u{85}",
        "\u{7f}",
        "数据",
        "\u{1f600}",
        "\\",
        "{x}",
        "&#0;",
        " ",
    ]);
    prop::collection::vec(prop_oneof![any::<char>().prop_map(String::from), nasty.prop_map(str::to_owned)], 0..12)
        .prop_map(|parts| parts.concat())
}

fn took() -> impl Strategy<Value = Duration> {
    // Thirteen days, the longest that comes back to the nanosecond.
    (0..13 * 86_400 * 1_000_000_000_u64).prop_map(Duration::from_nanos)
}

fn vantage() -> impl Strategy<Value = Vantage> {
    prop::sample::select(vec![
        Vantage::Host,
        Vantage::Dss,
        Vantage::Node,
        Vantage::Cluster,
        Vantage::Cloud,
        Vantage::Store,
        Vantage::Registry,
    ])
}

fn finding(severity: Severity) -> impl Strategy<Value = FindingRecord> {
    let block = prop_oneof![text().prop_map(Block::Text), text().prop_map(Block::Commands)];
    (text(), text(), text(), text(), prop::collection::vec(block, 0..5)).prop_map(
        move |(code, summary, seen, why, remedy)| FindingRecord { code, severity, summary, seen, why, remedy },
    )
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        Just(Ending::Pass),
        finding(Severity::Warn).prop_map(Ending::Warn),
        finding(Severity::Fail).prop_map(Ending::Fail),
        text().prop_map(|reason| Ending::NotApplicable { reason }),
        prop::collection::vec(prop_oneof![text(), "[a-c]"], 0..4).prop_map(|by| Ending::Blocked { by }),
        text().prop_map(|why| Ending::Broken { why }),
        took().prop_map(|after| Ending::TimedOut { after }),
        text().prop_map(|reason| Ending::Skipped { reason }),
    ]
}

prop_compose! {
    fn case()(
        // Some names meet, so that causes are found, circles of them included.
        check in prop_oneof![text(), "[a-c]"],
        node in prop::option::of(text()),
        title in text(),
        area in prop::sample::select(Area::ALL.to_vec()),
        stage in prop::sample::select(vec![Stage::Preflight, Stage::Acceptance]),
        vantage in vantage(),
        ending in ending(),
        evidence in prop::collection::vec(
            (vantage(), text(), text(), took())
                .prop_map(|(vantage, asked, answered, took)| Evidence { vantage, asked, answered, took }),
            0..5,
        ),
        took in took(),
    ) -> Case {
        Case { id: CaseId { check, node }, title, area, stage, vantage, ending, evidence, took }
    }
}

prop_compose! {
    fn any_report()(
        version in text(),
        site in text(),
        options in prop::collection::vec((text(), text()), 0..4),
        second in 0..4_000_000_000_i64,
        took in took(),
        cases in prop::collection::vec(case(), 0..8),
        left_behind in prop::collection::vec(text(), 0..3),
        interrupted in prop::option::of(text()),
    ) -> Report {
        let started = jiff::Timestamp::from_second(second).unwrap();
        Report { version, site, options, started, took, cases, left_behind, interrupted }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_json_that_comes_back(report in any_report()) {
        let json = plain(Format::Json, &report);
        prop_assert_eq!(json.chars().find(|&c| acts_on_a_terminal(c)), None);
        prop_assert_eq!(read(&json).unwrap(), report);
    }

    #[test]
    fn any_text_gives_xml_that_is_well_formed(report in any_report()) {
        let names = names(&plain(Format::Junit, &report));
        let of_the_run = usize::from(report.interrupted.is_some()) + usize::from(!report.left_behind.is_empty());
        prop_assert_eq!(names.len(), report.cases.len() + of_the_run);
    }

    #[test]
    fn any_text_gives_a_page_that_is_safe_to_print(report in any_report(), width in 0..200_usize) {
        let told = terminal(&report, width, false);
        prop_assert_eq!(told.chars().find(|&c| acts_on_a_terminal(c)), None);
        prop_assert!(told.ends_with('\n'));
    }
}

/// The published schema and the program agree on every name: nothing is written that it does not describe, and nothing
/// it requires is missing. `ci/junit` validates real reports against it with a validator.
#[test]
fn the_schema_names_what_is_written() {
    let file = format!("{}/fixtures/report.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut met = BTreeSet::new();
    for run in RUNS {
        let json: serde_json::Value = serde_json::from_str(&plain(Format::Json, &report(run))).unwrap();
        agree(&schema, &schema, &json, run, &mut met);
    }
    let mut described = BTreeSet::new();
    properties(&schema, &mut described);
    assert_eq!(met, described, "every property the schema describes is written by one of the runs");
}

fn agree(
    root: &serde_json::Value,
    schema: &serde_json::Value,
    value: &serde_json::Value,
    at: &str,
    met: &mut BTreeSet<String>,
) {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => root.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    match value {
        serde_json::Value::Object(fields) => {
            let known = schema["properties"].as_object().unwrap_or_else(|| panic!("{at}: no properties in the schema"));
            for (name, value) in fields {
                assert!(known.contains_key(name), "{at}/{name} is not in the schema");
                met.insert(name.clone());
                agree(root, &known[name], value, &format!("{at}/{name}"), met);
            }
            for required in schema["required"].as_array().into_iter().flatten() {
                let required = required.as_str().unwrap();
                assert!(fields.contains_key(required), "{at} has no {required}, which the schema requires");
            }
        }
        serde_json::Value::Array(values) => {
            for value in values {
                agree(root, &schema["items"], value, &format!("{at}[]"), met);
            }
        }
        _ => {}
    }
}

fn properties(schema: &serde_json::Value, described: &mut BTreeSet<String>) {
    match schema {
        serde_json::Value::Object(fields) => {
            if let Some(properties) = schema["properties"].as_object() {
                described.extend(properties.keys().cloned());
            }
            fields.values().for_each(|schema| properties(schema, described));
        }
        serde_json::Value::Array(schemas) => schemas.iter().for_each(|schema| properties(schema, described)),
        _ => {}
    }
}
