//! The object store: OSS as its wire has it, with the signatures, rights and errors of the real one.
//!
//! A request passes what it passes there: the bucket's name and its region's endpoint, the signature, the policies;
//! then it is done. Objects live in memory.

mod answer;
mod canonical;
mod error;
mod listing;
mod multipart;
mod objects;
mod operation;
#[cfg(test)]
mod tests;
mod verify;
mod xml;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use http::header::{HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use super::gateway::{Request, Response, Service};
use super::policy::Policy;
use super::world::World;
use canonical::Asked;
use error::OssError;
use objects::Contents;
use verify::{Key, KeyState};

/// `/storage` of the world.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct StorageWorld {
    #[serde(rename = "comment")]
    _comment: String,
    /// What the site file says; the service does not read it.
    #[serde(rename = "site")]
    _site: serde_json::Value,
    /// The regions there are.
    regions: Vec<String>,
    /// How far OSS's clock is ahead of the host's.
    clock_ahead_seconds: i64,
    /// The key of `/deployment/oss_key`.
    key: KeyWorld,
    /// The temporary key of `/deployment/oss_temporary_key`.
    temporary_key: KeyWorld,
    /// `/deployment/bucket`.
    bucket: BucketWorld,
    /// `/deployment/exchange_bucket`.
    exchange_bucket: BucketWorld,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyWorld {
    state: KeyState,
    /// What the secret is now, where it is not the one the site has.
    secret: Option<String>,
    /// The RAM actions that no policy allows.
    denied: Vec<String>,
    /// Its policies; everything is allowed where there are none.
    #[serde(default)]
    policies: Option<Vec<Policy>>,
    user: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct BucketWorld {
    exists: bool,
    region: String,
    created: String,
    versioned: bool,
    /// It takes no signatures of version 1.
    v1_refused: bool,
    /// The actions that its bucket policy denies to everybody; `oss:*` for all.
    policy_denies: Vec<String>,
    /// The nodes, or `*`, that a condition of its policy on the source address shuts out; the DSS host is never one.
    policy_denies_from: Vec<String>,
    /// A retention policy is locked: nothing can be deleted or overwritten.
    retention: bool,
}

#[derive(Debug, Clone, Deserialize)]
struct NamedKey {
    id: String,
    secret: String,
    token: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Named {
    name: String,
}

/// A bucket and what it holds.
struct Bucket {
    name: String,
    world: BucketWorld,
    contents: Mutex<Contents>,
}

/// The service.
pub struct Oss {
    regions: Vec<String>,
    account: String,
    clock_ahead: SignedDuration,
    keys: Vec<Key>,
    buckets: BTreeMap<String, Bucket>,
    requests: AtomicU64,
}

/// Where a request was sent.
struct Destination {
    /// None where the host is an address: it stands for every region.
    region: Option<String>,
    bucket: Option<String>,
    /// The object's key, decoded.
    key: Option<String>,
}

impl Oss {
    /// As the world has it.
    pub fn new(world: &World) -> anyhow::Result<Oss> {
        let storage: StorageWorld = world.at("/storage")?;
        let key = |at: &str, state: &KeyWorld| -> anyhow::Result<Key> {
            let named: NamedKey = world.at(at)?;
            let secret = state.secret.clone().unwrap_or(named.secret);
            let (denied, policies, user) = (state.denied.clone(), state.policies.clone(), state.user.clone());
            Ok(Key { id: named.id, secret, token: named.token, state: state.state, denied, policies, user })
        };
        let keys = vec![
            key("/deployment/oss_key", &storage.key)?,
            key("/deployment/oss_temporary_key", &storage.temporary_key)?,
        ];
        let mut buckets = BTreeMap::new();
        for (at, bucket) in
            [("/deployment/bucket", storage.bucket), ("/deployment/exchange_bucket", storage.exchange_bucket)]
        {
            let Named { name } = world.at(at)?;
            if bucket.exists {
                buckets.insert(name.clone(), Bucket { name, world: bucket, contents: Mutex::default() });
            }
        }
        Ok(Oss {
            regions: storage.regions,
            account: world.at("/deployment/account_id")?,
            clock_ahead: SignedDuration::from_secs(storage.clock_ahead_seconds),
            keys,
            buckets,
            requests: AtomicU64::new(0),
        })
    }

    fn now(&self) -> Timestamp {
        Timestamp::now().checked_add(self.clock_ahead).unwrap_or_else(|_| Timestamp::now())
    }

    /// The region of an OSS endpoint's host, and the bucket before it.
    fn of_host<'a>(&self, host: &'a str) -> Option<(Option<String>, &'a str)> {
        let service = host.strip_suffix(".aliyuncs.com")?;
        let (bucket, endpoint) = match service.rsplit_once('.') {
            Some((bucket, endpoint)) => (Some(bucket.to_owned()), endpoint),
            None => (None, service),
        };
        let region = endpoint.strip_prefix("oss-")?;
        let region = region.strip_suffix("-internal").unwrap_or(region);
        self.regions.iter().any(|known| known == region).then_some((bucket, region))
    }

    /// Where the request was sent: by virtual host, or by path where the host is an address.
    fn destination(&self, host: &str, path: &str) -> Result<Destination, OssError> {
        let path = percent_decode_str(path).decode_utf8();
        let path = path.map_err(|_| OssError::new(400, "InvalidURI", "Couldn't parse the specified URI."))?;
        let path = path.strip_prefix('/').unwrap_or(&path);
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let Some((bucket, region)) = self.of_host(host) else {
            let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
            return Ok(Destination { region: None, bucket: some(bucket), key: some(key) });
        };
        if bucket.is_none() && !path.is_empty() {
            let message = "The bucket you are attempting to access must be addressed using OSS third level domain.";
            return Err(OssError::new(403, "SecondLevelDomainForbidden", message));
        }
        Ok(Destination { region: Some(region.to_owned()), bucket, key: some(path) })
    }

    fn handle(&self, host: &str, request: &Request) -> Result<Response, OssError> {
        let destination = self.destination(host, request.uri().path())?;
        let query = request.uri().query().unwrap_or_default();
        // Clients write a space as `+`, as forms do.
        let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        });
        let resource = match (&destination.bucket, &destination.key) {
            (None, _) => "/".to_owned(),
            (Some(bucket), key) => format!("/{bucket}/{}", key.as_deref().unwrap_or_default()),
        };
        let asked = Asked {
            method: request.method().clone(),
            headers: request.headers().clone(),
            resource,
            query: query.collect(),
        };
        let bucket = match &destination.bucket {
            Some(name) => Some(self.bucket(name, destination.region.as_deref())?),
            None => None,
        };
        let region = destination.region.as_deref().or(bucket.map(|bucket| bucket.world.region.as_str()));
        let region = region.or(self.regions.first().map(String::as_str)).unwrap_or_default();
        let v1_refused = bucket.is_some_and(|bucket| bucket.world.v1_refused);
        let key = verify::verify(&asked, &self.keys, region, v1_refused, self.now())?;
        operation::perform(self, key, bucket, destination.key.as_deref(), &asked, request.body())
    }

    /// The bucket of that name, if the endpoint is its region's.
    fn bucket(&self, name: &str, region: Option<&str>) -> Result<&Bucket, OssError> {
        let valid = (3..=63).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !name.starts_with('-')
            && !name.ends_with('-');
        if !valid {
            let error = OssError::new(400, "InvalidBucketName", "The specified bucket is not valid.");
            return Err(error.with("BucketName", name));
        }
        let bucket = self.buckets.get(name).ok_or_else(|| OssError::no_such_bucket(name))?;
        if region.is_some_and(|region| region != bucket.world.region) {
            return Err(OssError::wrong_endpoint(name, format!("oss-{}.aliyuncs.com", bucket.world.region)));
        }
        Ok(bucket)
    }
}

#[async_trait]
impl Service for Oss {
    fn serves(&self, host: &str) -> bool {
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback()) || self.of_host(host).is_some()
    }

    async fn answer(&self, host: &str, request: Request) -> Response {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        // The real ones are as long and as opaque: 24 upper-case hexadecimal digits.
        let id = format!("{:024X}", 0x6560_0000_0000_0000_0000_0000_u128 + u128::from(number));
        let answered = self.handle(host, &request);
        let mut answer = answered.unwrap_or_else(|error| error.answer(request.method(), host, &id));
        let headers = answer.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&id) {
            headers.insert(HeaderName::from_static("x-oss-request-id"), id);
        }
        headers.insert(HeaderName::from_static("x-oss-server-time"), HeaderValue::from_static("1"));
        headers.insert(http::header::SERVER, HeaderValue::from_static("AliyunOSS"));
        if let Ok(date) = HeaderValue::from_str(&answer::http_date(self.now())) {
            headers.insert(http::header::DATE, date);
        }
        answer
    }
}

/// As OSS writes times in XML: `2021-03-01T10:56:21.000Z`.
fn time_of(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}
