//! Signs a request to OSS: V4 with a region, V1 where none is known.
//!
//! A signature covers the bucket and the key whatever way the bucket is addressed, so requests are signed as if sent to
//! `bucket.oss` and then put on the host they really go to. The signature V4 of a URL also covers the real host.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqsign_aliyun_oss::{Credential, RequestSigner, SigningVersion};
use reqsign_core::SignRequest as _;
use url::Url;

use ackcheck_core::config::AccessKey;
use ackcheck_core::seat::store::{Addressing, Endpoint};

/// Left as they are in a path or a query (RFC 3986, unreserved).
const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Slashes of a key stay.
const ENCODED_IN_KEY: AsciiSet = ENCODED.remove(b'/');

/// Percent-encoded as a whole, slashes too.
pub(super) fn encoded(key: &str) -> String {
    utf8_percent_encode(key, &ENCODED).to_string()
}

/// Where a bucket is and by which key it is asked.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub endpoint: Endpoint,
    pub bucket: String,
    /// The region to sign for; V1 is used where none is known.
    pub region: Option<String>,
    pub key: AccessKey,
}

/// A request to a bucket, or to an object of it, before it is signed.
#[derive(Debug, Clone)]
pub(super) struct Unsigned<'a> {
    pub method: Method,
    /// The object's key; none for the bucket itself.
    pub key: Option<&'a str>,
    pub query: Vec<(&'static str, String)>,
    pub headers: HeaderMap,
}

impl Place {
    /// The host and port that the request goes to.
    fn authority(&self) -> String {
        let host = match self.endpoint.addressing() {
            Addressing::VirtualHost => format!("{}.{}", self.bucket, self.endpoint.host),
            Addressing::Path | Addressing::CustomDomain => self.endpoint.host.clone(),
        };
        match self.endpoint.port {
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    }

    /// The URL and headers of the signed request. Where `lasts` is given the signature is in the URL, valid for so
    /// long, and the headers are empty: whoever holds the URL must send no `Content-Type`.
    pub(super) async fn sign(
        &self,
        unsigned: &Unsigned<'_>,
        lasts: Option<Duration>,
    ) -> Result<(Url, HeaderMap), String> {
        let path = utf8_percent_encode(unsigned.key.unwrap_or_default(), &ENCODED_IN_KEY);
        let query: Vec<String> = unsigned
            .query
            .iter()
            .map(|(name, value)| match value.as_str() {
                "" => (*name).to_owned(),
                value => format!("{name}={}", utf8_percent_encode(value, &ENCODED)),
            })
            .collect();
        let mut target = format!("https://{}.oss/{path}", self.bucket);
        if !query.is_empty() {
            target = format!("{target}?{}", query.join("&"));
        }
        let request = http::Request::builder().method(unsigned.method.clone()).uri(target).body(());
        let (mut parts, ()) = request.map_err(|error| format!("the request cannot be written: {error}"))?.into_parts();
        parts.headers = unsigned.headers.clone();
        let mut signer = RequestSigner::new(&self.bucket);
        if let Some(region) = &self.region {
            signer = signer.with_region(region.clone()).with_signing_version(SigningVersion::V4);
            if lasts.is_some() {
                let host = HeaderValue::from_str(&self.authority());
                parts.headers.insert(http::header::HOST, host.map_err(|error| error.to_string())?);
            }
        }
        let credential = Credential {
            access_key_id: self.key.id.clone(),
            access_key_secret: self.key.secret.expose().to_owned(),
            security_token: self.key.token.as_ref().map(|token| token.expose().to_owned()),
            expires_in: None,
        };
        let signed = signer.sign_request(&reqsign_core::Context::new(), &mut parts, Some(&credential), lasts).await;
        signed.map_err(|error| format!("the request cannot be signed: {error}"))?;
        parts.headers.remove(http::header::HOST);
        let path_and_query = parts.uri.path_and_query().map_or("/", |both| both.as_str());
        let url = format!("{}{path_and_query}", self.base());
        let url = Url::parse(&url).map_err(|error| format!("{url}: {error}"))?;
        Ok((url, parts.headers))
    }

    /// The URL below which the bucket's objects are.
    pub(super) fn door(&self) -> Result<Url, String> {
        let url = format!("{}/", self.base());
        Url::parse(&url).map_err(|error| format!("{url}: {error}"))
    }

    fn base(&self) -> String {
        let scheme = self.endpoint.scheme.as_deref().unwrap_or("https");
        let bucket = match self.endpoint.addressing() {
            Addressing::Path => format!("/{}", self.bucket),
            Addressing::VirtualHost | Addressing::CustomDomain => String::new(),
        };
        format!("{scheme}://{}{bucket}", self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::secret::Scrubber;

    fn place(endpoint: &str, region: Option<&str>) -> Place {
        Place {
            endpoint: Endpoint::parse(endpoint).unwrap(),
            bucket: "lab-dss-data".to_owned(),
            region: region.map(str::to_owned),
            key: AccessKey { id: "LTAIx".to_owned(), secret: Scrubber::default().secret("secret"), token: None },
        }
    }

    async fn url(place: &Place, lasts: Option<Duration>) -> (Url, HeaderMap) {
        let unsigned =
            Unsigned { method: Method::GET, key: Some("dss/a b/é"), query: Vec::new(), headers: HeaderMap::new() };
        place.sign(&unsigned, lasts).await.unwrap()
    }

    #[tokio::test]
    async fn addresses_the_bucket_as_the_endpoint_wants() {
        let (virtual_host, headers) = url(&place("oss-cn-hangzhou.aliyuncs.com", Some("cn-hangzhou")), None).await;
        assert_eq!(virtual_host.as_str(), "https://lab-dss-data.oss-cn-hangzhou.aliyuncs.com/dss/a%20b/%C3%A9");
        let authorization = headers["authorization"].to_str().unwrap();
        assert!(authorization.starts_with("OSS4-HMAC-SHA256 Credential=LTAIx/"), "{authorization}");
        assert!(authorization.contains("/cn-hangzhou/oss/aliyun_v4_request"), "{authorization}");
        let (path_style, _) = url(&place("http://127.0.0.1:8080", Some("cn-hangzhou")), None).await;
        assert_eq!(path_style.as_str(), "http://127.0.0.1:8080/lab-dss-data/dss/a%20b/%C3%A9");
        let (custom, headers) = url(&place("data.example.com", None), None).await;
        assert_eq!(custom.as_str(), "https://data.example.com/dss/a%20b/%C3%A9");
        assert!(headers["authorization"].to_str().unwrap().starts_with("OSS LTAIx:"));
    }

    #[tokio::test]
    async fn a_signed_url_carries_its_signature_and_needs_no_header() {
        let (v4, headers) =
            url(&place("oss-cn-hangzhou.aliyuncs.com", Some("cn-hangzhou")), Some(Duration::from_secs(60))).await;
        assert!(headers.is_empty(), "{headers:?}");
        let query = v4.query().unwrap();
        for part in ["x-oss-signature=", "x-oss-expires=60", "x-oss-additional-headers=host"] {
            assert!(query.contains(part), "{query}");
        }
        let (v1, _) = url(&place("oss-cn-hangzhou.aliyuncs.com", None), Some(Duration::from_secs(60))).await;
        assert!(v1.query().unwrap().starts_with("OSSAccessKeyId=LTAIx&Expires="));
    }
}
