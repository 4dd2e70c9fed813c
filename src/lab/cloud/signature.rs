//! Verifies the signatures of clients: ACS3-HMAC-SHA256 in a header, as the product's own client signs, and the older
//! HMAC-SHA1 in the query, for the aliyun CLI and older SDKs.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Digest as _;

use super::words::Refusal;
use crate::http::Request;
use ackcheck_core::sync::locked;

/// How far a request's date can be from the clock.
const SKEW: jiff::SignedDuration = jiff::SignedDuration::from_mins(15);

/// RFC 3986: what is not encoded.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The parameters of a call, from query and form together.
pub(super) type Parameters = BTreeMap<String, String>;

/// A key the account knows.
#[derive(Debug, Clone)]
pub(super) struct KnownKey {
    pub id: String,
    pub secret: String,
    pub token: Option<String>,
    pub active: bool,
}

/// A call whose signature holds.
#[derive(Debug, Clone)]
pub(super) struct VerifiedCall {
    pub action: String,
    pub version: String,
    pub parameters: Parameters,
    pub key_id: String,
}

/// Verifies requests, and remembers every nonce: each can be used once.
#[derive(Debug, Default)]
pub(super) struct Verifier {
    keys: Vec<KnownKey>,
    nonces: Mutex<HashSet<String>>,
}

impl Verifier {
    /// One that knows these keys.
    pub(super) fn new(keys: Vec<KnownKey>) -> Verifier {
        Verifier { keys, nonces: Mutex::default() }
    }

    /// The call that a request makes, if its signature, date, nonce and token hold.
    pub(super) fn verify(&self, host: &str, request: &Request, now: jiff::Timestamp) -> Result<VerifiedCall, Refusal> {
        let parameters = parameters(request);
        match header(request, "authorization") {
            Some(authorization) => self.verify_header(host, request, &authorization, parameters, now),
            None if parameters.contains_key("AccessKeyId") => self.verify_query(request, parameters, now),
            None => Err(Refusal::missing("AccessKeyId")),
        }
    }

    /// `Authorization: ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…`.
    fn verify_header(
        &self,
        host: &str,
        request: &Request,
        authorization: &str,
        parameters: Parameters,
        now: jiff::Timestamp,
    ) -> Result<VerifiedCall, Refusal> {
        let incomplete = |why: &str| {
            let message = format!("The request signature does not conform to Aliyun standards. {why}");
            Refusal::new(400, "IncompleteSignature", message)
        };
        let fields = authorization.strip_prefix("ACS3-HMAC-SHA256 ").ok_or_else(|| incomplete("Unknown algorithm."))?;
        let field = |name: &str| {
            let value = fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='));
            value.ok_or_else(|| incomplete(&format!("{name} is missing.")))
        };
        let key = self.key(field("Credential")?)?;
        let (signed, signature) = (field("SignedHeaders")?, field("Signature")?);
        let names: Vec<&str> = signed.split(';').collect();
        for name in ["host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce"] {
            if !names.contains(&name) {
                return Err(incomplete(&format!("{name} is not signed.")));
            }
        }
        let value = |name: &str| match name {
            // Over HTTP/2 the name travels as the authority.
            "host" => header(request, "host").unwrap_or_else(|| host.to_owned()),
            _ => header(request, name).unwrap_or_default(),
        };
        let body_hash = hex::encode(sha2::Sha256::digest(request.body()));
        let claimed = value("x-acs-content-sha256");
        if !claimed.is_empty() && claimed != body_hash {
            return Err(incomplete("x-acs-content-sha256 is not the body's."));
        }
        let headers: Vec<(String, String)> = names.iter().map(|name| ((*name).to_owned(), value(name))).collect();
        let query = query_pairs(request);
        let canonical =
            canonical_request(request.method().as_str(), request.uri().path(), &query, &headers, &body_hash);
        let to_sign = string_to_sign(&canonical);
        if !sha256_matches(&key.secret, &to_sign, signature) {
            return Err(mismatch(&to_sign));
        }
        self.check_token(key, &value("x-acs-security-token"))?;
        check_date(&value("x-acs-date"), now)?;
        self.check_nonce(&key.id, &value("x-acs-signature-nonce"))?;
        let (action, version) = (value("x-acs-action"), value("x-acs-version"));
        Ok(VerifiedCall { action, version, parameters, key_id: key.id.clone() })
    }

    /// The older way: everything in the parameters, `Signature` among them.
    fn verify_query(
        &self,
        request: &Request,
        mut parameters: Parameters,
        now: jiff::Timestamp,
    ) -> Result<VerifiedCall, Refusal> {
        let mut take = |name: &str| parameters.remove(name).ok_or_else(|| Refusal::missing(name));
        let signature = take("Signature")?;
        let (method, version) = (take("SignatureMethod")?, take("SignatureVersion")?);
        if method != "HMAC-SHA1" || version != "1.0" {
            let message = "The request signature does not conform to Aliyun standards.";
            return Err(Refusal::new(400, "IncompleteSignature", message));
        }
        parameters.insert("SignatureMethod".to_owned(), method);
        parameters.insert("SignatureVersion".to_owned(), version);
        let get = |name: &str| parameters.get(name).cloned().ok_or_else(|| Refusal::missing(name));
        let key = self.key(&get("AccessKeyId")?)?;
        let to_sign = string_to_sign_v1(request.method().as_str(), &parameters);
        if !sha1_matches(&key.secret, &to_sign, &signature) {
            return Err(mismatch(&to_sign));
        }
        self.check_token(key, parameters.get("SecurityToken").map_or("", String::as_str))?;
        check_date(&get("Timestamp")?, now)?;
        self.check_nonce(&key.id, &get("SignatureNonce")?)?;
        let (action, version) = (get("Action")?, get("Version")?);
        Ok(VerifiedCall { action, version, key_id: key.id.clone(), parameters })
    }

    fn key(&self, id: &str) -> Result<&KnownKey, Refusal> {
        let key = self.keys.iter().find(|key| key.id == id);
        let key =
            key.ok_or_else(|| Refusal::new(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."))?;
        match key.active {
            true => Ok(key),
            false => {
                let message = "Specified access key is disabled or expired.";
                Err(Refusal::new(400, "InvalidAccessKeyId.Inactive", message))
            }
        }
    }

    fn check_token(&self, key: &KnownKey, token: &str) -> Result<(), Refusal> {
        match key.token.as_deref() {
            Some(_) if token.is_empty() => Err(Refusal::missing("SecurityToken")),
            expected if expected.unwrap_or("") == token => Ok(()),
            _ => {
                let message = "Specified SecurityToken mismatch with the AccessKey.";
                Err(Refusal::new(400, "InvalidSecurityToken.MismatchWithAccessKey", message))
            }
        }
    }

    fn check_nonce(&self, key_id: &str, nonce: &str) -> Result<(), Refusal> {
        if nonce.is_empty() {
            return Err(Refusal::missing("SignatureNonce"));
        }
        let mut nonces = locked(&self.nonces);
        match nonces.insert(format!("{key_id} {nonce}")) {
            true => Ok(()),
            false => Err(Refusal::new(400, "SignatureNonceUsed", "Specified signature nonce was used already.")),
        }
    }
}

fn mismatch(to_sign: &str) -> Refusal {
    let message =
        format!("Specified signature does not match our calculation. server string to sign is:{}", to_sign.trim());
    Refusal::new(400, "SignatureDoesNotMatch", message)
}

fn check_date(date: &str, now: jiff::Timestamp) -> Result<(), Refusal> {
    let Ok(date) = date.parse::<jiff::Timestamp>() else {
        return Err(Refusal::new(400, "IllegalTimestamp", "The input parameter \"Timestamp\" is not well formed."));
    };
    if now.duration_since(date).abs() > SKEW {
        let message = "Specified time stamp or date value is expired.";
        return Err(Refusal::new(400, "InvalidTimeStamp.Expired", message));
    }
    Ok(())
}

fn header(request: &Request, name: &str) -> Option<String> {
    let values: Vec<&str> = request.headers().get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn query_pairs(request: &Request) -> Parameters {
    let query = request.uri().query().unwrap_or("");
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

fn parameters(request: &Request) -> Parameters {
    let mut all = query_pairs(request);
    if header(request, "content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        all.extend(url::form_urlencoded::parse(request.body()).into_owned());
    }
    all
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

fn canonical_query(parameters: &Parameters) -> String {
    let pairs = parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn canonical_request(
    method: &str,
    path: &str,
    query: &Parameters,
    headers: &[(String, String)],
    body_hash: &str,
) -> String {
    let mut headers = headers.to_vec();
    headers.sort();
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    format!("{method}\n{path}\n{}\n{lines}\n{}\n{body_hash}", canonical_query(query), names.join(";"))
}

fn string_to_sign(canonical_request: &str) -> String {
    format!("ACS3-HMAC-SHA256\n{}", hex::encode(sha2::Sha256::digest(canonical_request)))
}

fn string_to_sign_v1(method: &str, parameters: &Parameters) -> String {
    format!("{method}&%2F&{}", encode(&canonical_query(parameters)))
}

fn sha256_matches(secret: &str, to_sign: &str, signature: &str) -> bool {
    let Ok(mac) = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    hex::decode(signature).is_ok_and(|bytes| mac.chain_update(to_sign).verify_slice(&bytes).is_ok())
}

fn sha1_matches(secret: &str, to_sign: &str, signature: &str) -> bool {
    let Ok(mac) = Hmac::<sha1::Sha1>::new_from_slice(format!("{secret}&").as_bytes()) else { return false };
    let decoded = base64::engine::general_purpose::STANDARD.decode(signature);
    decoded.is_ok_and(|bytes| mac.chain_update(to_sign).verify_slice(&bytes).is_ok())
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
