//! Namespaces that refuse the pods of DSS, or change them.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const GENERAL: LabFile = LabFile::Data("config/general-settings.json");
const SPARK_CONF: &str = "/sparkSettings/executionConfigs/0/conf";

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the namespace does not exist",
        finding: &super::NAMESPACE_MISSING,
        faults: &[Fault::Set("/kubernetes/namespaces", r#"["default", "kube-system"]"#)],
    },
    Trial {
        name: "the namespace is being deleted",
        finding: &super::TERMINATING,
        faults: &[Fault::Add("/kubernetes/terminating", "\"dss\"")],
    },
    Trial {
        name: "the namespace's quota does not allow any pod",
        finding: &super::QUOTA,
        faults: &[Fault::Add("/kubernetes/quotas", r#"{"namespace":"dss","name":"none","hard":{"pods":"0"}}"#)],
    },
    Trial {
        name: "the namespace's quota wants limits, which DSS does not set",
        finding: &super::QUOTA,
        faults: &[Fault::Add("/kubernetes/quotas", r#"{"namespace":"dss","name":"cpu","hard":{"limits.cpu":"64"}}"#)],
    },
    Trial {
        name: "a LimitRange allows less memory than an executor requests",
        finding: &super::LIMIT_RANGE,
        faults: &[Fault::Add(
            "/kubernetes/limit_ranges",
            r#"{"namespace":"dss","name":"small","max":{"memory":"4Gi"},"default":{"memory":"1Gi"}}"#,
        )],
    },
    Trial {
        name: "Spark's service account does not exist",
        finding: &super::SERVICE_ACCOUNT_MISSING,
        faults: &[Fault::AddIn(
            GENERAL,
            SPARK_CONF,
            r#"{"key": "spark.kubernetes.authenticate.executor.serviceAccountName", "value": "spark"}"#,
        )],
    },
    Trial {
        name: "a webhook does not answer",
        finding: &super::WEBHOOK_SILENT,
        faults: &[Fault::Add("/kubernetes/silent_webhooks", r#"{"namespace":"dss","webhook":"policy.example.com"}"#)],
    },
    Trial {
        name: "an admission webhook refuses every pod",
        finding: &super::POLICY,
        faults: &[Fault::Add(
            "/kubernetes/refusals",
            r#"{"namespace":"dss","webhook":"policy.example.com","message":"images must be signed"}"#,
        )],
    },
    Trial {
        name: "Pod Security is restricted: pods need a security context",
        finding: &super::SECURITY_CONTEXT,
        faults: &[Fault::Add("/kubernetes/pod_security", r#"{"namespace":"dss","level":"restricted"}"#)],
    },
    Trial {
        name: "a webhook replaces the images of DSS with those of a mirror",
        finding: &super::IMAGE_REWRITTEN,
        faults: &[Fault::Add(
            "/kubernetes/image_rewrites",
            r#"{"namespace":"dss","image":"dku-","registry":"mirror.corp.example"}"#,
        )],
    },
    Trial {
        name: "a mesh adds its sidecar",
        finding: &super::SIDECAR_INJECTED,
        faults: &[Fault::Add(
            "/kubernetes/sidecars",
            r#"{"namespace":"dss","name":"istio-proxy","image":"mesh.corp.example/proxy:1","init":false}"#,
        )],
    },
    Trial {
        name: "a mesh adds an init container",
        finding: &super::SIDECAR_INJECTED,
        faults: &[Fault::Add(
            "/kubernetes/sidecars",
            r#"{"namespace":"dss","name":"istio-init","image":"mesh.corp.example/proxy:1","init":true}"#,
        )],
    },
];
