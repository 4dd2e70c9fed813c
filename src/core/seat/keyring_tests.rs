use super::*;

/// What `TestURLsMatch`, `TestDockerKeyringForGlob` and `TestKeyringMiss` of Kubernetes 1.33.4 expect, and what follows
/// from the same rules.
#[test]
fn takes_the_entries_that_the_kubelet_takes() {
    for (location, image, expected) in [
        ("hello.kubernetes.io", "hello.kubernetes.io/foo/bar", true),
        ("*.docker.io", "prefix.docker.io/foo/bar", true),
        ("prefix.*.io", "prefix.docker.io/foo/bar", true),
        ("prefix.docker.*", "prefix.docker.io/foo/bar", true),
        ("*.docker.io/path", "prefix.docker.io/path/foo/bar", true),
        ("prefix.docker.io:8888", "prefix.docker.io:8888/path/foo", true),
        ("*.docker.io:1111", "prefix.docker.io:1111/path/foo", true),
        ("https://*.docker.io", "prefix.docker.io/foo", true),
        ("http://prefix.*.io/v1/path", "prefix.docker.io/path/foo", true),
        ("https://r.example/v1/", "r.example/ns/name:1", true),
        ("https://r.example/v2/", "r.example/ns/name:1", true),
        ("https://r.example/v1", "r.example/ns/name:1", false),
        ("r.example/", "r.example/ns/name:1", true),
        ("r.example/ns", "r.example/ns2/name:1", true),
        ("r.example/other", "r.example/ns/name:1", false),
        ("*.docker.io", "docker.io/foo/bar", false),
        ("*.docker.io", "prefix.other.io/foo", false),
        ("*", "r.example/ns/name", false),
        ("*.example", "a.b.example/ns/name", false),
        ("r.example:443", "r.example/ns/name:1", false),
        ("r.example", "r.example:443/ns/name:1", false),
        ("r.example:port", "r.example/ns/name:1", false),
        ("R.example", "r.example/ns/name:1", false),
        ("r[0-9].example", "r7.example/ns/name:1", true),
        ("r[^0-9].example", "r7.example/ns/name:1", false),
        ("r[.example", "r[.example/ns/name:1", false),
        // What follows a question mark is no part of a host.
        ("r?.example", "r7.example/ns/name@sha256:00", false),
        ("lab-*-vpc.cr.aliyuncs.com", "lab-registry-vpc.cr.aliyuncs.com/ns/name", true),
        ("https://index.docker.io/v1/", "busybox:1", true),
        ("https://index.docker.io/v1/", "team/name", true),
        ("https://index.docker.io/v1/", "r.example/team/name", false),
        ("docker.io", "busybox", true),
        ("", "r.example/ns/name", false),
    ] {
        assert_eq!(fits(location, image), expected, "{location:?} for {image}");
    }
}

#[test]
fn a_pattern_with_many_stars_ends() {
    let pattern: Vec<char> = "*a".repeat(200).chars().collect();
    assert_eq!(glob(&pattern, &"a".repeat(199).chars().collect::<Vec<_>>()), Some(false));
    assert_eq!(glob(&pattern, &"a".repeat(200).chars().collect::<Vec<_>>()), Some(true));
}

fn state(kind: &str, key: &str, text: &str) -> SecretState {
    read(kind, |asked| (asked == key).then_some(text.as_bytes()), &Scrubber::default())
}

#[test]
fn reads_what_the_kubelet_reads() {
    let json = |text: &str| state("kubernetes.io/dockerconfigjson", ".dockerconfigjson", text);
    let logins = |state: SecretState| match state {
        SecretState::Logins(logins) => logins
            .iter()
            .map(|login| format!("{} {} {}", login.location, login.username, login.is_complete()))
            .collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    // user:pass, padded and not; the auth counts, and not what stands beside it.
    assert_eq!(logins(json(r#"{"auths":{"r":{"auth":"dXNlcjpwYXNz"}}}"#)), ["r user true"]);
    assert_eq!(logins(json(r#"{"auths":{"r":{"auth":"dXNlcjpwYXNzdw=="}}}"#)), ["r user true"]);
    assert_eq!(logins(json(r#"{"Auths":{"r":{"auth":"dXNlcjpwYXNz","username":"other"}}}"#)), ["r user true"]);
    assert_eq!(logins(json(r#"{"auths":{"r":{"username":"u","password":"p"}}}"#)), ["r u true"]);
    assert_eq!(logins(json(r#"{"auths":{"r":{"identitytoken":"t"}}}"#)), ["r  false"]);
    assert_eq!(logins(json(r#"{"credsStore":"desktop"}"#)), Vec::<String>::new());
    let old = state("kubernetes.io/dockercfg", ".dockercfg", r#"{"r":{"auth":"dXNlcjpwYXNz"}}"#);
    assert_eq!(logins(old), ["r user true"]);
    for (text, entry) in [
        (r#"{"auths":{"r":{"auth":"dXNlcjpwYXN6*"}}}"#, Some("r")),
        (r#"{"auths":{"r":{"auth":"dXNlcg=="}}}"#, Some("r")),
        (r#"{"auths":{"r":{"auth":"user:pass"}}}"#, Some("r")),
        (r#"{"auths":{"r":"user:pass"}}"#, Some("r")),
        (r#"{"auths":{"r":{"password":7}}}"#, Some("r")),
        (r#"{"auths":["r"]}"#, None),
        ("auths:", None),
    ] {
        let SecretState::Malformed { location, why } = json(text) else { panic!("{text}") };
        assert_eq!(location.as_deref(), entry, "{text}: {why}");
        assert!(!why.contains("dXNl") && !why.contains("user:pass"), "{why}");
    }
    assert!(matches!(state("Opaque", ".dockerconfigjson", "{}"), SecretState::PassedOver { .. }));
    let other_key = state("kubernetes.io/dockerconfigjson", "config.json", "{}");
    assert!(matches!(other_key, SecretState::PassedOver { .. }));
}
