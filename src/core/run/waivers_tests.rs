use std::time::Duration;

use super::*;
use crate::config::Placed;
use crate::record::samples::{self, finding};
use crate::subject::{Kind, Subject};

/// A waiver of `oss-write/denied` until a day.
fn waiver(subject: Option<&str>, until: &str) -> Waiver {
    let placed = |text: &str| Placed { text: text.to_owned(), line: 1 };
    Waiver {
        check: placed("oss-write"),
        finding: placed("denied"),
        subject: subject.map(placed),
        reason: format!("known until {until}"),
        until: until.parse().unwrap(),
        ticket: None,
        line: 7,
    }
}

/// The waivers of a run that started at a time.
fn at(started: &str, waivers: Vec<Waiver>) -> Waivers {
    let config = Config { file: "site.toml".into(), waivers, ..Config::default() };
    Waivers::of(&config, started.parse().unwrap())
}

fn id(check: &str, bucket: Option<&str>) -> CaseId {
    CaseId { check: check.to_owned(), subject: bucket.map(|name| Subject::new(Kind::Bucket, name)) }
}

fn fails(waivers: &Waivers, subject: Option<&str>) -> Ending {
    waivers.apply(&id("oss-write", subject), Ending::Fail(Box::new(finding("denied"))))
}

#[test]
fn a_waiver_holds_to_the_end_of_its_day_in_utc_and_not_on_the_next() {
    let waivers = || vec![waiver(None, "2026-12-31")];
    for time in ["2026-01-01T00:00:00Z", "2026-12-31T23:59:59.999Z", "2027-01-01T00:30:00+01:00"] {
        let ending = fails(&at(time, waivers()), None);
        assert!(matches!(ending, Ending::Waived { .. }), "{time}: {ending:?}");
    }
    for time in ["2027-01-01T00:00:00Z", "2026-12-31T23:30:00-01:00", "2030-01-01T00:00:00Z"] {
        let Ending::Fail(finding) = fails(&at(time, waivers()), None) else { panic!("{time}: waived") };
        let ended = finding.ended_waiver.expect(time);
        assert_eq!(ended.to_string(), "until 2026-12-31: known until 2026-12-31");
    }
}

#[test]
fn only_the_finding_that_it_names_is_waived() {
    let waivers = at("2026-11-27T12:00:00Z", vec![waiver(None, "2026-12-31")]);
    let apply = |check: &str, ending: Ending| waivers.apply(&id(check, None), ending);
    for (check, ending) in [
        ("oss-write", Ending::Fail(Box::new(finding("wrong-region")))),
        ("oss-read", Ending::Fail(Box::new(finding("denied")))),
        ("oss-write", Ending::Pass),
        ("oss-write", Ending::Broken { why: "denied".to_owned() }),
        ("oss-write", Ending::TimedOut { after: Duration::ZERO }),
        ("oss-write", Ending::Blocked { by: vec!["dns".to_owned()] }),
    ] {
        assert_eq!(apply(check, ending.clone()), ending);
    }
    assert!(matches!(apply("oss-write", Ending::Warn(Box::new(finding("denied")))), Ending::Waived { .. }));
}

#[test]
fn subjects_are_globs_of_a_name_or_of_its_kind_and_name() {
    let covered = |pattern: &str, subject: Option<&str>| {
        let waivers = at("2026-11-27T12:00:00Z", vec![waiver(Some(pattern), "2026-12-31")]);
        matches!(fails(&waivers, subject), Ending::Waived { .. })
    };
    assert!(covered("scratch-*", Some("scratch-1")) && covered("bucket scratch-?", Some("scratch-1")));
    assert!(covered("*", Some("any")));
    assert!(!covered("scratch-*", Some("data")) && !covered("connection scratch-*", Some("scratch-1")));
    assert!(!covered("b*", Some("data")) && !covered("bucket*", Some("data")), "the kind is not part of the glob");
    assert!(!covered("*", None), "a glob is for a subject");
}

#[test]
fn of_several_the_longest_counts() {
    let waivers = vec![waiver(None, "2026-11-01"), waiver(Some("b*"), "2026-12-31"), waiver(None, "2026-11-30")];
    let waivers = at("2026-11-27T12:00:00Z", waivers);
    let until = |ending: Ending| match ending {
        Ending::Waived { waiver, .. } => waiver.until.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(until(fails(&waivers, Some("bucket-1"))), "2026-12-31");
    assert_eq!(until(fails(&waivers, Some("other"))), "2026-11-30");
}

fn case(check: &str, bucket: Option<&str>, ending: Ending) -> Case {
    Case { id: id(check, bucket), ..samples::case(check, ending) }
}

#[test]
fn a_waiver_without_use_is_told_where_its_check_was_judged() {
    let waivers = at("2026-11-27T12:00:00Z", vec![waiver(Some("b"), "2026-12-31")]);
    let unused = |cases: &[Case]| waivers.unused(cases);
    let of = |bucket: &str, ending: Ending| case("oss-write", Some(bucket), ending);
    assert_eq!(
        unused(&[of("b", Ending::Pass)]),
        ["site.toml:7: this waiver has no use: oss-write does not find `denied` any more"]
    );
    assert_eq!(
        unused(&[of("a", Ending::Pass)]),
        ["site.toml:7: this waiver has no use: oss-write has no case for `b`"]
    );
    assert_eq!(unused(&[of("b", Ending::Fail(Box::new(finding("wrong-region"))))]).len(), 1);
    // It was needed; or nobody knows.
    let broken = || Ending::Broken { why: String::new() };
    for cases in [
        vec![],
        vec![case("oss-read", Some("b"), Ending::Pass)],
        vec![of("b", fails(&waivers, Some("b")))],
        vec![of("b", broken()), of("a", Ending::Pass)],
        vec![of("a", broken())],
        vec![of("b", Ending::Skipped { reason: String::new() })],
    ] {
        assert_eq!(unused(&cases), [""; 0], "{cases:?}");
    }
    // One that has ended is needed no less.
    let ended = at("2027-11-27T12:00:00Z", vec![waiver(Some("b"), "2026-12-31")]);
    assert_eq!(ended.unused(&[of("b", fails(&ended, Some("b")))]), [""; 0]);
}
