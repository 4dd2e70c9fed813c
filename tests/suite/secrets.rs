//! Secrets of every kind, wherever somebody may have put one: none comes out of what the program writes.

use std::fs;
use std::path::Path;

use ackcheck_core::config::HostConfig;
use ackcheck_core::fault::{Fault, LabFile};
use ackcheck_live::discover::{Surroundings, discover};
use url::Url;

use crate::support::canary::secret_free;
use crate::support::lab::install_tls_provider;
use crate::support::program::run_in;
use crate::support::seats;

const CONNECTIONS: LabFile = LabFile::Data("config/connections.json");
const SETTINGS: LabFile = LabFile::Data("config/general-settings.json");
const SITE: LabFile = LabFile::Data("bin/env-site.sh");

/// What `ackcheck init` writes for a lab, and what it says of what it did not find.
async fn draft(faults: &[Fault]) -> String {
    install_tls_provider();
    let site = seats::site(faults).await;
    let host = HostConfig {
        local: true,
        command_path: site.config.host.command_path.clone(),
        metadata: Some(Url::parse("http://127.0.0.1:1").unwrap()),
        ..HostConfig::default()
    };
    let kubeconfig = site.config.cluster.clone().unwrap().kubeconfig.into_os_string();
    let data_dir = site.config.dss.clone().unwrap().data_dir;
    let around = Surroundings { data_dir, kubeconfig: Some(kubeconfig), host, ..Surroundings::default() };
    let draft = discover(&around).await.unwrap();
    format!("{}\n{:?}\n{draft:?}", draft.render(), draft.open_ends())
}

#[tokio::test]
async fn no_draft_holds_what_stands_in_the_wrong_place() {
    let key_id = "/connections/oss_managed/params/extraConf/1/value";
    let root = "/connections/oss_managed/params/root";
    let repository = "/containerSettings/executionConfigs/0/repositoryURL";
    let spark = "/sparkSettings/executionConfigs/0/kubernetesSettings/repositoryURL";
    let host = "DKU_BACKEND_EXT_HOST={{/deployment/host/name}}";
    let text = draft(&[
        Fault::SetIn(CONNECTIONS, key_id, "\"CANARYswappedPairSecretA1b2C3d\""),
        Fault::SetIn(CONNECTIONS, root, "\"oss://LTAI5tLab:CANARYrootSecret@lab-dss-data/dss\""),
        Fault::SetIn(SETTINGS, repository, "\"robot:CANARYrepositoryUser@registry.lab.internal/dss\""),
        Fault::SetIn(SETTINGS, spark, "\"https://CANARYrepositoryToken@registry.lab.internal/spark\""),
        Fault::Replace(SITE, host, "DKU_BACKEND_EXT_HOST=http://me:CANARYhost@dss.lab.internal"),
    ])
    .await;
    assert!(text.contains("registry.lab.internal/dss") && text.contains("oss_managed"), "{text}");
    secret_free("the draft", &text).unwrap();
}

#[test]
fn no_error_repeats_a_secret_that_was_typed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("ackcheck.toml"),
        "[network]\nproxy = \"socks5://me:CANARYproxy@proxy\"\n[registry]\npassword = \"CANARYinClear\"\n\
         [dss]\napi_key = { env = \"CANARYkeyInPlaceOfItsVariable1\" }\n",
    )
    .unwrap();
    for arguments in [
        &["run", "--quiet"][..],
        &["cleanup"],
        &["rights", "--site", "ackcheck.toml"],
        &["run", "http://me:CANARYargument@proxy"],
        &["run", "--proxy", "http://me:CANARYoption@proxy"],
        &["run", "--only", "http://me:CANARYselector@proxy"],
        &["run", "--color=http://me:CANARYcolor@proxy"],
        &["init", "--from", "http://me:CANARYfolder@host/"],
    ] {
        let ended = run_in(folder.path(), arguments);
        assert_eq!(ended.code, Some(3), "{arguments:?}: {}", ended.stderr);
        secret_free(&format!("{arguments:?}"), &format!("{}{}", ended.stdout, ended.stderr)).unwrap();
    }
}

#[test]
fn a_torn_site_file_is_told_by_its_line_alone() {
    let folder = tempfile::tempdir().unwrap();
    for text in
        ["[dss]\napi_key = CANARYbare\n", "[dss]\napi_key = \"CANARYopen\n", "[dss]\napi_key = { \"CANARYtable\n"]
    {
        let file: &Path = &folder.path().join("ackcheck.toml");
        fs::write(file, text).unwrap();
        let ended = run_in(folder.path(), &["run", "--quiet"]);
        assert!(ended.code == Some(3) && ended.stderr.contains("ackcheck.toml:2: "), "{text}: {}", ended.stderr);
        secret_free(text.lines().next().unwrap(), &ended.stderr).unwrap();
    }
}
