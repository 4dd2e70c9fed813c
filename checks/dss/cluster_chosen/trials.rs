//! Clusters that DSS cannot find.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const GENERAL: LabFile = LabFile::Data("config/general-settings.json");
const KUBECONFIG: LabFile = LabFile::Data("kube/config");
/// A kubeconfig for another cluster.
const OTHER_CLUSTER: &str = super::super::settings_agree::OTHER_CLUSTER;
const NAMED: Fault =
    Fault::Replace(GENERAL, "\"kubeConfigPath\": null", "\"kubeConfigPath\": \"{{data}}/kube/config\"");

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "no cluster is the default, and that of kubectl is not to be used",
        finding: &super::NONE_SELECTED,
        faults: &[Fault::SetIn(GENERAL, "/useImplicitK8sCluster", "false")],
    },
    Trial {
        name: "the kubeconfig of DSS does not exist",
        finding: &super::KUBECONFIG_MISSING,
        faults: &[Fault::SetIn(
            GENERAL,
            "/containerSettings/executionConfigs/0/kubeConfigPath",
            "\"/home/dataiku/.kube/gone\"",
        )],
    },
    Trial {
        name: "DSS's kubeconfig is not one",
        finding: &super::KUBECONFIG_MISSING,
        faults: &[Fault::Write(KUBECONFIG, "<html><title>Sign in</title></html>\n"), NAMED],
    },
    Trial {
        name: "DSS's kubeconfig does not have the context",
        finding: &super::CONTEXT_MISSING,
        faults: &[
            Fault::Write(KUBECONFIG, OTHER_CLUSTER),
            NAMED,
            Fault::SetIn(GENERAL, "/containerSettings/executionConfigs/0/kubeCtlContext", "\"ack\""),
        ],
    },
];
