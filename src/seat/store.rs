//! The object store: OSS, asked with the keys DSS will use.

use async_trait::async_trait;

use super::{Heard, NameAnswer, Seen};

/// One bucket to look at, as DSS is or will be configured for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreTarget {
    /// What the user calls it: the connection's name, or the bucket's.
    pub label: String,
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
}

/// The object store.
#[async_trait]
pub trait Store: Send + Sync {
    /// The buckets to look at; never empty.
    async fn targets(&self) -> Seen<Vec<StoreTarget>>;
    /// Resolves the host part of the target's endpoint (`oss-cn-hangzhou-internal.aliyuncs.com`).
    async fn resolve(&self, target: &StoreTarget) -> Seen<NameAnswer>;
    /// Asks, signed, by virtual host. Objects put are remembered and deleted when the run cleans up.
    async fn ask(&self, target: &StoreTarget, request: StoreRequest) -> Seen<Heard<StoreReply>>;
}
