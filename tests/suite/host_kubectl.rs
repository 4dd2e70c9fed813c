//! The kubectl of the DSS host, as the seat calls it, and what becomes of a verdict that it contradicts.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use ackcheck_core::catalogue::Selection;
use ackcheck_core::config::{ClusterConfig, Config, HostConfig};
use ackcheck_core::evidence::Journal;
use ackcheck_core::fault::Fault;
use ackcheck_core::record::Ending;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::host::{Kubectl, Reached};
use ackcheck_core::secret::Scrubber;
use ackcheck_lab::LabOptions;
use ackcheck_live::host;

use crate::support::seats::{unreadable, written};
use crate::support::whole_run::{Edit, run_on_edited};

/// What the seat sees of a kubectl that is this script; `$seen` in it is a file. Then what it left there, and the evidence.
fn called(script: &str) -> (Seen<Kubectl>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let (program, seen) = (folder.path().join("kubectl"), folder.path().join("seen"));
    std::fs::write(&program, format!("#!/bin/sh\nseen={}\n{script}\n", seen.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut config = Config {
        host: HostConfig { local: true, command_path: vec![folder.path().to_owned()], ..HostConfig::default() },
        cluster: Some(ClusterConfig {
            kubeconfig: "/where/the/kubeconfig is".into(),
            context: Some("one of many".to_owned()),
            namespaces: vec!["dss".to_owned()],
            ..ClusterConfig::default()
        }),
        ..Config::default()
    };
    config.limits.command = std::time::Duration::from_secs(60);
    let scrubber = Scrubber::default();
    scrubber.secret("CANARY-of-the-kubeconfig");
    let journal = Journal::new(scrubber);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let seat = host::open(Arc::new(config), journal.clone()).unwrap();
    let kubectl = runtime.block_on(seat.kubectl());
    (kubectl, std::fs::read_to_string(seen).unwrap_or_default(), written(&journal.take()))
}

const CLIENT: &str = r#"case "$*" in *--client*) echo '{"clientVersion": {"gitVersion": "v1.30.2"}}'; exit 0 ;; esac"#;

#[test]
fn it_is_called_as_dss_calls_it_and_leaves_nothing() {
    let script = format!(
        "{CLIENT}\nprintf '%s|' \"$KUBECONFIG\" \"$@\" >>$seen\n\
         (: </dev/tty) 2>/dev/null && echo 'a terminal' >>$seen\nread -r line && echo 'an input' >>$seen\n\
         while [ $# -gt 1 ]; do [ \"$1\" = --cache-dir ] && mkdir -p \"$2/discovery\" && echo \"caches $2\" >>$seen; shift; done\n\
         echo no; exit 1"
    );
    let (kubectl, seen, _) = called(&script);
    let reached = Reached::In { server: None };
    assert_eq!(kubectl, Ok(Kubectl::Is { client: "v1.30.2".to_owned(), cluster: reached }));
    assert!(!seen.contains("a terminal") && !seen.contains("an input"), "{seen}");
    assert!(seen.contains("/where/the/kubeconfig is|") && seen.contains("|--context|one of many|"), "{seen}");
    assert!(seen.contains("|auth|can-i|create|pods|--namespace|dss|"), "{seen}");
    let caches: Vec<&str> = seen.lines().filter_map(|line| line.split_once("caches ").map(|(_, at)| at)).collect();
    assert!(caches.len() == 2 && caches.iter().all(|folder| !Path::new(folder).exists()), "{seen}");
}

#[test]
fn what_is_not_kubectl_is_told_from_a_kubectl_that_is_refused() {
    let other = |script: &str| match called(script).0 {
        Ok(Kubectl::Other { said }) => said,
        other => panic!("{script}: {other:?}"),
    };
    assert_eq!(
        other("echo 'Welcome to the bastion'; echo '{\"clientVersion\": {\"gitVersion\": \"v1.30.2\"}}'")
            .lines()
            .count(),
        1
    );
    assert!(other("echo 'sudo: a password is required' >&2; exit 1").contains("a password is required"));
    assert!(other("echo '{}'").contains("{}"));
    assert!(other("exit 0").contains("prints nothing"));
    let plugin = format!(
        "{CLIENT}\necho tried >>$seen\necho 'error: the token CANARY-of-the-kubeconfig is odd' >&2\n\
         echo 'Unable to connect to the server: getting credentials' >&2; exit 1"
    );
    let (kubectl, seen, evidence) = called(&plugin);
    let Ok(Kubectl::Is { cluster: Reached::Refused { said }, .. }) = kubectl else { panic!("{kubectl:?}") };
    assert!(said.contains("Unable to connect") && !said.contains("CANARY"), "{said}");
    // It is asked once more, with two calls each time.
    assert_eq!((seen.lines().count(), evidence.lines().count() > 4), (4, true), "{seen}{evidence}");
    let anonymous = format!("{CLIENT}\necho 'error: You must be logged in to the server' >&2; exit 1");
    assert!(matches!(called(&anonymous).0, Ok(Kubectl::Is { cluster: Reached::Refused { .. }, .. })));
    // It was killed by something else than us: nothing is known.
    unreadable(called(&format!("{CLIENT}\nkill -9 $$")).0, "kubectl version", "signal");
}

/// How a check ends on a lab with these faults.
fn ending(check: &str, faults: &[Fault], edit: Option<Edit>) -> Ending {
    let options = LabOptions { faults: faults.to_vec(), ..LabOptions::default() };
    let selection = Selection { only: vec![check.to_owned()], ..Selection::default() };
    let report = run_on_edited(&options, &selection, edit).unwrap();
    let case = report.cases.into_iter().find(|case| case.id.check == check).unwrap();
    case.ending
}

const LET_IN: Fault = Fault::Set("/host/kubectl", "\"let-in\"");

#[test]
fn where_kubectl_is_let_in_ackcheck_blames_itself() {
    for other in [
        Fault::Set("/kubernetes/kubeconfig/authority", "\"other\""),
        Fault::Set("/kubernetes/kubeconfig/certificate", "\"none\""),
        Fault::Set("/kubernetes/kubeconfig/form", "\"exec-missing\""),
    ] {
        let own = ending("cluster-answers", &[other, LET_IN], None);
        assert!(matches!(&own, Ending::Broken { why } if why.contains("ackcheck itself does not get in")), "{own:?}");
        // Elsewhere than on the DSS host kubectl cannot contradict, and is not asked.
        let elsewhere = ending("cluster-answers", &[other, LET_IN], Some(|config| config.host.local = false));
        assert!(matches!(elsewhere, Ending::Fail(_)), "{elsewhere:?}");
    }
}

#[test]
fn a_kubectl_of_another_machine_is_none_of_dss() {
    let elsewhere = ending("host-kubectl", &[], Some(|config| config.host.local = false));
    assert!(matches!(elsewhere, Ending::NotApplicable { .. }), "{elsewhere:?}");
}
