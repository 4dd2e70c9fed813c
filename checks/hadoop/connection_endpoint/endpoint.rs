//! Whether a bucket can be asked at an endpoint, by the endpoint's text alone.

use ackcheck_core::hadoop_configuration::endpoint_accepted;
use ackcheck_core::java;
use ackcheck_core::placeholder;
use ackcheck_core::seat::store::{Endpoint, EndpointKind};

/// Says why no bucket, or not the one of the connection's root, can be asked there. The white space that Hadoop trims is allowed around it.
pub(crate) fn asked(text: &str, bucket: Option<&str>) -> Result<(), String> {
    let text = java::trim(text);
    if let Some(printed) = placeholder::found_in(text) {
        return Err(format!("{printed} is a placeholder of the documentation"));
    }
    endpoint_accepted(text)?;
    let endpoint = Endpoint::parse(text)?;
    if endpoint.host.split('.').any(|label| label.len() > 63) {
        return Err("a part of the host name is too long".to_owned());
    }
    if !endpoint.host.contains('.') && endpoint.host != "localhost" {
        return Err("a single word is not a host name".to_owned());
    }
    if endpoint.host.ends_with("console.aliyun.com") || endpoint.host.ends_with("console.alibabacloud.com") {
        return Err("it is an address of the web console, not an endpoint of OSS".to_owned());
    }
    if endpoint.kind() == EndpointKind::Hdfs {
        return Err("it is an endpoint of OSS-HDFS, which the HOWTO's jars do not speak".to_owned());
    }
    if let Some(bucket) = bucket
        && endpoint.host.starts_with(&format!("{bucket}."))
    {
        return Err(format!("it starts with the bucket, so that requests go to {bucket}.{}", endpoint.host));
    }
    if !matches!(endpoint.path.as_str(), "" | "/") {
        return Err(format!("the SDK puts the path {} before every object's key", endpoint.path));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::asked;

    #[test]
    fn tells_endpoints_from_other_texts() {
        for fine in [
            "oss-cn-hangzhou-internal.aliyuncs.com",
            "https://oss-cn-hangzhou.aliyuncs.com/",
            " oss.corp.example\n",
            "10.0.0.5",
            "10.0.0.5:8080",
            "oss-accelerate.aliyuncs.com",
        ] {
            assert!(asked(fine, Some("acme-dss")).is_ok(), "{fine}");
        }
        for other in [
            "cn-hangzhou",
            "OSS_ENDPOINT_DOMAIN_NAME",
            "<your-endpoint>",
            "oss-cn-xxx.aliyuncs.com",
            "oss cn hangzhou.aliyuncs.com",
            "oss://b.x",
            "a..b",
            "https://",
            "https://oss.console.aliyun.com/bucket/oss-cn-hangzhou/acme-dss",
            "https://oss.console.aliyun.com",
            "oss-cn-hangzhou.aliyuncs.com/acme-dss",
            "oss-cn-hangzhou-internal.aliyuncs.com\u{a0}",
            "\u{a0}oss-cn-hangzhou-internal.aliyuncs.com",
            "me:word@oss-cn-hangzhou.aliyuncs.com",
            "cn-hangzhou.oss-dls.aliyuncs.com",
            "acme-dss.oss-cn-hangzhou-internal.aliyuncs.com",
        ] {
            assert!(asked(other, Some("acme-dss")).is_err(), "{other}");
        }
    }
}
