//! One test for each trial of each check: the lab is broken as the trial says, the whole catalogue is run on it, and the
//! fault must be blamed on that check alone. And healthy labs, which must pass everything. No secret may come out of any.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::process::ExitCode;

use ackcheck_core::catalogue::Selection;
use ackcheck_core::check::{Check, Trial};
use ackcheck_core::config::{Config, Connections};
use ackcheck_core::fault::{Fault, LabFile};
use ackcheck_core::record::{Case, CaseId, Ending, FindingRecord, Report};
use ackcheck_core::remedy::Block;
use ackcheck_core::seat::cloud::PodNetwork;
use ackcheck_core::subject::Each;
use ackcheck_core::template::placeholders;
use ackcheck_core::verdict::Severity;
use ackcheck_lab::LabOptions;
use ackcheck_lab::tree::RELEASES;
use libtest_mimic::{Arguments, Failed, Trial as Test};
use support::idle::is_idle;
use support::whole_run;

#[path = "rows/classes.rs"]
mod class_rows;
#[path = "rows/storage.rs"]
mod storage_rows;

mod support {
    pub(crate) mod canary;
    pub(crate) mod idle;
    pub(crate) mod lab;
    pub(crate) mod whole_run;
}

/// Checks that do not apply to a healthy lab of some kind, and why. None without a reason here.
const NOT_APPLICABLE: &[(&str, Kind)] = &[
    // Dataiku's requirements of DSS 9 to 12 are not known to ask for an amount of memory.
    ("host-memory", |lab| ["9.0.5", "11.1", "12.6"].map(Some).contains(&lab.dss_release.as_deref())),
];

/// Whatever the check finds.
const ANY: &str = "*";

/// A check and its finding, another check, and a part of the reason that it gives.
type Excuse = (&'static str, &'static str, Option<&'static str>, &'static str);

/// Of a check and its finding, the check that is not asked then (any, where none is named), and what its reason has.
const NOT_ASKED: &[Excuse] = &[
    ("dss-pods-schedulable", "tainted", None, "no pod of DSS is scheduled on "),
    ("nodes-ready", "not-ready", Some("dss-pods-schedulable"), "no node is ready"),
    ("dss-version", "too-old", Some("host-memory"), "ackcheck knows releases from "),
    ("dss-version", "unreadable", Some("host-memory"), "dss-version.json"),
    ("host-docker", "remote-daemon", Some("base-image-sources"), "the Docker daemon is on another machine"),
    ("settings-agree", "no-connection", None, "DSS has no connection to OSS yet"),
    ("settings-agree", "repository-differs", Some("base-images"), "[registry] is not the registry of DSS's images"),
    ("host-limits", "nofile-low", Some("ext-host-live"), "the backend of DSS does not run"),
    ("host-limits", "nproc-low", Some("ext-host-live"), "the backend of DSS does not run"),
    ("spark-integration", "missing", Some("spark-jars"), "DSS has no Spark integration"),
    ("host-limits", "nofile-low", Some("hadoop-jars-loaded"), "the backend of DSS does not run"),
    ("host-limits", "nproc-low", Some("hadoop-jars-loaded"), "the backend of DSS does not run"),
    ("dss-running", "down", None, "the backend of DSS does not run"),
    ("ext-host", "dynamic", Some("ext-host-live"), "the shell decides it when DSS starts"),
    // The lab's buckets are the site file's: the checks of connections have other subjects, and hold none of them up.
    ("connection-root", ANY, Some("hadoop-read-write"), "no connection of DSS has its root in lab-dss-data"),
    ("connection-root", ANY, Some("hadoop-read-write"), "connection-root fails for the connection oss_managed"),
    ("connection-endpoint", ANY, Some("hadoop-read-write"), "connection-endpoint fails for the connection oss_managed"),
    ("connection-credentials", ANY, Some("hadoop-read-write"), "connection-credentials fails for the connection"),
    ("connection-settings", ANY, Some("hadoop-read-write"), "connection-settings fails for the connection oss_managed"),
    ("oss-delete", "versioned", Some("hadoop-read-write"), "keeps every version of an object"),
    // The connection works in the other bucket, in a folder that the site file does not name.
    (
        "oss-credentials",
        "temporary-key",
        Some("hadoop-read-write"),
        "no connection of DSS has its root in lab-dss-data",
    ),
    ("oss-credentials", "temporary-key", Some("hadoop-read-write"), "works in oss://lab-dss-exchange/dss/managed"),
    ("settings-agree", ANY, Some("hadoop-read-write"), "no connection of DSS has its root in lab-dss-data"),
    ("settings-agree", ANY, Some("hadoop-read-write"), "works in oss://lab-dss-exchange"),
];

/// The same of a check that cannot be judged then.
const NOT_JUDGED: &[Excuse] = &[
    // The id in DSS is not that of the site file's key, and DSS encrypts its secret.
    ("connection-credentials", "plain-text", Some("hadoop-read-write"), "access_key_id = "),
    ("settings-agree", "connection-differs", Some("hadoop-read-write"), "access_key_id = "),
];

/// Of a check and its finding, the findings of other checks that come with it: what explains its failure, or what it is
/// about. None without a reason here.
const COMES_WITH: &[(&str, &str, &str, &str)] = &[
    // Packets are lost that the rules allow: the one says that they are, the other that the rules are not why.
    ("dss-ports-reachable", "ports-filtered", "prediction-agrees", "unknown-hop"),
    ("dss-ports-reachable", "host-unreachable", "prediction-agrees", "unknown-hop"),
    ("dss-ports-reachable", "rejected-by-host", "prediction-agrees", "unknown-hop"),
    // Spark's driver has the name of the host.
    ("host-name", "loopback", "spark-driver-host", "loopback"),
    ("host-name", "not-own-address", "spark-driver-host", "not-own-address"),
    // DSS and its pods log in with the same temporary password.
    ("registry-login", "expired", "pull-secret-lasts", "expired"),
    // A DSS that does not run is started with the limits of this account.
    ("host-limits", "nofile-low", "dss-running", "down"),
    ("host-limits", "nproc-low", "dss-running", "down"),
    // A node with another processor runs neither the probe's image nor DSS's.
    ("registry-pull", "wrong-architecture", "base-images", "other-architecture"),
    // Ports beyond the range of the site file count where DSS is not kept to it.
    ("dss-ports-reachable", "ports-filtered", "ports-required", "range-inconsistent"),
    ("security-group-ports", "ports-blocked", "ports-required", "range-inconsistent"),
    // OSS and Hadoop are asked for the same, and both say so.
    ("hadoop-read-write", "parent-not-listable", "oss-parents", "parent-not-listable"),
    ("hadoop-read-write", "failed", "oss-post", "post-blocked"),
    // What Hadoop is refused takes a setting that asks for it, and another key than the site file's one in clear.
    ("hadoop-read-write", "denied", "connection-settings", "sets-acl"),
    ("hadoop-read-write", "signature-refused", "connection-credentials", "plain-text"),
    ("hadoop-read-write", "java-cannot-start", "host-java", "unlisted-version"),
    // What the jars lack, Hadoop does not find.
    ("hadoop-read-write", "class-missing", "hadoop-jar-linkage", "class-missing"),
    ("hadoop-jar-linkage", "class-missing", "hadoop-read-write", "class-missing"),
    ("hadoop-jar-linkage", "method-missing", "hadoop-read-write", "method-missing"),
    // That packets pass against the rules takes rules that close ports.
    ("prediction-agrees", "open-against-rules", "security-group-ports", "ports-blocked"),
];

/// Which labs are of a kind.
type Kind = fn(&LabOptions) -> bool;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A trial whose fault is silence waits: one more than there are processors keeps all of them at work.
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    arguments.test_threads.get_or_insert(processors + 1);
    let mut tests: Vec<Test> = Vec::new();
    for release in RELEASES {
        for pod_network in PodNetwork::ALL {
            tests.push(Test::test(format!("healthy: DSS {release}, {}", pod_network.name()), move || {
                healthy(LabOptions {
                    dss_release: Some(release.to_owned()),
                    pod_network: Some(pod_network),
                    ..LabOptions::default()
                })
            }));
        }
    }
    for nodes in [1, 25] {
        tests.push(Test::test(format!("healthy: {nodes} nodes"), move || {
            healthy(LabOptions { nodes: Some(nodes), ..LabOptions::default() })
        }));
    }
    for (area, check) in ackcheck_checks::CATALOGUE.iter() {
        for trial in check.trials {
            tests.push(Test::test(format!("{area}/{}: {}", check.id, trial.name), move || blamed(&[(check, trial)])));
        }
    }
    tests.push(Test::test("four connections: each is judged for itself", four_connections));
    tests.extend(class_rows::tests());
    tests.extend(storage_rows::tests());
    for (one, other) in pairs() {
        let name = format!("together: {}/{} and {}/{}", one.0.id, one.1.finding.name, other.0.id, other.1.finding.name);
        tests.push(Test::test(name, move || blamed(&[one, other])));
    }
    libtest_mimic::run(&arguments, tests).exit_code()
}

/// Each check's first fault together with that of a check half a catalogue away.
fn pairs() -> Vec<(Blame, Blame)> {
    let firsts: Vec<Blame> =
        ackcheck_checks::CATALOGUE.iter().filter_map(|(_, check)| Some((check, check.trials.first()?))).collect();
    let half = firsts.len() / 2;
    (0..half).map(|at| (firsts[at], firsts[at + half])).collect()
}

/// Runs the whole catalogue on a lab.
fn run_on(lab: &LabOptions) -> Result<Report, Failed> {
    let report = whole_run::run_on(lab, &Selection::default())?;
    told_in_words(&report)?;
    Ok(report)
}

/// Evidence is read by people: none of it is a value as Rust prints it, `Some(…)` or `Name { field: … }`.
fn told_in_words(report: &Report) -> Result<(), Failed> {
    for case in &report.cases {
        for told in case.evidence.iter().flat_map(|evidence| [&evidence.asked, &evidence.answered]) {
            let field = |at: usize| {
                let after =
                    told[at + 3..].split(|c: char| !c.is_ascii_lowercase() && c != '_').next().unwrap_or_default();
                let named = told[..at].ends_with(|c: char| c.is_ascii_alphabetic());
                named && !after.is_empty() && told[at + 3 + after.len()..].starts_with(": ")
            };
            if told.contains("Some(") || told.match_indices(" { ").any(|(at, _)| field(at)) {
                return Err(format!("{}: no words for people: {told}", case.id).into());
            }
        }
    }
    Ok(())
}

/// Findings that say that nothing can be removed: what the run created stays, and the report must name it.
const STAYS: &[(&str, &str)] = &[("oss-delete", "denied"), ("oss-delete", "policy-denies"), ("oss-delete", "retained")];

/// A run leaves nothing behind, but for what cannot be removed.
fn cleaned_up(report: &Report, stays: bool) -> Result<(), Failed> {
    match (report.left_behind.is_empty(), stays) {
        (true, false) | (false, true) => Ok(()),
        (false, false) => Err(format!("the run left behind: {:?}", report.left_behind).into()),
        (true, true) => Err("the report does not name what the run could not remove".into()),
    }
}

fn healthy(lab: LabOptions) -> Result<(), Failed> {
    let report = run_on(&lab)?;
    cleaned_up(&report, false)?;
    let mut wrong: Vec<String> = Vec::new();
    for case in &report.cases {
        let declared = NOT_APPLICABLE.iter().any(|(id, when)| *id == case.id.check && when(&lab));
        match (&case.ending, declared) {
            (Ending::Pass, false) | (Ending::NotApplicable { .. }, true) => {}
            (Ending::NotApplicable { .. }, false) if is_idle(case) => {}
            _ => wrong.push(told(case)),
        }
    }
    nothing_wrong(&report, wrong)?;
    each_check_has_its_cases(&report, lab.nodes)
}

/// Every check has a case, and every per-node check one for each node.
fn each_check_has_its_cases(report: &Report, nodes: Option<usize>) -> Result<(), Failed> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for case in &report.cases {
        *counts.entry(&case.id.check).or_default() += 1;
    }
    for (_, check) in ackcheck_checks::CATALOGUE.iter() {
        let expected = match check.judge.each() {
            None => 1,
            Some(Each::Node) => nodes.unwrap_or(3),
            // Two buckets; one connection, namespace and repository.
            Some(Each::Store) => 2,
            Some(Each::Connection | Each::Namespace | Each::Repository) => 1,
        };
        let found = counts.get(check.id).copied().unwrap_or(0);
        if found != expected {
            return Err(format!("{} has {found} cases where {expected} are expected", check.id).into());
        }
    }
    Ok(())
}

const CONNECTIONS: LabFile = LabFile::Data("config/connections.json");

/// Three more connections to OSS: one with a variable in its root, one with another key, one whose bucket takes no
/// writes.
const THREE_MORE: [Fault; 5] = [
    Fault::SetIn(
        CONNECTIONS,
        "/connections/oss_by_project",
        r#"{"type": "HDFS", "params": {"root": "oss://lab-dss-data/${projectKey}", "extraConf": [
            {"name": "fs.oss.endpoint", "value": "oss-cn-hangzhou-internal.aliyuncs.com"},
            {"name": "fs.oss.accessKeyId", "value": "LTAI5tLabOssKeyId000001"},
            {"name": "fs.oss.accessKeySecret", "value": "e:AES:Q0FOQVJZ", "secret": true}]}}"#,
    ),
    Fault::SetIn(
        CONNECTIONS,
        "/connections/oss_other_key",
        r#"{"type": "HDFS", "params": {"root": "oss://lab-dss-data/other", "extraConf": [
            {"name": "fs.oss.endpoint", "value": "oss-cn-hangzhou-internal.aliyuncs.com"},
            {"name": "fs.oss.accessKeyId", "value": "LTAI5tAnotherKey"},
            {"name": "fs.oss.accessKeySecret", "value": "e:AES:Q0FOQVJZ", "secret": true}]}}"#,
    ),
    Fault::SetIn(
        CONNECTIONS,
        "/connections/oss_read_only",
        r#"{"type": "HDFS", "params": {"root": "oss://lab-dss-exchange/in", "extraConf": [
            {"name": "fs.oss.endpoint", "value": "oss-cn-hangzhou-internal.aliyuncs.com"},
            {"name": "fs.oss.accessKeyId", "value": "LTAI5tLabOssKeyId000001"},
            {"name": "fs.oss.accessKeySecret", "value": "e:AES:Q0FOQVJZ", "secret": true}]}}"#,
    ),
    Fault::Add("/storage/exchange_bucket/policy_denies", "\"oss:PutObject\""),
    Fault::Set("/storage/exchange_bucket/v1_refused", "false"),
];

/// The site takes its buckets from DSS's connections, and gives the key of most of them.
fn all_connections(config: &mut Config) {
    let storage = config.storage.as_mut().expect("the lab's site file has [storage]");
    storage.connections = Connections::All;
    storage.access_key = storage.buckets.first().and_then(|bucket| bucket.access_key.clone());
    storage.buckets.clear();
}

/// Whether a case ended as it must.
type Must = fn(&Ending) -> bool;

/// One odd connection ends no other: each has its case of each check, and the read-only one alone fails.
fn four_connections() -> Result<(), Failed> {
    let lab = LabOptions { faults: THREE_MORE.to_vec(), ..LabOptions::default() };
    let report = whole_run::run_on_edited(&lab, &Selection::default(), Some(all_connections))?;
    let ending = |name: &str| report.cases.iter().find(|case| case.id.to_string() == name).map(|case| &case.ending);
    let expected: [(&str, Must); 11] = [
        ("connection-root[connection oss_by_project]", |ending| *ending == Ending::Pass),
        ("oss-endpoint[connection oss_managed]", |ending| *ending == Ending::Pass),
        ("oss-endpoint[connection oss_by_project]", |ending| asks_for(ending, "root = \"oss://")),
        ("oss-endpoint[connection oss_other_key]", |ending| asks_for(ending, "access_key_id = \"LTAI5tAnotherKey\"")),
        ("oss-endpoint[connection oss_read_only]", |ending| *ending == Ending::Pass),
        ("oss-write[connection oss_managed]", |ending| *ending == Ending::Pass),
        ("oss-write[connection oss_by_project]", |ending| matches!(ending, Ending::Blocked { .. })),
        ("oss-write[connection oss_other_key]", |ending| matches!(ending, Ending::Blocked { .. })),
        ("oss-write[connection oss_read_only]", |ending| matches!(ending, Ending::Fail(_))),
        ("oss-read[connection oss_read_only]", |ending| matches!(ending, Ending::Blocked { .. })),
        ("oss-delete[connection oss_managed]", |ending| *ending == Ending::Pass),
    ];
    let wrong = expected.iter().filter(|(name, right)| !ending(name).is_some_and(right));
    let mut wrong: Vec<String> = wrong.map(|(name, _)| format!("{name}: {:?}", ending(name))).collect();
    let of = |check: &str| report.cases.iter().filter(|case| case.id.check == check).count();
    wrong.extend(
        ["connection-root", "oss-endpoint", "oss-write"]
            .iter()
            .filter(|check| of(check) != 4)
            .map(|check| format!("{check} has {} cases", of(check))),
    );
    let failing = report.cases.iter().filter(|case| matches!(case.ending, Ending::Fail(_))).map(told);
    wrong.extend(failing.filter(|failing| !failing.starts_with("oss-write[connection oss_read_only]")));
    wrong.extend((report.exit_code() != 1).then(|| format!("exit {}", report.exit_code())));
    nothing_wrong(&report, wrong)
}

/// It could not be judged, and says what to add to the site file.
fn asks_for(ending: &Ending, line: &str) -> bool {
    matches!(ending, Ending::Broken { why } if why.contains("[[storage.connection]]") && why.contains(line))
}

/// A broken deployment, and the check that must say so.
type Blame = (&'static Check, &'static Trial);

/// Faults are blamed on their own checks alone: each has its trial's finding, what stands on it is blocked, all else
/// passes. Of several faults one may block the check of another. A failure that the finding of a trial explains is its
/// consequence, as is what stands on that: no second cause.
fn blamed(blames: &[Blame]) -> Result<(), Failed> {
    let faults: Vec<Fault> = blames.iter().flat_map(|(_, trial)| trial.faults.iter().copied()).collect();
    let report = run_on(&LabOptions { faults, ..LabOptions::default() })?;
    let stays = |(check, trial): &Blame| STAYS.contains(&(check.id, trial.finding.name));
    cleaned_up(&report, blames.iter().any(stays))?;
    let mut standing: BTreeSet<&str> = blames.iter().flat_map(|(check, _)| transitive_dependents(check.id)).collect();
    let consequences = consequences(&report, blames);
    standing.extend(consequences.iter().flat_map(|case| transitive_dependents(case.check.as_str())));
    let besides = COMES_WITH.iter().filter(|(check, finding, ..)| {
        blames.iter().any(|(by, trial)| by.id == *check && trial.finding.name == *finding)
    });
    standing.extend(besides.flat_map(|(_, _, other, _)| transitive_dependents(other)));
    let mut wrong: Vec<String> = Vec::new();
    let mut found: BTreeSet<&str> = BTreeSet::new();
    for case in &report.cases {
        let id = case.id.check.as_str();
        let right = match &case.ending {
            Ending::Pass => true,
            Ending::Fail(finding) | Ending::Warn(finding) => {
                let blame = blames.iter().find(|(check, trial)| check.id == id && trial.finding.name == finding.code);
                if let Some((check, _)) = blame {
                    found.insert(check.id);
                    wrong.extend(unfinished(check, case, finding));
                }
                let comes_with = |(check, trial): &Blame| {
                    COMES_WITH.contains(&(check.id, trial.finding.name, id, finding.code.as_str()))
                };
                blame.is_some() || consequences.contains(&case.id) || blames.iter().any(comes_with)
            }
            Ending::Blocked { .. } => standing.contains(id),
            Ending::NotApplicable { reason } => {
                NOT_APPLICABLE.iter().any(|(known, when)| *known == id && when(&LabOptions::default()))
                    || NOT_ASKED.iter().any(|excuse| excused(excuse, blames, id, reason))
                    || is_idle(case)
            }
            Ending::Broken { why } => NOT_JUDGED.iter().any(|excuse| excused(excuse, blames, id, why)),
            _ => false,
        };
        if !right {
            wrong.push(told(case));
        }
    }
    for (check, trial) in blames.iter().filter(|(check, _)| !found.contains(check.id)) {
        let mut cases = report.cases.iter().filter(|case| case.id.check == check.id);
        let blocked_by_another = blames.len() > 1 && cases.all(|case| matches!(case.ending, Ending::Blocked { .. }));
        if !blocked_by_another {
            wrong.insert(0, format!("{} does not say `{}`", check.id, trial.finding.name));
        }
    }
    nothing_wrong(&report, wrong)
}

/// One of these faults is a reason why the check says no more than this.
fn excused(&(check, finding, excused, why): &Excuse, blames: &[Blame], id: &str, reason: &str) -> bool {
    let fault = blames.iter().any(|(by, trial)| by.id == check && (finding == ANY || trial.finding.name == finding));
    fault && excused.is_none_or(|excused| excused == id) && reason.contains(why)
}

/// The failures that only findings of these trials explain.
fn consequences(report: &Report, blames: &[Blame]) -> BTreeSet<CaseId> {
    let found = |case: &Case, finding: &FindingRecord| {
        blames.iter().any(|(check, trial)| check.id == case.id.check && trial.finding.name == finding.code)
    };
    let mut failures = BTreeMap::new();
    for case in &report.cases {
        if let Ending::Fail(finding) = &case.ending {
            failures.insert(case.id.to_string(), (case, finding));
        }
    }
    let by_trial = |name: &String| failures.get(name).is_some_and(|(case, finding)| found(case, finding));
    let explained = failures
        .values()
        .filter(|(_, finding)| !finding.explained_by.is_empty() && finding.explained_by.iter().all(by_trial));
    explained.map(|(case, _)| case.id.clone()).collect()
}

fn transitive_dependents(id: &str) -> BTreeSet<&'static str> {
    let mut all = BTreeSet::new();
    let mut rest: Vec<&'static Check> = ackcheck_checks::CATALOGUE.dependents(id).collect();
    while let Some(check) = rest.pop() {
        if all.insert(check.id) {
            rest.extend(ackcheck_checks::CATALOGUE.dependents(check.id));
        }
    }
    all
}

/// What a finding's record lacks: a remedy whose every placeholder is filled, in the severity that it declares.
fn unfinished(check: &Check, case: &Case, finding: &FindingRecord) -> Vec<String> {
    let mut lacks = Vec::new();
    let texts = finding.remedy.iter().map(Block::text).chain(finding.confirm.as_deref());
    for text in texts.chain([finding.why.as_str(), finding.seen.as_str()]) {
        for name in placeholders(text) {
            lacks.push(format!("{}/{}: the placeholder {{{name}}} is not filled", check.id, finding.code));
        }
    }
    if finding.remedy.is_empty() || finding.confirm.is_none() || finding.seen.is_empty() {
        lacks.push(format!("{}/{}: nothing is said of what was seen or what to do", check.id, finding.code));
    }
    let severity = if matches!(case.ending, Ending::Fail(_)) { Severity::Fail } else { Severity::Warn };
    if check.finding(&finding.code).is_none_or(|code| code.severity != severity) {
        lacks.push(format!("{}/{}: told with another severity than it declares", check.id, finding.code));
    }
    if case.evidence.is_empty() {
        lacks.push(format!("{}/{}: a finding without evidence", check.id, finding.code));
    }
    lacks
}

fn told(case: &Case) -> String {
    let what = match &case.ending {
        Ending::Pass => "passes".to_owned(),
        Ending::Warn(finding) | Ending::Fail(finding) | Ending::Waived { finding, .. } => {
            format!("says `{}`: {}", finding.code, finding.seen)
        }
        Ending::NotApplicable { reason } => format!("does not apply: {reason}"),
        Ending::Blocked { by } => format!("is blocked by {}", by.join(", ")),
        Ending::Broken { why } => format!("is broken: {why}"),
        Ending::TimedOut { after } => format!("has no answer within {after:?}"),
        Ending::Skipped { reason } => format!("is skipped: {reason}"),
    };
    let evidence = case.evidence.iter().map(|entry| {
        let answered: String = entry.answered.chars().take(300).collect();
        format!("\n      {} > {}\n      {}", entry.vantage, entry.asked, answered.replace('\n', "\n      "))
    });
    format!("{} {what}{}", case.id, evidence.collect::<String>())
}

fn nothing_wrong(report: &Report, wrong: Vec<String>) -> Result<(), Failed> {
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("{} of {} cases:\n  {}", wrong.len(), report.cases.len(), wrong.join("\n  ")).into()),
    }
}
