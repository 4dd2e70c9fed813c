//! Words and what they want.

use super::*;

fn parsed(line: &str) -> Result<Wanted, String> {
    let words: Vec<String> = line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    parse(&words)
}

#[test]
fn every_verb_is_an_ask() {
    let wants = |line: &str, json: &str| {
        let ask: Ask = serde_json::from_str(json).expect("an ask");
        assert_eq!(parsed(line), Ok(Wanted::Answer(ask)), "{line}");
    };
    wants("resolve dss.example", r#"{"verb":"resolve","name":"dss.example"}"#);
    wants("dial dss.example 80 443", r#"{"verb":"dial","host":"dss.example","ports":[80,443],"timeout_ms":3000}"#);
    wants(
        "sweep 10.0.0.20 1-65535 --timeout-ms=40 --concurrency 8",
        r#"{"verb":"sweep","address":"10.0.0.20","first":1,"last":65535,"timeout_ms":40,"concurrency":8}"#,
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
    assert!(matches!(parsed("ask {}"), Ok(Wanted::NoAsk(_))));
}

#[test]
fn what_is_wrong_is_said() {
    for (line, expected) in [
        ("", "say what to do"),
        ("look", "look is none of"),
        ("resolve", "resolve takes other words"),
        ("dial host", "dial takes other words"),
        ("dial host 0", "0 is no port"),
        ("sweep host 1-2", "host is no IP address"),
        ("sweep 10.0.0.1 1-70000", "70000 is no port"),
        ("sweep 10.0.0.1 1-2 --timeout-ms soon", "--timeout-ms soon: is no such number"),
        ("http GET", "http takes other words"),
        ("http GET http://a/ --header none", "write NAME: VALUE"),
        ("http GET http://a/ --ca /nowhere/ca.pem", "--ca /nowhere/ca.pem: "),
        ("http GET http://a/ --body", "--body needs a value"),
        ("http GET http://a/ --body a --body b", "takes no further --body"),
        ("resolve a --trust-any", "takes no further --trust-any"),
        ("resolve a --quiet", "there is no option --quiet"),
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
