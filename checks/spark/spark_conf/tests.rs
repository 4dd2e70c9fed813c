//! Configurations that Spark takes, and those it does not.

use ackcheck_core::seat::dss::HadoopConnection;
use ackcheck_core::seat::dss::containers::ConfigurationKind;
use ackcheck_core::seat::dss::pods::PodSettings;

use super::super::overrides;
use super::*;
use crate::spark::unknown;

const MASTER: (&str, &str) = ("spark.master", "k8s://https://10.0.0.1:6443");

fn configuration(managed: bool, conf: &[(&str, &str)]) -> Configuration {
    Configuration {
        kind: ConfigurationKind::Spark,
        name: "ack".to_owned(),
        managed,
        repositories: Vec::new(),
        namespace: None,
        kubeconfig: None,
        context: None,
        pushed_with: None,
        base_image: None,
        pull_secret: None,
        conf: conf.iter().map(|(key, value)| ((*key).to_owned(), PropertyValue::Clear((*value).to_owned()))).collect(),
        pods: PodSettings::default(),
    }
}

fn codes(one: &Configuration, default_cluster: Option<&str>) -> Vec<&'static str> {
    let default_cluster = default_cluster.map(str::to_owned);
    let found =
        Configurations { origin: String::new(), default_cluster, takes_clusters_of_kubectl: None, list: Vec::new() };
    of_text(one, &found).iter().map(|finding| finding.code.name).collect()
}

#[test]
fn the_last_entry_of_a_name_counts_and_names_have_a_case() {
    let mode = |value| ("spark.submit.deployMode", value);
    assert_eq!(codes(&configuration(true, &[MASTER, mode("cluster"), mode("client")]), None), [""; 0]);
    assert_eq!(codes(&configuration(true, &[MASTER, mode("client"), mode("cluster")]), None), ["cluster-mode"]);
    assert_eq!(codes(&configuration(true, &[MASTER, mode("Cluster")]), None), ["cluster-mode"]);
    assert_eq!(codes(&configuration(true, &[MASTER, ("spark.submit.deploymode", "cluster")]), None), [""; 0]);
}

#[test]
fn a_master_that_dss_sets_itself_is_not_judged() {
    assert_eq!(codes(&configuration(true, &[]), None), ["local-master"]);
    assert_eq!(codes(&configuration(true, &[]), Some("ack")), [""; 0]);
    assert_eq!(codes(&configuration(false, &[]), None), [""; 0]);
    assert_eq!(codes(&configuration(true, &[("spark.master", "local[4]")]), None), ["local-master"]);
    let mut variables = configuration(false, &[]);
    let text =
        PropertyValue::Variables { text: "${master}".to_owned(), names: vec!["master".to_owned()], secret: false };
    variables.conf.push(("spark.master".to_owned(), text));
    assert_eq!(codes(&variables, None), [""; 0]);
    // Not a pass either: nobody has seen where its jobs run.
    let found = |default_cluster: Option<&str>| Configurations {
        takes_clusters_of_kubectl: None,
        default_cluster: default_cluster.map(str::to_owned),
        origin: "the settings".to_owned(),
        list: Vec::new(),
    };
    assert!(unknown(&variables, &found(None)).is_some());
    variables.managed = true;
    assert!(unknown(&variables, &found(Some("ack"))).is_none());
}

#[test]
fn an_image_is_needed_where_dss_does_not_bring_one() {
    assert_eq!(codes(&configuration(false, &[MASTER]), None), ["no-image"]);
    assert_eq!(codes(&configuration(false, &[MASTER, (spark::IMAGE, " ")]), None), ["no-image"]);
    for key in [spark::IMAGE, spark::EXECUTOR_IMAGE] {
        assert_eq!(codes(&configuration(false, &[MASTER, (key, "r/dss/spark:1")]), None), [""; 0]);
    }
    assert_eq!(codes(&configuration(false, &[("spark.master", "yarn")]), None), [""; 0]);
}

#[test]
fn fixed_ports_matter_where_no_other_is_tried() {
    let retries = (spark::PORT_RETRIES, " 0 ");
    let port = |key, value| configuration(true, &[MASTER, retries, (key, value)]);
    for key in [spark::DRIVER_PORT, spark::BLOCK_MANAGER_PORT, spark::DRIVER_BLOCK_MANAGER_PORT] {
        assert_eq!(codes(&port(key, "40000"), None), ["one-job-at-a-time"], "{key}");
        assert_eq!(codes(&port(key, "0"), None), [""; 0], "{key}");
        assert_eq!(codes(&configuration(true, &[MASTER, (key, "40000")]), None), [""; 0], "{key}");
    }
    // The driver's own goes before the one that executors share.
    let own = [MASTER, retries, (spark::BLOCK_MANAGER_PORT, "40000"), (spark::DRIVER_BLOCK_MANAGER_PORT, "0")];
    assert_eq!(codes(&configuration(true, &own), None), [""; 0]);
}

#[test]
fn only_another_value_than_the_connections_own_overrides_it() {
    let connection = HadoopConnection {
        name: "oss".to_owned(),
        root: "oss://acme/dss".to_owned(),
        properties: vec![
            ("fs.oss.endpoint".to_owned(), PropertyValue::Clear("oss-cn-hangzhou-internal.aliyuncs.com ".to_owned())),
            ("fs.oss.accessKeyId".to_owned(), PropertyValue::Clear("LTAI5tOne".to_owned())),
            ("fs.oss.accessKeySecret".to_owned(), PropertyValue::Encrypted),
        ],
        per_user: false,
        usable_by: None,
    };
    let count = |key: &str, value: &str| {
        overrides::of(&configuration(true, &[(key, value)]), std::slice::from_ref(&connection)).len()
    };
    let endpoint = "spark.hadoop.fs.oss.endpoint";
    assert_eq!(count(endpoint, "oss-cn-shanghai-internal.aliyuncs.com"), 1);
    assert_eq!(count(endpoint, "oss.corp.example"), 1);
    assert_eq!(count(endpoint, "https://oss-cn-hangzhou.aliyuncs.com"), 0);
    assert_eq!(count("spark.hadoop.fs.oss.accessKeyId", "LTAI5tTwo"), 1);
    assert_eq!(count("spark.hadoop.fs.oss.accessKeyId", "LTAI5tOne"), 0);
    assert_eq!(count("spark.hadoop.fs.oss.accessKeySecret", "x"), 0);
    assert_eq!(count("spark.hadoop.fs.oss.impl", "x"), 0);
    assert_eq!(count("fs.oss.endpoint", "oss-cn-shanghai.aliyuncs.com"), 0);
}
