//! The network policies that select the probe: Kubernetes' own, Cilium's and Calico's, as far as this account is allowed
//! to read them.
//!
//! Which of the others the cluster has is in the list of its API's groups, one request. A kind that cannot be read is
//! noted as such: what it says is then unknown, and nothing is broken.

mod calico;
mod calico_selector;
mod calico_sets;
mod cilium;
mod kubernetes;
mod labels;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cluster::{Kubernetes, Silence};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::right::Right;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::pod::{
    CALICO_KEEPS, CALICO_SERVES, CalicoRights, EgressPolicies, Engine, LIST_CILIUM, LIST_CILIUM_CLUSTERWIDE,
    LIST_POLICIES, MOST_POLICIES, PolicyKind,
};
use calico_sets::{Kind as SetKind, Sets};
use labels::Selected;

/// Those for egress that select a pod with these labels.
pub(super) async fn egress_policies(
    kubernetes: &Kubernetes,
    namespace: &str,
    labels: &BTreeMap<String, String>,
    journal: &Journal,
) -> Seen<EgressPolicies> {
    let pod = Selected { namespace, labels };
    let asking = Asking { kubernetes, journal, pod };
    let mut read = EgressPolicies::default();
    asking.kubernetes_policies(&mut read).await;
    match asking.served().await {
        Ok(served) => {
            asking.cilium(&served, &mut read).await;
            asking.calico(&served, &mut read).await;
        }
        Err(why) => {
            for engine in [Engine::Cilium, Engine::Calico] {
                read.not_read(engine, format!("the API's groups: {why}"));
            }
        }
    }
    Ok(read)
}

/// Objects of one kind.
enum Listed {
    Read(Vec<Value>),
    /// The cluster has no such kind.
    NoSuchKind,
    /// And why.
    NotRead(String),
}

/// A group of Calico's kinds in the version that it is served in.
type CalicoGroup = (CalicoRights, &'static str);

struct Asking<'a> {
    kubernetes: &'a Kubernetes,
    journal: &'a Journal,
    pod: Selected<'a>,
}

impl Asking<'_> {
    /// The versions of groups that the API serves: `cilium.io/v2`.
    async fn served(&self) -> Result<Vec<String>, Silence> {
        let versions = |groups: &Value| -> Vec<String> {
            let groups = groups["groups"].as_array().into_iter().flatten();
            let versions = groups.flat_map(|group| group["versions"].as_array().into_iter().flatten());
            versions.filter_map(|version| Some(version["groupVersion"].as_str()?.to_owned())).collect()
        };
        let groups = self.get("/apis", |groups| versions(groups).join(", ")).await?;
        Ok(versions(&groups))
    }

    async fn get(&self, path: &str, told: impl FnOnce(&Value) -> String) -> Result<Value, Silence> {
        let request = |client: kube::Client| {
            let request = http::Request::get(path).body(Vec::new());
            async move { client.request::<Value>(request.map_err(kube::Error::HttpError)?).await }
        };
        self.kubernetes.ask(self.journal, Vantage::Node, &format!("GET {path}"), request, told).await
    }

    /// The objects that the right is about, in this version of their group.
    async fn list(&self, right: Right, api_version: &str) -> Listed {
        let right = self.kubernetes.of_probes(right);
        let Right::Kubernetes(of) = &right else { return Listed::NoSuchKind };
        let place = of.namespace().map(|namespace| format!("/namespaces/{namespace}")).unwrap_or_default();
        let path = format!("/apis/{api_version}{place}/{}?limit={MOST_POLICIES}", of.resource);
        let told = |list: &Value| {
            let items = list["items"].as_array().into_iter().flatten();
            let names: Vec<&str> = items.filter_map(|item| item["metadata"]["name"].as_str()).collect();
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        };
        match self.get(&path, told).await {
            Ok(mut list) => {
                let more = list["metadata"]["continue"].as_str().is_some_and(|more| !more.is_empty());
                match list["items"].take() {
                    Value::Array(_) if more => {
                        Listed::NotRead(format!("{}.{}: there are more than {MOST_POLICIES}", of.resource, of.group))
                    }
                    Value::Array(items) => Listed::Read(items),
                    _ => Listed::NotRead(format!("{}.{}: the answer is not a list", of.resource, of.group)),
                }
            }
            Err(Silence::Status { code: 404, .. }) => Listed::NoSuchKind,
            Err(Silence::Status { code: 401 | 403, .. }) => Listed::NotRead(format!("the right `{right}` is missing")),
            Err(silence) => Listed::NotRead(format!("{}.{}: {silence}", of.resource, of.group)),
        }
    }

    async fn kubernetes_policies(&self, read: &mut EgressPolicies) {
        match self.list(LIST_POLICIES, kubernetes::API_VERSION).await {
            Listed::NoSuchKind => {}
            Listed::NotRead(why) => read.not_read(Engine::Kubernetes, why),
            Listed::Read(items) => {
                for item in items {
                    match kubernetes::of_egress(&item, self.pod) {
                        Ok(policy) => read.policies.extend(policy),
                        Err(why) => read.not_read(Engine::Kubernetes, why),
                    }
                }
            }
        }
    }

    async fn cilium(&self, served: &[String], read: &mut EgressPolicies) {
        if !served.iter().any(|version| version == cilium::API_VERSION) {
            return;
        }
        let kinds = [(LIST_CILIUM, PolicyKind::Cilium), (LIST_CILIUM_CLUSTERWIDE, PolicyKind::CiliumClusterwide)];
        for (right, kind) in kinds {
            match self.list(right, cilium::API_VERSION).await {
                Listed::NoSuchKind => {}
                Listed::NotRead(why) => read.not_read(Engine::Cilium, why),
                Listed::Read(items) => {
                    for item in items {
                        read.has(Engine::Cilium);
                        match cilium::of_egress(&item, kind, self.pod) {
                            Ok(policies) => read.policies.extend(policies),
                            Err(why) => read.not_read(Engine::Cilium, why),
                        }
                    }
                }
            }
        }
    }

    async fn calico(&self, served: &[String], read: &mut EgressPolicies) {
        let groups = [(CALICO_KEEPS, "crd.projectcalico.org/v1"), (CALICO_SERVES, "projectcalico.org/v3")];
        let groups: Vec<CalicoGroup> =
            groups.into_iter().filter(|(_, version)| served.iter().any(|served| served == version)).collect();
        let mut found: Vec<calico::Policy> = Vec::new();
        let kinds = [
            (CalicoRights::policies as fn(CalicoRights) -> Right, PolicyKind::Calico),
            (CalicoRights::global_policies, PolicyKind::CalicoGlobal),
        ];
        for (right, kind) in kinds {
            match self.calico_list(&groups, right).await {
                Err(why) => read.not_read(Engine::Calico, why),
                Ok((items, api_version)) => {
                    for item in &items {
                        read.has(Engine::Calico);
                        match calico::Policy::of_egress(item, kind, api_version, self.pod) {
                            Ok(policy) => found.extend(policy),
                            Err(why) => read.not_read(Engine::Calico, why),
                        }
                    }
                }
            }
        }
        let mut sets = Sets::default();
        if found.iter().any(calico::Policy::refers_to_sets) {
            self.calico_sets(&groups, &mut sets, read).await;
        }
        let mut tiers = Vec::new();
        if found.iter().any(|policy| !policy.in_default_tier()) {
            match self.calico_list(&groups, CalicoRights::tiers).await {
                Ok((items, _)) => tiers = items,
                Err(why) => read.not_read(Engine::Calico, why),
            }
        }
        read.tiers = calico::in_order(&tiers);
        for policy in found {
            if !read.tiers.iter().any(|tier| tier.name == policy.tier()) {
                read.not_read(Engine::Calico, format!("the tier {} of the policy {}", policy.tier(), policy.name()));
            }
            read.policies.push(policy.with(&sets));
        }
    }

    async fn calico_sets(&self, groups: &[CalicoGroup], sets: &mut Sets, read: &mut EgressPolicies) {
        let kinds = [
            (CalicoRights::network_sets as fn(CalicoRights) -> Right, SetKind::Network),
            (CalicoRights::global_network_sets, SetKind::GlobalNetwork),
            (CalicoRights::host_endpoints, SetKind::HostEndpoint),
        ];
        for (right, kind) in kinds {
            match self.calico_list(groups, right).await {
                Ok((items, _)) => sets.add(&items, kind),
                Err(why) => {
                    sets.incomplete = true;
                    read.vague.push(why);
                }
            }
        }
    }

    /// From the first group that has the kind and lets this account read it.
    async fn calico_list(
        &self,
        groups: &[CalicoGroup],
        right: fn(CalicoRights) -> Right,
    ) -> Result<(Vec<Value>, &'static str), String> {
        let mut refused = None;
        for (rights, api_version) in groups {
            match self.list(right(*rights), api_version).await {
                Listed::Read(items) => return Ok((items, api_version)),
                Listed::NoSuchKind => {}
                Listed::NotRead(why) => refused = refused.or(Some(why)),
            }
        }
        refused.map_or(Ok((Vec::new(), "")), Err)
    }
}
