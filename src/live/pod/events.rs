//! What a pod's events tell of its start besides its own state.

use k8s_openapi::api::core::v1 as core;
use kube::Api;
use kube::api::ListParams;

use super::fleet::Fleet;
use super::{causes, pulls};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::pod::PodStart;

/// A container of the pod whose image the events say is being pulled, and that image.
pub(super) async fn pulling(fleet: &Fleet, name: &str, journal: &Journal) -> Option<(String, String)> {
    pulls::going_on(&events(fleet, name, journal).await)
}

/// Adds what the events tell to an end that the pod's own state does not explain.
pub(super) async fn explain(fleet: &Fleet, end: PodStart, name: &str, journal: &Journal) -> PodStart {
    match end {
        PodStart::NotStarted { why } => {
            let told = causes::warnings(&events(fleet, name, journal).await);
            let mut said: Vec<String> = [why].into_iter().filter(|why| !why.is_empty()).chain(told).collect();
            if said.is_empty() {
                let waited = fleet.kubernetes.limits().start.as_secs_f64();
                said.push(format!("nothing was heard of it from the kubelet in {waited} s"));
            }
            PodStart::NotStarted { why: said.join("; ") }
        }
        PodStart::NotPulled(mut failure) => {
            pulls::add(&mut failure, &events(fleet, name, journal).await);
            pulls::end(*failure, false)
        }
        PodStart::OtherNotPulled { mut failure, own_pulled } => {
            pulls::add(&mut failure, &events(fleet, name, journal).await);
            pulls::end(*failure, own_pulled)
        }
        other => other,
    }
}

async fn events(fleet: &Fleet, name: &str, journal: &Journal) -> Vec<core::Event> {
    let namespace = fleet.namespace();
    let asked = format!("events of pod {namespace}/{name}");
    let select = ListParams::default().fields(&format!("involvedObject.name={name}")).limit(50);
    let request = |client: kube::Client| {
        let (api, select): (Api<core::Event>, _) = (Api::namespaced(client, &namespace), select.clone());
        async move { api.list(&select).await }
    };
    let told = |list: &kube::core::ObjectList<core::Event>| causes::warnings(&list.items).join("\n");
    // Events only explain: without the right to read them the end stands as it is, and the journal says so.
    let listed = fleet.kubernetes.ask(journal, Vantage::Node, &asked, request, told).await;
    listed.map(|list| list.items).unwrap_or_default()
}
