//! Settings of DSS that the site file contradicts.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const SITE: LabFile = LabFile::Data("bin/env-site.sh");
const GENERAL: LabFile = LabFile::Data("config/general-settings.json");
const CONNECTIONS: LabFile = LabFile::Data("config/connections.json");
const KUBECONFIG: LabFile = LabFile::Data("kube/config");

/// A kubeconfig for another cluster.
pub(in crate::dss) const OTHER_CLUSTER: &str = "apiVersion: v1\nkind: Config\ncurrent-context: other\n\
    clusters: [{name: other, cluster: {server: 'https://10.9.9.9:6443'}}]\n\
    users: [{name: dss, user: {token: CANARYtokenOfTheOtherCluster}}]\n\
    contexts: [{name: other, context: {cluster: other, user: dss}}]\n";

/// Sets something of DSS's container configuration.
const fn container(pointer: &'static str, json: &'static str) -> Fault {
    Fault::SetIn(GENERAL, pointer, json)
}

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "DSS gives containers another name of its host",
        finding: &super::NAME_DIFFERS,
        faults: &[
            Fault::Replace(
                SITE,
                "DKU_BACKEND_EXT_HOST={{/deployment/host/name}}",
                "DKU_BACKEND_EXT_HOST={{/deployment/host/short_name}}",
            ),
            // Pods know it, so that nothing else is wrong.
            Fault::Add("/network/cluster_dns", r#"{"node":"*","name":"dss","addresses":["10.0.0.20"]}"#),
        ],
    },
    Trial {
        name: "DSS gives containers the address of another machine",
        finding: &super::NAME_DIFFERS,
        faults: &[Fault::Replace(
            SITE,
            "DKU_BACKEND_EXT_HOST={{/deployment/host/name}}",
            "DKU_BACKEND_EXT_HOST=10.0.0.99",
        )],
    },
    Trial {
        name: "DSS pushes its images to Docker Hub",
        finding: &super::REPOSITORY_DIFFERS,
        faults: &[
            container("/containerSettings/executionConfigs/0/repositoryURL", "\"docker.io/acme\""),
            container("/sparkSettings/executionConfigs/0/kubernetesSettings/repositoryURL", "\"docker.io/acme\""),
            container("/sparkSettings/executionConfigs/1/kubernetesSettings/repositoryURL", "\"docker.io/acme\""),
        ],
    },
    Trial {
        name: "Spark's images go to the registry's public address",
        finding: &super::REPOSITORY_NOT_ASKED,
        faults: &[container(
            "/sparkSettings/executionConfigs/0/kubernetesSettings/repositoryURL",
            "\"lab-registry.cn-hangzhou.cr.aliyuncs.com/dss\"",
        )],
    },
    Trial {
        name: "DSS starts pods in the default namespace",
        finding: &super::NAMESPACE_DIFFERS,
        faults: &[container("/containerSettings/executionConfigs/0/kubernetesNamespace", "\"default\"")],
    },
    Trial {
        name: "Spark's pods are in a namespace of their own",
        finding: &super::NAMESPACE_DIFFERS,
        faults: &[container("/sparkSettings/executionConfigs/0/kubernetesSettings/managedNamespace", "\"spark\"")],
    },
    Trial {
        name: "DSS's kubeconfig leads to another cluster",
        finding: &super::KUBECONFIG_DIFFERS,
        faults: &[
            Fault::Write(KUBECONFIG, OTHER_CLUSTER),
            Fault::Replace(GENERAL, "\"kubeConfigPath\": null", "\"kubeConfigPath\": \"{{data}}/kube/config\""),
        ],
    },
    Trial {
        name: "DSS uses another context",
        finding: &super::KUBECONFIG_DIFFERS,
        faults: &[container("/containerSettings/executionConfigs/0/kubeCtlContext", "\"staging\"")],
    },
    Trial {
        name: "the connection has another access key",
        finding: &super::CONNECTION_DIFFERS,
        faults: &[Fault::SetIn(
            CONNECTIONS,
            "/connections/oss_managed/params/extraConf/1/value",
            "\"LTAI5tLabAnotherKey00001\"",
        )],
    },
    Trial {
        name: "the data directory is a copy of another one",
        finding: &super::DIRECTORY_DIFFERS,
        faults: &[Fault::Write(LabFile::Data("install-support/expected-dip-home.txt"), "/data/dataiku_before\n")],
    },
    Trial {
        name: "DSS has no connection to OSS yet",
        finding: &super::NO_CONNECTION,
        faults: &[
            Fault::RemoveIn(CONNECTIONS, "/connections/oss_managed"),
            // Nobody says that DSS can sign for it with version 4.
            Fault::Set("/storage/exchange_bucket/v1_refused", "false"),
        ],
    },
    Trial {
        name: "a second connection to OSS is left out",
        finding: &super::BUCKET_NOT_ASKED,
        faults: &[Fault::SetIn(
            CONNECTIONS,
            "/connections/oss_archive",
            r#"{"type": "HDFS", "params": {"root": "oss://lab-dss-archive/dss", "extraConf": [
                {"name": "fs.oss.endpoint", "value": "oss-cn-hangzhou-internal.aliyuncs.com"},
                {"name": "fs.oss.accessKeyId", "value": "LTAI5tLabOssKeyId000001"},
                {"name": "fs.oss.accessKeySecret", "value": "e:AES:Q0FOQVJZ", "secret": true}]}}"#,
        )],
    },
];
