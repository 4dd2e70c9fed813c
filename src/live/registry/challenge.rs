//! What a registry's 401 asks for (RFC 9110 11.6.1, distribution spec "token authentication").

use url::Url;

/// How a registry wants its users to prove themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Challenge {
    /// The user and password with every request.
    Basic,
    /// A token from this service.
    Bearer {
        /// Where tokens are given.
        realm: String,
        /// What the token is to be for, as the registry calls itself.
        service: Option<String>,
    },
}

impl Challenge {
    /// Reads a `WWW-Authenticate` header; Bearer goes before Basic where both are offered. `None` where neither is.
    pub(super) fn parse(header: &str) -> Option<Challenge> {
        let schemes = schemes(header);
        let bearer = schemes.iter().find(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        if let Some((_, parameters)) = bearer {
            let value = |name: &str| parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
            if let Some(realm) = value("realm") {
                return Some(Challenge::Bearer { realm, service: value("service") });
            }
        }
        schemes.iter().any(|(scheme, _)| scheme.eq_ignore_ascii_case("basic")).then_some(Challenge::Basic)
    }
}

/// The URL of a realm that credentials may be sent to: https, or http on this machine alone.
pub(super) fn trustworthy(realm: &str) -> Result<Url, String> {
    let url = Url::parse(realm).map_err(|error| format!("the realm {realm:?} is no URL: {error}"))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(format!("the realm {realm} names no host")),
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        scheme => Err(format!("the realm {realm} is {scheme}, not https: the password is not sent there")),
    }
}

/// An authentication scheme and its parameters.
type Scheme = (String, Vec<(String, String)>);

/// Every scheme of the header with its parameters, names in lower case.
fn schemes(header: &str) -> Vec<Scheme> {
    let mut found: Vec<Scheme> = Vec::new();
    let mut rest = header.trim_start_matches([' ', ',', '\t']);
    while !rest.is_empty() {
        let word_ends = rest.find([' ', '=', ',', '\t']).unwrap_or(rest.len());
        let word = &rest[..word_ends];
        let after = rest[word_ends..].trim_start();
        rest = match after.strip_prefix('=') {
            Some(value) => {
                let (value, after) = quoted_or_bare(value.trim_start());
                if let Some((_, parameters)) = found.last_mut() {
                    parameters.push((word.to_ascii_lowercase(), value));
                }
                after
            }
            None => {
                if !word.is_empty() {
                    found.push((word.to_owned(), Vec::new()));
                }
                after
            }
        };
        rest = rest.trim_start_matches([' ', ',', '\t']);
    }
    found
}

/// A parameter's value and what follows it.
fn quoted_or_bare(text: &str) -> (String, &str) {
    let Some(inner) = text.strip_prefix('"') else {
        let ends = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (text[..ends].to_owned(), &text[ends..]);
    };
    let mut value = String::new();
    let mut characters = inner.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &inner[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_challenges_that_registries_send() {
        let acr = r#"Bearer realm="https://dockerauth.cn-hangzhou.aliyuncs.com/auth",service="registry.aliyuncs.com:cn-hangzhou:26842",scope="repository:a/b:pull,push""#;
        assert_eq!(
            Challenge::parse(acr),
            Some(Challenge::Bearer {
                realm: "https://dockerauth.cn-hangzhou.aliyuncs.com/auth".into(),
                service: Some("registry.aliyuncs.com:cn-hangzhou:26842".into())
            })
        );
        assert_eq!(Challenge::parse(r#"Basic realm="Registry Realm""#), Some(Challenge::Basic));
        let both = r#"Basic realm="a, \"b\"", bearer realm = https://t.example/auth"#;
        assert_eq!(
            Challenge::parse(both),
            Some(Challenge::Bearer { realm: "https://t.example/auth".into(), service: None })
        );
        for nothing in ["", "Negotiate", "Bearer", "=", "\"", "Bearer realm", ",,,"] {
            assert_eq!(Challenge::parse(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_password_goes_to_https_or_to_this_machine_only() {
        for good in ["https://a.example/auth", "http://127.0.0.1:5001/auth", "http://[::1]/auth", "http://localhost/t"]
        {
            assert!(trustworthy(good).is_ok(), "{good}");
        }
        for bad in ["http://a.example/auth", "http://127.0.0.1.evil.example/", "ftp://a.example/", "auth", "data:x"] {
            assert!(trustworthy(bad).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_header_makes_it_panic(header in ".{0,200}") {
            let _ = Challenge::parse(&header);
        }
    }
}
