//! Files as docker/cli reads them; each expectation is that of `ConfigFile.GetAuthConfig`.

use super::*;

const HOST: &str = "r.example";

fn encoded(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

fn lookup(text: &str, registry: &str) -> String {
    let (settings, _) = Settings::parse(text, &Scrubber::default());
    match settings.look_up(registry) {
        Lookup::File(Stored::Nothing) => "nothing".to_owned(),
        Lookup::File(Stored::Password(user, password)) => format!("{user} {}", password.expose()),
        Lookup::File(Stored::Token) => "a token".to_owned(),
        Lookup::Helper(name) => format!("helper {name}"),
        Lookup::Default => "default".to_owned(),
    }
}

fn with_key(key: &str) -> String {
    format!(r#"{{"auths": {{"{key}": {{"auth": "{}"}}}}}}"#, encoded("dss:CANARY:1"))
}

#[test]
fn a_login_is_found_under_its_host_however_it_was_written() {
    for key in [
        "r.example",
        "https://r.example",
        "https://r.example/",
        "https://r.example/v1/",
        "http://r.example/v2/",
        "r.example/v1/",
    ] {
        assert_eq!(lookup(&with_key(key), HOST), "dss CANARY:1", "{key}");
    }
    // A port belongs to the host, also the one that is meant without it.
    for key in ["r.example:443", "https://r.example:443/v1/", "other.example", "x.r.example", ""] {
        assert_eq!(lookup(&with_key(key), HOST), "nothing", "{key}");
    }
    assert_eq!(lookup(&with_key("r.example:5000"), "r.example:5000"), "dss CANARY:1");
    assert_eq!(lookup(&with_key("https://index.docker.io/v1/"), "docker.io"), "dss CANARY:1");
    assert_eq!(lookup(&with_key("docker.io"), "docker.io"), "nothing");
}

#[test]
fn the_key_that_is_the_same_goes_before_one_that_becomes_it() {
    let text = format!(
        r#"{{"auths": {{"https://r.example/v1/": {{"auth": "{}"}}, "r.example": {{"auth": "{}"}}}}}}"#,
        encoded("old:one"),
        encoded("new:other")
    );
    assert_eq!(lookup(&text, HOST), "new other");
}

#[test]
fn helpers_go_before_the_store_and_both_before_the_file() {
    let auth = encoded("dss:secret");
    let all = format!(
        r#"{{"auths": {{"r.example": {{"auth": "{auth}"}}}}, "credsStore": "pass", "credHelpers": {{"r.example": "acr"}}}}"#
    );
    assert_eq!(lookup(&all, HOST), "helper acr");
    assert_eq!(lookup(&all, "other.example"), "helper pass");
    // What `docker login` leaves in the file where a store has the login, and a helper's empty name.
    assert_eq!(lookup(r#"{"auths": {"r.example": {}}, "credsStore": "pass"}"#, HOST), "helper pass");
    let none = format!(r#"{{"auths": {{"r.example": {{"auth": "{auth}"}}}}, "credHelpers": {{"r.example": ""}}}}"#);
    assert_eq!(lookup(&none, HOST), "dss secret");
    assert_eq!(lookup(r#"{"AUTHS": {}, "CredsStore": "pass"}"#, HOST), "helper pass");
    for nothing in ["", " \n", "{}", r#"{"auths": {}}"#, r#"{"psFormat": "table"}"#] {
        assert_eq!(lookup(nothing, HOST), "default", "{nothing}");
    }
    assert_eq!(lookup(r#"{"credHelpers": {"other.example": "acr"}}"#, HOST), "nothing");
}

#[test]
fn entries_hold_tokens_passwords_or_nothing() {
    for token in ["identitytoken", "registrytoken"] {
        let text = format!(r#"{{"auths": {{"r.example": {{"auth": "{}", "{token}": "CANARY"}}}}}}"#, encoded("a:b"));
        assert_eq!(lookup(&text, HOST), "a token");
    }
    assert_eq!(lookup(r#"{"auths": {"r.example": {"username": "dss", "password": "p"}}}"#, HOST), "dss p");
    for nothing in [r#"{"auths": {"r.example": {}}}"#, r#"{"auths": {"r.example": null}}"#] {
        assert_eq!(lookup(nothing, HOST), "nothing");
    }
    // The first value of the file counts.
    assert_eq!(lookup(&format!("{} trailing", with_key(HOST)), HOST), "dss CANARY:1");
}

#[test]
fn what_the_client_stops_at_is_said_without_its_secret() {
    for (text, why) in [
        ("{bad", "it is not JSON"),
        (r#"{"auths": []}"#, "`auths` are not a JSON object"),
        ("[]", "not a JSON object"),
        (r#"{"auths": {"r.example": 5}}"#, "is not a JSON object"),
        (r#"{"auths": {"r.example": {"auth": "CANARY!"}}}"#, "is not base64"),
        // "nocolon"
        (r#"{"auths": {"r.example": {"auth": "bm9jb2xvbg=="}}}"#, "user:password"),
        // Without its padding Go does not take it.
        (r#"{"auths": {"r.example": {"auth": "YTpi0"}}}"#, "is not base64"),
    ] {
        let said = Settings::parse(text, &Scrubber::default()).1.unwrap();
        assert!(said.contains(why) && !said.contains("CANARY"), "{text}: {said}");
    }
}

#[test]
fn every_secret_of_the_file_is_known_from_then_on() {
    let scrubber = Scrubber::default();
    let text = format!(
        r#"{{"auths": {{"r.example": {{"auth": "{}", "username": "dssuser", "identitytoken": "CANARY-identity"}}}},
            "HttpHeaders": {{"X-Meta": "CANARY-header"}}}}"#,
        encoded("dssuser:CANARY-password")
    );
    let _ = Settings::parse(&text, &scrubber);
    let told = format!("dssuser CANARY-identity CANARY-header {} CANARY-password", encoded("dssuser:CANARY-password"));
    let told = scrubber.scrub(&told);
    assert!(told.starts_with("dssuser ") && !told.contains("CANARY"), "{told}");
    assert!(!told.contains(&encoded("dssuser:CANARY-password")), "{told}");
}

proptest::proptest! {
    #[test]
    fn no_file_makes_it_panic(text in ".{0,200}") {
        let _ = Settings::parse(&text, &Scrubber::default());
    }
}
