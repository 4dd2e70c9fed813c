//! Rows seen with kubectl 1.33; `ci/oracles` asks it again.

use secrecy::ExposeSecret as _;

use super::*;

fn written(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

const GOOD: &str = "apiVersion: v1\nkind: Config\ncurrent-context: one\n\
    clusters: [{name: c, cluster: {server: 'https://10.0.0.251:6443'}}]\n\
    users: [{name: u, user: {token: CANARY-token-1}}]\n\
    contexts: [{name: one, context: {cluster: c, user: u}}, {name: two, context: {cluster: gone, user: u}}]\n";

#[test]
fn tells_what_is_wrong_with_a_file() {
    let file = written(GOOD);
    let chosen = read(file.path(), None, &Scrubber::default()).unwrap();
    assert_eq!((chosen.context.as_str(), chosen.server.as_str()), ("one", "https://10.0.0.251:6443"));
    let missing = read(file.path(), Some("three"), &Scrubber::default()).unwrap_err();
    assert_eq!(missing, Unusable::Context { wanted: "three".into(), have: vec!["one".into(), "two".into()] });
    let words = |result: Result<Chosen, Unusable>| match result {
        Err(Unusable::Other(why)) => why,
        other => panic!("{other:?}"),
    };
    assert!(words(read(file.path(), Some("two"), &Scrubber::default())).contains("names the cluster gone"));
    assert!(words(read(Path::new("/nonexistent/kubeconfig"), None, &Scrubber::default())).contains("it is not there"));
    assert!(words(read(Path::new("/dev/zero"), None, &Scrubber::default())).contains("it is a device, not a file"));
    assert!(words(read(written("a: [1, 2\n").path(), None, &Scrubber::default())).contains("YAML"));
    assert!(words(read(written("just words\n").path(), None, &Scrubber::default())).contains("kubeconfig"));
    // What stands around a mistake may be a secret.
    let torn = GOOD.replace("users:", "users: [\n  token: CANARY-torn\nusers:");
    let said = words(read(written(&torn).path(), None, &Scrubber::default()));
    assert!(said.contains("line ") && !said.contains("CANARY"), "{said}");
    let typed = words(read(written("users: CANARY-typed-token\n").path(), None, &Scrubber::default()));
    assert!(typed.contains("users: it is not a list") && !typed.contains("CANARY"), "{typed}");
    assert!(words(read(written("{}\n").path(), None, &Scrubber::default())).contains("not a kubeconfig"));
}

#[test]
fn the_files_that_a_kubeconfig_names_are_read_within_bounds_from_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    let kubeconfig = |cluster: &str, user: &str| {
        let text = GOOD.replace("6443'", &format!("6443', {cluster}")).replace("token: CANARY-token-1", user);
        std::fs::write(&path, text).unwrap();
        read(&path, None, &Scrubber::default())
    };
    std::fs::write(folder.path().join("token"), "CANARY-token-2\n").unwrap();
    std::fs::write(folder.path().join("ca.pem"), "authority").unwrap();
    let chosen = kubeconfig("certificate-authority: ca.pem", "tokenFile: token").unwrap();
    assert_eq!(chosen.user.token.unwrap().expose_secret(), "CANARY-token-2");
    let authority = chosen.cluster;
    assert_eq!(authority.certificate_authority_data, Some(base64_of(b"authority")));
    assert_eq!(authority.certificate_authority, None);
    nix::unistd::mkfifo(&folder.path().join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    for (cluster, user, wrong) in [
        ("certificate-authority: /dev/zero", "token: t", "cluster c: /dev/zero: it is a device, not a file"),
        ("certificate-authority: pipe", "token: t", "it is a named pipe, not a file"),
        ("", "tokenFile: none", "user u: "),
        ("", "client-certificate: /dev/zero, client-key-data: QUJD", "user u: /dev/zero: it is a device, not a file"),
        ("", "client-key: pipe, client-certificate-data: QUJD", "it is a named pipe, not a file"),
    ] {
        match kubeconfig(cluster, user) {
            Err(Unusable::Other(why)) => assert!(why.contains(wrong), "{why}"),
            other => panic!("{cluster}{user}: {other:?}"),
        }
    }
}

/// A kubeconfig of one context: what is added to its cluster and to its user, in YAML's flow style.
fn of(cluster: &str, user: &str) -> Result<Chosen, Unusable> {
    let text = format!(
        "current-context: c\nclusters: [{{name: c, cluster: {{{cluster}}}}}]\nusers: [{{name: u, user: {{{user}}}}}]\n\
         contexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n"
    );
    read(written(&text).path(), None, &Scrubber::default())
}

const SERVER: &str = "server: 'https://10.0.0.251:6443'";

#[test]
fn what_kubectl_takes_is_taken() {
    let token = |cluster: &str, user: &str| of(cluster, user).unwrap().user.token.map(|t| t.expose_secret().to_owned());
    // The last of two equal keys counts, and an unknown key does not.
    assert_eq!(token(SERVER, "token: first, token: last, Token: x, colour: blue").as_deref(), Some("last"));
    assert_eq!(token(SERVER, "token: kept, tokenFile: /nonexistent/token").as_deref(), Some("kept"));
    // Without a user, or with one that is not there, kubectl signs in as nobody.
    let gateway = GOOD.replace("user: u}", "user: gone}").replace("cluster: c, user: u", "cluster: c");
    assert!(read(written(&gateway).path(), None, &Scrubber::default()).unwrap().user.token.is_none());
    // Base64 in a block of lines.
    let wrapped = of(&format!("{SERVER}, certificate-authority-data: \"QUJD\\r\\nREVG\\n\""), "").unwrap();
    assert_eq!(wrapped.cluster.certificate_authority_data, Some(base64_of(b"ABCDEF")));
    // A second document is not read.
    let two = format!("{GOOD}---\n{{a: b}}\n");
    assert_eq!(read(written(&two).path(), None, &Scrubber::default()).unwrap().context, "one");
    let certified = of("server: '10.0.0.251:6443', certificate-authority-data: QUJD", "").unwrap();
    assert_eq!((certified.server.as_str(), certified.assumed_http), ("http://10.0.0.251:6443", true));
    let proxied = of(&format!("{SERVER}, proxy-url: 'socks5://10.0.0.9:1080'"), "").unwrap();
    assert_eq!(proxied.proxy.as_deref(), Some("socks5://10.0.0.9:1080"));
    assert!(of(SERVER, "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: true-name}").is_ok());
}

#[test]
fn what_kubectl_refuses_is_refused() {
    let exec = "exec: {command: plugin, apiVersion: client.authentication.k8s.io";
    let rows: [(&str, &str, &str); 21] = [
        ("certificate-authority-data: QUJD, insecure-skip-tls-verify: true", "", "insecure-skip-tls-verify"),
        ("certificate-authority-data: QUJD, insecure-skip-tls-verify: yes", "", "insecure-skip-tls-verify"),
        ("certificate-authority-data: QUJD, certificate-authority: ca.pem", "", "both given"),
        ("certificate-authority-data: 'QUJ D'", "", "clusters[0] (c), certificate-authority-data: not base64"),
        ("proxy-url: 'proxy:3128'", "", "proxy-url must begin"),
        ("proxy-url: 'ftp://proxy:3128'", "", "proxy-url must begin"),
        ("", "token: t, username: name, password: p", "user u: a token and a user name"),
        ("", "client-certificate-data: QUJD", "without client-key"),
        ("", "client-certificate-data: QUJD, client-certificate: f, client-key: f", "file and data"),
        ("", "token: CANARY-t, as-groups: [g]", "without a user"),
        ("", "token: 4711", "users[0] (u), token: it has a value of another type"),
        (
            "insecure-skip-tls-verify: 'true'",
            "",
            "clusters[0] (c), insecure-skip-tls-verify: it has a value of another",
        ),
        ("", "auth-provider: {name: gcp}", "removed from kubectl in 1.26"),
        ("", "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}", "no command"),
        ("", "exec: {command: p}", "no apiVersion"),
        ("", &format!("{exec}/v1alpha1}}"), "refuses since 1.24"),
        ("", &format!("{exec}/v2}}"), "does not know"),
        ("", &format!("{exec}/v1}}"), "no interactiveMode"),
        ("", &format!("{exec}/v1, interactiveMode: Always}}"), "without a terminal"),
        ("", &format!("{exec}/v1, interactiveMode: Sometimes}}"), "users[0] (u), exec: it has a value of another"),
        ("", &format!("{exec}/v1beta1, env: [{{value: x}}]}}"), "without a name"),
    ];
    for (cluster, user, why) in rows {
        match of(&format!("{SERVER}, {cluster}"), user) {
            Err(Unusable::Other(said)) => assert!(said.contains(why) && !said.contains("CANARY"), "{said}"),
            other => panic!("{cluster} {user}: {other:?}"),
        }
    }
    let double = GOOD.replace("users: [", "users: [{name: u, user: {}}, ");
    for (text, why) in [
        (double.as_str(), "two entries have the name u"),
        (&format!("kind: Pod\n{}", GOOD.replace("kind: Config\n", "")), "its kind is not Config"),
        ("", "names no cluster and no context"),
    ] {
        let said = read(written(text).path(), None, &Scrubber::default()).unwrap_err();
        assert!(matches!(&said, Unusable::Other(said) if said.contains(why)), "{said:?}");
    }
}

/// Three files, the second of which is not there; and what a list of them leads to, with more paths in front.
fn merged(first: &str, third: &str, more: &str) -> Result<Chosen, Unusable> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::create_dir(folder.path().join("below")).unwrap();
    std::fs::write(folder.path().join("below/token"), "CANARY-token-of-the-third").unwrap();
    std::fs::write(folder.path().join("first"), first).unwrap();
    std::fs::write(folder.path().join("below/third"), third).unwrap();
    let list = format!("{more}{}:{}::{}", path("first"), path("second"), path("below/third"));
    read(Path::new(&list), None, &Scrubber::default())
}

#[test]
fn files_are_merged_as_kubeconfig_lists_them() {
    let third = GOOD
        .replace("CANARY-token-1", "CANARY-token-3")
        .replace("name: u, user: {", "name: v, user: {tokenFile: token}}, {name: u, user: {")
        .replace("current-context: one", "current-context: three")
        .replace("10.0.0.251", "10.0.0.3")
        .replace("contexts: [", "contexts: [{name: three, context: {cluster: c, user: v}}, ");
    let told = |chosen: &Chosen| {
        let token = chosen.user.token.as_ref().map(|token| token.expose_secret().to_owned());
        (chosen.context.clone(), chosen.server.clone(), token.unwrap_or_default())
    };
    let (ours, theirs) = ("https://10.0.0.251:6443".to_owned(), "https://10.0.0.3:6443".to_owned());
    // The first file wins, entry by entry, and its current context counts.
    let both = merged(GOOD, &third, "").unwrap();
    assert_eq!(told(&both), ("one".to_owned(), ours.clone(), "CANARY-token-1".to_owned()));
    // What the first lacks comes from the next: a context, a user whose file is beside that file, a current context.
    let pointed = merged(&GOOD.replace("current-context: one", "current-context: ''"), &third, "").unwrap();
    assert_eq!(told(&pointed), ("three".to_owned(), ours, "CANARY-token-of-the-third".to_owned()));
    let split = merged("users: [{name: v, user: {token: CANARY-first}}]\n", &third, "").unwrap();
    assert_eq!(told(&split), ("three".to_owned(), theirs.clone(), "CANARY-first".to_owned()));
    // Of two entries of one name nothing is mixed.
    let bare = merged("users: [{name: v, user: {}}]\n", &third, "").unwrap();
    assert_eq!(told(&bare), ("three".to_owned(), theirs.clone(), String::new()));
    assert_eq!(told(&merged("", &third, "/nonexistent/config:").unwrap()).1, theirs);
    for (first, more, why) in [
        ("users: [", "", "not YAML"),
        ("kind: Pod\n", "", "its kind is not Config"),
        (GOOD, "/dev/zero:", "it is a device"),
        (GOOD, "/etc:", "it is a folder"),
        (GOOD, "/etc/passwd/config:", "/etc/passwd/config"),
    ] {
        let said = merged(first, &third, more).unwrap_err();
        assert!(matches!(&said, Unusable::Other(said) if said.contains(why)), "{first} {more}: {said:?}");
    }
    let nowhere = read(Path::new("/nonexistent/a:/nonexistent/b"), None, &Scrubber::default()).unwrap_err();
    assert!(matches!(&nowhere, Unusable::Other(said) if said.contains("none of its files")), "{nowhere:?}");
    let many = vec!["/nonexistent/a"; 65].join(":");
    let many = read(Path::new(&many), None, &Scrubber::default()).unwrap_err();
    assert!(matches!(&many, Unusable::Ours(said) if said.contains("65 are given")), "{many:?}");
}

#[test]
fn what_ackcheck_alone_cannot_do_is_not_held_against_the_file() {
    for (cluster, user) in [("proxy-url: 'https://proxy:3128'", ""), ("", "auth-provider: {name: oidc}")] {
        let said = of(&format!("{SERVER}, {cluster}"), user).unwrap_err();
        assert!(matches!(&said, Unusable::Ours(said) if said.contains("ackcheck")), "{said:?}");
    }
}
