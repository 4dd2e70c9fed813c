//! What a client signs in with by TLS: a certificate, which is the server's to judge, and its key.

use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};

use super::certificate::Certificate;

/// Why a certificate and a key cannot be presented.
#[derive(Debug)]
pub(crate) enum Unpresentable {
    /// To nobody: in words.
    ByAnyone(String),
    /// By ackcheck: in words.
    ByUs(String),
}

/// The certificate and its key, both in PEM, ready to be presented. Go reads the certificate and no more: version 1, dates
/// and purpose are for the server to judge, so rustls is not asked to read it.
///
/// # Errors
/// Where one is missing, they do not belong together, or ring does not take the key.
pub(crate) fn presented(
    certificate: &[u8],
    key: &[u8],
    provider: &CryptoProvider,
) -> Result<Arc<dyn ResolvesClientCert>, Unpresentable> {
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(certificate).map_while(Result::ok).collect();
    let Some(first) = chain.first() else {
        return Err(Unpresentable::ByAnyone("the client certificate is not a certificate in PEM".to_owned()));
    };
    let read = Certificate::read(first)
        .ok_or_else(|| Unpresentable::ByUs("ackcheck cannot read the client certificate".to_owned()))?;
    let key = signing(key, provider)?;
    if key.public_key().is_some_and(|public| public.as_ref() != read.public_key) {
        let why = "the client key does not belong to the client certificate";
        return Err(Unpresentable::ByAnyone(why.to_owned()));
    }
    Ok(Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key))))
}

/// The key. Go goes by what is in it, and not by the label of its PEM.
fn signing(pem: &[u8], provider: &CryptoProvider) -> Result<Arc<dyn SigningKey>, Unpresentable> {
    let Ok(key) = PrivateKeyDer::from_pem_slice(pem) else {
        let text = String::from_utf8_lossy(pem);
        let why = match text.contains("ENCRYPTED") {
            true => "the client key is encrypted, and nobody is asked for its passphrase",
            false => "the client key is not a private key in PEM",
        };
        return Err(Unpresentable::ByAnyone(why.to_owned()));
    };
    let der = key.secret_der();
    let ways: [PrivateKeyDer<'_>; 3] = [
        PrivatePkcs8KeyDer::from(der).into(),
        PrivatePkcs1KeyDer::from(der).into(),
        PrivateSec1KeyDer::from(der).into(),
    ];
    let loaded = ways.into_iter().find_map(|way| provider.key_provider.load_private_key(way.clone_key()).ok());
    loaded.ok_or_else(|| {
        let why = "ackcheck's TLS library does not take the client key: it takes RSA of 2048 to 4096 bits, P-256, P-384 and \
                   Ed25519";
        Unpresentable::ByUs(why.to_owned())
    })
}
