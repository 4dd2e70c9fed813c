//! Until when the credentials and the authority of a kubeconfig count, read offline, and the server's own time.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use kube::config::{AuthInfo, Cluster};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use crate::trust::certificate::Certificate;
use ackcheck_core::seat::cluster::{Ending, Lifetime};

/// What says of itself when it ends. A user with a plugin has nothing that stays.
pub(super) fn of(user: &AuthInfo, cluster: &Cluster) -> Vec<Lifetime> {
    let token = user.token.as_ref().filter(|_| user.exec.is_none()).and_then(|token| of_token(token.expose_secret()));
    // The first is the user's own; those after it are its authorities.
    let certificate = user.client_certificate_data.as_deref().and_then(|data| ends(data).into_iter().next());
    let authority = cluster.certificate_authority_data.as_deref().and_then(|data| ends(data).into_iter().max());
    let trusts = cluster.insecure_skip_tls_verify != Some(true);
    [
        (Ending::Token, token),
        (Ending::ClientCertificate, certificate),
        (Ending::Authority, authority.filter(|_| trusts)),
    ]
    .into_iter()
    .filter_map(|(of, ends)| Some(Lifetime { of, ends: ends? }))
    .collect()
}

/// `exp` of a JWT; none of another token. Its signature is the server's to verify.
fn of_token(token: &str) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Claims {
        exp: f64,
    }
    let (_, rest) = token.trim().split_once('.')?;
    let (payload, _) = rest.split_once('.')?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Claims = serde_json::from_slice(&payload).ok()?;
    // A number of seconds, which may have a fraction (RFC 7519, NumericDate).
    Timestamp::from_second(claims.exp as i64).ok()
}

/// When the certificates of a base64 of PEM end, in their order.
fn ends(data: &str) -> Vec<Timestamp> {
    let Ok(pem) = STANDARD.decode(data) else { return Vec::new() };
    let certificates = CertificateDer::pem_slice_iter(&pem).map_while(Result::ok);
    certificates.filter_map(|der| Certificate::read(&der)).map(|read| read.lifetime.ends).collect()
}

/// The time that an answer tells.
pub(super) fn date(headers: &http::HeaderMap) -> Option<Timestamp> {
    let date = headers.get(http::header::DATE)?.to_str().ok()?;
    Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    fn token(payload: &str) -> AuthInfo {
        let token = format!("{}.{}.CANARY", URL_SAFE_NO_PAD.encode("{}"), URL_SAFE_NO_PAD.encode(payload));
        AuthInfo { token: Some(SecretString::from(token)), ..AuthInfo::default() }
    }

    #[test]
    fn a_token_that_is_a_jwt_says_when_it_ends() {
        let ends = |user: &AuthInfo| of(user, &Cluster::default()).first().map(|it| it.ends.as_second());
        assert_eq!(ends(&token(r#"{"exp": 1700000000, "sub": "CANARY"}"#)), Some(1_700_000_000));
        assert_eq!(ends(&token(r#"{"exp": 1700000000.9}"#)), Some(1_700_000_000));
        for payload in [r#"{"iat": 1}"#, r#"{"exp": "1700000000"}"#, r#"{"exp": 1e30}"#, "no JSON", ""] {
            assert_eq!(ends(&token(payload)), None, "{payload}");
        }
        let opaque = AuthInfo { token: Some("CANARY-opaque.token".into()), ..AuthInfo::default() };
        assert_eq!(ends(&opaque), None);
        let exec = serde_json::from_value(serde_json::json!({})).unwrap();
        assert_eq!(ends(&AuthInfo { exec: Some(exec), ..token(r#"{"exp": 1}"#) }), None);
    }

    #[test]
    fn certificates_say_when_they_end() {
        let pem = |year: i32| {
            let mut params = rcgen::CertificateParams::new(vec!["a".to_owned()]).unwrap();
            params.not_after = rcgen::date_time_ymd(year, 1, 2);
            params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
        };
        let user =
            AuthInfo { client_certificate_data: Some(STANDARD.encode(pem(2030) + &pem(2020))), ..AuthInfo::default() };
        let authority = Some(STANDARD.encode(pem(2020) + &pem(2031) + "-----BEGIN CERTIFICATE-----\nx\n"));
        let cluster = Cluster { certificate_authority_data: authority, ..Cluster::default() };
        let told: Vec<String> = of(&user, &cluster).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "the client certificate ends at 2030-01-02 00:00 UTC",
                "the certificate of the authority ends at 2031-01-02 00:00 UTC"
            ]
        );
        assert_eq!(of(&user, &Cluster { insecure_skip_tls_verify: Some(true), ..cluster }).len(), 1);
    }

    #[test]
    fn the_date_of_an_answer_is_read() {
        let headers = |date: &'static str| {
            http::HeaderMap::from_iter([(http::header::DATE, http::HeaderValue::from_static(date))])
        };
        let read = date(&headers("Tue, 14 Nov 2023 22:13:20 GMT")).unwrap();
        assert_eq!(read.as_second(), 1_700_000_000);
        assert_eq!(date(&headers("yesterday")), None);
    }
}
