//! Namespaces and nodes that do not accept a pod.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "one node has a taint of its own state",
        finding: &super::NOT_SCHEDULED,
        faults: &[Fault::Add(
            "/kubernetes/taints",
            r#"{"node":"cn-hangzhou.10.0.2.13","key":"node.kubernetes.io/out-of-service","value":"","effect":"NoExecute"}"#,
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
            "/kubernetes/sidecars",
            r#"{"namespace":"dss","name":"mesh","image":"sidecars.corp.example/mesh:1","init":false,"with_label":"app.kubernetes.io/name"}"#,
        )],
    },
];
