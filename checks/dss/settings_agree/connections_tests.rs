//! Connections of DSS beside what a site file says of them.

use ackcheck_core::config::{AccessKey, BucketConfig, ConnectionConfig};
use ackcheck_core::seat::dss::PropertyValue;
use ackcheck_core::secret::Scrubber;
use ackcheck_core::verdict::Verdict;

use super::*;

fn connection(root: &str) -> HadoopConnection {
    let property = |key: &str, value: &str| (key.to_owned(), PropertyValue::Clear(value.to_owned()));
    HadoopConnection {
        name: "oss".to_owned(),
        root: root.to_owned(),
        properties: vec![
            property(ENDPOINT, "oss-cn-hangzhou-internal.aliyuncs.com"),
            property(KEY_ID, " LTAI5tOneOneOneOne "),
            ("fs.oss.accessKeySecret".to_owned(), PropertyValue::Encrypted),
        ],
        per_user: false,
        usable_by: None,
    }
}

fn key(id: &str) -> Option<AccessKey> {
    Some(AccessKey { id: id.to_owned(), secret: Scrubber::default().secret("CANARY-x"), token: None })
}

fn described(prefix: &str, id: &str) -> StorageConfig {
    let bucket = BucketConfig {
        name: "acme".to_owned(),
        prefix: prefix.to_owned(),
        endpoint: "oss-cn-hangzhou.aliyuncs.com".to_owned(),
        access_key: key(id),
    };
    StorageConfig { buckets: vec![bucket], ..StorageConfig::default() }
}

fn found(storage: &StorageConfig, root: &str) -> String {
    let mut comparison = Comparison::default();
    not_asked(&mut comparison, storage, &connection(root));
    stated(&mut comparison, storage, &connection(root), &Configuration::of(&[], &connection(root)));
    match comparison.judgement() {
        Ok(Verdict::Fail(finding) | Verdict::Warn(finding)) => format!("{}: {}", finding.code.name, finding.seen),
        Ok(Verdict::Pass) => "pass".to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_connection_that_nobody_asks_about_is_told_by_its_name() {
    let none = StorageConfig::default();
    let told = found(&none, "oss://acme/dss");
    assert!(told.starts_with("bucket-not-asked: the connection oss "), "{told}");
    assert!(found(&none, "oss://${bucket}/dss").starts_with("bucket-not-asked"));
    let other = StorageConfig { connections: Connections::Named(vec!["x".to_owned()]), ..StorageConfig::default() };
    assert!(found(&other, "oss://acme/dss").starts_with("bucket-not-asked"));
    for connections in [Connections::All, Connections::Named(vec!["oss".to_owned()])] {
        assert_eq!(found(&StorageConfig { connections, ..StorageConfig::default() }, "oss://acme/dss"), "pass");
    }
    assert_eq!(found(&described("dss", "LTAI5tOneOneOneOne"), "oss://acme/dss/"), "pass");
}

#[test]
fn a_key_or_an_endpoint_that_differs_is_told_with_both() {
    let told = found(&described("dss", "LTAI5tTwoTwoTwoTwo"), "oss://acme/dss");
    assert!(told.starts_with("connection-differs: ") && told.contains("LTAI5tOneOneOneOne"), "{told}");
    assert!(told.contains("LTAI5tTwoTwoTwoTwo"), "{told}");
    let elsewhere = |endpoint: &str| {
        let mut storage = described("other", "LTAI5tTwoTwoTwoTwo");
        storage.buckets[0].endpoint = endpoint.to_owned();
        found(&storage, "oss://acme/dss")
    };
    for endpoint in ["oss-cn-beijing-internal.aliyuncs.com", "oss-accelerate.aliyuncs.com", "oss.corp.example"] {
        let told = elsewhere(endpoint);
        assert!(told.starts_with("connection-differs: fs.oss.endpoint"), "{told}");
    }
    // What leads nowhere is another check's to say.
    for endpoint in ["oss cn", "10.0.0.1", "acme.oss-cn-beijing.aliyuncs.com", "cn-hangzhou.oss-dls.aliyuncs.com"] {
        assert_eq!(elsewhere(endpoint), "pass", "{endpoint}");
    }
    // Another part of the bucket can have another key.
    assert_eq!(found(&described("other", "LTAI5tTwoTwoTwoTwo"), "oss://acme/dss"), "pass");
    let known = |endpoint: &str, id: &str| StorageConfig {
        connections: Connections::All,
        known: vec![ConnectionConfig {
            name: "oss".to_owned(),
            root: None,
            endpoint: Some(endpoint.to_owned()),
            access_key: key(id),
        }],
        ..StorageConfig::default()
    };
    assert_eq!(
        found(&known("https://OSS-cn-hangzhou-internal.aliyuncs.com/", "LTAI5tOneOneOneOne"), "oss://acme/dss"),
        "pass"
    );
    let told = found(&known("oss-cn-beijing.aliyuncs.com", "LTAI5tOneOneOneOne"), "oss://acme/dss");
    assert!(told.starts_with("connection-differs: fs.oss.endpoint"), "{told}");
    let told = found(&known("oss-cn-hangzhou-internal.aliyuncs.com", "LTAI5tTwoTwoTwoTwo"), "oss://acme/dss");
    assert!(told.starts_with("connection-differs: fs.oss.accessKeyId"), "{told}");
}
