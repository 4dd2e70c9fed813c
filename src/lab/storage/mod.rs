//! The object store: OSS as its wire has it, with the signatures, rights and errors of the real one.
//!
//! A request passes what it passes there: the bucket's name and its region's endpoint, the signature, the policies;
//! then it is done. Objects live in memory.

mod answer;
mod call;
mod canonical;
mod listing;
mod multipart;
mod objects;
mod operation;
#[cfg(test)]
mod tests;
mod verify;
mod world;
mod wire;
mod words;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use http::header::{HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;

use super::http::{Request, Response};
use super::service::Service;
use super::world::World;
use canonical::SignedRequest;
use objects::Contents;
use verify::Key;
use words::OssError;
use world::{BucketWorld, KeyWorld, StorageWorld};

/// A bucket and what it holds.
struct Bucket {
    name: String,
    world: BucketWorld,
    contents: Mutex<Contents>,
}

/// The service.
pub(crate) struct Oss {
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
    pub(crate) fn new(world: &World) -> anyhow::Result<Oss> {
        let storage: StorageWorld = world.section()?;
        let deployment = world.deployment()?;
        let (lasting, temporary) = (deployment.oss_key, deployment.oss_temporary_key);
        let keys = vec![
            key(lasting.id, lasting.secret, None, storage.key),
            key(temporary.id, temporary.secret, Some(temporary.token), storage.temporary_key),
        ];
        let buckets =
            [(deployment.bucket.name, storage.bucket), (deployment.exchange_bucket.name, storage.exchange_bucket)];
        let buckets = buckets
            .into_iter()
            .filter(|(_, world)| world.exists)
            .map(|(name, world)| (name.clone(), Bucket { name, world, contents: Mutex::default() }));
        Ok(Oss {
            regions: storage.regions,
            account: deployment.account_id,
            clock_ahead: SignedDuration::from_secs(storage.clock_ahead_seconds),
            keys,
            buckets: buckets.collect(),
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
        let signed = SignedRequest {
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
        let key = verify::verify(&signed, &self.keys, region, v1_refused, self.now())?;
        operation::perform(self, key, bucket, destination.key.as_deref(), &signed, request.body())
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

/// A key in the state that the world gives it.
fn key(id: String, secret: String, token: Option<String>, world: KeyWorld) -> Key {
    let KeyWorld { state, secret: current, denied, policies, user } = world;
    Key { id, secret: current.unwrap_or(secret), token, state, denied, policies, user }
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
