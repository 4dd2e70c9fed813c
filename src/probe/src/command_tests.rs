//! Words and what they want.

use super::*;

fn parsed(line: &str) -> Result<Wanted, String> {
    let words: Vec<String> = line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    parse(&words)
}

#[test]
fn every_verb_is_a_question() {
    let wants = |line: &str, json: &str| {
        let question: AnyQuestion = serde_json::from_str(json).expect("a question");
        assert_eq!(parsed(line), Ok(Wanted::Answer(question)), "{line}");
    };
    wants("resolve dss.example", r#"{"verb":"resolve","name":"dss.example"}"#);
    wants("dial dss.example 80 443", r#"{"verb":"dial","host":"dss.example","ports":[80,443],"timeout_ms":3000}"#);
    wants(
        "sweep 10.0.0.20 1-65535 --timeout-ms=40 --concurrency 8 --rate 900",
        r#"{"verb":"sweep","address":"10.0.0.20","first":1,"last":65535,"timeout_ms":40,"concurrency":8,"rate":900}"#,
    );
    wants(
        "sweep 10.0.0.20 22",
        r#"{"verb":"sweep","address":"10.0.0.20","first":22,"last":22,"timeout_ms":250,"concurrency":8192}"#,
    );
    wants(
        "http GET https://a/?b=c --header a:1 --trust-any --header B:2",
        r#"{"verb":"http","method":"GET","url":"https://a/?b=c","headers":[["a","1"],["B","2"]],"body":"","trust_any":true,
            "ca_pem":null,"timeout_ms":15000}"#,
    );
    wants(
        "oss https://a/1 https://a/2 https://a/3 --body x",
        r#"{"verb":"oss","put":"https://a/1","get":"https://a/2","delete":"https://a/3","body":"x","trust_any":false,
            "ca_pem":null,"timeout_ms":15000}"#,
    );
    let json = r#"{"verb":"resolve","name":"dss.example"}"#;
    wants(&format!("ask {json}"), json);
    assert_eq!(parsed("ask"), Ok(Wanted::AnswerToInput));
    assert_eq!(parsed("hold"), Ok(Wanted::Hold));
    assert!(matches!(parsed("ask {}"), Ok(Wanted::NotAQuestion(_))));
}

#[test]
fn what_is_wrong_is_said() {
    for (line, expected) in [
        ("", "no command; expected one of resolve, dial"),
        ("look", "look is not a command; expected one of resolve, dial"),
        ("resolve", "wrong arguments for resolve"),
        ("dial host", "wrong arguments for dial"),
        ("hold on", "wrong arguments for hold"),
        ("dial host 0", "0 is not a port"),
        ("sweep host 1-2", "host is not an IP address"),
        ("sweep 10.0.0.1 1-70000", "1-70000 is not a port or a range of ports"),
        ("sweep 10.0.0.1 9-8", "9-8 is not a port or a range of ports"),
        ("sweep 10.0.0.1 1-2 --timeout-ms soon", "--timeout-ms soon: not a number"),
        ("sweep 10.0.0.1 1-2 --concurrency 70000", "--concurrency 70000: too large"),
        ("http GET", "wrong arguments for http"),
        ("http GET http://a/ --header none", "expected NAME: VALUE"),
        ("http GET http://a/ --ca /nowhere/ca.pem", "--ca /nowhere/ca.pem: "),
        ("http GET http://a/ --ca /dev/zero", "--ca /dev/zero: not a file"),
        ("http GET http://a/ --body", "--body needs a value"),
        ("http GET http://a/ --body a --body b", "--body is given twice"),
        ("resolve a --trust-any", "--trust-any is not an option of resolve"),
        ("resolve a --quiet", "unknown option --quiet"),
    ] {
        let said = parsed(line).expect_err(line);
        assert!(said.contains(expected), "{line}: {said}");
    }
}

#[test]
fn the_help_names_every_verb_and_the_program() {
    assert_eq!(parsed("dial --help"), Ok(Wanted::Help));
    let help = help("ackcheck probe");
    for verb in ["resolve", "dial", "sweep", "http", "oss", ASK, HOLD] {
        assert!(help.contains(&format!("ackcheck probe {verb} ")), "{verb} is not in:\n{help}");
    }
    assert!(!help.contains("PROGRAM"));
}

#[test]
fn a_file_of_certificates_is_read_whole_or_refused() {
    let folder = std::env::temp_dir().join(format!("ackcheck-probe-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("ca.pem");
    let read = |bytes: u64| {
        std::fs::write(&file, "x".repeat(usize::try_from(bytes).expect("a length"))).expect("a file");
        read_ca(&file.display().to_string())
    };
    assert_eq!(read(LONGEST_CA).map(|pem| pem.len() as u64), Ok(LONGEST_CA));
    let refused = read(LONGEST_CA + 1).expect_err("too large");
    assert!(refused.contains("larger than 1048576 bytes"), "{refused}");
    std::fs::remove_dir_all(&folder).expect("removed");
}
