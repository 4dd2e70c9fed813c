//! Alibaba's OpenAPI signature V3, ACS3-HMAC-SHA256 (the vendor's page "Request syntax and signature method V3").
//!
//! The key signs directly, without derivation; every header named in `SignedHeaders` is part of what is signed.

use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Digest as _;

use ackcheck_core::config::AccessKey;

/// RFC 3986: what is not encoded.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A request without a body, before it is signed.
#[derive(Debug, Clone)]
pub(super) struct Unsigned<'a> {
    pub method: &'a str,
    /// As the `Host` header will have it, a port that is not the scheme's own included.
    pub host: &'a str,
    /// Encoded; `/` for RPC products.
    pub path: &'a str,
    pub query: &'a [(String, String)],
    pub action: &'a str,
    pub version: &'a str,
    /// In UTC to the second: `2026-01-02T03:04:05Z`. Alibaba allows 15 minutes either way.
    pub date: &'a str,
    /// Never used before with this key.
    pub nonce: &'a str,
}

/// The headers to send besides `Host`, `Authorization` included.
pub(super) fn headers(unsigned: &Unsigned<'_>, key: &AccessKey) -> Vec<(&'static str, String)> {
    let body_hash = hex::encode(sha2::Sha256::digest(b""));
    let mut sent = vec![
        ("x-acs-action", unsigned.action.to_owned()),
        ("x-acs-content-sha256", body_hash.clone()),
        ("x-acs-date", unsigned.date.to_owned()),
        ("x-acs-signature-nonce", unsigned.nonce.to_owned()),
        ("x-acs-version", unsigned.version.to_owned()),
    ];
    sent.extend(key.token.as_ref().map(|token| ("x-acs-security-token", token.expose().to_owned())));
    let mut signed = sent.clone();
    signed.push(("host", unsigned.host.to_owned()));
    signed.sort();
    let names = signed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let lines: String = signed.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let query = query(unsigned.query);
    let canonical = format!("{}\n{}\n{query}\n{lines}\n{names}\n{body_hash}", unsigned.method, unsigned.path);
    let to_sign = format!("ACS3-HMAC-SHA256\n{}", hex::encode(sha2::Sha256::digest(canonical)));
    let signature = hmac_sha256(key.secret.expose(), &to_sign);
    let authorization = format!("ACS3-HMAC-SHA256 Credential={},SignedHeaders={names},Signature={signature}", key.id);
    sent.push(("authorization", authorization));
    sent
}

/// The query, sorted and encoded as it is signed; to be sent as it is.
pub(super) fn query(pairs: &[(String, String)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
    let mut pairs: Vec<_> = pairs.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn hmac_sha256(secret: &str, text: &str) -> String {
    // HMAC takes a key of any length, so the error cannot come; an empty signature would be refused all the same.
    let mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes());
    mac.map(|mac| hex::encode(mac.chain_update(text).finalize().into_bytes())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::secret::Scrubber;

    fn signature(unsigned: &Unsigned<'_>, id: &str, secret: &str) -> String {
        let key = AccessKey { id: id.to_owned(), secret: Scrubber::default().secret(secret), token: None };
        let headers = headers(unsigned, &key);
        let (_, authorization) = headers.iter().find(|(name, _)| *name == "authorization").unwrap();
        authorization.rsplit_once("Signature=").unwrap().1.to_owned()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn makes_the_published_signature() {
        let unsigned = Unsigned {
            method: "POST",
            host: "ecs.cn-shanghai.aliyuncs.com",
            path: "/",
            query: &pairs(&[
                ("RegionId", "cn-shanghai"),
                ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"),
            ]),
            action: "RunInstances",
            version: "2014-05-26",
            date: "2023-10-26T10:22:32Z",
            nonce: "3156853299f313e23d1673dc12e1703d",
        };
        let signature = signature(&unsigned, "YourAccessKeyId", "YourAccessKeySecret");
        assert_eq!(signature, "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0");
    }

    #[test]
    fn makes_what_an_official_client_makes() {
        let unsigned = Unsigned {
            method: "POST",
            host: "ecs-cn-hangzhou.aliyuncs.com",
            path: "/",
            query: &pairs(&[("RegionId", "cn-hangzhou"), ("SecurityGroupId", "sg-bp1fake0000000000001")]),
            action: "DescribeSecurityGroupAttribute",
            version: "2014-05-26",
            date: "2026-01-02T03:04:05Z",
            nonce: "11111111111111111111111111111111",
        };
        let signature = signature(&unsigned, "LTAIfakeid", "fakesecret");
        assert_eq!(signature, "c192f43973797819cc383f5674df8ff2f6c20038f33515eb9bc2c22f7ae75ade");
    }

    #[test]
    fn encodes_as_rfc_3986() {
        assert_eq!(query(&pairs(&[("b", "a b*~/"), ("a", "[\"i-1\"]")])), "a=%5B%22i-1%22%5D&b=a%20b%2A~%2F");
    }
}
