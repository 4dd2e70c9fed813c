//! What the endpoint's text alone says, read as the SDK under Hadoop reads it.

use ackcheck_core::placeholder;

use super::{
    BUCKET_IN_ENDPOINT, Endpoint, EndpointKind, Finding, MALFORMED, OSS_HDFS, PLACEHOLDER, StoreTarget, found,
};

/// The endpoint, or why its text cannot be one.
pub(super) fn read(target: &StoreTarget) -> Result<Endpoint, Finding> {
    let text = &target.endpoint;
    if let Some(printed) = placeholder::found_in(text) {
        let seen = format!("the endpoint {text:?} of the {} has `{printed}` in place of a value", target.subject);
        return Err(found(&PLACEHOLDER, target, seen));
    }
    let endpoint = Endpoint::parse(text)
        .map_err(|why| found(&MALFORMED, target, format!("the endpoint {text:?} of the {}: {why}", target.subject)))?;
    if endpoint.kind() == EndpointKind::Hdfs {
        let seen = format!("the endpoint {text:?} of the {} is one of OSS-HDFS", target.subject);
        return Err(found(&OSS_HDFS, target, seen));
    }
    if !endpoint.path.trim_matches('/').is_empty() {
        let seen = format!("the endpoint {text:?} of the {} ends in the path {}", target.subject, endpoint.path);
        return Err(found(&MALFORMED, target, seen));
    }
    if let Some(rest) = endpoint.host.strip_prefix(&format!("{}.", target.bucket)) {
        let seen = format!("the endpoint {text} starts with the bucket, so requests go to {}.{text}", target.bucket);
        return Err(found(&BUCKET_IN_ENDPOINT, target, seen).with("right_endpoint", rest));
    }
    Ok(endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::subject::{Kind, Subject};

    #[test]
    fn tells_what_is_not_an_endpoint_from_what_only_looks_odd() {
        for (text, right) in [
            ("oss-cn-hangzhou-internal.aliyuncs.com", None),
            (" oss-cn-hangzhou-internal.aliyuncs.com\n", None),
            ("https://oss-cn-hangzhou.aliyuncs.com/", None),
            ("oss-cache-cn-hangzhou-h.aliyuncs.com", None),
            ("oss-cn-hangzhou-internal.aliyuncs.com\u{a0}", Some("malformed")),
            ("https://oss.console.aliyun.com/bucket/oss-cn-hangzhou/acme-dss", Some("malformed")),
            ("OSS_ENDPOINT_DOMAIN_NAME", Some("placeholder")),
            ("oss-<region>-internal.aliyuncs.com", Some("placeholder")),
            ("oss-cn-xxxxx.aliyuncs.com", Some("placeholder")),
            ("cn-hangzhou.oss-dls.aliyuncs.com", Some("oss-hdfs")),
            ("acme-dss.cn-hangzhou.oss-dls.aliyuncs.com", Some("oss-hdfs")),
            ("acme-dss.oss-cn-hangzhou.aliyuncs.com", Some("bucket-in-endpoint")),
        ] {
            let target = StoreTarget {
                subject: Subject::new(Kind::Bucket, "b"),
                bucket: "acme-dss".to_owned(),
                prefix: String::new(),
                endpoint: text.to_owned(),
                region: Some("cn-hangzhou".to_owned()),
                access_key_id: "LTAIx".to_owned(),
            };
            assert_eq!(read(&target).err().map(|finding| finding.code.name), right, "{text:?}");
        }
    }
}
