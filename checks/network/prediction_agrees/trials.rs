//! Packets that are lost against the rules, and packets that pass against them.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

/// Ports that are closed on the DSS host, as packets from everywhere find them.
const DROPPED: Fault =
    Fault::Add("/network/filtered", r#"{"node":"*","address":"10.0.0.20","ports":"20000-59999","how":"drop"}"#);

/// The cluster has Cilium's kinds, and Calico's.
const CILIUM: Fault = Fault::Add("/kubernetes/policy_groups", "\"cilium.io\"");
const CALICO: Fault = Fault::Add("/kubernetes/policy_groups", "\"crd.projectcalico.org\"");

/// A policy that isolates every pod of DSS's namespace, and lets it reach all ports but those that are lost.
const CILIUM_ISOLATES: Fault = Fault::Add(
    "/kubernetes/network_policies",
    r#"{"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": {"namespace": "dss", "name": "isolate"},
        "spec": {"endpointSelector": {}, "egress": [
            {"toEntities": ["cluster"]},
            {"toEntities": ["world"], "toPorts": [{"ports": [
                {"port": "1", "endPort": 19999, "protocol": "TCP"}, {"port": "60000", "endPort": 65535, "protocol": "TCP"}]}]}]}}"#,
);

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "an nftables rule of the DSS host drops ports 20000 to 59999",
        finding: &super::HOST_FIREWALL,
        faults: &[
            DROPPED,
            Fault::Set(
                "/host/firewall/nft",
                r#"{"nftables": [
                    {"metainfo": {"version": "1.0.9", "json_schema_version": 1}},
                    {"table": {"family": "inet", "name": "filter", "handle": 1}},
                    {"chain": {"family": "inet", "table": "filter", "name": "input", "handle": 1, "type": "filter", "hook": "input", "prio": 0, "policy": "accept"}},
                    {"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 4, "expr": [
                        {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}]}},
                    {"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 5, "expr": [
                        {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": {"range": [20000, 59999]}}}, {"counter": {"packets": 1, "bytes": 60}}, {"drop": null}]}}
                ]}"#,
            ),
        ],
    },
    Trial {
        name: "ufw closes everything but SSH and DSS",
        finding: &super::HOST_FIREWALL,
        faults: &[
            Fault::Add("/network/filtered", r#"{"node":"*","address":"10.0.0.20","ports":"1-21","how":"drop"}"#),
            Fault::Add("/network/filtered", r#"{"node":"*","address":"10.0.0.20","ports":"23-11199","how":"drop"}"#),
            Fault::Add("/network/filtered", r#"{"node":"*","address":"10.0.0.20","ports":"11211-65535","how":"drop"}"#),
            Fault::Set(
                "/host/firewall/iptables",
                r#""*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:ufw-before-input - [0:0]\n:ufw-user-input - [0:0]\n-A INPUT -j ufw-before-input\n-A INPUT -j ufw-user-input\n-A ufw-before-input -i lo -j ACCEPT\n-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A ufw-user-input -p tcp -m tcp --dport 22 -j ACCEPT\n-A ufw-user-input -p tcp -m multiport --dports 11200:11210 -j ACCEPT\nCOMMIT\n""#,
            ),
        ],
    },
    Trial {
        name: "packets are lost, and the DSS host does not drop them",
        finding: &super::UNKNOWN_HOP,
        faults: &[DROPPED],
    },
    Trial {
        name: "packets are lost, and the DSS host does not say what it drops",
        finding: &super::UNKNOWN_HOP,
        faults: &[DROPPED, Fault::Set("/host/firewall/nft", "null"), Fault::Set("/host/firewall/iptables", "null")],
    },
    Trial {
        name: "packets pass that no rule allows",
        finding: &super::OPEN_AGAINST_RULES,
        faults: &[Fault::Remove("/cloud/security_groups/0/rules/1"), Fault::Set("/network/rules_apply", "false")],
    },
    Trial {
        name: "a network policy lets pods reach SSH and DSS alone",
        finding: &super::NETWORK_POLICY,
        faults: &[
            Fault::Add("/network/filtered", r#"{"node":"*","address":"10.0.0.20","ports":"1-21","how":"drop"}"#),
            Fault::Add("/network/filtered", r#"{"node":"*","address":"10.0.0.20","ports":"23-11199","how":"drop"}"#),
            Fault::Add("/network/filtered", r#"{"node":"*","address":"10.0.0.20","ports":"11211-65535","how":"drop"}"#),
            Fault::Add(
                "/kubernetes/network_policies",
                r#"{"metadata": {"namespace": "dss", "name": "only-dss"}, "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [
                    {"to": [{"ipBlock": {"cidr": "10.0.0.20/32"}}], "ports": [{"protocol": "TCP", "port": 22}, {"protocol": "TCP", "port": 11200, "endPort": 11210}]},
                    {"ports": [{"protocol": "UDP", "port": 53}]}]}}"#,
            ),
        ],
    },
    Trial {
        name: "a policy of Cilium isolates the pods and does not allow ports 20000 to 59999",
        finding: &super::NETWORK_POLICY,
        faults: &[DROPPED, CILIUM, CILIUM_ISOLATES],
    },
    Trial {
        name: "a policy of Cilium for the whole cluster isolates the pods and allows DNS and DSS alone",
        finding: &super::NETWORK_POLICY,
        faults: &[
            Fault::Add("/network/filtered", r#"{"node":"*","address":"10.0.0.20","ports":"1-11199","how":"drop"}"#),
            Fault::Add("/network/filtered", r#"{"node":"*","address":"10.0.0.20","ports":"11211-65535","how":"drop"}"#),
            CILIUM,
            Fault::Add(
                "/kubernetes/network_policies",
                r#"{"apiVersion": "cilium.io/v2", "kind": "CiliumClusterwideNetworkPolicy", "metadata": {"name": "isolate-dss"},
                    "spec": {"endpointSelector": {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "dss"}}, "egress": [
                        {"toEndpoints": [{"matchLabels": {"k8s:k8s-app": "kube-dns"}}], "toPorts": [{"ports": [{"port": "53", "protocol": "ANY"}]}]},
                        {"toCIDRSet": [{"cidr": "0.0.0.0/0", "except": ["10.0.0.20/32"]}]},
                        {"toCIDR": ["10.0.0.20/32"], "toPorts": [{"ports": [{"port": "11200", "endPort": 11210, "protocol": "TCP"}]}]}]}}"#,
            ),
        ],
    },
    Trial {
        name: "a rule of Cilium denies ports 20000 to 59999, and a policy of Kubernetes allows them",
        finding: &super::POLICY_DENIES,
        faults: &[
            DROPPED,
            CILIUM,
            Fault::Add(
                "/kubernetes/network_policies",
                r#"{"metadata": {"namespace": "dss", "name": "all"}, "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{}]}}"#,
            ),
            Fault::Add(
                "/kubernetes/network_policies",
                r#"{"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": {"namespace": "dss", "name": "no-high-ports"},
                    "spec": {"endpointSelector": {}, "egressDeny": [
                        {"toEntities": ["world"], "toPorts": [{"ports": [{"port": "20000", "endPort": 59999, "protocol": "TCP"}]}]}]}}"#,
            ),
        ],
    },
    Trial {
        name: "a policy of Calico denies ports 20000 to 59999 before a later one allows them",
        finding: &super::NETWORK_POLICY,
        faults: &[
            DROPPED,
            CALICO,
            Fault::Add(
                "/kubernetes/network_policies",
                r#"{"apiVersion": "crd.projectcalico.org/v1", "kind": "NetworkPolicy", "metadata": {"namespace": "dss", "name": "default.allow-all"},
                    "spec": {"order": 200, "selector": "all()", "types": ["Egress"], "egress": [{"action": "Allow"}]}}"#,
            ),
            Fault::Add(
                "/kubernetes/network_policies",
                r#"{"apiVersion": "crd.projectcalico.org/v1", "kind": "NetworkPolicy", "metadata": {"namespace": "dss", "name": "default.no-high-ports"},
                    "spec": {"order": 100, "selector": "app.kubernetes.io/managed-by != 'nobody'", "types": ["Egress"], "egress": [
                        {"action": "Log"},
                        {"action": "Deny", "protocol": "TCP", "destination": {"nets": ["10.0.0.0/24"], "ports": ["20000:59999"]}}]}}"#,
            ),
        ],
    },
    Trial {
        name: "a policy of Calico for the whole cluster denies ports of a network set that the DSS host is in",
        finding: &super::NETWORK_POLICY,
        faults: &[
            DROPPED,
            CALICO,
            Fault::Add(
                "/kubernetes/network_policies",
                r#"{"apiVersion": "crd.projectcalico.org/v1", "kind": "GlobalNetworkSet", "metadata": {"name": "studios", "labels": {"role": "studio"}},
                    "spec": {"nets": ["10.0.0.16/28"]}}"#,
            ),
            Fault::Add(
                "/kubernetes/network_policies",
                r#"{"apiVersion": "crd.projectcalico.org/v1", "kind": "Tier", "metadata": {"name": "security"}, "spec": {"order": 100}}"#,
            ),
            Fault::Add(
                "/kubernetes/network_policies",
                r#"{"apiVersion": "crd.projectcalico.org/v1", "kind": "GlobalNetworkPolicy", "metadata": {"name": "security.studios"},
                    "spec": {"tier": "security", "namespaceSelector": "projectcalico.org/name == 'dss'", "types": ["Egress"], "egress": [
                        {"action": "Deny", "protocol": "TCP", "destination": {"selector": "role == 'studio'", "ports": ["20000:59999"]}},
                        {"action": "Pass"}]}}"#,
            ),
        ],
    },
    Trial {
        name: "packets are lost, and what a policy of Cilium allows depends on names",
        finding: &super::UNKNOWN_HOP,
        faults: &[
            DROPPED,
            CILIUM,
            Fault::Add(
                "/kubernetes/network_policies",
                r#"{"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": {"namespace": "dss", "name": "by-name"},
                    "spec": {"endpointSelector": {}, "egress": [{"toFQDNs": [{"matchPattern": "*.internal"}]}]}}"#,
            ),
        ],
    },
    Trial {
        name: "packets are lost, and the account is not allowed to list the policies of Cilium for the whole cluster",
        finding: &super::UNKNOWN_HOP,
        faults: &[
            DROPPED,
            CILIUM,
            CILIUM_ISOLATES,
            Fault::Add(
                "/kubernetes/denied",
                r#"{"verb": "list", "group": "cilium.io", "resource": "ciliumclusterwidenetworkpolicies", "namespace": "*"}"#,
            ),
        ],
    },
];
