//! Nodes that are not ready.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "one kubelet reports that its runtime is down",
        finding: &super::NOT_READY,
        faults: &[Fault::Add(
            "/kubernetes/unready",
            r#"{"node":"cn-hangzhou.10.0.1.12","reason":"KubeletNotReady","message":"container runtime is down"}"#,
        )],
    },
    Trial {
        name: "every kubelet stopped reporting",
        finding: &super::NOT_READY,
        faults: &[Fault::Add(
            "/kubernetes/unready",
            r#"{"node":"*","reason":"NodeStatusUnknown","message":"Kubelet stopped posting node status."}"#,
        )],
    },
];
