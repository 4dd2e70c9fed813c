//! What a draft is read back as.

use super::*;
use crate::config::DssKey;
use proptest::prelude::*;

fn nothing() -> Draft {
    fn no<T>() -> Sought<T> {
        Sought::not_found("nobody\nknows")
    }
    Draft {
        host_name: no(),
        host_addresses: no(),
        data_dir: no(),
        install_dir: no(),
        url: no(),
        kubeconfig: no(),
        context: no(),
        namespaces: no(),
        repositories: no(),
        connections: no(),
        region: no(),
    }
}

#[test]
fn what_was_found_is_read_again() {
    let yes = "there\n[evil]";
    let draft = Draft {
        host_name: Sought::found("dss.vpc".to_owned(), yes),
        host_addresses: Sought::found(vec!["10.0.0.20".parse().unwrap()], yes),
        data_dir: Sought::found("/data/a \"b\" \\c".into(), yes),
        install_dir: Sought::found("/opt/dss".into(), yes),
        url: Sought::found("http://127.0.0.1:11200".to_owned(), yes),
        kubeconfig: Sought::found("/home/dss/.kube/config".into(), yes),
        context: Sought::found("ack".to_owned(), yes),
        namespaces: Sought::found(vec!["dss".to_owned()], yes),
        repositories: Sought::found(vec!["r/a".to_owned(), "r/b\n".to_owned()], yes),
        connections: Sought::found(vec![("oss".to_owned(), Some("LTAI1".to_owned()))], yes),
        region: Sought::found("cn-hangzhou".to_owned(), yes),
    };
    let text = draft.render();
    let config =
        parse(Path::new("ackcheck.toml"), &text, &NoSecrets::default()).unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert_eq!(config.dss.unwrap().data_dir.unwrap(), Path::new("/data/a \"b\" \\c"));
    assert_eq!(config.registry.unwrap().url, "r/a");
    assert_eq!(config.storage.unwrap().connections, Connections::All);
    assert_eq!(config.cluster.unwrap().namespaces, ["dss"]);
    assert!(draft.open_ends().is_empty());
}

#[test]
fn what_dss_tells_is_referred_to_and_not_copied() {
    let there = "DSS's container and Spark configurations";
    let draft = Draft {
        host_name: Sought::told("dss.vpc".to_owned(), "DKU_BACKEND_EXT_HOST"),
        data_dir: Sought::found("/data".into(), "there"),
        kubeconfig: Sought::found("/home/dss/.kube/config".into(), "there"),
        namespaces: Sought::told(vec!["dss".to_owned()], there),
        repositories: Sought::told(vec!["r/a".to_owned()], there),
        ..nothing()
    };
    let draft = draft.read_back(Path::new("ackcheck.toml")).unwrap();
    let text = draft.render();
    let config =
        parse(Path::new("ackcheck.toml"), &text, &NoSecrets::default()).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let keys: Vec<DssKey> = config.from_dss.iter().map(|from| from.key).collect();
    assert_eq!(config.host.name, None, "{text}");
    assert_eq!(keys.len(), 2, "{text}");
    assert!(keys.contains(&DssKey::Repository) && keys.contains(&DssKey::Namespaces), "{text}");
    assert!(
        text.contains("\n# url = \"r/a\"  # now, by DSS's") && text.contains("\n# namespaces = [\"dss\"]  # now"),
        "{text}"
    );
    let open: Vec<&str> = draft.open_ends().iter().map(|(key, ..)| *key).collect();
    assert!(!open.contains(&"registry.url") && !open.contains(&"host.name"), "{open:?}");
}

#[test]
fn what_was_not_found_is_a_comment() {
    let draft = nothing();
    let text = draft.render();
    let config =
        parse(Path::new("ackcheck.toml"), &text, &NoSecrets::default()).unwrap_or_else(|e| panic!("{e}\n{text}"));
    assert!(config.dss.is_none() && config.cluster.is_none() && config.registry.is_none());
    assert!(config.storage.is_none() && config.cloud.is_none());
    assert_eq!(draft.open_ends().len(), 11);
}

fn found(text: &str) -> Draft {
    let it = Sought::found(text.to_owned(), text);
    Draft {
        host_name: it.clone(),
        host_addresses: Sought::found(vec!["10.0.0.20".parse().unwrap()], text),
        data_dir: Sought::found(Path::new("/data").join(text.trim_start_matches('/')), text),
        install_dir: Sought::found("/opt/dss".into(), text),
        url: it.clone(),
        // With a colon it would be a list of files, and is given up.
        kubeconfig: Sought::found(Path::new("/home").join(text.replace(':', "").trim_start_matches('/')), text),
        context: it.clone(),
        namespaces: Sought::found(vec!["dss".to_owned(), text.to_owned()], text),
        repositories: Sought::found(vec![text.to_owned(), text.to_owned()], text),
        connections: Sought::found(vec![(text.to_owned(), Some(text.to_owned()))], text),
        region: it,
    }
}

/// Reads a draft of this text in every place; nothing of it may become a key.
fn taken(text: &str) {
    let file = Path::new("/etc/ackcheck.toml");
    let draft = found(text).read_back(file).unwrap();
    let written = draft.render();
    let config = parse(file, &written, &NoSecrets::default()).unwrap_or_else(|wrong| panic!("{wrong}\n{written}"));
    assert_eq!(config.host.name.as_deref(), Some(text), "{written}");
    assert_eq!(config.cluster.unwrap().namespaces, ["dss", text], "{written}");
    assert_eq!(config.registry.unwrap().url, text, "{written}");
    assert_eq!(config.cloud.unwrap().region.as_deref(), Some(text), "{written}");
    // Every line is the same key or comment, whatever the text.
    let kinds = |written: &str| {
        let kind = |line: &str| line.split([' ', '=']).take(3).collect::<Vec<_>>().join(" ");
        written.lines().map(kind).filter(|kind| !kind.starts_with("# not")).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&written), kinds(&found("x").render()), "{written}");
}

/// The same text where DSS tells it: in comments alone.
fn told(text: &str) -> Draft {
    Draft {
        host_name: Sought::told(text.to_owned(), text),
        namespaces: Sought::told(vec![text.to_owned()], text),
        repositories: Sought::told(vec![text.to_owned(), text.to_owned()], text),
        ..found(text)
    }
}

fn only_in_comments(text: &str) {
    let file = Path::new("/etc/ackcheck.toml");
    let written = told(text).read_back(file).unwrap().render();
    let config = parse(file, &written, &NoSecrets::default()).unwrap_or_else(|wrong| panic!("{wrong}\n{written}"));
    assert_eq!((config.host.name, config.registry.unwrap().url.as_str()), (None, ""), "{written}");
    assert_eq!(config.from_dss.len(), 2, "{written}");
    assert_eq!(written.lines().count(), told("x").render().lines().count(), "{written}");
}

#[test]
fn no_value_breaks_out_of_its_line() {
    for text in [
        "a\"b",
        "\"\"\"",
        "\'\'\'",
        "r\nurl = \"evil\"\n[registry]",
        "r\r\n[evil]\r\n",
        "\r[evil]",
        "tab\tbell\u{7}nul\u{0}del\u{7f}",
        "\u{feff}[evil]",
        "\u{2028}[evil]\u{85}",
        "back\\slash\\",
        "# not a comment",
        "${projectKey}",
        "名前",
    ] {
        taken(text);
        only_in_comments(text);
    }
}

proptest! {
    #[test]
    fn any_text_is_read_back_as_it_was_found(text in "\\PC{1,20}|[\\x00-\\x7f]{1,20}") {
        taken(&text);
        only_in_comments(&text);
    }
}

#[test]
fn what_the_reader_of_site_files_refuses_is_given_up_with_its_reason() {
    use std::os::unix::ffi::OsStringExt as _;
    let file = Path::new("/etc/ackcheck.toml");
    let named = |name: &[u8]| PathBuf::from(std::ffi::OsString::from_vec(name.to_vec()));
    let draft = Draft {
        namespaces: Sought::found(vec![String::new()], "DSS"),
        data_dir: Sought::found(named(b"/data/\xff"), "a usual place"),
        kubeconfig: Sought::found("/home/dss/.kube/config".into(), "where kubectl looks"),
        ..nothing()
    };
    let draft = draft.read_back(file).unwrap();
    let config = parse(file, &draft.render(), &NoSecrets::default()).unwrap();
    assert!(config.dss.is_none() && config.cluster.unwrap().namespaces.is_empty());
    let said = |key: &str| draft.open_ends().into_iter().find(|(open, _, _)| *open == key).unwrap().1;
    assert_eq!(said("cluster.namespaces"), "DSS has a value that this file cannot take: must not be empty");
    assert!(said("dss.data_dir").ends_with("it would be read as something else"));
}
