use ackcheck_core::seat::dss::pods::PodSettings;

use super::*;

const SITE: &str = "R.example.com/dss";

fn instance(version: &str) -> Instance {
    Instance { id: "abc".to_owned(), version: DssVersion::parse(version).unwrap() }
}

fn configuration(kind: ConfigurationKind, managed: bool, base: Option<&str>, url: &str) -> Configuration {
    Configuration {
        kind,
        name: "ack".to_owned(),
        managed,
        repositories: Some(url.to_owned()).filter(|url| !url.is_empty()).into_iter().collect(),
        namespace: None,
        kubeconfig: None,
        context: None,
        pushed_with: None,
        base_image: base.map(str::to_owned),
        pull_secret: None,
        conf: Vec::new(),
        pods: PodSettings::default(),
    }
}

/// The names of the images here; how many are elsewhere, and how many are unclear.
fn wanted(list: Vec<Configuration>, version: &str) -> (Vec<String>, usize, usize) {
    let found = Configurations { origin: String::new(), default_cluster: None, takes_clusters_of_kubectl: None, list };
    let all = AllWanted::of(&found, &instance(version), SITE);
    (all.here.iter().map(Wanted::name).collect(), all.elsewhere.len(), all.unclear.len())
}

#[test]
fn a_configuration_names_what_dss_starts_its_pods_from() {
    use ConfigurationKind::{Container, Spark};
    let url = "r.example.com:443/dss/";
    for (kind, base, url, version, expected) in [
        (Container, None, url, "9.0.5", (vec!["dss/dku-exec-base-abc:dss-9.0.5"], 0, 0)),
        (Spark, None, url, "14.2.0", (vec!["dss/dku-spark-base-abc:dss-14.2.0"], 0, 0)),
        (Container, None, "r.example.com", "14.2.0", (vec!["dku-exec-base-abc:dss-14.2.0"], 0, 0)),
        (Container, Some("mine"), url, "14.2.0", (vec!["dss/mine:latest"], 0, 0)),
        (Container, Some("a/mine:1"), url, "14.2.0", (vec!["dss/a/mine:1"], 0, 0)),
        (Container, Some("mine:1@sha256:ab"), url, "14.2.0", (vec!["dss/mine@sha256:ab"], 0, 0)),
        (Container, Some("mine"), url, "99.0", (vec!["dss/mine:latest"], 0, 0)),
        (Container, None, url, "99.0", (vec![], 0, 1)),
        (Container, Some("docker.io/mine:1"), url, "14.2.0", (vec![], 0, 1)),
        (Container, Some("mine:${tag}"), url, "14.2.0", (vec![], 0, 1)),
        (Container, None, "r.example.com/${root}", "14.2.0", (vec![], 0, 1)),
        (Container, None, "", "14.2.0", (vec![], 0, 1)),
        (Container, None, "other.example.com/dss", "14.2.0", (vec![], 1, 0)),
        (Container, None, "r.example.com:5000/dss", "14.2.0", (vec![], 1, 0)),
    ] {
        let (names, elsewhere, unclear) = expected;
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let found = wanted(vec![configuration(kind, true, base, url)], version);
        assert_eq!(found, (names, elsewhere, unclear), "{base:?} {url} {version}");
    }
}

#[test]
fn a_spark_of_its_own_names_its_image_whole() {
    let of = |conf: &[(&str, &str)]| {
        let mut one = configuration(ConfigurationKind::Spark, false, None, "");
        let master = ("spark.master", "k8s://https://10.0.0.1:6443");
        let conf = conf.iter().chain(std::iter::once(&master));
        one.conf = conf.map(|(key, value)| (key.to_string(), PropertyValue::Clear(value.to_string()))).collect();
        wanted(vec![one], "14.2.0")
    };
    let image = "spark.kubernetes.container.image";
    assert_eq!(of(&[(image, "r.example.com/dss/spark:1")]), (vec!["dss/spark:1".to_owned()], 0, 0));
    let executors = "spark.kubernetes.executor.container.image";
    let both = [(image, "r.example.com/dss/driver:1"), (executors, "r.example.com/dss/executor:2")];
    assert_eq!(of(&both), (vec!["dss/executor:2".to_owned()], 0, 0));
    assert_eq!(of(&[(image, "apache/spark:3.4.1")]), (vec![], 1, 0));
    assert_eq!(of(&[]), (vec![], 0, 0));
    assert_eq!(of(&[(image, "r.example.com/dss/spark:${v}")]), (vec![], 0, 1));
}

#[test]
fn an_image_of_two_configurations_is_one_and_docker_on_the_host_starts_no_pods() {
    let one = |managed| configuration(ConfigurationKind::Container, managed, None, SITE);
    let found = Configurations {
        origin: String::new(),
        default_cluster: None,
        takes_clusters_of_kubectl: None,
        list: vec![one(true), one(true)],
    };
    let all = AllWanted::of(&found, &instance("14.2.0"), SITE);
    assert_eq!((all.here.len(), all.here[0].of.len(), all.here[0].placements.len()), (1, 2, 2));
    assert_eq!(wanted(vec![one(false)], "14.2.0"), (vec![], 0, 0));
}
