//! Two runs compared, from outside.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use ackcheck_core::compare::{Comparison, Format, render};
use ackcheck_core::report::{Options, read};

use crate::reports::schema::{agree, properties};
use crate::reports::words::structure;
use crate::support::program::{Ended, ackcheck, run_in};

/// Runs the lab with these faults and saves the run.
fn save(folder: &Path, name: &str, faults: &[&str]) -> Ended {
    let to = format!("json={name}");
    let mut arguments = vec!["run", "--lab", "--only", "dss-version", "--only", "oss-read", "--quiet", "--report", &to];
    faults.iter().for_each(|fault| arguments.extend(["--fault", fault]));
    run_in(folder, &arguments)
}

fn compare(folder: &Path, before: &str, after: &str, further: &[&str]) -> Ended {
    run_in(folder, &[&["compare", before, after], further].concat())
}

fn fixture(name: &str) -> String {
    format!("{}/fixtures/runs/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn what_broke_what_was_mended_and_what_is_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(save(folder, "healthy.json", &[]).code, Some(0));
    assert_eq!(save(folder, "broken.json", &["oss-write/denied", "dss-version/too-old"]).code, Some(1));
    assert_eq!(save(folder, "again.json", &["oss-write/denied", "dss-version/too-old"]).code, Some(1));

    let worse = compare(folder, "healthy.json", "broken.json", &["--report", "json=c.json", "--report", "terminal"]);
    assert_eq!(worse.code, Some(1), "{}{}", worse.stdout, worse.stderr);
    for told in [
        "DSS: 14.2.0 → 8.0.3",
        "New failures",
        "dss-version: pass → fail (too-old)",
        "oss-write[bucket lab-dss-data]: pass → fail (denied)",
        "pass → blocked by oss-write: oss-read[bucket lab-dss-data]",
        "exit 1: something fails that did not",
    ] {
        assert!(worse.stdout.contains(told), "{told}: {}", worse.stdout);
    }
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("c.json")).unwrap()).unwrap();
    assert_eq!((&json["exit_code"], &json["summary"]["new-failure"]), (&1.into(), &2.into()), "{json}");

    let better = compare(folder, "broken.json", "healthy.json", &["--report", "markdown"]);
    assert_eq!(better.code, Some(0), "{}", better.stdout);
    assert!(better.stdout.contains("### Mended") && better.stdout.contains("**dss-version**: fail (too-old) → pass"));
    let same = compare(folder, "broken.json", "again.json", &[]);
    assert_eq!(same.code, Some(0), "{}", same.stdout);
    assert!(
        same.stdout.contains("Still failing") && same.stdout.contains("exit 0: nothing changed"),
        "{}",
        same.stdout
    );
}

#[test]
fn one_of_the_two_can_come_from_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = ackcheck(folder.path());
    child.args(["compare", "-", &fixture("healthy")]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = child.spawn().unwrap();
    let run = std::fs::read(fixture("healthy")).unwrap();
    child.stdin.take().unwrap().write_all(&run).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("nothing changed"));
}

#[test]
fn what_is_no_saved_run_is_refused_by_name_and_place() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let healthy = std::fs::read_to_string(fixture("healthy")).unwrap();
    put("healthy.json", &healthy);
    put("empty.json", "");
    put("half.json", &healthy[..healthy.len() / 2]);
    put("new.json", "{\"schema\": 99}");
    put("moon.json", &healthy.replacen("\"storage\"", "\"moon\"", 1));
    put("deep.json", &"[".repeat(100_000));

    let half = "half.json: it is not a report of ackcheck: EOF while parsing";

    for (before, after, why) in [
        (
            "empty.json",
            "healthy.json",
            "empty.json: it is not a report of ackcheck: EOF while parsing a value at line 1",
        ),
        ("healthy.json", "half.json", half),
        ("new.json", "healthy.json", "new.json: it is of schema 99"),
        ("healthy.json", "moon.json", "moon.json: it is not a report of ackcheck: case "),
        ("healthy.json", "moon.json", "`moon` is not an area"),
        ("deep.json", "healthy.json", "deep.json: it is not a report of ackcheck: "),
        ("missing.json", "healthy.json", "missing.json: it is not there"),
        ("/dev/zero", "healthy.json", "/dev/zero: it is a device"),
        ("-", "/dev/stdin", "both runs cannot come from standard input"),
    ] {
        let ended = compare(folder.path(), before, after, &[]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{before} {after}: {}", ended.stderr);
        assert!(ended.stderr.contains(why), "{before} {after}: {}", ended.stderr);
    }
    let ended = compare(folder.path(), "healthy.json", "healthy.json", &["--report", "junit"]);
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.contains("the formats are terminal, markdown and json"), "{}", ended.stderr);
}

#[test]
fn hostile_text_makes_no_element_of_markdown() {
    let run = |name: &str| read(&std::fs::read_to_string(fixture(name)).unwrap()).unwrap();
    let markdown = render(Format::Markdown, &Comparison::of(&run("healthy"), &run("hostile")), Options::default());
    assert!(markdown.contains("New failures"), "{markdown}");
    let headings = markdown.lines().filter(|line| line.starts_with('#')).count();
    assert_eq!(structure(&markdown), (headings, 0), "{markdown}");
}

#[test]
fn a_run_with_a_baseline_says_what_is_new_and_since_when_the_rest_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let started = |name: &str| read(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap().started;
    assert_eq!(save(folder, "first.json", &["dss-version/too-old"]).code, Some(1));
    let next = |before: &str, after: &str, further: &[&str]| {
        let (baseline, to) = (format!("--baseline={before}"), format!("json={after}"));
        let run =
            ["run", "--lab", "--only", "dss-version", "--fault", "dss-version/too-old", &baseline, "--report", &to];
        run_in(folder, &[&run[..], further].concat())
    };
    let second = next("first.json", "second.json", &["--report", "junit=second.xml"]);
    assert_eq!(second.code, Some(1), "the exit code is that of the run: {}{}", second.stdout, second.stderr);
    let since = format!("{:.0}", started("first.json"));
    assert!(second.stdout.contains(&format!("Known    since the run of {since}")), "{}", second.stdout);
    assert!(second.stdout.ends_with("exit 0: nothing got worse\n"), "{}", second.stdout);
    assert!(second.stdout.contains("Still failing\n  dss-version: fail (too-old)"), "{}", second.stdout);
    let junit = std::fs::read_to_string(folder.join("second.xml")).unwrap();
    assert!(junit.contains(&format!("known since {since}")), "{junit}");
    // By way of the second the third still knows of the first, and is compared where standard output is free.
    let third = next("second.json", "third.json", &["--report", "junit"]);
    assert!(third.stdout.contains(&format!("known since {since}")), "{}", third.stdout);
    assert!(third.stderr.contains("Still failing") && !third.stdout.contains("Still failing"), "{}", third.stderr);
    let quiet = next("second.json", "third.json", &["--quiet"]);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));

    std::fs::write(folder.join("half.json"), "{\"schema\": 2").unwrap();
    let mistaken = next("half.json", "x.json", &[]);
    assert_eq!((mistaken.code, mistaken.stdout.as_str()), (Some(3), ""), "{}", mistaken.stderr);
    assert!(mistaken.stderr.contains("half.json: it is not a report of ackcheck") && !mistaken.stderr.contains("FAIL"));
}

/// The published schema and the program agree on every name.
#[test]
fn the_schema_names_what_is_written() {
    let file = format!("{}/fixtures/comparison.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let run = |name: &str| read(&std::fs::read_to_string(fixture(name)).unwrap()).unwrap();
    let (healthy, failures) = (run("healthy"), run("failures"));
    // A node that went, and one that fails otherwise.
    let mut renamed = failures.clone();
    let json = serde_json::to_string(&ackcheck_core::report::json::v2::Run::from(&renamed)).unwrap();
    let json = json
        .replace("cn-hangzhou.10.0.1.1", "cn-hangzhou.10.9.9.1")
        .replace("\"outcome\":\"pass\"", "\"outcome\":\"blocked\",\"blocked_by\":[\"x\"]");
    renamed.cases = read(&json).unwrap().cases;
    let mut met = BTreeSet::new();
    for (before, after) in [(&healthy, &failures), (&failures, &healthy), (&failures, &renamed)] {
        let comparison = Comparison::of(before, after);
        let json = render(Format::Json, &comparison, Options::default());
        agree(&schema, &schema, &serde_json::from_str(&json).unwrap(), "comparison", &mut met);
    }
    let mut described = BTreeSet::new();
    properties(&schema, &mut described);
    assert_eq!(met, described);
}
