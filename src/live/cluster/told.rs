//! What a namespace tells of itself, as texts to be read like any log: its events, the states of its pods, and their logs.

use std::time::Duration;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::serde::de::DeserializeOwned;
use kube::api::{ListParams, LogParams};
use kube::core::NamespaceResourceScope;
use kube::{Api, Resource};

use super::{Kubernetes, Silence};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::right::Right;

/// Objects asked for in one list, and the most that are looked at.
const PAGE: u32 = 500;
const MOST: usize = 10_000;
/// The most logs that are read, those of the youngest pods, and the most of each: its last lines.
const MOST_LOGS: usize = 100;
const LINES_OF_A_LOG: i64 = 20_000;
const BYTES_OF_A_LOG: i64 = 16 << 20;
/// The most bytes of all logs, which are kept until they are read.
const BYTES_OF_LOGS: usize = 256 << 20;

const LIST_EVENTS: Right = Right::of_namespaces("list", "", "events");
const LIST_PODS: Right = Right::of_namespaces("list", "", "pods");
const GET_LOGS: Right = Right::of_namespaces("get", "", "pods/log");

/// What a namespace tells.
#[derive(Debug, Default)]
pub struct Told {
    /// Texts, by the name of each.
    pub texts: Vec<(String, String)>,
    /// What could not be looked at, and why.
    pub unseen: Vec<(String, String)>,
}

/// Asks a namespace; of logs only what is younger than `since`.
pub(crate) async fn told(kubernetes: &Kubernetes, namespace: &str, since: Option<Duration>, journal: &Journal) -> Told {
    let asking = Asking { kubernetes, namespace, since, journal };
    let mut told = Told::default();
    match asking.list::<core::Event>("events", LIST_EVENTS).await {
        Ok(mut events) => {
            asking.bounded("events", events.len(), &mut told);
            events.sort_by_key(time_of);
            let lines: String = events.iter().map(event_in_a_line).collect();
            told.texts.push((format!("events of {namespace}"), lines));
        }
        Err(why) => told.unseen.push((format!("events of {namespace}"), why)),
    }
    match asking.list::<core::Pod>("pods", LIST_PODS).await {
        Ok(mut pods) => {
            asking.bounded("pods", pods.len(), &mut told);
            pods.sort_by_key(|pod| std::cmp::Reverse(pod.metadata.creation_timestamp.clone()));
            told.texts.push((format!("states of pods of {namespace}"), pods.iter().map(state_in_lines).collect()));
            asking.logs(&pods, &mut told).await;
        }
        Err(why) => told.unseen.push((format!("pods of {namespace}"), why)),
    }
    told
}

struct Asking<'a> {
    kubernetes: &'a Kubernetes,
    namespace: &'a str,
    since: Option<Duration>,
    journal: &'a Journal,
}

impl Asking<'_> {
    async fn list<K>(&self, what: &str, right: Right) -> Result<Vec<K>, String>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + DeserializeOwned + std::fmt::Debug,
    {
        let mut all: Vec<K> = Vec::new();
        let mut page = ListParams::default().limit(PAGE);
        loop {
            let request = |client: kube::Client| {
                let (api, page): (Api<K>, _) = (Api::namespaced(client, self.namespace), page.clone());
                async move { api.list(&page).await }
            };
            let asked = format!("{what} of {}", self.namespace);
            let counted = |list: &kube::core::ObjectList<K>| format!("{} {what}", list.items.len());
            let listed = self.kubernetes.ask(self.journal, Vantage::Cluster, &asked, request, counted).await;
            let listed = listed.map_err(|silence| self.why(silence, &asked, right.clone()))?;
            all.extend(listed.items);
            match listed.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) if all.len() < MOST => page = page.continue_token(&token),
                _ => return Ok(all),
            }
        }
    }

    /// Says where a list was not followed to its end.
    fn bounded(&self, what: &str, listed: usize, told: &mut Told) {
        if listed >= MOST {
            told.unseen.push((format!("further {what} of {}", self.namespace), format!("only {listed} are looked at")));
        }
    }

    fn why(&self, silence: Silence, what: &str, right: Right) -> String {
        silence.unseen(what, [right.in_namespace(self.namespace)]).to_string()
    }

    /// The logs of the youngest pods, those of a container's last start included.
    async fn logs(&self, pods: &[core::Pod], told: &mut Told) {
        let wanted: Vec<(String, String, bool)> = pods.iter().flat_map(logs_of).collect();
        if wanted.len() > MOST_LOGS {
            let what = format!("logs of {} containers of {}", wanted.len() - MOST_LOGS, self.namespace);
            told.unseen.push((what, format!("those of the {MOST_LOGS} youngest are read; name the others as files")));
        }
        let mut bytes = 0;
        for (pod, container, previous) in wanted.into_iter().take(MOST_LOGS) {
            if bytes >= BYTES_OF_LOGS {
                let why = format!("only the first {} MiB of them are read", BYTES_OF_LOGS >> 20);
                return told.unseen.push((format!("further logs of pods of {}", self.namespace), why));
            }
            let before = if previous { ", before its restart" } else { "" };
            let what = format!("log of pod {}/{pod}[{container}]{before}", self.namespace);
            match self.log(&pod, container, previous, &what).await {
                Ok(log) => {
                    bytes += log.len();
                    // The API server stops there: what was written last is missing.
                    if i64::try_from(log.len()).is_ok_and(|length| length >= BYTES_OF_A_LOG) {
                        let why = format!("only {} MiB of its last lines are read", BYTES_OF_A_LOG >> 20);
                        told.unseen.push((format!("the end of the {what}"), why));
                    }
                    told.texts.push((what, log));
                }
                // Nothing is written before a container starts, and what an earlier one wrote may be gone.
                Err(Silence::Status { code: 400 | 404, .. }) => {}
                Err(silence @ Silence::Status { code: 401 | 403, .. }) => {
                    let what = format!("logs of pods of {}", self.namespace);
                    let why = self.why(silence, &what, GET_LOGS);
                    told.unseen.push((what, why));
                    return;
                }
                Err(silence) => told.unseen.push((what, silence.to_string())),
            }
        }
    }

    async fn log(&self, pod: &str, container: String, previous: bool, what: &str) -> Result<String, Silence> {
        let how = LogParams {
            container: Some(container),
            previous,
            timestamps: true,
            tail_lines: Some(LINES_OF_A_LOG),
            limit_bytes: Some(BYTES_OF_A_LOG),
            since_seconds: self.since.and_then(|since| i64::try_from(since.as_secs().max(1)).ok()),
            ..LogParams::default()
        };
        let request = |client: kube::Client| {
            let (api, how): (Api<core::Pod>, _) = (Api::namespaced(client, self.namespace), how.clone());
            async move { api.logs(pod, &how).await }
        };
        let told = |log: &String| format!("{} bytes", log.len());
        self.kubernetes.ask(self.journal, Vantage::Cluster, what, request, told).await
    }
}

/// Pod, container, and whether the log before its last restart is meant; of containers that started.
fn logs_of(pod: &core::Pod) -> Vec<(String, String, bool)> {
    let name = pod.metadata.name.clone().unwrap_or_default();
    let started = |status: &&core::ContainerStatus| {
        status.restart_count > 0
            || status.state.as_ref().is_some_and(|state| state.running.is_some() || state.terminated.is_some())
    };
    let each = |status: &core::ContainerStatus| {
        let log = |previous| (name.clone(), status.name.clone(), previous);
        if status.restart_count > 0 { vec![log(false), log(true)] } else { vec![log(false)] }
    };
    containers(pod).filter(started).flat_map(each).collect()
}

fn containers(pod: &core::Pod) -> impl Iterator<Item = &core::ContainerStatus> {
    let status = pod.status.as_ref();
    let init = status.and_then(|status| status.init_container_statuses.as_ref());
    let own = status.and_then(|status| status.container_statuses.as_ref());
    init.into_iter().chain(own).flatten()
}

fn time_of(event: &core::Event) -> Option<String> {
    let last = event.last_timestamp.as_ref().map(|time| time.0.to_string());
    let of_series = event.event_time.as_ref().map(|time| time.0.to_string());
    last.or(of_series).or_else(|| event.metadata.creation_timestamp.as_ref().map(|time| time.0.to_string()))
}

/// `2026-01-02T03:04:05Z Warning Failed Pod/a: Failed to pull image …`
fn event_in_a_line(event: &core::Event) -> String {
    let text = |text: &Option<String>| text.as_deref().unwrap_or_default().replace('\n', " ");
    let about = &event.involved_object;
    format!(
        "{} {} {} {}/{}: {}\n",
        time_of(event).unwrap_or_default(),
        text(&event.type_),
        text(&event.reason),
        text(&about.kind),
        text(&about.name),
        text(&event.message)
    )
}

/// What keeps a pod from running, a line each. It is so now, and has no time.
fn state_in_lines(pod: &core::Pod) -> String {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let mut lines = String::new();
    let mut line = |of: String, reason: Option<&String>, message: Option<&String>| {
        let said: Vec<String> = [reason, message].into_iter().flatten().map(|text| text.replace('\n', " ")).collect();
        if !said.is_empty() {
            lines.push_str(&format!("Pod/{name}{of}: {}\n", said.join(": ")));
        }
    };
    let status = pod.status.as_ref();
    let conditions = status.and_then(|status| status.conditions.as_ref()).into_iter().flatten();
    for condition in conditions.filter(|condition| condition.type_ == "PodScheduled" && condition.status == "False") {
        line(String::new(), condition.reason.as_ref(), condition.message.as_ref());
    }
    if let Some(status) = status {
        line(String::new(), status.reason.as_ref(), status.message.as_ref());
    }
    for container in containers(pod) {
        let of = format!("[{}]", container.name);
        if let Some(waiting) = container.state.as_ref().and_then(|state| state.waiting.as_ref()) {
            line(of, waiting.reason.as_ref(), waiting.message.as_ref());
        } else if let Some(ended) = container.state.as_ref().and_then(|state| state.terminated.as_ref()) {
            line(of, ended.reason.as_ref(), ended.message.as_ref());
        }
    }
    lines
}
