//! Whole runs over seats that only know the names of nodes; the checks here bring their own behaviour.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::*;
use crate::catalogue::Chosen;
use crate::check::{Check, Judge};
use crate::config::Config;
use crate::place::{Area, Stage, Vantage};
use crate::record::Ending;
use crate::remedy::Block;
use crate::right::Right;
use crate::seat::host::firewall::Firewall;
use crate::seat::host::{CommandOutput, DockerLogin, Kubectl, Proxies};
use crate::seat::{Cloud, Cluster, Dss, Host, NameAnswer, NodeSweep, Pod, Ports, Registry, Store, pod};
use crate::secret::Scrubber;
use crate::subject::Kind;
use crate::verdict::{Code, Finding, Judgement, Verdict};

struct Bare {
    nodes: Seen<Vec<Subject>>,
    hangs_on_clean_up: bool,
}

impl Bare {
    fn with_nodes(names: &[&str]) -> Arc<Bare> {
        let nodes = names.iter().map(|name| Subject::new(Kind::Node, *name)).collect();
        Arc::new(Bare { nodes: Ok(nodes), hangs_on_clean_up: false })
    }
}

/// Where it reads `late`, ackcheck was stopped.
struct BareHost(Journal);
#[async_trait]
impl Host for BareHost {
    async fn run(&self, _: &str, _: &[&str]) -> Seen<CommandOutput> {
        std::future::pending().await
    }
    async fn read(&self, path: &str) -> Seen<String> {
        if path == "late" {
            self.0.spoil(Duration::from_secs(12));
        }
        Err(Unseen::unreadable(path, "no file"))
    }
    async fn kubectl(&self) -> Seen<Kubectl> {
        Ok(Kubectl::Missing)
    }
    async fn docker_login(&self, _: &str) -> Seen<DockerLogin> {
        Ok(DockerLogin::None { looked_in: "no file".to_owned() })
    }
    async fn firewall(&self) -> Seen<Firewall> {
        Ok(Firewall::NotRead { why: "nobody may".to_owned() })
    }
    async fn head(&self, _: &str, _: &Proxies) -> Seen<crate::seat::Heard<crate::seat::HttpReply>> {
        Err(Unseen::not_described("none"))
    }
    async fn head_manifest(
        &self,
        _: &str,
        _: &str,
        _: &str,
        _: &Proxies,
    ) -> Seen<crate::seat::Heard<crate::seat::HttpReply>> {
        Err(Unseen::not_described("none"))
    }
    async fn resolve(&self, _: &str) -> Seen<NameAnswer> {
        Ok(NameAnswer::Addresses(Vec::new()))
    }
    async fn addresses(&self) -> Seen<Vec<IpAddr>> {
        Err(Unseen::denied([Right::open_api("ecs:DescribeInstances")], "no"))
    }
}

struct BarePod(String);
#[async_trait]
impl Pod for BarePod {
    fn node(&self) -> &str {
        &self.0
    }
    fn image(&self) -> Seen<String> {
        Err(Unseen::not_described("none"))
    }
    fn namespace(&self) -> String {
        String::new()
    }
    async fn start(&self) -> Seen<pod::PodStart> {
        Ok(pod::PodStart::Running)
    }
    async fn credential_helper(&self) -> Seen<Option<pod::CredentialHelper>> {
        Err(Unseen::not_described("none"))
    }
    async fn egress_policies(&self) -> Seen<pod::EgressPolicies> {
        Ok(pod::EgressPolicies::default())
    }
    async fn pull_secrets(&self, _: &[String]) -> Seen<Vec<crate::seat::keyring::PullSecret>> {
        Err(Unseen::not_described("none"))
    }
    async fn dss_host(&self) -> Seen<pod::DssHost> {
        Err(Unseen::not_described("none"))
    }
    async fn resolve(&self, _: &str) -> Seen<NameAnswer> {
        Err(Unseen::not_described("none"))
    }
    async fn name_servers(&self, _: &[String]) -> Seen<crate::seat::AskedServers> {
        Err(Unseen::not_described("none"))
    }
    async fn sweep(&self, _: IpAddr, _: Ports) -> Seen<NodeSweep> {
        Err(Unseen::not_described("none"))
    }
    async fn greeted_by_host(
        &self,
        _: &crate::seat::greeting::CalledPorts,
    ) -> Seen<crate::seat::greeting::HostGreeting> {
        Err(Unseen::not_described("none"))
    }
    async fn greets_host(&self) -> Seen<crate::seat::greeting::PodGreeting> {
        Err(Unseen::not_described("none"))
    }
    async fn get(&self, _: &str, _: bool) -> Seen<crate::seat::Heard<crate::seat::HttpReply>> {
        Err(Unseen::not_described("none"))
    }
    async fn store_round_trips(&self) -> Seen<Vec<pod::RoundTrip>> {
        Err(Unseen::not_described("none"))
    }
    async fn large_round_trips(&self) -> Seen<Vec<pod::RoundTrip>> {
        Err(Unseen::not_described("none"))
    }
    async fn store_paths(&self) -> Seen<Vec<pod::StorePath>> {
        Err(Unseen::not_described("none"))
    }
    async fn pull_hosts(&self) -> Seen<Vec<pod::PullHost>> {
        Err(Unseen::not_described("none"))
    }
    async fn get_with_large_head(&self, _: &str) -> Seen<crate::seat::Heard<crate::seat::HttpReply>> {
        Err(Unseen::not_described("none"))
    }
}

#[async_trait]
impl Seats for Bare {
    fn host(&self, journal: Journal) -> Seen<Box<dyn Host>> {
        journal.note(Vantage::Host, "look", "at CANARY-late", Duration::ZERO);
        Ok(Box::new(BareHost(journal)))
    }
    fn dss(&self, journal: Journal) -> Seen<Box<dyn Dss>> {
        journal.scrubber().secret("CANARY-late");
        Err(Unseen::not_described("[dss] is not described"))
    }
    fn cluster(&self, _: Journal) -> Seen<Box<dyn Cluster>> {
        Err(Unseen::not_described("none"))
    }
    fn cloud(&self, _: Journal) -> Seen<Box<dyn Cloud>> {
        Err(Unseen::not_described("none"))
    }
    fn store(&self, _: &Subject, _: Journal) -> Seen<Box<dyn Store>> {
        Err(Unseen::not_described("none"))
    }
    fn registry(&self, _: Journal) -> Seen<Box<dyn Registry>> {
        Err(Unseen::not_described("none"))
    }
    async fn subjects(&self, _: Each, journal: Journal) -> Seen<Vec<Subject>> {
        journal.note(Vantage::Cluster, "list nodes", "heard", Duration::ZERO);
        self.nodes.clone()
    }
    fn pod(&self, node: &str, _: Journal) -> Seen<Box<dyn Pod>> {
        Ok(Box::new(BarePod(node.to_owned())))
    }
    async fn clean_up(&self) -> Vec<String> {
        if self.hangs_on_clean_up {
            std::future::pending::<()>().await;
        }
        vec!["one pod".to_owned()]
    }
}

static BAD: Code = Code::fail("bad", "it is bad");
static FINDINGS: &[&Code] = &[&BAD];

const REMEDY: &str = "It matters to {data_dir}.\n\n## bad\nMend {thing} of {region}.\n\n### Confirm\n\n```sh\nmend --in {data_dir} {thing}\n```\n";

const fn check(id: &'static str, needs: &'static [&'static Check], judge: Judge) -> Check {
    Check {
        id,
        title: "It holds",
        stage: Stage::Preflight,
        needs,
        uses: &[],
        deadline: Duration::from_millis(200),
        findings: FINDINGS,
        remedy: REMEDY,
        trials: &[],
        judge,
    }
}

const PASSES: Judge = Judge::Host(|_, _| Box::pin(async { Ok(Verdict::Pass) }));

fn bad() -> Finding {
    BAD.found("seen CANARY-late here").with("thing", "the CANARY-late thing")
}

fn plan(checks: &[&'static Check]) -> Plan {
    let chosen =
        |check: &&'static Check| Chosen { area: Area::Host, check, skipped: None, needed_only: false, required: false };
    Plan { checks: checks.iter().map(chosen).collect(), catalogue: checks.len(), idle: Vec::new() }
}

fn options() -> Options {
    let mut config = Config::default();
    config.dss = Some(crate::config::DssConfig { data_dir: Some("/data/dss".into()), ..Default::default() });
    config.limits.clean_up = Duration::from_millis(50);
    Options::new(Arc::new(config), Scrubber::default(), || jiff::Timestamp::UNIX_EPOCH)
}

async fn walk(plan: &Plan, seats: Arc<dyn Seats>, options: Options) -> Report {
    run(plan, seats, options, mpsc::unbounded_channel().0, CancellationToken::new()).await
}

fn ending<'a>(report: &'a Report, name: &str) -> &'a Ending {
    let case = report.cases.iter().find(|case| case.id.to_string() == name);
    &case.unwrap_or_else(|| panic!("no case {name}")).ending
}

#[tokio::test]
async fn a_failure_blocks_its_dependents_and_its_remedy_is_filled() {
    static FAILS: Check = check("fails", &[], Judge::Host(|_, _| Box::pin(async { Ok(bad().into()) })));
    static STANDS: Check = check("stands", &[&FAILS], PASSES);
    static APART: Check = check("apart", &[], PASSES);
    let report = walk(&plan(&[&STANDS, &FAILS, &APART]), Bare::with_nodes(&[]), options()).await;
    assert_eq!(*ending(&report, "stands"), Ending::Blocked { by: vec!["fails".to_owned()] });
    assert_eq!(*ending(&report, "apart"), Ending::Pass);
    let Ending::Fail(finding) = ending(&report, "fails") else { panic!("{report:?}") };
    assert_eq!(finding.why, "It matters to /data/dss.");
    assert_eq!(finding.confirm.as_deref(), Some("mend --in /data/dss 'the CANARY-late thing'"));
    assert_eq!(finding.remedy, [Block::Text("Mend the CANARY-late thing of REGION.".to_owned())]);
    assert_eq!(report.left_behind, ["one pod"]);
    assert_eq!(
        report.cases.iter().map(|case| case.id.check.as_str()).collect::<Vec<_>>(),
        ["stands", "fails", "apart"]
    );
}

#[tokio::test]
async fn a_panic_is_the_cases_own_and_tells_where() {
    static PANICS: Check =
        check("panics", &[], Judge::Host(|_, _| Box::pin(async { panic!("no such thing as {}", "luck") })));
    static PANICS_EARLY: Check = check("panics-early", &[], Judge::Host(|_, _| panic!("at once")));
    static APART: Check = check("apart", &[], PASSES);
    let report = walk(&plan(&[&PANICS, &PANICS_EARLY, &APART]), Bare::with_nodes(&[]), options()).await;
    let Ending::Broken { why } = ending(&report, "panics") else { panic!("{report:?}") };
    assert!(why.contains("no such thing as luck") && why.contains("run_tests.rs"), "{why}");
    assert!(matches!(ending(&report, "panics-early"), Ending::Broken { .. }));
    assert_eq!(*ending(&report, "apart"), Ending::Pass);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_that_hangs_or_never_yields_times_out_alone() {
    static RELEASE: AtomicUsize = AtomicUsize::new(0);
    static HANGS: Check = check(
        "hangs",
        &[],
        Judge::Host(|_, host| Box::pin(async { host.run("sleep", &["forever"]).await.map(|_| Verdict::Pass) })),
    );
    static HOGS: Check = check(
        "hogs",
        &[],
        Judge::Host(|_, _| {
            Box::pin(async {
                while RELEASE.load(Ordering::Relaxed) == 0 {
                    std::thread::yield_now();
                }
                Ok(Verdict::Pass)
            })
        }),
    );
    static APART: Check = check("apart", &[], PASSES);
    let plan = plan(&[&HANGS, &HOGS, &APART]);
    let report = walk(&plan, Bare::with_nodes(&[]), options()).await;
    RELEASE.store(1, Ordering::Relaxed);
    for name in ["hangs", "hogs"] {
        assert_eq!(*ending(&report, name), Ending::TimedOut { after: Duration::from_millis(200) }, "{name}");
    }
    assert_eq!(*ending(&report, "apart"), Ending::Pass);
    assert_eq!(report.interrupted, None);
}

#[tokio::test]
async fn what_was_said_while_ackcheck_was_stopped_does_not_count() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    static ONCE: Check = check(
        "once",
        &[],
        Judge::Host(|_, host| {
            Box::pin(async {
                match ASKED.fetch_add(1, Ordering::Relaxed) {
                    0 => host.read("late").await.map(|_| Verdict::Pass).or(Ok(bad().into())),
                    _ => Ok(Verdict::Pass),
                }
            })
        }),
    );
    static ALWAYS: Check = check(
        "always",
        &[],
        Judge::Host(|_, host| Box::pin(async { host.read("late").await.map(|_| Verdict::Pass).or(Ok(bad().into())) })),
    );
    let report = walk(&plan(&[&ONCE, &ALWAYS]), Bare::with_nodes(&[]), options()).await;
    assert_eq!(*ending(&report, "once"), Ending::Pass);
    assert_eq!(ASKED.load(Ordering::Relaxed), 2);
    let Ending::Broken { why } = ending(&report, "always") else { panic!("{report:?}") };
    assert!(why.contains("ackcheck itself was stopped or busy for 12.0 s"), "{why}");
    let told: Vec<&str> = report.cases[0].evidence.iter().map(|entry| entry.answered.as_str()).collect();
    assert!(told.iter().any(|told| told.ends_with("asked again")), "{told:?}");
}

#[tokio::test]
async fn the_whole_runs_time_ends_what_is_left_and_cleans_up() {
    static HANGS: Check = check("hangs", &[], Judge::Host(|_, _| Box::pin(std::future::pending())));
    static STANDS: Check = check("stands", &[&HANGS], PASSES);
    static NODES: Check = check("nodes", &[&HANGS], Judge::EachNode(|_, _| Box::pin(async { Ok(Verdict::Pass) })));
    let options = Options { timeout: Duration::from_millis(40), ..options() };
    let report = walk(&plan(&[&HANGS, &STANDS, &NODES]), Bare::with_nodes(&["a"]), options).await;
    for name in ["hangs", "stands", "nodes"] {
        assert_eq!(*ending(&report, name), Ending::Skipped { reason: INTERRUPTED.to_owned() }, "{name}");
    }
    assert!(report.interrupted.as_deref().is_some_and(|why| why.contains("0.04 s")), "{:?}", report.interrupted);
    assert_eq!(report.left_behind, ["one pod"]);
}

#[tokio::test]
async fn a_stop_gives_up_what_runs_and_cleaning_up_is_bounded() {
    static HANGS: Check = check("hangs", &[], Judge::Host(|_, _| Box::pin(std::future::pending())));
    let (watch, mut events) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    let seats = Arc::new(Bare { nodes: Ok(Vec::new()), hangs_on_clean_up: true });
    let plan = plan(&[&HANGS]);
    let running = run(&plan, seats, options(), watch, stop.clone());
    let stopping = async {
        while let Some(event) = events.recv().await {
            if matches!(event, Event::Started { .. }) {
                stop.cancel();
            }
        }
    };
    let (report, ()) = tokio::join!(running, stopping);
    assert_eq!(*ending(&report, "hangs"), Ending::Skipped { reason: INTERRUPTED.to_owned() });
    assert!(report.interrupted.is_some());
    assert_eq!(report.left_behind.len(), 1, "{:?}", report.left_behind);
}

#[tokio::test]
async fn per_node_checks_have_a_case_for_each_node_in_order() {
    static FIRST: Check = check(
        "first",
        &[],
        Judge::EachNode(|_, pod| Box::pin(async { Ok(if pod.node() == "b" { bad().into() } else { Verdict::Pass }) })),
    );
    static SECOND: Check = check("second", &[&FIRST], Judge::EachNode(|_, _| Box::pin(async { Ok(Verdict::Pass) })));
    static WHOLE: Check = check("whole", &[&SECOND], PASSES);
    let report = walk(&plan(&[&FIRST, &SECOND, &WHOLE]), Bare::with_nodes(&["c", "a", "b"]), options()).await;
    let names: Vec<String> = report.cases.iter().map(|case| case.id.to_string()).collect();
    assert_eq!(names, ["first[a]", "first[b]", "first[c]", "second[a]", "second[b]", "second[c]", "whole"]);
    assert_eq!(*ending(&report, "second[a]"), Ending::Pass);
    assert_eq!(*ending(&report, "second[b]"), Ending::Blocked { by: vec!["first[b]".to_owned()] });
    assert_eq!(*ending(&report, "whole"), Ending::Blocked { by: vec!["second[b]".to_owned()] });
}

#[tokio::test]
async fn an_empty_or_unknown_node_list_is_never_a_pass() {
    static EACH: Check = check("each", &[], Judge::EachNode(|_, _| Box::pin(async { Ok(Verdict::Pass) })));
    let empty = walk(&plan(&[&EACH]), Bare::with_nodes(&[]), options()).await;
    assert!(matches!(ending(&empty, "each"), Ending::Broken { .. }));
    assert_eq!(empty.cases[0].evidence.len(), 1, "what was heard of the nodes stands with the case");
    let denied =
        Arc::new(Bare { nodes: Err(Unseen::denied([crate::seat::cluster::NODES], "no")), hangs_on_clean_up: false });
    assert!(matches!(ending(&walk(&plan(&[&EACH]), denied, options()).await, "each"), Ending::Broken { .. }));
    let none = Arc::new(Bare { nodes: Err(Unseen::not_described("no [cluster]")), hangs_on_clean_up: false });
    let report = walk(&plan(&[&EACH]), none, options()).await;
    assert_eq!(*ending(&report, "each"), Ending::NotApplicable { reason: "no [cluster]".to_owned() });
}

async fn looks(host: &dyn Host) -> Judgement {
    host.addresses().await.map(|_| Verdict::Pass)
}

#[tokio::test]
async fn skipped_undescribed_and_forbidden_needs_do_not_block() {
    static SKIPPED: Check = check("skipped", &[], Judge::EachNode(|_, _| panic!("must not be asked")));
    static ABSENT: Check = check("absent", &[], Judge::Dss(|_, _| panic!("there is no seat to ask")));
    static DENIED: Check = check("denied", &[], Judge::Host(|_, host| Box::pin(looks(host))));
    static STANDS: Check = check("stands", &[&SKIPPED, &ABSENT, &DENIED], PASSES);
    let mut plan = plan(&[&SKIPPED, &ABSENT, &DENIED, &STANDS]);
    plan.checks[0].skipped = Some("known".to_owned());
    let report = walk(&plan, Bare::with_nodes(&["a"]), options()).await;
    assert_eq!(*ending(&report, "skipped"), Ending::Skipped { reason: "known".to_owned() });
    assert!(matches!(ending(&report, "absent"), Ending::NotApplicable { .. }));
    assert!(matches!(ending(&report, "denied"), Ending::Broken { .. }));
    assert_eq!(*ending(&report, "stands"), Ending::Pass);
}

#[tokio::test]
async fn a_secret_learned_late_is_taken_out_of_what_was_written_before() {
    static FAILS: Check = check("fails", &[], Judge::Host(|_, _| Box::pin(async { Ok(bad().into()) })));
    static LEARNS: Check = check("learns", &[&PASSED], Judge::Dss(|_, _| panic!("there is no seat to ask")));
    static PASSED: Check = check("passed", &[], PASSES);
    let report = walk(&plan(&[&FAILS, &PASSED, &LEARNS]), Bare::with_nodes(&[]), options()).await;
    assert!(matches!(ending(&report, "fails"), Ending::Fail(_)));
    assert!(!format!("{report:?}").contains("CANARY-late"), "{report:?}");
}

#[tokio::test]
async fn no_more_cases_than_jobs_are_out_at_once() {
    static OUT: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    static EACH: Check = check(
        "each",
        &[],
        Judge::EachNode(|_, _| {
            Box::pin(async {
                MOST.fetch_max(OUT.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                OUT.fetch_sub(1, Ordering::SeqCst);
                Ok(Verdict::Pass)
            })
        }),
    );
    let names: Vec<String> = (0..40).map(|n| format!("node-{n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let options = Options { jobs: 3, ..options() };
    let report = walk(&plan(&[&EACH]), Bare::with_nodes(&names), options).await;
    assert_eq!(report.cases.len(), 40);
    assert!(report.cases.iter().all(|case| case.ending == Ending::Pass));
    assert_eq!(MOST.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn what_is_required_and_not_asked_is_not_a_pass() {
    static ABSENT: Check = check("absent", &[], Judge::Dss(|_, _| panic!("there is no seat to ask")));
    static APART: Check = check("apart", &[], PASSES);
    let mut plan = plan(&[&ABSENT, &APART]);
    let report = walk(&plan, Bare::with_nodes(&[]), options()).await;
    assert_eq!((report.exit_code(), report.asked(), report.catalogue), (0, 1, 2));
    plan.checks[0].required = true;
    assert_eq!(walk(&plan, Bare::with_nodes(&[]), options()).await.exit_code(), 2);
    plan.checks[1].skipped = Some("known".to_owned());
    plan.checks[0].required = false;
    assert_eq!(walk(&plan, Bare::with_nodes(&[]), options()).await.exit_code(), 4);
    plan.checks[1].required = true;
    assert_eq!(walk(&plan, Bare::with_nodes(&[]), options()).await.exit_code(), 2);
}

#[tokio::test]
async fn a_check_opens_a_second_seat_and_both_are_in_its_evidence() {
    static TWO: Check = check(
        "two",
        &[],
        Judge::EachNode(|context, _| {
            Box::pin(async {
                let host = context.host()?;
                Ok(if host.resolve("a").await.is_ok() { Verdict::Pass } else { bad().into() })
            })
        }),
    );
    let report = walk(&plan(&[&TWO]), Bare::with_nodes(&["a"]), options()).await;
    assert_eq!(*ending(&report, "two[a]"), Ending::Pass);
    assert_eq!(report.cases[0].evidence[0].vantage, Vantage::Host);
}

#[tokio::test]
async fn a_report_before_the_removal_says_so_and_leaves_everything_in_place() {
    static HOLDS: Check = check("holds", &[], PASSES);
    let plan = plan(&[&HOLDS]);
    let stop = CancellationToken::new();
    stop.cancel();
    let asked = ask(&plan, Bare::with_nodes(&[]), options(), mpsc::unbounded_channel().0, stop).await;
    assert!(asked.interrupted());
    let early = asked.report();
    assert!(early.left_behind[0].contains("written before its removal"), "{:?}", early.left_behind);
    let left_behind = asked.remove().await;
    let last = asked.finish(left_behind);
    assert_eq!((early.cases, last.left_behind), (last.cases, vec!["one pod".to_owned()]));
}

/// A run of a cause, of what it blocks and of what it explains, with the cause waived until a day.
async fn with_waived_cause(clock: Clock) -> Report {
    static CAUSE: Check = check("cause", &[], Judge::Host(|_, _| Box::pin(async { Ok(bad().into()) })));
    static BLOCKED: Check = check("blocked", &[&CAUSE], PASSES);
    static EXPLAINED: Check =
        check("explained", &[], Judge::Host(|_, _| Box::pin(async { Ok(bad().explained_by(["cause"]).into()) })));
    let placed = |text: &str| crate::config::Placed { text: text.to_owned(), line: 1 };
    let waiver = crate::config::Waiver {
        check: placed("cause"),
        finding: placed("bad"),
        subject: None,
        reason: "accepted".to_owned(),
        until: jiff::civil::date(2026, 11, 27),
        ticket: Some("OPS-12".to_owned()),
        line: 1,
    };
    let mut options = options();
    let config = Config { waivers: vec![waiver], ..(*options.config).clone() };
    (options.config, options.clock) = (Arc::new(config), clock);
    walk(&plan(&[&CAUSE, &BLOCKED, &EXPLAINED]), Bare::with_nodes(&[]), options).await
}

#[tokio::test]
async fn a_waived_cause_still_blocks_and_what_it_explains_still_fails() {
    let report = with_waived_cause(|| "2026-11-27T23:59:59Z".parse().unwrap()).await;
    let Ending::Waived { finding, waiver } = ending(&report, "cause") else { panic!("{report:?}") };
    assert_eq!((finding.code.as_str(), waiver.to_string().as_str()), ("bad", "until 2026-11-27: accepted (OPS-12)"));
    assert_eq!(*ending(&report, "blocked"), Ending::Blocked { by: vec!["cause".to_owned()] });
    let Ending::Fail(finding) = ending(&report, "explained") else { panic!("{report:?}") };
    assert_eq!(finding.explained_by, ["cause"]);
    assert_eq!(report.exit_code(), 1, "nobody has accepted what the cause brings about");

    let mut alone = report.clone();
    alone.cases.retain(|case| case.id.check == "cause");
    assert_eq!(alone.exit_code(), 0);
    let mut blocking = report;
    blocking.cases.retain(|case| case.id.check != "explained");
    assert_eq!(blocking.exit_code(), 2, "what is blocked was not judged");
}

#[tokio::test]
async fn a_waiver_that_has_ended_lets_the_failure_fail_and_says_so() {
    let report = with_waived_cause(|| "2026-11-28T00:00:00Z".parse().unwrap()).await;
    let Ending::Fail(finding) = ending(&report, "cause") else { panic!("{report:?}") };
    assert_eq!(finding.ended_waiver.as_ref().map(|waiver| waiver.reason.as_str()), Some("accepted"));
    assert_eq!(report.exit_code(), 1);
}
