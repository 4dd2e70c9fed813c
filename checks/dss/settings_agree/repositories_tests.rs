//! Configurations of DSS beside site files.

use ackcheck_core::config::{ClusterConfig, RegistryConfig};
use ackcheck_core::seat::dss::PropertyValue;
use ackcheck_core::seat::dss::containers::ConfigurationKind;
use ackcheck_core::seat::dss::pods::PodSettings;
use ackcheck_core::verdict::{Unseen, Verdict};

use super::*;

fn container(repository: &str, namespace: &str) -> Configuration {
    Configuration {
        kind: ConfigurationKind::Container,
        name: "ack".to_owned(),
        managed: true,
        repositories: vec![repository.to_owned()],
        namespace: Some(namespace.to_owned()).filter(|name| !name.is_empty()),
        kubeconfig: None,
        context: None,
        pushed_with: None,
        base_image: None,
        pull_secret: Some("acr".to_owned()),
        conf: Vec::new(),
        pods: PodSettings::default(),
    }
}

/// The findings of a site file with the repository `r.example/dss`, the namespaces `dss` and `jobs`, the pull secret `acr`.
fn found(list: Vec<Configuration>) -> String {
    let config = Config {
        registry: Some(RegistryConfig { url: "r.example/dss".to_owned(), ..RegistryConfig::default() }),
        cluster: Some(ClusterConfig {
            namespaces: vec!["dss".to_owned(), "jobs".to_owned()],
            pull_secret: Some("acr".to_owned()),
            ..ClusterConfig::default()
        }),
        ..Config::default()
    };
    let mut comparison = Comparison::default();
    compare(
        &mut comparison,
        &config,
        &Configurations { origin: String::new(), default_cluster: None, takes_clusters_of_kubectl: None, list },
    );
    match comparison.judgement() {
        Ok(Verdict::Fail(finding) | Verdict::Warn(finding)) => format!("{}: {}", finding.code.name, finding.seen),
        Ok(Verdict::Pass) => "pass".to_owned(),
        Ok(Verdict::NotApplicable(why)) => why.into_owned(),
        Err(Unseen::NotDescribed(why)) => why.into_owned(),
        Err(broken) => broken.to_string(),
    }
}

#[test]
fn the_same_in_another_spelling_and_values_with_variables_are_no_difference() {
    for (repository, namespace) in [
        ("r.example/dss", "dss"),
        ("R.example/dss/", "jobs"),
        ("${adminProperty:registry}/dss", "dssns-${dssUserLogin}"),
        ("r.example/dss", ""),
    ] {
        assert_eq!(found(vec![container(repository, namespace)]), "pass", "{repository} {namespace}");
    }
    // Nothing that DSS itself does not use.
    let unmanaged =
        Configuration { managed: false, pull_secret: Some("x".to_owned()), ..container("docker.io/x", "x") };
    assert_eq!(found(vec![unmanaged, container("r.example/dss", "dss")]), "pass");
}

#[test]
fn differences_are_told_with_both_values() {
    let told = found(vec![container("docker.io/acme", "dss")]);
    assert!(told.starts_with("repository-differs: ") && told.contains("docker.io/acme"), "{told}");
    assert!(told.contains("r.example/dss") && told.contains("container configuration ack"), "{told}");
    // The VPC's address and the public one are two addresses.
    assert!(found(vec![container("r-vpc.example/dss", "dss")]).starts_with("repository-differs"));
    let told = found(vec![container("r.example/dss", "dss"), container("r.example/other", "dss")]);
    assert!(told.starts_with("repository-not-asked: "), "{told}");
    let told = found(vec![container("r.example/dss", "default")]);
    assert!(told.starts_with("namespace-differs: ") && told.contains("dss, jobs"), "{told}");
    let told = found(vec![Configuration { pull_secret: Some("old".to_owned()), ..container("r.example/dss", "dss") }]);
    assert!(told.starts_with("repository-differs: the pull secret") && told.contains("old"), "{told}");
}

#[test]
fn sparks_own_namespace_counts_where_dss_does_not_manage_its_pods() {
    let conf = [("spark.master", "k8s://https://10.0.0.1:6443"), ("spark.kubernetes.namespace", "spark")];
    let conf = conf.map(|(key, value)| (key.to_owned(), PropertyValue::Clear(value.to_owned()))).to_vec();
    let spark = Configuration { kind: ConfigurationKind::Spark, managed: false, conf, ..container("", "dss") };
    let told = found(vec![container("r.example/dss", "dss"), spark]);
    assert!(told.starts_with("namespace-differs: ") && told.contains("spark"), "{told}");
}
