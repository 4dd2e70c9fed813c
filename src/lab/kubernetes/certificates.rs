//! The cluster's authority, the server's certificate, the account's certificate, and the kubeconfig made of them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use base64::Engine as _;
use rcgen::{
    BasicConstraints, Certificate as Issued, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::world::{Identity, Kubeconfig, KubeconfigAuthority, KubeconfigCertificate, KubeconfigForm};
use crate::trust::AnyCertificate;

/// Who stands behind a certificate of this cluster, and whether it still counts.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    pub(crate) account: Identity,
    pub(crate) expired: bool,
}

/// Every certificate of the cluster.
pub(crate) struct Certificates {
    authority: Issued,
    other_authority: Issued,
    account: Option<(Issued, KeyPair)>,
    holders: BTreeMap<Vec<u8>, Holder>,
    server: Arc<rustls::ServerConfig>,
}

impl Certificates {
    /// Issues them: one for the server, and one for the account as the world's kubeconfig has it.
    pub(crate) fn issue(account: &Identity, world: &Kubeconfig) -> anyhow::Result<Certificates> {
        let last_year = if world.authority == KubeconfigAuthority::Expired { PAST } else { FUTURE };
        let (authority, issuer) = authority("kubernetes", last_year)?;
        let (other_authority, other_issuer) = authority_of_another_cluster()?;
        let names = ["127.0.0.1", "::1", "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"];
        let mut server = CertificateParams::new(names.map(str::to_owned).to_vec())?;
        server.distinguished_name.push(DnType::CommonName, "kube-apiserver");
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        server.not_before = rcgen::date_time_ymd(2024, 1, 1);
        let server_key = KeyPair::generate()?;
        let server = server.signed_by(&server_key, &issuer)?;
        let mut holders = BTreeMap::new();
        let mut issue =
            |from: &Issuer<'_, KeyPair>, known: bool, ends: (i32, u8, u8)| -> anyhow::Result<(Issued, KeyPair)> {
                let mut params = CertificateParams::new(Vec::new())?;
                params.distinguished_name.push(DnType::CommonName, account.name.as_str());
                for group in &account.groups {
                    params.distinguished_name.push(DnType::OrganizationName, group.as_str());
                }
                params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
                params.not_before = rcgen::date_time_ymd(2024, 1, 1);
                params.not_after = rcgen::date_time_ymd(ends.0, ends.1, ends.2);
                let key = KeyPair::generate()?;
                let issued = params.signed_by(&key, from)?;
                if known {
                    let expired = ends.0 == PAST;
                    holders.insert(issued.der().to_vec(), Holder { account: account.clone(), expired });
                }
                Ok((issued, key))
            };
        let account = match world.certificate {
            KubeconfigCertificate::Valid => Some(issue(&issuer, true, (FUTURE, 1, 1))?),
            KubeconfigCertificate::Expired => Some(issue(&issuer, true, (PAST, 1, 1))?),
            KubeconfigCertificate::Ending => Some(issue(&issuer, true, in_a_few_days())?),
            KubeconfigCertificate::Unknown => Some(issue(&other_issuer, false, (FUTURE, 1, 1))?),
            KubeconfigCertificate::None | KubeconfigCertificate::ExpiredToken => None,
        };
        let mut provider = rustls::crypto::ring::default_provider();
        // The cheapest to agree on goes first: each command run in a pod is a connection of its own.
        provider.cipher_suites.sort_by_key(|suite| suite.suite() != rustls::CipherSuite::TLS13_AES_128_GCM_SHA256);
        let provider = Arc::new(provider);
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
        let mut config = rustls::ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(Arc::new(AnyCertificate { provider }))
            .with_single_cert(vec![server.der().clone()], key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.ignore_client_order = true;
        Ok(Certificates { authority, other_authority, account, holders, server: Arc::new(config) })
    }

    /// The TLS configuration of the server.
    pub(crate) fn server(&self) -> Arc<rustls::ServerConfig> {
        self.server.clone()
    }

    /// Who holds this certificate, where this cluster issued it.
    pub(crate) fn holder(&self, certificate: &[u8]) -> Option<&Holder> {
        self.holders.get(certificate)
    }

    /// The kubeconfig of the account, with the defects the world gives it; none if the world wants no file.
    pub(crate) fn kubeconfig(
        &self,
        world: &Kubeconfig,
        user: &str,
        namespace: &str,
        server: SocketAddr,
    ) -> Option<String> {
        let base64 = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
        let authority = match world.authority {
            KubeconfigAuthority::Cluster | KubeconfigAuthority::Expired => self.authority.pem(),
            KubeconfigAuthority::Other => self.other_authority.pem(),
        };
        let exec = |version: &str, command: &str, argument: &str| {
            format!(
                "    exec:\n      apiVersion: client.authentication.k8s.io/{version}\n      command: {command}\n      args: \
                 [\"{argument}\"]\n      env:\n      - name: LAB_SECRET\n        value: CANARYexecEnvironment\n      \
                 interactiveMode: Never\n"
            )
        };
        let credentials = match (&self.account, world.form) {
            (_, KubeconfigForm::ExecMissing) => {
                exec("v1", "ack-ram-authenticator-of-the-lab", "--secret=CANARYexecArgument")
            }
            (_, KubeconfigForm::ExecOld) => exec("v1alpha1", "true", "token"),
            (Some((certificate, key)), _) => format!(
                "    client-certificate-data: {}\n    client-key-data: {}\n",
                base64(certificate.pem()),
                base64(key.serialize_pem())
            ),
            (None, _) if world.certificate == KubeconfigCertificate::ExpiredToken => {
                format!("    token: {}\n", expired_token())
            }
            (None, _) => String::new(),
        };
        let context = &world.context;
        let named = if world.form == KubeconfigForm::NoUser { "nobody" } else { user };
        let credentials = if credentials.is_empty() { "    {}\n".to_owned() } else { credentials };
        let text = format!(
            "apiVersion: v1\nkind: Config\nclusters:\n- name: kubernetes\n  cluster:\n    server: https://{server}\n    \
             certificate-authority-data: {}\ncontexts:\n- name: {context}\n  context:\n    cluster: kubernetes\n    user: \
             {named}\n    namespace: {namespace}\ncurrent-context: {context}\nusers:\n{OTHER_USER}- name: {user}\n  user:\n{credentials}",
            base64(authority)
        );
        match world.form {
            KubeconfigForm::Missing => None,
            // A download that broke off: the flow list is never closed.
            KubeconfigForm::NotYaml => Some(text.replacen("contexts:\n", "contexts: [\n", 1)),
            _ => Some(text),
        }
    }
}

/// A user of the kubeconfig that its context does not name, as files have them that several clusters were merged into.
const OTHER_USER: &str = "- name: somebody-else\n  user:\n    username: somebody\n    password: CANARYkubeconfigPassword\n    token: CANARYkubeconfigToken\n";

/// The years in which certificates end.
const PAST: i32 = 2025;
const FUTURE: i32 = 2096;

/// Year, month and day.
fn in_a_few_days() -> (i32, u8, u8) {
    let day = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(4 * 24);
    let day = day.to_zoned(jiff::tz::TimeZone::UTC);
    (day.year().into(), day.month().unsigned_abs(), day.day().unsigned_abs())
}

/// A token of a service account that ended with the year 2024. Nobody signed it.
fn expired_token() -> String {
    let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let claims = r#"{"exp":1735689600,"sub":"system:serviceaccount:dss:dss","CANARY":"CANARY"}"#;
    format!("{}.{}.{}", part(r#"{"alg":"RS256"}"#), part(claims), part("CANARYsignature"))
}

fn authority(name: &str, last_year: i32) -> anyhow::Result<(Issued, Issuer<'static, KeyPair>)> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(2024, 1, 1);
    params.not_after = rcgen::date_time_ymd(last_year, 1, 1);
    let key = KeyPair::generate().context("a key for the cluster's authority")?;
    let issued = params.self_signed(&key)?;
    Ok((issued, Issuer::new(params, key)))
}

fn authority_of_another_cluster() -> anyhow::Result<(Issued, Issuer<'static, KeyPair>)> {
    authority("kubernetes-of-another-cluster", FUTURE)
}
