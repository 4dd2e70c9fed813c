//! The object store: OSS, asked with the keys DSS will use.

use async_trait::async_trait;

use super::operation::{Need, Operation};
use super::{Heard, NameAnswer, Seen};
use crate::place::Vantage;
use crate::right::Right;
use crate::subject::Subject;

/// One bucket to look at, as DSS is or will be configured for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreTarget {
    /// The connection of DSS or the bucket of the site file, by its name there.
    pub subject: Subject,
    pub bucket: String,
    /// The path within the bucket, without leading or trailing slash; may be empty.
    pub prefix: String,
    /// The endpoint exactly as configured, mistakes included.
    pub endpoint: String,
    /// The region it should be in, where the site says.
    pub region: Option<String>,
    /// The AccessKey id; the secret stays in the seat.
    pub access_key_id: String,
}

/// An OSS endpoint as a setting holds it, taken apart as the Java SDK under Hadoop does (`com.aliyun.oss`, 3.11.2:
/// a scheme and a path are tolerated; the bucket is put before the host of Alibaba's own domains only).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `http` or `https`, where one is written.
    pub scheme: Option<String>,
    /// The host name or address, lower case.
    pub host: String,
    pub port: Option<u16>,
    /// What follows the host: empty, `/`, `/path`.
    pub path: String,
}

/// How a bucket is addressed at an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressing {
    /// `https://bucket.endpoint/key`.
    VirtualHost,
    /// `https://endpoint/bucket/key`: addresses and localhost only.
    Path,
    /// `https://endpoint/key`: a domain of the owner's, bound to the bucket.
    CustomDomain,
}

impl Endpoint {
    /// Takes an endpoint apart; the error says what is wrong with its text.
    pub fn parse(text: &str) -> Result<Endpoint, String> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text),
        };
        if let Some(other) = scheme.as_deref().filter(|scheme| *scheme != "http" && *scheme != "https") {
            return Err(format!("the scheme {other}:// is neither http nor https"));
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => {
                let number = port.parse::<u16>().map_err(|_| format!("`{port}` is not a port"))?;
                (host, Some(number))
            }
            None => (authority, None),
        };
        if host.is_empty() {
            return Err("it does not name a host".to_owned());
        }
        if let Some(odd) = host.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))) {
            return Err(format!("a host name cannot contain {odd:?}"));
        }
        Ok(Endpoint { scheme, host: host.to_ascii_lowercase(), port, path: path.to_owned() })
    }

    /// How a bucket is addressed here.
    pub fn addressing(&self) -> Addressing {
        let alibaba = ["aliyuncs.com", "aliyun-inc.com", "aliyun.com"];
        if self.host == "localhost" || self.host.parse::<std::net::IpAddr>().is_ok() {
            Addressing::Path
        } else if alibaba.iter().any(|domain| self.host.ends_with(domain)) {
            Addressing::VirtualHost
        } else {
            Addressing::CustomDomain
        }
    }

    /// The host's first label or labels before `.aliyuncs.com`, where it is an OSS endpoint: `oss-cn-hangzhou-internal`.
    fn service(&self) -> Option<&str> {
        self.host.strip_suffix(".aliyuncs.com")
    }

    /// The region an OSS endpoint is of: `cn-hangzhou`. None for acceleration endpoints and other hosts.
    pub fn region(&self) -> Option<&str> {
        let service = self.service()?;
        let region = match service {
            "oss" | "oss-internal" => "cn-hangzhou",
            _ => match service.strip_suffix(".oss") {
                Some(region) => region.strip_suffix("-internal").unwrap_or(region),
                None => {
                    let region = service.strip_prefix("oss-")?;
                    region.strip_suffix("-internal").unwrap_or(region)
                }
            },
        };
        (!region.is_empty() && !region.starts_with("accelerate") && !region.contains('.')).then_some(region)
    }

    /// True for endpoints that answer only inside their region's Alibaba network.
    pub fn internal(&self) -> bool {
        self.service().is_some_and(|service| service.trim_end_matches(".oss").ends_with("-internal"))
    }
}

/// One thing to ask of a bucket. Keys are below the target's prefix in a folder of this run alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreRequest {
    /// `GET /?bucketInfo`.
    BucketInfo,
    /// `GET /?list-type=2` below the prefix, at most 10 keys.
    List,
    /// `PUT` of a small object named by this run.
    Put { name: String, body: String },
    /// `GET` of it.
    Get { name: String },
    /// `HEAD` of it.
    Head { name: String },
    /// `DELETE` of it.
    Delete { name: String },
}

impl StoreRequest {
    /// The right OSS asks for before it does this.
    pub fn right(&self) -> Right {
        match self {
            StoreRequest::BucketInfo => Right::bucket("oss:GetBucketInfo"),
            StoreRequest::List => LIST_OBJECTS,
            StoreRequest::Put { .. } => PUT_OBJECT,
            StoreRequest::Get { .. } | StoreRequest::Head { .. } => GET_OBJECT,
            StoreRequest::Delete { .. } => DELETE_OBJECT,
        }
    }

    /// The right that this answer refuses: the action that OSS names, where it names one.
    pub fn right_refused(&self, reply: &StoreReply) -> Right {
        let named = reply.denial.as_ref().and_then(|denial| denial.action.clone());
        match (self.right(), named) {
            (Right::Bucket(_), Some(action)) => Right::Bucket(action.into()),
            (_, Some(action)) => Right::Objects(action.into()),
            (right, None) => right,
        }
    }
}

/// What a refusal tells of the policies behind it: the `AccessDeniedDetail` of the error body
/// (<https://www.alibabacloud.com/help/en/oss/support/0003-00000201>). Each part may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Denial {
    /// `AuthAction`: the RAM action that was asked for.
    pub action: Option<String>,
    /// `NoPermissionType`: `ExplicitDeny` where a policy forbids it, `ImplicitDeny` where none allows it.
    pub kind: Option<String>,
    /// `PolicyType`: which sort of policy decided.
    pub policy: Option<String>,
    /// `AuthPrincipalDisplayName`: who was refused.
    pub principal: Option<String>,
}

/// What OSS answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoreReply {
    pub status: u16,
    /// The error's `Code`, `Message` and `EC`, where it is one.
    pub code: Option<String>,
    pub message: Option<String>,
    pub ec: Option<String>,
    /// The `Endpoint` of a wrong-endpoint error: the right one.
    pub endpoint: Option<String>,
    /// Of a refusal: what it tells of the policies.
    pub denial: Option<Denial>,
    pub request_id: Option<String>,
    /// The `x-oss-version-id` header: the bucket keeps versions.
    pub version_id: Option<String>,
    /// Of `BucketInfo`: `oss-cn-hangzhou` and the endpoints.
    pub location: Option<String>,
    pub intranet_endpoint: Option<String>,
    pub extranet_endpoint: Option<String>,
    /// The body of a `Get`, or the keys of a `List` by line.
    pub body: String,
}

impl StoreReply {
    /// True for 2xx.
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// True where the answer is one of OSS's: it carries a request id.
    pub fn from_oss(&self) -> bool {
        self.request_id.is_some()
    }
}

const LIST_OBJECTS: Right = Right::bucket("oss:ListObjects");
const PUT_OBJECT: Right = Right::objects("oss:PutObject");
const GET_OBJECT: Right = Right::objects("oss:GetObject");
const DELETE_OBJECT: Right = Right::objects("oss:DeleteObject");
/// To delete one version of an object, in a bucket that keeps them.
pub const DELETE_VERSION: Right = Right::objects("oss:DeleteObjectVersion");

/// [`StoreRequest::List`].
pub static LIST: Operation =
    Operation { needs: &[Need::of(LIST_OBJECTS)], ..Operation::on(Vantage::Store, "Store::ask List") };
/// [`StoreRequest::Put`], and the removal of what was put.
pub static PUT: Operation = Operation {
    needs: &[
        Need::of(PUT_OBJECT),
        Need::to_tidy_up(DELETE_OBJECT),
        Need::better_with(DELETE_VERSION, "in a versioned bucket, the versions of what ackcheck wrote stay"),
    ],
    ..Operation::on(Vantage::Store, "Store::ask Put")
};
/// [`StoreRequest::Get`].
pub static GET: Operation =
    Operation { needs: &[Need::of(GET_OBJECT)], ..Operation::on(Vantage::Store, "Store::ask Get") };
/// [`StoreRequest::Head`], where a refusal is as good as an answer.
pub static HEAD: Operation = Operation {
    needs: &[Need::better_with(GET_OBJECT, "that a deleted object is gone is not verified")],
    ..Operation::on(Vantage::Store, "Store::ask Head")
};
/// [`StoreRequest::Delete`].
pub static DELETE: Operation =
    Operation { needs: &[Need::of(DELETE_OBJECT)], ..Operation::on(Vantage::Store, "Store::ask Delete") };

/// What of it others must allow.
pub static OPERATIONS: &[&Operation] = &[&LIST, &PUT, &GET, &HEAD, &DELETE];

/// One place in the object store.
#[async_trait]
pub trait Store: Send + Sync {
    /// The place, as DSS is or will be configured for it.
    async fn target(&self) -> Seen<StoreTarget>;
    /// Resolves the host part of its endpoint (`oss-cn-hangzhou-internal.aliyuncs.com`).
    async fn resolve(&self) -> Seen<NameAnswer>;
    /// Asks, signed, by virtual host. Objects put are remembered and deleted when the run cleans up. Server errors
    /// are asked again, a bounded number of times; no redirect is followed.
    async fn ask(&self, request: StoreRequest) -> Seen<Heard<StoreReply>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_endpoints_apart() {
        let of = |text: &str| Endpoint::parse(text).unwrap();
        let internal = of("oss-cn-hangzhou-internal.aliyuncs.com");
        assert_eq!((internal.region(), internal.internal()), (Some("cn-hangzhou"), true));
        assert_eq!(internal.addressing(), Addressing::VirtualHost);
        let public = of("https://OSS-ap-southeast-1.aliyuncs.com/");
        assert_eq!((public.region(), public.internal()), (Some("ap-southeast-1"), false));
        assert_eq!((public.scheme.as_deref(), public.path.as_str()), (Some("https"), "/"));
        assert_eq!(of("cn-shanghai.oss.aliyuncs.com").region(), Some("cn-shanghai"));
        assert_eq!(of("cn-shanghai-internal.oss.aliyuncs.com").region(), Some("cn-shanghai"));
        assert!(of("cn-shanghai-internal.oss.aliyuncs.com").internal());
        assert_eq!(of("oss.aliyuncs.com").region(), Some("cn-hangzhou"));
        assert_eq!(of("oss-accelerate.aliyuncs.com").region(), None);
        assert_eq!(of("bucket.oss-cn-hangzhou.aliyuncs.com").region(), None);
        assert_eq!(of("data.example.com").addressing(), Addressing::CustomDomain);
        assert_eq!(of("127.0.0.1:8080").addressing(), Addressing::Path);
        assert_eq!(of("127.0.0.1:8080").port, Some(8080));
        for bad in ["", "https://", "ftp://x", "oss cn.aliyuncs.com", "host:port", "host:99999"] {
            assert!(Endpoint::parse(bad).is_err(), "{bad:?}");
        }
    }
}
