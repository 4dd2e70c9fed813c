//! The nodes: what becomes of a pod, from the scheduler to the end of its process, with the conditions, container states
//! and events of real ones. The pull is real; the process is the probe, answered from the lab's network.

mod apart;
mod image;
mod pod;
mod process;
mod pull;
mod reference;
mod registry;
mod scheduler;
mod state;
mod words;

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard};

use ackcheck_core::seat::cloud::PodNetwork;
use ackcheck_core::sync::locked;
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::kubernetes::exec::{Container, Execution, Nodes};
use super::kubernetes::kinds::Kind;
use super::kubernetes::objects::{Object, Objects};
use super::kubernetes::world::{Breakage, KubernetesWorld, UnreadyReason, about};
use super::network::Network;
use super::network::greetings::first_pod_address;
use super::world::{Deployment, Node};
use pod::Pod;
use process::Process;
use pull::Puller;
use scheduler::Scheduler;

/// How many images are pulled at once over all nodes.
const PULLS_AT_ONCE: usize = 32;

/// Every node's kubelet, and the scheduler.
pub(crate) struct Kubelet {
    world: KubernetesWorld,
    pod_network: PodNetwork,
    nodes: HashMap<String, Node>,
    objects: Arc<Objects>,
    network: Arc<Network>,
    scheduler: Scheduler,
    puller: Puller,
    pulls: Semaphore,
    /// By uid.
    pods: Mutex<HashMap<String, Running>>,
    addresses: Mutex<HashMap<String, u32>>,
}

/// A pod that a kubelet runs.
struct Running {
    end: CancellationToken,
    /// What runs; none before the container started.
    process: Option<Process>,
    log: Option<String>,
}

impl Kubelet {
    /// Starts to run every pod there is or will be, until `stop`.
    pub(crate) fn start(
        world: KubernetesWorld,
        deployment: &Deployment,
        objects: Arc<Objects>,
        network: Arc<Network>,
        stop: CancellationToken,
    ) -> Arc<Kubelet> {
        let kubelet = Arc::new(Kubelet {
            pod_network: deployment.pod_network,
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
        locked(&self.pods)
    }

    /// Follows the pods: each new one gets a task, each one marked for deletion or gone is ended.
    async fn watch(self: &Arc<Self>, stop: &CancellationToken) {
        let mut changed = self.objects.changed(Kind::Pod);
        let mut version = 0;
        loop {
            changed.borrow_and_update();
            let changes = match self.objects.since(Kind::Pod, version) {
                Ok((changes, now)) => {
                    version = now;
                    changes
                }
                Err(_) => {
                    // It lagged behind what is remembered: start from what is there.
                    let (there, now) = self.objects.list(Kind::Pod, "");
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
    fn address(&self, node: &Node) -> Ipv4Addr {
        let mut given = locked(&self.addresses);
        let next = given.entry(node.name.clone()).or_default();
        *next = (*next + 1) % 250;
        let first = u32::from(first_pod_address(self.pod_network, node));
        Ipv4Addr::from(first.wrapping_add(*next - u32::from(*next > 0)))
    }

    /// Whether the kubelet of a node reacts to nothing.
    fn is_silent(&self, node: &str) -> bool {
        let unknown = self
            .world
            .unready
            .iter()
            .any(|unready| unready.reason == UnreadyReason::NodeStatusUnknown && about(&unready.node, node));
        unknown || self.breakage(node, Breakage::Deaf).is_some()
    }

    /// How far a node's clock is ahead.
    fn clock_ahead(&self, node: &str) -> jiff::SignedDuration {
        let clock = self.world.clocks.iter().find(|clock| about(&clock.node, node));
        jiff::SignedDuration::from_hours(clock.map_or(0, |clock| 24 * clock.days_ahead))
    }

    fn breakage(&self, node: &str, how: Breakage) -> Option<&str> {
        let broken = self.world.broken_nodes.iter().find(|broken| broken.how == how && about(&broken.node, node));
        broken.map(|broken| broken.message.as_str())
    }
}

#[async_trait]
impl Nodes for Kubelet {
    async fn execute(&self, target: &Container, command: &[String], stdin: mpsc::Receiver<Bytes>) -> Execution {
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
