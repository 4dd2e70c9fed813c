//! Which server certificates are trusted: those that webpki takes, and those that Go, OpenSSL and Java take besides.
//!
//! webpki refuses an authority's certificate as a server's own. Others take one that is itself among the trusted
//! (`openssl req -x509`, many a registry), and Go one that an authority signed. Both are taken here; the dates, the host
//! name, the purpose, the signatures of the certificate and of the handshake are verified all the same.

pub(crate) mod certificate;
pub(crate) mod identity;

use std::sync::Arc;

use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, PeerIncompatible, RootCertStore, SignatureScheme,
};

use certificate::{Certificate, Key, Signed};

/// Signatures that Go refuses as well, by the DER of their identifiers: MD2, MD5 and SHA-1 with RSA, SHA-1 with ECDSA.
const OUTDATED: [&[u8]; 4] = [
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x02],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05],
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01],
];

/// What ackcheck's TLS library does not take and others may, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Stricter(&'static str);

/// An authority that is trusted, and by its own certificate cannot sign.
#[derive(Debug, thiserror::Error)]
#[error("its certificate is signed by the authority {subject}, {why}")]
struct Unfit {
    subject: String,
    why: String,
}

/// No name of a host stands in it.
#[derive(Debug, thiserror::Error)]
#[error("its certificate is of X.509 version 1, which names no host")]
struct Nameless;

/// How much is asked of an authority's own certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authorities {
    /// That it is trusted: Java and webpki ask no more.
    AsTrusted,
    /// Its dates and purpose too, as Go does.
    AsGo,
}

/// Verifies server certificates.
#[derive(Debug)]
pub(crate) struct Verifier {
    /// The trusted, with their facts where they can be read.
    trusted: Vec<(CertificateDer<'static>, Option<Certificate>)>,
    authorities: Authorities,
    /// With the authorities that may sign; none where none may.
    fit: Option<Arc<WebPkiServerVerifier>>,
    /// With all, to tell an authority that cannot sign from one that is not known.
    all: Arc<WebPkiServerVerifier>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    /// Trusts these; what cannot be read among them is left out, as Go does.
    ///
    /// # Errors
    /// Where none of them can be read.
    pub(crate) fn new(
        trusted: impl IntoIterator<Item = CertificateDer<'static>>,
        authorities: Authorities,
        provider: Arc<CryptoProvider>,
    ) -> Result<Verifier, String> {
        let trusted: Vec<_> = trusted.into_iter().map(|der| (der.clone(), Certificate::read(&der))).collect();
        let now = Timestamp::now();
        let fit = |read: &Option<Certificate>| read.as_ref().is_none_or(|read| unfit(read, now).is_none());
        let fit = trusted.iter().filter(|(_, read)| authorities == Authorities::AsTrusted || fit(read));
        let fit = webpki_verifier(fit.map(|(der, _)| der.clone()), &provider);
        let all = webpki_verifier(trusted.iter().map(|(der, _)| der.clone()), &provider);
        let all = all.ok_or("none of its certificates can be read")?;
        Ok(Verifier { trusted, authorities, fit, all, provider })
    }

    /// A certificate that is itself among the trusted needs nobody's signature.
    fn trusted_itself(
        &self,
        der: &CertificateDer<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Option<Result<(), Error>> {
        let (_, read) = self.trusted.iter().find(|(trusted, _)| trusted.as_ref() == der.as_ref())?;
        // One that cannot be read is left to webpki.
        Some(alone(der, read.as_ref()?, name, now))
    }

    /// An authority's certificate as a server's own, signed by one of the trusted.
    fn signed_by_trusted(
        &self,
        der: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let stricter = || other(Stricter("it presented the certificate of an authority, and not one of a server"));
        let read = Certificate::read(der).ok_or_else(stricter)?;
        let signed = |issuer: &CertificateDer<'_>| certificate::signed(der, issuer);
        let Some((_, issuer)) = self.trusted.iter().find(|(issuer, _)| signed(issuer) == Signed::Yes) else {
            // Its own signature leads nowhere.
            let others = chain.iter().filter(|issuer| issuer.as_ref() != der.as_ref());
            let mut possible = self.trusted.iter().map(|(issuer, _)| issuer).chain(others);
            return Err(match possible.any(|issuer| signed(issuer) != Signed::No) {
                true => stricter(),
                false => CertificateError::UnknownIssuer.into(),
            });
        };
        let issuer = issuer.as_ref().ok_or_else(stricter)?;
        if issuer.constrains_names || !issuer.may_serve {
            return Err(stricter());
        }
        match unfit(issuer, moment(now)?) {
            Some(why) if self.authorities == Authorities::AsGo => Err(other(why)),
            _ => alone(der, &read, name, now),
        }
    }

    /// Whether the authorities that may sign are enough. If not, one that may not has signed.
    fn by_fit(
        &self,
        der: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let error = match &self.fit {
            Some(fit) => match fit.verify_server_cert(der, chain, name, &[], now) {
                Ok(verified) => return Ok(verified),
                Err(error) => error,
            },
            None => CertificateError::UnknownIssuer.into(),
        };
        let read = chain.iter().chain([der]).filter_map(|der| Certificate::read(der));
        let issuers: Vec<String> = read.map(|read| read.issuer).collect();
        let now = moment(now)?;
        let trusted = self.trusted.iter().filter_map(|(_, read)| read.as_ref());
        let mut signed = trusted.filter(|read| issuers.contains(&read.subject));
        Err(signed.find_map(|read| unfit(read, now)).map_or(error, other))
    }

    /// The error as others would have it: their own reason, or ours where they have none.
    fn as_others(&self, error: Error, der: &CertificateDer<'_>, chain: &[CertificateDer<'_>]) -> Error {
        let of_short_key = || {
            let presented = chain.iter().chain([der]).filter_map(|der| Certificate::read(der));
            let trusted = self.trusted.iter().filter_map(|(_, read)| read.clone());
            presented.chain(trusted).any(|read| read.key == Key::ShortRsa)
        };
        match &error {
            Error::InvalidCertificate(CertificateError::BadSignature) if of_short_key() => other(Stricter(SHORT_KEY)),
            Error::InvalidCertificate(
                CertificateError::UnsupportedSignatureAlgorithmContext { signature_algorithm_id: id, .. }
                | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
                    signature_algorithm_id: id, ..
                },
            ) if !OUTDATED.iter().any(|outdated| id.windows(outdated.len()).any(|part| part == *outdated)) => {
                other(Stricter("its certificate is signed with a kind of key or signature that ackcheck does not know"))
            }
            _ => error,
        }
    }
}

/// What a short RSA key is to ring.
const SHORT_KEY: &str = "its certificate, or one that signed it, has an RSA key of less than 2048 bits";

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(verdict) = self.trusted_itself(end_entity, name, now) {
            return verdict.map(|()| ServerCertVerified::assertion());
        }
        let error = match self.all.verify_server_cert(end_entity, intermediates, name, ocsp, now) {
            Ok(verified) if self.authorities == Authorities::AsTrusted => return Ok(verified),
            Ok(_) => return self.by_fit(end_entity, intermediates, name, now),
            Err(error) => error,
        };
        match path_error(&error) {
            Some(webpki::Error::CaUsedAsEndEntity) => {
                self.signed_by_trusted(end_entity, intermediates, name, now).map(|()| ServerCertVerified::assertion())
            }
            Some(webpki::Error::UnsupportedCertVersion)
                if Certificate::read(end_entity).is_some_and(|read| read.version_1) =>
            {
                Err(other(Nameless))
            }
            _ => Err(self.as_others(error, end_entity, intermediates)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verified = self.all.verify_tls12_signature(message, certificate, signature);
        verified.map_err(|error| self.as_others(error, certificate, &[]))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verified = self.all.verify_tls13_signature(message, certificate, signature);
        verified.map_err(|error| self.as_others(error, certificate, &[]))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What Go's TLS and OpenSSL take and rustls refuses, in words; none for a fault that they refuse as well.
pub(crate) fn stricter_than_others(error: &Error) -> Option<String> {
    let why = match error {
        Error::InvalidCertificate(CertificateError::Other(inside)) => inside.0.downcast_ref::<Stricter>()?.to_string(),
        // They refuse TLS 1.0 and 1.1 too.
        Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => return None,
        Error::PeerIncompatible(_) | Error::AlertReceived(rustls::AlertDescription::HandshakeFailure) => {
            ackcheck_probe::tls::in_words(error)
        }
        _ => return None,
    };
    Some(format!("ackcheck's TLS library does not take what the server presents, although others may: {why}"))
}

/// webpki's verifier; none where it has nobody to trust.
fn webpki_verifier(
    trusted: impl Iterator<Item = CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Option<Arc<WebPkiServerVerifier>> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(trusted);
    WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone()).build().ok()
}

/// Judges a certificate for which nobody's signature is needed any more, as crypto/x509 does.
fn alone(der: &CertificateDer<'_>, read: &Certificate, name: &ServerName<'_>, now: UnixTime) -> Result<(), Error> {
    let at = moment(now)?;
    let unix = |at: Timestamp| {
        u64::try_from(at.as_second()).map_or(UnixTime::since_unix_epoch(Default::default()), |second| {
            UnixTime::since_unix_epoch(std::time::Duration::from_secs(second))
        })
    };
    if at < read.lifetime.begins {
        let not_before = unix(read.lifetime.begins);
        return Err(CertificateError::NotValidYetContext { time: now, not_before }.into());
    }
    if at > read.lifetime.ends {
        return Err(CertificateError::ExpiredContext { time: now, not_after: unix(read.lifetime.ends) }.into());
    }
    if read.version_1 {
        return Err(other(Nameless));
    }
    if !read.may_serve {
        return Err(CertificateError::InvalidPurpose.into());
    }
    verify_server_name(&ParsedCertificate::try_from(der)?, name)
}

/// Why an authority cannot sign, by what its own certificate says.
fn unfit(authority: &Certificate, now: Timestamp) -> Option<Unfit> {
    let lifetime = &authority.lifetime;
    let why = match () {
        () if now > lifetime.ends => format!("which expired on {}", lifetime.ends.strftime("%Y-%m-%d")),
        () if now < lifetime.begins => format!("which is not valid before {}", lifetime.begins.strftime("%Y-%m-%d")),
        () if !authority.may_sign => "whose own certificate does not allow it to sign others".to_owned(),
        () => return None,
    };
    Some(Unfit { subject: authority.subject.clone(), why })
}

fn moment(now: UnixTime) -> Result<Timestamp, Error> {
    let second = i64::try_from(now.as_secs()).ok().and_then(|second| Timestamp::from_second(second).ok());
    second.ok_or(Error::FailedToGetCurrentTime)
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    CertificateError::Other(OtherError(Arc::new(error))).into()
}

/// webpki's own error, where rustls has none of its own for it.
fn path_error(error: &Error) -> Option<&webpki::Error> {
    let Error::InvalidCertificate(CertificateError::Other(inside)) = error else { return None };
    inside.0.downcast_ref()
}

#[cfg(test)]
mod tests;
