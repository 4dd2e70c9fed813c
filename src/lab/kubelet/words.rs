//! The words of containerd where a pull fails.

/// The registry refuses a request that carried a token, or the token that it wants is not given. `challenge` is empty
/// where it sent none.
pub(super) fn denied(challenge: &str) -> String {
    let said = if challenge.is_empty() {
        "denied: requested access to the resource is denied"
    } else {
        "insufficient_scope: authorization failed"
    };
    format!("pull access denied, repository does not exist or may require authorization: server message: {said}")
}

/// Why a certificate was not accepted, from the words of our own TLS.
pub(super) fn certificate(said: &str) -> &str {
    if said.contains("UnknownIssuer") || said == crate::network::STRANGER {
        "certificate signed by unknown authority"
    } else if said.contains("NotValidForName") {
        "certificate is valid for another name"
    } else if said == crate::network::EXPIRED {
        "certificate has expired or is not yet valid: current time is after the end of its validity"
    } else {
        said
    }
}

/// `404 Not Found`.
pub(super) fn status(status: u16) -> String {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    format!("{status} {}", reason.unwrap_or_default())
}

/// What the kubelet says of a pull secret that it cannot read, for this reason.
pub(super) fn malformed(why: &str) -> String {
    if why.ends_with("not base64") {
        "illegal base64 data at input byte 4".to_owned()
    } else if why.ends_with("USER:PASSWORD") {
        "unable to parse auth field, must be formatted as base64(username:password)".to_owned()
    } else {
        "json: cannot unmarshal string into Go value of type credentialprovider.dockerConfigEntryWithAuth".to_owned()
    }
}
