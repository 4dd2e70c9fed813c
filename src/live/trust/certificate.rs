//! What clients go by in a certificate, read without judging it. rustls and webpki do not tell it.

use jiff::Timestamp;
use x509_parser::error::X509Error;
use x509_parser::oid_registry::OID_PKCS1_SHA1WITHRSA;
use x509_parser::prelude::{FromDer as _, X509Certificate, X509Version};
use x509_parser::public_key::PublicKey;

/// The shortest RSA key that ring verifies with, in bits.
const SHORTEST_RSA: usize = 2048;

/// A certificate's facts.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    /// Its subject, in words.
    pub(crate) subject: String,
    /// Who signed it, in words.
    pub(crate) issuer: String,
    pub(crate) lifetime: Lifetime,
    /// X.509 version 1 has no extensions, and so no host names.
    pub(crate) version_1: bool,
    /// crypto/x509 lets it sign others (`CheckSignatureFrom`): version 1, or an authority whose key usage allows it.
    pub(crate) may_sign: bool,
    /// Its extended key usage allows a server, or does not say.
    pub(crate) may_serve: bool,
    pub(crate) constrains_names: bool,
    /// The public key, as DER.
    pub(crate) public_key: Vec<u8>,
    pub(crate) key: Key,
}

/// A public key as far as ring does not take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    ShortRsa,
    Other,
}

/// From when until when a certificate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetime {
    pub(crate) begins: Timestamp,
    pub(crate) ends: Timestamp,
}

impl Certificate {
    /// None where it cannot be read.
    pub(crate) fn read(der: &[u8]) -> Option<Certificate> {
        let (_, read) = X509Certificate::from_der(der).ok()?;
        let version_1 = read.version() == X509Version::V1;
        let authority = read.basic_constraints().ok()?.map(|it| it.value.ca);
        let signs = read.key_usage().ok()?.is_none_or(|it| it.value.key_cert_sign());
        let usage = read.extended_key_usage().ok()?;
        let second = |at: i64| Timestamp::from_second(at).ok();
        Some(Certificate {
            subject: read.subject().to_string(),
            issuer: read.issuer().to_string(),
            lifetime: Lifetime {
                begins: second(read.validity().not_before.timestamp())?,
                ends: second(read.validity().not_after.timestamp())?,
            },
            version_1,
            may_sign: authority.unwrap_or(version_1) && signs,
            may_serve: usage.is_none_or(|it| it.value.any || it.value.server_auth),
            constrains_names: read.name_constraints().ok()?.is_some(),
            public_key: read.public_key().raw.to_vec(),
            key: if is_short(&read) { Key::ShortRsa } else { Key::Other },
        })
    }
}

/// Whether one certificate signed another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signed {
    Yes,
    No,
    /// By its name it may have; the signature is one that ring does not verify.
    Unknown,
}

/// Whether `issuer` signed `certificate`, both as DER.
pub(crate) fn signed(certificate: &[u8], issuer: &[u8]) -> Signed {
    let (Ok((_, certificate)), Ok((_, issuer))) =
        (X509Certificate::from_der(certificate), X509Certificate::from_der(issuer))
    else {
        return Signed::Unknown;
    };
    // ring verifies SHA-1 for old certificates' sake; Go does not.
    let outdated = certificate.signature_algorithm.algorithm == OID_PKCS1_SHA1WITHRSA;
    if certificate.issuer().as_raw() != issuer.subject().as_raw() || outdated {
        return Signed::No;
    }
    match certificate.verify_signature(Some(issuer.public_key())) {
        Ok(()) => Signed::Yes,
        Err(X509Error::SignatureVerificationError) if !is_short(&issuer) => Signed::No,
        Err(_) => Signed::Unknown,
    }
}

fn is_short(certificate: &X509Certificate<'_>) -> bool {
    matches!(certificate.public_key().parsed(), Ok(PublicKey::RSA(key)) if key.key_size() < SHORTEST_RSA)
}
