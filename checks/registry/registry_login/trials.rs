//! Logins that fail.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the registry refuses connections",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host":"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com","how":"refused"}"#,
        )],
    },
    Trial {
        name: "the instance is not linked to the VPC: its name does not resolve",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Remove("/dns/records/lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com")],
    },
    Trial {
        name: "the registry answers 500 to everything",
        finding: &super::UNREACHABLE,
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host":"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com","how":"error-500"}"#,
        )],
    },
    Trial {
        name: "the registry's certificate is from an unknown issuer",
        finding: &super::TLS,
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host":"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com","how":"unknown-issuer"}"#,
        )],
    },
    Trial {
        name: "the registry speaks HTTP on its port",
        finding: &super::PLAIN_HTTP,
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host":"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com","how":"no-tls"}"#,
        )],
    },
    Trial {
        name: "another service answers 200 with JSON of its own",
        finding: &super::NOT_A_REGISTRY,
        faults: &[Fault::Add(
            "/registry/answers",
            r#"{"method":"GET","path":"/v2/","status":200,"body":"{\"status\":\"ok\"}"}"#,
        )],
    },
    Trial {
        name: "the host leads to a web page elsewhere",
        finding: &super::NOT_A_REGISTRY,
        faults: &[Fault::Add(
            "/registry/answers",
            r#"{"method":"GET","path":"/v2/","status":302,"headers":{"location":"https://portal.example.com/login"}}"#,
        )],
    },
    Trial {
        name: "the registry puts everyone off for an hour",
        finding: &super::THROTTLED,
        faults: &[Fault::Add(
            "/registry/answers",
            r#"{"method":"GET","path":"/v2/","status":429,"headers":{"retry-after":"3600"},"body":"{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"too many requests\"}]}"}"#,
        )],
    },
    Trial {
        name: "the token service refuses connections",
        finding: &super::TOKEN_SERVICE_UNREACHABLE,
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host":"dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com","how":"refused"}"#,
        )],
    },
    Trial {
        name: "the token service answers garbage",
        finding: &super::TOKEN_SERVICE_UNREACHABLE,
        faults: &[Fault::Add(
            "/gateway/broken",
            r#"{"host":"dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com","how":"garbage"}"#,
        )],
    },
    Trial {
        name: "the password was changed in the console",
        finding: &super::UNAUTHORIZED,
        faults: &[Fault::Set("/registry/password", "\"changed\"")],
    },
    Trial {
        // {"instanceId":"cri-lab0000000000000","time":"1767323045000","type":"user","userId":"1000000000000001"}
        name: "the temporary password dates from January",
        finding: &super::EXPIRED,
        faults: &[Fault::Set(
            "/deployment/registry_user",
            r#"{"name":"cr_temp_user","password":"eyJpbnN0YW5jZUlkIjoiY3JpLWxhYjAwMDAwMDAwMDAwMDAiLCJ0aW1lIjoiMTc2NzMyMzA0NTAwMCIsInR5cGUiOiJ1c2VyIiwidXNlcklkIjoiMTAwMDAwMDAwMDAwMDAwMSJ9:CANARY0123456789abcdef0123456789abcdef012"}"#,
        )],
    },
];
