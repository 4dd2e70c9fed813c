//! What a namespace wants of pods that the probe does not ask for by itself, from the API's words when it refused one: a
//! LimitRange's bounds, a quota's limits and requests. Those are the namespace's rules for small pods, and no fault of it.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use ackcheck_core::seat::cluster::quantity::thousandths;

/// How often one pod is asked for with something changed.
pub(super) const TRIES: usize = 6;

/// What a container asks for, in thousandths.
type Amounts = BTreeMap<String, i128>;

/// Resources as the probe asks for them, changed as the API said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    requests: Amounts,
    limits: Amounts,
}

impl Wanted {
    /// What a pod's only container asks for.
    pub(super) fn of(pod: &core::Pod) -> Wanted {
        let resources =
            pod.spec.as_ref().and_then(|spec| spec.containers.first()?.resources.clone()).unwrap_or_default();
        let amounts = |list: Option<BTreeMap<String, Quantity>>| {
            list.into_iter().flatten().filter_map(|(name, amount)| Some((name, milli(&amount.0)?))).collect()
        };
        Wanted { requests: amounts(resources.requests), limits: amounts(resources.limits) }
    }

    /// Has a pod ask for this.
    pub(super) fn write(&self, pod: &mut core::Pod) {
        let list = |amounts: &Amounts| {
            let named = amounts.iter().map(|(name, amount)| (name.clone(), Quantity(text(*amount))));
            Some(named.collect::<BTreeMap<_, _>>())
        };
        let container = pod.spec.as_mut().and_then(|spec| spec.containers.first_mut());
        if let Some(container) = container {
            let resources = container.resources.get_or_insert_default();
            (resources.requests, resources.limits) = (list(&self.requests), list(&self.limits));
        }
    }

    /// What to ask for instead, where the API's words tell it; none where nothing of them can be met.
    pub(super) fn instead(&self, said: &str) -> Option<Wanted> {
        let mut other = self.clone();
        for clause in said.split([',', '[', ']']).map(str::trim).collect::<Vec<_>>() {
            other.meet_range(clause);
        }
        other.meet_quota(said);
        (other != *self).then_some(other)
    }

    /// `minimum cpu usage per Container is 100m`, of the LimitRanger plugin.
    fn meet_range(&mut self, clause: &str) {
        let at = |mark: &str| clause.find(mark).map(|at| &clause[at + mark.len()..]);
        let bound = |rest: &str| milli(rest.split_whitespace().next()?.trim_end_matches('.'));
        let is = clause.split_once(" per ").and_then(|(_, rest)| rest.split_once(" is ")).map(|(_, rest)| rest);
        let Some(bound) = is.and_then(bound) else { return };
        let named = |rest: &str| rest.split(' ').next().unwrap_or_default().to_owned();
        if let Some(name) = at("inimum ").map(named) {
            self.ask_for_at_least(&name, bound);
        } else if let Some(name) = at("aximum ").map(named) {
            let request = self.requests.get(&name).copied().unwrap_or_default();
            self.limits.insert(name.clone(), self.limits.get(&name).map_or(bound, |limit| bound.min(*limit)));
            self.requests.insert(name, request.min(bound));
        } else if let Some((before, _)) = clause.split_once(" max limit to request ratio") {
            let name = before.rsplit([' ', ':']).next().unwrap_or_default().to_owned();
            let limit = self.limits.get(&name).or_else(|| self.requests.get(&name)).copied();
            let (Some(limit), true) = (limit.filter(|limit| *limit > 0), bound > 0) else { return };
            self.limits.insert(name.clone(), limit);
            let least = (limit * 1000 + bound - 1) / bound;
            let request = self.requests.get(&name).copied().unwrap_or_default();
            self.requests.insert(name, request.max(least).min(limit));
        }
    }

    fn ask_for_at_least(&mut self, name: &str, least: i128) {
        let request = self.requests.get(name).copied().unwrap_or_default().max(least);
        self.requests.insert(name.to_owned(), request);
        if let Some(limit) = self.limits.get_mut(name) {
            *limit = (*limit).max(request);
        }
    }

    /// `failed quota: small: must specify limits.ephemeral-storage for: probe`, and limits above what is left of a quota.
    fn meet_quota(&mut self, said: &str) {
        for (_, rest) in said.match_indices("must specify ").map(|(at, mark)| said.split_at(at + mark.len())) {
            let names = rest.split([';', ' ']).next().unwrap_or_default();
            let others = rest.split("; ").skip(1).filter_map(|other| other.split(' ').next());
            for name in names.split(',').chain(others) {
                let name = name.trim();
                let (limit, name) = match name.split_once('.') {
                    Some(("limits", name)) => (true, name),
                    Some(("requests", name)) => (false, name),
                    _ => (false, name),
                };
                let Some(least) = small(name) else { continue };
                let asked = self.requests.get(name).copied().unwrap_or(least);
                if limit {
                    self.limits.entry(name.to_owned()).or_insert(asked);
                } else {
                    self.requests.entry(name.to_owned()).or_insert(asked);
                }
            }
        }
        let list = |mark: &str| said.split_once(mark).map(|(_, rest)| rest).unwrap_or_default();
        let amount = |rest: &str, name: &str| {
            let (_, after) = rest.split_once(&format!("limits.{name}="))?;
            milli(after.split([',', ' ']).next()?)
        };
        for (name, limit) in &mut self.limits {
            let known = [list("used: "), list("limited: ")].map(|rest| amount(rest, name));
            let [Some(used), Some(limited)] = known else { continue };
            let least = self.requests.get(name).copied().unwrap_or_default().max(1);
            if limited - used >= least {
                // The other nodes' pods are to have some of it too.
                *limit = (*limit).min(((limited - used) / 4).max(least));
            }
        }
    }
}

/// What a pod that has to ask for something asks for, in thousandths.
fn small(name: &str) -> Option<i128> {
    match name {
        "cpu" => Some(10),
        "memory" | "ephemeral-storage" => Some((32 << 20) * 1000),
        _ => None,
    }
}

/// A quantity in thousandths; none if it is not one.
fn milli(text: &str) -> Option<i128> {
    thousandths(text).map(|all| all as i128)
}

/// Thousandths as a quantity.
fn text(milli: i128) -> String {
    if milli % 1000 == 0 { (milli / 1000).to_string() } else { format!("{milli}m") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe() -> Wanted {
        Wanted {
            requests: [("cpu", "10m"), ("memory", "32Mi")]
                .map(|(name, text)| (name.to_owned(), milli(text).unwrap()))
                .into(),
            limits: [("cpu", "1"), ("memory", "128Mi")]
                .map(|(name, text)| (name.to_owned(), milli(text).unwrap()))
                .into(),
        }
    }

    fn told(wanted: &Wanted) -> String {
        let list = |amounts: &Amounts| {
            amounts.iter().map(|(name, amount)| format!("{name}={}", text(*amount))).collect::<Vec<_>>().join(" ")
        };
        format!("{} | {}", list(&wanted.requests), list(&wanted.limits))
    }

    /// The words of the LimitRanger and quota plugins, of Kubernetes 1.20 and 1.33.
    #[test]
    fn asks_for_what_the_namespace_wants() {
        for (said, expected) in [
            (
                "pods \"p\" is forbidden: [minimum cpu usage per Container is 100m, but request is 10m, minimum memory usage per Container is 64Mi, but request is 32Mi]",
                "cpu=100m memory=67108864 | cpu=1 memory=134217728",
            ),
            (
                "pods \"p\" is forbidden: minimum memory usage per Pod is 256Mi, but request is 33554432",
                "cpu=10m memory=268435456 | cpu=1 memory=268435456",
            ),
            (
                "pods \"p\" is forbidden: cpu max limit to request ratio per Container is 4, but provided ratio is 100.000000",
                "cpu=250m memory=33554432 | cpu=1 memory=134217728",
            ),
            (
                "pods \"p\" is forbidden: [maximum cpu usage per Container is 500m, but limit is 1, maximum memory usage per Container is 64Mi, but limit is 128Mi]",
                "cpu=10m memory=33554432 | cpu=500m memory=67108864",
            ),
            (
                "pods \"p\" is forbidden: minimum ephemeral-storage usage per Container is 1Gi.  No request is specified",
                "cpu=10m ephemeral-storage=1073741824 memory=33554432 | cpu=1 memory=134217728",
            ),
            (
                "pods \"p\" is forbidden: failed quota: small: must specify limits.ephemeral-storage,requests.ephemeral-storage",
                "cpu=10m ephemeral-storage=33554432 memory=33554432 | cpu=1 ephemeral-storage=33554432 memory=134217728",
            ),
            (
                "pods \"p\" is forbidden: failed quota: small: must specify limits.ephemeral-storage for: probe; requests.ephemeral-storage for: probe",
                "cpu=10m ephemeral-storage=33554432 memory=33554432 | cpu=1 ephemeral-storage=33554432 memory=134217728",
            ),
            (
                "pods \"p\" is forbidden: exceeded quota: small, requested: limits.cpu=1, used: limits.cpu=3500m, limited: limits.cpu=4",
                "cpu=10m memory=33554432 | cpu=125m memory=134217728",
            ),
        ] {
            assert_eq!(
                told(&probe().instead(said).unwrap_or_else(|| panic!("nothing for {said}"))),
                expected,
                "{said}"
            );
        }
    }

    #[test]
    fn what_no_small_pod_can_meet_stays_refused() {
        for said in [
            "pods \"p\" is forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0",
            "pods \"p\" is forbidden: exceeded quota: q, requested: requests.cpu=10m, used: requests.cpu=4, limited: requests.cpu=4",
            "pods \"p\" is forbidden: exceeded quota: q, requested: limits.cpu=1, used: limits.cpu=4, limited: limits.cpu=4",
            "admission webhook \"policy.example.com\" denied the request: images must be signed",
            "pods \"p\" is forbidden: insufficient quota to match these scopes: [{PriorityClass In [high]}]",
            "pods \"p\" is forbidden: failed quota: q: must specify requests.example.com/card for: probe",
        ] {
            assert_eq!(probe().instead(said), None, "{said}");
        }
    }
}
