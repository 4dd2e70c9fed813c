//! A pod on one node: what holds there, seen from inside.

mod paths;
mod policies;

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;

use super::cluster::CREATE_POD;
pub use super::credential_helper::{CredentialHelper, HELPER_CONFIGURATION};
use super::greeting::{CalledPorts, HostGreeting, PodGreeting};
use super::keyring::PullSecret;
use super::operation::{Need, Operation, Part, When, Without};
use super::pull::PullFailure;
use super::store::{self, StoreReply};
use super::{AskedServers, Heard, HttpReply, NameAnswer, NodeSweep, Ports, Seen};
use crate::place::Vantage;
use crate::right::{KubernetesRight, Right};
use crate::subject::Subject;

pub use paths::{PULL_HOSTS, PullHost, STORE_PATHS, StorePath, addresses};
pub use policies::{
    DEFAULT_TIER, EgressPolicies, EgressPolicy, EgressRule, Engine, KUBERNETES_ORDER, MOST_POLICIES, PolicyKind,
    RuleAction, Tier, Unread,
};

/// How far the probe pod came on its node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PodStart {
    /// It runs.
    Running,
    /// The API refused the probe, even with what it said is wanted: quota, policy, webhook; with the API's words.
    NotAdmitted { why: String },
    /// The scheduler found no place: taints, room; with its words.
    NotScheduled { why: String },
    /// The kubelet could not start it for another reason than its image: sandbox, container creation.
    NotStarted { why: String },
    /// The image did not come.
    NotPulled(Box<PullFailure>),
    /// The image of a container that another added to the pod did not come; whether the probe's own did.
    OtherNotPulled { failure: Box<PullFailure>, own_pulled: bool },
    /// The image came or was found, but it is not of the node's architecture.
    WrongPlatform { why: String },
}

/// The longest that a sweep may take, its turn and the pace of all nodes' sweeps included: `[limits] run` ends it sooner.
pub const SWEEPS_WITHIN: Duration = Duration::from_secs(3_600);

/// The DSS host as pods are to reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DssHost {
    /// The name or address pods are given.
    pub name: String,
    /// Where that name comes from: `host.name in ackcheck.toml`, `DKU_BACKEND_EXT_HOST`, `hostname -f`.
    pub origin: String,
    /// Its own addresses.
    pub addresses: Vec<IpAddr>,
    /// The backend's port (base port + 1), where DSS is described.
    pub backend_port: Option<u16>,
    /// The product version of DSS, where it is described.
    pub version: Option<String>,
}

/// One object written, read back and deleted from the pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundTrip {
    /// The connection or bucket.
    pub subject: Subject,
    pub bucket: String,
    pub endpoint: String,
    pub put: Heard<StoreReply>,
    /// None where the put did not succeed.
    pub get: Option<Heard<StoreReply>>,
    pub delete: Option<Heard<StoreReply>>,
    /// What was written.
    pub written: String,
    /// How long the three took together.
    pub took: Duration,
}

/// To follow the run's pods.
pub const LIST_PODS: Right = Right::of_probes("list", "", "pods");
/// To remove them.
pub const DELETE_PODS: Right = Right::of_probes("delete", "", "pods");
/// To read what a pod printed.
pub const POD_LOG: Right = Right::of_probes("get", "", "pods/log");
/// To ask the probe in its pod: a WebSocket opens with GET, and API servers authorise it as that;
pub const EXEC_GET: Right = Right::of_probes("get", "", "pods/exec");
/// from Kubernetes 1.35 on they ask for `create` too.
pub const EXEC_CREATE: Right = Right::of_probes("create", "", "pods/exec");
/// To read the pull secrets of the pods.
pub const GET_SECRETS: Right = Right::of_probes("get", "", "secrets");
/// To list the network policies that pods are selected by: Kubernetes' own,
pub const LIST_POLICIES: Right = Right::of_probes("list", "networking.k8s.io", "networkpolicies");
/// Cilium's (<https://docs.cilium.io/en/stable/network/kubernetes/policy/>),
pub const LIST_CILIUM: Right = Right::of_probes("list", "cilium.io", "ciliumnetworkpolicies");
/// those of whole clusters too,
pub const LIST_CILIUM_CLUSTERWIDE: Right = list_in_cluster("cilium.io", "ciliumclusterwidenetworkpolicies");
/// and Calico's, with what they refer to (<https://docs.tigera.io/calico/latest/reference/resources/>), as Calico keeps
/// them
pub const CALICO_KEEPS: CalicoRights = CalicoRights { group: "crd.projectcalico.org" };
/// and as its API server serves them.
pub const CALICO_SERVES: CalicoRights = CalicoRights { group: "projectcalico.org" };

/// To list each kind of objects that Calico's policies are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CalicoRights {
    group: &'static str,
}

impl CalicoRights {
    /// Policies of the pods' namespace.
    pub const fn policies(self) -> Right {
        Right::of_probes("list", self.group, "networkpolicies")
    }

    /// Policies of the whole cluster.
    pub const fn global_policies(self) -> Right {
        list_in_cluster(self.group, "globalnetworkpolicies")
    }

    /// The tiers that they are in.
    pub const fn tiers(self) -> Right {
        list_in_cluster(self.group, "tiers")
    }

    /// Sets of addresses that rules refer to by labels;
    pub const fn network_sets(self) -> Right {
        list_in_cluster(self.group, "networksets")
    }

    /// those that are in no namespace,
    pub const fn global_network_sets(self) -> Right {
        list_in_cluster(self.group, "globalnetworksets")
    }

    /// and machines, which rules refer to in the same way.
    pub const fn host_endpoints(self) -> Right {
        list_in_cluster(self.group, "hostendpoints")
    }
}

const fn list_in_cluster(group: &'static str, resource: &'static str) -> Right {
    Right::Kubernetes(KubernetesRight::cluster_wide("list", group, resource))
}

/// To read a policy, or what one refers to.
const fn explaining(right: Right) -> Need {
    Need::better_with(right, "a network policy that keeps pods from the DSS host is not recognized as the cause")
}

/// The Job that owns what a run creates.
const fn owner(verb: &'static str) -> Need {
    Need::better_with(
        Right::of_probes(verb, "batch", "jobs"),
        "pods left by a killed ackcheck stop, but stay until `ackcheck cleanup` removes them one by one",
    )
}

const fn asking(right: Right, when: When) -> Need {
    Need { right, without: Without::Unjudged, when }
}

const fn sorting(action: &'static str) -> Need {
    let lost = "where nodes sweep for each other, their answers alone tell apart those that rules judge differently";
    Need::better_with(Right::open_api(action), lost)
}

/// [`Pod::start`].
pub static START: Operation = Operation {
    needs: &[
        Need::of(CREATE_POD),
        Need::of(LIST_PODS),
        Need::better_with(
            Right::of_probes("watch", "", "pods"),
            "the run's pods are listed again and again instead of watched",
        ),
        Need::to_tidy_up(DELETE_PODS),
        Need::better_with(
            Right::of_probes("list", "", "events"),
            "why a pod does not start is only known from its state",
        ),
        owner("create"),
        owner("delete"),
        owner("list"),
    ],
    ..Operation::on(Vantage::Node, "Pod::start")
};
/// What the probe is asked in its pod: [`Pod::resolve`], [`Pod::get`], [`Pod::get_with_large_head`],
/// [`Pod::name_servers`].
pub static ASK: Operation = Operation {
    needs: &[asking(EXEC_GET, When::ByExec), asking(EXEC_CREATE, When::ByExec), asking(POD_LOG, When::ByLogs)],
    takes: &[&START],
    ..Operation::on(Vantage::Node, "Pod::resolve, get, get_with_large_head, name_servers")
};
/// [`Pod::sweep`] of many nodes: which of them are judged by the same rules.
pub static RULES_OF_NODES: Operation = Operation {
    also: Some(Part::ClusterId),
    needs: &[
        sorting("cs:DescribeClusterDetail"),
        sorting("cs:DescribeClusterNodes"),
        sorting("ecs:DescribeNetworkInterfaces"),
        sorting("vpc:DescribeVSwitches"),
        sorting("ecs:DescribeSecurityGroups"),
        sorting("ecs:DescribeSecurityGroupAttribute"),
        sorting("ecs:DescribePrefixListAttributes"),
        sorting("ecs:DescribePortRangeListEntries"),
        sorting("vpc:DescribeNetworkAclAttributes"),
    ],
    ..Operation::on(Vantage::Cloud, "Pod::sweep, nodes by their rules")
};
/// [`Pod::sweep`].
pub static SWEEP: Operation =
    Operation { takes: &[&ASK, &RULES_OF_NODES], ..Operation::on(Vantage::Node, "Pod::sweep") };
/// [`Pod::credential_helper`].
pub static CREDENTIAL_HELPER: Operation = Operation {
    needs: &[Need::better_with(
        HELPER_CONFIGURATION,
        "a namespace that ACK's credential helper does not cover is not recognized",
    )],
    ..Operation::on(Vantage::Node, "Pod::credential_helper")
};
/// [`Pod::pull_secrets`].
pub static PULL_SECRETS: Operation = Operation {
    needs: &[Need::better_with(
        GET_SECRETS,
        "a pull secret that is missing, malformed or for other registries is only recognized where the kubelet says so",
    )],
    ..Operation::on(Vantage::Node, "Pod::pull_secrets")
};
/// [`Pod::store_round_trips`], [`Pod::large_round_trips`]: the pod asks, with the rights of the keys that the host signed with.
pub static STORE_ROUND_TRIPS: Operation = Operation {
    takes: &[&ASK, &store::PUT, &store::GET, &store::DELETE],
    ..Operation::on(Vantage::Node, "Pod::store_round_trips")
};

/// [`Pod::egress_policies`].
pub static EGRESS_POLICIES: Operation = Operation {
    needs: &[
        explaining(LIST_POLICIES),
        explaining(LIST_CILIUM),
        explaining(LIST_CILIUM_CLUSTERWIDE),
        explaining(CALICO_KEEPS.policies()),
        explaining(CALICO_KEEPS.global_policies()),
        explaining(CALICO_KEEPS.tiers()),
        explaining(CALICO_KEEPS.network_sets()),
        explaining(CALICO_KEEPS.global_network_sets()),
        explaining(CALICO_KEEPS.host_endpoints()),
        explaining(CALICO_SERVES.policies()),
        explaining(CALICO_SERVES.global_policies()),
        explaining(CALICO_SERVES.tiers()),
        explaining(CALICO_SERVES.network_sets()),
        explaining(CALICO_SERVES.global_network_sets()),
        explaining(CALICO_SERVES.host_endpoints()),
    ],
    ..Operation::on(Vantage::Node, "Pod::egress_policies")
};

/// [`Pod::greeted_by_host`]: the DSS host's own ports need no right but those that the kernel
/// keeps for root, and those are left out where it does.
pub static GREETED_BY_HOST: Operation =
    Operation { takes: &[&ASK], ..Operation::on(Vantage::Node, "Pod::greeted_by_host") };
/// [`Pod::greets_host`]: the probe listens while it is asked, which only exec can do.
pub static GREETS_HOST: Operation = Operation { takes: &[&ASK], ..Operation::on(Vantage::Node, "Pod::greets_host") };

/// What of it others must allow.
pub static OPERATIONS: &[&Operation] = &[
    &START,
    &ASK,
    &RULES_OF_NODES,
    &SWEEP,
    &CREDENTIAL_HELPER,
    &PULL_SECRETS,
    &STORE_ROUND_TRIPS,
    &STORE_PATHS,
    &PULL_HOSTS,
    &EGRESS_POLICIES,
    &GREETED_BY_HOST,
    &GREETS_HOST,
];

/// A pod on one node. Its verbs are `NotDescribed` or `Broken` where the pod does not run.
#[async_trait]
pub trait Pod: Send + Sync {
    /// The node.
    fn node(&self) -> &str;
    /// The image reference the probe pod was given.
    fn image(&self) -> Seen<String>;
    /// The namespace it runs in.
    fn namespace(&self) -> String;
    /// Starts the probe pod, once a run, and says how far it came.
    async fn start(&self) -> Seen<PodStart>;
    /// ACK's credential helper, where it is installed and may be looked at.
    async fn credential_helper(&self) -> Seen<Option<CredentialHelper>>;
    /// The network policies for egress that select it. What this account is not allowed to list is among the unread.
    async fn egress_policies(&self) -> Seen<EgressPolicies>;
    /// What these pull secrets are to the kubelet. Their logins are told by location and user alone.
    async fn pull_secrets(&self, names: &[String]) -> Seen<Vec<PullSecret>>;
    /// The DSS host as pods are to reach it.
    async fn dss_host(&self) -> Seen<DssHost>;
    /// Resolves a name with the pod's own resolver.
    async fn resolve(&self, name: &str) -> Seen<NameAnswer>;
    /// Asks each of the pod's name servers for these whole names, and for one below each domain of the search list that
    /// nobody has.
    async fn name_servers(&self, names: &[String]) -> Seen<AskedServers>;
    /// What every port of the range answers; ports that seem filtered are asked again before they are called so. Asked
    /// once a run, and told to every case. Of many nodes, those whose packets are judged by the same rules can be swept
    /// by one of them: the answer says so.
    async fn sweep(&self, address: IpAddr, ports: Ports) -> Seen<NodeSweep>;
    /// Opens those of these ports of the DSS host that are free, for seconds, and calls them from the pod. `NotDescribed`
    /// where ackcheck cannot listen in the host's place.
    async fn greeted_by_host(&self, called: &CalledPorts) -> Seen<HostGreeting>;
    /// Has the pod listen, and calls it from the DSS host. `NotDescribed` where ackcheck does not run there.
    async fn greets_host(&self) -> Seen<PodGreeting>;
    /// `GET` of a URL, no redirect followed. Where `trust_any` is set the certificate is not verified.
    async fn get(&self, url: &str, trust_any: bool) -> Seen<Heard<HttpReply>>;
    /// For each connection and bucket that can be asked: a put, a get and a delete by URLs the host signed, so that no key
    /// enters the cluster.
    async fn store_round_trips(&self) -> Seen<Vec<RoundTrip>>;
    /// The same with objects of 64 KiB, which take many packets of full size each way.
    async fn large_round_trips(&self) -> Seen<Vec<RoundTrip>>;
    /// The way to each host of the object store: what answers there to nobody's request.
    async fn store_paths(&self) -> Seen<Vec<StorePath>>;
    /// The hosts that a pull goes through, and what pods' name servers answer for them.
    async fn pull_hosts(&self) -> Seen<Vec<PullHost>>;
    /// As [`Pod::get`] of any certificate, with a head of several packets: whoever answers has all of it.
    async fn get_with_large_head(&self, url: &str) -> Seen<Heard<HttpReply>>;
}
