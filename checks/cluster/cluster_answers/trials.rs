//! Kubeconfigs that lead nowhere, and clusters that do not answer.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "nothing listens at the server",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Set("/kubernetes/kubeconfig/server", "\"closed\"")],
    },
    Trial {
        name: "the server accepts connections and never answers",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Set("/kubernetes/kubeconfig/server", "\"silent\"")],
    },
    Trial {
        name: "the kubeconfig trusts another cluster's authority",
        finding: &super::TLS,
        faults: &[Fault::Set("/kubernetes/kubeconfig/authority", "\"other\"")],
    },
    Trial {
        name: "the client certificate has expired",
        finding: &super::EXPIRED,
        faults: &[Fault::Set("/kubernetes/kubeconfig/certificate", "\"expired\"")],
    },
    Trial {
        name: "the token has expired",
        finding: &super::EXPIRED,
        faults: &[Fault::Set("/kubernetes/kubeconfig/certificate", "\"expired-token\"")],
    },
    Trial {
        name: "the cluster's authority has expired",
        finding: &super::EXPIRED,
        faults: &[Fault::Set("/kubernetes/kubeconfig/authority", "\"expired\"")],
    },
    Trial {
        name: "the client certificate expires in a few days",
        finding: &super::EXPIRES_SOON,
        faults: &[Fault::Set("/kubernetes/kubeconfig/certificate", "\"ending\"")],
    },
    Trial {
        name: "the client certificate belongs to another cluster",
        finding: &super::UNAUTHORIZED,
        faults: &[Fault::Set("/kubernetes/kubeconfig/certificate", "\"unknown\"")],
    },
    Trial {
        name: "the kubeconfig does not contain credentials",
        finding: &super::UNAUTHORIZED,
        faults: &[Fault::Set("/kubernetes/kubeconfig/certificate", "\"none\"")],
    },
    Trial {
        name: "the context has another name",
        finding: &super::CONTEXT_MISSING,
        faults: &[Fault::Set("/kubernetes/kubeconfig/context", "\"production\"")],
    },
    Trial {
        name: "the kubeconfig is truncated",
        finding: &super::KUBECONFIG_UNUSABLE,
        faults: &[Fault::Set("/kubernetes/kubeconfig/form", "\"not-yaml\"")],
    },
    Trial {
        name: "the kubeconfig does not exist",
        finding: &super::KUBECONFIG_UNUSABLE,
        faults: &[Fault::Set("/kubernetes/kubeconfig/form", "\"missing\"")],
    },
    Trial {
        name: "the context names a user that does not exist",
        finding: &super::UNAUTHORIZED,
        faults: &[Fault::Set("/kubernetes/kubeconfig/form", "\"no-user\"")],
    },
    Trial {
        name: "the credential plugin is not installed",
        finding: &super::KUBECONFIG_UNUSABLE,
        faults: &[Fault::Set("/kubernetes/kubeconfig/form", "\"exec-missing\"")],
    },
    Trial {
        name: "the credential plugin is of an interface that kubectl refuses",
        finding: &super::KUBECONFIG_UNUSABLE,
        faults: &[Fault::Set("/kubernetes/kubeconfig/form", "\"exec-old\"")],
    },
];
