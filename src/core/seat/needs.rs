//! What the operations of the seats need to be allowed, said once: `ackcheck rights` prints it, and `tests/rights.rs`
//! runs the checks with these rights alone and takes each of them away.

/// An operation of a seat that others must allow. A check names the ones it uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `Cluster::nodes`.
    ListNodes,
    /// `Seats::nodes`, for a check that pods are asked.
    FindNodes,
    /// `Cluster::may`, of a pod that is then created.
    CreatePod,
    /// `Pod::start`.
    StartPod,
    /// What is put to the probe in its pod: `Pod::resolve`, `sweep`, `get`, `store_round_trips`.
    AskPod,
    /// The same where `pods/exec` is not granted: asked by pods of their own, whose logs are read.
    AskByPods,
    /// `Pod::credential_helper`.
    CredentialHelper,
    /// `Cloud::host_instance`.
    HostInstance,
    /// `Cloud::cluster_network`.
    ClusterNetwork,
    /// `Cloud::security_groups`.
    SecurityGroups,
    /// `Cloud::joined`.
    Joined,
    /// `StoreRequest::List`.
    ListObjects,
    /// `StoreRequest::Put`, and the removal of what was put.
    PutObject,
    /// `StoreRequest::Get`.
    GetObject,
    /// `StoreRequest::Head`, where a refusal is as good as an answer.
    LookForObject,
    /// `StoreRequest::Delete`.
    DeleteObject,
}

/// Where a right on a resource of Kubernetes is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// In the whole cluster.
    Cluster,
    /// In the namespace of the probe pods.
    ProbeNamespace,
    /// In this one.
    Namespace(&'static str),
}

/// A right that somebody grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// By RBAC, to the account of the kubeconfig.
    Kubernetes {
        scope: Scope,
        group: &'static str,
        resource: &'static str,
        /// The one object that is asked for; any where none.
        name: Option<&'static str>,
        verb: &'static str,
    },
    /// By RAM, to the key of the OpenAPI: the action.
    OpenApi(&'static str),
    /// By RAM, to the key of each bucket, on the bucket itself.
    Bucket(&'static str),
    /// By RAM, to the key of each bucket, on the objects below the prefix.
    Objects(&'static str),
}

/// What becomes of a run without a right. The later is the graver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Without {
    /// Everything is judged, and this is lost.
    Less(&'static str),
    /// What the run created stays, and is named at its end.
    LeftBehind,
    /// Checks that need it cannot be judged where ackcheck runs on another machine than the DSS host; elsewhere this is
    /// lost.
    UnjudgedElsewhere(&'static str),
    /// Checks that need it cannot be judged.
    Unjudged,
}

/// A right, and what becomes of a run without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    pub right: Right,
    pub without: Without,
}

const fn need(right: Right) -> Need {
    Need { right, without: Without::Unjudged }
}

const fn pods(resource: &'static str, verb: &'static str) -> Right {
    Right::Kubernetes { scope: Scope::ProbeNamespace, group: "", resource, name: None, verb }
}

const NODES: Need =
    need(Right::Kubernetes { scope: Scope::Cluster, group: "", resource: "nodes", name: None, verb: "list" });
const SEEN_NODES: Need = Need {
    right: NODES.right,
    without: Without::Less("nodes are found by pods placed on them, and those that take none stay unseen"),
};
const CREATE_POD: Need = need(pods("pods", "create"));
const LIST_PODS: Need = need(pods("pods", "list"));
const WATCH_PODS: Need = Need {
    right: pods("pods", "watch"),
    without: Without::Less("the list of the run's pods is asked again and again"),
};
const DELETE_POD: Need = Need { right: pods("pods", "delete"), without: Without::LeftBehind };
const EVENTS: Need = Need {
    right: pods("events", "list"),
    without: Without::Less("why a pod does not start is told by its state alone"),
};
/// The Job that owns what a run creates.
const OWNER: [Need; 3] = [owner("create"), owner("delete"), owner("list")];
const LOG: Need = need(pods("pods/log", "get"));
/// A WebSocket opens with GET, and API servers authorise it as that; from Kubernetes 1.35 on they ask for `create` too.
const EXEC: [Need; 2] = [need(pods("pods/exec", "get")), need(pods("pods/exec", "create"))];
const HELPER: Need = Need {
    right: Right::Kubernetes {
        scope: Scope::Namespace("kube-system"),
        group: "",
        resource: "configmaps",
        name: Some("acr-configuration"),
        verb: "get",
    },
    without: Without::Less("that ACK's credential helper does not serve the namespace is not told"),
};
const INSTANCES: Need = Need {
    right: Right::OpenApi("ecs:DescribeInstances"),
    without: Without::UnjudgedElsewhere("where its metadata does not answer, the DSS host is not found by its address"),
};
const REMOVE: Need = Need { right: Right::Objects("oss:DeleteObject"), without: Without::LeftBehind };
const REMOVE_VERSIONS: Need = Need {
    right: Right::Objects("oss:DeleteObjectVersion"),
    without: Without::Less("in a bucket that keeps versions, those of what ackcheck wrote stay"),
};
const LOOK: Need = Need {
    right: Right::Objects("oss:GetObject"),
    without: Without::Less("that an object is gone after its deletion is believed, not seen"),
};

const fn owner(verb: &'static str) -> Need {
    Need {
        right: Right::Kubernetes { scope: Scope::ProbeNamespace, group: "batch", resource: "jobs", name: None, verb },
        without: Without::Less(
            "what a killed ackcheck left ends, but stays until `ackcheck cleanup` removes the pods one by one",
        ),
    }
}

/// What a pod's start takes, with what comes on top.
macro_rules! pod_needs {
    ($($more:expr),*) => {
        &const { [CREATE_POD, LIST_PODS, WATCH_PODS, DELETE_POD, EVENTS, OWNER[0], OWNER[1], OWNER[2], $($more),*] }
    };
}

const fn openapi(action: &'static str) -> Need {
    need(Right::OpenApi(action))
}

impl Operation {
    /// The rights it needs.
    pub fn needs(self) -> &'static [Need] {
        match self {
            Operation::ListNodes => &[NODES],
            Operation::FindNodes => &[SEEN_NODES],
            Operation::CreatePod => &[CREATE_POD],
            Operation::StartPod => pod_needs!(),
            Operation::AskPod => pod_needs!(EXEC[0], EXEC[1]),
            Operation::AskByPods => pod_needs!(LOG),
            Operation::CredentialHelper => &[HELPER],
            Operation::HostInstance => &[const { openapi("ecs:DescribeNetworkInterfaces") }, INSTANCES],
            Operation::ClusterNetwork => {
                &const {
                    [
                        openapi("cs:DescribeClusterDetail"),
                        openapi("cs:DescribeClusterNodes"),
                        openapi("ecs:DescribeNetworkInterfaces"),
                        openapi("vpc:DescribeVSwitches"),
                    ]
                }
            }
            Operation::SecurityGroups => {
                &const {
                    [
                        openapi("ecs:DescribeSecurityGroups"),
                        openapi("ecs:DescribeSecurityGroupAttribute"),
                        openapi("ecs:DescribePrefixListAttributes"),
                        openapi("ecs:DescribePortRangeListEntries"),
                    ]
                }
            }
            Operation::Joined => &const { [openapi("vpc:DescribeVSwitches"), openapi("vpc:DescribeRouteEntryList")] },
            Operation::ListObjects => &const { [need(Right::Bucket("oss:ListObjects"))] },
            Operation::PutObject => &const { [need(Right::Objects("oss:PutObject")), REMOVE, REMOVE_VERSIONS] },
            Operation::GetObject => &const { [need(Right::Objects("oss:GetObject"))] },
            Operation::LookForObject => &[LOOK],
            Operation::DeleteObject => &const { [need(Right::Objects("oss:DeleteObject"))] },
        }
    }
}
