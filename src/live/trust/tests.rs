//! Handshakes with a TLS server; which certificates Go takes is what crypto/x509 does (`verify.go`), and its own tests.

use std::sync::Mutex;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SigningKey as _,
    date_time_ymd,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, ClientConnection, DistinguishedName, ServerConfig, ServerConnection};

use super::identity::Unpresentable;
use super::*;

/// A certificate and its key.
struct Pair {
    der: CertificateDer<'static>,
    key: KeyPair,
    params: CertificateParams,
}

fn params(common_name: &str, edit: impl FnOnce(&mut CertificateParams)) -> CertificateParams {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    edit(&mut params);
    params
}

fn self_signed(common_name: &str, edit: impl FnOnce(&mut CertificateParams)) -> Pair {
    let (key, params) = (KeyPair::generate().unwrap(), params(common_name, edit));
    Pair { der: params.self_signed(&key).unwrap().der().clone(), key, params }
}

fn authority(edit: impl FnOnce(&mut CertificateParams)) -> Pair {
    self_signed("authority", |it| {
        it.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        edit(it);
    })
}

fn signed_by(authority: &Pair, edit: impl FnOnce(&mut CertificateParams)) -> Pair {
    let (key, params) = (KeyPair::generate().unwrap(), params("server", edit));
    let issuer = Issuer::from_params(&authority.params, &authority.key);
    Pair { der: params.signed_by(&key, &issuer).unwrap().der().clone(), key, params }
}

/// One DER value: its whole bytes and its content, and what follows.
fn value(der: &[u8]) -> (&[u8], &[u8], &[u8]) {
    let (length, head) = match der[1] {
        short @ 0..=0x7f => (usize::from(short), 2),
        0x81 => (usize::from(der[2]), 3),
        _ => (usize::from(der[2]) << 8 | usize::from(der[3]), 4),
    };
    (&der[..head + length], &der[head..head + length], &der[head + length..])
}

fn sequence(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    // The shortest form is the only one that is DER.
    let head: &[u8] = match length {
        [0, short @ 0..=0x7f] => &[0x30, short],
        [0, length] => &[0x30, 0x81, length],
        [high, low] => &[0x30, 0x82, high, low],
    };
    [head, content].concat()
}

/// The same certificate of version 1: without a version and extensions, signed anew.
fn of_version_1(pair: Pair, signer: &KeyPair) -> Pair {
    let (_, certificate, _) = value(&pair.der);
    let (_, tbs, rest) = value(certificate);
    let (algorithm, ..) = value(rest);
    let (_, _, mut left) = value(tbs);
    let mut kept = Vec::new();
    // Serial number, algorithm, issuer, validity, subject, key.
    for _ in 0..6 {
        let (whole, _, after) = value(left);
        kept.extend_from_slice(whole);
        left = after;
    }
    let tbs = sequence(&kept);
    let signature = signer.sign(&tbs).unwrap();
    let length = u8::try_from(signature.len() + 1).unwrap();
    let signature = [&[0x03, length, 0x00][..], &signature].concat();
    let der = sequence(&[&tbs[..], algorithm, &signature].concat());
    assert!(Certificate::read(&der).unwrap().version_1);
    Pair { der: der.into(), ..pair }
}

fn ring() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Presents a certificate without reading it: rustls would refuse one of version 1.
fn server(pair: &Pair, clients: Arc<dyn ClientCertVerifier>) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pair.key.serialize_der()));
    let key = ring().key_provider.load_private_key(key).unwrap();
    let resolver = SingleCertAndKey::from(CertifiedKey::new(vec![pair.der.clone()], key));
    let builder = ServerConfig::builder_with_provider(ring()).with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_client_cert_verifier(clients).with_cert_resolver(Arc::new(resolver)))
}

/// Hands bytes to and fro until both sides are content; the client's error if it has one.
fn handshake(server: Arc<ServerConfig>, client: Arc<ClientConfig>, name: &str) -> Result<(), Error> {
    let mut client = ClientConnection::new(client, name.to_owned().try_into().unwrap()).unwrap();
    let mut server = ServerConnection::new(server).unwrap();
    for _ in 0..20 {
        let mut wire = Vec::new();
        client.write_tls(&mut wire).unwrap();
        server.read_tls(&mut wire.as_slice()).unwrap();
        server.process_new_packets().expect("the server takes what the client sends");
        wire.clear();
        server.write_tls(&mut wire).unwrap();
        client.read_tls(&mut wire.as_slice()).unwrap();
        client.process_new_packets()?;
        if !client.is_handshaking() && !server.is_handshaking() {
            return Ok(());
        }
    }
    panic!("no end of the handshake");
}

fn client(trusted: &[&Pair], authorities: Authorities) -> ClientConfig {
    let trusted = trusted.iter().map(|pair| pair.der.clone());
    let verifier = Verifier::new(trusted, authorities, ring()).unwrap();
    let builder = ClientConfig::builder_with_provider(ring()).with_safe_default_protocol_versions().unwrap();
    builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
}

fn connect(trusted: &Pair, authorities: Authorities, presented: &Pair) -> Result<(), String> {
    let nobody = rustls::server::WebPkiClientVerifier::no_client_auth();
    let done = handshake(server(presented, nobody), client(&[trusted], authorities).into(), "localhost");
    done.map_err(|error| match stricter_than_others(&error) {
        Some(ours) => ours,
        None => ackcheck_probe::tls::in_words(&error),
    })
}

fn refused(trusted: &Pair, presented: &Pair) -> String {
    let by_java = connect(trusted, Authorities::AsTrusted, presented).unwrap_err();
    assert_eq!(connect(trusted, Authorities::AsGo, presented).unwrap_err(), by_java);
    by_java
}

fn taken(trusted: &Pair, presented: &Pair) {
    connect(trusted, Authorities::AsTrusted, presented).unwrap();
    connect(trusted, Authorities::AsGo, presented).unwrap();
}

fn of_an_authority(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
}

#[test]
fn a_server_certificate_that_is_itself_trusted_is_taken() {
    for edit in [of_an_authority, |it: &mut CertificateParams| it.is_ca = IsCa::ExplicitNoCa, |_: &mut _| {}] {
        let server = self_signed("server", edit);
        taken(&server, &server);
    }
    let signed = signed_by(&authority(|_| {}), |_| {});
    taken(&signed, &signed);
}

#[test]
fn a_trusted_server_certificate_is_still_held_to_its_name_dates_and_purpose() {
    type Edit = fn(&mut CertificateParams);
    let rows: [(Edit, &str); 4] = [
        (|it| it.subject_alt_names.clear(), "no name at all, and not for localhost"),
        (|it| it.not_after = date_time_ymd(2020, 1, 1), "expired"),
        (|it| it.not_before = date_time_ymd(4000, 1, 1), "not valid yet"),
        (|it| it.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth], "not meant for a server"),
    ];
    for (edit, words) in rows {
        for authority in [of_an_authority, |_: &mut CertificateParams| {}] {
            let server = self_signed("server", |it| {
                authority(it);
                edit(it);
            });
            let said = refused(&server, &server);
            assert!(said.contains(words), "{said}");
        }
    }
}

#[test]
fn a_server_certificate_like_a_trusted_one_is_not_taken() {
    // The same name, and another key.
    for edit in [of_an_authority, |_: &mut CertificateParams| {}] {
        let (ours, theirs) = (self_signed("server", edit), self_signed("server", edit));
        let said = refused(&ours, &theirs);
        assert!(said.contains("is not signed by an authority") || said.contains("did not sign it"), "{said}");
    }
    // The right certificate, and another key: the handshake's signature is wrong.
    let server = self_signed("server", of_an_authority);
    let stolen = Pair { key: KeyPair::generate().unwrap(), der: server.der.clone(), params: server.params.clone() };
    refused(&server, &stolen);
}

#[test]
fn an_authoritys_certificate_of_a_server_is_taken_where_a_trusted_one_signed_it() {
    let (ours, theirs) = (authority(|_| {}), authority(|_| {}));
    let server = |edit: fn(&mut CertificateParams)| {
        signed_by(&ours, |it| {
            of_an_authority(it);
            edit(it);
        })
    };
    taken(&ours, &server(|_| {}));
    assert!(refused(&theirs, &server(|_| {})).contains("is not signed by an authority that is trusted here"));
    assert!(refused(&ours, &server(|it| it.not_after = date_time_ymd(2020, 1, 1))).contains("expired"));
    assert!(refused(&ours, &server(|it| it.subject_alt_names.clear())).contains("not for localhost"));
}

#[test]
fn authorities_are_held_to_their_own_certificates_where_go_does_so() {
    let old = authority(|it| it.not_after = date_time_ymd(2020, 1, 2));
    let no_authority = self_signed("authority", |it| it.is_ca = IsCa::NoCa);
    for edit in [of_an_authority, |_: &mut CertificateParams| {}] {
        for (authority, words) in [
            (&old, "signed by the authority CN=authority, which expired on 2020-01-02"),
            (&no_authority, "not allow it to sign"),
        ] {
            let server = signed_by(authority, edit);
            connect(authority, Authorities::AsTrusted, &server).unwrap();
            let said = connect(authority, Authorities::AsGo, &server).unwrap_err();
            assert!(said.contains(words), "{said}");
        }
    }
    // One that still counts stands beside it, with the same name.
    let (new, nobody) = (authority(|_| {}), rustls::server::WebPkiClientVerifier::no_client_auth());
    let server = server(&signed_by(&new, |_| {}), nobody);
    handshake(server, client(&[&old, &new], Authorities::AsGo).into(), "localhost").unwrap();
}

#[test]
fn version_1_may_sign_and_names_no_host() {
    let plain = authority(|_| {});
    let signer = KeyPair::from_pem(&plain.key.serialize_pem()).unwrap();
    let old = of_version_1(plain, &signer);
    taken(&old, &signed_by(&old, |_| {}));
    taken(&old, &signed_by(&old, of_an_authority));
    let server = of_version_1(signed_by(&old, |_| {}), &old.key);
    assert!(refused(&old, &server).contains("version 1, which names no host"));
    assert!(refused(&server, &server).contains("version 1, which names no host"));
}

/// Takes every client, and keeps what it presented.
#[derive(Debug, Default)]
struct AnyClient(Mutex<Vec<u8>>);

impl ClientCertVerifier for AnyClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        presented: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        *self.0.lock().unwrap() = presented.to_vec();
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring().signature_verification_algorithms.supported_schemes()
    }
}

fn pem(label: &str, der: &[u8]) -> Vec<u8> {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n").into_bytes()
}

#[test]
fn a_client_certificate_is_presented_whatever_it_is() {
    let authority = authority(|_| {});
    let server_pair = signed_by(&authority, |_| {});
    let expired = signed_by(&authority, |it| it.not_after = date_time_ymd(2020, 1, 1));
    let version_1 = of_version_1(signed_by(&authority, |_| {}), &authority.key);
    for pair in [expired, version_1, self_signed("client", of_an_authority)] {
        // Go goes by what is in the key, and not by its label.
        for label in ["PRIVATE KEY", "EC PRIVATE KEY"] {
            let key = pem(label, &pair.key.serialize_der());
            let presented = identity::presented(&pem("CERTIFICATE", &pair.der), &key, &ring()).unwrap();
            let seen = Arc::new(AnyClient::default());
            let mut client = client(&[&authority], Authorities::AsGo);
            client.client_auth_cert_resolver = presented;
            handshake(server(&server_pair, seen.clone()), client.into(), "localhost").unwrap();
            assert_eq!(*seen.0.lock().unwrap(), pair.der.to_vec());
        }
    }
}

#[test]
fn a_client_certificate_that_nobody_can_present_is_told_from_our_own_limits() {
    let (one, another) = (self_signed("one", |_| {}), self_signed("another", |_| {}));
    let (certificate, key) = (pem("CERTIFICATE", &one.der), pem("PRIVATE KEY", &one.key.serialize_der()));
    let rows: [(&[u8], &[u8], &str); 4] = [
        (b"words", &key, "not a certificate in PEM"),
        (&certificate, b"words", "not a private key in PEM"),
        (&certificate, &pem("ENCRYPTED PRIVATE KEY", b"x"), "encrypted"),
        (&certificate, &pem("PRIVATE KEY", &another.key.serialize_der()), "does not belong"),
    ];
    for (certificate, key, words) in rows {
        let said = identity::presented(certificate, key, &ring()).unwrap_err();
        assert!(matches!(&said, Unpresentable::ByAnyone(why) if why.contains(words)), "{said:?}");
    }
    let unknown = identity::presented(&certificate, &pem("PRIVATE KEY", b"another kind"), &ring()).unwrap_err();
    assert!(matches!(&unknown, Unpresentable::ByUs(why) if why.contains("ackcheck")), "{unknown:?}");
}
