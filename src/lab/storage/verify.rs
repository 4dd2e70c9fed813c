//! Who sends a request: parses its signature, in a header or the URL, version 1 or 4, and verifies it as OSS does.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::canonical::{self, SignedRequest, V4};
use super::words::OssError;
use super::world::KeyState;
use crate::policy::Policy;

/// How far apart the clocks can be.
const SKEW: SignedDuration = SignedDuration::from_mins(15);
/// The longest that a URL of version 4 can be valid.
const LONGEST_URL: Duration = Duration::from_secs(7 * 24 * 3600);

/// An access key as OSS knows it.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub id: String,
    pub secret: String,
    /// The token that temporary keys must bring.
    pub token: Option<String>,
    pub state: KeyState,
    /// The RAM actions that no policy of it allows.
    pub denied: Vec<String>,
    /// The policies; everything is allowed where there are none.
    pub policies: Option<Vec<Policy>>,
    /// The RAM user or role it belongs to.
    pub user: String,
}

/// What a request says of who signed it.
struct Claim {
    key: String,
    token: Option<String>,
    signature: String,
    version: Version,
}

enum Version {
    /// With the date line.
    V1(String),
    V4 {
        time: String,
        scope: Vec<String>,
        additional: Vec<String>,
    },
}

/// Verifies. `region` is the one a version 4 signature must be for; none is anybody anonymous.
pub(super) fn verify<'a>(
    signed: &SignedRequest,
    keys: &'a [Key],
    region: &str,
    v1_refused: bool,
    now: Timestamp,
) -> Result<Option<&'a Key>, OssError> {
    let Some(claim) = claim(signed, region, now)? else { return Ok(None) };
    if v1_refused && matches!(claim.version, Version::V1(_)) {
        // That such buckets exist is documented; what exactly they answer is not.
        return Err(OssError::invalid_argument("Signature version 1 is not supported for this bucket."));
    }
    let key = known(&claim, keys)?;
    let (expected, string_to_sign, canonical_request) = match &claim.version {
        Version::V1(date) => {
            let text = signed.string_to_sign_v1(date);
            (canonical::signature_v1(&key.secret, &text), text, None)
        }
        Version::V4 { time, scope, additional } => {
            let request = signed.canonical_request_v4(additional);
            let text = canonical::string_to_sign_v4(time, &scope.join("/"), &request);
            (canonical::signature_v4(&key.secret, &scope[0], region, &text), text, Some(request))
        }
    };
    if expected == claim.signature {
        return Ok(Some(key));
    }
    let message = "The request signature we calculated does not match the signature you provided. Check your key and \
                   signing method.";
    let bytes = |text: &str| text.bytes().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ");
    let mut error = OssError::new(403, "SignatureDoesNotMatch", message)
        .with("OSSAccessKeyId", &claim.key)
        .with("SignatureProvided", &claim.signature)
        .with("StringToSign", &string_to_sign)
        .with("StringToSignBytes", bytes(&string_to_sign));
    match canonical_request {
        Some(request) => error = error.with("CanonicalRequest", request),
        None => error = error.ec("0002-00000040"),
    }
    Err(error)
}

/// The key of a claim, if it is good and comes with the token it needs.
fn known<'a>(claim: &Claim, keys: &'a [Key]) -> Result<&'a Key, OssError> {
    let invalid = |message: &str| {
        OssError::new(403, "InvalidAccessKeyId", message).ec("0002-00000902").with("OSSAccessKeyId", &claim.key)
    };
    let key = keys.iter().find(|key| key.id == claim.key && key.state != KeyState::Deleted);
    let key = key.ok_or_else(|| invalid("The OSS Access Key Id you provided does not exist in our records."))?;
    if key.state == KeyState::Disabled {
        return Err(invalid("The OSS Access Key Id you provided is disabled."));
    }
    match (&key.token, &claim.token) {
        // The id of a temporary key without the token it was issued with.
        (None, None) if key.id.starts_with("STS.") => {
            Err(invalid("The OSS Access Key Id you provided does not exist in our records."))
        }
        (None, None) => Ok(key),
        (Some(_), _) if key.state == KeyState::Expired => {
            let message = "The security token you provided has expired.";
            Err(OssError::new(403, "SecurityTokenExpired", message).ec("0002-00000007"))
        }
        (Some(right), Some(token)) if right == token && key.id.starts_with("STS.") => Ok(key),
        // The key of a user has no token.
        (_, Some(_)) if !key.id.starts_with("STS.") => {
            let message = "The OSS access key id and security token you provided does not match.";
            Err(OssError::new(403, "AccessKeyIdAndSecurityTokenNotMatch", message).ec("0002-00000004"))
        }
        (Some(_), None) => Err(invalid("The OSS Access Key Id you provided does not exist in our records.")),
        (_, Some(_)) => {
            let message = "The security token you provided is invalid.";
            Err(OssError::new(403, "InvalidSecurityToken", message).ec("0002-00000006"))
        }
    }
}

/// Reads who claims to have signed; none where nobody does.
fn claim(signed: &SignedRequest, region: &str, now: Timestamp) -> Result<Option<Claim>, OssError> {
    if let Some(header) = signed.header("authorization") {
        let token = signed.header("x-oss-security-token").map(str::to_owned);
        return match header.split_once(' ') {
            Some(("OSS", rest)) => header_v1(signed, rest, token, now).map(Some),
            Some((V4, rest)) => header_v4(signed, rest, token, region, now).map(Some),
            _ => Err(OssError::invalid_argument("Authorization header is invalid.")),
        };
    }
    if signed.parameter("x-oss-signature-version").is_some() {
        return url_v4(signed, region, now).map(Some);
    }
    let parts = ["OSSAccessKeyId", "Expires", "Signature"].map(|name| signed.parameter(name));
    match parts {
        [None, _, None] => Ok(None),
        [Some(key), Some(expires), Some(signature)] => {
            let ends = expires.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
            let ends =
                ends.ok_or_else(|| OssError::invalid_argument("Invalid date (should be seconds since epoch)."))?;
            not_expired(ends, now)?;
            let token = signed.parameter("security-token").map(str::to_owned);
            let version = Version::V1(expires.to_owned());
            Ok(Some(Claim { key: key.to_owned(), token, signature: signature.to_owned(), version }))
        }
        _ => {
            let message = "Query-string authentication requires the Signature, Expires and OSSAccessKeyId parameters.";
            Err(OssError::new(403, "AccessDenied", message))
        }
    }
}

fn header_v1(signed: &SignedRequest, rest: &str, token: Option<String>, now: Timestamp) -> Result<Claim, OssError> {
    let parts = rest.split_once(':').filter(|(key, signature)| !key.is_empty() && !signature.is_empty());
    let (key, signature) = parts.ok_or_else(|| OssError::invalid_argument("Authorization header is invalid."))?;
    let date = signed.header("x-oss-date").or(signed.header("date")).unwrap_or_default();
    let time = jiff::fmt::rfc2822::parse(date).map_err(|_| no_date())?.timestamp();
    near(time, now)?;
    let version = Version::V1(date.to_owned());
    Ok(Claim { key: key.trim().to_owned(), token, signature: signature.trim().to_owned(), version })
}

fn header_v4(
    signed: &SignedRequest,
    rest: &str,
    token: Option<String>,
    region: &str,
    now: Timestamp,
) -> Result<Claim, OssError> {
    let field = |name: &str| {
        rest.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
    };
    let invalid = || OssError::invalid_argument("Authorization header is invalid.");
    let credential = field("Credential").ok_or_else(invalid)?;
    let signature = field("Signature").ok_or_else(invalid)?;
    let additional = additional(field("AdditionalHeaders").as_deref().unwrap_or_default());
    if signed.header("x-oss-content-sha256") != Some("UNSIGNED-PAYLOAD") {
        return Err(OssError::invalid_argument("The x-oss-content-sha256 header is missing or invalid."));
    }
    let time = signed.header("x-oss-date").ok_or_else(no_date)?.to_owned();
    near(instant(&time)?, now)?;
    let (key, scope) = scope(&credential, &time, region)?;
    Ok(Claim { key, token, signature, version: Version::V4 { time, scope, additional } })
}

fn url_v4(signed: &SignedRequest, region: &str, now: Timestamp) -> Result<Claim, OssError> {
    if signed.parameter("x-oss-signature-version") != Some(V4) {
        return Err(OssError::invalid_argument("The signature version of the URL is not supported."));
    }
    let needed = |name: &str| {
        signed.parameter(name).ok_or_else(|| OssError::invalid_argument(format!("The URL has no {name}.")))
    };
    let (credential, time, signature) =
        (needed("x-oss-credential")?, needed("x-oss-date")?.to_owned(), needed("x-oss-signature")?.to_owned());
    let lasts = needed("x-oss-expires")?.parse().map(Duration::from_secs).ok();
    let lasts = lasts.filter(|lasts| !lasts.is_zero() && *lasts <= LONGEST_URL);
    let lasts = lasts.ok_or_else(|| OssError::invalid_argument("x-oss-expires should be between 1 and 604800."))?;
    let begins = instant(&time)?;
    if begins.duration_since(now) > SKEW {
        return Err(skewed(begins, now));
    }
    not_expired(begins + lasts, now)?;
    let additional = additional(signed.parameter("x-oss-additional-headers").unwrap_or_default());
    let (key, scope) = scope(credential, &time, region)?;
    let token = signed.parameter("x-oss-security-token").map(str::to_owned);
    Ok(Claim { key, token, signature, version: Version::V4 { time, scope, additional } })
}

fn additional(list: &str) -> Vec<String> {
    list.split(';').map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty()).collect()
}

/// The key's id and the four parts of the scope, which must be of the day, the region and the service.
fn scope(credential: &str, time: &str, region: &str) -> Result<(String, Vec<String>), OssError> {
    let mut parts: Vec<String> = credential.split('/').map(str::to_owned).collect();
    if parts.len() != 5 || parts[0].is_empty() {
        return Err(OssError::invalid_argument("The Credential of the Authorization header is invalid."));
    }
    let key = parts.remove(0);
    if !time.starts_with(&parts[0]) || parts[0].len() != 8 {
        return Err(OssError::invalid_argument("Invalid signing date in Authorization header."));
    }
    if parts[1] != region {
        return Err(OssError::invalid_argument("Invalid signing region in Authorization header.").ec("0002-00000226"));
    }
    if parts[2] != "oss" || parts[3] != "aliyun_v4_request" {
        return Err(OssError::invalid_argument("Invalid signing product in Authorization header."));
    }
    Ok((key, parts))
}

/// `20231216T162057Z`.
fn instant(text: &str) -> Result<Timestamp, OssError> {
    let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).map_err(|_| no_date())?;
    Ok(time.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| no_date())?.timestamp())
}

fn no_date() -> OssError {
    OssError::new(403, "AccessDenied", "OSS authentication requires a valid Date.")
}

fn near(time: Timestamp, now: Timestamp) -> Result<(), OssError> {
    if now.duration_since(time).abs() > SKEW { Err(skewed(time, now)) } else { Ok(()) }
}

fn skewed(time: Timestamp, now: Timestamp) -> OssError {
    let message = "The difference between the request time and the current time is too large.";
    OssError::new(403, "RequestTimeTooSkewed", message)
        .ec("0002-00000504")
        .with("MaxAllowedSkewMilliseconds", SKEW.as_millis().to_string())
        .with("RequestTime", super::time_of(time))
        .with("ServerTime", super::time_of(now))
}

fn not_expired(ends: Timestamp, now: Timestamp) -> Result<(), OssError> {
    if ends >= now {
        return Ok(());
    }
    let error = OssError::new(403, "AccessDenied", "Request has expired.");
    Err(error.with("Expires", super::time_of(ends)).with("ServerTime", super::time_of(now)))
}
