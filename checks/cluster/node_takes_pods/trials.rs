//! Namespaces and nodes that do not accept a pod.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the namespace's quota does not allow any pod",
        finding: &super::NOT_SCHEDULED,
        faults: &[Fault::Add("/kubernetes/quotas", r#"{"namespace":"dss","name":"none","hard":{"pods":"0"}}"#)],
    },
    Trial {
        name: "one node has a NoExecute taint",
        finding: &super::NOT_SCHEDULED,
        faults: &[Fault::Add(
            "/kubernetes/taints",
            r#"{"node":"cn-hangzhou.10.0.2.13","key":"dedicated","value":"gpu","effect":"NoExecute"}"#,
        )],
    },
    Trial {
        name: "one node's network plugin does not assign an address",
        finding: &super::NOT_STARTED,
        faults: &[Fault::Add(
            "/kubernetes/broken_nodes",
            r#"{"node":"cn-hangzhou.10.0.1.11","how":"sandbox","message":"plugin type=\"terway\" failed (add): vSwitch has no free address"}"#,
        )],
    },
    Trial {
        name: "one node's container runtime fails",
        finding: &super::NOT_STARTED,
        faults: &[Fault::Add(
            "/kubernetes/broken_nodes",
            r#"{"node":"cn-hangzhou.10.0.1.12","how":"container","message":"failed to create shim task"}"#,
        )],
    },
    Trial {
        name: "one kubelet ignores pods",
        finding: &super::NOT_STARTED,
        faults: &[Fault::Add(
            "/kubernetes/broken_nodes",
            r#"{"node":"cn-hangzhou.10.0.1.12","how":"deaf","message":""}"#,
        )],
    },
    Trial {
        name: "an injected sidecar's image is at a host that nodes cannot resolve",
        finding: &super::SIDECAR_NOT_PULLED,
        faults: &[Fault::Add(
            "/kubernetes/added_containers",
            r#"{"namespace":"dss","with_label":"app.kubernetes.io/name","name":"mesh","image":"sidecars.corp.example/mesh:1"}"#,
        )],
    },
];
