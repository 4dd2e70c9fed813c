//! `ackcheck rights` from outside: for a site, for none yet, and where nothing is needed.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::canary::secret_free;
use crate::support::program::{Ended, run_in};

fn rights(folder: &Path, arguments: &[&str]) -> Ended {
    run_in(folder, &[&["rights"], arguments].concat())
}

/// A site whose secrets, kubeconfig and services are nowhere.
const SITE: &str = r#"
    [dss]
    data_dir = "data"
    [cluster]
    kubeconfig = "/nowhere/kubeconfig"
    namespaces = ["dataiku", "spark"]
    id = "c0123456789abcdef0123456789abcdef"
    [registry]
    url = "acme-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss"
    username = "dss@acme"
    password = { env = "NOT_SET_ANYWHERE" }
    [storage]
    connections = "all"
    [[storage.bucket]]
    name = "acme-exchange"
    prefix = "/dss/"
    endpoint = "oss-cn-hangzhou-internal.aliyuncs.com"
    access_key_id = "LTAIexchange"
    access_key_secret = { file = "/nowhere/secret" }
    [cloud]
    region = "cn-hangzhou"
"#;

const CONNECTIONS: &str = r#"{ "connections": { "managed": { "type": "HDFS", "params": {
    "root": "oss://acme-data/managed/", "extraHadoopConfs": [], "dkuProperties": [],
    "customProperties": [], "extraConf": [
        { "key": "fs.oss.accessKeyId", "value": "LTAImanaged" },
        { "key": "fs.oss.accessKeySecret", "value": "CANARY", "secret": true } ] } } } }"#;

fn site() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ackcheck.toml"), SITE).unwrap();
    folder
}

#[test]
fn a_site_gets_its_own_names_though_nothing_of_it_answers() {
    let folder = site();
    let ended = rights(folder.path(), &["--format", "json", "--group", "ops"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let printed: Value = serde_json::from_str(&ended.stdout).unwrap();
    let roles = printed["kubernetes"]["items"].as_array().unwrap();
    let role = roles.iter().find(|item| item["kind"] == "Role").unwrap();
    assert_eq!(role["metadata"], json!({ "name": "ackcheck", "namespace": "dataiku" }));
    assert!(roles.iter().filter_map(|item| item["subjects"][0]["name"].as_str()).all(|name| name == "ops"));
    let holders: Vec<&str> =
        printed["ram"].as_array().unwrap().iter().map(|grant| grant["holder"].as_str().unwrap()).collect();
    // The data directory is not there: what its connections name is told to be filled in.
    assert_eq!(holders, ["instance-role", "ACCESS_KEY_ID", "LTAIexchange"]);
    assert!(ended.stderr.contains("the connections of DSS: "), "{}", ended.stderr);
    let policy = &printed["ram"][2]["policy"];
    assert_eq!(policy["Version"], "1");
    assert_eq!(policy["Statement"][0]["Condition"], json!({ "StringLike": { "oss:Prefix": ["dss/*"] } }));
    assert_eq!(policy["Statement"][1]["Resource"], json!(["acs:oss:*:*:acme-exchange/dss/*"]));
    let cloud = &printed["ram"][0]["policy"]["Statement"][0];
    assert_eq!(cloud["Resource"], json!(["acs:cs:*:*:cluster/c0123456789abcdef0123456789abcdef"]));
}

#[test]
fn the_buckets_of_connections_are_read_from_the_data_directory() {
    let folder = site();
    let data = folder.path().join("data");
    std::fs::create_dir_all(data.join("config")).unwrap();
    std::fs::write(data.join("dss-version.json"), r#"{"product_version": "14.2.0"}"#).unwrap();
    std::fs::write(data.join("config/connections.json"), CONNECTIONS).unwrap();
    let ended = rights(folder.path(), &["--format", "ram", "--holder", "LTAImanaged"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("acs:oss:*:*:acme-data/managed/*"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("acme-exchange"), "{}", ended.stdout);
    secret_free("what was printed", &format!("{}{}", ended.stdout, ended.stderr)).unwrap();
}

#[test]
fn before_there_is_a_site_file_names_are_left_to_fill_in() {
    let folder = tempfile::tempdir().unwrap();
    let ended = rights(folder.path(), &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("there is no ackcheck.toml here"), "{}", ended.stderr);
    // Each is a name that nothing can have, so that a document applied as it is grants nothing.
    for text in
        ["namespace: NAMESPACE", "kind: SUBJECT", "acs:oss:*:*:BUCKET/PREFIX/*", "acs:cs:*:*:cluster/CLUSTER_ID"]
    {
        assert!(ended.stdout.contains(text), "{text}: {}", ended.stdout);
    }
    let named = rights(folder.path(), &["--site", "none.toml"]);
    assert_eq!(named.code, Some(3));
}

#[test]
fn what_is_not_needed_is_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("ackcheck.toml"), SITE.split("[cloud]").next().unwrap().replace("connections", "# "))
        .unwrap();
    let text = rights(path, &["--only", "storage/", "--skip", "oss-from-nodes=not from here"]);
    assert!(!text.stdout.contains("## Kubernetes") && !text.stdout.contains("## ACR"), "{}", text.stdout);
    assert!(
        text.stdout.contains("$(ackcheck rights --only storage/ --skip 'oss-from-nodes=not from here' --format ram")
    );
    let kubernetes = rights(path, &["--only", "storage/", "--skip", "oss-from-nodes=no", "--format", "kubernetes"]);
    assert_eq!((kubernetes.code, kubernetes.stdout.as_str()), (Some(4), ""));
    assert_eq!(rights(path, &["--only", "network/same-vpc"]).code, Some(4), "there is no [cloud]");
    assert_eq!(rights(path, &["--only", "host-name"]).code, Some(4));
    let listed = rights(path, &["--only", "oss-list", "--format", "table"]);
    assert_eq!(listed.stdout.lines().count(), 2, "{}", listed.stdout);
}

#[test]
fn roles_are_bound_to_whom_is_named() {
    let folder = site();
    let bound = |arguments: &[&str]| rights(folder.path(), &[arguments, &["--format", "kubernetes"]].concat()).stdout;
    assert!(bound(&["--user", "27-1600"]).contains("kind: User\n  name: \"27-1600\"\n"));
    let account = bound(&["--service-account", "ops/ackcheck"]);
    assert!(account.contains("- kind: ServiceAccount\n  namespace: ops\n  name: ackcheck\n"), "{account}");
    let without_exec = bound(&["--no-exec"]);
    assert!(without_exec.contains("[pods/log]") && !without_exec.contains("pods/exec"), "{without_exec}");
    assert!(bound(&["--optional"]).contains("resourceNames: [acr-configuration]"));
    for wrong in [
        vec!["--user", "a", "--group", "b"],
        vec!["--service-account", "ackcheck"],
        vec!["--holder", "LTAIexchange"],
        vec!["--format", "ram", "--holder", "LTAIunknown"],
        vec!["--only", "no-such-check"],
    ] {
        assert_eq!(rights(folder.path(), &wrong).code, Some(3), "{wrong:?}");
    }
}
