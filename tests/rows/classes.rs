//! Labs of many nodes, of which some sweep for others: whose ports are lost is found all the same, and the evidence says
//! which node dialled what.

use ackcheck_core::catalogue::Selection;
use ackcheck_core::config::{Config, SweepFrom};
use ackcheck_core::fault::Fault;
use ackcheck_core::record::{Case, Ending, Report};
use ackcheck_lab::LabOptions;
use libtest_mimic::{Failed, Trial as Test};

use super::support::whole_run;

const CHECK: &str = "dss-ports-reachable";

struct Row {
    name: &'static str,
    nodes: usize,
    sweep: Option<SweepFrom>,
    faults: &'static [Fault],
    /// The nodes that must be blamed, and what their findings must hold.
    blamed: &'static [(&'static str, &'static str)],
    /// How many nodes dial every port.
    sweeps: usize,
}

/// The lab's own nodes are in two vSwitches and those that are added in a third: each is a class of its own.
const ROWS: [Row; 6] = [
    Row { name: "60 nodes: three classes, three sweeps", nodes: 60, sweep: None, faults: &[], blamed: &[], sweeps: 3 },
    Row {
        name: "60 nodes: a range is blocked for one of them",
        nodes: 60,
        sweep: None,
        faults: &[Fault::Add(
            "/network/filtered",
            r#"{"node":"cn-hangzhou.10.0.16.44","address":"10.0.0.20","ports":"31000-31255","how":"drop"}"#,
        )],
        blamed: &[("cn-hangzhou.10.0.16.44", "10.0.0.20 from cn-hangzhou.10.0.16.44: silent: 31000-31255")],
        sweeps: 4,
    },
    Row {
        name: "60 nodes: a range is blocked for three of them, of which one sweeps",
        nodes: 60,
        sweep: None,
        faults: &[
            Fault::Add(
                "/network/filtered",
                r#"{"node":"cn-hangzhou.10.0.16.21","address":"10.0.0.20","ports":"20000-59999","how":"reject"}"#,
            ),
            Fault::Add(
                "/network/filtered",
                r#"{"node":"cn-hangzhou.10.0.16.22","address":"10.0.0.20","ports":"20000-59999","how":"reject"}"#,
            ),
            Fault::Add(
                "/network/filtered",
                r#"{"node":"cn-hangzhou.10.0.16.23","address":"10.0.0.20","ports":"20000-59999","how":"reject"}"#,
            ),
        ],
        blamed: &[
            ("cn-hangzhou.10.0.16.21", "rejected by ICMP: 20000-59999"),
            ("cn-hangzhou.10.0.16.22", "each as from cn-hangzhou.10.0.16.21, of its class, which dialled all"),
            ("cn-hangzhou.10.0.16.23", "each as from cn-hangzhou.10.0.16.21, of its class, which dialled all"),
        ],
        sweeps: 4,
    },
    Row {
        name: "60 nodes: one port is blocked for one of them, where a rule of a group begins",
        nodes: 60,
        sweep: None,
        faults: &[Fault::Add(
            "/network/filtered",
            r#"{"node":"cn-hangzhou.10.0.16.44","address":"10.0.0.20","ports":"443","how":"drop"}"#,
        )],
        blamed: &[("cn-hangzhou.10.0.16.44", "silent: 443")],
        sweeps: 4,
    },
    Row {
        name: "60 nodes, and the site file has every node swept: one port is blocked for one of them",
        nodes: 60,
        sweep: Some(SweepFrom::EveryNode),
        faults: &[Fault::Add(
            "/network/filtered",
            r#"{"node":"cn-hangzhou.10.0.16.44","address":"10.0.0.20","ports":"40404","how":"drop"}"#,
        )],
        blamed: &[("cn-hangzhou.10.0.16.44", "silent: 40404")],
        sweeps: 60,
    },
    Row {
        name: "three nodes, and the site file has classes swept: one port is blocked for all",
        nodes: 3,
        sweep: Some(SweepFrom::Classes),
        faults: &[Fault::Add(
            "/network/filtered",
            r#"{"node":"*","address":"10.0.0.20","ports":"40404","how":"drop"}"#,
        )],
        blamed: &[
            ("cn-hangzhou.10.0.1.11", "from cn-hangzhou.10.0.1.11: silent: 40404"),
            (
                "cn-hangzhou.10.0.1.12",
                "each as from cn-hangzhou.10.0.1.11, of its class, which dialled all): silent: 40404",
            ),
            ("cn-hangzhou.10.0.2.13", "from cn-hangzhou.10.0.2.13: silent: 40404"),
        ],
        sweeps: 2,
    },
];

/// A test for each row.
pub(crate) fn tests() -> impl Iterator<Item = Test> {
    ROWS.iter().map(|row| Test::test(format!("classes: {}", row.name), move || judged(row)))
}

fn judged(row: &Row) -> Result<(), Failed> {
    let lab = LabOptions { faults: row.faults.to_vec(), nodes: Some(row.nodes), ..LabOptions::default() };
    let selection = Selection { only: vec![CHECK.to_owned()], ..Selection::default() };
    let edit: Option<whole_run::Edit> = match row.sweep {
        None => None,
        Some(SweepFrom::Classes) => Some(|config: &mut Config| config.network.sweep = Some(SweepFrom::Classes)),
        Some(SweepFrom::EveryNode) => Some(|config: &mut Config| config.network.sweep = Some(SweepFrom::EveryNode)),
    };
    let report = whole_run::run_on_edited(&lab, &selection, edit)?;
    let wrong = wrong(row, &report);
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

fn wrong(row: &Row, report: &Report) -> Vec<String> {
    let cases: Vec<&Case> = report.cases.iter().filter(|case| case.id.check == CHECK).collect();
    let mut wrong = Vec::new();
    for case in &cases {
        let node = case.id.subject_name().unwrap_or_default();
        let blamed = row.blamed.iter().find(|(blamed, _)| *blamed == node);
        match (&case.ending, blamed) {
            (Ending::Pass, None) => {}
            (Ending::Fail(finding), Some((_, seen))) if finding.seen.contains(seen) => {}
            (ending, _) => wrong.push(format!("{node}: {ending:?}")),
        }
    }
    let with = |words: &str| {
        let has = |case: &&&Case| case.evidence.iter().any(|entry| entry.asked.contains(words));
        cases.iter().filter(has).count()
    };
    let (whole, some) = (with(": dial TCP 1-65535 of 10.0.0.20"), with(" ports of TCP 1-65535 of 10.0.0.20"));
    if cases.len() != row.nodes || (whole, some) != (row.sweeps, row.nodes - row.sweeps) {
        wrong.push(format!("{} cases, of which {whole} swept and {some} dialled a sample", cases.len()));
    }
    wrong
}
