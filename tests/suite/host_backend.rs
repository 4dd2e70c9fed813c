//! Which process of the DSS host is the backend, and what is judged where that cannot be told.

use ackcheck_core::catalogue::Selection;
use ackcheck_core::fault::Fault;
use ackcheck_core::record::Ending;
use ackcheck_lab::LabOptions;

use crate::support::whole_run::run_on;

const COMMAND: &str = "/host/system/processes/1/command";

/// How a check ends on a lab with these faults.
fn ending(check: &str, faults: &[Fault]) -> Ending {
    let options = LabOptions { faults: faults.to_vec(), ..LabOptions::default() };
    let selection = Selection { only: vec![check.to_owned()], ..Selection::default() };
    let report = run_on(&options, &selection).unwrap();
    report.cases.into_iter().find(|case| case.id.check == check).unwrap().ending
}

fn not_judged(check: &str, faults: &[Fault], why: &str) {
    let ending = ending(check, faults);
    assert!(matches!(&ending, Ending::Broken { why: said } if said.contains(why)), "{check}: {ending:?}");
}

#[test]
fn a_backend_is_known_wherever_its_option_stands() {
    for command in [
        r#""java -ea -Xmx2g -Ddku.backend -cp {{data}}/bin:{{install}}/dist com.dataiku.dip.DSSBackendMain""#,
        r#""/bin/sh /usr/bin/java -Ddku.backend=true -cp {{data}}/bin com.dataiku.dip.DSSBackendMain""#,
    ] {
        let stale = Fault::Set("/host/system/processes/1/limits/files", "[4096, 4096]");
        let low = ending("host-limits", &[Fault::Set(COMMAND, command), stale]);
        assert!(matches!(low, Ending::Fail(_)), "{low:?}");
    }
}

#[test]
fn where_dss_runs_and_no_process_looks_like_its_backend_nothing_is_judged() {
    let other = Fault::Set(COMMAND, r#""java -cp {{install}}/dist com.example.Other""#);
    for check in ["host-limits", "ext-host-live"] {
        not_judged(check, &[other], "its supervisor is process 4100");
    }
}

#[test]
fn what_the_backend_forks_is_not_a_second_backend() {
    let forked = |parent: &str| {
        let process = r#"{ "number": 4109, "parent": PARENT, "uid": 1001, "name": "java", "ports": [], "hidden": false,
            "command": "java -Ddku.backend -cp {{data}}/bin:{{install}}/dist com.dataiku.dip.DSSBackendMain",
            "limits": { "files": [1048576, 1048576], "processes": [127000, 127000] } }"#;
        Fault::Add("/host/system/processes", Box::leak(process.replace("PARENT", parent).into_boxed_str()))
    };
    let own = ending("ext-host-live", &[forked("4101")]);
    assert!(matches!(own, Ending::Pass), "{own:?}");
    not_judged("ext-host-live", &[forked("4100")], "2 processes look like it");
}

#[test]
fn an_environment_of_another_account_is_not_judged() {
    let builder = Fault::Set("/host/system/uid", "1002");
    not_judged("ext-host-live", &[builder], "run ackcheck as dssuser");
}

#[test]
fn without_a_backend_there_is_no_environment() {
    let none = ending("ext-host-live", &[Fault::Set("/host/system/processes", "[]")]);
    assert!(matches!(none, Ending::NotApplicable { .. }), "{none:?}");
}
