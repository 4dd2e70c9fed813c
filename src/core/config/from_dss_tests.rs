//! Keys that are left to DSS, those that are given all the same, and those that DSS does not tell.

use std::path::Path;

use super::*;
use crate::config::{SecretSource, parse};
use crate::secret::Scrubber;

#[derive(Default)]
struct NoSecrets(Scrubber);

impl SecretSource for NoSecrets {
    fn scrubber(&self) -> &Scrubber {
        &self.0
    }
    fn environment(&self, name: &str) -> Result<String, String> {
        Err(name.to_owned())
    }
    fn file(&self, path: &Path) -> Result<String, String> {
        Err(path.display().to_string())
    }
}

fn read(text: &str) -> Result<Config, ConfigErrors> {
    parse(Path::new("/etc/ackcheck.toml"), text, &NoSecrets::default())
}

fn told() -> ToldByDss {
    ToldByDss {
        repositories: vec!["r.example/dss".to_owned(), "r.example/spark".to_owned()],
        namespaces: vec!["dss".to_owned(), "spark".to_owned()],
        kubeconfig: Some(("/home/dss/kube".into(), Some("ack".to_owned()))),
    }
}

const ALL: &str = "[dss]\ndata_dir = \"/data\"\n[registry]\nfrom = \"dss\"\n[cluster]\nfrom = \"dss\"\n";

#[test]
fn what_is_not_given_is_filled_in() {
    let mut config = read(ALL).unwrap();
    config.fill_from_dss(Ok(told())).unwrap();
    let cluster = config.cluster.unwrap();
    assert_eq!(config.registry.unwrap().url, "r.example/dss");
    assert_eq!((cluster.kubeconfig.as_path(), cluster.context.as_deref()), (Path::new("/home/dss/kube"), Some("ack")));
    assert_eq!(cluster.namespaces, ["dss", "spark"]);
}

#[test]
fn what_is_given_stays() {
    let text = "[dss]\ndata_dir = \"/data\"\n[registry]\nfrom = \"dss\"\nurl = \"own/x\"\n[cluster]\nfrom = \"dss\"\n\
        kubeconfig = \"/own\"\nnamespaces = [\"own\"]\n";
    let mut config = read(text).unwrap();
    assert_eq!(config.from_dss, []);
    config.fill_from_dss(Err("nobody asks".to_owned())).unwrap();
    let cluster = config.cluster.unwrap();
    assert_eq!((config.registry.unwrap().url.as_str(), cluster.namespaces), ("own/x", vec!["own".to_owned()]));
    assert_eq!((cluster.kubeconfig.as_path(), cluster.context), (Path::new("/own"), None));
}

#[test]
fn what_dss_does_not_tell_is_an_error_with_its_line() {
    let mut config = read(ALL).unwrap();
    let errors = config.fill_from_dss(Ok(ToldByDss { kubeconfig: None, ..told() })).unwrap_err();
    let said = errors.to_string();
    assert!(said.starts_with("/etc/ackcheck.toml:6: cluster.kubeconfig: no container or Spark"), "{said}");
    let mut config = read(ALL).unwrap();
    let said = config.fill_from_dss(Err("it is not there".to_owned())).unwrap_err().to_string();
    assert_eq!(said.matches("DSS does not tell it: it is not there").count(), 3, "{said}");
}

#[test]
fn only_dss_can_be_named_and_it_must_be_described() {
    let said = read("[registry]\nfrom = \"dss\"\n").unwrap_err().to_string();
    assert!(said.contains(":2: registry.from: needs a [dss] section"), "{said}");
    let said = read("[dss]\ndata_dir = \"/data\"\n[registry]\nfrom = \"DSS\"\n").unwrap_err().to_string();
    assert!(said.contains("registry.from: must be \"dss\""), "{said}");
    let said = read("[dss]\ndata_dir = \"/data\"\n[host]\nfrom = \"dss\"\n").unwrap_err().to_string();
    assert!(said.contains("host.from: unknown key"), "{said}");
}
