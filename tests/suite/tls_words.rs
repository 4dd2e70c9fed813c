//! What a server that does not speak TLS as it should is told as: the same words by each client, from real errors.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ackcheck_core::config::{ClusterConfig, Config};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::{NoReply, Seen};
use ackcheck_core::secret::Scrubber;
use ackcheck_live::cluster::{self, Kubernetes};
use ackcheck_live::wire::Wire;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection};

use crate::support::lab::install_tls_provider;

/// An authority that the clients trust, in a file, and what it signs.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    fn new(name: &str) -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Authority { issuer: Issuer::new(params, key), folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// How a server with a certificate for this name presents itself, as `edit` has it.
    fn server(&self, name: &str, edit: impl FnOnce(&mut CertificateParams)) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        edit(&mut params);
        presenting(params.signed_by(&key, &self.issuer).unwrap(), &key)
    }
}

fn presenting(certificate: rcgen::Certificate, key: &KeyPair) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder().with_no_client_auth();
    Arc::new(config.with_single_cert(vec![certificate.der().clone()], key).unwrap())
}

/// Serves every connection until the test ends.
fn served(answer: impl Fn(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().map_while(Result::ok).for_each(answer));
    address
}

fn with_tls(config: Arc<ServerConfig>) -> SocketAddr {
    served(move |mut stream| {
        let mut connection = ServerConnection::new(config.clone()).unwrap();
        // The client ends it: what is wrong is the certificate.
        while connection.is_handshaking() && connection.complete_io(&mut stream).is_ok() {}
        let _ = connection.complete_io(&mut stream);
    })
}

fn config(authority: &Authority) -> Config {
    let mut config = Config::default();
    config.network.ca_file = Some(authority.file());
    config.limits.connect = Duration::from_secs(20);
    config.limits.request = Duration::from_secs(20);
    config
}

/// What the HTTP client of every other seat says.
async fn by_wire(authority: &Authority, address: SocketAddr) -> NoReply {
    let wire = Wire::new(Arc::new(config(authority))).unwrap();
    let request = wire.client().get(format!("https://localhost:{}/", address.port())).build().unwrap();
    wire.send(&Journal::new(Scrubber::default()), Vantage::Store, request).await.unwrap_err()
}

/// What the client of the Kubernetes API says.
async fn by_cluster(authority: &Authority, address: SocketAddr) -> Seen<NoReply> {
    let kubeconfig = authority.folder.path().join("kubeconfig");
    let text = format!(
        "current-context: c\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\nusers: [{{name: u, user: {{}}}}]\n\
         clusters: [{{name: c, cluster: {{server: 'https://localhost:{}', certificate-authority: ca.pem}}}}]\n",
        address.port()
    );
    std::fs::write(&kubeconfig, text).unwrap();
    let cluster = Some(ClusterConfig { kubeconfig, ..ClusterConfig::default() });
    let kubernetes = Kubernetes::new(Arc::new(Config { cluster, ..config(authority) }), &Scrubber::default()).unwrap();
    let seat = cluster::open(&kubernetes, Journal::new(Scrubber::default())).unwrap();
    seat.version().await.map(Result::unwrap_err)
}

/// A name of Rust's, such as `UnknownIssuer`, or the number of an error.
fn is_of_rust(said: &str) -> bool {
    let humps = |word: &str| {
        word.as_bytes().windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
    };
    said.contains("::") || said.contains("os error") || said.split_whitespace().any(humps)
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_told_in_words() {
    install_tls_provider();
    let (authority, stranger) = (Authority::new("one"), Authority::new("another"));
    let own_key = KeyPair::generate().unwrap();
    let self_signed = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&own_key).unwrap();
    for (server, words) in [
        (authority.server("other.example", |_| {}), "its certificate is for other.example, and not for localhost"),
        (authority.server("localhost", |it| it.not_after = date_time_ymd(2020, 1, 1)), "its certificate expired "),
        (
            authority.server("localhost", |it| it.not_before = date_time_ymd(4000, 1, 1)),
            "its certificate is not valid yet",
        ),
        (stranger.server("localhost", |_| {}), "its certificate is not signed by an authority that is trusted here"),
        (
            Authority::new("one").server("localhost", |_| {}),
            "its certificate names an authority that is trusted here, which did not sign it",
        ),
        (presenting(self_signed, &own_key), "its certificate is not signed by an authority that is trusted here"),
    ] {
        let address = with_tls(server);
        let by_cluster = by_cluster(&authority, address).await.unwrap();
        for (client, said) in [("wire", by_wire(&authority, address).await), ("cluster", by_cluster)] {
            assert!(matches!(&said, NoReply::Tls { said } if said.contains(words)), "{client}, {words}: {said}");
            assert!(!is_of_rust(&said.to_string()), "{client}: {said}");
        }
    }
}

/// Go and OpenSSL take an authority's certificate of a server, and a self-signed one that is trusted; so does each client.
#[tokio::test]
async fn what_only_our_library_refuses_is_taken() {
    install_tls_provider();
    let authority = Authority::new("one");
    let signed = authority.server("localhost", |it| it.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
    let itself = presenting(certificate, &key);
    for (trusted, server) in [(authority, signed), (Authority { issuer: Issuer::new(params, key), folder }, itself)] {
        let address = with_tls(server);
        // The handshake is done, and the server closes the connection.
        let by_wire = by_wire(&trusted, address).await;
        assert!(matches!(by_wire, NoReply::Closed { .. }), "{by_wire}");
        let by_cluster = by_cluster(&trusted, address).await.unwrap();
        assert!(matches!(by_cluster, NoReply::Closed { .. }), "{by_cluster}");
    }
}

#[tokio::test]
async fn what_does_not_speak_tls_is_told_in_words() {
    install_tls_provider();
    let authority = Authority::new("one");
    let plain = served(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let closes = served(drop);
    for (address, words) in [(plain, "it does not speak TLS on this port"), (closes, "connection was closed")] {
        let by_cluster = by_cluster(&authority, address).await.unwrap();
        for (client, said) in [("wire", by_wire(&authority, address).await), ("cluster", by_cluster)] {
            assert!(said.to_string().contains(words), "{client}, {words}: {said:?}");
            assert!(!is_of_rust(&said.to_string()), "{client}: {said}");
        }
    }
}
