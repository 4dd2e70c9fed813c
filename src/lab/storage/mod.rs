//! The object store: OSS as its wire has it, with the signatures, rights and errors of the real one.
//!
//! A request passes what it passes there: the bucket's name and its region's endpoint, the signature, the policies;
//! then it is done. Objects live in memory.

mod answer;
mod call;
mod canonical;
pub(crate) mod hadoop;
mod listing;
mod multipart;
mod objects;
mod obstacle;
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

use super::http::{Request, Response, response};
use super::service::Service;
use super::world::World;
use canonical::SignedRequest;
use objects::Contents;
use verify::Key;
use words::OssError;
use world::{BucketWorld, KeyWorld, StorageWorld};

/// The longest body that is kept, in bytes: two and a half parts of Hadoop's, which are 100 MiB by default.
const LONGEST_BODY: usize = 256 << 20;

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
    public_data_closed: bool,
    keys: Vec<Key>,
    buckets: BTreeMap<String, Bucket>,
    requests: AtomicU64,
}

/// Where a request was sent.
struct Destination {
    /// None where the host is an address or transfer acceleration: it stands for every region.
    region: Option<String>,
    /// By the region's public endpoint.
    public: bool,
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
        let buckets = buckets.into_iter().filter(|(_, world)| world.exists).map(|(name, world)| {
            let contents = Mutex::new(Contents::of(&world.objects));
            (name.clone(), Bucket { name, world, contents })
        });
        Ok(Oss {
            regions: storage.regions,
            account: deployment.account_id,
            clock_ahead: SignedDuration::from_secs(storage.clock_ahead_seconds),
            public_data_closed: storage.public_data_closed,
            keys,
            buckets: buckets.collect(),
            requests: AtomicU64::new(0),
        })
    }

    fn now(&self) -> Timestamp {
        Timestamp::now().checked_add(self.clock_ahead).unwrap_or_else(|_| Timestamp::now())
    }

    /// The region of an OSS endpoint's host, none for transfer acceleration, and the bucket before it.
    fn of_host<'a>(&self, host: &'a str) -> Option<(Option<String>, Option<&'a str>)> {
        let service = host.strip_suffix(".aliyuncs.com")?;
        let (bucket, endpoint) = match service.rsplit_once('.') {
            Some((bucket, endpoint)) => (Some(bucket.to_owned()), endpoint),
            None => (None, service),
        };
        let region = endpoint.strip_prefix("oss-")?;
        if region == "accelerate" || region == "accelerate-overseas" {
            return Some((bucket, None));
        }
        let region = region.strip_suffix("-internal").unwrap_or(region);
        self.regions.iter().any(|known| known == region).then_some((bucket, Some(region)))
    }

    /// Where the request was sent: by virtual host, or by path where the host is an address of loopback.
    fn destination(&self, host: &str, path: &str) -> Result<Destination, OssError> {
        let path = percent_decode_str(path).decode_utf8();
        let path = path.map_err(|_| OssError::new(400, "InvalidURI", "Couldn't parse the specified URI."))?;
        let path = path.strip_prefix('/').unwrap_or(&path);
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        if is_own_address(host) {
            let message = "Please use virtual hosted style to access.";
            return Err(OssError::new(403, "SecondLevelDomainForbidden", message));
        }
        let Some((bucket, region)) = self.of_host(host) else {
            let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
            return Ok(Destination { region: None, public: false, bucket: some(bucket), key: some(key) });
        };
        if bucket.is_none() && !path.is_empty() {
            let message = "The bucket you are attempting to access must be addressed using OSS third level domain.";
            return Err(OssError::new(403, "SecondLevelDomainForbidden", message));
        }
        let public = region.is_some() && !host.ends_with("-internal.aliyuncs.com");
        Ok(Destination { region: region.map(str::to_owned), public, bucket, key: some(path) })
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
        let object = destination.key.as_deref();
        if let Some(bucket) = bucket {
            let closed = self.public_data_closed && destination.public;
            obstacle::pass(bucket, object, &signed, closed)?;
        }
        operation::perform(self, key, bucket, object, &signed, request.body())
    }

    /// What an appliance on the way to the bucket answers in its place.
    fn appliance(&self, host: &str, request: &Request) -> Option<Response> {
        let bucket = self.destination(host, request.uri().path()).ok()?.bucket?;
        let world = &self.buckets.get(&bucket)?.world;
        if request.method() == http::Method::POST && world.post_blocked {
            let page = "<html><body>The requested method is blocked by policy.</body></html>";
            return Some(response(403, "text/html", page));
        }
        let too_long = world.body_limit.is_some_and(|limit| request.body().len() > limit);
        too_long.then(|| response(413, "text/html", "<html><body>413 Request Entity Too Large</body></html>"))
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
        let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback());
        loopback || is_own_address(host) || self.of_host(host).is_some()
    }

    async fn answer(&self, host: &str, request: Request) -> Response {
        if let Some(answer) = self.appliance(host, &request) {
            return answer;
        }
        let id = self.request_id();
        let answered = self.handle(host, &request);
        self.signed_off(answered.unwrap_or_else(|error| error.answer(request.method(), host, &id)), &id)
    }

    fn longest_body(&self) -> usize {
        LONGEST_BODY
    }

    /// OSS takes 5 GB at once.
    fn discards(&self) -> u64 {
        5 << 30
    }

    fn too_long(&self) -> Response {
        let id = self.request_id();
        let message = "Your proposed upload exceeds the maximum allowed object size.";
        let error = OssError::new(400, "EntityTooLarge", message);
        self.signed_off(error.answer(&http::Method::PUT, "", &id), &id)
    }
}

impl Oss {
    /// The real ones are as long and as opaque: 24 upper-case hexadecimal digits.
    fn request_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        format!("{:024X}", 0x6560_0000_0000_0000_0000_0000_u128 + u128::from(number))
    }

    /// With the headers that every answer of OSS has.
    fn signed_off(&self, mut answer: Response, id: &str) -> Response {
        let headers = answer.headers_mut();
        if let Ok(id) = HeaderValue::from_str(id) {
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

/// One of the addresses of OSS inside Alibaba's network
/// (<https://www.alibabacloud.com/help/en/oss/user-guide/regions-and-endpoints>): those of Hangzhou.
fn is_own_address(host: &str) -> bool {
    host.strip_prefix("100.118.28.").is_some_and(|last| last.parse::<u8>().is_ok())
}

/// As OSS writes times in XML: `2021-03-01T10:56:21.000Z`.
fn time_of(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}
