//! Packets that are lost against the rules, and packets that pass against them.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

/// Ports that are closed on the DSS host, as packets from everywhere find them.
const DROPPED: Fault =
    Fault::Add("/network/filtered", r#"{"node":"*","address":"10.0.0.20","ports":"20000-59999","how":"drop"}"#);

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
];
