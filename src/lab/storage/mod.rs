//! The object store: OSS as its wire has it, with the signatures, rights and errors of the real one.
//!
//! A request passes what it passes there: the bucket's name and its region's endpoint, the signature, the policies;
//! then it is done. Objects live in memory.

mod answer;
mod canonical;
mod error;
mod listing;
mod objects;
mod operation;
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
            let (denied, user) = (state.denied.clone(), state.user.clone());
            Ok(Key { id: named.id, secret, token: named.token, state: state.state, denied, user })
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
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
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

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http_body_util::BodyExt as _;

    const INTERNAL: &str = "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com";

    fn oss(edits: &[(&'static str, &'static str)]) -> Oss {
        let mut world = World::healthy().unwrap();
        for (at, json) in edits {
            world.apply(&crate::fault::Fault::Set(at, json)).unwrap();
        }
        Oss::new(&world).unwrap()
    }

    /// A request signed with version 1 at `now`, `ahead` seconds off.
    fn signed(oss: &Oss, method: &str, host: &str, target: &str, body: &'static str, ahead: i64) -> Request {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let bucket = oss.of_host(host).and_then(|(bucket, _)| bucket);
        let resource = match bucket {
            Some(bucket) => format!("/{bucket}{path}"),
            None => path.to_owned(),
        };
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (name.to_owned(), value.to_owned())
        });
        let date = answer::http_date(Timestamp::now().checked_add(SignedDuration::from_secs(ahead)).unwrap());
        let mut headers = http::HeaderMap::new();
        headers.insert("date", date.parse().unwrap());
        let asked = Asked { method: method.parse().unwrap(), headers, resource, query: query.collect() };
        let signature = canonical::signature_v1(&key_of().1, &asked.string_to_sign_v1(&date));
        http::Request::builder()
            .method(method)
            .uri(target)
            .header("date", date)
            .header("authorization", format!("OSS {}:{signature}", key_of().0))
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap()
    }

    /// The site's key, whatever the service thinks of it.
    fn key_of() -> (String, String) {
        let named: NamedKey = World::healthy().unwrap().at("/deployment/oss_key").unwrap();
        (named.id, named.secret)
    }

    async fn send(oss: &Oss, host: &str, request: Request) -> (u16, http::HeaderMap, String) {
        let (parts, body) = oss.answer(host, request).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (parts.status.as_u16(), parts.headers, String::from_utf8_lossy(&body).into_owned())
    }

    async fn ask(oss: &Oss, method: &str, host: &str, target: &str) -> (u16, http::HeaderMap, String) {
        send(oss, host, signed(oss, method, host, target, "", 0)).await
    }

    #[tokio::test]
    async fn puts_gets_by_range_and_deletes() {
        let oss = oss(&[]);
        let put = signed(&oss, "PUT", INTERNAL, "/dss/a", "0123456789", 0);
        assert_eq!(send(&oss, INTERNAL, put).await.0, 200);
        let mut get = signed(&oss, "GET", INTERNAL, "/dss/a", "", 0);
        get.headers_mut().insert("range", "bytes=2-4".parse().unwrap());
        let (status, headers, body) = send(&oss, INTERNAL, get).await;
        assert_eq!((status, body.as_str()), (206, "234"));
        assert_eq!(headers["content-range"], "bytes 2-4/10");
        assert_eq!(headers["etag"], "\"781E5E245D69B566979B86E28D23F2C7\"");
        let (status, headers, _) = ask(&oss, "HEAD", INTERNAL, "/dss/a").await;
        assert_eq!((status, &headers["content-length"]), (200, &HeaderValue::from_static("10")));
        assert_eq!(ask(&oss, "DELETE", INTERNAL, "/dss/a").await.0, 204);
        assert_eq!(ask(&oss, "DELETE", INTERNAL, "/dss/a").await.0, 204);
        let (status, headers, _) = ask(&oss, "HEAD", INTERNAL, "/dss/a").await;
        assert_eq!(status, 404);
        assert!(headers.contains_key("x-oss-err"));
    }

    #[tokio::test]
    async fn refuses_by_name_region_and_address_style() {
        let oss = oss(&[]);
        let (status, _, body) = ask(&oss, "GET", "lab-dss-data.oss-cn-shanghai.aliyuncs.com", "/?bucketInfo").await;
        assert_eq!(status, 403);
        assert!(body.contains("<Endpoint>oss-cn-hangzhou.aliyuncs.com</Endpoint>"), "{body}");
        assert!(body.contains("<Bucket>lab-dss-data</Bucket>"), "{body}");
        let (status, _, body) = ask(&oss, "GET", "none-here.oss-cn-hangzhou.aliyuncs.com", "/").await;
        assert!(status == 404 && body.contains("<Code>NoSuchBucket</Code>"), "{body}");
        let bare = "oss-cn-hangzhou.aliyuncs.com";
        let (status, _, body) = ask(&oss, "GET", bare, "/lab-dss-data/a").await;
        assert!(status == 403 && body.contains("SecondLevelDomainForbidden"), "{body}");
        let (status, _, body) = ask(&oss, "GET", bare, "/").await;
        assert!(status == 200 && body.contains("<Name>lab-dss-data</Name>"), "{body}");
        let (status, _, body) = ask(&oss, "GET", "127.0.0.1", "/lab-dss-data/?location").await;
        assert!(status == 200 && body.contains(">oss-cn-hangzhou<"), "{body}");
    }

    #[tokio::test]
    async fn refuses_keys_and_signatures_with_their_fine_grained_codes() {
        for (edits, ahead, code, ec) in [
            (&[("/storage/key/state", "\"deleted\"")][..], 0, "InvalidAccessKeyId", "0002-00000902"),
            (&[("/storage/key/state", "\"disabled\"")], 0, "InvalidAccessKeyId", "0002-00000902"),
            (&[("/storage/key/secret", "\"another\"")], 0, "SignatureDoesNotMatch", "0002-00000040"),
            (&[("/storage/clock_ahead_seconds", "1000")], 0, "RequestTimeTooSkewed", "0002-00000504"),
            (&[], 1000, "RequestTimeTooSkewed", "0002-00000504"),
            (&[("/storage/bucket/policy_denies", "[\"oss:*\"]")], 0, "AccessDenied", "0003-00000202"),
            (&[("/storage/key/denied", "[\"oss:ListObjects\"]")], 0, "AccessDenied", "0003-00000001"),
        ] {
            let oss = oss(edits);
            let request = signed(&oss, "GET", INTERNAL, "/?prefix=dss", "", ahead);
            let (status, headers, body) = send(&oss, INTERNAL, request).await;
            assert_eq!(status, 403, "{body}");
            assert!(body.contains(&format!("<Code>{code}</Code>")), "{code}: {body}");
            assert_eq!(headers["x-oss-ec"], ec, "{body}");
            assert!(body.contains(&format!("<EC>{ec}</EC>")), "{body}");
        }
        let healthy = oss(&[]);
        let anonymous = http::Request::get("/").body(Bytes::new()).unwrap();
        assert_eq!(send(&healthy, INTERNAL, anonymous).await.0, 403);
        let within = signed(&healthy, "GET", INTERNAL, "/?prefix=dss", "", 800);
        assert_eq!(send(&healthy, INTERNAL, within).await.0, 200);
        let v1 = signed(&oss(&[("/storage/bucket/v1_refused", "true")]), "GET", INTERNAL, "/", "", 0);
        assert_eq!(send(&oss(&[("/storage/bucket/v1_refused", "true")]), INTERNAL, v1).await.0, 400);
    }

    #[tokio::test]
    async fn a_signature_covers_what_it_says() {
        let oss = oss(&[]);
        let mut moved = signed(&oss, "PUT", INTERNAL, "/dss/a", "x", 0);
        *moved.uri_mut() = "/dss/b".parse().unwrap();
        let (status, _, body) = send(&oss, INTERNAL, moved).await;
        assert!(status == 403 && body.contains("<StringToSign>PUT\n"), "{body}");
        let mut digest = signed(&oss, "PUT", INTERNAL, "/dss/a", "x", 0);
        digest.headers_mut().insert("x-oss-meta-added", "later".parse().unwrap());
        assert_eq!(send(&oss, INTERNAL, digest).await.0, 403);
    }

    #[tokio::test]
    async fn a_versioned_bucket_says_so_and_a_retained_one_keeps() {
        let versioned = oss(&[("/storage/bucket/versioned", "true")]);
        let put = signed(&versioned, "PUT", INTERNAL, "/a", "x", 0);
        let (_, headers, _) = send(&versioned, INTERNAL, put).await;
        let version = headers["x-oss-version-id"].to_str().unwrap().to_owned();
        let (_, headers, _) = ask(&versioned, "DELETE", INTERNAL, "/a").await;
        assert_eq!(headers["x-oss-delete-marker"], "true");
        assert_eq!(ask(&versioned, "GET", INTERNAL, &format!("/a?versionId={version}")).await.0, 200);
        let retained = oss(&[("/storage/bucket/retention", "true")]);
        let put = signed(&retained, "PUT", INTERNAL, "/a", "x", 0);
        assert_eq!(send(&retained, INTERNAL, put).await.0, 200);
        let (status, _, body) = ask(&retained, "DELETE", INTERNAL, "/a").await;
        assert!(status == 409 && body.contains("FileImmutable"), "{body}");
    }
}
