//! Name servers of pods that are slow, deaf in part, of different opinions, or know every name.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

const SERVERS: &str = "/network/pod_dns/servers";

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the company's domain is in the search list, and has an address for every name",
        finding: &super::SEARCH_WILDCARD,
        faults: &[
            Fault::Add("/network/pod_dns/search", r#""corp.example""#),
            Fault::Set("/network/pod_dns/wildcards", r#"{"corp.example": "10.9.9.9"}"#),
        ],
    },
    Trial {
        name: "a second name server knows another DSS host",
        finding: &super::ANSWERS_DIFFER,
        faults: &[Fault::Add(
            SERVERS,
            r#"{"address": "10.0.0.53", "took_ms": 3, "names": {"dss.lab.internal": ["10.0.0.99"]}}"#,
        )],
    },
    Trial {
        name: "a second name server knows no internal names",
        finding: &super::ANSWERS_DIFFER,
        faults: &[Fault::Add(
            SERVERS,
            r#"{"address": "10.0.0.53", "took_ms": 3, "names": {"oss-cn-hangzhou-internal.aliyuncs.com": []}}"#,
        )],
    },
    Trial {
        name: "the first of two name servers is gone",
        finding: &super::SERVER_DEAD,
        faults: &[Fault::Set(
            SERVERS,
            r#"[{"address": "10.0.0.53", "took_ms": 3, "silent": true}, {"address": "172.21.0.10", "took_ms": 2}]"#,
        )],
    },
    Trial {
        name: "the second of two is gone, and resolvers take turns",
        finding: &super::SERVER_DEAD,
        faults: &[
            Fault::Add(SERVERS, r#"{"address": "10.0.0.53", "took_ms": 3, "silent": true}"#),
            Fault::Set("/network/pod_dns/rotate", "true"),
        ],
    },
    Trial {
        name: "a firewall drops queries for IPv6 addresses",
        finding: &super::AAAA_UNANSWERED,
        faults: &[Fault::Set("/network/pod_dns/servers/0/silent_for_ipv6", "true")],
    },
    Trial {
        name: "CoreDNS has too little processor time",
        finding: &super::SLOW,
        faults: &[Fault::Set("/network/pod_dns/servers/0/took_ms", "1400")],
    },
];
