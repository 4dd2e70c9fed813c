//! Repository URLs that do not serve.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

/// Sets the URL that DSS and the site have.
const fn url(json: &'static str) -> Fault {
    Fault::Set("/deployment/repository", json)
}

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the URL starts with https://",
        finding: "malformed",
        faults: &[url("\"https://lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss\"")],
    },
    Trial {
        name: "the URL ends in a slash",
        finding: "malformed",
        faults: &[url("\"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss/\"")],
    },
    Trial {
        name: "the URL names no namespace",
        finding: "malformed",
        faults: &[url("\"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com\"")],
    },
    Trial {
        name: "the URL names an image and its tag",
        finding: "image-in-url",
        faults: &[url("\"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss/exec:14.2\"")],
    },
    Trial {
        name: "the registry is in Shanghai",
        finding: "other-region",
        faults: &[url("\"lab-registry-vpc.cn-shanghai.cr.aliyuncs.com/dss\"")],
    },
    Trial {
        name: "a Personal Edition registry in Beijing",
        finding: "other-region",
        faults: &[url("\"registry-vpc.cn-beijing.aliyuncs.com/dss\"")],
    },
    Trial {
        name: "the public address of the registry",
        finding: "public-endpoint",
        faults: &[url("\"lab-registry.cn-hangzhou.cr.aliyuncs.com/dss\"")],
    },
];
