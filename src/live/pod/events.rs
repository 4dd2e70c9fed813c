//! What a pod's events tell of its start besides its own state.

use k8s_openapi::api::core::v1 as core;
use kube::Api;
use kube::api::ListParams;

use super::causes;
use super::fleet::Fleet;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::pod::PodStart;

/// Whether the events say that the pod's image is being pulled.
pub(super) async fn is_pulling(fleet: &Fleet, name: &str, journal: &Journal) -> bool {
    let events = events(fleet, name, journal).await;
    let reasons: Vec<&str> = events.iter().filter_map(|event| event.reason.as_deref()).collect();
    reasons.contains(&"Pulling") && !reasons.contains(&"Pulled") && !reasons.contains(&"Failed")
}

/// Adds what the events tell to an end that the pod's own state does not explain.
pub(super) async fn explain(fleet: &Fleet, end: PodStart, name: &str, journal: &Journal) -> PodStart {
    match end {
        PodStart::NotStarted { why } => {
            let told = causes::warnings(&events(fleet, name, journal).await, "");
            let mut said: Vec<String> = [why].into_iter().filter(|why| !why.is_empty()).chain(told).collect();
            if said.is_empty() {
                let waited = fleet.kubernetes.limits().start.as_secs_f64();
                said.push(format!("nothing was heard of it from the kubelet in {waited} s"));
            }
            PodStart::NotStarted { why: said.join("; ") }
        }
        PodStart::NotPulled { why, pull_secret } => {
            let mut said = causes::warnings(&events(fleet, name, journal).await, "Failed");
            said.retain(|text| text.contains("pull") && !why.contains(causes::essence(text)));
            let told = [why].into_iter().chain(said).map(|text| causes::in_brief(&text));
            let full = told.collect::<Vec<_>>().join("; ");
            causes::not_pulled(full, pull_secret)
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
    let told = |list: &kube::core::ObjectList<core::Event>| causes::warnings(&list.items, "").join("\n");
    // Events only explain: without the right to read them the end stands as it is, and the journal says so.
    let listed = fleet.kubernetes.ask(journal, Vantage::Node, &asked, request, told).await;
    listed.map(|list| list.items).unwrap_or_default()
}
