//! Two statements of one fact: what people's site files say beside what DSS's own settings say, as whole runs.

use ackcheck_core::catalogue::Selection;
use ackcheck_core::config::{Config, Connections, DssKey, FromDss};
use ackcheck_core::evidence::Journal;
use ackcheck_core::fault::{Fault, LabFile};
use ackcheck_core::record::{Ending, Report};
use ackcheck_core::seat::dss::containers::KubeconfigState;
use ackcheck_core::secret::Scrubber;
use ackcheck_lab::LabOptions;
use ackcheck_live::from_dss;

use crate::support::seats;
use crate::support::whole_run::{Edit, run_on, run_on_edited};

const GENERAL: LabFile = LabFile::Data("config/general-settings.json");
const SITE: LabFile = LabFile::Data("bin/env-site.sh");
const HOST: &str = "DKU_BACKEND_EXT_HOST={{/deployment/host/name}}";

/// The whole catalogue on a lab, its site file edited.
fn run(faults: &[Fault], edit: Option<Edit>) -> Report {
    let lab = LabOptions { faults: faults.to_vec(), ..LabOptions::default() };
    match edit {
        Some(_) => run_on_edited(&lab, &Selection::default(), edit),
        None => run_on(&lab, &Selection::default()),
    }
    .unwrap()
}

fn ending<'a>(report: &'a Report, check: &str) -> &'a Ending {
    &report.cases.iter().find(|case| case.id.check == check).unwrap().ending
}

/// What settings-agree says: its finding and what it saw.
fn said(report: &Report) -> (&str, &str) {
    match ending(report, "settings-agree") {
        Ending::Fail(finding) | Ending::Warn(finding) => (&finding.code, &finding.seen),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_placeholder_of_the_howto_beside_a_good_name_fails() {
    let report = run(&[Fault::Replace(SITE, HOST, "DKU_BACKEND_EXT_HOST=my.host.name")], None);
    assert_eq!(report.exit_code(), 1);
    // Whoever says it first: with ext-host failing, settings-agree is blocked.
    let told = matches!(ending(&report, "ext-host"), Ending::Fail(_)) || said(&report).0 == "name-differs";
    assert!(told, "{:?}", ending(&report, "ext-host"));
}

#[test]
fn the_name_that_dss_gives_is_the_one_that_pods_are_asked_for() {
    let report = run(&[Fault::Replace(SITE, HOST, "DKU_BACKEND_EXT_HOST=gone.lab.internal")], None);
    let (code, seen) = said(&report);
    assert!(
        code == "name-differs" && seen.contains("gone.lab.internal") && seen.contains("dss.lab.internal"),
        "{seen}"
    );
    assert!(matches!(ending(&report, "dss-name-resolves"), Ending::Fail(finding) if finding.seen.contains("gone")));
}

#[test]
fn without_the_variable_containers_are_given_the_hosts_own_name() {
    let unset = Fault::Replace(SITE, HOST, "A=1");
    assert_eq!(*ending(&run(&[unset], None), "settings-agree"), Ending::Pass);
    let other: Edit = |config| config.host.name = Some("dss-alias.lab.internal".to_owned());
    let report = run(&[unset], Some(other));
    let (code, seen) = said(&report);
    assert!(code == "name-differs" && seen.contains("the host's own name"), "{seen}");
}

#[test]
fn another_repository_than_the_site_files_fails() {
    let edit: Edit = |config| {
        let registry = config.registry.as_mut().unwrap();
        registry.url = registry.url.replace("/dss", "/acme");
    };
    let report = run(&[], Some(edit));
    let (code, seen) = said(&report);
    assert!(code == "repository-differs" && seen.contains("com/acme") && seen.contains("com/dss"), "{seen}");
}

#[test]
fn a_kubeconfig_of_dss_that_is_not_there_fails() {
    let path = "/containerSettings/executionConfigs/0/kubeConfigPath";
    let report = run(&[Fault::SetIn(GENERAL, path, "\"/home/dataiku/.kube/nowhere\"")], None);
    let Ending::Fail(finding) = ending(&report, "cluster-chosen") else { panic!("{report:?}") };
    assert_eq!((finding.code.as_str(), report.exit_code()), ("kubeconfig-missing", 1));
    // There is nothing to compare with.
    assert_eq!(*ending(&report, "settings-agree"), Ending::Pass);
}

#[test]
fn what_is_filled_in_by_dss_or_managed_elsewhere_is_no_difference() {
    let faults = [
        Fault::SetIn(GENERAL, "/containerSettings/executionConfigs/0/repositoryURL", "\"${adminProperty:registry}/x\""),
        Fault::SetIn(GENERAL, "/containerSettings/executionConfigs/0/kubernetesNamespace", "\"dssns-${dssUserLogin}\""),
        Fault::SetIn(GENERAL, "/containerSettings/executionConfigs/0/kubeConfigPath", "\"/gone/of/a/managed/cluster\""),
        Fault::SetIn(GENERAL, "/defaultK8sClusterId", "\"ack\""),
    ];
    assert_eq!(*ending(&run(&faults, None), "settings-agree"), Ending::Pass);
}

#[test]
fn a_connection_that_the_site_file_does_not_name_is_told() {
    let edit: Edit = |config| {
        let storage = config.storage.as_mut().unwrap();
        storage.buckets.retain(|bucket| bucket.name != "lab-dss-data");
        storage.connections = Connections::None;
    };
    let report = run(&[], Some(edit));
    let (code, seen) = said(&report);
    assert!(code == "bucket-not-asked" && seen.contains("oss_managed"), "{seen}");
}

#[tokio::test]
async fn a_link_that_leads_nowhere_is_a_kubeconfig_that_is_not_there() {
    let site = seats::site(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let dss = site.seats.dss(Journal::new(Scrubber::default())).unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::os::unix::fs::symlink("/nowhere/kubeconfig", at("dangling")).unwrap();
    std::fs::write(at("page"), "<html></html>\n").unwrap();
    let own = site.config.cluster.as_ref().unwrap().kubeconfig.clone();
    std::os::unix::fs::symlink(&own, at("link")).unwrap();
    assert_eq!(dss.kubeconfig(&at("dangling"), None).await.unwrap(), KubeconfigState::Missing);
    assert_eq!(dss.kubeconfig(&at("none"), None).await.unwrap(), KubeconfigState::Missing);
    assert!(matches!(dss.kubeconfig(&at("page"), None).await.unwrap(), KubeconfigState::Unusable { .. }));
    let whole = dss.kubeconfig(&own.display().to_string(), Some("lab")).await.unwrap();
    assert_eq!(dss.kubeconfig(&at("link"), None).await.unwrap(), whole);
    let other = dss.kubeconfig(&at("link"), Some("other")).await.unwrap();
    assert!(matches!(other, KubeconfigState::NoContext { have, .. } if have == ["lab"]));
    // A folder is not a file, and nobody says that it is not there.
    assert!(dss.kubeconfig(&at(""), None).await.is_err());
}

#[tokio::test]
async fn what_the_site_file_leaves_to_dss_is_what_dss_says_now() {
    let site = seats::site(&[Fault::SetIn(
        GENERAL,
        "/containerSettings/executionConfigs/0/kubernetesNamespace",
        "\"changed-since\"",
    )])
    .await;
    let mut config = Config::clone(&site.config);
    config.registry.as_mut().unwrap().url.clear();
    config.cluster.as_mut().unwrap().namespaces.clear();
    config.from_dss = [DssKey::Repository, DssKey::Namespaces].map(|key| FromDss { key, line: 1 }).to_vec();
    let mut elsewhere = config.clone();
    from_dss::fill(&mut config, &Scrubber::default()).await.unwrap();
    assert_eq!(config.registry.as_ref().unwrap().url, site.config.registry.as_ref().unwrap().url);
    assert_eq!(config.cluster.as_ref().unwrap().namespaces, ["changed-since", "dss"]);

    elsewhere.dss.as_mut().unwrap().data_dir = Some("/nowhere/dss".into());
    let said = from_dss::fill(&mut elsewhere, &Scrubber::default()).await.unwrap_err().to_string();
    assert!(said.contains("registry.url: DSS does not tell it") && said.contains("/nowhere/dss"), "{said}");
}
