//! One pod's life, from its creation to the end of its process.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1 as core;
use serde_json::{Value, json};

use super::image::Image;
use super::process::Process;
use super::reference::Credentials;
use super::scheduler::PendingPod;
use super::{Kubelet, scheduler, state};
use crate::kubernetes::events;
use crate::kubernetes::kinds::Kind;
use crate::kubernetes::world::{Breakage, about};
use crate::world::Node;

/// The kubelet's first wait before it tries to pull again; each next one is twice as long, up to the last.
const BACK_OFF: Duration = Duration::from_secs(10);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(300);

/// One pod's life.
pub(super) struct Pod<'a> {
    pub(super) kubelet: &'a Arc<Kubelet>,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) uid: String,
}

impl Pod<'_> {
    /// From its creation to the end of its process; a process that holds never ends by itself. What has been read and
    /// awaited on the way there is let go of: thousands of pods hold.
    pub(super) async fn live(&self) {
        let began = tokio::time::Instant::now();
        let Ok(object) = self.kubelet.objects.get(Kind::Pod, &self.namespace, &self.name) else { return };
        let Ok(typed) = serde_json::from_slice::<core::Pod>(&object.body) else { return };
        let Some(spec) = typed.spec.map(Box::new) else { return };
        let deadline = spec.active_deadline_seconds.and_then(|seconds| u64::try_from(seconds).ok());
        let deadline = deadline.map(|seconds| began + Duration::from_secs(seconds));
        let course = Box::pin(async move {
            let pending = PendingPod::new(&self.uid, &self.namespace, &object, &spec);
            let Some(node) = self.schedule(&pending).await else { return std::future::pending().await };
            drop(pending);
            self.start(&spec, &node).await
        });
        let active = match deadline {
            None => course.await,
            Some(deadline) => tokio::time::timeout_at(deadline, course).await.unwrap_or(true),
        };
        if let Some(deadline) = deadline.filter(|_| active) {
            tokio::time::sleep_until(deadline).await;
            self.edit(state::deadline_exceeded);
            self.kubelet.scheduler.release(&self.uid);
            let said = "Pod was active on the node longer than the specified deadline";
            self.event("Normal", "DeadlineExceeded", said);
        } else {
            std::future::pending().await
        }
    }

    /// Finds the node, waiting until there is one. None where its kubelet ignores the pod.
    async fn schedule(&self, pending: &PendingPod<'_>) -> Option<Node> {
        let (kubelet, spec) = (self.kubelet, pending.spec);
        let name = match &spec.node_name {
            Some(name) => {
                kubelet.scheduler.bind(name, pending);
                name.clone()
            }
            None => loop {
                let mut nodes = kubelet.objects.changed(Kind::Node);
                let mut freed = kubelet.scheduler.freed();
                match kubelet.scheduler.place(&kubelet.objects, pending) {
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
                // Only a freed place or a changed node can help.
                tokio::select! {
                    _ = nodes.changed() => {}
                    _ = freed.changed() => {}
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
            let _ = kubelet.objects.delete(Kind::Pod, &self.namespace, &self.name);
            return None;
        }
        Some(node)
    }

    /// What the kubelet of its node does with it, until its process holds or has ended. True if it is active still.
    async fn start(&self, spec: &core::PodSpec, node: &Node) -> bool {
        let kubelet = self.kubelet;
        let Some(container) = spec.containers.first() else { return true };
        let began = jiff::Timestamp::now() + kubelet.clock_ahead(&node.name);
        self.edit(|pod| state::creating(pod, &node.address.to_string(), began));
        if let Some(message) = kubelet.breakage(&node.name, Breakage::Sandbox) {
            let said = format!("Failed to create pod sandbox: {message}");
            self.event_on(node, "Warning", "FailedCreatePodSandBox", &said);
            return std::future::pending().await;
        }
        let facts = Box::pin(self.pull(spec, node, container)).await;
        let process = Process::new(&facts, container, kubelet.world.architecture(&node.name).name());
        self.event_on(node, "Normal", "Created", &format!("Created container: {}", container.name));
        if let Some(message) =
            kubelet.breakage(&node.name, Breakage::Container).map(str::to_owned).or(process.unstartable())
        {
            self.event_on(node, "Warning", "Failed", &format!("Error: {message}"));
            self.edit(|pod| state::waiting(pod, &container.name, "RunContainerError", &message));
            return std::future::pending().await;
        }
        self.event_on(node, "Normal", "Started", &format!("Started container {}", container.name));
        let ended = process.ends(&kubelet.network, &node.name).await;
        if let Some(running) = kubelet.pods().get_mut(&self.uid) {
            running.log = Some(ended.as_ref().map(|(_, log)| log.clone()).unwrap_or_default());
            running.process = ended.is_none().then_some(process);
        }
        let address = kubelet.address(node).to_string();
        for other in spec.containers.iter().skip(1) {
            self.edit(|pod| state::started(pod, &container.name, &facts.id));
            Box::pin(self.pull(spec, node, other)).await;
        }
        if ended.is_none() {
            self.edit(|pod| state::running(pod, &address, &facts.id));
        }
        if let Some((code, _)) = ended {
            let restarts = spec.restart_policy.as_deref().unwrap_or("Always");
            let again = restarts == "Always" || (restarts == "OnFailure" && code != 0);
            self.edit(|pod| state::ended(pod, &address, &facts.id, code, again));
            if again {
                let said = format!(
                    "Back-off restarting failed container {} in pod {}_{}({})",
                    container.name, self.name, self.namespace, self.uid
                );
                self.event_on(node, "Warning", "BackOff", &said);
            } else {
                kubelet.scheduler.release(&self.uid);
            }
            return again;
        }
        true
    }

    /// Brings a container's image to the node, however long it takes.
    async fn pull(&self, spec: &core::PodSpec, node: &Node, container: &core::Container) -> Arc<Image> {
        let (kubelet, name) = (self.kubelet, container.name.as_str());
        let image = container.image.as_deref().unwrap_or_default();
        let told = |kind: &str, reason: &str, message: &str| self.event_in(node, name, kind, reason, message);
        if container.image_pull_policy.as_deref() != Some("Always")
            && let Some(present) = kubelet.puller.present(&node.name, image)
        {
            told("Normal", "Pulled", &format!("Container image \"{image}\" already present on machine"));
            return present;
        }
        let wanted = spec.image_pull_secrets.iter().flatten().map(|secret| secret.name.as_str());
        let credentials = Credentials::read(&kubelet.objects, &self.namespace, wanted);
        if !credentials.missing.is_empty() {
            let said = format!(
                "Unable to retrieve some image pull secrets ({}); attempting to pull the image may not succeed.",
                credentials.missing.join(", ")
            );
            self.event_on(node, "Warning", "FailedToRetrieveImagePullSecret", &said);
        }
        let mut wait = BACK_OFF;
        loop {
            told("Normal", "Pulling", &format!("Pulling image \"{image}\""));
            let started = std::time::Instant::now();
            let pulled = match kubelet.pulls.acquire().await {
                Ok(_turn) => kubelet.puller.pull(&kubelet.world, &node.name, image, &credentials).await,
                Err(_) => return std::future::pending().await,
            };
            match pulled {
                Ok(facts) => {
                    let took = started.elapsed().as_millis();
                    let said = format!(
                        "Successfully pulled image \"{image}\" in {took}ms ({took}ms including waiting). Image size: {} bytes.",
                        facts.bytes
                    );
                    told("Normal", "Pulled", &said);
                    return facts;
                }
                Err(why) => {
                    told("Warning", "Failed", &format!("Failed to pull image \"{image}\": {why}"));
                    told("Warning", "Failed", "Error: ErrImagePull");
                    self.edit(|pod| state::waiting(pod, name, "ErrImagePull", &why));
                    told("Normal", "BackOff", &format!("Back-off pulling image \"{image}\""));
                    told("Warning", "Failed", "Error: ImagePullBackOff");
                    let said = format!("Back-off pulling image \"{image}\": ErrImagePull: {why}");
                    self.edit(|pod| state::waiting(pod, name, "ImagePullBackOff", &said));
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_BACK_OFF);
        }
    }

    /// The end, wanted or reached: a pod marked for deletion is removed.
    pub(super) fn end(&self) {
        let pod =
            self.kubelet.objects.get(Kind::Pod, &self.namespace, &self.name).ok().filter(|pod| pod.uid == self.uid);
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
            let _ = self.kubelet.objects.delete(Kind::Pod, &self.namespace, &self.name);
        }
    }

    /// Edits the pod, unless it is gone or another has its name now.
    fn edit(&self, edit: impl FnOnce(&mut Value)) {
        let _ = self.kubelet.objects.update(Kind::Pod, &self.namespace, &self.name, |pod| {
            if pod["metadata"]["uid"] == self.uid.as_str() {
                edit(pod);
            }
            Ok(())
        });
    }

    fn event(&self, kind: &str, reason: &str, message: &str) {
        self.event_of("kubelet", "", kind, reason, message);
    }

    fn event_on(&self, node: &Node, kind: &str, reason: &str, message: &str) {
        self.event_of("kubelet", &node.name, kind, reason, message);
    }

    /// About one of its containers.
    fn event_in(&self, node: &Node, container: &str, kind: &str, reason: &str, message: &str) {
        let mut about = self.reference();
        about["fieldPath"] = json!(format!("spec.containers{{{container}}}"));
        events::write(&self.kubelet.objects, about, ("kubelet", &node.name), kind, reason, message);
    }

    fn reference(&self) -> Value {
        json!({"kind": "Pod", "namespace": self.namespace, "name": self.name, "uid": self.uid, "apiVersion": "v1"})
    }

    fn event_of(&self, component: &str, host: &str, kind: &str, reason: &str, message: &str) {
        let about = self.reference();
        events::write(&self.kubelet.objects, about, (component, host), kind, reason, message);
    }
}
