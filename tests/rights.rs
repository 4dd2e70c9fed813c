//! The law of rights: what `ackcheck rights` prints is enough for every check, and nothing in it is too much. The printed
//! documents themselves are what the lab's accounts are given.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;

use ackcheck_core::catalogue::{Selection, Skip};
use ackcheck_core::check::Check;
use ackcheck_core::fault::Fault;
use ackcheck_core::record::{Case, Ending, Report};
use ackcheck_core::right::{KubernetesRight, Right};
use ackcheck_core::rights::{Deployment, Needed, needed};
use ackcheck_core::seat::operation::Without;
use ackcheck_lab::LabOptions;
use libtest_mimic::{Arguments, Trial as Test};
use serde_json::{Value, json};
use support::idle::is_idle;
use support::{program, whole_run};

mod support {
    pub(crate) mod canary;
    pub(crate) mod idle;
    pub(crate) mod lab;
    pub(crate) mod program;
    pub(crate) mod whole_run;
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let test = |name: String, test: Box<dyn FnOnce() + Send>| {
        Test::test(name, move || {
            test();
            Ok(())
        })
    };
    let mut tests = vec![
        test("enough for every check".to_owned(), Box::new(|| whole(&run_on(&granted().lab(), &[])))),
        test("enough with --optional".to_owned(), Box::new(|| enough(&["--optional"], &[]))),
        test("enough with --no-exec".to_owned(), Box::new(|| enough(&["--no-exec"], &WITHOUT_EXEC))),
    ];
    for id in unlike_checks() {
        tests.push(test(format!("enough for {id} alone"), Box::new(move || enough(&["--only", id], &[id]))));
    }
    for needed in required() {
        let name = format!("without {}", needed.right);
        tests.push(test(name, Box::new(move || named_and_no_more(&needed))));
    }
    libtest_mimic::run(&arguments, tests).exit_code()
}

/// Checks that are asked from pods.
const WITHOUT_EXEC: [&str; 3] = ["cluster-dns", "dss-name-resolves", "oss-from-nodes"];

/// A check of each kind of needs: those that need the same need not be tried twice.
fn unlike_checks() -> Vec<&'static str> {
    let mut seen: BTreeSet<Vec<String>> = BTreeSet::new();
    let unlike = |check: &&'static Check| {
        let plan = selection(&[check.id]).plan(&ackcheck_checks::CATALOGUE).unwrap();
        let rights = needed(&plan, &Deployment::undescribed()).iter().map(|needed| format!("{needed:?}")).collect();
        check.id != "cluster-rights" && seen.insert(rights)
    };
    ackcheck_checks::CATALOGUE.iter().map(|(_, check)| check).filter(unlike).map(|check| check.id).collect()
}

/// What the program prints with these options is enough for these checks.
fn enough(arguments: &[&str], only: &[&str]) {
    let granted = Granted::printed(arguments);
    let exec = granted.rules.iter().any(|rule| rule["resources"] == json!(["pods/exec"]));
    assert!(!exec || !arguments.contains(&"--no-exec"));
    whole(&run_on(&granted.lab(), only));
}

/// What the program prints for the whole catalogue.
fn granted() -> &'static Granted {
    static GRANTED: OnceLock<Granted> = OnceLock::new();
    GRANTED.get_or_init(|| Granted::printed(&[]))
}

/// The account of the lab's kubeconfig.
const ACCOUNT: &str = "dss";
const CLOUD_KEY: &str = "LTAI5tLabCloudKey000001";
const OSS_KEY: &str = "LTAI5tLabOssKeyId000001";
const TEMPORARY_KEY: &str = "STS.LabOssTemporaryKey01";

/// Everything that a lab's accounts may.
#[derive(Clone, Default)]
struct Granted {
    /// The lab's rules, one verb in each.
    rules: Vec<Value>,
    cloud: Value,
    oss: Value,
    temporary: Value,
}

impl Granted {
    /// As the program prints it for these options.
    fn printed(arguments: &[&str]) -> Granted {
        // Where nothing of a kind is needed nothing is printed.
        let printed = |format: &[&str]| {
            let arguments = [&["rights", "--lab"], format, arguments].concat();
            let ended = program::run_in(Path::new("."), &arguments);
            assert_eq!(ended.code == Some(0), !ended.stdout.is_empty(), "{arguments:?}: {}", ended.stderr);
            ended.stdout
        };
        let policy = |holder: &str| match printed(&["--format", "ram", "--holder", holder]).as_str() {
            "" => json!({ "Version": "1", "Statement": [] }),
            text => serde_json::from_str(text).unwrap(),
        };
        Granted {
            rules: rules(&printed(&["--format", "kubernetes", "--user", ACCOUNT])),
            cloud: policy(CLOUD_KEY),
            oss: policy(OSS_KEY),
            temporary: policy(TEMPORARY_KEY),
        }
    }

    /// The lab in which the accounts may this and no more.
    fn lab(&self) -> LabOptions {
        let text = |value: Value| -> &'static str { value.to_string().leak() };
        let policies = |policy: &Value| text(json!([policy]));
        let faults = vec![
            Fault::Set("/kubernetes/rules", text(Value::from(self.rules.clone()))),
            Fault::Set("/cloud/policies", policies(&self.cloud)),
            Fault::Set("/storage/key/policies", policies(&self.oss)),
            Fault::Set("/storage/temporary_key/policies", policies(&self.temporary)),
        ];
        LabOptions { faults, ..LabOptions::default() }
    }

    /// Without one right.
    fn without(&self, right: &Right) -> Granted {
        let mut rest = self.clone();
        match right {
            Right::Kubernetes(wanted) => {
                let this = |rule: &Value| {
                    rule["group"] == json!(wanted.group)
                        && rule["resources"] == json!([wanted.resource])
                        && rule["verbs"] == json!([wanted.verb])
                        && rule["namespace"] == json!(wanted.namespace())
                };
                rest.rules.retain(|rule| !this(rule));
                assert_eq!(rest.rules.len() + 1, self.rules.len(), "{right:?} was not printed once");
            }
            Right::OpenApi(action) => take(&mut rest.cloud, action),
            Right::Bucket(action) | Right::Objects(action) => take(&mut rest.oss, action),
            Right::File(_) | Right::Dss(_) => panic!("no document grants {right}"),
        }
        rest
    }
}

/// Takes an action out of a policy.
fn take(policy: &mut Value, action: &str) {
    let mut taken = 0;
    for statement in policy["Statement"].as_array_mut().unwrap() {
        let actions = statement["Action"].as_array_mut().unwrap();
        let before = actions.len();
        actions.retain(|known| known != action);
        taken += before - actions.len();
    }
    assert_eq!(taken, 1, "{action} was not printed once: {policy}");
}

/// The printed roles as rules of the lab, for the account alone that they are bound to.
fn rules(yaml: &str) -> Vec<Value> {
    let documents = yaml.split("---\n").filter(|document| !document.trim().is_empty());
    let documents: Vec<Value> = documents.map(|document| serde_saphyr::from_str(document).unwrap()).collect();
    let mut rules = Vec::new();
    for role in documents.iter().filter(|document| !document["roleRef"].is_object()) {
        let (kind, metadata) = (role["kind"].as_str().unwrap(), &role["metadata"]);
        let bound = documents.iter().any(|binding| {
            binding["kind"] == json!(format!("{kind}Binding"))
                && binding["metadata"]["namespace"] == metadata["namespace"]
                && binding["roleRef"]
                    == json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": metadata["name"]})
                && binding["subjects"]
                    == json!([{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": ACCOUNT}])
        });
        assert!(bound, "{role} is not bound to {ACCOUNT}");
        assert_eq!(kind == "Role", metadata["namespace"].is_string(), "{role}");
        for rule in role["rules"].as_array().unwrap() {
            for (verb, resource) in rule["verbs"].as_array().unwrap().iter().zip(std::iter::repeat(&rule["resources"]))
            {
                let names = if rule["resourceNames"].is_null() { json!([]) } else { rule["resourceNames"].clone() };
                rules.push(json!({
                    "verbs": [verb], "group": rule["apiGroups"][0], "resources": resource,
                    "namespace": metadata["namespace"], "names": names,
                }));
            }
        }
    }
    rules
}

/// `cluster-rights` asks for DSS's own rights, which these accounts do not have.
fn selection(only: &[&str]) -> Selection {
    let skip = Skip { id: "cluster-rights".to_owned(), reason: "not the account of DSS".to_owned() };
    Selection { only: only.iter().map(|id| (*id).to_owned()).collect(), skip: vec![skip], ..Selection::default() }
}

fn run_on(lab: &LabOptions, only: &[&str]) -> Report {
    whole_run::run_on(lab, &selection(only)).unwrap()
}

/// Every case passes, and nothing is left.
fn whole(report: &Report) {
    let good = |case: &&Case| !matches!(case.ending, Ending::Pass | Ending::Skipped { .. }) && !is_idle(case);
    let wrong: Vec<String> =
        report.cases.iter().filter(good).map(|case| format!("{} {:?}", case.id, case.ending)).collect();
    assert!(wrong.is_empty() && report.left_behind.is_empty(), "{wrong:#?} {:?}", report.left_behind);
}

/// The lab, as far as its rights have names.
fn lab_deployment() -> Deployment {
    Deployment { namespace: Some("dss".to_owned()), ..Deployment::undescribed() }
}

/// The rights of the whole catalogue that are not optional wherever ackcheck runs.
fn required() -> Vec<Needed> {
    let deployment = Deployment { elsewhere: true, ..lab_deployment() };
    let all = needed(&selection(&[]).plan(&ackcheck_checks::CATALOGUE).unwrap(), &deployment);
    all.into_iter().filter(|needed| !needed.optional()).collect()
}

/// Rights that only some deployments ask for, and what makes the lab one of them.
fn asked_where(right: &Right) -> Vec<Fault> {
    match right {
        // Older API servers authorise a WebSocket as `get` alone.
        Right::Kubernetes(KubernetesRight { resource: "pods/exec", verb: "create", .. }) => {
            vec![Fault::Set("/kubernetes/version", "\"v1.35.0-aliyun.1\"")]
        }
        // The host is in another VPC than the cluster.
        Right::OpenApi(action) if action == "vpc:DescribeRouteEntryList" => {
            let (_, check) = ackcheck_checks::CATALOGUE.get("same-vpc").unwrap();
            let routed = check.trials.iter().find(|trial| trial.finding.name == "other-vpc-routed").unwrap();
            routed.faults.to_vec()
        }
        // The pods' ranges are the nodes'.
        Right::Kubernetes(KubernetesRight { resource: "nodes", verb: "list", .. }) => {
            vec![Fault::Set("/deployment/pod_network", "\"flannel\"")]
        }
        // The metadata does not answer.
        Right::OpenApi(action) if action == "ecs:DescribeInstances" => {
            vec![Fault::Add("/gateway/broken", r#"{"host": "100.100.100.200", "how": "refused"}"#)]
        }
        _ => Vec::new(),
    }
}

/// With one right taken away, who cannot be judged says which, and nobody else minds.
fn named_and_no_more(needed: &Needed) {
    let right = &needed.right;
    let granted = match right {
        Right::OpenApi(action) if action == "ecs:DescribeInstances" => &Granted::printed(&["--optional"]),
        _ => granted(),
    };
    let mut lab = granted.without(right).lab();
    lab.faults.extend(asked_where(right));
    let report = run_on(&lab, &[]);
    let mut wrong = Vec::new();
    for case in &report.cases {
        let check = ackcheck_checks::CATALOGUE.get(&case.id.check).unwrap().1;
        // The exchange bucket has a key of its own, which keeps its rights.
        let of_the_key = case.id.subject_name() != Some("lab-dss-exchange");
        let blamed = match (&case.ending, lacks(check, right) && of_the_key) {
            (Ending::Pass | Ending::Warn(_), false) | (Ending::Skipped { .. }, _) => true,
            (Ending::NotApplicable { .. }, false) => is_idle(case),
            // What DSS needs as well is a finding, and what stands on it is not asked.
            (Ending::Broken { .. } | Ending::Fail(_) | Ending::Warn(_), true) => names(&case.ending, right),
            (Ending::Blocked { .. }, _) => stands_on_finding(&report, &case.ending, right),
            _ => false,
        };
        if !blamed {
            wrong.push(format!("{} {:?}", case.id, case.ending));
        }
    }
    match needed.without {
        Without::LeftBehind => {
            let missing = format!("the right `{right}` is missing");
            assert!(
                report.left_behind.iter().any(|left| left.contains(&missing)),
                "{missing}: {:?}",
                report.left_behind
            );
        }
        _ => assert!(report.cases.iter().any(|case| names(&case.ending, right)), "nobody names {right}"),
    }
    assert!(wrong.is_empty(), "without {right}: {wrong:#?}");
}

/// The case says that this right is missing, or that DSS lacks it.
fn names(ending: &Ending, right: &Right) -> bool {
    match ending {
        Ending::Broken { why } => why.contains(&format!("`{right}`")),
        Ending::Fail(finding) | Ending::Warn(finding) => finding.seen.contains(&right.to_string()),
        _ => false,
    }
}

/// A case that waits, over however many others, for a finding that names the right.
fn stands_on_finding(report: &Report, ending: &Ending, right: &Right) -> bool {
    match ending {
        Ending::Fail(_) => names(ending, right),
        Ending::Blocked { by } => {
            let blocks = |case: &&Case| by.contains(&case.id.to_string());
            report.cases.iter().filter(blocks).any(|case| stands_on_finding(report, &case.ending, right))
        }
        _ => false,
    }
}

/// The check cannot be judged without the right.
fn lacks(check: &Check, right: &Right) -> bool {
    let unjudged = |without| matches!(without, Without::Unjudged | Without::UnjudgedElsewhere(_));
    let needs = check.operations().flat_map(|operation| operation.needs);
    needs.into_iter().any(|need| need.right.in_namespace("dss") == *right && unjudged(need.without))
}
