//! Image references, and the pull secrets that fit them.

use ackcheck_core::seat::keyring::{self, Login, SecretState};
use ackcheck_core::secret::Scrubber;
use base64::Engine as _;

use crate::kubernetes::kinds::Kind;
use crate::kubernetes::objects::Objects;

/// What a pod's pull secrets come to.
#[derive(Default)]
pub(super) struct Credentials {
    logins: Vec<Login>,
    /// The names of those that are not there.
    pub(super) missing: Vec<String>,
    /// What the kubelet says of one that it cannot read: it pulls nothing then.
    pub(super) malformed: Option<String>,
}

impl Credentials {
    /// Reads these secrets.
    pub(super) fn read<'a>(objects: &Objects, namespace: &str, secrets: impl Iterator<Item = &'a str>) -> Credentials {
        let mut credentials = Credentials::default();
        for name in secrets {
            let Ok(secret) = objects.get(Kind::Secret, namespace, name) else {
                credentials.missing.push(name.to_owned());
                continue;
            };
            let value = secret.value();
            let decode = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).ok();
            let mut data: Vec<(String, Vec<u8>)> = Vec::new();
            for (key, encoded) in value["data"].as_object().into_iter().flatten() {
                data.extend(encoded.as_str().and_then(decode).map(|bytes| (key.clone(), bytes)));
            }
            let of = |key: &str| data.iter().find(|(known, _)| known == key).map(|(_, bytes)| bytes.as_slice());
            match keyring::read(value["type"].as_str().unwrap_or("Opaque"), of, &Scrubber::default()) {
                SecretState::Logins(logins) => credentials.logins.extend(logins),
                SecretState::Malformed { why, .. } => credentials.malformed = Some(super::words::malformed(&why)),
                SecretState::NotThere | SecretState::NotShown { .. } | SecretState::PassedOver { .. } => {}
            }
        }
        credentials
    }

    /// Those the kubelet tries for an image, as `Authorization: Basic` has them; none at all where it pulls anonymously.
    pub(super) fn attempts(&self, image: &str) -> Vec<Option<String>> {
        let fitting = self.logins.iter().filter(|login| login.is_complete() && login.fits(image));
        let encode = |login: &Login| {
            let text = format!("{}:{}", login.username, login.password.expose());
            Some(base64::engine::general_purpose::STANDARD.encode(text))
        };
        let attempts: Vec<Option<String>> = fitting.map(encode).collect();
        if attempts.is_empty() { vec![None] } else { attempts }
    }
}

/// `HOST/NAMESPACE/NAME:TAG`, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) host: String,
    pub(super) repository: String,
    /// A tag, or a digest.
    pub(super) version: String,
}

impl Reference {
    /// Parses it; none if it is not a reference.
    pub(super) fn parse(image: &str) -> Option<Reference> {
        let (host, rest) = image.split_once('/')?;
        if !host.contains(['.', ':']) && host != "localhost" {
            // A short name is Docker Hub's.
            return Reference::parse(&format!("registry-1.docker.io/{image}"));
        }
        let (repository, version) = match rest.split_once('@') {
            Some((repository, digest)) => (repository.split(':').next()?, digest),
            None => rest.split_once(':').unwrap_or((rest, "latest")),
        };
        let plain = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-/".contains(&byte))
        };
        (plain(repository) && !version.is_empty()).then(|| Reference {
            host: host.to_owned(),
            repository: repository.to_owned(),
            version: version.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_references_apart() {
        let parsed = |image: &str| Reference::parse(image).map(|r| (r.host, r.repository, r.version));
        let owned = |a: &str, b: &str, c: &str| Some((a.to_owned(), b.to_owned(), c.to_owned()));
        assert_eq!(parsed("r.example/ns/repo:t"), owned("r.example", "ns/repo", "t"));
        assert_eq!(parsed("r.example:5000/ns/repo"), owned("r.example:5000", "ns/repo", "latest"));
        assert_eq!(parsed("r.example/ns/repo:t@sha256:ab"), owned("r.example", "ns/repo", "sha256:ab"));
        assert_eq!(parsed("r.example/NS/repo:t"), None);
        assert_eq!(parsed("busybox"), None);
    }
}
