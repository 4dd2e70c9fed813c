//! The probe pods of one run: one a node, started once, and removed at the end whatever happened in between.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1 as core;
use kube::Api;
use kube::api::{DeleteParams, ListParams, PostParams};
use tokio::sync::{OnceCell, Semaphore};
use tokio_util::task::TaskTracker;

use super::causes::{self, Look};
use super::dss_host::{HostDoor, InstanceSource};
use super::spec::{self, Common};
use crate::evidence::Journal;
use crate::live::cluster::{Kubernetes, Silence};
use crate::live::store::StoreRun;
use crate::live::wire::Wire;
use crate::place::Vantage;
use crate::seat::Seen;
use crate::seat::pod::{DssHost, PodStart};
use crate::verdict::{Broken, Unseen};

/// Between two looks at a pod at first; it grows to [`SLOWEST_LOOK`].
const FIRST_LOOK: Duration = Duration::from_millis(50);
const SLOWEST_LOOK: Duration = Duration::from_secs(1);
/// Pods removed at once.
const REMOVALS_AT_ONCE: usize = 16;
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
    starts: Mutex<HashMap<String, Arc<OnceCell<Seen<PodStart>>>>>,
    /// The pods that were asked for, by name, with their node.
    asked_for: Mutex<BTreeMap<String, String>>,
    /// Requests that create: they go on when their case is dropped, so that clean-up knows what became of them.
    creating: TaskTracker,
    closed: AtomicBool,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
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

    /// The namespace of the pods: the first that DSS works in.
    pub(super) fn namespace(&self) -> String {
        self.kubernetes.namespaces().into_iter().next().unwrap_or_else(|| "default".to_owned())
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
                Ok(start) => format!("{start:?}"),
                Err(why) => format!("{why:?}"),
            };
            journal.note(Vantage::Node, format!("the probe pod on {node}"), said, began.elapsed());
        }
        started
    }

    async fn bring_up(&self, node: &str, journal: &Journal) -> Seen<PodStart> {
        let namespace = self.namespace();
        let site = self.kubernetes.described()?;
        let image = self.image.clone()?;
        let pull_secret = site.pull_secret.as_deref();
        let common = Common { run: &self.run, namespace: &namespace, image: &image, pull_secret };
        let pod = spec::pod(&common, node)?;
        let name = spec::name(&self.run, node);
        match self.create(&namespace, &name, node, pod, journal).await {
            Ok(()) => self.wait(&namespace, &name, node, journal).await,
            Err(silence) => refused(silence, &namespace),
        }
    }

    async fn create(
        &self,
        namespace: &str,
        name: &str,
        node: &str,
        pod: core::Pod,
        journal: &Journal,
    ) -> Result<(), Silence> {
        let (kubernetes, journal) = (self.kubernetes.clone(), journal.clone());
        let asked = format!("create pod {namespace}/{name} for node {node}");
        let namespace = namespace.to_owned();
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
                return Err(Silence::Status { code: 499, said: "the run is ending".to_owned() });
            }
            asked_for.insert(name.to_owned(), node.to_owned());
        }
        match self.creating.spawn(create).await {
            // This run's own, from a case that was stopped while it waited.
            Ok(Err(Silence::Status { code: 409, .. })) => Ok(()),
            Ok(created) => created,
            Err(panic) => Err(Silence::Status { code: 0, said: panic.to_string() }),
        }
    }

    async fn wait(&self, namespace: &str, name: &str, node: &str, journal: &Journal) -> Seen<PodStart> {
        let limits = self.kubernetes.limits().clone();
        let began = Instant::now();
        let mut bound: Option<Instant> = None;
        let mut pause = FIRST_LOOK;
        let mut pulling: Option<(String, bool)> = None;
        let asked = format!("the start of pod {namespace}/{name} on {node}");
        loop {
            let pod = self.read(namespace, name, journal).await;
            let look = match &pod {
                Ok(pod) => causes::look(pod),
                Err(Silence::Status { code: 404, .. }) => {
                    Look::Ended(PodStart::NotStarted { why: "the pod was deleted by another".to_owned() })
                }
                // One lost look is no verdict; the budgets end this.
                Err(silence @ Silence::NoReply(_)) => match bound {
                    Some(_) => Look::Starting { why: silence.to_string() },
                    None => Look::Unscheduled { why: silence.to_string() },
                },
                Err(silence) => return Err(silence.clone().unseen("the probe pod", "get pods")),
            };
            let ended = match look {
                Look::Ended(end) => Some(end),
                Look::Unscheduled { why } => (began.elapsed() >= limits.schedule).then(|| PodStart::NotScheduled {
                    why: if why.is_empty() { "no scheduler has taken it".to_owned() } else { why },
                }),
                Look::Starting { why } => {
                    let since = *bound.get_or_insert_with(Instant::now);
                    let over = since.elapsed() >= limits.start;
                    over.then_some(PodStart::NotStarted { why })
                }
                Look::Pulling { why, passing } => {
                    let since = *bound.get_or_insert_with(Instant::now);
                    // "Back-off pulling image" says less than the failure it backs off from.
                    let told =
                        pulling.take().filter(|(before, _)| why.contains("Back-off") && !before.contains("Back-off"));
                    let (why, passing) = told.unwrap_or((why, passing));
                    let over = !passing || since.elapsed() >= limits.start;
                    pulling = Some((why.clone(), passing));
                    over.then(|| PodStart::NotPulled {
                        why,
                        pull_secret: pod.as_ref().ok().and_then(causes::pull_secret),
                    })
                }
            };
            if let Some(end) = ended {
                let end = self.explain(end, namespace, name, &limits.start, journal).await;
                journal.note(Vantage::Node, asked, format!("{end:?}"), began.elapsed());
                return Ok(end);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(SLOWEST_LOOK);
        }
    }

    async fn read(&self, namespace: &str, name: &str, journal: &Journal) -> Result<core::Pod, Silence> {
        // Each look of a wait would drown what the wait is about: the journal has its end alone.
        let quiet = Journal::new(journal.scrubber().clone());
        let request = |client: kube::Client| {
            let api: Api<core::Pod> = Api::namespaced(client, namespace);
            async move { api.get(name).await }
        };
        self.kubernetes.ask(&quiet, Vantage::Node, "get pod", request, |_| String::new()).await
    }

    /// Adds what the events tell to an end that the pod's own state does not explain.
    async fn explain(
        &self,
        end: PodStart,
        namespace: &str,
        name: &str,
        waited: &Duration,
        journal: &Journal,
    ) -> PodStart {
        match end {
            PodStart::NotStarted { why } => {
                let told = self.events(namespace, name, "", journal).await;
                let silence = || format!("nothing was heard of it from the kubelet in {} s", waited.as_secs());
                let mut said: Vec<String> = [why].into_iter().filter(|why| !why.is_empty()).chain(told).collect();
                if said.is_empty() {
                    said.push(silence());
                }
                PodStart::NotStarted { why: said.join("; ") }
            }
            PodStart::NotPulled { why, pull_secret } => {
                let mut said = self.events(namespace, name, "Failed", journal).await;
                said.retain(|text| text.contains("pull") && !why.contains(causes::essence(text)));
                let told = [why].into_iter().chain(said).map(|text| causes::in_brief(&text));
                let full = told.collect::<Vec<_>>().join("; ");
                causes::not_pulled(full, pull_secret)
            }
            other => other,
        }
    }

    async fn events(&self, namespace: &str, name: &str, only: &str, journal: &Journal) -> Vec<String> {
        let asked = format!("events of pod {namespace}/{name}");
        let select = ListParams::default().fields(&format!("involvedObject.name={name}")).limit(50);
        let request = |client: kube::Client| {
            let (api, select): (Api<core::Event>, _) = (Api::namespaced(client, namespace), select.clone());
            async move { api.list(&select).await }
        };
        let told = |list: &kube::core::ObjectList<core::Event>| causes::warnings(&list.items, "").join("\n");
        // Events only explain: without the right to read them the end stands as it is, and the journal says so.
        let listed = self.kubernetes.ask(journal, Vantage::Node, &asked, request, told).await;
        listed.map(|list| causes::warnings(&list.items, only)).unwrap_or_default()
    }

    /// Removes every pod of the run, within `[limits] clean_up`, those that were being created included, and says what
    /// it could not remove.
    pub async fn clean_up(&self, journal: &Journal) -> Vec<String> {
        {
            let _asked_for = locked(&self.asked_for);
            self.closed.store(true, Ordering::SeqCst);
        }
        if locked(&self.asked_for).is_empty() {
            return Vec::new();
        }
        self.creating.close();
        let namespace = self.namespace();
        // What is left of the limit is for saying what is left of the pods.
        let limit = self.kubernetes.limits().clean_up * 9 / 10;
        let began = Instant::now();
        let work = async {
            self.creating.wait().await;
            let mut pause = FIRST_LOOK;
            loop {
                // A kubelet that is deaf or gone never says that its pod ended: the object is then removed without it.
                let forced = began.elapsed() > limit / 2;
                self.remove_all(&namespace, forced, journal).await;
                if locked(&self.asked_for).is_empty() {
                    return;
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(SLOWEST_LOOK);
            }
        };
        let _ = tokio::time::timeout(limit, work).await;
        let left = locked(&self.asked_for);
        left.iter().map(|(name, node)| format!("pod {namespace}/{name} (node {node})")).collect()
    }

    /// Asks for every pod's removal once; those that are gone are forgotten.
    async fn remove_all(&self, namespace: &str, forced: bool, journal: &Journal) {
        use futures_util::StreamExt as _;
        let names: Vec<String> = locked(&self.asked_for).keys().cloned().collect();
        let removals = futures_util::stream::iter(names).map(|name| async move {
            let request = |client: kube::Client| {
                let (api, name): (Api<core::Pod>, _) = (Api::namespaced(client, namespace), name.clone());
                let how = if forced { DeleteParams::default().grace_period(0) } else { DeleteParams::default() };
                async move { api.delete(&name, &how).await }
            };
            let asked = format!("delete pod {namespace}/{name}");
            let answer = self.kubernetes.ask(journal, Vantage::Node, &asked, request, |_| "accepted".to_owned()).await;
            // Accepted is not gone: it is asked again until it is not there.
            if let Err(Silence::Status { code: 404, .. }) = answer {
                locked(&self.asked_for).remove(&name);
            }
        });
        removals.buffer_unordered(REMOVALS_AT_ONCE).collect::<Vec<()>>().await;
    }
}

/// What the API's refusal to create the pod means.
fn refused(silence: Silence, namespace: &str) -> Seen<PodStart> {
    match silence {
        // RBAC's own words; quotas, Pod Security and webhooks answer 403 as well.
        Silence::Status { code: 403, said } if said.contains("cannot create resource") => {
            Err(Unseen::denied(format!("create pods in {namespace}"), said))
        }
        Silence::Status { code: 401, said } => Err(Unseen::denied(format!("create pods in {namespace}"), said)),
        Silence::Status { code: 0 | 499, said } => Err(Unseen::Broken(Broken::Internal(said))),
        Silence::Status { said, .. } => Ok(PodStart::NotScheduled { why: said }),
        other => Err(other.unseen("a probe pod", "create pods")),
    }
}
