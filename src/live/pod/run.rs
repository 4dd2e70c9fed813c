//! The probe pods of one run: one a node, started once, and removed at the end whatever happened in between.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use k8s_openapi::api::core::v1 as core;
use kube::Api;
use kube::api::PostParams;
use tokio::sync::{OnceCell, Semaphore};
use tokio_util::task::TaskTracker;

use super::causes::{self, Look};
use super::census::{Census, Known, Sighting, locked};
use super::dss_host::{HostDoor, InstanceSource};
use super::owner::Owner;
use super::spec::{self, Common};
use super::told::refused;
use super::wait::{Step, Waiting};
use crate::cluster::{Kubernetes, Refusal, Silence};
use crate::store::StoreRun;
use crate::wire::Wire;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::cluster::CREATE_POD;
use ackcheck_core::seat::pod::{DssHost, LIST_PODS, PodStart};
use ackcheck_core::verdict::{Broken, Unseen};

/// Nodes that sweep the DSS host at once: each sweep is as many half-open connections as there are ports, and the
/// tables that count them, on the way and at the host, are shared.
const SWEEPS_AT_ONCE: usize = 4;

/// What the pods of one run share.
pub struct PodRun {
    pub(super) kubernetes: Kubernetes,
    pub(super) wire: Wire,
    pub(super) run: String,
    /// The reference of the probe's image.
    pub(super) image: Seen<String>,
    pub(super) store: Arc<StoreRun>,
    pub(super) instance: Arc<dyn InstanceSource>,
    pub(super) host: HostDoor,
    pub(super) dss_host: OnceCell<Seen<DssHost>>,
    pub(super) sweeps: Semaphore,
    pub(super) census: Arc<Census>,
    pub(super) owner: Owner,
    /// The API refused exec: from then on asks go by pods of their own.
    pub(super) exec_refused: AtomicBool,
    /// The API's words when it refused to delete a pod: asking on would not help.
    pub(super) removal_refused: OnceLock<String>,
    /// Pods that are not called after the node that they stay on, by that node.
    pub(super) placed: Mutex<HashMap<String, String>>,
    starts: Mutex<HashMap<String, Arc<OnceCell<Seen<PodStart>>>>>,
    /// The pods that were asked for, by name, with what they are for.
    pub(super) asked_for: Mutex<BTreeMap<String, String>>,
    /// Requests that create: they go on when their case is dropped, so that clean-up knows what became of them.
    pub(super) creating: TaskTracker,
    pub(super) closed: AtomicBool,
}

impl PodRun {
    /// For a run with this id. `image` is what the registry seat says pods are given.
    pub fn new(
        kubernetes: Kubernetes,
        wire: Wire,
        run: &str,
        image: Seen<String>,
        store: Arc<StoreRun>,
        instance: Arc<dyn InstanceSource>,
        host: HostDoor,
    ) -> Arc<PodRun> {
        Arc::new(PodRun {
            census: Census::new(kubernetes.clone(), run),
            owner: Owner::default(),
            exec_refused: AtomicBool::new(false),
            removal_refused: OnceLock::new(),
            placed: Mutex::default(),
            kubernetes,
            wire,
            run: run.to_owned(),
            image,
            store,
            instance,
            host,
            dss_host: OnceCell::new(),
            sweeps: Semaphore::new(SWEEPS_AT_ONCE),
            starts: Mutex::default(),
            asked_for: Mutex::default(),
            creating: TaskTracker::new(),
            closed: AtomicBool::new(false),
        })
    }

    /// The namespace of the pods.
    pub(super) fn namespace(&self) -> String {
        self.kubernetes.probe_namespace()
    }

    /// The name of the pod that stays on a node.
    pub(super) fn pod_on(&self, node: &str) -> String {
        let placed = locked(&self.placed).get(node).cloned();
        placed.unwrap_or_else(|| spec::name(&self.run, node))
    }

    /// Takes note that another pod than the one of that name stays on a node.
    pub(super) fn place_on(&self, node: &str, name: &str) {
        locked(&self.placed).insert(node.to_owned(), name.to_owned());
    }

    /// Starts the pod on a node, or says how far it came when it was started before.
    pub(super) async fn start(&self, node: &str, journal: &Journal) -> Seen<PodStart> {
        let cell = locked(&self.starts).entry(node.to_owned()).or_default().clone();
        let began = Instant::now();
        let mut now = false;
        let started = cell
            .get_or_init(|| {
                now = true;
                self.bring_up(node, journal)
            })
            .await
            .clone();
        if !now {
            let said = match &started {
                Ok(start) => start.to_string(),
                Err(why) => why.to_string(),
            };
            journal.note(Vantage::Node, format!("the probe pod on {node}"), said, began.elapsed());
        }
        started
    }

    async fn bring_up(&self, node: &str, journal: &Journal) -> Seen<PodStart> {
        if let Some(why) = self.kubernetes.spares(node) {
            return Err(Unseen::not_described(why));
        }
        let name = self.pod_on(node);
        if !locked(&self.asked_for).contains_key(&name) {
            let pod = self.with_common(journal, async |common| spec::pod(common, node)).await?;
            if let Err(silence) = self.create(&name, &format!("node {node}"), pod, journal).await {
                return refused(silence, self.kubernetes.of_probes(CREATE_POD));
            }
        }
        let found_its_node = name != spec::name(&self.run, node);
        let end = self.wait(&name, node, journal).await?;
        match &end {
            // A kubelet that could not read the pull secret in time pulls without it ("Unable to retrieve some image pull
            // secrets"), and its next try is right. Its own comes after ten seconds; another pod's comes at once.
            // And a pod that found its node may have been there before the image was pushed.
            PodStart::NotPulled { why, pull_secret }
                if found_its_node || pull_secret.is_some() && causes::is_refusal(why) =>
            {
                let pod = self.with_common(journal, async |common| spec::pod_again(common, node)).await?;
                let again = pod.metadata.name.clone().unwrap_or_default();
                if self.create(&again, &format!("node {node}, again"), pod, journal).await.is_err() {
                    return Ok(end);
                }
                self.place_on(node, &again);
                self.wait(&again, node, journal).await
            }
            _ => Ok(end),
        }
    }

    /// What every pod of the run has in common, for a function that makes one.
    pub(super) async fn with_common<T>(
        &self,
        journal: &Journal,
        make: impl AsyncFnOnce(&Common<'_>) -> Result<T, Broken>,
    ) -> Seen<T> {
        let namespace = self.namespace();
        let site = self.kubernetes.described()?;
        let image = self.image.clone()?;
        let common = Common {
            run: &self.run,
            namespace: &namespace,
            image: &image,
            preloaded: site.probe_image.is_some(),
            pull_secret: site.pull_secret.as_deref(),
            tolerations: &site.tolerations,
            owner: None,
            run_lasts: self.kubernetes.limits().run.saturating_add(self.kubernetes.limits().clean_up),
        };
        let owner = self.owner(&common, journal).await;
        Ok(make(&Common { owner: owner.as_ref(), ..common }).await?)
    }

    /// Creates a pod that clean-up will remove. `purpose` is for people.
    pub(super) async fn create(
        &self,
        name: &str,
        purpose: &str,
        pod: core::Pod,
        journal: &Journal,
    ) -> Result<(), Silence> {
        let (kubernetes, journal, namespace) = (self.kubernetes.clone(), journal.clone(), self.namespace());
        let asked = format!("create pod {namespace}/{name} for {purpose}");
        let create = async move {
            let request = |client: kube::Client| {
                let (api, pod): (Api<core::Pod>, _) = (Api::namespaced(client, &namespace), pod.clone());
                async move { api.create(&PostParams::default(), &pod).await }
            };
            let told = |pod: &core::Pod| match causes::pull_secret(pod) {
                Some(secrets) => format!("created, with the pull secret {secrets}"),
                None => "created, without a pull secret".to_owned(),
            };
            kubernetes.ask(&journal, Vantage::Node, &asked, request, told).await.map(|_| ())
        };
        {
            let mut asked_for = locked(&self.asked_for);
            if self.closed.load(Ordering::SeqCst) {
                return Err(Silence::Status {
                    code: 499,
                    said: "the run is ending".to_owned(),
                    refusal: Refusal::Other,
                });
            }
            asked_for.insert(name.to_owned(), purpose.to_owned());
        }
        match self.creating.spawn(create).await {
            // This run's own, from a case that was stopped while it waited.
            Ok(Err(Silence::Status { code: 409, .. })) => Ok(()),
            Ok(created) => created,
            Err(panic) => Err(Silence::Status { code: 0, said: panic.to_string(), refusal: Refusal::Other }),
        }
    }

    /// Waits for a pod's start, and notes how it ended.
    async fn wait(&self, name: &str, node: &str, journal: &Journal) -> Seen<PodStart> {
        let began = Instant::now();
        let end = self.wait_for_start(name, journal).await?;
        let end = self.explain(end, name, journal).await;
        let asked = format!("the start of pod {}/{name} on {node}", self.namespace());
        journal.note(Vantage::Node, asked, end.to_string(), began.elapsed());
        Ok(end)
    }

    /// Waits until a pod runs, or has ended, or will not start; each step within its budget.
    pub(super) async fn wait_for_start(&self, name: &str, journal: &Journal) -> Seen<PodStart> {
        let limits = self.kubernetes.limits();
        let (mut known, mut trouble) = (self.census.follow(name, journal), self.census.trouble());
        let mut waiting = Waiting::new(Instant::now());
        // A verdict that stands on silence is given only after one more look: the watch may be what is silent.
        let mut sure = false;
        loop {
            let silent = match &*trouble.borrow_and_update() {
                Some((_, Silence::Status { code: 401 | 403, said, .. })) => {
                    return Err(Unseen::denied([self.kubernetes.of_probes(LIST_PODS)], said.clone()));
                }
                // An API that is gone for longer than it may take for one answer: the budgets need not be waited for.
                Some((since, silence)) if since.elapsed() >= limits.request => {
                    return Err(silence.clone().unseen("the probe pod", [self.kubernetes.of_probes(LIST_PODS)]));
                }
                Some((since, _)) => Some(*since + limits.request),
                None => None,
            };
            let now_known = known.borrow_and_update().clone();
            let seen = match &now_known {
                Known::There(sighting) => Some(sighting),
                Known::Unseen => None,
                Known::Gone => {
                    let why = "the pod was deleted by another".to_owned();
                    return Ok(PodStart::NotStarted { why });
                }
            };
            let until = match waiting.step(seen, Instant::now(), limits) {
                Step::Until(until) => until,
                Step::End(end) if seen.is_some_and(|seen| is_final(seen, &end)) || sure => return Ok(end),
                Step::AskEvents(why) if sure => match self.is_pulling(name, journal).await {
                    true => {
                        waiting.pulls();
                        continue;
                    }
                    false => return Ok(PodStart::NotStarted { why }),
                },
                Step::End(_) | Step::AskEvents(_) => {
                    let looked = self.census.look_again(name, journal).await;
                    let looked = looked
                        .map_err(|silence| silence.unseen("the probe pod", [self.kubernetes.of_probes(LIST_PODS)]))?;
                    sure = looked == now_known || matches!(looked, Known::There(_));
                    if looked != now_known {
                        self.census.tell(name, looked);
                    }
                    continue;
                }
            };
            tokio::select! {
                _ = known.changed() => {}
                _ = trouble.changed() => {}
                () = tokio::time::sleep_until(silent.map_or(until, |silent| until.min(silent)).into()) => {}
            }
        }
    }
}

/// Whether the pod's own state says so, and not the time that went by.
fn is_final(seen: &Sighting, end: &PodStart) -> bool {
    match &seen.look {
        Look::Ended(_) => true,
        Look::Pulling { passing, .. } => !passing && matches!(end, PodStart::NotPulled { .. }),
        Look::Starting { .. } | Look::Unscheduled { .. } => false,
    }
}
