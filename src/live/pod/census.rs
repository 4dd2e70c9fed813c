//! The run's pods as the API shows them: one list and one watch for all of them, however many nodes there are.
//!
//! Where the account may not watch, the list is asked again and again instead. What is seen is kept small: a run on
//! thousands of nodes holds a few words a pod.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use k8s_openapi::api::core::v1 as core;
use kube::Api;
use kube::api::{ListParams, WatchEvent, WatchParams};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::causes::{self, Look};
use super::{pulls, spec};
use crate::cluster::{Kubernetes, Silence};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::pull::PullFailure;
use ackcheck_core::sync::locked;

/// Between two tries, or two lists where watching is not allowed; it grows to [`SLOWEST`] while nothing is heard.
const PAUSE: Duration = Duration::from_millis(250);
const SLOWEST: Duration = Duration::from_secs(4);
/// The server ends a watch after this, in seconds, and it is taken up where it ended.
const WATCH_LASTS: u32 = 60;
/// A connection that brings nothing for this long after a watch should have ended is dead.
const DEAD_AFTER: Duration = Duration::from_secs(WATCH_LASTS as u64 + 5);
/// Pods in one page of a list.
const PAGE: u32 = 500;

/// One pod, as last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sighting {
    pub(super) look: Look,
    /// The node it is bound to.
    pub(super) node: Option<String>,
    /// What there is to say should its image not come in time.
    pub(super) unpulled: Box<PullFailure>,
    /// How its container ended, where it did.
    pub(super) exit: Option<i32>,
    /// The pod's own.
    pub(super) addresses: Vec<IpAddr>,
}

impl Sighting {
    pub(super) fn of(pod: &core::Pod) -> Sighting {
        let exit = causes::own_status(pod).and_then(|container| container.state.as_ref()?.terminated.as_ref());
        Sighting {
            look: causes::look(pod),
            node: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
            unpulled: Box::new(pulls::of(pod, spec::CONTAINER, None)),
            exit: exit.map(|ended| ended.exit_code),
            addresses: addresses(pod),
        }
    }
}

fn addresses(pod: &core::Pod) -> Vec<IpAddr> {
    let Some(status) = &pod.status else { return Vec::new() };
    let all = status.pod_ips.iter().flatten().map(|one| one.ip.as_str());
    all.chain(status.pod_ip.as_deref()).filter_map(|text| text.parse().ok()).collect()
}

/// Whether a pod is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing was heard of it yet.
    Unseen,
    There(Sighting),
    Gone,
}

/// Since when the list cannot be read, and why.
type Trouble = (Instant, Silence);

/// The pods of one run.
pub(super) struct Census {
    kubernetes: Kubernetes,
    run: String,
    pods: Mutex<HashMap<String, watch::Sender<Known>>>,
    /// What keeps the list from being read, while it does, and since when.
    trouble: watch::Sender<Option<Trouble>>,
    following: Mutex<Option<AbortOnDropHandle<()>>>,
}

impl Census {
    pub(super) fn new(kubernetes: Kubernetes, run: &str) -> Arc<Census> {
        Arc::new(Census {
            kubernetes,
            run: run.to_owned(),
            pods: Mutex::default(),
            trouble: watch::Sender::new(None),
            following: Mutex::default(),
        })
    }

    /// What is known of a pod, now and when it changes. Following begins with the first question.
    pub(super) fn follow(self: &Arc<Census>, name: &str, journal: &Journal) -> watch::Receiver<Known> {
        let mut following = locked(&self.following);
        if following.is_none() {
            let (census, quiet) = (Arc::downgrade(self), quiet(journal));
            let task = async move {
                let mut follower = Follower::default();
                while let Some(census) = census.upgrade() {
                    let pause = follower.step(&census, &quiet).await;
                    drop(census);
                    tokio::time::sleep(pause).await;
                }
            };
            *following = Some(AbortOnDropHandle::new(tokio::spawn(task)));
        }
        drop(following);
        locked(&self.pods).entry(name.to_owned()).or_insert_with(|| watch::Sender::new(Known::Unseen)).subscribe()
    }

    /// Follows no more: the run is over.
    pub(super) fn stop(&self) {
        locked(&self.following).take();
    }

    /// What keeps the list from being read, and since when.
    pub(super) fn trouble(&self) -> watch::Receiver<Option<Trouble>> {
        self.trouble.subscribe()
    }

    /// Asks for one pod, whatever the watch has brought: before a verdict that stands on silence.
    pub(super) async fn look_again(&self, name: &str, journal: &Journal) -> Result<Known, Silence> {
        let select = ListParams::default().fields(&format!("metadata.name={name}"));
        let page = self.page(&select, &quiet(journal)).await?;
        Ok(page.items.first().map_or(Known::Gone, |pod| Known::There(Sighting::of(pod))))
    }

    /// The run's pods, asked now: their names, and whether the container has ended.
    pub(super) async fn left(&self, journal: &Journal) -> Result<HashMap<String, bool>, Silence> {
        let mut left = HashMap::new();
        let mut add = |pod: &core::Pod| {
            left.insert(pod.metadata.name.clone().unwrap_or_default(), Sighting::of(pod).exit.is_some());
        };
        self.read_list(&quiet(journal), &mut add).await?;
        Ok(left)
    }

    async fn page(&self, select: &ListParams, quiet: &Journal) -> Result<kube::core::ObjectList<core::Pod>, Silence> {
        let namespace = self.kubernetes.probe_namespace();
        let request = |client: kube::Client| {
            let (api, select): (Api<core::Pod>, _) = (Api::namespaced(client, &namespace), select.clone());
            async move { api.list(&select).await }
        };
        self.kubernetes.ask(quiet, Vantage::Node, "list pods", request, |_| String::new()).await
    }

    /// Reads every page; gives the version to watch from.
    async fn read_list(&self, quiet: &Journal, mut each: impl FnMut(&core::Pod)) -> Result<String, Silence> {
        let mut select = ListParams::default().labels(&spec::selector(&self.run)).limit(PAGE);
        loop {
            let page = self.page(&select, quiet).await?;
            page.items.iter().for_each(&mut each);
            match page.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => select = select.continue_token(&token),
                None => return Ok(page.metadata.resource_version.unwrap_or_default()),
            }
        }
    }

    pub(super) fn tell(&self, name: &str, known: Known) {
        let mut pods = locked(&self.pods);
        let pod = pods.entry(name.to_owned()).or_insert_with(|| watch::Sender::new(Known::Unseen));
        pod.send_if_modified(|before| {
            let other = *before != known;
            *before = known;
            other
        });
    }

    /// Reads the list anew: who was there and is not any more is gone.
    async fn list(&self, quiet: &Journal) -> Result<String, Silence> {
        let mut there = HashSet::new();
        let version = self
            .read_list(quiet, |pod| {
                let name = pod.metadata.name.clone().unwrap_or_default();
                self.tell(&name, Known::There(Sighting::of(pod)));
                there.insert(name);
            })
            .await?;
        for (name, pod) in &*locked(&self.pods) {
            let was_there = matches!(*pod.borrow(), Known::There(_));
            if was_there && !there.contains(name) {
                pod.send_replace(Known::Gone);
            }
        }
        Ok(version)
    }

    /// Watches from a version on, and gives the one it came to.
    async fn watch(&self, from: &str, quiet: &Journal) -> Result<String, Silence> {
        let client = self.kubernetes.client(quiet).await?;
        let api: Api<core::Pod> = Api::namespaced(client, &self.kubernetes.probe_namespace());
        let how = WatchParams::default().labels(&spec::selector(&self.run)).timeout(WATCH_LASTS);
        let opened = api.watch(&how, from).await.map_err(|error| self.kubernetes.told_apart(&error))?;
        let mut events = pin!(opened);
        let mut version = from.to_owned();
        while let Some(event) = events.next().await {
            match event.map_err(|error| self.kubernetes.told_apart(&error))? {
                WatchEvent::Added(pod) | WatchEvent::Modified(pod) => {
                    version = pod.metadata.resource_version.clone().unwrap_or(version);
                    self.tell(pod.metadata.name.as_deref().unwrap_or_default(), Known::There(Sighting::of(&pod)));
                }
                WatchEvent::Deleted(pod) => {
                    version = pod.metadata.resource_version.clone().unwrap_or(version);
                    self.tell(pod.metadata.name.as_deref().unwrap_or_default(), Known::Gone);
                }
                WatchEvent::Bookmark(mark) => version = mark.metadata.resource_version,
                WatchEvent::Error(status) => return Err(Silence::of(&status)),
            }
        }
        Ok(version)
    }
}

/// Where following stands.
#[derive(Default)]
struct Follower {
    /// The version to watch from; none if the list is to be read first.
    version: Option<String>,
    may_not_watch: bool,
    failures: u32,
}

impl Follower {
    /// Lists or watches once; gives how long to wait before the next step.
    async fn step(&mut self, census: &Census, quiet: &Journal) -> Duration {
        let Some(version) = self.version.take() else {
            match census.list(quiet).await {
                Ok(version) => {
                    self.failures = 0;
                    census.trouble.send_replace(None);
                    if self.may_not_watch {
                        return PAUSE * 2;
                    }
                    self.version = Some(version);
                    return Duration::ZERO;
                }
                Err(silence) => {
                    census.trouble.send_modify(|trouble| {
                        let since = trouble.as_ref().map_or_else(Instant::now, |(since, _)| *since);
                        *trouble = Some((since, silence));
                    });
                    return self.failed();
                }
            }
        };
        let began = Instant::now();
        match tokio::time::timeout(DEAD_AFTER, census.watch(&version, quiet)).await {
            Ok(Ok(version)) => {
                self.failures = 0;
                self.version = Some(version);
                // A server that ends every watch at once is not asked without end.
                if began.elapsed() < PAUSE { PAUSE } else { Duration::ZERO }
            }
            Ok(Err(Silence::Status { code: 403 | 405, .. })) => {
                self.may_not_watch = true;
                Duration::ZERO
            }
            // The list says what was missed.
            Ok(Err(_)) | Err(_) => self.failed(),
        }
    }

    fn failed(&mut self) -> Duration {
        self.failures = (self.failures + 1).min(5);
        (PAUSE * 2u32.pow(self.failures - 1)).min(SLOWEST)
    }
}

/// For looks that would drown what is waited for, of which the journal has the end. What they learn of secrets counts.
fn quiet(journal: &Journal) -> Journal {
    Journal::new(journal.scrubber().clone())
}
