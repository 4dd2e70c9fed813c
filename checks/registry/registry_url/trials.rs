//! Repository URLs that do not work.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

/// Sets the URL that DSS and the site have.
const fn url(json: &'static str) -> Fault {
    Fault::Set("/deployment/repository", json)
}

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the URL starts with https://",
        finding: &super::MALFORMED,
        faults: &[url("\"https://lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss\"")],
    },
    Trial {
        name: "the URL ends in a slash",
        finding: &super::MALFORMED,
        faults: &[url("\"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss/\"")],
    },
    Trial {
        name: "the URL does not name a namespace",
        finding: &super::MALFORMED,
        faults: &[url("\"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com\"")],
    },
    Trial {
        name: "the URL names an image and its tag",
        finding: &super::IMAGE_IN_URL,
        faults: &[url("\"lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss/exec:14.2\"")],
    },
    Trial {
        name: "the registry is in Shanghai",
        finding: &super::OTHER_REGION,
        faults: &[url("\"lab-registry-vpc.cn-shanghai.cr.aliyuncs.com/dss\"")],
    },
    Trial {
        name: "a Personal Edition registry in Beijing",
        finding: &super::OTHER_REGION,
        faults: &[url("\"registry-vpc.cn-beijing.aliyuncs.com/dss\"")],
    },
    Trial {
        name: "the public address of the registry",
        finding: &super::PUBLIC_ENDPOINT,
        faults: &[url("\"lab-registry.cn-hangzhou.cr.aliyuncs.com/dss\"")],
    },
    Trial {
        name: "the URL contains credentials",
        finding: &super::MALFORMED,
        faults: &[url("\"https://robot:CANARYurlPassword@lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss\"")],
    },
];
