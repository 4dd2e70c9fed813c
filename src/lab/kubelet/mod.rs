//! The nodes: what becomes of a pod, from the scheduler to the end of its process, with the conditions, container states
//! and events of real ones. The pull is real; the process is the probe, answered from the lab's network.

mod events;
mod image;
mod process;
mod pull;
mod scheduler;
mod state;

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use k8s_openapi::api::core::v1 as core;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::kubernetes::exec::{Execution, Nodes, Target};
use super::kubernetes::kinds::{NODES, PODS};
use super::kubernetes::objects::{Object, Objects};
use super::kubernetes::world::{Breakage, DeploymentWorld, KubernetesWorld, NodeWorld, about};
use super::network::Network;
use image::Image;
use process::Process;
use pull::Puller;
use scheduler::Scheduler;

/// How many images are pulled at once over all nodes.
const PULLS_AT_ONCE: usize = 32;
/// The kubelet's first wait before it tries to pull again; each next one is twice as long, up to the last.
const BACK_OFF: Duration = Duration::from_secs(10);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(300);

/// Every node's kubelet, and the scheduler.
pub(crate) struct Kubelet {
    world: KubernetesWorld,
    terway: bool,
    nodes: HashMap<String, NodeWorld>,
    objects: Arc<Objects>,
    network: Arc<Network>,
    scheduler: Scheduler,
    puller: Puller,
    pulls: Semaphore,
    pods: Mutex<HashMap<String, Running>>,
    addresses: Mutex<HashMap<String, u32>>,
}

/// A pod that a kubelet looks after, by uid.
struct Running {
    end: CancellationToken,
    /// What runs; none before the container started.
    process: Option<Process>,
    log: Option<String>,
}

impl Kubelet {
    /// Starts to look after every pod there is or will be, until `stop`.
    pub(crate) fn start(
        world: KubernetesWorld,
        deployment: &DeploymentWorld,
        objects: Arc<Objects>,
        network: Arc<Network>,
        stop: CancellationToken,
    ) -> Arc<Kubelet> {
        let kubelet = Arc::new(Kubelet {
            terway: deployment.pod_network == "terway",
            nodes: deployment.nodes.iter().map(|node| (node.name.clone(), node.clone())).collect(),
            scheduler: Scheduler::default(),
            puller: Puller::new(network.clone()),
            pulls: Semaphore::new(PULLS_AT_ONCE),
            pods: Mutex::default(),
            addresses: Mutex::default(),
            world,
            objects,
            network,
        });
        let watching = kubelet.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = watching.watch(&stop) => {}
            }
        });
        kubelet
    }

    fn pods(&self) -> MutexGuard<'_, HashMap<String, Running>> {
        self.pods.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Follows the pods: each new one gets a task, each one marked for deletion or gone is told to end.
    async fn watch(self: &Arc<Self>, stop: &CancellationToken) {
        let mut changed = self.objects.changed(PODS);
        let mut version = 0;
        loop {
            changed.borrow_and_update();
            let changes = match self.objects.since(PODS, version) {
                Ok((changes, now)) => {
                    version = now;
                    changes
                }
                Err(_) => {
                    // It lagged behind what is remembered: start from what is there.
                    let (there, now) = self.objects.list(PODS, "");
                    version = now;
                    there.iter().for_each(|pod| self.take(pod, stop));
                    continue;
                }
            };
            for change in changes {
                match (&change.before, &change.after) {
                    (_, Some(pod)) => self.take(pod, stop),
                    (Some(pod), None) => self.forget(pod),
                    (None, None) => {}
                }
            }
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    fn take(self: &Arc<Self>, pod: &Object, stop: &CancellationToken) {
        let mut pods = self.pods();
        if let Some(known) = pods.get(&pod.uid) {
            if pod.deleting {
                known.end.cancel();
            }
            return;
        }
        let end = CancellationToken::new();
        if pod.deleting {
            end.cancel();
        }
        pods.insert(pod.uid.clone(), Running { end: end.clone(), process: None, log: None });
        drop(pods);
        let (kubelet, stop) = (self.clone(), stop.clone());
        let (namespace, name, uid) = (pod.namespace.clone(), pod.name.clone(), pod.uid.clone());
        tokio::spawn(async move {
            let pod = Pod { kubelet: &kubelet, namespace, name, uid };
            tokio::select! {
                () = stop.cancelled() => {}
                () = async {
                    tokio::select! {
                        () = end.cancelled() => {}
                        () = pod.live() => {}
                    }
                    pod.end();
                } => {}
            }
        });
    }

    fn forget(&self, pod: &Object) {
        self.scheduler.release(&pod.uid);
        if let Some(running) = self.pods().remove(&pod.uid) {
            running.end.cancel();
        }
    }

    /// A pod's address on a node: Terway gives addresses of a vSwitch, Flannel those of the node's range.
    fn address(&self, node: &NodeWorld) -> Ipv4Addr {
        let mut given = self.addresses.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let next = given.entry(node.name.clone()).or_default();
        *next = (*next + 1) % 250;
        let first = if self.terway { u32::from(node.pod_address) } else { u32::from(node.pod_range.network()) + 2 };
        Ipv4Addr::from(first.wrapping_add(*next - u32::from(*next > 0)))
    }

    /// A node whose kubelet takes notice of nothing.
    fn is_silent(&self, node: &str) -> bool {
        let unknown = self
            .world
            .unready
            .iter()
            .any(|unready| unready.reason == "NodeStatusUnknown" && about(&unready.node, node));
        unknown || self.breakage(node, Breakage::Deaf).is_some()
    }

    fn breakage(&self, node: &str, how: Breakage) -> Option<&str> {
        let broken = self.world.broken_nodes.iter().find(|broken| broken.how == how && about(&broken.node, node));
        broken.map(|broken| broken.message.as_str())
    }
}

#[async_trait]
impl Nodes for Kubelet {
    async fn execute(&self, target: &Target, command: &[String], stdin: mpsc::Receiver<Bytes>) -> Execution {
        let process = self.pods().get(&target.uid).and_then(|running| running.process.clone());
        match process {
            Some(process) => process.execute(&self.network, &target.node, command, stdin).await,
            None => Execution::NotStarted("failed to exec in container: container not running".to_owned()),
        }
    }

    fn log(&self, uid: &str) -> Option<String> {
        self.pods().get(uid).and_then(|running| running.log.clone())
    }
}

/// One pod's life.
struct Pod<'a> {
    kubelet: &'a Arc<Kubelet>,
    namespace: String,
    name: String,
    uid: String,
}

impl Pod<'_> {
    /// From its creation to the end of its process; a process that holds never ends by itself.
    async fn live(&self) {
        let Ok(object) = self.kubelet.objects.get(PODS, &self.namespace, &self.name) else { return };
        let Ok(typed) = serde_json::from_slice::<core::Pod>(&object.body) else { return };
        let Some(spec) = typed.spec else { return };
        let deadline = spec.active_deadline_seconds.and_then(|seconds| u64::try_from(seconds).ok());
        let course = async {
            let Some(node) = self.schedule(&spec).await else { return std::future::pending().await };
            self.start(&spec, &node).await
        };
        match deadline {
            None => course.await,
            Some(seconds) => {
                if tokio::time::timeout(Duration::from_secs(seconds), course).await.is_err() {
                    self.edit(state::deadline_exceeded);
                    self.event(
                        "Normal",
                        "DeadlineExceeded",
                        "Pod was active on the node longer than the specified deadline",
                    );
                }
            }
        }
    }

    /// Finds the node, waiting until there is one. None where its kubelet takes no notice.
    async fn schedule(&self, spec: &core::PodSpec) -> Option<NodeWorld> {
        let kubelet = self.kubelet;
        let name = match &spec.node_name {
            Some(name) => {
                kubelet.scheduler.bind(&self.uid, name, spec);
                name.clone()
            }
            None => loop {
                let mut nodes = kubelet.objects.changed(NODES);
                let mut pods = kubelet.objects.changed(PODS);
                match kubelet.scheduler.place(&kubelet.objects, &self.uid, spec) {
                    Ok(name) => {
                        self.edit(|pod| pod["spec"]["nodeName"] = json!(name));
                        let said = format!("Successfully assigned {}/{} to {name}", self.namespace, self.name);
                        self.event_of("default-scheduler", "", "Normal", "Scheduled", &said);
                        break name;
                    }
                    Err(why) => {
                        self.edit(|pod| state::unschedulable(pod, &why));
                        self.event_of("default-scheduler", "", "Warning", "FailedScheduling", &why);
                    }
                }
                // Its own events and status are changes too; only a freed place or a changed node can help.
                let freed = kubelet.scheduler.freed();
                pods.borrow_and_update();
                loop {
                    tokio::select! {
                        _ = nodes.changed() => break,
                        _ = pods.changed() => if kubelet.scheduler.freed() != freed { break },
                    }
                }
            },
        };
        let node = kubelet.nodes.get(&name)?.clone();
        let unready = kubelet.world.unready.iter().find(|unready| about(&unready.node, &name));
        if kubelet.breakage(&name, Breakage::Deaf).is_some() || unready.is_some() {
            return None;
        }
        if scheduler::evicts(&kubelet.objects, &name, spec) {
            self.event_of(
                "taint-eviction-controller",
                "",
                "Normal",
                "TaintManagerEviction",
                &format!("Marking for deletion Pod {}/{}", self.namespace, self.name),
            );
            let _ = kubelet.objects.delete(PODS, &self.namespace, &self.name);
            return None;
        }
        Some(node)
    }

    /// What the kubelet of its node does with it.
    async fn start(&self, spec: &core::PodSpec, node: &NodeWorld) {
        let kubelet = self.kubelet;
        let Some(container) = spec.containers.first() else { return };
        let image = container.image.as_deref().unwrap_or_default();
        self.edit(|pod| state::creating(pod, &node.address.to_string()));
        if let Some(message) = kubelet.breakage(&node.name, Breakage::Sandbox) {
            let said = format!("Failed to create pod sandbox: {message}");
            self.event_on(node, "Warning", "FailedCreatePodSandBox", &said);
            return std::future::pending().await;
        }
        let facts = self.pull(spec, node, image).await;
        let process =
            Process::new(&facts, container, super::kubernetes::seed::architecture(&kubelet.world, &node.name));
        self.event_on(node, "Normal", "Created", &format!("Created container: {}", container.name));
        if let Some(message) =
            kubelet.breakage(&node.name, Breakage::Container).map(str::to_owned).or(process.unstartable())
        {
            self.event_on(node, "Warning", "Failed", &format!("Error: {message}"));
            self.edit(|pod| state::waiting(pod, "RunContainerError", &message));
            return std::future::pending().await;
        }
        self.event_on(node, "Normal", "Started", &format!("Started container {}", container.name));
        let ended = process.ends_at_once();
        if let Some(running) = kubelet.pods().get_mut(&self.uid) {
            running.log = Some(ended.as_ref().map(|(_, log)| log.clone()).unwrap_or_default());
            running.process = ended.is_none().then_some(process);
        }
        let address = kubelet.address(node).to_string();
        match ended {
            None => {
                self.edit(|pod| state::running(pod, &address, &facts.id));
                std::future::pending().await
            }
            Some((code, _)) => {
                let restarts = spec.restart_policy.as_deref().unwrap_or("Always");
                let again = restarts == "Always" || (restarts == "OnFailure" && code != 0);
                self.edit(|pod| state::ended(pod, &address, &facts.id, code, again));
                if again {
                    let said = format!(
                        "Back-off restarting failed container {} in pod {}_{}({})",
                        container.name, self.name, self.namespace, self.uid
                    );
                    self.event_on(node, "Warning", "BackOff", &said);
                }
                std::future::pending().await
            }
        }
    }

    /// Brings the image to the node, however long it takes.
    async fn pull(&self, spec: &core::PodSpec, node: &NodeWorld, image: &str) -> Arc<Image> {
        let kubelet = self.kubelet;
        let policy = spec.containers.first().and_then(|container| container.image_pull_policy.as_deref());
        if policy != Some("Always")
            && let Some(present) = kubelet.puller.present(&node.name, image)
        {
            self.event_on(node, "Normal", "Pulled", &format!("Container image \"{image}\" already present on machine"));
            return present;
        }
        let wanted = spec.image_pull_secrets.iter().flatten().map(|secret| secret.name.as_str());
        let (credentials, missing) = pull::credentials(&kubelet.objects, &self.namespace, wanted);
        if !missing.is_empty() {
            let said = format!(
                "Unable to retrieve some image pull secrets ({}); attempting to pull the image may not succeed.",
                missing.join(", ")
            );
            self.event_on(node, "Warning", "FailedToRetrieveImagePullSecret", &said);
        }
        let architecture = super::kubernetes::seed::architecture(&kubelet.world, &node.name);
        let mut wait = BACK_OFF;
        loop {
            self.event_on(node, "Normal", "Pulling", &format!("Pulling image \"{image}\""));
            let started = std::time::Instant::now();
            let pulled = match kubelet.pulls.acquire().await {
                Ok(_turn) => kubelet.puller.pull(&node.name, image, architecture, &credentials).await,
                Err(_) => return std::future::pending().await,
            };
            match pulled {
                Ok(facts) => {
                    let took = started.elapsed().as_millis();
                    let said = format!(
                        "Successfully pulled image \"{image}\" in {took}ms ({took}ms including waiting). Image size: {} bytes.",
                        facts.bytes
                    );
                    self.event_on(node, "Normal", "Pulled", &said);
                    return facts;
                }
                Err(why) => {
                    self.event_on(node, "Warning", "Failed", &format!("Failed to pull image \"{image}\": {why}"));
                    self.event_on(node, "Warning", "Failed", "Error: ErrImagePull");
                    self.edit(|pod| state::waiting(pod, "ErrImagePull", &why));
                    self.event_on(node, "Normal", "BackOff", &format!("Back-off pulling image \"{image}\""));
                    self.event_on(node, "Warning", "Failed", "Error: ImagePullBackOff");
                    let said = format!("Back-off pulling image \"{image}\": ErrImagePull: {why}");
                    self.edit(|pod| state::waiting(pod, "ImagePullBackOff", &said));
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_BACK_OFF);
        }
    }

    /// It was told to end, or came to its end by itself: a pod marked for deletion is taken away.
    fn end(&self) {
        let pod = self.kubelet.objects.get(PODS, &self.namespace, &self.name).ok().filter(|pod| pod.uid == self.uid);
        let node = pod.as_ref().map(|pod| pod.value()["spec"]["nodeName"].as_str().unwrap_or_default().to_owned());
        if node.is_some_and(|node| self.kubelet.is_silent(&node)) {
            // Nobody confirms the end; the pod stays `Terminating`.
            return;
        }
        let marked = pod.is_some_and(|pod| pod.deleting);
        if let Some(running) = self.kubelet.pods().get_mut(&self.uid) {
            running.process = None;
        }
        if marked {
            let _ = self.kubelet.objects.delete(PODS, &self.namespace, &self.name);
        }
    }

    /// Edits the pod, unless it is gone or another has its name now.
    fn edit(&self, edit: impl FnOnce(&mut Value)) {
        let _ = self.kubelet.objects.update(PODS, &self.namespace, &self.name, |pod| {
            if pod["metadata"]["uid"] == self.uid.as_str() {
                edit(pod);
            }
            Ok(())
        });
    }

    fn event(&self, kind: &str, reason: &str, message: &str) {
        self.event_of("kubelet", "", kind, reason, message);
    }

    fn event_on(&self, node: &NodeWorld, kind: &str, reason: &str, message: &str) {
        self.event_of("kubelet", &node.name, kind, reason, message);
    }

    fn event_of(&self, component: &str, host: &str, kind: &str, reason: &str, message: &str) {
        let about =
            json!({"kind": "Pod", "namespace": self.namespace, "name": self.name, "uid": self.uid, "apiVersion": "v1"});
        events::write(&self.kubelet.objects, about, (component, host), kind, reason, message);
    }
}
