//! `ackcheck init`: what is found on the lab's DSS host, and that what is written is a site file without a secret.

use std::fs;
use std::path::Path;

use ackcheck::site::Site;
use ackcheck_core::config::{Connections, HostConfig, SecretSource, parse};
use ackcheck_core::secret::Scrubber;
use ackcheck_live::discover::{Surroundings, discover};
use ackcheck_live::from_dss;
use url::Url;

use crate::support::canary::secret_free;
use crate::support::lab::install_tls_provider;
use crate::support::program::ackcheck;
use crate::support::seats;

#[derive(Default)]
struct NoSecrets(ackcheck_core::secret::Scrubber);
impl SecretSource for NoSecrets {
    fn scrubber(&self) -> &ackcheck_core::secret::Scrubber {
        &self.0
    }
    fn environment(&self, name: &str) -> Result<String, String> {
        Err(format!("{name} is not set"))
    }
    fn file(&self, path: &Path) -> Result<String, String> {
        Err(format!("{} is not there", path.display()))
    }
}

async fn lab() -> (Site, Surroundings) {
    let site = seats::site(&[]).await;
    let host = HostConfig {
        local: true,
        command_path: site.config.host.command_path.clone(),
        // Nobody answers there: what discover makes of it is part of the test.
        metadata: Some(Url::parse("http://127.0.0.1:1").unwrap()),
        ..HostConfig::default()
    };
    let kubeconfig = site.config.cluster.clone().unwrap().kubeconfig.into_os_string();
    let data_dir = site.config.dss.clone().unwrap().data_dir;
    (site, Surroundings { data_dir, kubeconfig: Some(kubeconfig), host, ..Surroundings::default() })
}

#[tokio::test]
async fn what_is_there_is_found_and_written_without_a_secret() {
    let (_site, around) = lab().await;
    let draft = discover(&around).await.unwrap();
    let text = draft.render();
    let mut config = parse(Path::new("/etc/ackcheck.toml"), &text, &NoSecrets::default())
        .unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    // What DSS tells is asked of it at each run.
    assert!(text.contains("# name = \"dss.lab.internal\"  # now, by DKU_BACKEND_EXT_HOST"), "{text}");
    assert_eq!(config.registry.as_ref().map(|registry| registry.url.as_str()), Some(""), "{text}");
    from_dss::fill(&mut config, &Scrubber::default()).await.unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    assert_eq!(config.host.name, None);
    assert_eq!(config.host.addresses, ["10.0.0.20".parse::<std::net::IpAddr>().unwrap()]);
    assert_eq!(config.dss.unwrap().data_dir, around.data_dir);
    assert_eq!(config.registry.unwrap().url, "lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss");
    assert_eq!(config.storage.unwrap().connections, Connections::All);
    let cluster = config.cluster.unwrap();
    assert_eq!((cluster.context.as_deref(), cluster.namespaces.as_slice()), (Some("lab"), &["dss".to_owned()][..]));
    assert!(text.contains("# access_key_id = \"LTAI5tLabOssKeyId000001\""), "{text}");
    secret_free("the draft", &text).unwrap();
    assert!(!text.contains("e:AES:"), "{text}");
    // The region alone was not to be had, and is said to be so.
    let open: Vec<&str> = draft.open_ends().iter().map(|(key, ..)| *key).collect();
    assert_eq!(open, ["cloud.region"]);
}

#[tokio::test]
async fn a_machine_without_anything_gets_a_file_of_comments() {
    install_tls_provider();
    let home = tempfile::tempdir().unwrap();
    let host = HostConfig {
        local: true,
        command_path: vec![home.path().to_owned()],
        metadata: Some(Url::parse("http://127.0.0.1:1").unwrap()),
        ..HostConfig::default()
    };
    let around = Surroundings { home: Some(home.path().to_owned()), host, ..Surroundings::default() };
    let draft = discover(&around).await.unwrap();
    parse(Path::new("ackcheck.toml"), &draft.render(), &NoSecrets::default()).unwrap();
    assert_eq!(draft.open_ends().len(), 11, "{:?}", draft.open_ends());
    let named = Surroundings { data_dir: Some(home.path().to_owned()), ..around };
    let broken = discover(&named).await.unwrap_err().to_string();
    assert!(broken.contains("not a DSS data directory"), "{broken}");
}

#[test]
fn init_refuses_to_overwrite() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("ackcheck.toml");
    fs::write(&site, "# mine\n").unwrap();
    let init = |more: &[&str]| {
        let mut command = ackcheck(folder.path());
        command.args(["init", "--site"]).arg(&site).args(more).env("HOME", folder.path());
        command.output().unwrap()
    };
    let refused = init(&[]);
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--force"), "{refused:?}");
    assert_eq!(fs::read_to_string(&site).unwrap(), "# mine\n");
    let nowhere = init(&["--force", "--from", "/nowhere"]);
    assert_eq!(nowhere.status.code(), Some(3), "{nowhere:?}");
    assert_eq!(fs::read_to_string(&site).unwrap(), "# mine\n");
    let written = init(&["--force"]);
    assert_eq!(written.status.code(), Some(0), "{written:?}");
    assert!(fs::read_to_string(&site).unwrap().contains("[host]"));
}
