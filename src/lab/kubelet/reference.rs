//! Image references, and the pull secrets that fit them.

use base64::Engine as _;

use crate::kubernetes::kinds::Kind;
use crate::kubernetes::objects::Objects;

/// A user name and password for one registry host.
#[derive(Clone)]
pub(super) struct Credential {
    pub(super) host: String,
    pub(super) basic: String,
}

/// The credentials of pull secrets, and the names of those that are not there.
pub(super) fn credentials<'a>(
    objects: &Objects,
    namespace: &str,
    secrets: impl Iterator<Item = &'a str>,
) -> (Vec<Credential>, Vec<String>) {
    let (mut credentials, mut missing) = (Vec::new(), Vec::new());
    for name in secrets {
        let Ok(secret) = objects.get(Kind::Secret, namespace, name) else {
            missing.push(name.to_owned());
            continue;
        };
        let value = secret.value();
        let decode = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).ok();
        let config = value["data"][".dockerconfigjson"].as_str().and_then(decode);
        let config: serde_json::Value =
            config.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        for (host, entry) in config["auths"].as_object().into_iter().flatten() {
            let host = host.trim_start_matches("https://").split('/').next().unwrap_or_default().to_owned();
            let basic = match (entry["auth"].as_str(), entry["username"].as_str(), entry["password"].as_str()) {
                (Some(auth), _, _) if !auth.is_empty() => auth.to_owned(),
                (_, Some(user), Some(password)) => {
                    base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"))
                }
                _ => continue,
            };
            credentials.push(Credential { host, basic });
        }
    }
    (credentials, missing)
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
