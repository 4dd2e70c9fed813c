//! The kinds of objects that the API serves, and the verbs that RBAC knows.

/// The verbs of RBAC, in the order in which discovery lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Create,
    Delete,
    DeleteCollection,
    Get,
    List,
    Patch,
    Update,
    Watch,
}

impl Verb {
    /// Every one.
    pub(crate) const ALL: [Verb; 8] = [
        Verb::Create,
        Verb::Delete,
        Verb::DeleteCollection,
        Verb::Get,
        Verb::List,
        Verb::Patch,
        Verb::Update,
        Verb::Watch,
    ];

    /// As rules and reviews write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Verb::Create => "create",
            Verb::Delete => "delete",
            Verb::DeleteCollection => "deletecollection",
            Verb::Get => "get",
            Verb::List => "list",
            Verb::Patch => "patch",
            Verb::Update => "update",
            Verb::Watch => "watch",
        }
    }
}

/// Where the objects of a kind are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// In namespaces.
    Namespace,
    /// In the cluster as a whole.
    Cluster,
    /// Nowhere: they are only ever created, and answered at once.
    Review,
}

/// What hangs below an object: `exec` below a pod.
#[derive(Debug)]
pub(crate) struct Subresource {
    pub(crate) name: &'static str,
    /// The kind that discovery gives for it.
    pub(crate) kind: &'static str,
    pub(crate) verbs: &'static [Verb],
}

/// How the API serves a kind.
struct Resource {
    group: &'static str,
    plural: &'static str,
    scope: Scope,
    short: &'static [&'static str],
    below: &'static [Subresource],
}

const fn status(kind: &'static str) -> Subresource {
    Subresource { name: "status", kind, verbs: &[Verb::Get, Verb::Patch, Verb::Update] }
}

/// What a kind is called, where another group has one of the same name.
macro_rules! named {
    ($kind:ident) => {
        stringify!($kind)
    };
    ($kind:ident $named:ident) => {
        stringify!($named)
    };
}

/// The kinds, each with its group, plural, scope, short names and subresources.
macro_rules! kinds {
    ($($kind:ident $(($named:ident))?: $group:literal, $plural:literal, $scope:ident, [$($short:literal),*], [$($below:expr),*];)*) => {
        /// A kind of object, in the order in which discovery lists them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Kind {
            $($kind,)*
        }

        impl Kind {
            /// Every one.
            pub(crate) const ALL: &[Kind] = &[$(Kind::$kind,)*];

            /// `Pod`.
            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Kind::$kind => named!($kind $($named)?),)*
                }
            }

            fn resource(self) -> &'static Resource {
                match self {
                    $(Kind::$kind => {
                        const RESOURCE: Resource = Resource {
                            group: $group,
                            plural: $plural,
                            scope: Scope::$scope,
                            short: &[$($short),*],
                            below: &[$($below),*],
                        };
                        &RESOURCE
                    })*
                }
            }
        }
    };
}

kinds! {
    Pod: "", "pods", Namespace, ["po"], [
        Subresource { name: "exec", kind: "PodExecOptions", verbs: &[Verb::Create, Verb::Get] },
        Subresource { name: "log", kind: "Pod", verbs: &[Verb::Get] },
        status("Pod")
    ];
    Event: "", "events", Namespace, ["ev"], [];
    Node: "", "nodes", Cluster, ["no"], [status("Node")];
    Namespace: "", "namespaces", Cluster, ["ns"], [status("Namespace")];
    Secret: "", "secrets", Namespace, [], [];
    ServiceAccount: "", "serviceaccounts", Namespace, ["sa"], [];
    ResourceQuota: "", "resourcequotas", Namespace, ["quota"], [status("ResourceQuota")];
    ConfigMap: "", "configmaps", Namespace, ["cm"], [];
    Job: "batch", "jobs", Namespace, [], [status("Job")];
    Service: "", "services", Namespace, ["svc"], [status("Service")];
    Endpoints: "", "endpoints", Namespace, ["ep"], [];
    LimitRange: "", "limitranges", Namespace, ["limits"], [];
    PersistentVolumeClaim: "", "persistentvolumeclaims", Namespace, ["pvc"], [];
    DaemonSet: "apps", "daemonsets", Namespace, ["ds"], [status("DaemonSet")];
    Deployment: "apps", "deployments", Namespace, ["deploy"], [status("Deployment")];
    ReplicaSet: "apps", "replicasets", Namespace, ["rs"], [status("ReplicaSet")];
    StatefulSet: "apps", "statefulsets", Namespace, ["sts"], [status("StatefulSet")];
    CronJob: "batch", "cronjobs", Namespace, ["cj"], [status("CronJob")];
    NetworkPolicy: "networking.k8s.io", "networkpolicies", Namespace, ["netpol"], [];
    ClusterRoleBinding: "rbac.authorization.k8s.io", "clusterrolebindings", Cluster, [], [];
    ClusterRole: "rbac.authorization.k8s.io", "clusterroles", Cluster, [], [];
    RoleBinding: "rbac.authorization.k8s.io", "rolebindings", Namespace, [], [];
    Role: "rbac.authorization.k8s.io", "roles", Namespace, [], [];
    SelfSubjectAccessReview: "authorization.k8s.io", "selfsubjectaccessreviews", Review, [], [];
    SelfSubjectRulesReview: "authorization.k8s.io", "selfsubjectrulesreviews", Review, [], [];
    SelfSubjectReview: "authentication.k8s.io", "selfsubjectreviews", Review, [], [];
    CiliumNetworkPolicy: "cilium.io", "ciliumnetworkpolicies", Namespace, ["cnp"], [];
    CiliumClusterwideNetworkPolicy: "cilium.io", "ciliumclusterwidenetworkpolicies", Cluster, ["ccnp"], [];
    CalicoNetworkPolicy (NetworkPolicy): "crd.projectcalico.org", "networkpolicies", Namespace, [], [];
    GlobalNetworkPolicy: "crd.projectcalico.org", "globalnetworkpolicies", Cluster, [], [];
    CalicoTier (Tier): "crd.projectcalico.org", "tiers", Cluster, [], [];
    NetworkSet: "crd.projectcalico.org", "networksets", Namespace, [], [];
    GlobalNetworkSet: "crd.projectcalico.org", "globalnetworksets", Cluster, [], [];
    HostEndpoint: "crd.projectcalico.org", "hostendpoints", Cluster, [], [];
}

/// The groups besides core, in the order `/apis` lists them.
const GROUPS: &[&str] = &[
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "batch",
    "cilium.io",
    "crd.projectcalico.org",
    "networking.k8s.io",
    "rbac.authorization.k8s.io",
];
/// Those that only somebody else's definitions bring.
const DEFINED: &[&str] = &["cilium.io", "crd.projectcalico.org"];

/// The groups that a cluster serves besides core.
#[derive(Debug, Clone)]
pub(crate) struct Groups(Vec<&'static str>);

impl Groups {
    /// Kubernetes' own, and these.
    pub(crate) fn with(defined: &[String]) -> Groups {
        let served = |group: &&str| !DEFINED.contains(group) || defined.iter().any(|one| one == group);
        Groups(GROUPS.iter().copied().filter(served).collect())
    }

    /// In the order `/apis` lists them.
    pub(crate) fn names(&self) -> &[&'static str] {
        &self.0
    }

    /// Whether there is such a group in this version; core's name is empty.
    pub(crate) fn serve(&self, group: &str, version: &str) -> bool {
        (group.is_empty() || self.0.contains(&group)) && version_of(group) == version
    }
}

/// The version that a group is served in.
pub(crate) fn version_of(group: &str) -> &'static str {
    if group == "cilium.io" { "v2" } else { "v1" }
}

impl Kind {
    /// The kind of a group's plural.
    pub(crate) fn of_plural(group: &str, plural: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.group() == group && kind.plural() == plural)
    }

    /// The kind that an object's `apiVersion` and `kind` name.
    pub(crate) fn of_object(api_version: &str, name: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.name() == name && kind.api_version() == api_version)
    }

    /// `batch`; empty for core.
    pub(crate) fn group(self) -> &'static str {
        self.resource().group
    }

    /// `pods`.
    pub(crate) fn plural(self) -> &'static str {
        self.resource().plural
    }

    /// `pods`, `jobs.batch`.
    pub(crate) fn qualified(self) -> String {
        if self.group().is_empty() { self.plural().to_owned() } else { format!("{}.{}", self.plural(), self.group()) }
    }

    /// `v1`, `batch/v1`.
    pub(crate) fn api_version(self) -> String {
        let version = version_of(self.group());
        if self.group().is_empty() { version.to_owned() } else { format!("{}/{version}", self.group()) }
    }

    /// `po`.
    pub(crate) fn short_names(self) -> &'static [&'static str] {
        self.resource().short
    }

    /// Whether its objects are in namespaces.
    pub(crate) fn is_namespaced(self) -> bool {
        self.resource().scope == Scope::Namespace
    }

    /// Whether its objects are only ever created, and answered at once.
    pub(crate) fn is_review(self) -> bool {
        self.resource().scope == Scope::Review
    }

    /// What hangs below its objects.
    pub(crate) fn below(self) -> &'static [Subresource] {
        self.resource().below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_its_names() {
        let defined: Vec<String> = DEFINED.iter().map(|group| (*group).to_owned()).collect();
        let (all, own) = (Groups::with(&defined), Groups::with(&[]));
        for kind in Kind::ALL {
            assert!(all.serve(kind.group(), version_of(kind.group())), "{kind:?}");
            assert_eq!(own.serve(kind.group(), version_of(kind.group())), !DEFINED.contains(&kind.group()));
            assert_eq!(Kind::of_plural(kind.group(), kind.plural()), Some(*kind));
            assert_eq!(Kind::of_object(&kind.api_version(), kind.name()), Some(*kind));
        }
    }
}
