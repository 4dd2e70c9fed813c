//! What a signature is made of: the strings that are signed, version 1 and version 4, and their digests.
//!
//! Written from the documentation, not from a signer, so that the shipping client and this check each other:
//! <https://www.alibabacloud.com/help/en/oss/developer-reference/include-signatures-in-the-authorization-header>,
//! <https://www.alibabacloud.com/help/en/oss/developer-reference/recommend-to-use-signature-version-4>.

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

/// Left as they are by RFC 3986.
const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const ENCODED_IN_PATH: AsciiSet = ENCODED.remove(b'/');

/// The algorithm's name in headers, URLs and in what is signed.
pub(super) const V4: &str = "OSS4-HMAC-SHA256";

/// A request as signatures see it.
#[derive(Debug, Clone)]
pub(super) struct SignedRequest {
    pub method: Method,
    pub headers: HeaderMap,
    /// `/bucket/key`, `/bucket/` or `/`; decoded.
    pub resource: String,
    /// Names and values, decoded.
    pub query: Vec<(String, String)>,
}

impl SignedRequest {
    /// A header's value; none where it is missing or not text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Version 1. `date` is the date line: the request's date, or the end of validity of a signed URL.
    pub(super) fn string_to_sign_v1(&self, date: &str) -> String {
        let mut lines = vec![
            self.method.as_str().to_owned(),
            self.header("content-md5").unwrap_or_default().to_owned(),
            self.header("content-type").unwrap_or_default().to_owned(),
            date.to_owned(),
        ];
        lines.extend(self.oss_headers().into_iter().map(|(name, value)| format!("{name}:{value}")));
        let mut signed: Vec<String> = self
            .query
            .iter()
            .filter(|(name, _)| is_subresource(name))
            .map(|(name, value)| if value.is_empty() { name.clone() } else { format!("{name}={value}") })
            .collect();
        signed.sort();
        let query = if signed.is_empty() { String::new() } else { format!("?{}", signed.join("&")) };
        lines.push(format!("{}{query}", self.resource));
        lines.join("\n")
    }

    /// Version 4: the canonical request. `additional` are the headers signed besides those that always are.
    pub(super) fn canonical_request_v4(&self, additional: &[String]) -> String {
        let mut headers = self.oss_headers();
        for name in ["content-md5", "content-type"].into_iter().chain(additional.iter().map(String::as_str)) {
            let value = self.header(name).unwrap_or_default().trim().to_owned();
            if self.headers.contains_key(name) && !headers.iter().any(|(known, _)| known == name) {
                headers.push((name.to_owned(), value));
            }
        }
        headers.sort();
        let headers: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let mut query: Vec<(String, String)> = self
            .query
            .iter()
            .filter(|(name, _)| name != "x-oss-signature")
            .map(|(name, value)| (encode(name), encode(value)))
            .collect();
        query.sort();
        let query: Vec<String> = query
            .into_iter()
            .map(|(name, value)| if value.is_empty() { name } else { format!("{name}={value}") })
            .collect();
        let payload = self.header("x-oss-content-sha256").unwrap_or("UNSIGNED-PAYLOAD");
        format!(
            "{}\n{}\n{}\n{headers}\n{}\n{payload}",
            self.method,
            utf8_percent_encode(&self.resource, &ENCODED_IN_PATH),
            query.join("&"),
            additional.join(";"),
        )
    }

    /// The `x-oss-` headers, sorted by name.
    fn oss_headers(&self) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = self
            .headers
            .iter()
            .filter(|(name, _)| name.as_str().starts_with("x-oss-"))
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
            })
            .collect();
        found.sort();
        found
    }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, &ENCODED).to_string()
}

/// Version 4: what is signed, for a time (`20231216T162057Z`) and a scope.
pub(super) fn string_to_sign_v4(time: &str, scope: &str, canonical_request: &str) -> String {
    format!("{V4}\n{time}\n{scope}\n{}", hex::encode(Sha256::digest(canonical_request)))
}

/// Version 1: base64 of HMAC-SHA1.
pub(super) fn signature_v1(secret: &str, string_to_sign: &str) -> String {
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(string_to_sign.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}

/// Version 4: hexadecimal HMAC-SHA256 under a key derived from the secret, the day and the region.
pub(super) fn signature_v4(secret: &str, day: &str, region: &str, string_to_sign: &str) -> String {
    let mac = |key: &[u8], text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes()
    };
    let key = mac(format!("aliyun_v4{secret}").as_bytes(), day);
    let key = mac(&key, region);
    let key = mac(&key, "oss");
    let key = mac(&key, "aliyun_v4_request");
    hex::encode(mac(&key, string_to_sign))
}

/// The parameters that version 1 signs; the rest of a query it does not cover.
fn is_subresource(name: &str) -> bool {
    name.starts_with("x-oss-ac-") || SUBRESOURCES.contains(&name)
}

const SUBRESOURCES: &[&str] = &[
    "acl",
    "append",
    "asyncFetch",
    "bucketInfo",
    "callback",
    "callback-var",
    "cname",
    "comp",
    "continuation-token",
    "cors",
    "delete",
    "encryption",
    "endTime",
    "group",
    "inventory",
    "inventoryId",
    "lifecycle",
    "link",
    "live",
    "location",
    "logging",
    "metaQuery",
    "objectInfo",
    "objectMeta",
    "partNumber",
    "policy",
    "position",
    "qos",
    "qosInfo",
    "referer",
    "regionList",
    "replication",
    "replicationLocation",
    "replicationProgress",
    "requestPayment",
    "resourceGroup",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "security-token",
    "sequential",
    "startTime",
    "stat",
    "status",
    "style",
    "styleName",
    "symlink",
    "tagging",
    "transferAcceleration",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "vod",
    "website",
    "worm",
    "wormExtend",
    "wormId",
    "x-oss-async-process",
    "x-oss-process",
    "x-oss-request-payer",
    "x-oss-traffic-limit",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(method: Method, resource: &str, query: &[(&str, &str)], headers: &[(&str, &str)]) -> SignedRequest {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        SignedRequest { method, headers: map, resource: resource.to_owned(), query }
    }

    /// The vector of the documentation's page on header signatures.
    #[test]
    fn version_1_of_the_documentation() {
        let signed = signed(
            Method::PUT,
            "/oss-example/nelson",
            &[],
            &[
                ("Content-MD5", "ODBGOERFMDMzQTczRUY3NUE3NzA5QzdFNUYzMDQxNEM="),
                ("Content-Type", "text/html"),
                ("x-oss-meta-author", "foo@bar.com"),
                ("x-oss-magic", "abracadabra"),
            ],
        );
        let text = signed.string_to_sign_v1("Thu, 17 Nov 2005 18:49:58 GMT");
        assert_eq!(signature_v1("OtxrzxIsfpFjA7SwPzILwy8Bw21TLhquhboDYROV", &text), "26NBxoKdsyly4EDv6inkoDft/yA=");
    }

    /// The vectors of Alibaba's Python SDK, `tests/unit/signer/test_v1.py`.
    #[test]
    fn version_1_of_the_sdk() {
        let date = "Wed, 28 Dec 2022 10:27:41 GMT";
        let put = |query: &[(&str, &str)]| {
            let headers = [
                ("Content-MD5", "eB5eJF1ptWaXm4bijSPyxw=="),
                ("Content-Type", "text/html"),
                ("x-oss-date", date),
                ("x-oss-meta-author", "alice"),
                ("x-oss-meta-magic", "abracadabra"),
            ];
            signature_v1("sk", &signed(Method::PUT, "/examplebucket/nelson", query, &headers).string_to_sign_v1(date))
        };
        assert_eq!(put(&[]), "kSHKmLxlyEAKtZPkJhG9bZb5k7M=");
        assert_eq!(put(&[("acl", "")]), "/afkugFbmWDQ967j1vr6zygBLQk=");
        let get = |query: &[(&str, &str)]| {
            let signed = signed(Method::GET, "/examplebucket/", query, &[("x-oss-date", date)]);
            signature_v1("sk", &signed.string_to_sign_v1(date))
        };
        assert_eq!(get(&[("resourceGroup", ""), ("non-resousce", "null")]), "vkQmfuUDyi1uDi3bKt67oemssIs=");
        assert_eq!(get(&[("resourceGroup", ""), ("acl", "")]), "x3E5TgOvl/i7PN618s5mEvpJDYk=");
    }

    /// Signatures that oss2 2.19.1 made of these requests.
    #[test]
    fn version_1_as_oss2_signs() {
        let date = "Fri, 02 Jan 2026 03:04:05 GMT";
        let sign = |signed: SignedRequest| signature_v1("fakesecret", &signed.string_to_sign_v1(date));
        let info = signed(Method::GET, "/dss-data/", &[("bucketInfo", "")], &[]);
        assert_eq!(sign(info), "W8851TbbtIzbu/OgRUew5O1yfpA=");
        let put = signed(Method::PUT, "/dss-data/dss/_probe.txt", &[], &[("content-type", "text/plain")]);
        assert_eq!(sign(put), "ozSMem3mpKkO6yZ71Sg4yL8ypdA=");
        let token = [("x-oss-security-token", "faketoken")];
        assert_eq!(sign(signed(Method::GET, "/dss-data/dss/_probe.txt", &[], &token)), "GWbncelsA7WSB71xIeiSQLEguh4=");
        let list = [("list-type", "2"), ("prefix", "dss/"), ("continuation-token", "abc")];
        assert_eq!(sign(signed(Method::GET, "/dss-data/", &list, &token)), "7ewEar4S2qy1HZ4SerCtoQUerdw=");
    }

    /// The vectors of Alibaba's Python SDK, `tests/unit/signer/test_v4.py`.
    #[test]
    fn version_4_of_the_sdk() {
        let sign = |time: &str, token: Option<&str>, additional: &[&str]| {
            let query = [
                ("param1", "value1"),
                ("+param1", "value3"),
                ("|param1", "value4"),
                ("+param2", ""),
                ("|param2", ""),
                ("param2", ""),
            ];
            let mut headers = vec![
                ("x-oss-head1", "value"),
                ("abc", "value"),
                ("ZAbc", "value"),
                ("XYZ", "value"),
                ("content-type", "text/plain"),
                ("x-oss-content-sha256", "UNSIGNED-PAYLOAD"),
                ("x-oss-date", time),
            ];
            headers.extend(token.map(|token| ("x-oss-security-token", token)));
            let signed = signed(Method::PUT, "/bucket/1234+-/123/1.txt", &query, &headers);
            let additional: Vec<String> = additional.iter().map(|name| (*name).to_owned()).collect();
            let scope = "20231216/cn-hangzhou/oss/aliyun_v4_request".replace("20231216", &time[..8]);
            let text = string_to_sign_v4(time, &scope, &signed.canonical_request_v4(&additional));
            signature_v4("sk", &time[..8], "cn-hangzhou", &text)
        };
        assert_eq!(
            sign("20231216T162057Z", None, &[]),
            "e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe"
        );
        assert_eq!(
            sign("20231217T034736Z", Some("token"), &[]),
            "b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea"
        );
        assert_eq!(
            sign("20231216T172512Z", None, &["abc", "zabc"]),
            "4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f"
        );
    }
}
