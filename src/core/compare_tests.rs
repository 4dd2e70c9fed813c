use super::*;
use crate::evidence::Evidence;
use crate::place::Vantage;
use crate::record::WaiverRecord;
use crate::record::samples::{case, finding as sample, report};
use crate::report::Options;

fn fail(code: &str, seen: &str) -> Ending {
    Ending::Fail(Box::new(FindingRecord { seen: seen.to_owned(), ..sample(code) }))
}

fn warn(code: &str) -> Ending {
    match fail(code, "") {
        Ending::Fail(finding) => Ending::Warn(finding),
        other => other,
    }
}

fn waived() -> Ending {
    let waiver = WaiverRecord { reason: "r".to_owned(), until: jiff::civil::date(2026, 12, 31), ticket: None };
    match fail("denied", "") {
        Ending::Fail(finding) => Ending::Waived { finding, waiver },
        other => other,
    }
}

fn not_applicable() -> Ending {
    Ending::NotApplicable { reason: "no such thing".to_owned() }
}

fn blocked() -> Ending {
    Ending::Blocked { by: vec!["dns".to_owned()] }
}

fn compared(before: Vec<Case>, after: Vec<Case>) -> Comparison {
    Comparison::of(&report(before), &report(after))
}

/// One case that ended in one way and then in another: its kind, and the exit code.
fn way(before: Ending, after: Ending) -> (Option<Kind>, u8) {
    let comparison = compared(vec![case("check", before)], vec![case("check", after)]);
    (comparison.changes.first().map(|change| change.kind), comparison.exit_code())
}

#[test]
fn every_way_from_one_ending_to_another_has_its_kind_and_exit_code() {
    let failing = || fail("denied", "");
    let broken = || Ending::Broken { why: String::new() };
    for before in [Ending::Pass, warn("slow"), not_applicable(), blocked(), broken()] {
        assert_eq!(way(before, failing()), (Some(Kind::NewFailure), 1));
    }
    for (before, after, kind, code) in [
        (Ending::Pass, Ending::Pass, None, 0),
        (not_applicable(), Ending::Skipped { reason: String::new() }, None, 0),
        (failing(), failing(), Some(Kind::StillFailing), 0),
        (failing(), fail("too-old", ""), Some(Kind::OtherFailure), 0),
        (failing(), waived(), Some(Kind::NewlyWaived), 0),
        (Ending::Pass, waived(), Some(Kind::NewlyWaived), 0),
        (waived(), waived(), None, 0),
        (waived(), failing(), Some(Kind::NewFailure), 1),
        (waived(), Ending::Pass, Some(Kind::Mended), 0),
        (waived(), blocked(), Some(Kind::FailedAndNotJudged), 0),
        (waived(), warn("denied"), Some(Kind::NewWarning), 0),
        (waived(), warn("slow"), Some(Kind::Mended), 0),
        (failing(), Ending::Pass, Some(Kind::Mended), 0),
        (failing(), warn("slow"), Some(Kind::Mended), 0),
        (failing(), blocked(), Some(Kind::FailedAndNotJudged), 0),
        (failing(), not_applicable(), Some(Kind::NoLongerAsked), 0),
        (Ending::Pass, blocked(), Some(Kind::NoLongerJudged), 2),
        (warn("slow"), broken(), Some(Kind::NoLongerJudged), 2),
        (Ending::Pass, Ending::TimedOut { after: Duration::ZERO }, Some(Kind::NoLongerJudged), 2),
        (blocked(), broken(), Some(Kind::StillNotJudged), 0),
        (broken(), Ending::Pass, Some(Kind::JudgedAgain), 0),
        (Ending::Pass, warn("slow"), Some(Kind::NewWarning), 0),
        (warn("slow"), warn("slow"), None, 0),
        (warn("slow"), warn("old"), Some(Kind::OtherWarning), 0),
        (warn("slow"), Ending::Pass, Some(Kind::WarningGone), 0),
        (Ending::Pass, not_applicable(), Some(Kind::NoLongerAsked), 0),
        (not_applicable(), Ending::Pass, Some(Kind::NewlyAsked), 0),
        (not_applicable(), blocked(), Some(Kind::NewlyAsked), 0),
    ] {
        assert_eq!(way(before.clone(), after.clone()), (kind, code), "{before:?} → {after:?}");
    }
}

#[test]
fn a_check_that_did_not_exist_is_newly_asked_and_worse_only_where_it_fails() {
    let old = || vec![case("dns", Ending::Pass)];
    let asked = compared(old(), vec![case("dns", Ending::Pass), case("new", Ending::Pass)]);
    assert_eq!((asked.count(Kind::NewlyAsked), asked.exit_code(), asked.unchanged), (1, 0, 1));
    assert_eq!(asked.changes[0].before, None);
    let failing = compared(old(), vec![case("dns", Ending::Pass), case("new", fail("x", ""))]);
    assert_eq!((failing.count(Kind::NewFailure), failing.exit_code()), (1, 1));
    let gone = compared(vec![case("dns", Ending::Pass), case("old", Ending::Pass)], old());
    assert_eq!((gone.count(Kind::NoLongerAsked), gone.exit_code(), gone.unchanged), (1, 0, 1));
}

#[test]
fn what_is_required_or_was_cut_short_must_be_asked_again() {
    let passing = || vec![case("dns", Ending::Pass)];
    let mut required = vec![case("dns", not_applicable())];
    required[0].required = true;
    assert_eq!(compared(passing(), required).exit_code(), 2);
    let mut stopped = report(vec![case("dns", Ending::Skipped { reason: "interrupted".to_owned() })]);
    stopped.interrupted = Some("stopped by the user".to_owned());
    assert_eq!(Comparison::of(&report(passing()), &stopped).exit_code(), 2);
}

#[test]
fn nodes_with_other_names_and_the_same_endings_are_no_change() {
    let of = |name: &str, pull: Ending| {
        vec![case(&format!("dns[{name}]"), Ending::Pass), case(&format!("pull[{name}]"), pull)]
    };
    let before = [of("a", Ending::Pass), of("b", fail("denied", "b is refused")), of("same", Ending::Pass)].concat();
    let after = [of("same", Ending::Pass), of("x", fail("denied", "x is refused")), of("y", Ending::Pass)].concat();
    let comparison = compared(before, after);
    assert_eq!((comparison.count(Kind::StillFailing), comparison.changes.len(), comparison.unchanged), (1, 1, 5));
    assert_eq!(comparison.changes[0].seen, None);
    let names = comparison.changes[0].subjects[0].clone();
    assert_eq!((names.0.unwrap().name, names.1.unwrap().name), ("b".to_owned(), "x".to_owned()));
    let nodes = comparison.nodes.unwrap();
    assert_eq!((nodes.before, nodes.after, nodes.replaced), (3, 3, 2));
    assert!(nodes.gone.is_empty() && nodes.came.is_empty());
}

#[test]
fn of_nodes_without_a_like_only_the_numbers_count() {
    let of = |name: &str, ending: Ending| case(&format!("pull[{name}]"), ending);
    let failing = || fail("denied", "");
    // Two failed and three do, of four and six.
    let before = vec![of("a", Ending::Pass), of("b", Ending::Pass), of("c", failing()), of("d", failing())];
    let after = ["p", "q", "r", "s", "t", "u"].map(|name| of(name, if name < "s" { failing() } else { Ending::Pass }));
    let comparison = compared(before, after.to_vec());
    let counts = [Kind::NewFailure, Kind::StillFailing, Kind::NewlyAsked].map(|kind| comparison.count(kind));
    assert_eq!((counts, comparison.exit_code()), ([1, 2, 1], 1));
    // Fewer nodes, and none of them fails: what failed is not told to be mended.
    let comparison = compared(vec![of("a", Ending::Pass), of("b", failing())], vec![of("x", Ending::Pass)]);
    assert_eq!((comparison.count(Kind::Mended), comparison.count(Kind::NoLongerAsked)), (0, 1));
}

#[test]
fn a_run_that_asked_no_node_does_not_say_that_they_are_gone() {
    let comparison = compared(vec![case("dns[a]", Ending::Pass)], vec![case("host", Ending::Pass)]);
    assert_eq!(comparison.nodes, None);
    assert_eq!(comparison.count(Kind::NoLongerAsked), 1);
}

#[test]
fn the_part_of_the_evidence_that_changed_is_shown() {
    let seen = |rule: &str| fail("dropped", &format!("TCP 11300 is dropped by rule {rule} of sg-bp1host"));
    let comparison = compared(vec![case("rules", seen("sgr-1"))], vec![case("rules", seen("sgr-2"))]);
    assert!(!comparison.is_unchanged());
    let told = render(Format::Terminal, &comparison, Options::default());
    assert!(
        told.contains("was: … dropped by rule sgr-1 of") && told.contains("is: … dropped by rule sgr-2 of"),
        "{told}"
    );
}

#[test]
fn what_changed_about_the_deployment_is_told_as_far_as_both_runs_know_it() {
    let of = |version: &str, group: &str, check: &str| {
        let entry = |vantage, answered: &str| Evidence {
            vantage,
            asked: String::new(),
            answered: answered.to_owned(),
            took: Duration::ZERO,
        };
        let mut dss = case("dss-version", Ending::Pass);
        dss.evidence = vec![entry(Vantage::Dss, &format!("the data directory: {version}"))];
        let mut rules = case(check, Ending::Pass);
        rules.evidence = vec![entry(Vantage::Cloud, &format!("{{\"SecurityGroupIds\":[\"{group}\"]}}"))];
        report(vec![dss, rules])
    };
    let told = |before: &Report, after: &Report| {
        let differences = Comparison::of(before, after).deployment;
        differences.into_iter().map(|one| (one.what, one.before, one.after)).collect::<Vec<_>>()
    };
    let before = of("13.1.0", "sg-bp1one", "rules");
    let mut after = of("14.2.0", "sg-bp1two", "rules");
    after.version = "2".to_owned();
    after.options = vec![("--stage".to_owned(), "preflight".to_owned())];
    let all = told(&before, &after);
    let known = |what: &str, one: &str, other: &str| (what.to_owned(), one.to_owned(), other.to_owned());
    assert_eq!(
        all,
        [
            known("ackcheck", "", "2"),
            known("option --stage", "", "preflight"),
            known("DSS", "13.1.0", "14.2.0"),
            known("security groups", "sg-bp1one", "sg-bp1two"),
        ]
    );
    // What another check saw is not what this one saw.
    assert_eq!(told(&before, &of("13.1.0", "sg-bp1two", "others")), []);
}

#[test]
fn no_text_acts_on_a_terminal() {
    let nasty = "\u{1b}[31m <b> [x](http://y) @team `z` | \u{202e}\n# h";
    let comparison = compared(vec![case(nasty, Ending::Pass)], vec![case(nasty, fail(nasty, nasty))]);
    for format in Format::ALL {
        let told = render(format, &comparison, Options::default());
        assert!(!told.contains(['\u{1b}', '\u{202e}']), "{format}: {told}");
    }
}

#[test]
fn thousands_of_renamed_nodes_stay_small() {
    let nodes = |prefix: &str, failing: usize| {
        let of = |at: usize| {
            let name = format!("{prefix}{at:04}");
            let ending = if at < failing { fail("denied", &format!("{name} is refused")) } else { Ending::Pass };
            [case(&format!("dns[{name}]"), Ending::Pass), case(&format!("pull[{name}]"), ending)]
        };
        report((0..5000).flat_map(of).collect())
    };
    let comparison = Comparison::of(&nodes("old-", 0), &nodes("new-", 2000));
    assert_eq!((comparison.count(Kind::NewFailure), comparison.changes.len()), (2000, 1));
    for format in Format::ALL {
        let told = render(format, &comparison, Options::default());
        assert!(told.len() < 64 << 10, "{format}: {} bytes", told.len());
    }
}

#[test]
fn since_when_a_finding_is_known_goes_on_from_baseline_to_baseline() {
    let at = |second: i64, cases: Vec<Case>| {
        let mut report = report(cases);
        report.started = jiff::Timestamp::from_second(second).unwrap();
        report
    };
    let since = |report: &Report| {
        let of = |case: &Case| case.ending.finding()?.known_since.map(jiff::Timestamp::as_second);
        report.cases.iter().map(of).collect::<Vec<_>>()
    };
    let pull = |node: &str, code: &str| case(&format!("pull[{node}]"), fail(code, ""));
    let monday = at(1, vec![case("rules", fail("denied", "")), pull("a", "denied"), case("dns", Ending::Pass)]);
    // The node has another name, and what it fails with is new for the check of rules.
    let mut tuesday = at(2, vec![case("rules", fail("dropped", "")), pull("b", "denied"), case("dns", fail("x", ""))]);
    mark_known(&mut tuesday, &monday);
    assert_eq!(since(&tuesday), [None, Some(1), None]);
    let mut wednesday = at(3, vec![case("rules", fail("dropped", "")), pull("c", "denied"), case("dns", warn("x"))]);
    mark_known(&mut wednesday, &tuesday);
    assert_eq!(since(&wednesday), [Some(2), Some(1), Some(2)]);
    let mut waiting = at(4, vec![case("rules", waived()), pull("c", "denied")]);
    mark_known(&mut waiting, &wednesday);
    assert_eq!(since(&waiting), [None, Some(1)]);
}

#[test]
fn what_was_not_asked_again_takes_a_line_for_each_way() {
    let before = ["a", "b", "c"].map(|check| case(check, Ending::Pass)).to_vec();
    let after = vec![case("a", blocked()), case("b", not_applicable())];
    let told = render(Format::Terminal, &compared(before.clone(), after), Options::default());
    for line in
        ["  pass → blocked by dns: a\n", "  pass → not-applicable (no such thing): b\n", "  pass → not in the run: c\n"]
    {
        assert!(told.contains(line), "{line}: {told}");
    }
    let told = render(Format::Markdown, &compared(before, vec![case("z", Ending::Pass)]), Options::default());
    assert!(
        told.contains("- pass → not in the run&#58; a, b, c") || told.contains("- pass → not in the run: a, b, c"),
        "{told}"
    );
}
