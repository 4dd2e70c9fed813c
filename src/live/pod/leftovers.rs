//! What earlier runs left in the cluster, by the labels that everything of ackcheck has; and its removal.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use k8s_openapi::api::batch::v1 as batch;
use k8s_openapi::api::core::v1 as core;
use kube::Api;
use kube::api::{ListParams, ObjectMeta, PartialObjectMeta};
use kube::core::ObjectList;

use super::removal::{FIRST_LOOK, SLOWEST_LOOK, remove_job, remove_pod};
use super::spec::{MANAGED_BY, RUN};
use crate::cluster::{self, Kubernetes, Silence};
use crate::survey::{Leftover, Survey};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::right::{KubernetesRight, Right, Scope};
use ackcheck_core::seat::pod::LIST_PODS;
use ackcheck_core::verdict::Broken;

/// Objects in one page of a list.
const PAGE: u32 = 500;

/// Which of the kinds that a run creates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Pod,
    Job,
}

impl Kind {
    fn plural(self) -> &'static str {
        match self {
            Kind::Pod => "pods",
            Kind::Job => "jobs",
        }
    }

    /// The right to list them where the probes run.
    fn list(self) -> Right {
        match self {
            Kind::Pod => LIST_PODS,
            Kind::Job => Right::of_probes("list", "batch", "jobs"),
        }
    }
}

/// One object of an earlier run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Object {
    kind: Kind,
    namespace: String,
    name: String,
}

/// Looks for what runs left: all of them, or one.
pub(crate) async fn survey(kubernetes: &Kubernetes, run: Option<&str>, journal: &Journal) -> Survey {
    let mut survey = Survey::default();
    for (object, meta) in list_all(kubernetes, run, &mut survey, journal).await {
        let run = meta.labels.as_ref().and_then(|labels| labels.get(RUN)).cloned().unwrap_or_default();
        let kind = if object.kind == Kind::Pod { "pod" } else { "job" };
        let since = meta.creation_timestamp.map(|time| time.0);
        survey.found.push(Leftover { run, name: format!("{kind} {}/{}", object.namespace, object.name), since });
    }
    survey
}

/// Removes what [`survey`] finds, within `limit`; after half of it without the kubelets, which may be gone.
pub(crate) async fn remove(kubernetes: &Kubernetes, run: Option<&str>, limit: Duration, journal: &Journal) {
    let began = Instant::now();
    let mut pause = FIRST_LOOK;
    let mut asked: BTreeSet<(Object, bool)> = BTreeSet::new();
    while began.elapsed() < limit {
        let forced = began.elapsed() > limit / 2;
        let mut objects = list_all(kubernetes, run, &mut Survey::default(), journal).await;
        if objects.is_empty() {
            return;
        }
        // Pods first: the owner is what takes them with it if this is cut short.
        objects.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (object, _) in objects {
            if !asked.insert((object.clone(), forced)) {
                continue;
            }
            let Object { kind, namespace, name } = object;
            match kind {
                // What was refused is found again by the survey that follows.
                Kind::Pod => drop(remove_pod(kubernetes, &namespace, &name, forced, journal).await),
                Kind::Job => drop(remove_job(kubernetes, &namespace, &name, journal).await),
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(SLOWEST_LOOK);
    }
}

/// Everything with ackcheck's label in the namespace where runs work; what could not be looked at is noted.
async fn list_all(
    kubernetes: &Kubernetes,
    run: Option<&str>,
    survey: &mut Survey,
    journal: &Journal,
) -> Vec<(Object, ObjectMeta)> {
    let mut all = Vec::new();
    let namespace = kubernetes.probe_namespace();
    for kind in [Kind::Pod, Kind::Job] {
        let place = format!("{} in namespace {namespace}", kind.plural());
        match list(kubernetes, kind, &namespace, run, journal).await {
            Ok(metas) => {
                survey.looked.push(place);
                all.extend(metas.into_iter().map(|meta| {
                    let name = meta.name.clone().unwrap_or_default();
                    (Object { kind, namespace: namespace.clone(), name }, meta)
                }));
            }
            Err(Silence::Status { code: 403, .. })
                if kind == Kind::Job && !makes_jobs(kubernetes, &namespace, journal).await =>
            {
                survey.looked.push(format!("{place} (none: this account may not create any)"));
            }
            Err(Silence::Status { code: 403, said, .. }) => {
                survey.unseen.push(format!("{place}: {}", Broken::denied([kubernetes.of_probes(kind.list())], said)));
            }
            Err(silence) => survey.unseen.push(format!("{place}: {silence}")),
        }
    }
    all
}

/// Whether runs of this account can have an owner at all. True if that cannot be found out.
async fn makes_jobs(kubernetes: &Kubernetes, namespace: &str, journal: &Journal) -> bool {
    let scope = Scope::Namespace(namespace.to_owned().into());
    let right = KubernetesRight { scope, group: "batch", resource: "jobs", name: None, verb: "create" };
    match cluster::open(kubernetes, journal.clone()) {
        Ok(cluster) => cluster.may(&[right]).await.map_or(true, |granted| granted.contains(&true)),
        Err(_) => true,
    }
}

async fn list(
    kubernetes: &Kubernetes,
    kind: Kind,
    namespace: &str,
    run: Option<&str>,
    journal: &Journal,
) -> Result<Vec<ObjectMeta>, Silence> {
    // Both labels: whoever deploys ackcheck itself may well have given it the first.
    let of_run = run.map_or(RUN.to_owned(), |run| format!("{RUN}={run}"));
    let labels = format!("{}={},{of_run}", MANAGED_BY.0, MANAGED_BY.1);
    let mut select = ListParams::default().labels(&labels).limit(PAGE);
    let mut metas = Vec::new();
    loop {
        let request = |client: kube::Client| {
            let select = select.clone();
            async move {
                Ok(match kind {
                    Kind::Pod => {
                        metadata(Api::<core::Pod>::namespaced(client, namespace).list_metadata(&select).await?)
                    }
                    Kind::Job => {
                        metadata(Api::<batch::Job>::namespaced(client, namespace).list_metadata(&select).await?)
                    }
                })
            }
        };
        let asked = format!("list {} in {namespace}", kind.plural());
        let told = |(page, _): &Page| format!("{} of ackcheck", page.len());
        let (page, more) = kubernetes.ask(journal, Vantage::Cluster, &asked, request, told).await?;
        metas.extend(page);
        match more {
            Some(token) => select = select.continue_token(&token),
            None => return Ok(metas),
        }
    }
}

/// One page, and the token of the next.
type Page = (Vec<ObjectMeta>, Option<String>);

fn metadata<K: Clone>(list: ObjectList<PartialObjectMeta<K>>) -> Page {
    let more = list.metadata.continue_.filter(|token| !token.is_empty());
    (list.items.into_iter().map(|object| object.metadata).collect(), more)
}
