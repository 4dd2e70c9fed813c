//! Secrets in every form they were met in, and texts that only look like some.

use super::*;

#[track_caller]
fn hides(text: &str, clean: &str) {
    assert_eq!(hidden(text).as_deref(), Some(clean), "{text}");
    assert_eq!(hidden(clean), None, "hidden twice: {clean}");
}

#[test]
fn hides_what_signs_in_before_a_host() {
    hides("oss://LTAI5t:CANARY@bucket/path", "oss://•••@bucket/path");
    hides("use http://me:CANARY@proxy:3128/ now", "use http://•••@proxy:3128/ now");
    hides("\"https://CANARYtoken@git.example/x\"", "\"https://•••@git.example/x\"");
    hides("s3a://AKIA:CAN/ARY@bucket", "s3a://•••@bucket");
    hides("http://a:p@ss@host/x", "http://•••@host/x");
    hides("wasbs://container:CANARY@a.blob.core.windows.net", "wasbs://•••@a.blob.core.windows.net");
    hides("'jdbc:postgresql://u:CANARY@db/x'", "'jdbc:postgresql://•••@db/x'");
    hides("LTAI5t:CANARY@oss-cn-hangzhou.aliyuncs.com", "•••@oss-cn-hangzhou.aliyuncs.com");
    for harmless in [
        "registry/dss/exec:14.2@sha256:0123, and me@host: it is",
        "abfss://container@account.dfs.core.windows.net/path",
        "https://host:8443/users/me@example.com",
        "https://[fd00::1]:443/a@b",
        "k8s://https://10.0.0.251:6443",
        "oss://bucket/a@b",
        "log in as me@account at registry/dss",
        "://:@",
        "http://",
    ] {
        assert_eq!(hidden(harmless), None, "{harmless}");
    }
}

#[test]
fn hides_private_keys_whatever_they_are_wrapped_in() {
    hides("a -----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY----- b", "a ••• b");
    hides("-----BEGIN RSA PRIVATE KEY-----\nCANARY", "•••");
    let google = r#"{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n"}"#;
    hides(google, r#"{"type": "service_account", "private_key": "•••"}"#);
    assert!(is_secret("fs.gs.auth.service.account.json", google));
    hides("key-data: LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVkt+/=", "key-data: •••");
    for harmless in ["-----BEGIN CERTIFICATE-----\nabc", "ca: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t", "-----BEGIN "] {
        assert_eq!(hidden(harmless), None, "{harmless}");
    }
}

#[test]
fn hides_parameters_and_fields_whose_names_say_it() {
    hides("GET https://a/b?sv=2021&sig=CAN%2BARY&se=1", "GET https://a/b?sv=2021&sig=•••&se=1");
    hides("https://b/o?Expires=1&Signature=CANARY", "https://b/o?Expires=1&Signature=•••");
    hides("https://b/o?x-oss-signature=CANARY1", "https://b/o?x-oss-signature=•••");
    hides("AccountName=a;AccountKey=CANARY+/==;EndpointSuffix=x", "AccountName=a;AccountKey=•••;EndpointSuffix=x");
    hides("jdbc:sqlserver://db;user=me;password=CANARY1", "jdbc:sqlserver://db;user=me;password=•••");
    hides("PW=hunter2 . file", "PW=••• . file");
    hides("plugin --token=CANARY1 'PGPASSWORD=a b'", "plugin --token=••• 'PGPASSWORD=••• b'");
    hides("DB_PASSWORD='a b' x", "DB_PASSWORD='•••' x");
    hides(r#"{"AccessKeyId":"LTAI","AccessKeySecret":"CANARY"}"#, r#"{"AccessKeyId":"LTAI","AccessKeySecret":"•••"}"#);
    hides(r#"{"a":"{\"LoginPassword\": \"CAN\\\"ARY\"}"}"#, r#"{"a":"{\"LoginPassword\": \"•••\"}"}"#);
    hides(r#""token" : "CAN\"ARY","b":1"#, r#""token" : "•••","b":1"#);
    for harmless in [
        "create secret --docker-password=PASSWORD",
        "token=$TOKEN password=${x} secret=$(cat f) token=<yours>",
        "fs.oss.accessKeySecret = (encrypted by DSS)",
        r#"{"secretName":"acr-login","tokenType":"x","key":"fs.oss.impl","token":1}"#,
        "realm=\"https://a\",service=\"b\",scope=\"c\"",
        "a == b; x=1&y=2",
        "the token: it grants pull",
    ] {
        assert_eq!(hidden(harmless), None, "{harmless}");
    }
}

#[test]
fn hides_tokens_that_describe_themselves_and_encrypted_values() {
    hides("got eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrIn0.c2ln, then", "got •••, then");
    hides("Authorization: Bearer CAN-ARY.1, x", "Authorization: Bearer •••, x");
    hides(r#"{"authorization":"Basic Y2FuYXJ5"}"#, r#"{"authorization":"Basic •••"}"#);
    hides("is e:AES:Q0FOQVJZ/+=, kept", "is •••, kept");
    for harmless in ["eyJust a word", "cause: e: AES: x", "the:AES:x", "Authorization: required", "authorization"] {
        assert_eq!(hidden(harmless), None, "{harmless}");
    }
}

#[test]
fn a_setting_is_a_secret_by_its_key_or_by_its_value() {
    const SECRET: &str = "CANARYswappedPairSecretA1b2C3d";
    for (key, value) in [
        ("fs.azure.account.key.lab.dfs.core.windows.net", "CANARY=="),
        ("fs.s3a.secret.key", "x"),
        ("fs.s3a.access.key", "AKIA"),
        ("my.own.key", "x"),
        ("javax.jdo.option.ConnectionPassword", "x"),
        ("fs.azure.sas.container.lab", "x"),
        ("fs.oss.securityToken", "x"),
        ("fs.oss.accessKeyId", SECRET),
        ("fs.oss.accessKeyId", "CANARYof44charactersAsTemporarySecretsHave12"),
        ("fs.oss.endpoint", SECRET),
        ("anything", "-----BEGIN EC PRIVATE KEY-----\nx"),
    ] {
        assert!(is_secret(key, value), "{key} = {value}");
    }
    for (key, value) in [
        ("fs.oss.accessKeyId", "LTAI5tLabOssKeyId000001"),
        ("fs.oss.accessKeyId", "STS.LabOssTemporaryKeyOfSomeLength"),
        ("fs.oss.accessKeyId", "${userProperty:theIdOfTheKeyOfThisUser}"),
        ("fs.oss.endpoint", "oss-cn-hangzhou-internal.aliyuncs.com"),
        ("fs.oss.credentials.provider", "com.example.InstanceProfileCredentialsProvider"),
        ("fs.oss.impl", "org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem"),
        ("hadoop.security.token.service.use_ip", "false"),
        ("security.token.required", "TRUE"),
        ("fs.oss.accessKeySecret", ""),
    ] {
        assert!(!is_secret(key, value), "{key} = {value}");
    }
}

#[test]
fn quotes_only_what_cannot_be_a_secret() {
    for plain in ["hostname -I", "/etc/dss-environment.sh", "oss-cn-hangzhou-internal.aliyuncs.com"] {
        assert!(may_be_quoted(plain), "{plain}");
    }
    for doubtful in ["http://a:b@c", "x CANARYopaque1234567890ab y", "PW=1", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"]
    {
        assert!(!may_be_quoted(doubtful), "{doubtful}");
    }
}

#[test]
fn a_password_is_known_without_its_user() {
    assert_eq!(secrets_in("oss://LTAI:CANARY@b"), ["LTAI:CANARY", "CANARY"]);
    assert_eq!(secrets_in("e:AES:Q0FO x"), ["e:AES:Q0FO"]);
    assert!(secrets_in("nothing://here, token=•••").is_empty());
}

#[test]
fn long_texts_of_announcements_are_read_once() {
    // Each would be read again for each of its announcements, some 100 000 times.
    for announcement in [
        "a://b:c/",
        "://",
        "-----BEGIN ",
        "LS0tLS1CRUdJTi",
        "token=",
        "?token={",
        "\"token\":\"",
        "uthorization: basic ",
        "eyJ",
        "eyJabcdefghijkl",
        "e:AES:",
        "\\\"",
        "=",
        ": ",
    ] {
        let text = announcement.repeat((1 << 20) / announcement.len());
        let _ = hidden(&text);
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic_or_comes_out_less_than_clean(text in "([a-z]{0,4}(://|@|:|=|\"|\\\\|e:AES:|eyJ|•|ü|token|-----BEGIN PRIVATE KEY-----| ){0,3}){0,12}") {
        let clean = hidden(&text).unwrap_or_else(|| text.clone());
        let _ = (secrets_in(&text), may_be_quoted(&text), is_secret("key", &text));
        // Nothing that was recognised is left as it was.
        proptest::prop_assert!(!clean.contains("PRIVATE KEY-----") || !text.contains("-----BEGIN PRIVATE KEY-----"));
    }
}
