//! Any text in every field.

use std::time::Duration;

use ackcheck_core::compare::{self, Comparison};
use ackcheck_core::evidence::Evidence;
use ackcheck_core::place::{Area, Stage, Vantage};
use ackcheck_core::record::{Case, CaseId, Ending, FindingRecord, Report, WaiverRecord};
use ackcheck_core::remedy::Block;
use ackcheck_core::report::{Format, Options, read};
use ackcheck_core::subject::{Kind, Subject};
use ackcheck_core::verdict::Severity;
use proptest::prelude::*;

use super::xml::names;
use super::{acts_on_a_terminal, machines, page, plain, terminal, words};

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
        "`",
        "```",
        "~~~",
        "# ",
        "- ",
        "1. ",
        "> ",
        "| - |",
        "[a](https://example.com)",
        "![](x)",
        "https://example.com",
        "@here",
        "#1",
        "$x$",
        ":smile:",
        "*",
        "__",
        "%0A::error::",
        "::",
        ",",
        "-->",
        "<script>alert(1)</script>",
        "</details>",
        "<!--",
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

fn waiver() -> impl Strategy<Value = WaiverRecord> {
    (text(), 0..20_000, prop::option::of(text())).prop_map(|(reason, day, ticket)| {
        let first = jiff::civil::date(2000, 1, 1);
        WaiverRecord { reason, until: first.saturating_add(jiff::Span::new().days(day)), ticket }
    })
}

fn finding(severity: Severity) -> impl Strategy<Value = Box<FindingRecord>> {
    let block =
        prop_oneof![text().prop_map(Block::Text), text().prop_map(|text| Block::Commands { text, shell: true })];
    // Schema 1 reads a remedy that ends in commands as one that ends in what confirms.
    let ends_in_commands = |remedy: &[Block]| matches!(remedy, [.., Block::Commands { .. }]);
    let remedy = (prop::collection::vec(block, 0..5), prop::option::of(text()))
        .prop_filter("not in schema 1", move |(fix, confirm)| confirm.is_some() || !ends_in_commands(fix));
    let explained_by = prop::collection::vec(prop_oneof![text(), "[a-c]"], 0..3);
    let known = (prop::option::of(0..4_000_000_000_i64), prop::option::of(waiver()));
    (text(), text(), text(), text(), remedy, explained_by, known)
        .prop_map(move |(code, summary, seen, why, (remedy, confirm), explained_by, (since, ended_waiver))| {
            FindingRecord {
                code,
                severity,
                summary,
                seen,
                why,
                remedy,
                confirm,
                explained_by,
                known_since: since.map(|second| jiff::Timestamp::from_second(second).unwrap()),
                ended_waiver,
            }
        })
        .prop_map(Box::new)
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        Just(Ending::Pass),
        finding(Severity::Warn).prop_map(Ending::Warn),
        finding(Severity::Fail).prop_map(Ending::Fail),
        (finding(Severity::Fail), waiver()).prop_map(|(finding, waiver)| Ending::Waived { finding, waiver }),
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
        subject in prop::option::of((prop::sample::select(Kind::ALL.to_vec()), text())),
        required in any::<bool>(),
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
        let subject = subject.map(|(kind, name)| Subject { kind, name });
        Case { id: CaseId { check, subject }, title: title.into(), area, stage, vantage, required, ending, evidence, took }
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
        catalogue in 0usize..100,
        undescribed in prop::collection::vec(text(), 0..3),
        unused_waivers in prop::collection::vec(text(), 0..3),
        left_behind in prop::collection::vec(text(), 0..3),
        interrupted in prop::option::of(text()),
    ) -> Report {
        let started = jiff::Timestamp::from_second(second).unwrap();
        Report {
            version,
            site,
            options,
            started,
            took,
            cases,
            catalogue,
            undescribed,
            unused_waivers,
            left_behind,
            interrupted,
        }
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
    fn any_run_compared_with_itself_has_not_changed(report in any_report()) {
        let comparison = Comparison::of(&report, &report);
        prop_assert!(comparison.is_unchanged(), "{:?}", comparison);
        prop_assert_eq!(comparison.exit_code(), 0);
    }

    #[test]
    fn any_two_runs_give_a_comparison_that_is_safe_to_print(one in any_report(), other in any_report()) {
        let comparison = Comparison::of(&one, &other);
        let told = comparison.changes.iter().map(compare::Change::cases).sum::<usize>() + comparison.unchanged;
        prop_assert!(told >= other.cases.len(), "every case is told or unchanged");
        for format in compare::Format::ALL {
            let told = compare::render(format, &comparison, Options::default());
            prop_assert_eq!(told.chars().find(|&c| acts_on_a_terminal(c)), None);
            prop_assert!(told.ends_with('\n'));
            if format == compare::Format::Json {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&told).is_ok());
            }
        }
    }

    #[test]
    fn any_text_gives_xml_that_is_well_formed(report in any_report()) {
        let names = names(&plain(Format::Junit, &report));
        let told = [report.interrupted.is_some(), !report.left_behind.is_empty(), !report.unused_waivers.is_empty()];
        let of_the_run = told.into_iter().filter(|told| *told).count();
        prop_assert_eq!(names.len(), report.cases.len() + of_the_run);
    }

    #[test]
    fn any_text_gives_what_other_programs_read(report in any_report()) {
        page::elements(&plain(Format::Html, &report));
        words::structure(&plain(Format::Markdown, &report));
        machines::commands(&plain(Format::Github, &report));
        machines::series(&plain(Format::Prometheus, &report));
        serde_json::from_str::<Vec<serde_json::Value>>(&plain(Format::Gitlab, &report)).unwrap();
        prop_assert!(plain(Format::Short, &report).lines().count() <= 10);
        for format in Format::ALL {
            let told = plain(format, &report);
            prop_assert_eq!(told.chars().find(|&c| acts_on_a_terminal(c)), None, "in {}", format);
        }
    }

    #[test]
    fn any_text_gives_a_page_that_is_safe_to_print(report in any_report(), width in 0..200_usize) {
        let told = terminal(&report, width, false);
        prop_assert_eq!(told.chars().find(|&c| acts_on_a_terminal(c)), None);
        prop_assert!(told.ends_with('\n'));
    }
}
