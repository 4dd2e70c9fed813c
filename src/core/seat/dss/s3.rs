//! Connections that speak S3.

use crate::seat::store::Endpoint;

/// One S3 connection (type EC2) of DSS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Connection {
    pub name: String,
    /// A region, or the endpoint of another service than Amazon's; may be empty.
    pub endpoint: String,
    /// True where the bucket is asked for in the path and not in the host name.
    pub path_style: bool,
}

impl S3Connection {
    /// True for one that is aimed at OSS: OSS speaks S3 at its own endpoints.
    pub fn is_oss(&self) -> bool {
        let Ok(endpoint) = Endpoint::parse(self.endpoint.trim()) else { return false };
        let service = endpoint.host.strip_suffix(".aliyuncs.com");
        service.is_some_and(|service| service.split('.').any(|label| label == "oss" || label.starts_with("oss-")))
    }
}

#[cfg(test)]
mod tests {
    use super::S3Connection;

    #[test]
    fn an_endpoint_of_oss_is_told_from_others() {
        let is_oss = |endpoint: &str| {
            S3Connection { name: "s3".to_owned(), endpoint: endpoint.to_owned(), path_style: true }.is_oss()
        };
        for oss in [
            "oss-cn-hangzhou-internal.aliyuncs.com",
            "https://oss-cn-hangzhou.aliyuncs.com/",
            "s3.oss-cn-hangzhou.aliyuncs.com",
            " cn-hangzhou.oss.aliyuncs.com",
        ] {
            assert!(is_oss(oss), "{oss}");
        }
        for other in ["", "eu-west-1", "s3.eu-west-1.amazonaws.com", "ecs.cn-hangzhou.aliyuncs.com", "minio:9000"] {
            assert!(!is_oss(other), "{other}");
        }
    }
}
