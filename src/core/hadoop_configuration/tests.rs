use super::*;
use crate::seat::dss::read::*;

fn clear(text: &str) -> PropertyValue {
    PropertyValue::Clear(text.to_owned())
}

fn configuration(instance: &[(&str, &str)], connection: &[(&str, &str)]) -> Configuration {
    let mut configuration = Configuration::default();
    instance.iter().for_each(|(name, value)| configuration.set(name, clear(value), Place::Instance));
    connection.iter().for_each(|(name, value)| configuration.set(name, clear(value), Place::Connection));
    configuration
}

const KEY: [(&str, &str); 2] = [(KEY_ID, "LTAI5tFieldCaseKey00001"), (KEY_SECRET, "secret")];

/// The problems of a connection that has a key and an endpoint, and these settings besides.
fn problems(settings: &[(&str, &str)]) -> Vec<String> {
    let own: Vec<_> =
        KEY.into_iter().chain([(ENDPOINT, "oss-cn-hangzhou.aliyuncs.com")]).chain(settings.iter().copied()).collect();
    configuration(&[], &own).client().problems().map(ToString::to_string).collect()
}

#[test]
fn the_connection_s_own_wins_and_of_equal_names_the_last() {
    let configuration = configuration(
        &[(FILE_SYSTEM, "instance"), (ENDPOINT, "global"), (KEY_ID, "later.instance")],
        &[(" fs.oss.impl\t", "first"), (FILE_SYSTEM, " second ")],
    );
    assert_eq!(configuration.trimmed(FILE_SYSTEM), Told::Known("second".to_owned()));
    assert_eq!(configuration.get(FILE_SYSTEM), Told::Known(" second ".to_owned()));
    assert_eq!(configuration.trimmed(ENDPOINT), Told::Known("global".to_owned()));
    assert_eq!(configuration.setting(FILE_SYSTEM).unwrap().place, Place::Connection);
    assert_eq!(configuration.trimmed(KEY_SECRET), Told::Unset);
}

#[test]
fn an_empty_value_of_the_connection_hides_the_instance_s() {
    let client =
        configuration(&[(ENDPOINT, "oss-cn-hangzhou.aliyuncs.com")], &[(ENDPOINT, " "), KEY[0], KEY[1]]).client();
    assert_eq!(client.problems().next().unwrap().fault, Fault::EndpointMissing);
}

#[test]
fn what_is_not_told_is_unknown_and_no_problem() {
    let mut configuration = configuration(&[], &[(ENDPOINT, "${projectKey}.aliyuncs.com"), KEY[0]]);
    configuration.set(KEY_SECRET, PropertyValue::Encrypted, Place::Connection);
    configuration.set(PROXY_PASSWORD, PropertyValue::Encrypted, Place::Connection);
    configuration.set(FILE_SYSTEM, PropertyValue::ClearSecret, Place::Connection);
    assert_eq!(configuration.client().problems().count(), 0);
    assert!(matches!(configuration.trimmed(ENDPOINT), Told::Unknown(Unknown { why: Why::Variable(_), .. })));
    assert!(matches!(configuration.trimmed(FILE_SYSTEM), Told::Unknown(Unknown { why: Why::Secret, .. })));
    assert_eq!(configuration.credentials().missing(), None);
}

#[test]
fn a_setting_that_names_another_is_resolved() {
    let names = vec![KEY_ID.to_owned()];
    let mut configuration = configuration(&[], &[(KEY_ID, "id"), ("fs.defaultFS", "oss://b")]);
    let variables =
        |text: &str| PropertyValue::Variables { text: text.to_owned(), names: names.clone(), secret: false };
    configuration.set(ENDPOINT, variables("${fs.oss.accessKeyId}.x.${fs.default.name}"), Place::Connection);
    assert_eq!(configuration.get(ENDPOINT), Told::Known("id.x.oss://b".to_owned()));
    configuration.set(ENDPOINT, variables("%{adminProperty:x}"), Place::Connection);
    assert!(matches!(configuration.get(ENDPOINT), Told::Unknown(_)));
}

#[test]
fn keys_come_from_a_credential_store_first() {
    let store = [(CREDENTIAL_STORE, "jceks://file/keys.jceks")];
    let stored = configuration(&store, &[]).credentials();
    assert_eq!(stored.missing(), None);
    assert!(matches!(stored, Credentials::Key { id: Told::Unknown(_), .. }));
    assert_eq!(configuration(&[], &[]).credentials().missing(), Some(KEY_ID));
    assert_eq!(configuration(&[], &[KEY[0], (KEY_SECRET, " \n")]).credentials().missing(), Some(KEY_SECRET));
    assert_eq!(configuration(&[(CLEAR_TEXT_FALLBACK, "false")], &KEY).credentials().missing(), Some(KEY_ID));
}

#[test]
fn a_temporary_key_needs_its_token() {
    let temporary = [(KEY_ID, "STS.NUgYrLnoC37mZZCNnAbez"), KEY[1]];
    assert!(configuration(&[], &temporary).credentials().lacks_token());
    let whole = configuration(&[(SECURITY_TOKEN, "token")], &temporary).credentials();
    assert!(whole.is_temporary() && !whole.lacks_token());
    assert!(!configuration(&[], &KEY).credentials().is_temporary());
}

#[test]
fn tells_what_hadoop_cannot_go_on_with() {
    assert_eq!(problems(&[]), Vec::<String>::new());
    for (settings, said) in [
        (vec![(UPLOAD_SIZE, "100M")], "is not a whole number"),
        (vec![(PROXY_PORT, "3128")], "set without fs.oss.proxy.host"),
        (vec![(PROXY_HOST, "proxy"), (PROXY_USER, "me")], "set without fs.oss.proxy.password"),
        (vec![(PROXY_HOST, "proxy"), (PROXY_PORT, "0")], "the least is 1"),
        (vec![(PROXY_HOST, "a proxy")], "has blanks in it"),
        (vec![(ACL, "private")], "not an ACL"),
        (vec![(ACL, "Private ")], "not an ACL"),
        (vec![(MAXIMUM_CONNECTIONS, "0")], "the least is 1"),
        (vec![(KEEP_ALIVE, "0")], "the least is 1"),
        (vec![(CREDENTIAL_STORE, "")], "is set, and empty"),
        (vec![(KEY_PROVIDER, "com.aliyun.oss.common.auth.DefaultCredentialProvider ")], "no constructor"),
        (vec![(KEY_PROVIDER, "org.apache.hadoop.fs.aliyun.oss.AliyunCredentialsProvider")], "no constructor"),
        (vec![(ENDPOINT, "oss-cn-hangzhou.aliyuncs.com\u{a0}")], "U+00A0"),
    ] {
        let found = problems(&settings);
        assert!(found.len() == 1 && found[0].contains(said), "{settings:?}: {found:?}");
    }
    for settings in [
        vec![(ENDPOINT, " oss-cn-hangzhou.aliyuncs.com\n")],
        vec![(ACL, "Private")],
        vec![(PROXY_PASSWORD, "without a proxy")],
        vec![(PROXY_PORT, "-1")],
        vec![(KEY_PROVIDER, "com.aliyun.oss.common.auth.EnvironmentVariableCredentialsProvider")],
        vec![(SECURE, "maybe")],
    ] {
        assert_eq!(problems(&settings), Vec::<String>::new(), "{settings:?}");
    }
}

#[test]
fn numbers_that_a_client_is_opened_with_can_fail_each_operation() {
    let later = |settings: &[(&str, &str)]| {
        let client = configuration(&[], settings).client();
        let told: Vec<String> = client.later.iter().map(|later| later.problem.to_string()).collect();
        (told.join("; "), client.later.first().map(|later| later.fails))
    };
    for (key, text, said, fails) in [
        ("fs.oss.paging.maximum", "1001", "the most is 1000", "list"),
        ("fs.oss.paging.maximum", " 0 ", "the least is 1", "list"),
        ("fs.oss.connection.timeout", "-1", "the least is 0", "request"),
        ("fs.oss.multipart.download.size", "0", "the least is 1", "read"),
        ("fs.oss.multipart.download.size", "512K", "not a whole number", "read"),
        ("fs.oss.block.size", "", "not a whole number", "write"),
        ("fs.oss.proxy.port", "70000", "the most is 65535", "request"),
    ] {
        let (told, operation) = later(&[(PROXY_HOST, "proxy"), (key, text)]);
        assert!(told.contains(said) && told.contains(key) && operation == Some(fails), "{key} = {text:?}: {told}");
    }
    for (key, text) in [
        ("fs.oss.paging.maximum", "1"),
        ("fs.oss.paging.maximum", "1000"),
        ("fs.oss.connection.timeout", "0"),
        ("fs.oss.multipart.download.size", " 0x1000 "),
        ("fs.oss.block.size", "-5"),
        ("fs.oss.proxy.port", "-1"),
    ] {
        assert_eq!(later(&[(PROXY_HOST, "proxy"), (key, text)]), (String::new(), None), "{key} = {text:?}");
    }
}

#[test]
fn a_proxy_has_the_port_of_the_scheme_unless_it_has_its_own() {
    let proxy = |settings: &[(&str, &str)]| configuration(&[], settings).client().proxy.known().unwrap();
    assert_eq!(proxy(&[(PROXY_HOST, " proxy ")]), Proxy { host: "proxy".to_owned(), port: 443, user: None });
    assert_eq!(proxy(&[(PROXY_HOST, "proxy"), (SECURE, "False")]).port, 80);
    assert_eq!(proxy(&[(PROXY_HOST, "10.0.0.9"), (PROXY_PORT, "3128")]).authority().as_deref(), Some("10.0.0.9:3128"));
    for host in ["http://proxy", "me:word@proxy", "proxy:3128", "proxy\u{a0}", "a proxy"] {
        assert_eq!(proxy(&[(PROXY_HOST, host)]).authority(), None, "{host}");
    }
    assert_eq!(proxy(&[(PROXY_HOST, "proxy"), (PROXY_PORT, " 0x50 ")]).port, 80);
}

#[test]
fn an_id_has_the_form_of_one() {
    for id in ["LTAI5tFieldCaseKey00001", " LTAI4Fabcdefghij "] {
        assert!(looks_like_an_id(id), "{id}");
    }
    for other in
        ["LTAI", "STS.NUgYrLnoC37mZZCNnAbez", "LTAI5tFieldCaseKey00001LTAI5tFieldCaseKey00001", "e:AES:LTAI5tFieldCase"]
    {
        assert!(!looks_like_an_id(other), "{other}");
    }
}
