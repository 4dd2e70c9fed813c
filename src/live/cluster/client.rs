//! The client of one cluster: kube's own layers over a connection of ours, since kube's takes neither our judgement of
//! certificates nor a client certificate that rustls cannot read.

use std::sync::Arc;

use base64::Engine as _;
use hyper_rustls::{FixedServerNameResolver, HttpsConnectorBuilder};
use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::rt::TokioExecutor;
use kube::client::{Body, ConfigExt as _};
use kube::{Client, Config as KubeConfig};
use rustls::ClientConfig;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use secrecy::ExposeSecret as _;
use tower::ServiceBuilder;

use super::unusable::Unusable;
use crate::trust::identity::{self, Unpresentable};
use crate::trust::{Authorities, Verifier};
use crate::wire::{provider, trusted};
use ackcheck_core::config::Config;

/// The client, as `config` has it; nothing is connected yet.
///
/// # Errors
/// Where its certificates cannot be used.
pub(super) fn connected(config: KubeConfig, site: &Config) -> Result<Client, Unusable> {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    let Some(proxy) = config.proxy_url.clone() else { return over(connector, config, site) };
    let tunnel = |connector| match user_of(&proxy) {
        Some(user) => Tunnel::new(proxy.clone(), connector).with_auth(user),
        None => Tunnel::new(proxy.clone(), connector),
    };
    match proxy.scheme_str() {
        Some("socks5") => over(SocksV5::new(proxy, connector), config, site),
        _ => over(tunnel(connector), config, site),
    }
}

/// What a proxy's URL gives as user and password, as the header has it.
fn user_of(proxy: &http::Uri) -> Option<http::HeaderValue> {
    let (user, _) = proxy.authority()?.as_str().split_once('@')?;
    let plain: Vec<u8> = percent_encoding::percent_decode_str(user).collect();
    let text = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(plain));
    let mut value = http::HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn over<C>(connector: C, config: KubeConfig, site: &Config) -> Result<Client, Unusable>
where
    C: tower::Service<http::Uri> + Clone + Send + Sync + 'static,
    C::Response: hyper_util::client::legacy::connect::Connection + hyper::rt::Read + hyper::rt::Write + Send + Unpin,
    C::Future: Send,
    C::Error: std::error::Error + Send + Sync,
{
    let ours = |error: kube::Error| Unusable::Ours(format!("ackcheck cannot use it: {error}"));
    let mut https = HttpsConnectorBuilder::new().with_tls_config(tls(&config, site)?).https_or_http();
    if let Some(name) = &config.tls_server_name {
        let name = ServerName::try_from(name.clone());
        let name =
            name.map_err(|_| Unusable::Other("its tls-server-name is neither a name nor an address".to_owned()))?;
        https = https.with_server_name_resolver(FixedServerNameResolver::new(name));
    }
    let mut connector = TimeoutConnector::new(https.enable_http1().wrap_connector(connector));
    connector.set_connect_timeout(config.connect_timeout);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(config.auth_layer().map_err(ours)?)
        .layer(config.extra_headers_layer().map_err(ours)?)
        .map_err(tower::BoxError::from)
        .service(hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build::<_, Body>(connector));
    Ok(Client::new(service, config.default_namespace))
}

/// TLS as the kubeconfig has it. Without an authority the built-in roots and the site's own are trusted: kube would read
/// the machine's, which a small image does not have.
fn tls(config: &KubeConfig, site: &Config) -> Result<ClientConfig, Unusable> {
    let ours = |why: String| Unusable::Ours(format!("ackcheck cannot use its certificates: {why}"));
    let provider = provider();
    let verifier: Arc<dyn ServerCertVerifier> = match (&config.root_cert, config.accept_invalid_certs) {
        (_, true) => Arc::new(Anybody(provider.clone())),
        (Some(authorities), false) => {
            let authorities = authorities.iter().map(|der| CertificateDer::from(der.clone()));
            let verifier = Verifier::new(authorities, Authorities::AsGo, provider.clone());
            Arc::new(verifier.map_err(|why| Unusable::Other(format!("its certificate authority: {why}")))?)
        }
        (None, false) => {
            let trusted = trusted(site).map_err(|broken| ours(broken.to_string()))?;
            Arc::new(Verifier::new(trusted, Authorities::AsGo, provider.clone()).map_err(ours)?)
        }
    };
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| ours(error.to_string()))?;
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let user = &config.auth_info;
    let (Some(certificate), Some(key)) = (&user.client_certificate_data, &user.client_key_data) else {
        return Ok(builder.with_no_client_auth());
    };
    let decoded = |text: &str| {
        let decoded = base64::engine::general_purpose::STANDARD.decode(text);
        decoded.map_err(|_| Unusable::Other("its client certificate or key is not base64".to_owned()))
    };
    let presented = identity::presented(&decoded(certificate)?, &decoded(key.expose_secret())?, &provider);
    let presented = presented.map_err(|why| match why {
        Unpresentable::ByAnyone(why) => Unusable::Other(why),
        Unpresentable::ByUs(why) => Unusable::Ours(why),
    })?;
    Ok(builder.with_client_cert_resolver(presented))
}

/// `insecure-skip-tls-verify`: whoever answers is taken for the server.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &rustls::DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
